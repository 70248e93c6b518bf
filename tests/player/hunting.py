"""How a player hunts: lays texts about the topic and about others side by side, and takes what the
page ranks first."""

import re

from playwright.sync_api import Page, expect

from tests.player.notebook import Notebook
from tests.player.screen import Verdict, forget, hints, verdict
from tests.standstill import PATIENCE

PLAIN = (  # what comes to mind to compare with
    "On Monday Tom went to the shop with his sister and bought some bread for the week.",
    "It rained all day, so we stayed at home and read a book.",
    "The teacher asked a question, and nobody in the class knew the answer.",
    "A dog ran across the field and barked at the horses.",
    "She drove to town in her car and met a friend for coffee.",
    "Take two eggs and some flour, and stir until it is smooth.",
)
EACH = 6  # texts of either sort that the page takes
GUESSES = 3  # handed in before the hints are opened
CHARACTERS = 300  # of a text that is copied
GOAL = re.compile(r"Shown one text (?:about|in|that is) (.+?) and one about something else")
ROW = re.compile(r"(\d+) % here .*?, (\d+) % there.*?(\w+) · no\. (\d+)", re.DOTALL)
ANSWER = re.compile(r"feature (\d+) of the (\w+) part")

# So many texts lie there, and what is listed is of this site.
LAID = """([count, site]) => {
  const row = document.querySelector('#reading .pick');
  return document.querySelectorAll('#reading .strip').length === count
    && (!site || !row || row.innerText.includes(site + ' ·'));
}"""

Feature = tuple[str, int]  # site and number, as a list shows them


class Hunt:
    """One hunt level on its page. places: where each feature was listed at its site, and how much
    less it fires in the texts about the topic than in the others, in percent of its strongest."""

    def __init__(self, page: Page, book: Notebook) -> None:
        self._page = page
        self._book = book
        self._places: dict[Feature, tuple[int, int]] = {}

    def play(self) -> tuple[Verdict, int, int]:
        """The last verdict, how many were handed in, how many hints were opened."""
        page = self._page
        goal = GOAL.search(page.inner_text("#intro"))
        assert goal, page.inner_text("#intro")
        laid = self._examples()
        self._lay("#look", self._cut(goal.group(1))[: EACH - 1])
        known = [topic for topic in self._book.topics if topic != goal.group(1)]
        others = [text for topic in known for text in self._cut(topic)[:1]]
        self._lay("#beside", [*PLAIN, *others][: EACH - laid + 1])
        for site in self._sites():
            self._look(site)
        tried = sorted(self._places, key=lambda each: self._places[each])[:GUESSES]
        for count, feature in enumerate(tried, 1):
            result = self._hand_in(feature)
            if result.won:
                return result, count, 0
        told = ANSWER.search(hints(page).split("An answer")[1])
        assert told, "the answer names no feature"
        answer = (told.group(2), int(told.group(1)))
        if answer not in self._places:  # it is not among the first of any site
            self._book.collect(*answer)
            page.reload()
        return self._hand_in(answer), len(tried) + 1, 3

    def _examples(self) -> int:
        """Lays the texts on the buttons to their sides; how many there are."""
        page = self._page
        buttons = page.locator("#examples [data-act=example]")
        expect(buttons.first).to_be_visible(timeout=PATIENCE)
        count = buttons.count()
        for place in range(count):
            buttons.nth(place).click()
            page.wait_for_function(LAID, arg=[place + 1, ""])
        return count

    def _cut(self, topic: str) -> list[str]:
        return [text[:CHARACTERS] for text in self._book.texts(topic)]

    def _sites(self) -> list[str]:
        labels = self._page.locator("label:has(input[type=radio]):visible").all_inner_texts()
        return [label.strip() for label in labels] or [""]

    def _lay(self, button: str, texts: list[str]) -> None:
        page = self._page
        for text in dict.fromkeys(texts):
            count = page.locator("#reading .strip").count()
            page.fill("#text textarea", text)
            page.click(button)
            page.wait_for_function(LAID, arg=[count + 1, ""])

    def _look(self, site: str) -> None:
        """At all texts, at this site."""
        page = self._page
        count = page.locator("#reading .strip").count()
        if site:
            page.get_by_role("radio", name=site, exact=True).check()
        page.wait_for_function(LAID, arg=[count, site])
        for place, row in enumerate(page.locator("#reading .pick").all_inner_texts()):
            found = ROW.search(row)
            assert found, row
            here, there, where, number = found.groups()
            # A site's first before any second; of several the one with the wider gap.
            self._places[where, int(number)] = (place, int(there) - int(here))

    def _hand_in(self, feature: Feature) -> Verdict:
        """Finds the feature where it is listed, collects it and submits it."""
        page, (site, number) = self._page, feature
        where = f'[data-site="{site}"][data-feature="{number}"]'
        if feature in self._places and not page.locator(f"#candidates .add{where}").count():
            self._look(site if self._sites() != [""] else "")
            page.click(f"#reading .add{where}")
        forget(page)
        page.click(f"#candidates [data-act=submit]{where}")
        return verdict(page)


def hand_in(page: Page, site: str, number: int | str, text: str) -> None:
    """Has a text read, looks from token to token until the feature is listed, collects it and
    submits it."""
    choice = page.get_by_role("radio", name=site, exact=True)
    if choice.count():
        choice.check()
    page.fill("#text textarea", text)
    page.click("#look")
    page.wait_for_selector("#reading [role=button]")
    wanted = f'#reading .open[data-site="{site}"][data-feature="{number}"]'
    for token in range(page.locator("#reading [role=button]").count()):
        if page.locator(wanted).count():
            break
        page.click(f"#reading [data-token='{token}']")
        page.wait_for_selector(f"#reading [data-token='{token}'][aria-pressed=true]")
    page.click(wanted)
    page.wait_for_selector("#card article")
    page.click("#card [data-act=collect]")
    page.click("#candidates [data-act=submit]")
