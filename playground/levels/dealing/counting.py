"""How many replies of an attempt count, and what that decides: shares with intervals, beside those
of the controls and of the untouched model. Knows neither levels nor what a reply says.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from playground.levels.intervals import Interval, difference, wilson
from playground.levels.schema import Goal

ROUND = 8  # replies of each row that are written before the first look, and between two looks


@dataclass(frozen=True)
class HitCount:
    """So many of so many replies count."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> Interval:
        return wilson(self.hits, self.of)


@dataclass(frozen=True)
class Tallies:
    """Of the same prompts and seeds: untouched, with the dials, with the controls."""

    baseline: HitCount
    steered: HitCount
    control: HitCount


@dataclass(frozen=True)
class Hits:
    """Whether each reply counts, row by row: place i of each row is one prompt and seed."""

    baseline: tuple[bool, ...]
    steered: tuple[bool, ...]
    control: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.steered)

    def first(self, count: int) -> "Hits":
        return Hits(self.baseline[:count], self.steered[:count], self.control[:count])

    @property
    def tallies(self) -> Tallies:
        rows = (self.baseline, self.steered, self.control)
        return Tallies(*(HitCount(sum(row), len(row)) for row in rows))


@dataclass(frozen=True)
class Measure:
    """What was measured, and between which values the truth may lie; all three are one where
    nothing had to be counted."""

    value: float
    low: float
    high: float

    @staticmethod
    def exactly(value: float) -> "Measure":
        return Measure(value, value, value)


def found_of(tallies: Tallies) -> dict[str, Measure]:
    """share: of the replies with the dials that count; lead: by how much that is above the share
    of the controls and above that of the untouched model, whichever is nearer."""
    own, rivals = tallies.steered, (tallies.control, tallies.baseline)
    shares = own.interval
    apart = [difference(own.hits, own.of, each.hits, each.of) for each in rivals]
    return {
        "share": Measure(own.share, shares.low, shares.high),
        "lead": Measure(
            min(own.share - each.share for each in rivals),
            min(each.low for each in apart),
            min(each.high for each in apart),
        ),
    }


def standing(goals: Sequence[Goal], found: Mapping[str, Measure]) -> bool | None:
    """Whether all goals are met; None while the replies do not tell."""
    each = [goal.stands(found[goal.measure].low, found[goal.measure].high) for goal in goals]
    return False if False in each else None if None in each else True


Standing = Callable[[Tallies], bool | None]


def settled(hits: Hits, stands: Standing) -> int | None:
    """The number, from 1, of the reply from which on the verdict was what it is now; None while
    there is none."""
    last = stands(hits.tallies)
    if last is None:
        return None
    earlier = (n for n in range(len(hits), 0, -1) if stands(hits.first(n).tallies) != last)
    return next(earlier, 0) + 1


def needed(tallies: Tallies, stands: Standing) -> tuple[int | None, int | None]:
    """With how many replies that count, at least, so many would win, and with how many, at most,
    they would lose, the others being as they are; None where no number does."""
    of = tallies.steered.of
    would = [stands(replace(tallies, steered=HitCount(hits, of))) for hits in range(of + 1)]
    wins = [hits for hits, stood in enumerate(would) if stood]
    losses = [hits for hits, stood in enumerate(would) if stood is False]
    return (min(wins) if wins else None), (max(losses) if losses else None)


def redrawn(stock: Hits, stands: Standing, limit: int, rng: random.Random) -> Hits:
    """Another attempt with the same setting, drawn (with replacement) from the replies of one that
    was written: round by round, until they decide or `limit` is reached. Efron 1979."""
    hits = Hits((), (), ())
    while len(hits) < limit:
        hits = Hits(
            (*hits.baseline, *rng.choices(stock.baseline, k=ROUND)),
            (*hits.steered, *rng.choices(stock.steered, k=ROUND)),
            (*hits.control, *rng.choices(stock.control, k=ROUND)),
        )
        if stands(hits.tallies) is not None:
            break
    return hits
