"""How a player goes through the course: reads the map, plays what is open, tries again."""

import re
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from tests.player import rounds, steering
from tests.player.hunting import Hunt
from tests.player.notebook import Notebook
from tests.player.screen import Verdict, forget
from tests.standstill import PATIENCE

ROUNDS = 25  # of questions, before a level is given up
WHOLE = 3  # chapters of which every level is played; of the rest one level of each kind
STEERED = ("Steer", "Golf", "Suppress", "Blend")
HUNTED = "Hunt"
READ = """(chapters) => chapters.map((chapter) =>
  [...chapter.querySelectorAll('.stone:has(.chip)')].map((stone) => ({
  title: stone.querySelector('b').firstChild.textContent.trim(),
  state: stone.querySelector('.hushed').textContent.trim().slice(1, -1),
  kind: stone.querySelector('.chip').innerText.trim(),
  needs: stone.innerText.split('Win first: ')[1] || '',
})))"""


@dataclass(frozen=True)
class Stone:
    """A level as the map shows it."""

    chapter: int
    title: str
    state: str  # open, won, locked
    kind: str
    needs: str


@dataclass(frozen=True)
class Played:
    """What came of a level. tries: rounds, features or runs that were handed in."""

    stone: Stone
    won: bool
    stars: int
    tries: int
    hints: int
    seconds: float


def stones(page: Page, address: str) -> list[Stone]:
    page.goto(address)
    page.wait_for_selector("#map .stone")
    chapters = page.locator("#map .chapter").evaluate_all(READ)
    return [
        Stone(n, **stone) for n, chapter in enumerate(filter(None, chapters)) for stone in chapter
    ]


def wanted(every: list[Stone]) -> list[Stone]:
    """All of the first chapters; then the first level of each kind, and what opens it."""
    chosen = [stone for stone in every if stone.chapter < WHOLE]
    kinds = set[str]()
    for stone in every:
        if stone.chapter >= WHOLE and stone.kind not in kinds:
            kinds.add(stone.kind)
            chosen += [each for each in opening(stone, every) if each not in chosen]
    return chosen


def opening(stone: Stone, every: list[Stone]) -> Iterator[Stone]:
    """A level after all that the map says to win first."""
    for need in every:
        if need.title in stone.needs:
            yield from opening(need, every)
    yield stone


def play(page: Page, book: Notebook, address: str, only: Collection[str] = ()) -> Iterator[Played]:
    """Level by level, as they open. only: titles; the others are left out."""
    given_up = set[str]()
    while True:
        left = [
            stone
            for stone in wanted(stones(page, address))
            if stone.state != "won" and stone.title not in given_up
            if not only or stone.title in only
        ]
        stone = next((stone for stone in left if stone.state == "open"), None)
        if stone is None:
            return
        played = play_level(page, book, stone)
        yield played
        if not played.won:
            given_up.add(stone.title)


def play_level(page: Page, book: Notebook, stone: Stone) -> Played:
    start = time.monotonic()
    page.get_by_role("link", name=re.compile("^" + re.escape(stone.title))).last.click()
    expect(page.locator("#intro h1")).to_have_text(stone.title, timeout=PATIENCE)
    if stone.kind == HUNTED:
        result, tries, hints = Hunt(page, book).play()
    elif stone.kind in STEERED:
        expect(page.locator("#push .step")).to_be_visible(timeout=PATIENCE)
        result, tries, hints = steering.play(page)
    else:
        result, tries = ask(page, book)
        hints = 0
    if result.won:
        expect(page.locator("#verdict .learned")).to_be_visible(timeout=PATIENCE)
    return Played(stone, result.won, result.stars, tries, hints, time.monotonic() - start)


def ask(page: Page, book: Notebook) -> tuple[Verdict, int]:
    """Rounds until one is won; each has new questions."""
    for count in range(1, ROUNDS + 1):
        result = rounds.play(page, book)
        if result.won or count == ROUNDS:
            return result, count
        forget(page)
        page.click("#verdict a.go")
        page.wait_for_selector("#verdict .verdict", state="detached")
    raise AssertionError("no round was played")
