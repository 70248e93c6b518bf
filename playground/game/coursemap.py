"""The course as one player sees it on one model: which levels are locked, open or won, and which
the model cannot play. Reads no store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from playground.game.rules import Rules
from playground.levels.kinds import Level
from playground.levels.playable import Reason
from playground.levels.shelf import Shelf
from playground.messages import Line, Message
from playground.store.records import Best

State = Literal["locked", "open", "won", "missing"]
STARS = 3  # a level


@dataclass(frozen=True)
class Mark:
    """One level on the home map. needs: titles of the levels to win first, empty unless locked.
    why: set where the state is missing: the model cannot play it. shut: why the player's class
    keeps it locked.
    """

    id: str
    title: str
    kind: str
    screen: str  # the route that plays it
    difficulty: int  # 1..5
    minutes: int
    state: State
    stars: int  # 0..3
    needs: tuple[str, ...] = ()
    why: Reason | None = None
    shut: Message | None = None


@dataclass(frozen=True)
class ChapterMap:
    title: str
    blurb: Line
    marks: tuple[Mark, ...]

    @property
    def playable(self) -> bool:
        """Whether the model can play any of it; a chapter of which it cannot is not on the map."""
        return any(mark.state != "missing" for mark in self.marks)


@dataclass(frozen=True)
class Home:
    """Counts leave out what the model cannot play."""

    chapters: tuple[ChapterMap, ...]
    stars: int
    stars_total: int
    won: int
    levels: int
    next: str | None  # id of the first open level that is not won


def draw(shelf: Shelf, best: Mapping[str, Best], rules: Rules | None = None) -> Home:
    """best: the player's, by level. rules: of the player's class, whose plan stands in the place of
    the course."""
    if rules and rules.planned:
        told = [(rules.title, Message("join.chapter", count=len(rules.plan)), rules.plan)]
    else:
        told = [(each.title, each.blurb, each.levels) for each in shelf.chapters]
        if rules and shelf.written:
            ids = tuple(each.id for each in shelf.written)
            told = [(rules.title, Message("join.written", count=len(ids)), ids), *told]
    chapters = tuple(
        ChapterMap(title, blurb, tuple(mark(shelf, shelf.by_id[id], best, rules) for id in levels))
        for title, blurb, levels in told
    )
    marks = [m for chapter in chapters for m in chapter.marks if m.state != "missing"]
    return Home(
        chapters=chapters,
        stars=sum(each.stars for each in marks),
        stars_total=STARS * len(marks),
        won=sum(each.state == "won" for each in marks),
        levels=len(marks),
        next=next((each.id for each in marks if each.state == "open"), None),
    )


def mark(shelf: Shelf, level: Level, best: Mapping[str, Best], rules: Rules | None = None) -> Mark:
    """A level once won stays open, whatever is put before it later. Nobody has to win first what
    the model cannot play, and what a class has planned opens as the class says."""
    won = {id for id, each in best.items() if each.won}
    passed = won.union(shelf.missing)
    needs = tuple(shelf.by_id[need].title for need in shelf.needed(level) if need not in passed)
    why = shelf.missing.get(level.id)
    shut = rules.shut(level.id, passed) if rules else None
    needs = () if rules and rules.planned else needs
    won_before = level.id in won and shut is None
    state: State = (
        "missing" if why else "won" if won_before else "locked" if needs or shut else "open"
    )
    return Mark(
        id=level.id,
        title=level.title,
        kind=level.kind,
        screen=level.screen,
        difficulty=level.difficulty,
        minutes=level.minutes,
        state=state,
        stars=best[level.id].stars if level.id in best else 0,
        needs=needs if state == "locked" else (),
        why=why,
        shut=None if why else shut,
    )
