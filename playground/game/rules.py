"""What the class of a player asks: which levels, in which order, from when to when, with hints or
without. Reads no store and draws nothing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from playground.messages import Message
from playground.store.records import SchoolClass

UTC_NAME = "UTC"
STAMP = "%Y-%m-%d %H:%M"


@dataclass(frozen=True)
class Rules:
    """Of an open class at a moment. plan: ids of levels that exist, empty for the whole course."""

    of: SchoolClass
    plan: tuple[str, ...]
    now: datetime

    @property
    def planned(self) -> bool:
        return bool(self.of.plan)

    @property
    def title(self) -> str:
        return self.of.title

    @property
    def hints(self) -> bool:
        return self.of.hints

    def shut(self, level: str, won: Collection[str]) -> Message | None:
        """Why a level may not be played now; None where it may, or where the course decides."""
        if self.of.begins and self.now < self.of.begins:
            return Message("join.begins", at=told(self.of.begins, self.of.zone))
        if self.of.ends and self.now >= self.of.ends:
            return Message("join.ended", at=told(self.of.ends, self.of.zone))
        if not self.planned:
            return None
        if level not in self.plan:
            return Message("join.not_planned", title=self.of.title)
        begins = next(each.begins for each in self.of.plan if each.level == level)
        if begins and self.now < begins:
            return Message("join.begins", at=told(begins, self.of.zone))
        place = self.plan.index(level)
        if level not in won and self.of.ordered and place and self.plan[place - 1] not in won:
            return Message("join.before_it")
        return None

    def after(self, level: str) -> str | None:
        """The level that follows in the plan."""
        place = self.plan.index(level) + 1 if level in self.plan else len(self.plan)
        return self.plan[place] if place < len(self.plan) else None


def zone_of(name: str) -> ZoneInfo:
    """UTC for a zone that this machine does not know."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(UTC_NAME)


def told(at: datetime, zone: str) -> str:
    """As a clock in the class shows it."""
    return at.astimezone(zone_of(zone)).strftime(STAMP)
