"""Two languages in a real browser: who chooses, and what the switch keeps. Whether long words fit,
in a language of longer ones: test_browser_pseudo.py."""

import pytest
from playwright.sync_api import Browser, Page

from tests.served import Served, needs_model
from tests.standstill import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_model]


@pytest.fixture(scope="module")
def address(house: Served) -> str:
    return house.address


def visit(browser: Browser, locale: str) -> Page:
    context = browser.new_context(locale=locale, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    return context.new_page()


def language(page: Page) -> str:
    return page.evaluate("document.documentElement.lang")


def test_the_browser_chooses_at_first(browser: Browser, address: str) -> None:
    """Three players at once, each in a language of their own."""
    players = {locale: visit(browser, locale) for locale in ("ru-RU", "en-GB", "de-DE")}
    for page in players.values():
        page.goto(address)
    for locale, page in players.items():
        russian = locale == "ru-RU"
        said = "Теперь найди" if russian else "Now find"
        page.wait_for_selector(f"#map .hero h2:text('{said}')")
        assert page.url == address + ("ru/" if russian else "")
        assert language(page) == ("ru" if russian else "en")
    # An address that names a language is followed.
    german = players["de-DE"]
    german.goto(f"{address}ru/")
    german.wait_for_selector("#map .hero h2:text('Теперь найди')")
    for page in players.values():
        page.context.close()


def test_the_switch_keeps_the_place_and_is_remembered(browser: Browser, address: str) -> None:
    page = visit(browser, "en-GB")
    page.goto(f"{address}handbook?page=token")
    page.wait_for_selector("#page h1:text-is('Token')")
    page.click("a[data-language=ru]")
    page.wait_for_selector("#page h1:text('Токен')")
    assert page.url == f"{address}ru/handbook?page=token"
    page.click("#page article a >> nth=0")  # links stay in the language
    page.wait_for_url(f"{address}ru/handbook?page=feature")
    page.wait_for_selector("#page h1:text('Признак')")
    page.goto(f"{address}hunt?level=find-cats")
    page.wait_for_selector("#intro h1:text-is('Детектор кошек')")
    assert page.url == f"{address}ru/hunt?level=find-cats"
    page.click("a[data-language=en]")
    page.wait_for_selector("#intro h1:text-is('The cat detector')")
    assert (page.url, language(page)) == (f"{address}hunt?level=find-cats", "en")
    page.context.close()


def test_events_answer_in_the_language_of_their_page(browser: Browser, address: str) -> None:
    page = visit(browser, "ru-RU")
    page.goto(f"{address}ru/hunt?level=find-cats")
    page.wait_for_selector("#examples [data-act=example]")
    page.click("#look")
    page.wait_for_selector("text=Читать пока нечего")
    page.click("#hints [data-act=hint]")
    page.wait_for_selector("#hints li:has-text('Намёк')")
    page.fill("#text textarea", "The kitten purred.")
    page.click("#look")
    page.wait_for_selector("#reading .pick:has-text('здесь')")
    page.goto(f"{address}ru/feature")
    page.fill("#search input, #search textarea", "кошка")
    page.wait_for_selector("#results a.open:has-text('кошки')")
    page.context.close()
