"""A dial along a vector: a difference of means, a probe, a random draw."""

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from playground.engine.directions import (
    WAYS,
    Means,
    TextContrast,
    Way,
    build,
    left_out,
    probe,
    typed,
)
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


def plain_states(folder: Path, text: str) -> np.ndarray:
    """After the block of the middle site, by transformers alone, without the first token's."""
    plain = Reference(folder)
    with torch.no_grad():
        said = plain.model(torch.tensor([plain.ids(text)]), output_hidden_states=True)
    return said.hidden_states[SITES["middle"] + 1][0, 1:].numpy()


def test_states_are_those_of_plain_transformers(running: LocalEngine, folder: Path) -> None:
    texts = [*ABOUT, *OTHERS]
    for text, found in zip(texts, running.states(texts, "middle"), strict=True):
        assert "".join(found.tokens) == text
        assert found.bare == 0  # a first token stands before them
        np.testing.assert_allclose(found.values, plain_states(folder, text), atol=1e-4)


def test_neurons_are_what_the_mlps_last_matrix_reads(running: LocalEngine, folder: Path) -> None:
    plain = Reference(folder)
    seen = list[torch.Tensor]()
    last = block_at(plain.model, SITES["middle"]).get_submodule("mlp.down_proj")
    handle = last.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    plain.logits(plain.ids(ABOUT[1]))
    handle.remove()
    found = running.states([OTHERS[0], ABOUT[1]], "middle", "neurons")[1]
    np.testing.assert_allclose(found.values, seen[0][0, 1:].numpy(), atol=1e-4)


def test_a_model_of_experts_has_no_neurons_for_all_tokens(tmp_path: Path) -> None:
    made = engine(save_all(tmp_path, "qwen3_moe"))
    try:
        with pytest.raises(EngineError, match=r"has no mlp\.down_proj"):
            made.states(ABOUT, "middle", "neurons")
    finally:
        made.close()


def test_of_a_character_in_several_tokens_the_last_state_counts(running: LocalEngine) -> None:
    (found,) = running.states(["cat ы"], "middle")
    (reading,) = running.read(["cat ы"], "middle")
    assert found.tokens == reading.tokens
    assert found.values.shape == (len(reading.tokens), WIDTH)


def test_a_difference_of_means_is_that_of_plain_transformers(
    running: LocalEngine, folder: Path
) -> None:
    means = [
        np.concatenate([plain_states(folder, text) for text in texts]).mean(0)
        for texts in (ABOUT, OTHERS)
    ]
    found = build(running, TextContrast("cats", "middle", "means", tuple(ABOUT), tuple(OTHERS)))
    expected = (means[0] - means[1]) / np.linalg.norm(means[0] - means[1])
    assert found.name == "cats"
    np.testing.assert_allclose(found.values, expected, atol=1e-4)
    assert len(block_at(running._worker.batch.model, 1)._forward_hooks) == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_direction_tells_its_lists_apart(running: LocalEngine, way: Way) -> None:
    about = ("the cat sat", "cat on the mat", "the cat", "a cat sat on the cat")
    others = ("the dog ran to the red barn", "barn", "a red barn", "the dog and the dog")
    made = build(running, TextContrast("cats", "middle", way, about, others))
    values = [
        made.along(each.values).mean() for each in running.states([*about, *others], "middle")
    ]
    assert np.mean(values[:4]) > 0 > np.mean(values[4:])
    if way == "probe":
        assert min(values[:4]) > max(values[4:])
    assert made.values == build(running, made.contrast).values  # the same each time


def test_a_probe_finds_what_varies_with_the_label_and_not_what_varies_most() -> None:
    rng = np.random.default_rng(0)
    about = np.arange(40) < 20
    inputs = rng.normal(size=(40, 3)) * [1.0, 10.0, 0.0]
    inputs[:, 0] += 4.0 * about
    row = probe(Means(inputs, np.full(40, 9), about))
    assert abs(row[0]) > 10 * abs(row[1])
    assert row[2] == 0.0


@pytest.mark.parametrize(
    ("way", "about", "others", "key"),
    [
        ("means", (), ("b",), "directions.too_few"),
        ("means", (" ",), ("b",), "directions.too_few"),
        ("probe", ("a", "a", "A "), ("b", "c", "d"), "directions.too_few"),
        ("means", ("a",), ("A ",), "directions.equal"),
        ("means", ("a", "b"), ("b", "c"), "directions.both"),
        ("sum", ("a",), ("b",), "directions.way"),
    ],
)
def test_lists_that_make_no_direction_are_refused(
    way: Way, about: tuple[str, ...], others: tuple[str, ...], key: str
) -> None:
    with pytest.raises(PlayerError) as refused:
        TextContrast("mine", "middle", way, about, others)
    assert refused.value.said.key == key


def test_a_direction_has_a_name_that_fits() -> None:
    for name, key in ((" ", "directions.no_name"), ("x" * 41, "directions.long_name")):
        with pytest.raises(PlayerError) as refused:
            TextContrast(name, "middle", "means", ("a",), ("b",))
        assert refused.value.said.key == key


def test_a_list_is_typed_a_text_a_line() -> None:
    made = typed(" my  cats ", "middle", "means", " the cat \n\n the dog\n", "a barn")
    assert made == TextContrast("my cats", "middle", "means", ("the cat", "the dog"), ("a barn",))


@pytest.mark.parametrize("much", ["x\n" * 41, "x" * 2501])
def test_a_list_has_an_end(much: str) -> None:
    with pytest.raises(PlayerError, match=r"directions\.too_much"):
        typed("mine", "middle", "means", "a", much)


def test_texts_are_left_out_one_by_one(running: LocalEngine) -> None:
    about = ("the cat sat", "cat on the mat", "the cat", "a cat sat on the cat")
    others = ("the dog ran to the red barn", "barn", "a red barn", "the dog and the dog")
    right, count = left_out(running, TextContrast("cats", "middle", "means", about, others)) or (
        0,
        0,
    )
    assert count == 8
    assert 4 <= right <= 8
    assert left_out(running, TextContrast("cats", "middle", "means", about, others[:1])) is None
    # Lists that only repeat each other's words cannot be told apart by texts not seen.
    mixed = TextContrast("none", "middle", "means", ("the cat", "a barn"), ("a cat", "the barn"))
    assert left_out(running, mixed) != (4, 4)


def test_what_cannot_be_turned_is_refused(running: LocalEngine) -> None:
    with pytest.raises(EngineError, match="points nowhere"):
        Vector("nothing", (0.0, 0.0))
    short = Dial.along("middle", Vector("short", (1.0, 2.0)), 1.0)
    with pytest.raises(EngineError, match=f"has 2 numbers; at site middle it takes {WIDTH}"):
        running.generate([Request("the cat", (short,), LONG)])
    with pytest.raises(PlayerError, match=r"errors\.link"):
        share.encode(share.Sandbox("the cat", (Dial.along("middle", VECTOR, 1.0),)))
