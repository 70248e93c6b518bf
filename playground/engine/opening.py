"""From names to what the engine and the atlas work with: a model, its tokenizer and its SAEs.

Everything that can be known to fail is said before the weights are read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from playground import lens, registry, sae
from playground.engine.sites import LAYOUTS, block_at
from playground.errors import AuthorError
from playground.registry import Chosen, SaeCard
from playground.sae import Sae
from playground.settings import Settings

Say = Callable[[str], None]


@dataclass(frozen=True)
class Parts:
    """chosen: where atlas and texts are kept, and the card. saes: by site, in the order in which
    the model passes them, on the devices of their blocks; an SAE says where it reads and writes
    (`metadata`), and whether the residual is centred for it (`centred`). notes: what a player
    should know, a sentence each."""

    chosen: Chosen
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    saes: dict[str, Sae]
    notes: tuple[str, ...] = ()


def open_parts(settings: Settings, say: Say = print) -> Parts:
    """Opens what `settings.model` and `settings.saes` name (registry.choose). SAEs of a release are
    downloaded, a model is not. Raises AuthorError or EngineError in one sentence."""
    chosen = registry.choose(settings)
    folder = chosen.source
    if not isinstance(folder, Path):
        raise AuthorError(
            f"{folder}: models are not downloaded yet; fetch it with `hf download {folder} "
            "--local-dir FOLDER` and name the folder as the model, its SAEs beside it"
        )
    known_config(folder)
    device, dtype = device_for(settings.device), chosen.card.dtype
    saes = load_saes(chosen.card.saes, dtype_of(chosen.card.sae_dtype, "float32"), say)
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype_of(dtype, "auto"), local_files_only=True, weights_only=True
    )
    nn.Module.to(model, device)  # the model's own `to` is typed for other callers
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    return Parts(chosen, model.eval(), tokenizer, placed(saes, model))


def known_config(folder: Path) -> PreTrainedConfig:
    """Raises AuthorError for an architecture that cannot be steered."""
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    name = MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.get(config.model_type, "")
    if name not in LAYOUTS:
        raise AuthorError(
            f"{folder}: models of the type {config.model_type!r} cannot be steered yet; there are "
            f"{', '.join(LAYOUTS)}"
        )
    return config


def device_for(asked: str) -> str:
    if asked != "auto":
        return asked
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def dtype_of(name: str, otherwise: str) -> torch.dtype | str:
    named = otherwise if name == "auto" else name
    return named if named == "auto" else getattr(torch, named)


def load_saes(cards: Mapping[str, SaeCard], dtype: torch.dtype | str, say: Say) -> dict[str, Sae]:
    """On the CPU."""
    assert isinstance(dtype, torch.dtype)
    found = dict[str, Sae]()
    for name, card in cards.items():
        if card.folder is not None:
            found[name] = sae.load(card.folder, "cpu", dtype)
        elif card.release is not None and card.id is not None:
            say(f"SAE of site {name}: {card.release}/{card.id}")
            found[name] = lens.load(card.release, card.id, "cpu", dtype)
    return found


def placed(saes: Mapping[str, Sae], model: nn.Module) -> dict[str, Sae]:
    """In the order of their points, each where its block is."""
    ordered = sorted(saes, key=lambda name: (saes[name].metadata.writes.order, name))
    return {
        name: saes[name].to(next(block_at(model, saes[name].metadata.layer).parameters()).device)
        for name in ordered
    }
