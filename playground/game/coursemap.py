"""The course as one player sees it on one model: which levels are locked, open or won, and which
the model cannot play. Reads no store.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from playground.levels.kinds import Level
from playground.levels.playable import Reason
from playground.levels.shelf import Shelf
from playground.store.records import Best

State = Literal["locked", "open", "won", "missing"]
STARS = 3  # a level


@dataclass(frozen=True)
class Mark:
    """One level on the home map. needs: titles of the levels to win first, empty unless locked.
    why: set where the state is missing: the model cannot play it.
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


@dataclass(frozen=True)
class ChapterMap:
    title: str
    blurb: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Home:
    """Counts leave out what the model cannot play."""

    chapters: tuple[ChapterMap, ...]
    stars: int
    stars_total: int
    won: int
    levels: int
    next: str | None  # id of the first open level that is not won


def draw(shelf: Shelf, best: Mapping[str, Best]) -> Home:
    """best: the player's, by level."""
    chapters = tuple(
        ChapterMap(
            chapter.title,
            chapter.blurb,
            tuple(mark(shelf, shelf.by_id[id], best) for id in chapter.levels),
        )
        for chapter in shelf.chapters
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


def mark(shelf: Shelf, level: Level, best: Mapping[str, Best]) -> Mark:
    """A level once won stays open, whatever is put before it later. Nobody has to win first what
    the model cannot play."""
    won = {id for id, each in best.items() if each.won}
    passed = won.union(shelf.missing)
    needs = tuple(shelf.by_id[need].title for need in level.needs if need not in passed)
    why = shelf.missing.get(level.id)
    state: State = "missing" if why else "won" if level.id in won else "locked" if needs else "open"
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
    )
