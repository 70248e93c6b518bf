"""The fast way is the general way: the same numbers, dials and tokens; what begins alike is read
once, and no row hears the others."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import torch
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, LlamaForCausalLM

from playground.engine.graph import Cut, cut_at, fits
from playground.engine.llama import CHUNK, LlamaPath, chunks, path_through
from playground.engine.local import LocalEngine
from playground.engine.paths import HuggingFacePath, left_padded
from playground.engine.paths import Path as Way
from playground.engine.records import Control, Dial, Request, Sampling
from playground.models.points import Point, parse
from tests.engine_models import GRAPHED, LAYERS, NORMS, WIDTH, engine, model, save_all

CPU = torch.device("cpu")
POCKET = Path(__file__).parents[1] / "assets" / "pocket" / "model"
TEXTS = ([3, 9, 200, 41, 5], [7] * 3, [11], list(range(20, 60)))
LONG = Sampling(max_tokens=16, seed=4, stop_at_end=False)


class Nobody:
    """Implements Steer: turns no dials."""

    def reaches(self, row: int, span: range) -> bool:
        return False

    def over(self, start: int, spans: object, positions: Tensor) -> Any:
        return torch.no_grad()

    def seen(self, ids: Tensor, positions: Tensor, last: bool) -> Tensor:
        return positions


@pytest.fixture(scope="module")
def pocket() -> LlamaForCausalLM:
    made = AutoModelForCausalLM.from_pretrained(POCKET, dtype=torch.float32)
    return cast(LlamaForCausalLM, made.eval().requires_grad_(False))


@pytest.fixture(scope="module")
def fast(pocket: LlamaForCausalLM) -> LlamaPath:
    return LlamaPath(pocket, [Point(1), Point(3)])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_all(tmp_path_factory.mktemp("graphs"), GRAPHED)


@pytest.fixture
def own(folder: Path) -> Iterator[LocalEngine]:
    made = engine(folder, max_rows=8)
    yield made
    made.close()


def small() -> LlamaForCausalLM:
    return cast(LlamaForCausalLM, model(GRAPHED).requires_grad_(False))


@torch.inference_mode()
def replies(way: Way[Any], prompts: list[list[int]], tokens: int) -> tuple[list[list[int]], Tensor]:
    """What the greedy model says after each prompt, all of them one batch, and its last logits."""
    said = list[list[int]]()
    with way.begin(prompts, 0, Nobody()) as logits:
        kept = logits.clone()
        said = [[each] for each in logits.argmax(-1).tolist()]
    for _ in range(tokens - 1):
        at = [len(prompt) + len(reply) - 1 for prompt, reply in zip(prompts, said, strict=True)]
        with way.step([reply[-1] for reply in said], at, Nobody()) as logits:
            kept = logits.clone()
            for reply, token in zip(said, logits.argmax(-1).tolist(), strict=True):
                reply.append(token)
    way.reset()
    return said, kept


# -- the same numbers ------------------------------------------------------------------------------
@torch.inference_mode()
def test_pocket_is_read_as_transformers_read_it(pocket: LlamaForCausalLM, fast: LlamaPath) -> None:
    ids, positions = left_padded(TEXTS, 0, CPU)
    width = ids.shape[1]
    ours, theirs = (way.forward(ids, positions, width) for way in (fast, HuggingFacePath(pocket)))
    for row, text in enumerate(TEXTS):
        torch.testing.assert_close(
            ours[row, width - len(text) :], theirs[row, width - len(text) :], atol=2e-4, rtol=1e-4
        )


def test_pocket_says_what_transformers_say(pocket: LlamaForCausalLM, fast: LlamaPath) -> None:
    prompts = [[0, *text] for text in TEXTS]
    ours, logits = replies(fast, prompts, 24)
    theirs, expected = replies(HuggingFacePath(pocket), prompts, 24)
    assert ours == theirs
    torch.testing.assert_close(logits, expected, atol=2e-4, rtol=1e-4)


@torch.inference_mode()
def test_what_stands_after_each_block_is_seen(pocket: LlamaForCausalLM, fast: LlamaPath) -> None:
    seen, ids = list[Tensor](), torch.tensor([TEXTS[3]])
    handles = [
        each
        for block in range(pocket.config.num_hidden_layers)
        for each in fast.attach(Point(block), seen.append)
    ]
    neurons = list[Tensor]()
    handles += fast.attach(Point(2, "module", "mlp.down_proj", "input"), neurons.append)
    fast.forward(ids, torch.arange(ids.shape[1])[None], 0)
    for handle in handles:
        handle.remove()
    caught = list[Tensor]()
    down = pocket.get_submodule("model.layers.2.mlp.down_proj")
    handle = down.register_forward_pre_hook(lambda module, args: caught.append(args[0]))
    states = pocket(ids, output_hidden_states=True).hidden_states
    handle.remove()
    assert len(seen) == 6 and len(neurons) == len(caught) == 1
    for ours, theirs in zip(seen[:-1], states[1:-1], strict=True):  # the last of theirs is normed
        torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(neurons[0], caught[0], atol=1e-4, rtol=1e-4)
    fast.forward(ids, torch.arange(ids.shape[1])[None], 0)
    assert len(seen) == 6  # nobody listens any more


@torch.inference_mode()
def test_reading_stops_after_the_last_place_that_is_looked_at(fast: LlamaPath) -> None:
    seen, ids = list[int](), torch.tensor([TEXTS[3]])
    handles = [
        each
        for block in (1, 3, 5)
        for each in fast.attach(Point(block), lambda hidden, block=block: seen.append(block))
    ]
    fast.forward(ids, torch.arange(ids.shape[1])[None], 0, Point(1))
    assert seen == [1]
    fast.forward(ids, torch.arange(ids.shape[1])[None], 0, Point(2))
    assert seen == [1, 1, 3]
    for handle in handles:
        handle.remove()


@pytest.mark.parametrize(
    "point",
    ["hook_embed", *(f"blocks.1.{each}" for each in (
        "hook_attn_out", "attn.hook_out", "hook_resid_mid", "mlp.hook_out", "hook_mlp_out",
        "hook_resid_post"))],
)  # fmt: skip
@torch.inference_mode()
def test_what_is_written_at_a_place_arrives(point: str) -> None:
    made, where = small(), parse(point)
    push = torch.randn(WIDTH, generator=torch.Generator().manual_seed(2))
    ids, positions = left_padded(TEXTS, 0, CPU)
    found = list[Tensor]()
    for way in (path_through(made, [where]), HuggingFacePath(made)):
        way.attach(where, lambda hidden: hidden + push * (hidden[..., :1] > 0))
        found.append(way.forward(ids, positions, 3))
    assert isinstance(path_through(made, [where]), LlamaPath)
    for row, text in enumerate(TEXTS):
        end = slice(-min(3, len(text)), None)
        torch.testing.assert_close(found[0][row, end], found[1][row, end], atol=2e-4, rtol=1e-4)


def test_other_places_and_models_go_the_general_way() -> None:
    made = small()
    assert fits(made)
    assert not isinstance(path_through(made, [parse("blocks.1.attn.hook_z")]), LlamaPath)
    assert not fits(nn.Module.to(small(), torch.bfloat16))
    assert not fits(model("llama"))  # its heads are too narrow
    assert not fits(model("qwen3"))
    assert cut_at(Point(2, "resid_mid")) == Cut(4) < Cut(5, False) < Cut(5) == cut_at(Point(2))
    with pytest.raises(IndexError):
        nn.ModuleList(made.model.layers)[LAYERS]


# -- dials -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("control", [None, Control("random", 3), Control("feature", 5)])
def test_a_dial_adds_exactly_its_push_in_every_pass(
    own: LocalEngine, control: Control | None
) -> None:
    path, sae = own._worker.batch.path, own._saes["middle"]
    after = list[Tensor]()
    path.attach(Point(1), lambda hidden: after.append(hidden.clone()))
    dial = Dial("middle", 3, 0.8, "add", "all", control=control)
    trace = own.generate([Request("the cat sat", (dial,), LONG)]).traces()[0]
    dialled, after[:] = list(after), []
    own.generate([Request("the cat sat", (Dial("middle", 3, 0.0, "add", "all"),), LONG)]).traces()
    # The prompt but its last token, a pass for each token of the reply, and one that scores it.
    assert len(dialled) == len(trace.tokens) + 2
    moved = (dialled[0] - after[0])[0]
    assert not moved[0].any()  # beginning of text
    expected = torch.full((len(moved) - 1,), 0.8 * NORMS["middle"])
    torch.testing.assert_close(moved[1:].norm(dim=-1), expected, atol=1e-5, rtol=1e-5)
    if control is None or control.sort == "feature":
        row = sae.unit_rows([3 if control is None else control.number])[0]
        push = (0.8 * NORMS["middle"] * row).expand_as(moved[1:])
        torch.testing.assert_close(moved[1:], push, atol=4e-6, rtol=1e-5)
    first = (dialled[1] - after[1])[0, 0]  # the last token of the prompt, which both read alike
    assert first.norm() > 0.4 * NORMS["middle"]


# -- rows do not hear each other -------------------------------------------------------------------
def test_a_row_alone_is_the_row_among_others(own: LocalEngine) -> None:
    dials = (Dial("middle", 3, 0.8, "add"), Dial("late", 6, 0.5, "clamp", "all"))
    prompts = ("the cat sat on", "a", "the red barn and the dog", "on")
    requests = [
        Request(prompts[n % 4], dials[: n % 3], Sampling(1.0, 0.95, 12 + n % 5, n, False))
        for n in range(40)
    ]
    together = own.generate(requests).traces()
    for request, trace in zip(requests, together, strict=True):
        alone = own.generate([request]).traces()[0]
        assert repr(alone.tokens) == repr(trace.tokens)  # activations and odds too; nan is nan


def test_nothing_is_heard_of_what_is_kept(fast: LlamaPath) -> None:
    """A prompt that begins as another did, read from where they part, gives the same bits."""
    whole = list(range(10, 60))
    fast.prefixes.clear()
    expected = replies(fast, [whole], 8)
    for length in (12, 30, 48, 49):
        fast.prefixes.clear()
        replies(fast, [whole[:length]], 2)
        found = replies(fast, [whole], 8)
        assert found[0] == expected[0] and torch.equal(found[1], expected[1])
    again = replies(fast, [whole], 8)
    assert torch.equal(again[1], expected[1])


def test_what_begins_alike_is_read_once(own: LocalEngine) -> None:
    path = own._worker.batch.path
    read = list[int]()
    path.attach(Point(0), lambda hidden: read.append(hidden.shape[1]))
    prompt = "the cat sat on the mat and the dog ran"
    quiet = Sampling(temperature=0, max_tokens=1)
    length = len(own._text.prompted(prompt))
    triple = [Request(prompt, dials, quiet) for dials in (
        (), (Dial("early", 3, 0.8, "add"),),
        (Dial("early", 3, 0.8, "add", control=Control("random", 1)),))]  # fmt: skip
    own.generate(triple[:1]).traces()
    assert read == [length - 1, 1]
    read.clear()
    own.generate(triple[:1]).traces()
    assert read == [1]
    own.generate([Request(prompt, (Dial("early", 3, 0.8, "add", "all"),), quiet)]).traces()
    assert read[1] == length - 1  # its prompt is dialled


def test_a_short_prompt_is_read_once_for_all_of_its_rows(own: LocalEngine) -> None:
    read, quiet = list[int](), Sampling(temperature=0, max_tokens=1)
    own._worker.batch.path.attach(Point(0), lambda hidden: read.append(hidden.shape[1]))
    length = len(own._text.prompted("the cat sat"))
    own.generate([Request("the cat sat", (), quiet)] * 3).traces()
    assert 3 <= length < 8 and read == [length - 1, 1]


def test_a_dial_that_has_gone_is_not_heard_by_who_sits_there_next(own: LocalEngine) -> None:
    def said(*dialled: bool) -> list[str]:
        dial = Dial("middle", 3, 1.5, "add", "all")
        rows = [
            Request("the cat sat on", (dial,) if each else (), Sampling(1.0, 1.0, 6 + n, 7, False))
            for n, each in enumerate(dialled)
        ]
        return [repr(trace.tokens) for trace in own.generate(rows).traces()]

    fresh = said(False, False, False)
    said(True, False, True)  # they leave one after the other, and the last takes the place
    assert said(False, False, False) == fresh


# -- long ------------------------------------------------------------------------------------------
def test_chunks_are_like_and_none_is_a_single_token() -> None:
    assert chunks(range(5, 5 + CHUNK)) == [range(5, 5 + CHUNK)]
    for count in (1, 2, CHUNK + 1, 2 * CHUNK + 1, 5 * CHUNK - 1):
        parts = chunks(range(3, 3 + count))
        assert [n for part in parts for n in part] == list(range(3, 3 + count))
        assert max(map(len, parts)) <= CHUNK and (count == 1 or min(map(len, parts)) > 1)


@torch.inference_mode()
def test_a_long_prompt_is_read_in_parts(pocket: LlamaForCausalLM, fast: LlamaPath) -> None:
    ids = torch.randint(5, 4000, (1, 1000), generator=torch.Generator().manual_seed(1))
    ours, theirs = (
        way.forward(ids, torch.arange(1000)[None], 2) for way in (fast, HuggingFacePath(pocket))
    )
    torch.testing.assert_close(ours, theirs, atol=5e-4, rtol=1e-3)
    said, _ = replies(fast, [ids[0].tolist()], 4)
    assert said == replies(HuggingFacePath(pocket), [ids[0].tolist()], 4)[0]
