"""A player in a real browser: both levels by what is on screen, then reload and restart."""

import re
from collections.abc import Iterator
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, expect

from tests.player.hunting import hand_in
from tests.served import Served, needs_model
from tests.standstill import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_model]
TEXT = "The kitten purred, and the old cat licked its paw."
AGAIN = 10_000  # milliseconds, until a press is repeated that was not seen to do anything
RUNS = 10  # that may be over before they could be stopped


@pytest.fixture(scope="module")
def address(house: Served) -> str:
    return house.address


@pytest.fixture(scope="module")
def player(browser: Browser) -> Iterator[BrowserContext]:
    """One browser profile for all tests of this file: they are one player's evening."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture(scope="module")
def hosts() -> set[str]:
    return set()


@pytest.fixture
def page(player: BrowserContext, hosts: set[str]) -> Iterator[Page]:
    opened = player.new_page()
    opened.on("request", lambda request: hosts.add(request.url))
    yield opened
    opened.close()


def hints(page: Page) -> str:
    """Opens every hint and returns what they say."""
    while page.locator("#hints [data-act=hint]").count():
        left = page.locator("#hints li").count()
        page.click("#hints [data-act=hint]")
        expect(page.locator("#hints li")).to_have_count(left + 1)
    return page.inner_text("#hints")


def named(text: str) -> tuple[str, int]:
    """Site and number of the feature that the last hint names."""
    last = text.split("An answer")[1]
    number = re.search(r"feature (\d+)", last)
    site = re.search(r"\b(early|middle|late)\b", last)
    assert number and site, text
    return site.group(1), int(number.group(1))


def test_first_page_leads_to_the_first_level(page: Page, address: str) -> None:
    page.goto(address)
    page.click("#map .hero a.go")
    page.wait_for_selector("#intro h1")
    assert "ask?level=" in page.url


def test_hunt_level(page: Page, address: str) -> None:
    page.goto(address)
    page.click("#map a[href='hunt?level=find-cats']")
    page.wait_for_selector("#examples [data-act=example]")
    site, number = named(hints(page))
    hand_in(page, site, number, TEXT)
    verdict = page.locator("#verdict .verdict")
    expect(verdict.locator("h2")).to_have_text("Won!")
    expect(verdict.locator(".texts li").first).to_be_visible()
    expect(verdict.locator(".learned")).to_be_visible()


def test_steer_level(page: Page, address: str) -> None:
    page.goto(address)
    page.click("#map a[href='steer?level=steer-chocolate']")
    page.wait_for_selector("#intro h1")
    here, text = page.url, hints(page)
    site, number = named(text)
    strength = re.search(r"\d+\.\d+", text.split("An answer")[1])
    assert strength
    page.goto(f"{address}feature?site={site}&feature={number}")
    page.click("#steps [data-act=collect]")
    expect(page.locator("#steps [data-act=collect]")).to_have_attribute("aria-pressed", "true")
    page.goto(here)
    page.click(f'#collected [data-site="{site}"][data-feature="{number}"]')
    page.wait_for_selector("#chosen .sheet")
    page.fill("#strength input[type=number]", strength.group())
    page.keyboard.press("Tab")
    page.click("#write")
    page.wait_for_selector("#streams .steered")
    verdict = page.locator("#verdict .verdict")
    expect(verdict.locator("h2")).to_have_text("Won!")
    expect(verdict.locator("figure svg")).to_be_visible()
    expect(page.locator("#streams .control")).to_be_visible()
    assert page.locator("#streams .steered .hit, #verdict .steered .hit").count()


def test_stop_gives_the_button_back(page: Page, address: str) -> None:
    """On the level that writes most replies, so that there is something left to stop. Where the
    machine is starved a run can be over before the page has drawn that it began, or before the
    press has arrived: then it is begun again."""
    page.goto(address)
    page.click("#map a[href='steer?level=steer-chocolate']")
    page.click("#collected .open >> nth=0")
    page.wait_for_selector("#chosen .sheet")
    for _ in range(RUNS):
        page.click("#write")
        with suppress(TimeoutError):
            page.click("#stop", timeout=AGAIN)
            page.wait_for_selector("#status .halted", timeout=AGAIN)
            expect(page.locator("#write")).to_be_enabled()
            return
    pytest.fail(f"{RUNS} runs, and none was stopped")


def test_progress_is_there_after_a_reload(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#map .stone.won")).to_have_count(2)
    page.reload()
    expect(page.locator("#map .stone.won")).to_have_count(2)


def test_nothing_left_this_machine(hosts: set[str], address: str) -> None:
    assert hosts, "no request was seen"
    assert {url for url in hosts if not url.startswith((address, "data:", "blob:"))} == set()
