"""The final exam: eight parts, one kind from each group, drawn by lot for each player and sitting.

Knows when it opens, how it is counted and when it is passed. Draws nothing and keeps nothing.
"""

import hashlib
import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date

from playground.engine.records import Dial
from playground.game.coursemap import STARS
from playground.levels import level as levels
from playground.levels.dealing.steered import SteerVerdict
from playground.levels.kinds import KINDS, Level
from playground.levels.shelf import Shelf
from playground.messages import Line
from playground.store.records import Best

NAME = "exam"
GROUPS = tuple(
    tuple(kind for kind, each in KINDS.items() if each.group == group) for group in levels.GROUPS
)  # all kinds, by what they ask for
OPENS = 0.5  # share of each chapter's levels to win first
PASSED = 0.5  # share of all stars


@dataclass(frozen=True)
class ExamPart:
    id: str
    title: str
    kind: str
    screen: str
    minutes: int
    stars: int  # 0..3
    tries: int
    tries_left: int
    ready: bool  # known to be winnable on this model


@dataclass(frozen=True)
class Exam:
    """needs: by chapter how many more levels are to win; empty when the exam is open. sitting: 0
    before the first. best: stars of the best sitting with every part tried, if there is one."""

    needs: tuple[tuple[str, int], ...]
    sitting: int
    parts: tuple[ExamPart, ...]
    best: int | None

    @property
    def stars(self) -> int:
        return sum(part.stars for part in self.parts)

    @property
    def total(self) -> int:
        """A model that cannot play any kind of a group has a shorter exam."""
        return STARS * (len(self.parts) or len(GROUPS))

    @property
    def finished(self) -> bool:
        return bool(self.parts) and all(part.tries for part in self.parts)

    @property
    def needed(self) -> int:
        return round(PASSED * self.total)

    @property
    def passed(self) -> bool:
        return self.best is not None and self.best >= self.needed


@dataclass(frozen=True)
class BestSteer:
    """A reply that was steered well: spans are the characters of the words that counted."""

    level: str  # its title
    dials: tuple[Dial, ...]
    names: tuple[Line, ...]  # of the dials' features
    prompt: str
    text: str
    spans: tuple[tuple[int, int], ...]
    hits: int  # replies of that try that counted
    count: int  # of so many


@dataclass(frozen=True)
class Certificate:
    stars: int
    total: int
    day: date  # of the last part, UTC
    steer: BestSteer | None


def series(number: int) -> str:
    return f"{NAME}-{number}"


def seed(lot: str, number: int) -> int:
    """Of the questions of a sitting: others for every player, by the lot, and every time."""
    return int.from_bytes(hashlib.sha256(f"{lot}/{number}".encode()).digest()[:3])


def lots(lot: str, number: int) -> list[list[str]]:
    """For each part its kinds, the one that was drawn first."""
    rng = random.Random(f"{NAME}/{lot}/{number}")
    return [rng.sample(group, len(group)) for group in GROUPS]


def needs(shelf: Shelf, best: Mapping[str, Best]) -> tuple[tuple[str, int], ...]:
    won = {id for id, each in best.items() if each.won}
    left = list[tuple[str, int]]()
    for chapter in shelf.chapters:
        levels = set(chapter.levels).difference(shelf.missing)
        left.append((chapter.title, round(OPENS * len(levels)) - len(won & levels)))
    return tuple((title, more) for title, more in left if more > 0)


def part(level: Level, best: Best | None, ready: bool = True) -> ExamPart:
    tries, stars = (best.attempts, best.stars) if best else (0, 0)
    left = max(0, level.tries - tries) if stars < STARS else 0
    minutes = level.minutes
    return ExamPart(
        level.id, level.title, level.kind, level.screen, minutes, stars, tries, left, ready
    )


def taken(
    sittings: Mapping[int, tuple[str, ...]],
    best: Mapping[str, Best],
    needs: tuple[tuple[str, int], ...],
    level: Callable[[str], Level],
    unready: Collection[str],
) -> Exam:
    """The latest sitting. level: the level of an id; unready: parts that are to be proven."""
    latest = max(sittings, default=0)
    parts = tuple(
        part(level(id), best.get(id), id not in unready) for id in sittings.get(latest, ())
    )
    top = best_sitting(sittings, best)
    stars = None if top is None else stars_of(sittings[top], best)
    return Exam(() if latest else needs, latest, parts, stars)


def best_sitting(sittings: Mapping[int, tuple[str, ...]], best: Mapping[str, Best]) -> int | None:
    """The number of the first with most stars, of those in which every part was tried."""
    whole = [number for number, ids in sittings.items() if all(id in best for id in ids)]
    return max(whole, key=lambda number: (stars_of(sittings[number], best), -number), default=None)


def stars_of(ids: tuple[str, ...], best: Mapping[str, Best]) -> int:
    return sum(best[id].stars for id in ids)


def best_reply(verdict: SteerVerdict, level: Level, names: tuple[Line, ...]) -> BestSteer:
    """The reply on its concept with least damage. names: of the dials' features."""
    told = zip(verdict.triples, verdict.steered.replies, strict=True)
    triple, reply = max(told, key=lambda each: (each[1].on, -each[1].damage))
    return BestSteer(
        level=level.title,
        dials=verdict.dials,
        names=names,
        prompt=triple.prompt,
        text=triple.steered,
        spans=reply.spans,
        hits=verdict.tallies.steered.hits,
        count=verdict.tallies.steered.of,
    )
