"""Whether SAEs belong to a model: said from both configs, before weights are fetched.

Knows no weights, and no model beyond its config.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from transformers import PreTrainedConfig

from playground.errors import AuthorError
from playground.models import releases, sae_files, sae_repos
from playground.models.files import BYTES
from playground.models.points import Point
from playground.models.registry import Chosen, SaeCard

# Where a row is not as wide as the residual stream, or nobody knows before the model is there.
OTHER_WIDTH = ("attn_z", "module")
# What the names of one model's versions differ in: SAEs of the base model steer those, too.
VERSIONS = re.compile(r"[-_](it|pt|hf|chat|base|instruct|v\d[\d.]*)(?=[-_]|$)")


@dataclass(frozen=True)
class Fitted:
    """bytes: that the SAEs take in memory. notes: what a player should know, a sentence each."""

    bytes: int
    notes: tuple[str, ...] = ()


def check(chosen: Chosen, config: PreTrainedConfig) -> Fitted:
    """Raises AuthorError or EngineError for an SAE that is of another model, or cannot be steered
    with."""
    inner = config.get_text_config()
    width, layers = int(inner.hidden_size), int(inner.num_hidden_layers)
    taken, notes = 0, dict[str, None]()
    for site, card in chosen.card.saes.items():
        name, told = config_of(card)
        sae_files.check_config(name, told)
        about = told.get("metadata") or {}
        place = sae_files.placed(name, str(told["architecture"]), about)
        d_in, d_out = int(told.get("d_in") or 0), int(told.get("d_out") or told.get("d_in") or 0)
        ends = ((place.reads, d_in), (place.writes, d_out))
        for point, found in ends:
            check_place(f"SAE {name} of site {site}", point, found, width, layers)
        if note := kinship(name, card, about, chosen):
            notes[note] = None
        number = BYTES.get(chosen.card.sae_dtype, 4)
        taken += (d_in + d_out) * int(told.get("d_sae") or 0) * number
    return Fitted(taken, tuple(notes))


def config_of(card: SaeCard) -> tuple[str, Mapping[str, Any]]:
    """Its name for errors, and its config."""
    if card.folder is not None:
        return str(card.folder), sae_files.config_of(card.folder)
    assert card.id is not None, "a card has one source"
    if card.repo is not None:
        library = sae_repos.library(card.repo, card.id)
        return card.name, sae_files.config_of(sae_repos.config(card.repo, card.id), library)
    assert card.release is not None, "a card has one source"
    return card.name, releases.config_of(card.release, card.id)


def check_place(name: str, point: Point, found: int, width: int, layers: int) -> None:
    if point.layer >= layers:
        raise AuthorError(
            f"{name} belongs in block {point.layer}, and the model has blocks 0 to {layers - 1}; "
            "it is an SAE of another model"
        )
    if point.kind not in OTHER_WIDTH and found and found != width:
        raise AuthorError(
            f"{name} is made for a width of {found}, and the model has {width}; it is an SAE of "
            "another model, name one of this one"
        )


def kinship(name: str, card: SaeCard, about: Mapping[str, Any], chosen: Chosen) -> str:
    """A note where the SAE is of another version of the model. Raises AuthorError for one of
    another model altogether; a folder's model has no name to compare."""
    if card.release is not None and card.id is not None:
        own = releases.trained_on(card.release, card.id)
    else:
        own = releases.HUB_IDS.get(
            str(about.get("model_name") or ""), about.get("model_name") or ""
        )
    asked = chosen.card.repo
    if not own or not asked or own in (asked, chosen.card.saes_of):
        return ""
    if stem(own) != stem(asked):
        raise AuthorError(f"SAE {name} was trained on {own}, not on {asked}; name one of {asked}")
    return f"The SAEs were trained on {own}, a version of this model."


def stem(model: str) -> str:
    return VERSIONS.sub("", model.rpartition("/")[2].lower())
