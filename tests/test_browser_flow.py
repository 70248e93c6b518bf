"""Inside a level in a real browser: one question at a time, a place that is kept, a page that stays
where the replies are, and giving up."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect

from tests.axe import grave
from tests.player.screen import count_questions
from tests.player.steering import SPOT
from tests.served import Served, needs_model
from tests.standstill import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_model]
ROUND = "ask?level=spot-first"
DESK, PHONE = (1280, 900), (390, 844)
on_desk = pytest.mark.parametrize("page", [DESK], ids=["desk"], indirect=True)
on_phone = pytest.mark.parametrize("page", [PHONE], ids=["phone"], indirect=True)
STILL = 60  # pixels that the replies may move: what stands above them says more or less
AGAIN = 10_000  # milliseconds, until a press is repeated that was not seen to do anything


@pytest.fixture(scope="module")
def address(house: Served) -> str:
    return house.address


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A player who has just come."""
    width, height = request.param
    context = browser.new_context(
        viewport={"width": width, "height": height}, has_touch=width < 640, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def answer_the_rest(page: Page, count: int) -> None:
    """From the first question on, which is answered, by whatever comes first."""
    for number in range(1, count):
        page.click("#bar [data-on]")
        page.wait_for_selector(f"#ask-{number}")
        page.click("#question .pickable >> nth=0")
    page.click("#bar [data-act=hand_in]")
    page.wait_for_selector("#verdict .verdict")


def answer_until(page: Page, done: str) -> None:
    """An answer that is given while its question is still being drawn may not be counted on the
    line of steps: then another is chosen, and this one again."""
    while True:
        page.click("#question .pickable >> nth=0")
        try:
            page.wait_for_function(done, timeout=AGAIN)
        except TimeoutError:
            page.click("#question .pickable >> nth=1")
            continue
        return


def give_up(page: Page) -> None:
    page.click("#hints summary")
    page.click("#hints [data-act=give_up]")


def change_language(page: Page, language: str) -> None:
    page.click(f"a[data-language={language}]")
    page.wait_for_function("(language) => document.documentElement.lang === language", arg=language)


@on_desk
def test_one_question_at_a_time_and_a_place_that_is_kept(page: Page, address: str) -> None:
    page.goto(address + ROUND)
    page.wait_for_selector("#ask-0")
    assert page.locator("#question h2").count() == 1
    count = count_questions(page)
    # By keyboard alone: choose with the arrow keys, go on with Enter.
    page.focus("#question input[type=radio] >> nth=0")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#steps .done")
    page.keyboard.press("Enter")
    page.wait_for_selector("#ask-1")
    page.wait_for_function("document.activeElement.id === 'ask-1'")
    assert "at=2" in page.url
    assert grave(page) == []
    for leave in (page.reload, lambda: change_language(page, "ru")):
        leave()
        page.wait_for_selector("#ask-1")
        assert page.locator("#steps .done").count() == 1
    change_language(page, "en")
    page.wait_for_selector("#ask-1")
    page.click("a.brand")
    page.wait_for_selector("#map .hero")
    page.go_back()
    page.wait_for_selector("#ask-1")
    # What was answered can be read and mended.
    page.click("#steps summary")
    expect(page.locator("#steps .given li")).to_have_count(1)
    page.click("#steps [data-number='1']")
    page.wait_for_selector("#ask-0")
    assert page.locator("#question input:checked").count() == 1
    answer_the_rest(page, count)
    expect(page.locator("#intro a[href^=replay]")).to_be_visible()
    assert "at=" not in page.url
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_round_outlives_a_killed_server(browser: Browser, house: Served) -> None:
    """The same question stands, with the answers given, and the round can be handed in."""
    page = browser.new_page(reduced_motion="reduce")
    page.set_default_timeout(PATIENCE)
    page.goto(house.address + ROUND)
    page.wait_for_selector("#ask-0")
    count = count_questions(page)
    page.click("#question .pickable >> nth=1")
    page.click("#bar [data-on]")
    page.wait_for_selector("#ask-1")
    answer_until(page, "document.querySelectorAll('#steps .done').length == 2")
    asked = page.locator("#question").inner_text()
    house.crash()
    page.reload()
    page.wait_for_selector("#ask-1")
    assert page.locator("#question").inner_text() == asked
    assert page.locator("#steps .done").count() == 2
    page.click("#steps summary")
    page.click("#steps [data-number='1']")
    page.wait_for_selector("#ask-0")
    assert page.locator("#question .pickable >> nth=1").locator("input").is_checked()
    answer_the_rest(page, count)
    page.close()


@on_phone
def test_who_gives_up_a_round_sees_every_answer_that_was_asked_for(
    page: Page, address: str
) -> None:
    page.goto(address + ROUND)
    page.wait_for_selector("#ask-0")
    give_up(page)
    expect(page.locator("#verdict h2").first).to_have_text("Now you know")
    expect(page.locator("#verdict .mark")).to_have_count(1)
    expect(page.locator("#intro .stars")).to_have_count(0)
    assert grave(page) == []
    page.click("#verdict a[href='ask?level=spot-first']")
    page.wait_for_selector("#ask-0")


@on_phone
def test_steering_is_given_up_then_done_and_the_page_stays_with_the_replies(
    page: Page, address: str
) -> None:
    page.goto(address)
    page.wait_for_selector("#map .hero")
    page.goto(f"{address}hunt?level=find-cats")
    page.wait_for_selector("#examples [data-act=example]")
    give_up(page)
    page.click("#solution [data-act=collect]")
    page.click("#candidates [data-act=submit]")
    page.wait_for_selector("#verdict .verdict")
    page.goto(f"{address}steer?level=steer-pirate")
    page.wait_for_selector("#intro h1")
    give_up(page)
    page.wait_for_selector("#solution h2")
    assert SPOT.search(page.inner_text("#hints"))
    page.click("#solution [data-act=take]")
    page.wait_for_selector("#chosen .sheet")
    page.wait_for_function("/dials=[^&]*[/]0[.]\\d/.test(location.search)")
    page.reload()
    page.wait_for_selector("#chosen .sheet")
    page.click("#write")
    page.wait_for_selector("#streams .steered")
    top = "document.querySelector('#streams').getBoundingClientRect().top"
    page.wait_for_selector("#status :is(.bar, .result)")  # a starved page may draw the end alone
    before = page.evaluate(top)
    page.wait_for_selector("#verdict .verdict")
    assert abs(page.evaluate(top) - before) <= STILL
    expect(page.locator("#status .result")).to_be_visible()
    chips = page.locator("#verdict .chips").first.locator("summary")
    chips.first.click()
    expect(page.locator("#verdict .reply").first).to_be_visible()
    expect(page.locator("#verdict .decided")).to_have_count(1)
    assert grave(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
