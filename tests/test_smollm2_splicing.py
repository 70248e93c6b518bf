"""What a model loses when an SAE's version takes its state's place: added up token by token, and
read from the replies that nothing was trained on."""

import json
from pathlib import Path

import numpy as np
import pytest

from playground.engine.records import Spliced
from playground.levels.judging import Bench
from playground.smollm2 import splicing
from playground.smollm2.__main__ import held_out_of


def test_losses_are_added_up_over_tokens() -> None:
    short = Spliced("late", ("a",), (1.0,), (2.0,), (7.0,))
    long = Spliced("late", ("b", "c"), (1.0, 1.0), (1.0, 1.5), (4.0, 4.0))
    told = splicing.loss_of("late", [short, long])
    assert (told.tokens, told.plain, told.spliced, told.wiped) == (3, 1.0, 1.5, 5.0)
    assert told.recovered == pytest.approx(0.875)


def test_only_replies_of_some_length_are_read_without_their_end(tmp_path: Path) -> None:
    long = "It purred. " * 10
    told = [
        {"prompt": "a", "system": "", "reply": f"{long}<|im_end|>"},
        {"prompt": "b", "system": "", "reply": "No.<|im_end|>"},
        {"text": long},
    ]
    texts = np.frombuffer(json.dumps(told).encode(), dtype=np.uint8)
    for number in range(3):
        np.savez(tmp_path / f"chat-0-000{number}.npz", texts=texts)
    shards = held_out_of(tmp_path)
    assert [each.name for each in shards] == ["chat-0-0000.npz"]
    assert splicing.replies(shards, 9) == [long]
    assert splicing.replies([*shards, *shards], 1) == [long]


def test_an_sae_costs_less_than_nothing_at_its_place(shipped: Bench) -> None:
    texts = ["The cat slept on the mat, and the captain laughed."]
    told = list(splicing.losses(shipped.engine, texts))
    assert [each.site for each in told] == ["early", "middle", "late"]
    assert all(each.plain < each.wiped and each.recovered > 0.5 for each in told)
