"""How a player hunts: reads texts about the topic and about others, keeps what tells them apart."""

import re
from collections import defaultdict

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
TEXTS = 5  # that are read of either sort, beside the level's own examples
GUESSES = 3  # handed in before the hints are opened
CHARACTERS = 300  # of a text that is copied
GOAL = re.compile(r"Shown one text (?:about|in|that is) (.+?) and one about something else")
ROW = re.compile(r"(\d+) % of its strongest.*?(\w+) · no\. (\d+)", re.DOTALL)
ANSWER = re.compile(r"feature (\d+) of the (\w+) part")

# The strip says this very text, and the list is of this site.
READ = """([text, site]) => {
  const strip = document.querySelector('#reading .strip');
  const row = document.querySelector('#reading .pick');
  const letters = (said) => said.replace(/[^\\p{L}]/gu, '');
  return strip && letters(strip.textContent) === letters(text)
    && (!site || !row || row.innerText.includes(site + ' ·'));
}"""

Feature = tuple[str, int]  # site and number, as a list shows them


class Hunt:
    """One hunt level on its page. shares: of each feature on each text, in percent of its own
    strongest; a text is its place in the lists that were read."""

    def __init__(self, page: Page, book: Notebook) -> None:
        self._page = page
        self._book = book
        self._shares: dict[Feature, dict[str, int]] = defaultdict(dict)

    def play(self) -> tuple[Verdict, int, int]:
        """The last verdict, how many were handed in, how many hints were opened."""
        page = self._page
        goal = GOAL.search(page.inner_text("#intro"))
        assert goal, page.inner_text("#intro")
        examples = self._examples()
        about = [examples[0], *self._cut(goal.group(1))]
        others = [*examples[1:], *PLAIN]
        known = [topic for topic in self._book.topics if topic != goal.group(1)]
        others += [text for topic in known[:TEXTS] for text in self._cut(topic)[:1]]
        for site in self._sites():
            for text in (*about, *others):
                self._read(site, text)
        tried = self._best(about, others)[:GUESSES]
        for count, feature in enumerate(tried, 1):
            result = self._hand_in(feature)
            if result.won:
                return result, count, 0
        told = ANSWER.search(hints(page).split("An answer")[1])
        assert told, "the answer names no feature"
        answer = (told.group(2), int(told.group(1)))
        if answer not in self._shares:  # it is not among the first of any text that was read
            self._book.collect(*answer)
            page.reload()
        return self._hand_in(answer), len(tried) + 1, 3

    def _examples(self) -> list[str]:
        """The texts on the buttons, in full as the field shows them."""
        page, found = self._page, list[str]()
        buttons = page.locator("#examples [data-act=example]")
        expect(buttons.first).to_be_visible(timeout=PATIENCE)
        for place in range(buttons.count()):
            begins = buttons.nth(place).inner_text().rstrip("…")[:20]
            begins = map(re.escape, begins.split())
            buttons.nth(place).click()
            field = page.locator("#text textarea")
            expect(field).to_have_value(re.compile(r"^" + r"\s+".join(begins)), timeout=PATIENCE)
            found.append(field.input_value())
        return found

    def _cut(self, topic: str) -> list[str]:
        return [text[:CHARACTERS] for text in self._book.texts(topic)][:TEXTS]

    def _sites(self) -> list[str]:
        labels = self._page.locator("label:has(input[type=radio]):visible").all_inner_texts()
        return [label.strip() for label in labels] or [""]

    def _read(self, site: str, text: str) -> None:
        page = self._page
        if site:
            page.get_by_role("radio", name=site, exact=True).check()
        page.fill("#text textarea", text)
        page.click("#look")
        page.wait_for_function(READ, arg=[text, site])
        for row in page.locator("#reading .pick").all_inner_texts():
            share, where, number = self._row(row)
            self._shares[where, number][text] = share

    def _row(self, row: str) -> tuple[int, str, int]:
        found = ROW.search(row)
        assert found, row
        return int(found.group(1)), found.group(2), int(found.group(3))

    def _best(self, about: list[str], others: list[str]) -> list[Feature]:
        """In the order of how often a feature fires more on a text about the topic than on another
        one, as the level itself will count; of equals the one that fires most."""

        def right(feature: Feature) -> tuple[float, float]:
            shares = self._shares[feature]
            own = [shares.get(text, 0) for text in about]
            rest = [shares.get(text, 0) for text in others]
            pairs = [(a > b) + 0.5 * (a == b) for a in own for b in rest]
            return sum(pairs) / len(pairs), sum(own)

        return sorted(self._shares, key=right, reverse=True)

    def _hand_in(self, feature: Feature) -> Verdict:
        """Finds the feature in a text where it fires, collects it and submits it."""
        page, (site, number) = self._page, feature
        where = f'[data-site="{site}"][data-feature="{number}"]'
        if feature in self._shares and not page.locator(f"#candidates .add{where}").count():
            shares = self._shares[feature]
            self._read(site if self._sites() != [""] else "", max(shares, key=lambda t: shares[t]))
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
