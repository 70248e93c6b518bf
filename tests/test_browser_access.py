"""axe-core on every screen, in both themes: no serious or critical finding."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from playground.levels.kinds import Level
from playground.levels.shelf import Shelf
from playground.screens.parts.brief import link
from playground.settings import SHIPPED
from tests.axe import COLOURS, grave, grave_in_both
from tests.served import Served, needs_model, win_everything
from tests.standstill import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_model]
PAGES = {
    "": "#map .hero",
    "sandbox?site=middle&feature=1": ".slot",
    "feature?site=middle&feature=1": "#card article",
    "handbook?page=superposition": "#page h1, .reading h1, h1",
    "about": "h1",
    "measure": "h1",
    "ru/": "#map .hero",
}


@pytest.fixture(scope="module")
def page(browser: Browser, house: Served) -> Iterator[Page]:
    """A player who has won everything, so that every level is open."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    opened.goto(house.address)
    opened.wait_for_selector("#map .hero")
    win_everything(house.database, most=1)
    yield opened
    context.close()


def one_of_each_screen() -> list[Level]:
    here = [level for level in Shelf.load().levels if level.written_on == SHIPPED]
    return list({level.screen: level for level in here}.values())


@pytest.mark.parametrize("path", PAGES)
def test_no_grave_finding_on_a_page(page: Page, house: Served, path: str) -> None:
    page.goto(house.address + path)
    page.wait_for_selector(PAGES[path])
    assert grave_in_both(page) == []


@pytest.mark.parametrize("level", one_of_each_screen(), ids=lambda level: level.screen)
def test_no_grave_finding_in_a_level(page: Page, house: Served, level: Level) -> None:
    page.goto(house.address + link(level.screen, level.id))
    page.wait_for_selector("#intro h1")
    assert grave_in_both(page) == []


def test_a_grave_finding_is_seen(page: Page, house: Served) -> None:
    page.goto(house.address + "about")
    page.wait_for_selector("h1")
    pale = '<p style="color: #777; background: #888">pale</p><button></button>'
    page.evaluate(f"document.body.insertAdjacentHTML('beforeend', '{pale}')")
    for rules, names in (((), {"button-name", "color-contrast"}), (COLOURS, {"color-contrast"})):
        assert {line.split()[0] for line in grave(page, rules)} == names
