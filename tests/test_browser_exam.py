"""Daily challenge, exam, certificate and replays in a real browser: axe-core, both languages, phone
width, the saved picture, a restart."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from playground.atlas.atlas import Atlas
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.judging import Bench
from playground.levels.shelf import Shelf
from playground.levels.verdicts import kept
from playground.settings import SHIPPED
from playground.store.records import Attempt
from playground.store.store import Store
from tests.axe import grave_in_both
from tests.fake_model import COCOA, FakeAtlas, FakeEngine
from tests.served import Served, needs_model, players
from tests.standstill import PATIENCE
from tests.steered_levels import played

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_model]
STEERED = "steer-chocolate"
PAGES = {
    "daily": "#daily .days",
    "exam": "#exam h1",
    f"replay?level={STEERED}": "#replay .verdict",
    "certificate": "#certificate svg",
}


@pytest.fixture(scope="module")
def page(browser: Browser, house: Served) -> Iterator[Page]:
    """A player who has won the course, one level of it with a verdict to show."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce", locale="en"
    )
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    opened.goto(house.address)
    opened.wait_for_selector("#map .hero")
    expect(opened.locator("#map a[href=exam]")).to_contain_text("locked")
    store, player = store_of(house), players(house.database)[0]
    for level in Shelf.load().levels:
        store.record(player, SHIPPED, Attempt(level.id, True, 3, 100.0, 0, {}, {}))
    store.record(player, SHIPPED, steered_try())
    store.close()
    yield opened
    context.close()


def store_of(house: Served) -> Store:
    return Store.open(f"sqlite:///{house.database}")


def steered_try() -> Attempt:
    """Won on the fake model: what is shown again needs no model."""
    level = Shelf.load().level(STEERED).model_copy(update={"sites": ("early", "late")})
    assert isinstance(level, SteeringLevel)
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})
    verdict = played(level, bench, (COCOA, 0.8))
    return Attempt(STEERED, True, 3, verdict.score, 0, {}, {}, None, kept(level, verdict))


def test_the_challenge_of_the_day_is_drawn_and_opens(page: Page, house: Served) -> None:
    page.goto(house.address)
    page.click("#map a[href=daily]")
    page.wait_for_selector("#daily .days li")
    title = page.inner_text("#daily section h2")
    page.click("#daily a.go")
    page.wait_for_selector("#intro h1")
    assert page.inner_text("#intro h1") == title
    expect(page.locator("#intro a[href=daily]")).to_have_count(1)


def test_an_exam_is_drawn_and_kept(page: Page, house: Served) -> None:
    page.goto(house.address + "exam")
    page.click("#exam [data-act=sit]")
    page.wait_for_selector("#exam .stone >> nth=7")
    first = page.inner_text("#exam .stone >> nth=0")
    page.reload()
    page.wait_for_selector("#exam .stone >> nth=7")
    assert page.inner_text("#exam .stone >> nth=0") == first
    page.click("#exam .stone >> nth=0")
    page.wait_for_selector("#bar .handin")
    expect(page.locator("#intro h1")).to_be_visible()
    expect(page.locator("[data-act=hint]")).to_have_count(0)
    store, player = store_of(house), players(house.database)[0]
    for number, id in enumerate(store.sittings(player, SHIPPED)[1]):
        stars = 3 if number else 0
        store.record(player, SHIPPED, Attempt(id, stars > 0, stars, 33.0 * stars, 0, {}, {}))
    store.close()
    page.goto(house.address + "exam")
    expect(page.locator("#exam .tally")).to_contain_text("21 of 24")
    expect(page.locator("#exam a[href=certificate]")).to_be_visible()


def test_the_certificate_is_saved_as_a_picture(page: Page, house: Served) -> None:
    hosts = set[str]()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    page.goto(house.address + "certificate")
    page.fill("#name input, #name textarea", "Ada <b> Ада")
    expect(page.locator("#certificate svg.certificate")).to_contain_text("Ada <b> Ада")
    expect(page.locator("#certificate svg.certificate")).to_contain_text("21 of 24")
    assert page.locator("#certificate tspan[font-weight='750']").count() > 0
    with page.expect_download() as saved:
        page.click("#certificate [data-save]")
    path = saved.value.path()
    assert saved.value.suggested_filename.endswith(".png")
    picture = Image.open(io.BytesIO(Path(path).read_bytes())).convert("RGB")
    assert picture.size == (2400, 1700)
    assert len(picture.getcolors(2_000_000) or ()) > 50  # drawn, and not one flat field
    assert {host for host in hosts if not host.startswith("127.0.0.1")} == set()
    page.reload()
    expect(page.locator("#name input, #name textarea")).to_have_value("Ada <b> Ада")


@pytest.mark.parametrize("path", PAGES)
def test_no_grave_finding_and_no_sideways_scrolling(page: Page, house: Served, path: str) -> None:
    page.goto(house.address + path)
    page.wait_for_selector(PAGES[path])
    assert grave_in_both(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 900})
