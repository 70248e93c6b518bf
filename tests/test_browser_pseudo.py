"""A third language is added by files alone, no screen says anything that is not in the catalogue,
words that are over 40 % longer fit on a phone (tests/pseudo.py), and nothing breaks the policy."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from playground.screens.site import HOUSE, PAGES
from playground.text.catalogue import groups
from tests import pseudo
from tests.served import Served, needs_model, served
from tests.standstill import PATIENCE
from tests.test_browser_security import QUERIES, WATCH, Tab

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_model]
PHONE = 390  # pixels
# What is English in every language: texts of the model and for it, the handbook's sources, files
# and their licences, names, and what a term is called in papers.
ENGLISH = (
    "[lang=en], .strip, .tok, code, textarea, .reading, .facts, [data-act=example], "
    "[data-act=begin], script, style"
)
NAMES = re.compile(
    r"“[^”]*”|\([a-z ]+\)|"
    r"\b(Pocket|pocket|SmolLM2(?: 135M instruct)?|SAEs?|AUROC|Neuronpedia|Hugging Face|GitHub)\b|"
    r"\bEnglish\b"
)
WORD = re.compile(r"(?<![^\W\d_])[A-Za-z]{3,}(?![^\W\d_])")
SAID = """(english) => {
  const said = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const within = walk.currentNode.parentElement;
    if (within.checkVisibility() && !within.closest(english)) said.push(walk.currentNode.data);
  }
  return said;
}"""


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("pseudo")
    with served(folder / "p.db", pseudo.added(folder), PLAYGROUND_TEACHER="nobody knows it") as it:
        yield it


def test_words_grow_and_no_letter_stays() -> None:
    assert pseudo.pseudo("A feature fires here") == "ÀÀ ƒééààţţûûŕéé ƒîîŕééš ĥééŕéé"
    english = "".join(text for _, each in groups("en") for text in each.texts.values())
    said = re.sub(r"{[^}]*}", "", english)
    assert len(pseudo.pseudo(said)) > 1.4 * len(said)


def test_no_screen_says_what_is_not_in_the_catalogue(spoken: Served, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": PHONE, "height": 844}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    context.add_init_script(WATCH)
    tab, errors = Tab(context.new_page()), list[str]()
    tab.page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
    tab.page.on("pageerror", lambda error: errors.append(str(error)))
    escaped, wide, violated = dict[str, list[str]](), dict[str, int](), list[str]()
    for path, _ in (*PAGES, *HOUSE):
        tab.open(f"{spoken.address}{pseudo.CODE}/{path}{QUERIES.get(path, '')}")
        said = tab.page.evaluate(SAID, ENGLISH)
        assert any("àà" in each for each in said), path
        if found := [each.strip() for each in said if WORD.search(NAMES.sub("", each))]:
            escaped[path] = found
        width = tab.page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE:
            wide[path] = width
        violated += tab.page.evaluate("window.violations")
    context.close()
    assert (escaped, wide, violated, errors) == ({}, {}, [], [])
