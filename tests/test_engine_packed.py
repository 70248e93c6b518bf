"""Weights in as few bits as hold them exactly, what is kept of prompts, and the columns of rows."""

from pathlib import Path
from typing import cast

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import LlamaConfig, LlamaForCausalLM

from playground.atlas.harvest import Reader
from playground.atlas.survey import digested
from playground.engine.columns import Columns
from playground.engine.llama import LlamaPath, path_to_read
from playground.engine.local import LocalEngine
from playground.engine.matrices import BLOCK, Exact, InBlocks, held
from playground.engine.paths import HuggingFacePath, left_padded
from playground.engine.prefixes import SHORTEST, Prefixes
from playground.engine.text import Text
from playground.models.points import Point
from playground.models.sae_files import load
from tests.engine_models import COMMON, save_sae, tokenizer
from tests.test_engine_llama import CPU, replies, small


# -- weights ---------------------------------------------------------------------------------------
def in_blocks(weight: Tensor, bits: int) -> Tensor:
    """As GGUF's Q4_1 or Q8_0 would have it, written out in float32."""
    blocks = weight.unflatten(-1, (-1, BLOCK))
    least = blocks.amin(-1, keepdim=True) if bits == 4 else torch.zeros(1)
    most = (blocks - least).abs().amax(-1, keepdim=True)
    scale = (most / (15 if bits == 4 else 127)).half().float()
    least = least.half().float()
    # Both ends of a block are met, as they are by what quantizes it.
    codes = ((blocks - least) / scale).round().clamp(-127 if bits == 8 else 0, 2**bits - 1)
    return (codes * scale + least).flatten(-2)


def unpacked(matrix: InBlocks) -> np.ndarray:
    codes = matrix.codes
    if matrix.bits == 4:
        codes = np.stack([codes & 15, codes >> 4], -1).reshape(*codes.shape[:2], BLOCK)
    blocks = (codes.astype(np.float64) - (1 << matrix.bits - 1)) * matrix.scales[..., None]
    if matrix.lows is not None:
        blocks += matrix.lows[..., None]
    return blocks.reshape(matrix.shape)


@pytest.mark.parametrize("bits", [4, 8])
def test_what_was_stored_in_blocks_is_held_in_them(bits: int) -> None:
    weight = in_blocks(torch.randn(96, 4 * BLOCK, generator=torch.Generator().manual_seed(1)), bits)
    weight[5, :BLOCK] = 0.0
    weight[6, BLOCK : 2 * BLOCK] = 0.25
    matrix = held(weight.numpy())
    assert isinstance(matrix, InBlocks) and matrix.bits == bits and matrix.shape == (96, 4 * BLOCK)
    assert (matrix.lows is None) == (bits == 8)
    np.testing.assert_allclose(unpacked(matrix), weight.numpy(), atol=4e-6)


def test_what_was_not_stays_as_it_is() -> None:
    weight = torch.randn(96, 4 * BLOCK, generator=torch.Generator().manual_seed(1))
    mixed = in_blocks(weight, 4)
    mixed[90, 3] += 0.01  # far behind the rows that are looked at first
    for each in (weight, mixed, weight.bfloat16().float(), weight[:, :40]):
        found = held(each.numpy())
        assert isinstance(found, Exact) and np.array_equal(found.weight, each.numpy())


def packed_llama() -> LlamaForCausalLM:
    torch.manual_seed(1)
    sizes = {"hidden_size": 64, "intermediate_size": 96, "head_dim": 16}
    made = LlamaForCausalLM(LlamaConfig(**{**COMMON, **sizes}))
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.add_(torch.randn_like(parameter), alpha=0.15)
            if parameter.dim() == 2:
                parameter.copy_(in_blocks(parameter, 4))
        made.lm_head.weight.copy_(in_blocks(made.lm_head.weight, 8))
    return cast(LlamaForCausalLM, made.eval().requires_grad_(False))


@torch.inference_mode()
def test_products_round_no_more_than_activations_to_8_bits() -> None:
    made = packed_llama()
    texts = [list(range(20, 60)), [5, 6, 7]]
    ids, positions = left_padded(texts, 0, CPU)
    ours, theirs = (
        way.forward(ids, positions, 3)
        for way in (LlamaPath(made, [Point(1)]), HuggingFacePath(made))
    )
    likeness = torch.cosine_similarity(ours, theirs, dim=-1)
    assert likeness.min() > 0.99
    assert not torch.allclose(ours, theirs, atol=1e-6)  # it is packed indeed


def test_packed_rows_do_not_hear_each_other() -> None:
    """One row alone is the hard case: its product has a kernel of its own."""
    way = LlamaPath(packed_llama(), [Point(1)])
    prompts = [[n, n + 1, 3 * n % 300] * (1 + n % 4) for n in range(2, 40)]
    together, logits = replies(way, prompts, 6)
    for n, prompt in enumerate(prompts):
        alone, own = replies(way, [prompt], 6)
        assert alone[0] == together[n] and torch.equal(own[0], logits[n])
    few, some = replies(way, prompts[:3], 6)
    assert few == together[:3] and torch.equal(some, logits[:3])


@torch.inference_mode()
def test_packed_prompts_do_not_hear_what_is_kept() -> None:
    way, whole = LlamaPath(packed_llama(), [Point(1)]), list(range(10, 60))
    expected = replies(way, [whole], 4)
    for length in (20, 48, 49, 50):
        way.prefixes.clear()
        replies(way, [whole[:length]], 1)
        found = replies(way, [whole], 4)
        assert found[0] == expected[0] and torch.equal(found[1], expected[1])


def test_what_is_measured_is_what_is_played(tmp_path: Path) -> None:
    """To the last bit: an atlas, a hunt and a player see the same states."""
    made, texts = packed_llama(), ["the cat sat on the mat", "a dog ran", "the"]
    saes = {"middle": load(save_sae(tmp_path / "sae", 1, width=64))}
    running = LocalEngine(made, tokenizer(), saes, {"middle": 5.0})
    played = running.states(texts, "middle")
    assert path_to_read(made, [Point(1)]) is running._worker.batch.path
    running.close()
    text = Text(tokenizer())
    reader = Reader(made, saes, text.lead)
    (found,) = reader.passes([text.ids(each) for each in texts])
    states = found.writes["middle"].split(found.lengths)
    for place, state in zip(found.places, states, strict=True):
        assert np.array_equal(played[place].values, state.numpy())
    digests = digested(made, saes, text, texts)["middle"]
    for digest, state in zip(digests, played, strict=True):
        np.testing.assert_allclose(digest.mean, state.values.mean(0), atol=1e-6)


def test_float32_is_read_many_texts_at_once() -> None:
    assert isinstance(path_to_read(small(), [Point(1)]), HuggingFacePath)


# -- what is kept of prompts -----------------------------------------------------------------------
def columns(count: int, mark: float = 0.0) -> Tensor:
    return torch.full((4, 2, count, 8), mark)


def test_the_longest_beginning_is_found() -> None:
    kept = Prefixes()
    kept.keep(range(20), columns(20, 1.0))
    kept.keep([*range(12), 99, *range(30)], columns(43, 2.0))
    found = kept.find([*range(30)])
    assert found is not None and found.shape == (4, 2, 20, 8) and found.eq(1.0).all()
    found = kept.find([*range(12), 99, 0, 1, 77, 78])
    assert found is not None and found.shape[2] == 15 and found.eq(2.0).all()
    assert kept.find(range(100, 130)) is None
    assert kept.find(range(SHORTEST - 1)) is None
    whole, but_one = kept.find(range(20)), kept.find(range(21))
    assert whole is not None and whole.shape[2] == 20
    assert but_one is not None and but_one.shape[2] == 19  # none is left alone


def test_what_is_kept_is_bounded_and_the_last_asked_for_stays() -> None:
    each = columns(10).nbytes
    kept = Prefixes(3 * each)
    texts = [[n, *range(9)] for n in range(100, 104)]
    for text in texts[:3]:
        kept.keep(text, columns(10))
    assert kept.find(texts[0]) is not None
    kept.keep(texts[3], columns(10))
    assert kept.find(texts[1]) is None and kept.size == 3 * each
    assert all(kept.find(texts[n]) is not None for n in (0, 2, 3))
    kept.keep(range(1000), columns(1000))  # larger than all
    assert kept.size == 3 * each and len(kept) == 3


def test_a_longer_text_takes_the_place_of_its_beginning() -> None:
    kept = Prefixes()
    kept.keep(range(10), columns(10))
    kept.keep(range(30), columns(30))
    assert len(kept) == 1 and kept.size == columns(30).nbytes
    kept.keep(range(30), columns(30))
    assert len(kept) == 1 and kept.size == columns(30).nbytes
    kept.clear()
    assert kept.size == 0 and kept.find(range(30)) is None


# -- columns ---------------------------------------------------------------------------------------
def test_rows_keep_their_columns_while_others_come_and_go() -> None:
    made = Columns(2, 2, 8)
    expected = list[Tensor]()
    for n in range(7):
        expected.append(columns(3 + 40 * n, float(n + 1)))
        made.reserve(n + 1, expected[n].shape[2] + 1)
        assert made.add(expected[n]) == n
    for gone in (2, 5, 0):
        made.drop(gone)
        expected[gone] = expected[-1]
        expected.pop()
        assert made.lengths == [each.shape[2] for each in expected]
        for row, each in enumerate(expected):
            assert torch.equal(made.copied(row), each)
    for _ in range(4):
        made.drop(0)
    assert made.lengths == [] and made.buffer.numel() == 0


def test_room_that_is_there_is_not_made_again() -> None:
    made = Columns(1, 1, 8)
    made.reserve(1, 5)
    buffer = made.buffer
    made.reserve(4, 128)
    assert made.buffer is buffer
    made.reserve(5, 128)
    assert made.buffer.shape == (2, 8, 1, 128, 8)
