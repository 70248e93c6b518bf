"""The course as one player sees it: which levels are locked, open or won. Reads no store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from playground.levels.kinds import Level
from playground.levels.shelf import Shelf
from playground.progress import Best

State = Literal["locked", "open", "won"]
STARS = 3  # a level


@dataclass(frozen=True)
class Mark:
    """One level on the home map. needs: titles of the levels to win first, empty unless locked."""

    id: str
    title: str
    kind: str
    screen: str  # the route that plays it
    difficulty: int  # 1..5
    minutes: int
    state: State
    stars: int  # 0..3
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChapterMap:
    title: str
    blurb: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Home:
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
    marks = [each for chapter in chapters for each in chapter.marks]
    return Home(
        chapters=chapters,
        stars=sum(each.stars for each in marks),
        stars_total=STARS * len(marks),
        won=sum(each.state == "won" for each in marks),
        levels=len(marks),
        next=next((each.id for each in marks if each.state == "open"), None),
    )


def mark(shelf: Shelf, level: Level, best: Mapping[str, Best]) -> Mark:
    """A level once won stays open, whatever is put before it later."""
    won = {id for id, each in best.items() if each.won}
    needs = tuple(shelf.by_id[need].title for need in level.needs if need not in won)
    state: State = "won" if level.id in won else "locked" if needs else "open"
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
    )
