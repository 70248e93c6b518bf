"""The first minute in a browser: the slider by keyboard and by a finger, what is recorded and what
is written, a link to it; and the page of features as a place to wander."""

import re
from collections.abc import Iterator

import pytest

from playground.game import first_minute
from playground.settings import ASSETS
from tests.axe import grave
from tests.served import Served, needs_model
from tests.standstill import PATIENCE

pytest.importorskip("playwright")
from playwright.sync_api import Browser, Page, Request, ViewportSize, expect

pytestmark = [pytest.mark.browser, needs_model]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 900}
FILE = first_minute.load(ASSETS / "pocket" / "firstminute.json")
FIRST, SECOND = FILE.dials[:2]
SLIDER, SEEN = "#first-slider", "#first .said span:not([hidden]):not(.prompt):not(.caret)"


@pytest.fixture(scope="module")
def host(house: Served) -> Served:
    return house


on_desk = pytest.mark.parametrize("page", [DESK], ids=["desk"], indirect=True)
on_phone = pytest.mark.parametrize("page", [PHONE], ids=["phone"], indirect=True)


@pytest.fixture
def page(browser: Browser, host: Served, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(viewport=request.param, locale="en-US")
    context.set_default_timeout(PATIENCE)
    opened, errors = context.new_page(), list[str]()
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


def opened(page: Page, host: Served, path: str = "") -> None:
    page.goto(f"{host.address}{path}")
    page.wait_for_selector("#map .hero")


@on_phone
def test_what_is_recorded_asks_the_server_for_nothing(page: Page, host: Served) -> None:
    asked = list[str]()

    def noted(request: Request) -> None:
        if request.method == "POST":
            asked.append(request.url)

    opened(page, host)
    page.on("request", noted)
    said = page.locator(SEEN)
    expect(said).to_have_text(next(each.text for each in FIRST.recorded if each.at == 0))
    page.focus(SLIDER)
    page.keyboard.press("End")
    expect(said).to_have_text(FIRST.recorded[-1].text)
    expect(page.locator("#first .when-recorded")).to_be_visible()
    page.click(f"#first [data-choose={SECOND.concept}]")
    expect(said).to_have_text(SECOND.recorded[-1].text)
    expect(page.locator(SLIDER)).to_have_attribute("aria-valuetext", "100 %")
    page.focus(SLIDER)
    page.keyboard.press("Home")
    expect(said).to_have_text(SECOND.recorded[0].text)
    expect(page.locator("#first label .less:visible")).to_have_count(1)
    assert asked == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert grave(page) == []


@on_desk
def test_off_the_marks_the_model_writes_and_a_link_brings_it_back(page: Page, host: Served) -> None:
    opened(page, host)
    page.focus(SLIDER)
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#first .first")).to_have_attribute("data-state", "done")
    expect(page.locator("#first .when-done")).to_be_visible()
    text = page.inner_text(SEEN)
    assert len(text.split()) > 10
    page.wait_for_url(re.compile(rf"\?dial={FIRST.concept}&at=0\.95&seed={FILE.seed}$"))
    page.click("#first [data-anew]")
    expect(page.locator("#first .first")).to_have_attribute("data-state", "done")
    anew, link = page.inner_text(SEEN), page.url
    assert anew != text
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator("#first .from-link")).to_be_visible()
    expect(page.locator("#first .first")).to_have_attribute("data-state", "done")
    assert page.inner_text(SEEN) == anew
    expect(page.locator(SLIDER)).to_have_value("0.95")
    picture = page.get_attribute("meta[property='og:image']", "content")
    assert picture is not None and "at=0.95" in picture
    answer = page.request.get(picture)
    assert answer.status == 200 and answer.body().startswith(b"\x89PNG")


@on_desk
def test_whoever_moves_on_is_not_shown_what_came_late(page: Page, host: Served) -> None:
    opened(page, host)
    page.focus(SLIDER)
    page.keyboard.press("End")
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
        page.wait_for_selector("#first .first:not([data-state=recorded])")
    page.keyboard.press("End")
    expect(page.locator("#first .first")).to_have_attribute("data-state", "recorded")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#first .first")).to_have_attribute("data-state", "done")
    expect(page.locator(SEEN)).to_have_count(1)


def walk_on_the_map(page: Page) -> None:
    """By the keyboard and by a tap; what is in view is told by a list, too."""
    page.click("#plane [data-act=site]")
    page.wait_for_selector("#plane .seen a")
    ground, count = page.locator("#plane .ground"), page.locator("#plane h3 .num")
    whole = count.inner_text()
    ground.press("+")
    expect(count).not_to_have_text(whole)
    closer, seen = count.inner_text(), page.locator("#plane .seen").inner_text()
    ground.press("ArrowRight")
    expect(page.locator("#plane .seen")).not_to_have_text(seen)
    ground.press("0")
    expect(count).to_have_text(whole)
    assert closer != whole
    page.locator("#plane .seen a").first.focus()
    expect(page.locator("#plane .here.on")).to_be_visible()
    ground.click()
    link = page.locator("#plane .chosen a")
    assert re.search(r"feature\?site=middle&feature=\d+$", link.get_attribute("href") or "")
    assert grave(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@on_phone
def test_features_are_a_place_to_wander(page: Page, host: Served) -> None:
    page.goto(f"{host.address}feature")
    page.wait_for_selector("#card a.topic")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.fill("#own textarea", "The kitten slept on the pirate's hat.")
    page.click("#own-look")
    page.wait_for_selector("#fires .tok")
    page.click("#fires [data-token='1']")
    page.wait_for_selector("#fires [data-token='1'][aria-pressed=true]")
    page.click("#fires .open >> nth=0")
    page.wait_for_selector("#fires .open[aria-pressed=true]")
    walk_on_the_map(page)
    page.click("#card a.topic >> nth=0")
    page.wait_for_selector("#card article")
    page.click("#steps [data-act=collect]")
    page.wait_for_selector("#steps [data-act=collect][aria-pressed=true]")
    page.click("#steps a[href='feature?surprise=1']")
    page.wait_for_selector("#card article")
    page.wait_for_url(re.compile(r"\?site=\w+&feature=\d+$"))
    page.goto(f"{host.address}feature?site=late&feature=3")
    page.click("#steps a.topic")
    page.wait_for_selector("#second article")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert grave(page) == []
    page.goto(f"{host.address}feature")
    expect(page.locator("#card .pick a.open")).to_have_count(1)
