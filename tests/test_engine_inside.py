"""The logit lens and the SAE's version in the model's place, against plain transformers: in every
family what the blocks say is what the model itself says when it is made to stop there."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from playground.engine.inside import version
from playground.engine.loading import open_engine
from playground.engine.local import LocalEngine
from playground.engine.records import Lens
from playground.engine.sites import block_at
from playground.errors import EngineError, PlayerError
from playground.models.sae_files import load
from tests.engine_models import (
    FAMILIES,
    GRAPHED,
    LAYERS,
    NORMS,
    WIDTH,
    Reference,
    engine,
    model,
    save_all,
    save_model,
    save_sae,
    tokenizer,
)
from tests.random_saes import Recipe, save, theirs
from tests.test_engine_first import opened, without_bos

TEXTS = ["the cat sat on the mat", "the dog", "кот и the red barn"]
LAST = 4


@pytest.fixture(scope="module", params=["llama", GRAPHED])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One goes the general way, the other the fast one."""
    kinds = ("topk", "jumprelu", "standard")
    return save_all(tmp_path_factory.mktemp(request.param), request.param, kinds)


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[LocalEngine]:
    made = engine(folder)
    yield made
    made.close()


@torch.no_grad()
def replaced(
    reference: Reference, ids: list[int], layer: int, by: Callable[[Tensor], Tensor]
) -> Tensor:
    """The model's logits with `by` of what a block gives in its place. [tokens, vocabulary]"""
    handle = block_at(
        reference.model, layer
    ).register_forward_hook(
        lambda module, args, out: (
            by(out[0])[None]  # pyright: ignore
            if isinstance(out, Tensor)
            else (by(out[0][0])[None], *out[1:])
        )
    )
    try:
        return reference.model(torch.tensor([ids])).logits[0]
    finally:
        handle.remove()


@torch.no_grad()
def stopped(reference: Reference, ids: list[int], layer: int) -> Tensor:
    """What the model says after a block, by itself: its last block gives what this one gave."""
    caught = list[Tensor]()
    handle = block_at(reference.model, layer).register_forward_hook(
        lambda module, args, out: caught.append(out if isinstance(out, Tensor) else out[0])
    )
    reference.model(torch.tensor([ids]))
    handle.remove()
    return replaced(reference, ids, LAYERS - 1, lambda hidden: caught[0][0])


@pytest.mark.parametrize("family", FAMILIES)
def test_after_each_block_the_model_says_what_it_says_when_it_stops_there(
    family: str, tmp_path: Path
) -> None:
    reference = Reference(save_all(tmp_path, family))
    running = engine(tmp_path)
    try:
        lenses = running.lens(TEXTS[:2], 3)
        ends = running.lens(TEXTS[:2], 3, end=True)
    finally:
        running.close()
    for lens, end in zip(lenses, ends, strict=True):
        last = replace(lens, guesses=lens.guesses[-1:], chances=lens.chances[-1:])
        assert end == last
    for text, lens in zip(TEXTS, lenses, strict=False):
        ids = reference.ids(text)
        count = len(lens.tokens)
        said = reference.logits(ids)[-count:].argmax(-1)
        assert count == min(3, len(ids) - 1)
        assert len(lens.guesses) == len(lens.chances) == LAYERS
        for layer in range(LAYERS):
            expected = stopped(reference, ids, layer)[-count:].softmax(-1)
            best = expected.topk(5).values
            shown = [[each.probability for each in token] for token in lens.guesses[layer]]
            torch.testing.assert_close(torch.tensor(shown), best, atol=1e-5, rtol=1e-3)
            chances = expected.gather(-1, said[:, None])[:, 0]
            found = torch.tensor(lens.chances[layer])
            torch.testing.assert_close(found, chances, atol=1e-5, rtol=1e-3)
        assert [each[0].text for each in lens.guesses[-1]] == list(lens.answers)


def test_the_lens_is_the_norm_and_the_tied_head_by_hand(
    tmp_path: Path, running: LocalEngine, folder: Path
) -> None:
    reference = Reference(folder)
    ids = reference.ids(TEXTS[0])
    with torch.no_grad():
        states = reference.model(torch.tensor([ids]), output_hidden_states=True).hidden_states
        normed = reference.model.get_submodule("model.norm")(states[2][0, -1])
        logits = reference.model.get_output_embeddings()(normed)  # pyright: ignore
    (lens,) = running.lens(TEXTS[:1], 1)
    shown = [each.probability for each in lens.guesses[1][0]]
    expected = logits.softmax(-1).topk(5).values
    torch.testing.assert_close(torch.tensor(shown), expected, atol=1e-5, rtol=1e-3)


def test_a_text_reads_alike_alone_and_among_longer_ones(running: LocalEngine) -> None:
    together = running.lens(TEXTS, LAST)
    for text, among in zip(TEXTS, together, strict=True):
        (alone,) = running.lens([text], LAST)
        assert alone.tokens == among.tokens == running.read([text], "late")[0].tokens[-LAST:]
        assert alone.answers == among.answers
        for one, other in zip(alone.chances, among.chances, strict=True):
            assert one == pytest.approx(other, abs=1e-5)


def test_a_character_of_several_tokens_is_read_after_its_last(running: LocalEngine) -> None:
    (whole,) = running.lens(["the cat ж"], 2)
    (longer,) = running.lens(["the cat ж dog"], 40)
    assert whole.tokens[-1] == "ж"
    place = longer.tokens.index("ж")
    for short, long in zip(whole.chances, longer.chances, strict=True):
        assert short[-1] == pytest.approx(long[place], abs=1e-5)


def test_it_leaves_no_hook_behind(running: LocalEngine) -> None:
    before: list[Lens] = running.lens(TEXTS[:1], LAST)
    block = block_at(running._worker.batch.model, 0)
    count = len(block._forward_hooks)
    running.lens(TEXTS, LAST)
    running.spliced(TEXTS, "early")
    assert len(block._forward_hooks) == count
    assert running.lens(TEXTS[:1], LAST) == before


# -- what the SAE misses ---------------------------------------------------------------------------
@pytest.mark.parametrize("site", ["early", "middle", "late"])
def test_a_text_costs_what_plain_transformers_say(
    site: str, running: LocalEngine, folder: Path
) -> None:
    reference = Reference(folder)
    layer, sae = {"early": 0, "middle": 1, "late": 2}[site], reference.saes[site]

    def kept_first(new: Tensor, hidden: Tensor) -> Tensor:
        return torch.cat((hidden[:1], new[1:]))  # the beginning of text is no text

    for text, found in zip(TEXTS[:2], running.spliced(TEXTS, site, floor=True), strict=False):
        ids = reference.ids(text)
        ways = {
            "plain": lambda h: h,
            "spliced": lambda h: kept_first(sae.reconstruct(h), h),
            "wiped": lambda h: kept_first(torch.zeros_like(h), h),
        }
        assert found.site == site and "".join(found.tokens) == text
        for name, way in ways.items():
            logs = replaced(reference, ids, layer, way).log_softmax(-1)
            cost = -logs[:-1].gather(-1, torch.tensor(ids[1:])[:, None])[:, 0]
            shown = torch.tensor(getattr(found, name))
            torch.testing.assert_close(shown, cost, atol=1e-4, rtol=1e-4)
        lost = [s - p for s, p in zip(found.spliced, found.plain, strict=True)]
        assert list(found.lost) == lost
    assert running.spliced(TEXTS[:1], site)[0].wiped == ()


def test_where_nothing_stands_first_the_first_word_costs_nothing(tmp_path: Path) -> None:
    parts = opened(tmp_path, without_bos())
    running = open_engine(parts, NORMS)
    try:
        (found,) = running.spliced([TEXTS[0]], "middle")
        (lens,) = running.lens([TEXTS[0]], 40)
    finally:
        running.close()
    assert "".join(found.tokens) == "".join(lens.tokens) == TEXTS[0]
    ids = parts.text().ids(TEXTS[0])
    sae = parts.saes["middle"]

    def swapped(module: object, args: object, out: Tensor) -> Tensor:
        return torch.cat((out[:, :1], sae.reconstruct(out)[:, 1:]), dim=1)

    costs = list[Tensor]()
    for hooks in ((), (swapped,)):
        handles = [block_at(parts.model, 1).register_forward_hook(hook) for hook in hooks]
        with torch.no_grad():
            logs = parts.model(torch.tensor([ids])).logits[0].log_softmax(-1)  # pyright: ignore
        for handle in handles:
            handle.remove()
        told = -logs[:-1].gather(-1, torch.tensor(ids[1:])[:, None])[:, 0]
        costs.append(torch.cat((torch.zeros(1), told)))
    for shown, cost in zip((found.plain, found.spliced), costs, strict=True):
        torch.testing.assert_close(torch.tensor(shown), cost, atol=1e-4, rtol=1e-4)


def test_tokens_of_one_character_are_paid_for_together(running: LocalEngine) -> None:
    (found,) = running.spliced(["the ж"], "middle")
    score = running.score("", "the ж")
    assert found.tokens[-1] == "ж" and len(found.tokens) < len(score)
    assert sum(found.plain) == pytest.approx(-sum(score), abs=1e-4)


def test_a_transcoder_writes_what_it_makes_of_what_it_reads(tmp_path: Path) -> None:
    save_model(tmp_path / "model", "llama")
    recipe = Recipe("blocks.1.ln2.hook_normalized", "transcoder", "blocks.1.hook_mlp_out")
    save(tmp_path / "middle", recipe)
    running = LocalEngine.load(
        tmp_path / "model", {"middle": tmp_path / "middle"}, {"middle": NORMS["middle"]}, "cpu"
    )
    try:
        (found,) = running.spliced(TEXTS[:1], "middle")
    finally:
        running.close()
    plain = model("llama")
    mlp = block_at(plain, 1).get_submodule("mlp")
    norm = block_at(plain, 1).get_submodule("post_attention_layernorm")
    transcoder = theirs(tmp_path / "middle")

    def swapped(module: object, args: tuple[Tensor], out: Tensor) -> Tensor:
        bare = args[0] / norm.get_parameter("weight")
        return torch.cat((out[:, :1], transcoder(bare)[:, 1:]), dim=1)

    ids = [0, *tokenizer()(TEXTS[0], add_special_tokens=False)["input_ids"]]
    handle = mlp.register_forward_hook(swapped)
    with torch.no_grad():
        logs = plain(torch.tensor([ids])).logits[0].log_softmax(-1)
    handle.remove()
    cost = -logs[:-1].gather(-1, torch.tensor(ids[1:])[:, None])[:, 0]
    torch.testing.assert_close(torch.tensor(found.spliced), cost, atol=1e-4, rtol=1e-4)


def test_what_a_centred_sae_does_not_know_stays(tmp_path: Path) -> None:
    save_sae(tmp_path / "middle", 1, centred=True)
    sae = load(tmp_path / "middle")
    hidden = torch.randn(1, 3, WIDTH) + 2.0
    made = version(sae, hidden, hidden)
    assert sae.writes_centred
    mean = hidden.mean(-1, keepdim=True)
    torch.testing.assert_close(made, sae.reconstruct(hidden) + mean)


def test_what_cannot_be_looked_into_is_refused(running: LocalEngine) -> None:
    with pytest.raises(EngineError, match="there are early, middle, late"):
        running.spliced(["a"], "top")
    with pytest.raises(PlayerError, match="limit=512"):
        running.lens(["the " * 600], 1)
