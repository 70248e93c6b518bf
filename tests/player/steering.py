"""How a player steers: searches for the topic, turns the strength by halves, reads the scores."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.player.screen import Verdict, forget, hints, verdict
from tests.standstill import PATIENCE

SLIDER = "[id^=strength] input[type=number]:visible"
TOO_MUCH = 33.0  # damage from which on a player turns down
HALVINGS = 4  # attempts with one choice of features
CHOICES = 2  # of features, before the hints are opened
BOTH = re.compile(r"(?:the )?(\w+(?: talk)?) and (?:the )?(\w+) in the same replies", re.IGNORECASE)
SPOT = re.compile(r"feature (\d+) of the (\w+) part(?:(?:(?!feature)\D)*?(-?\d+(?:\.\d+)?))?")


@dataclass(frozen=True)
class Found:
    """A line of the search: the label, and the place as it is written there."""

    name: str
    place: str


def play(page: Page) -> tuple[Verdict, int, int]:
    """The last verdict, how many attempts were written, how many hints were opened."""
    lists = [search(page, topic) for topic in topics(page)]
    dials = count_dials(page)
    attempts = 0
    for choice in range(CHOICES):
        picks = [found[min(choice, len(found) - 1)] for found in lists if found]
        if len(lists) == 1:
            picks = lists[0][choice * dials : (choice + 1) * dials]
        for result in by_halves(page, picks, topics(page)):
            attempts += 1
            if result.won:
                return result, attempts, 0
    return by_the_answer(page), attempts + 1, 3


def by_the_answer(page: Page) -> Verdict:
    """What the last hint says."""
    told = SPOT.findall(hints(page).split("An answer")[1])
    assert told, "the answer names no feature"
    picks = [Found("", f"{site} · no. {number}") for number, site, _ in told]
    take(page, picks, [number for number, _, _ in told])
    return write(page, [float(strength) for _, _, strength in told if strength])


def topics(page: Page) -> list[str]:
    """What the level is about: the example in the search field, or the two ideas of its goal."""
    both = BOTH.search(page.inner_text("#intro"))
    if both:
        return [both.group(1), both.group(2)]
    field = page.locator("#search textarea, #search input")
    return [(field.get_attribute("placeholder") or "").partition(": ")[2]]


def count_dials(page: Page) -> int:
    told = re.search(r"up to (\d+) features", page.inner_text("#no-dials"))
    return int(told.group(1)) if told else 1


def search(page: Page, words: str) -> list[Found]:
    page.fill("#search textarea, #search input", "")
    page.locator("#results .list, #results .empty").first.wait_for(state="detached")
    page.fill("#search textarea, #search input", words)
    page.locator("#results .pick, #results .empty").first.wait_for()
    rows = page.locator("#results .pick")
    return [
        Found(row.locator(".name").inner_text(), row.locator(".sub > span").first.inner_text())
        for row in rows.all()
    ]


def take(page: Page, picks: Sequence[Found], words: Sequence[str]) -> None:
    """Chooses these features, and no other. words: what finds each of them."""
    remove = page.locator("[data-act=remove]:visible")
    while left := remove.count():
        remove.first.click()
        expect(remove).to_have_count(left - 1, timeout=PATIENCE)
    for pick, word in zip(picks, words, strict=True):
        search(page, word)
        row = page.locator("#results .pick").filter(has=page.get_by_text(pick.place, exact=True))
        row.locator(".open").first.click()
        chosen = page.locator("#chosen, .slot").filter(has_text=re.compile(re.escape(pick.place)))
        expect(chosen.or_(row.locator("[aria-pressed=true]")).first).to_be_visible(timeout=PATIENCE)


def sliders(page: Page) -> list[Locator]:
    return page.locator(SLIDER).all()


def by_halves(page: Page, picks: Sequence[Found], words: Sequence[str]) -> Iterator[Verdict]:
    """Attempts with these features, all dials alike: down where the text breaks, else up."""
    take(page, picks, [words[min(n, len(words) - 1)] for n in range(len(picks))])
    dials = sliders(page)
    if not dials:
        yield write(page, [])
        return
    low, high = (float(dials[0].get_attribute(name) or 0) for name in ("min", "max"))
    least, most = 0.0, high if high > 0 else low
    for _ in range(HALVINGS):
        strength = (least + most) / 2
        result = write(page, [strength] * len(picks))
        yield result
        if score(page, "Damage") > TOO_MUCH:
            most = strength
        else:
            least = strength


def score(page: Page, title: str) -> float:
    card = page.locator("#verdict .score").filter(has=page.get_by_role("heading", name=title))
    return float(card.first.locator(".big").inner_text().split()[0])


def write(page: Page, strengths: Sequence[float]) -> Verdict:
    if strengths:  # what was chosen a moment ago may not have its slider yet
        page.locator(SLIDER).first.wait_for()
    for dial, strength in zip(sliders(page), strengths, strict=False):
        dial.fill(f"{strength:.2f}")
        dial.press("Tab")
    forget(page)
    page.click("#write")
    return verdict(page)
