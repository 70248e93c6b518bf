"""Draws levels from the moulds, by lot but the same for the same series, and proves each before
anybody plays it. Knows no player.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import product
from threading import Lock

from playground.concepts.concepts import Kind
from playground.errors import AuthorError
from playground.levels.judging import Bench
from playground.levels.kinds import Level
from playground.levels.proving.proof import check
from playground.levels.shelf import Shelf
from playground.levels.templates import Draw

TRIES = 12  # draws of one kind that are proven before the next kind is taken


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
        known = (f"{draw.kind}/{draw.concepts}" if level.drawn else draw.id, seed)
        if known not in self._proven:
            lines = check(level, self._bench, (seed,), greedy=False)
            self._proven[known] = all(line.passed for line in lines)
        return self._proven[known]


def lots(mould: Level, bench: Bench, rng: random.Random) -> Iterator[tuple[str, ...]]:
    """The concepts that may fill a mould, in an order drawn by lot; at most TRIES."""
    if not mould.drawn:
        yield ()
        return
    names = sorted(bench.atlas.concepts())
    usable = [[name for name in names if fits(mould, bench, name, kind)] for kind in mould.drawn]
    ways = list(product(*usable))
    yield from rng.sample(ways, min(TRIES, len(ways)))


def fits(mould: Level, bench: Bench, name: str, kind: Kind) -> bool:
    concept = bench.concept(name)
    return concept.kind == kind and bool(concept.words) and mould.suits(bench, name)
