"""Which models there are to choose from, what of them is on this machine already, and whether they
fit it.

Asks no network, and loads no model.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from playground.errors import AuthorError
from playground.models import files, hub, machine, packaged, registry
from playground.models.machine import Room
from playground.models.registry import ModelCard, SaeCard
from playground.settings import Settings

HEADS = ("name", "title", "licence", "memory", "here", "fits", "atlas", "tried on")
GAP = "  "


@dataclass(frozen=True)
class ModelRow:
    """A model of the registry. memory: GiB that it and its SAEs take. here: what of it is on this
    machine, in words; fits: empty where it does, else why not. saes: by site. atlas: whether it can
    be played as it is. tried: as its card says."""

    name: str
    title: str
    licence: str
    gated: bool
    memory: float
    here: str
    fits: str
    saes: dict[str, str]
    atlas: bool
    tried: registry.Tried = "stand-in"


def rows(
    settings: Settings, room: Room | None = None, path: Path = registry.REGISTRY
) -> list[ModelRow]:
    """Every model of the registry, in its order. room: measured here unless it is given. Raises
    AuthorError for a broken registry, or a device that this machine has not."""
    found, device = room or machine.room(), machine.device_for(settings.device)
    sizes = hub.stored()
    made = []
    for name, card in registry.load(path).models.items():
        home = settings.data / "models" / name / "atlas"
        made.append(
            ModelRow(
                name,
                card.title,
                card.licence,
                card.gated,
                card.memory,
                here(card, settings, sizes.get(card.repo or "", 0)),
                misfit(card, device, found),
                {site: named(sae) for site, sae in card.saes.items()},
                (settings.assets / card.atlas if card.atlas else home).is_dir(),
                card.tried,
            )
        )
    return made


def here(card: ModelCard, settings: Settings, size: int) -> str:
    """yes, no or partly, and bytes on disk."""
    if card.wheel:
        kept = packaged.kept(card.wheel, settings)
        return f"yes, {hub.gigabytes(card.wheel.stored)}" if kept else "no"
    if card.repo is None:
        return "yes, ships with the game"
    listing = hub.here(card.repo, card.revision)
    config = listing and listing.path(files.CONFIG)
    if config is None:
        return "no"
    try:
        files.check(config.parent)
    except AuthorError:
        return f"partly, {hub.gigabytes(size)}"
    return f"yes, {hub.gigabytes(size)}"


def misfit(card: ModelCard, device: str, room: Room) -> str:
    """Why it does not fit, empty where it does."""
    needed = int(card.memory * machine.GIB)
    try:
        placement = machine.place(card.title, needed, 0, device, room)
    except AuthorError:
        free = max((room.memory, *room.gpus)) if device == "cuda" else room.memory
        return f"no, {machine.gib(free)} free"
    return "in part on the GPU, slowly" if placement.spread else ""


def named(sae: SaeCard) -> str:
    return sae.name


def table(made: Sequence[ModelRow]) -> str:
    """As plain text: a line a model, its SAEs below it."""
    cells = [HEADS, *(cells_of(row) for row in made)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [line(cells[0], widths)]
    for row, each in zip(made, cells[1:], strict=True):
        lines += [line(each, widths), f"{GAP}SAEs: {shortened(row.saes)}"]
    return "\n".join(lines)


def cells_of(row: ModelRow) -> tuple[str, ...]:
    licence = f"{row.licence}, gated" if row.gated else row.licence
    memory = f"{row.memory:.1f} GiB" if row.memory else "unknown"
    atlas = "yes" if row.atlas else "no"
    return (
        row.name,
        row.title,
        licence,
        memory,
        row.here,
        row.fits or "yes",
        atlas,
        registry.TRIED[row.tried],
    )


def line(cells: Iterable[str], widths: Sequence[int]) -> str:
    return GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def shortened(saes: dict[str, str]) -> str:
    """By site; a release that all of them are of stands in front, once."""
    if not saes:
        return "none: it is talked to, and steered by directions of one's own texts"
    parts = [parted(source) for source in saes.values()]
    releases = {release for release, _ in parts}
    if len(releases) > 1:
        return ", ".join(f"{site} {source}" for site, source in saes.items())
    ids = [f"{site} {id}" for site, (_, id) in zip(saes, parts, strict=True)]
    return f"{releases.pop()}: {', '.join(ids)}"


def parted(source: str) -> tuple[str, str]:
    """A release, or a repository of the hub, and what is meant in it."""
    release, _, id = source.removeprefix(registry.HF).partition("/")
    if source.startswith(registry.HF):
        name, _, id = id.partition("/")
        release = f"{registry.HF}{release}/{name}"
    return release, id
