"""The kept files of the second model are what its script makes, but for the numbers that training
finds, which no two processors agree upon.
"""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from playground.models import sae_files
from playground.models.points import Point
from tests import second_model

MODEL = second_model.KEPT / "model"
SAME = 0.9  # of the vocabulary, at least: a word more in a concept's file moves a few pieces


def test_the_tokenizer(tmp_path: Path) -> None:
    made, kept = second_model.tokenizer(tmp_path), PreTrainedTokenizerFast.from_pretrained(MODEL)
    assert len(kept) == len(made) == second_model.VOCABULARY
    assert len(kept.get_vocab().keys() & made.get_vocab().keys()) >= SAME * len(kept)
    assert kept.eos_token_id == made.eos_token_id == second_model.config().eos_token_id


def test_the_model() -> None:
    config = second_model.config()
    kept = GPT2Config.from_pretrained(MODEL)
    named = ("vocab_size", "n_positions", "n_embd", "n_layer", "n_head", "eos_token_id")
    assert [getattr(kept, name) for name in named] == [getattr(config, name) for name in named]
    with torch.device("meta"):
        wanted = GPT2LMHeadModel(config).transformer.state_dict()
    found = load_file(MODEL / "model.safetensors")
    sizes = {name.removeprefix("transformer."): each.shape for name, each in found.items()}
    assert sizes == {name: each.shape for name, each in wanted.items()}


@pytest.mark.parametrize("site", second_model.SITES)
def test_an_sae(site: str) -> None:
    sae = sae_files.load(second_model.KEPT / "saes" / site)
    assert (sae.width, sae.d_in) == (second_model.FEATURES, second_model.WIDTH)
    assert sae.metadata.reads == Point(second_model.SITES[site])
    assert torch.isfinite(sae.weights.W_dec).all()
