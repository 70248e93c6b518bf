"""axe-core on every screen, in both themes: no serious or critical finding."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from playground.levels.kinds import Level
from playground.levels.shelf import Shelf
from playground.screens.parts.brief import link
from playground.settings import SHIPPED
from tests.axe import grave
from tests.served import Served, needs_model, served, win_everything
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
def game(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    database = tmp_path_factory.mktemp("access") / "progress.db"
    with served(database) as running:
        yield running, database


@pytest.fixture(scope="module", params=["light", "dark"])
def page(
    browser: Browser, game: tuple[Served, Path], request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A player who has won everything, so that every level is open."""
    running, database = game
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme=request.param, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    opened.goto(running.address)
    opened.wait_for_selector("#map .hero")
    win_everything(database)
    yield opened
    context.close()


def one_of_each_screen() -> list[Level]:
    here = [level for level in Shelf.load().levels if level.written_on == SHIPPED]
    return list({level.screen: level for level in here}.values())


@pytest.mark.parametrize("path", PAGES)
def test_no_grave_finding_on_a_page(page: Page, game: tuple[Served, Path], path: str) -> None:
    page.goto(game[0].address + path)
    page.wait_for_selector(PAGES[path])
    assert grave(page) == []


@pytest.mark.parametrize("level", one_of_each_screen(), ids=lambda level: level.screen)
def test_no_grave_finding_in_a_level(page: Page, game: tuple[Served, Path], level: Level) -> None:
    page.goto(game[0].address + link(level.screen, level.id))
    page.wait_for_selector("#intro h1")
    assert grave(page) == []


def test_a_grave_finding_is_seen(page: Page, game: tuple[Served, Path]) -> None:
    page.goto(game[0].address + "about")
    page.wait_for_selector("h1")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<button></button>')")
    assert any("button-name" in line for line in grave(page))
