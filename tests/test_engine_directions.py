"""A dial along a vector: a difference of means, a probe, a random draw."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from playground.engine.directions import difference_of_means
from playground.engine.local import LocalEngine
from playground.engine.records import METHODS, Dial, Method, Request, Sampling, Vector
from playground.engine.sites import block_at
from playground.engine.steer import Slots, edit, scope_of
from playground.errors import EngineError, PlayerError
from playground.game import share
from playground.models.sae_files import load
from tests.engine_models import NORMS, SITES, WIDTH, Reference, engine, save_all, save_sae

ABOUT, OTHERS = ["the cat sat", "cat on the mat"], ["the dog ran to the red barn", "barn"]
VECTOR = Vector(
    "drawn", tuple(torch.randn(WIDTH, generator=torch.Generator().manual_seed(5)).tolist())
)
LONG = Sampling(max_tokens=12, seed=4, stop_at_end=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_all(tmp_path_factory.mktemp("llama"), "llama")


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[LocalEngine]:
    made = engine(folder)
    yield made
    made.close()


@pytest.mark.parametrize("kind", ["jumprelu", "topk"])
@pytest.mark.parametrize("method", METHODS)
def test_methods_take_the_component_for_the_vectors_own_part(
    tmp_path: Path, method: Method, kind: str
) -> None:
    sae, norm = load(save_sae(tmp_path, 1, kind)), 5.0
    hidden = 2 * torch.randn(1, 6, WIDTH, generator=torch.Generator().manual_seed(0))
    dial = Dial.along("middle", VECTOR, 0.8, method, "all")
    slots = Slots.empty(1, 4, sae, torch.device("cpu"))
    slots.write(0, 0, dial, sae, norm, scope_of(dial, 3))
    edited = edit(hidden, slots, torch.arange(6)[None], sae)
    unit = torch.tensor(VECTOR.values) / torch.tensor(VECTOR.values).norm()
    own = (hidden @ unit)[..., None] * unit
    expected = {
        "add": hidden + 0.8 * norm * unit,
        "clamp": hidden - own + 0.8 * norm * unit,
        "ablate": hidden - own,
        "project": hidden - own + 0.8 * norm * unit,
    }[method]
    torch.testing.assert_close(edited.hidden[:, 1:], expected[:, 1:], atol=2e-5, rtol=1e-5)
    assert torch.equal(edited.hidden[:, 0], hidden[:, 0])
    assert edited.before[0, 0].isnan() and edited.after[0, 0].isnan()


def test_strength_nothing_is_no_dial_token_by_token(running: LocalEngine) -> None:
    rows = [(), *((Dial.along("middle", VECTOR, s, "add", "all"),) for s in (0.0, 2.0))]
    plain, off, on = running.generate([Request("the cat", row, LONG) for row in rows]).traces()
    assert [t.alternatives for t in off.tokens] == [t.alternatives for t in plain.tokens]
    assert [t.id for t in off.tokens] == [t.id for t in plain.tokens]
    assert off.logprobs == plain.logprobs
    assert [t.alternatives for t in on.tokens] != [t.alternatives for t in plain.tokens]
    assert all(math.isnan(token.before[0]) for token in on.tokens)


def test_a_vector_dial_is_what_a_hook_adds(running: LocalEngine, folder: Path) -> None:
    dial = Dial.along("middle", VECTOR, 1.5, "add", "all")
    greedy = replace(LONG, temperature=0.0)
    trace = running.generate([Request("the cat", (dial,), greedy)]).traces()[0]
    plain = Reference(folder)
    ids = [token.id for token in trace.tokens]
    start = plain.ids("the cat")
    unit = torch.tensor(VECTOR.values) / torch.tensor(VECTOR.values).norm()
    push = torch.zeros(len(start + ids), WIDTH)
    push[1:] = 1.5 * NORMS["middle"] * unit
    block = block_at(plain.model, SITES["middle"])
    handle = block.register_forward_hook(lambda module, args, out: out + push)  # pyright: ignore
    logits = plain.logits(start + ids)
    handle.remove()
    assert ids == logits[len(start) - 1 : -1].argmax(-1).tolist()


def test_a_difference_of_means_is_that_of_plain_transformers(
    running: LocalEngine, folder: Path
) -> None:
    plain = Reference(folder)

    def mean(texts: list[str]) -> torch.Tensor:
        with torch.no_grad():
            states = [
                plain.model(
                    torch.tensor([plain.ids(text)]), output_hidden_states=True
                ).hidden_states[SITES["middle"] + 1][0, 1:]
                for text in texts
            ]
        return torch.cat(states).mean(0)

    found = difference_of_means(running, "middle", ABOUT, OTHERS, "cats")
    assert found.name == "cats"
    expected = mean(ABOUT) - mean(OTHERS)
    torch.testing.assert_close(torch.tensor(found.values), expected, atol=1e-5, rtol=1e-4)
    assert len(block_at(running._worker.batch.model, 1)._forward_hooks) == 1


def test_what_cannot_be_turned_is_refused(running: LocalEngine) -> None:
    with pytest.raises(EngineError, match="points nowhere"):
        Vector("nothing", (0.0, 0.0))
    short = Dial.along("middle", Vector("short", (1.0, 2.0)), 1.0)
    with pytest.raises(EngineError, match=f"has 2 numbers; at site middle it takes {WIDTH}"):
        running.generate([Request("the cat", (short,), LONG)])
    with pytest.raises(PlayerError):
        share.encode(share.Sandbox("the cat", (Dial.along("middle", VECTOR, 1.0),)))
