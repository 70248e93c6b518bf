"""Every family, in a batch that rows join while it runs: the same tokens as one row at a time."""

from pathlib import Path

import pytest
import torch

from playground.engine.client import Client
from playground.engine.records import Control, Dial, Request, Sampling
from playground.engine.sites import LAYOUTS, block_at, blocks_of
from playground.errors import EngineError
from tests.engine_models import FAMILIES, LAYERS, Reference, engine, model, save_all

TOKENS = 10
ROWS: tuple[tuple[str, tuple[Dial, ...]], ...] = (
    ("the cat", ()),
    ("the cat sat on the mat and", (Dial("middle", 3, 0.8, "add", "all"),)),
    ("a", (Dial("early", 7, 0.6, "clamp", "reply"), Dial("late", 9, -0.5, "project", "prompt"))),
    ("", (Dial("late", 5, 1.0, "add", "opening", opening=4),)),
    ("the red barn", (Dial("early", 11, 1.0, "ablate", "all"), Dial("early", 12, 0.5, "add"))),
    ("on the dog", (Dial("late", 2, 0.7, "clamp", "all", control=Control("random", 5)),)),
)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_row_among_others_is_the_row_alone(family: str, tmp_path: Path) -> None:
    folder = save_all(tmp_path, family, ("topk", "jumprelu", "standard"))
    reference = Reference(folder)
    running = engine(folder)
    greedy = Sampling(temperature=0, max_tokens=TOKENS, stop_at_end=False)
    requests = [Request(prompt, dials, greedy) for prompt, dials in ROWS]
    try:
        first = running.generate(requests[:2])
        # Three tokens later the others come in; one of them leaves long before.
        arrived = iter(first)
        seen = [next(arrived) for _ in range(6)]
        short = running.generate([Request("dog", (), Sampling(temperature=0, max_tokens=2))])
        second = running.generate(requests[2:])
        seen += arrived
        traces = first.traces() + second.traces()
        short.traces()
    finally:
        running.close()
    for (prompt, dials), trace in zip(ROWS, traces, strict=True):
        ids = [token.id for token in trace.tokens]
        start = reference.ids(prompt)
        steered = reference.logits(start + ids, dials, len(start))[len(start) - 1 : -1]
        assert len(ids) == TOKENS and ids == steered.argmax(-1).tolist()
        best = steered.softmax(-1).topk(5)
        shown = torch.tensor([[each.probability for each in t.alternatives] for t in trace.tokens])
        torch.testing.assert_close(shown, best.values, atol=1e-4, rtol=1e-3)
        plain = reference.logprobs(start, ids)
        torch.testing.assert_close(torch.tensor(trace.logprobs), plain, atol=2e-4, rtol=1e-3)
    assert [token for row, token in seen if row == 1] == list(traces[1].tokens)


@pytest.mark.parametrize("family", ["gpt2", "gemma3", "qwen3_5"])
def test_a_row_that_is_parked_for_others_stays_the_row_alone(family: str, tmp_path: Path) -> None:
    """Also where a block keeps a state instead of keys and values."""
    running = engine(save_all(tmp_path, family), max_rows=6)
    sampling = Sampling(max_tokens=20, seed=2, stop_at_end=False)
    requests = [Request(prompt, dials, sampling) for prompt, dials in ROWS]
    try:
        alone = [running.generate([request]).traces()[0] for request in requests]
        first = running.on_behalf(Client("me", "reply")).generate(requests)
        arrived = iter(first)
        seen = [next(arrived) for _ in range(len(ROWS))]
        second = running.on_behalf(Client("you", "reply")).generate(requests[::-1][:3]).traces()
        seen += arrived
        traces = first.traces()
    finally:
        running.close()
    for found, wanted in zip((*traces, *second), (*alone, *alone[::-1][:3]), strict=True):
        assert [token.id for token in found.tokens] == [token.id for token in wanted.tokens]
    assert [token for row, token in seen if row == 5] == list(traces[5].tokens)


@pytest.mark.parametrize("family", FAMILIES)
def test_blocks_are_found(family: str) -> None:
    made = model(family)
    assert len(blocks_of(made)) == LAYERS
    with pytest.raises(EngineError, match="blocks 0 to 2"):
        block_at(made, LAYERS)


def test_an_unknown_class_is_named_with_those_that_exist() -> None:
    with pytest.raises(EngineError, match=r"Linear is unknown.*GPT2LMHeadModel"):
        blocks_of(torch.nn.Linear(2, 2))
    assert len(LAYOUTS) >= 15
