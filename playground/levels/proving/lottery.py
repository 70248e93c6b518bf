"""Draws levels from the moulds, by lot but the same for the same series, and proves each before
anybody plays it. Knows no player.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import product
from threading import Lock

from playground.concepts.concepts import Kind, harmonic_mean
from playground.errors import AuthorError
from playground.levels.dealing.candidates import GOOD_AUROC
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.judging import Bench
from playground.levels.kinds import Level
from playground.levels.proving.proof import check
from playground.levels.shelf import Shelf
from playground.levels.templates import DRAWN, Draw

TRIES = 12  # draws of one kind that are proven before the next kind is taken
STEERS, CLEARLY = 55.0, 0.4  # score and lead that the atlas measured of a concept worth a draw


class Undrawable(AuthorError):
    """The model that is played has no level of some kinds."""


class Drawn:
    """Remembers what was drawn and proven. May be used from any thread."""

    def __init__(self, bench: Bench, shelf: Shelf) -> None:
        self._bench = bench
        self._shelf = shelf
        self._proven: dict[tuple[str, int], bool] = {}
        self._lots: dict[str, Draw] = {}
        self._lock = Lock()

    def lot(self, series: str, kinds: Sequence[str]) -> Draw:
        """The same for everybody who asks for this series: a proven level of the first of these
        kinds that this model can play. May write replies. Raises Undrawable where none is."""
        with self._lock:
            if series not in self._lots:
                self._lots[series] = self.fresh(series, kinds)
            return self._lots[series]

    def fresh(self, series: str, kinds: Sequence[str], seed: int = 0, player: str = "") -> Draw:
        """The same, but another lot for each player. seed: of the questions that are dealt."""
        for kind in kinds:
            rng = random.Random(f"{series}/{player}/{kind}")
            for concepts in lots(self._shelf.mould(kind), self._bench, rng):
                draw = Draw(series, kind, concepts)
                if self._holds(draw, seed):
                    return draw
        raise Undrawable(f"{series}: this model can play no level of {', '.join(kinds)}")

    def _holds(self, draw: Draw, seed: int) -> bool:
        level = self._shelf.drawn(draw)
        # What is hunted or steered is the same in every series.
        known = (draw.id if draw.kind not in DRAWN else f"{draw.kind}/{draw.concepts}", seed)
        if known not in self._proven:
            lines = check(level, self._bench, (seed,), greedy=False)
            self._proven[known] = all(line.passed for line in lines)
        return self._proven[known]


def lots(mould: Level, bench: Bench, rng: random.Random) -> Iterator[tuple[str, ...]]:
    """The concepts that may fill a mould, in an order drawn by lot; at most TRIES."""
    if mould.kind not in DRAWN:
        yield ()
        return
    kinds: tuple[Kind, ...] = ("style", "topic") if mould.kind == "blend" else ("topic",)
    names = sorted(bench.atlas.concepts())
    usable = [[name for name in names if fits(mould, bench, name, kind)] for kind in kinds]
    ways = list(product(*usable))
    yield from rng.sample(ways, min(TRIES, len(ways)))


def fits(mould: Level, bench: Bench, name: str, kind: Kind) -> bool:
    """Whether the atlas makes it likely that the concept can be played: it has a detector where it
    is looked for, a recipe that steers where it is steered to."""
    entry, concept = bench.atlas.concept(name), bench.concept(name)
    if concept.kind != kind or not concept.words:
        return False
    if mould.kind in ("hunt", "suppress"):
        return any(d.auroc >= GOOD_AUROC for d in entry.detectors if d.site in mould.sites)
    recipe = next((each for each in entry.recipes if each.site in mould.sites), None)
    if isinstance(mould, SteeringLevel) and recipe is not None:
        like = (mould.method or recipe.method, mould.scope or recipe.scope)
        recipe = recipe if (recipe.method, recipe.scope) == like else None
    point = recipe and next((p for p in recipe.curve if p.strength == recipe.strength), None)
    if point is None:
        return False
    lead = point.effect - point.control_effect
    return harmonic_mean(100 * point.effect, 100 - point.damage) >= STEERS and lead >= CLEARLY
