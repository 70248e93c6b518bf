"""A lesson in a real browser: an instructor opens a class, two learners join by its link, one wins,
the matrix tells, the board shows no name; a level of the instructor's own is written, checked,
tried, published and played; axe-core, both languages, phone width, light and dark."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from sqlalchemy import create_engine, text

from playground.settings import SHIPPED
from playground.store.records import Attempt, PlayerId
from playground.store.store import Store
from tests.axe import grave_in_both
from tests.served import Served, needs_model, served
from tests.standstill import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_model]
SECRET = "correct horse"
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
AGAIN = 3000  # milliseconds, until a press is repeated that went nowhere
VIEWS = ("matrix", "plan", "levels", "people", "board", "tools")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    file = tmp_path_factory.mktemp("class") / "p.db"
    with served(file, PLAYGROUND_TEACHER=SECRET) as game:
        yield game, file


def context(browser: Browser, view: ViewportSize = DESK) -> BrowserContext:
    made = browser.new_context(viewport=view, reduced_motion="reduce", locale="en")
    made.set_default_timeout(PATIENCE)
    return made


@pytest.fixture(scope="module")
def desk(browser: Browser, host: tuple[Served, Path]) -> Iterator[Page]:
    """An instructor in a class with a plan."""
    mine = context(browser)
    page = mine.new_page()
    page.goto(host[0].address + "teach")
    page.fill("#teach [name=secret]", "wrong secret")
    page.click("[data-act=enter]")
    expect(page.locator(".toast-body")).to_contain_text("not the secret")
    page.fill("#teach [name=secret]", SECRET)
    page.press("#teach [name=secret]", "Enter")
    page.fill("#teach [name=title]", "Monday <b>")
    page.click("[data-act=create]")
    page.click("#status a.go")  # to the board
    expect(page.locator("#class .letters")).to_be_visible()
    page.goto(view(host, "plan"))
    second = page.locator(".chapter-list").nth(1)  # which stays unfolded while one adds
    second.locator("summary").click()
    second.locator("[data-act=add]").first.click()
    second.locator("[data-act=drop]").click()
    expect(page.locator(".planned li")).to_have_count(0)
    page.click("[data-act=add][data-level=find-cats]")
    expect(page.locator(".planned li")).to_have_count(1)
    page.click("[data-act=add][data-level=spot-first]")
    expect(page.locator(".planned li")).to_have_count(2)
    page.click("[data-act=up][data-level=spot-first]")
    expect(page.locator(".planned li").nth(0)).to_contain_text("1")
    yield page
    mine.close()


def view(host: tuple[Served, Path], name: str) -> str:
    """Of the first class of a new database."""
    return f"{host[0].address}class?id=1&view={name}"


def code(host: tuple[Served, Path], page: Page) -> str:
    page.goto(view(host, "board"))
    return page.inner_text("#class .invite .letters")


def newest(host: tuple[Served, Path]) -> PlayerId:
    with create_engine(f"sqlite:///{host[1]}").connect() as connection:
        query = text("select player from members order by joined desc limit 1")
        return connection.execute(query).scalars().one()


def follow(page: Page, link: str, ready: str) -> None:
    """A press on a link while the page below it is drawn anew can go nowhere: a person presses
    again."""
    page.click(link)
    while not page.locator(ready).count():
        page.wait_for_timeout(AGAIN)
        if page.locator(link).count():
            page.locator(link).dispatch_event("click")


def test_a_lesson(browser: Browser, host: tuple[Served, Path], desk: Page) -> None:
    link = f"{host[0].address}join?class={code(host, desk)}"
    expect(desk.locator("#class .address")).to_have_text(link.removeprefix("http://"))
    for name, size in (("Ada", DESK), ("Борис", PHONE)):
        learner = context(browser, size)
        page = learner.new_page()
        page.goto(link)
        assert page.input_value("#join [name=name]")  # a nickname is offered
        page.fill("#join [name=name]", name)
        page.press("#join [name=name]", "Enter")
        expect(page.locator("#join")).to_contain_text(f"“Monday <b>” as {name}")
        follow(page, "#status a.go", "#map .belongs")
        expect(page.locator("#map .belongs")).to_contain_text(f"“Monday <b>” as {name}")
        expect(page.locator("#map .course .trail").first.locator("li")).to_have_count(2)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        page.click("#map a[href='hunt?level=find-cats']")
        expect(page.locator("#examples [data-act=example]").first).to_be_visible()
        learner.close()
    store = Store.open(f"sqlite:///{host[1]}")
    won = Attempt("find-cats", True, 2, 91.0, 0, {"site": "middle", "feature": 1}, {})
    store.record(newest(host), SHIPPED, won)
    store.close()
    desk.goto(view(host, "matrix"))
    expect(desk.locator(".matrix tbody tr")).to_have_count(2)
    expect(desk.locator(".matrix tbody tr", has_text="Борис").locator(".won")).to_have_count(1)
    with desk.expect_download() as saved:
        desk.click("[data-sort=json]")
    told = json.loads(Path(saved.value.path()).read_text("utf-8"))
    assert {each["name"] for each in told["learners"]} == {"Ada", "Борис"}
    desk.goto(view(host, "board"))
    expect(desk.locator("#class .race li")).to_have_count(2)
    assert "Борис" not in desk.inner_text("body")


def test_a_learner_takes_a_code_to_another_browser(
    browser: Browser, host: tuple[Served, Path], desk: Page
) -> None:
    first, second = context(browser), context(browser)
    page = first.new_page()
    page.goto(f"{host[0].address}join?class={code(host, desk)}")
    page.fill("#join [name=name]", "Traveller")
    page.click("[data-act=join]")
    page.click("#status a[href=me]")
    page.click("[data-act=code]")
    expect(page.locator("#me .letters")).to_be_visible()
    mine = page.input_value("#me [data-link]")
    other = second.new_page()
    other.goto(mine)
    expect(other.locator("#join [name=resume]")).not_to_have_value("")
    other.click("[data-act=resume]")
    expect(other.locator("#join")).to_contain_text("Traveller")
    page.click(".giving-up summary")
    page.click("[data-act=delete]")
    expect(page.locator("#me")).to_contain_text("Nothing is kept")
    other.goto(host[0].address + "me")
    expect(other.locator("#me h1")).to_be_visible()
    expect(other.locator("#me")).not_to_contain_text("Traveller")
    first.close()
    second.close()


def test_an_instructor_writes_a_level_which_a_learner_plays(
    browser: Browser, host: tuple[Served, Path], desk: Page
) -> None:
    desk.goto(view(host, "levels"))
    desk.select_option("#begin [name=source]", "find-cats")
    desk.click("[data-act=level_begin]")
    expect(desk.locator("#level [name=title]")).to_have_value("The cat detector")
    desk.fill("#level [name=title]", "Cats of our own")
    desk.click("[data-key=publishtop]")  # which keeps it, and asks for a check
    expect(desk.locator(".toast-body")).to_contain_text("check")
    desk.click("[data-key=checktop]")
    expect(desk.locator("#status")).to_contain_text("It has passed its check.")
    expect(desk.locator("[id^=state-]")).to_contain_text("Next: try it yourself")
    expect(desk.locator("#level [name=title]")).to_have_value("Cats of our own")
    desk.click("[data-key=trytop]")
    with desk.expect_popup() as opened:
        desk.click("#status a.go")
    expect(opened.value.locator("#intro h1")).to_contain_text("Cats of our own")
    opened.value.close()
    desk.click("[data-key=publishtop]")
    expect(desk.locator("#status")).to_contain_text("The class now plays “Cats of our own”.")
    learner = context(browser, PHONE)
    page = learner.new_page()
    page.goto(f"{host[0].address}join?class={code(host, desk)}")
    page.fill("#join [name=name]", "Reader")
    page.press("#join [name=name]", "Enter")
    expect(page.locator("#join")).to_contain_text("as Reader")
    page.goto(host[0].address)
    follow(page, "#map a[href^='hunt?level=own-']", "#examples [data-act=example]")
    expect(page.locator("#intro h1")).to_contain_text("Cats of our own")
    page.locator("#examples [data-act=example]").first.click()
    page.locator("#reading .add").first.click()
    page.click("#candidates [data-act=submit]")
    expect(page.locator("#verdict .verdict h2")).to_be_visible()
    learner.close()
    desk.goto(view(host, "matrix"))
    expect(desk.locator(".matrix thead")).to_contain_text("Cats of our own")
    line = desk.locator(".matrix tbody tr", has_text="Reader")
    expect(line.locator("td:is(.won, .lost)")).to_have_count(1)


def test_no_grave_finding_and_no_sideways_scrolling(
    browser: Browser, host: tuple[Served, Path], desk: Page
) -> None:
    pages = {f"class?id=1&view={each}": "#class" for each in VIEWS}
    pages |= {"teach": "#teach", "join": "#join", "me": "#me", "verify": "#verify"}
    for path, board in pages.items():
        desk.goto(host[0].address + path)
        expect(desk.locator(f"{board} :is(h1, h2)").first).to_be_visible()
        assert grave_in_both(desk) == [], path
        desk.set_viewport_size(PHONE)
        assert desk.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        desk.set_viewport_size(DESK)
