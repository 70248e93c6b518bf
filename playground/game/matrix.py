"""The matrix of a class: learner by level, and who is stuck where. Asks no store and no model."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from playground.levels.kinds import Level
from playground.store.records import Effort, Member, SchoolClass

STUCK_TRIES = 3  # handed in without winning
STUCK_TIMES = 2  # of the minutes that a level says it takes
STUCK_LEAST = 8  # minutes, however short it is
HERE = timedelta(minutes=5)  # who did something since then is there


@dataclass(frozen=True)
class LevelColumn:
    id: str
    title: str
    minutes: int


@dataclass(frozen=True)
class Stuck:
    """Where somebody does not get on. minutes: at that level; idle: since they did anything."""

    level: LevelColumn
    minutes: float
    tries: int
    idle: float


@dataclass(frozen=True)
class Progress:
    """A line of the matrix. cells: what was done at each level, None where nothing was."""

    member: Member
    cells: tuple[Effort | None, ...]
    stuck: Stuck | None
    here: bool

    @property
    def stars(self) -> int:
        return sum(each.stars for each in self.cells if each)

    @property
    def won(self) -> int:
        return sum(each.stars > 0 for each in self.cells if each)

    @property
    def tries(self) -> int:
        return sum(each.tries for each in self.cells if each)

    @property
    def minutes(self) -> float:
        return sum(each.seconds for each in self.cells if each) / 60


@dataclass(frozen=True)
class Matrix:
    of: SchoolClass
    columns: tuple[LevelColumn, ...]
    lines: tuple[Progress, ...]

    @property
    def stuck(self) -> list[Progress]:
        """Longest at their level first."""
        found = [each for each in self.lines if each.stuck]
        return sorted(found, key=lambda each: -each.stuck.minutes if each.stuck else 0.0)

    @property
    def won_by(self) -> list[int]:
        """How many have won each level."""
        cells = [[line.cells[at] for line in self.lines] for at in range(len(self.columns))]
        return [sum(each is not None and each.stars > 0 for each in column) for column in cells]

    @property
    def here(self) -> int:
        return sum(each.here for each in self.lines)


def columns(levels: Iterable[Level]) -> tuple[LevelColumn, ...]:
    return tuple(LevelColumn(each.id, each.title, each.minutes) for each in levels)


def made(
    of: SchoolClass,
    levels: tuple[LevelColumn, ...],
    members: Sequence[Member],
    entries: Iterable[Effort],
    now: datetime,
) -> Matrix:
    """entries: of any level; those of other levels count for nobody."""
    by_member: dict[int, dict[str, Effort]] = {each.id: {} for each in members}
    for entry in entries:
        if entry.member in by_member:
            by_member[entry.member][entry.level] = entry
    lines = [line(each, levels, by_member[each.id], now) for each in members]
    return Matrix(of, levels, tuple(lines))


def line(
    member: Member, levels: tuple[LevelColumn, ...], done: Mapping[str, Effort], now: datetime
) -> Progress:
    latest = max((each.latest for each in done.values() if each.latest), default=None)
    cells = tuple(done.get(each.id) for each in levels)
    here = latest is not None and now - latest <= HERE
    return Progress(member, cells, stuck(levels, cells, now), here)


def stuck(
    levels: tuple[LevelColumn, ...], cells: tuple[Effort | None, ...], now: datetime
) -> Stuck | None:
    """At the level that took long or many tries and was not won; of several at the one that was
    looked at last. Who has won a level since then is not stuck any more."""
    seen = [
        (at, level, each)
        for level, each in zip(levels, cells, strict=True)
        if each and (at := each.latest)
    ]
    for at, level, entry in sorted(seen, key=lambda each: each[0], reverse=True):
        minutes = entry.seconds / 60
        long = minutes >= max(STUCK_LEAST, STUCK_TIMES * level.minutes)
        if entry.stars:
            return None
        if long or entry.tries >= STUCK_TRIES:
            return Stuck(level, minutes, entry.tries, (now - at).total_seconds() / 60)
    return None
