"""How few heads keep an answer, on heads each of which brings so many nats by itself."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from playground.circuits.records import AttentionHead, Ran
from playground.levels.dealing.questions import Question, Sealed, Strip
from playground.levels.dealing.spoken import SureText
from playground.levels.proving import keeping

HEADS, MANY = 16, 40  # in two blocks
CHANCE = 0.8


@dataclass(frozen=True)
class AddingPatching:
    """In the place of Patching. brings: nats, by head in order; estimates: what is thought of
    them."""

    brings: tuple[float, ...]
    estimates: tuple[float, ...]

    def headless(self, one: Any, choices: Sequence[Collection[AttentionHead]]) -> list[Ran]:
        width = len(self.brings) // 2
        gone = [sum(self.brings[h.layer * width + h.head] for h in each) for each in choices]
        return [Ran(np.array([CHANCE * np.exp(-nats)])) for nats in gone]

    def attributed(self, one: Any) -> np.ndarray:
        return np.reshape(self.estimates, (2, -1))


def own(brings: dict[int, float], estimates: Sequence[float], heads: int = HEADS) -> SureText:
    nats = tuple(brings.get(n, 0.0) for n in range(heads))
    looks = np.zeros((2, heads // 2, 3))
    run = SimpleNamespace(looks=looks, chances=np.array([CHANCE]), answer=0)
    return SureText("", cast(Any, AddingPatching(nats, tuple(estimates))), cast(Any, run))


def test_the_first_of_an_estimate_are_taken_until_half_is_kept() -> None:
    rising = [float(n) for n in range(HEADS)]
    found = keeping.kept(own({15: 0.2, 14: 0.6, 3: 0.7}, rising))
    assert found == (pytest.approx(1.5), 2, pytest.approx(0.8 / 1.5), "heads")


def test_where_an_estimate_misleads_runs_choose() -> None:
    falling = [float(-n) for n in range(HEADS)]
    found = keeping.kept(own({15: 1.0, 14: 0.3, 13: 0.3, 12: 0.2}, falling))
    assert found == (pytest.approx(1.8), 1, pytest.approx(1 / 1.8), "heads")


def test_what_hangs_on_many_is_not_kept_and_what_hangs_on_none_needs_none() -> None:
    assert keeping.kept(own({3: 0.1}, [0.0] * HEADS)) == (pytest.approx(0.1), 0, 1.0, "heads")
    against = dict.fromkeys(range(15), -0.1) | {15: 2.0}
    _, _, share, _ = keeping.kept(own({n: 0.1 for n in range(HEADS)}, [0.0] * HEADS))
    assert share >= 0.5
    assert keeping.kept(own(against, [0.0] * HEADS))[1] == 1


def test_where_heads_hold_each_other_up_the_heads_of_a_block_are_one_node() -> None:
    falling = [float(-n) for n in range(MANY)]
    brings = dict.fromkeys(range(MANY // 2, MANY), 0.1)
    found = keeping.kept(own(brings, falling, MANY))
    assert found == (pytest.approx(2.0), 2, pytest.approx(1.0), "blocks")


def test_the_texts_of_questions_are_told_once_and_without_words_alone() -> None:
    strips = Strip(("A", " cat", " and"), (0.0,) * 3), Strip((" alone",), (0.0,))
    sealed = Sealed(Question("?", "choose", strips, ("a", "b")), 0, 1)
    assert list(keeping.texts([sealed, sealed])) == ["A cat and"]


def test_the_summary_names_what_is_not_kept() -> None:
    lines = list(keeping.summary([
        keeping.Keeping("a", "one", "x", 1.0, 3, 0.6), keeping.Keeping("b", "two", "y", 0.1, 0, 1),
        keeping.Keeping("c", "three", "z", 2.0, 12, 0.4, "blocks"),
    ]))  # fmt: skip
    assert lines[0].startswith("3 texts; 1 gain less") and "3 at most" in lines[1]
    assert len(lines) == 3 and "three" in lines[2]
