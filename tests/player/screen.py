"""What a player sees of a page, as records: cards, shaded texts, replies, bars, verdicts.

Reads the page alone: visible texts, and how strongly a piece of text is coloured. No access to the
game's Python, its files or its answers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from tests.standstill import PATIENCE

STARS = re.compile(r"(\d) of (\d)")
# The shade of a piece of text is the strength of its colour, 0..1.
STRIPS = """(all) => all.map((drawn) => [...drawn.childNodes].map((piece) =>
  [piece.textContent, piece.style ? Number(piece.style.getPropertyValue('--w')) || 0 : 0]))"""
LOOK = """(place) => {
  const said = (found) => found ? found.innerText.trim() : '';
  const strip = (drawn) => [...drawn.childNodes].map((piece) =>
    [piece.textContent, piece.style ? Number(piece.style.getPropertyValue('--w')) || 0 : 0]);
  const exhibit = (shown) => {
    const reply = shown.querySelector('.said');
    const prompt = said(reply && reply.querySelector('.prompt'));
    return {
      caption: said(shown.querySelector('figcaption, summary')),
      card: Boolean(shown.querySelector('blockquote')),
      name: said(shown.querySelector('.card > .inline > h3')),
      strips: [...shown.querySelectorAll('.strip')].map(strip),
      prompt,
      reply: said(reply).slice(prompt.length),
      bars: [...shown.querySelectorAll('.bars li')].map((row) =>
        [said(row.firstElementChild), Number(said(row.querySelector('.num')))]),
      grid: [...shown.querySelectorAll('.mapped tbody tr')].map((row) =>
        [...row.querySelectorAll('td')].map((cell) =>
          [said(cell.querySelector('b')), parseFloat(said(cell.querySelector('.num')))])),
      rows: [...shown.querySelectorAll('.mapped tbody th')].map(said),
      columns: [...shown.querySelectorAll('.mapped thead th')].map(said).slice(1),
      pillars: [...shown.querySelectorAll('.pillars li')].map((each) =>
        [said(each.querySelector('b')), Number(said(each.querySelector('.num')))]),
    };
  };
  return {
    ask: said(place.querySelector('h2')),
    exhibits: [...place.querySelectorAll('.exhibits > *')].map(exhibit),
    options: [...place.querySelectorAll('.option')].map(said),
    tokens: [...place.querySelectorAll('.pickable')].map((token) =>
      (token.classList.contains('part') ? '' : ' ') + said(token)),
    count: said(place.querySelector('.answer [id^=count]')),
    probes: Boolean(place.querySelector('.probe')),
    most: Number(place.querySelector('[data-most]')?.dataset.most || 0),
  };
}"""


@dataclass(frozen=True)
class Piece:
    """A piece of text and its shade, 0 (plain) to 1 (full colour)."""

    text: str
    shade: float

    @property
    def plain(self) -> str:
        return self.text.strip().lower()


Shaded = tuple[Piece, ...]


@dataclass(frozen=True)
class Exhibit:
    """A card has the texts of its examples as strips; a text alone is one strip. grid: rows of
    words with their per cents; rows, columns: what these are called; pillars: tokens with what
    stands under their bars."""

    caption: str
    card: bool
    name: str
    strips: tuple[Shaded, ...]
    prompt: str
    reply: str
    bars: tuple[tuple[str, float], ...]
    grid: tuple[tuple[tuple[str, float], ...], ...] = ()
    rows: tuple[str, ...] = ()
    pillars: tuple[tuple[str, float], ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """number: from 0. words: how many a written answer may have, 0 where nothing is written. most:
    how many options may be ticked, 0 where one is chosen."""

    number: int
    ask: str
    exhibits: tuple[Exhibit, ...]
    options: tuple[str, ...]
    tokens: tuple[str, ...]
    words: int
    probes: bool
    most: int = 0

    @property
    def cards(self) -> tuple[Exhibit, ...]:
        return tuple(each for each in self.exhibits if each.card)

    @property
    def replies(self) -> tuple[Exhibit, ...]:
        return tuple(each for each in self.exhibits if each.reply)


@dataclass(frozen=True)
class Verdict:
    won: bool
    stars: int
    text: str


def text_of(strip: Shaded) -> str:
    return "".join(piece.text for piece in strip)


def words_of(text: str) -> list[str]:
    """In lower case, in order."""
    return re.findall(r"[^\W\d_]+", text.lower())


# -- reading ---------------------------------------------------------------------------------------
def unfold(page: Page, place: str) -> None:
    """Opens whatever is folded away there, as somebody does who wants to read it."""
    folded = page.locator(f"{place} details:not([open]) > summary:visible")
    while folded.count():
        folded.evaluate_all("(all) => all.forEach((summary) => summary.click())")


def look(page: Page, place: str) -> dict[str, Any]:
    unfold(page, place)
    return page.locator(place).evaluate(LOOK)


def exhibit(seen: dict[str, Any]) -> Exhibit:
    strips = tuple(tuple(Piece(*piece) for piece in strip) for strip in seen["strips"])
    bars = tuple((name, value) for name, value in seen["bars"])
    grid = tuple(tuple((word, share) for word, share in row) for row in seen["grid"])
    pillars = tuple((token, value) for token, value in seen["pillars"])
    return Exhibit(
        seen["caption"],
        seen["card"],
        seen["name"],
        strips,
        seen["prompt"],
        seen["reply"],
        bars,
        grid,
        tuple(seen["rows"]),
        pillars,
        tuple(seen["columns"]),
    )


def question(page: Page, number: int) -> Question:
    """Waits for it: the one before it stands there as long."""
    page.wait_for_selector(f"#ask-{number}")
    seen = look(page, "#question")
    most = re.search(r"at most (\d+) words", seen["count"])
    return Question(
        number,
        seen["ask"],
        tuple(map(exhibit, seen["exhibits"])),
        tuple(seen["options"]),
        tuple(seen["tokens"]),
        int(most.group(1)) if most else 0,
        seen["probes"],
        seen["most"],
    )


def count_questions(page: Page) -> int:
    page.wait_for_selector("#bar .handin")
    return page.locator("#steps [data-act=go]").count()


def examples(page: Page, place: str) -> tuple[Shaded, ...]:
    """The texts of a card."""
    unfold(page, place)
    strips = page.locator(f"{place} blockquote .strip").evaluate_all(STRIPS)
    return tuple(tuple(Piece(*piece) for piece in strip) for strip in strips)


def forget(page: Page) -> None:
    """Marks the verdict that stands there, if any, so that the next one is waited for."""
    page.locator("#verdict .verdict").evaluate_all("(all) => all.forEach((e) => e.dataset.old = 1)")


def verdict(page: Page) -> Verdict:
    shown = page.locator("#verdict .verdict:not([data-old])")
    expect(shown).to_be_visible(timeout=PATIENCE)
    won = shown.locator("h2").first.inner_text() == "Won!"
    stars = (
        STARS.search(shown.locator(".stars").first.get_attribute("aria-label") or "")
        if won
        else None
    )
    return Verdict(won, int(stars.group(1)) if stars else 0, shown.inner_text())


def hints(page: Page) -> str:
    """Opens every hint and returns what they say."""
    while page.locator("#hints [data-act=hint]").count():
        left = page.locator("#hints li").count()
        page.click("#hints [data-act=hint]")
        expect(page.locator("#hints li")).to_have_count(left + 1, timeout=PATIENCE)
    return page.inner_text("#hints")


def brightest(strips: Sequence[Shaded]) -> list[Piece]:
    """Of each text its most coloured piece."""
    return [max(strip, key=lambda piece: piece.shade) for strip in strips if strip]
