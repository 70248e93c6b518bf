"""A model and its SAEs opened as the game opens them, beside what sae-lens and hooks written by
hand make of the same folders."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from playground.engine.loading import open_parts
from playground.engine.local import LocalEngine
from playground.engine.paths import left_padded
from playground.engine.records import METHODS, Dial
from playground.settings import Settings
from tests.parity.paths import HEADS, UNCENTRED, Centred, Independent, Push, pusher
from tests.random_saes import theirs

TEXT = "the cat sat on the mat and the red dog"
FEATURES = 24  # fewer than a reading keeps of a token, so that it keeps them all
NORM, STRENGTH = 5.0, 0.7
CLOSE = 1e-4


@dataclass(frozen=True)
class Cell:
    """path: where the independent activations came from (paths.py). activations: the largest
    difference, as a fraction of the largest activation; logits: the largest difference over all
    four methods, as a fraction of the largest change that the hand-written hook makes. firing:
    the share of activations that are not 0."""

    path: str
    activations: float
    logits: float
    firing: float

    @property
    def holds(self) -> bool:
        return self.activations < CLOSE and self.logits < CLOSE and 0.03 < self.firing < 0.97


class Game:
    """An engine with as many sites as there are SAEs."""

    def __init__(self, model: Path, saes: Mapping[str, Path]) -> None:
        named = tuple(f"{site}={folder}" for site, folder in saes.items())
        asked = Settings(device="cpu", model=str(model), saes=named)
        parts = open_parts(asked, say=lambda text: None)
        self.saes = parts.saes
        self.engine = LocalEngine(
            parts.model, parts.tokenizer, parts.saes, dict.fromkeys(saes, NORM), 8
        )
        self.ids = self.engine._text.with_start(TEXT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.engine.close()

    def activations(self, site: str) -> Tensor:
        """[tokens, features], but for what stands first."""
        reading = self.engine.read([TEXT], site)[0]
        found = torch.zeros(len(reading.tokens), self.saes[site].width)
        for token, fired in enumerate(reading.features):
            for feature, value in fired:
                found[token, feature] = value
        return found

    def logits(self, dials: list[Dial], more: int = 0) -> Tensor:
        """A row without a dial, then one a dial, then `more` without. [rows, tokens, vocabulary]"""
        batch, length, rows = self.engine._worker.batch, len(self.ids), 1 + len(dials) + more

        def work() -> Tensor:
            ids, positions = left_padded([self.ids] * rows, 0, batch.device)
            for row, dial in enumerate(dials, 1):
                batch.hooks.write(row, [dial], length)
            try:
                with batch.hooks.steering(0, [range(length)] * rows, positions):
                    return batch.path.forward(ids, positions, length)
            finally:
                batch.hooks.clear(0, rows)

        return self.engine._submit(work).result()


def by_heads(sae: Any, seen: Tensor) -> Tensor:
    """As the SAE wants it: z by heads or flat."""
    if sae.hook_z_reshaping_mode:
        return seen if seen.dim() == 3 else seen.unflatten(-1, (HEADS, -1))
    return seen.flatten(1)


def expected_of(sae: Any, seen: Tensor) -> Tensor:
    """What sae-lens encodes, but for the first token. [tokens - 1, features]"""
    return sae.encode(by_heads(sae, seen))[1:]


def telling(expected: Tensor) -> int:
    """A feature that fires on some tokens and, if there is one, not on all: `clamp` and `ablate`
    then meet both."""
    return int((expected.mean(0) - 9 * (expected.amin(0) > 0)).argmax())


Steered = Callable[[Push], Tensor]  # logits, or log-probabilities, of a model with that push


def furthest(ours: Tensor, steered: Steered, sae: Any, feature: int, centred: Centred) -> float:
    """The largest difference from a model that is steered in another way, over all methods, as a
    fraction of what the method changes. ours: [1 + methods, tokens, vocabulary], the first plain"""
    worst = 0.0
    for method, row in zip(METHODS, ours[1:], strict=True):
        target = 0.0 if method == "ablate" else STRENGTH * NORM
        other = steered(pusher(sae, feature, method, target, centred))
        worst = max(worst, float((row - other).abs().max() / (other - ours[0]).abs().max()))
    return worst


def dials(site: str, feature: int) -> list[Dial]:
    return [Dial(site, feature, STRENGTH, method, "all") for method in METHODS]


def compare(
    game: Game,
    folder: Path,
    independent: Independent,
    seen: tuple[Tensor, str],
    places: tuple[str, str],
    centred: Centred = UNCENTRED,
) -> Cell:
    """One SAE; its site has its folder's name. seen: what it reads, and which way that was found;
    places: where it reads and writes; centred: as for `pusher`."""
    site, sae, (read, path) = folder.name, theirs(folder), seen
    expected, found = expected_of(sae, read), game.activations(site)
    assert expected.shape == found.shape, f"{site}: {expected.shape}, not {found.shape}"
    feature = telling(expected)
    ours = game.logits(dials(site, feature))
    plain = float((ours[0] - independent.plain).abs().max() / independent.plain.abs().max())
    by_hand = furthest(ours, lambda push: independent.steered(*places, push), sae, feature, centred)
    return Cell(
        path,
        float((expected - found).abs().max() / expected.abs().max()),
        max(plain, by_hand),
        float((expected > 0).float().mean()),
    )
