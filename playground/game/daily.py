"""The daily challenge: which kind a day has, and what a player won on which days. Draws nothing.

The day is that of UTC, so that it is the same challenge for everybody at the same time.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from playground.levels.kinds import KINDS, Level
from playground.levels.templates import Draw
from playground.store.records import Best

NAME = "daily"
SHOWN = 14  # earlier days
GRACE = timedelta(days=1)  # a challenge that was begun before midnight can be handed in after it


@dataclass(frozen=True)
class Daily:
    """Today's challenge and the days before, latest first. stars: 0..3, None: not tried."""

    day: date
    level: Level
    ready: bool  # known to be winnable on this model
    stars: int | None
    past: tuple[tuple[date, int | None], ...]


def today() -> date:
    return datetime.now(UTC).date()


def series(day: date) -> str:
    return f"{NAME}-{day.isoformat()}"


def day_of(draw: Draw) -> date | None:
    """The day of a daily draw; None for other draws, and for what is no day."""
    name, _, day = draw.series.partition("-")
    try:
        return date.fromisoformat(day) if name == NAME else None
    except ValueError:
        return None


def kinds(day: date) -> list[str]:
    """The day's kind, then those that stand in for it where a model cannot play it. Each kind
    comes once in as many days as there are kinds."""
    turn, place = divmod(day.toordinal(), len(KINDS))
    order = random.Random(f"{NAME}/{turn}").sample(sorted(KINDS), len(KINDS))
    return order[place:] + order[:place]


def won(best: Mapping[str, Best], day: date) -> int | None:
    """Stars of a day; None where it was not tried."""
    return max(
        (each.stars for id, each in best.items() if id.startswith(series(day))), default=None
    )


def drawn(day: date, level: Level, ready: bool, best: Mapping[str, Best]) -> Daily:
    """best: the player's, by level."""
    before = [day - timedelta(days=n) for n in range(1, SHOWN + 1)]
    return Daily(
        day, level, ready, won(best, day), tuple((each, won(best, each)) for each in before)
    )
