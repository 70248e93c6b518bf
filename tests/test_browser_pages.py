"""The other pages in a real browser: sandbox, feature page, phone width, keyboard, errors."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.served import Served, needs_model
from tests.standstill import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_model]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def address(house: Served) -> str:
    return house.address


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, has_touch=True, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def widest(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth")


def hunt_level(page: Page, address: str) -> None:
    page.goto(f"{address}hunt?level=find-cats")
    page.wait_for_selector("#examples [data-act=example]")


def test_phone_never_scrolls_sideways(phone: Page, address: str) -> None:
    for path, ready in (
        ("", "#map .hero"),
        ("sandbox?site=middle&feature=1", ".slot"),
        ("feature?site=middle&feature=1", "#card article"),
        ("about", "h1"),
    ):
        phone.goto(address + path)
        phone.wait_for_selector(ready)
        assert widest(phone) <= PHONE["width"], path
    hunt_level(phone, address)
    phone.click("#examples [data-act=example] >> nth=0")
    phone.wait_for_selector("#reading [role=button]")
    phone.click("#reading .open >> nth=0")
    phone.wait_for_selector("#card article")
    assert widest(phone) <= PHONE["width"]


def test_tokens_by_keyboard(page: Page, address: str) -> None:
    hunt_level(page, address)
    page.fill("#text textarea", "The kitten slept.")
    page.focus("#look button, button#look")
    page.keyboard.press("Enter")
    page.wait_for_selector("#reading [role=button]")
    page.focus("#reading [data-token='0']")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_selector("#reading [data-token='1'][aria-pressed=true]")
    page.wait_for_function("document.activeElement.dataset.token === '1'")


def test_sandbox_link_restores_everything(page: Page, address: str) -> None:
    page.goto(f"{address}sandbox?site=late&feature=3")
    page.wait_for_selector(".slot #strength-0")
    page.fill("#prompt textarea", "Under the old bridge")
    page.fill("#strength-0 input[type=number]", "0.45")
    page.keyboard.press("Tab")
    page.click("#write")
    page.wait_for_selector("#streams .steered [role=button]")
    page.wait_for_function("location.search.startsWith('?s=')")
    other = page.context.new_page()
    other.goto(page.url)
    other.wait_for_selector(".slot #strength-0")
    expect(other.locator("#prompt textarea")).to_have_value("Under the old bridge")
    expect(other.locator("#strength-0 input[type=number]")).to_have_value("0.45")
    expect(other.locator(".slot a[href*='site=late&feature=3']")).to_have_count(1)
    other.click("#write")
    other.wait_for_selector("#streams .steered [role=button]")
    assert other.inner_text("#streams") == page.inner_text("#streams")


def test_sandbox_token_shows_alternatives(page: Page, address: str) -> None:
    page.goto(f"{address}sandbox")
    page.wait_for_function("document.querySelector('#prompt textarea')?.value.length > 0")
    page.click("#write")
    page.click("#streams [role=button] >> nth=1")
    page.wait_for_selector("#status .words li")


def test_feature_page_tests_a_text(page: Page, address: str) -> None:
    page.goto(f"{address}feature?site=middle&feature=5")
    page.wait_for_selector("#card article")
    page.fill("#text textarea", "One day the cat went to the sea.")
    page.click("#look")
    page.wait_for_selector("#tested .strip")
    page.fill("#search input, #search textarea", "cat")
    page.wait_for_selector("#results a.open")


# Counts the frames that anything on the page asks for.
COUNTED = """
  const next = requestAnimationFrame.bind(window);
  window.frames_asked = 0;
  window.requestAnimationFrame = (frame) => { window.frames_asked += 1; return next(frame); };
"""
# Whether there were none since it was last asked.
RESTS = """() => {
  const before = window.frames_before;
  window.frames_before = window.frames_asked;
  return before === window.frames_asked;
}"""


def test_a_page_that_nobody_touches_draws_nothing(page: Page, address: str) -> None:
    page.add_init_script(COUNTED)
    for path, ready in (("", "#map .hero"), ("handbook", "#page article"), ("feature", "#card")):
        page.goto(address + path)
        page.wait_for_selector(ready)
        page.wait_for_function(RESTS, polling=1000)


def test_enter_opens_what_the_handbook_found_first(page: Page, address: str) -> None:
    page.goto(f"{address}handbook")
    page.wait_for_selector("#page article")
    page.fill("#search input, #search textarea", "superposition")
    page.press("#search input, #search textarea", "Enter")
    page.wait_for_url("**/handbook?page=superposition")
    page.wait_for_selector("#page h1:text-is('Superposition')")


def test_a_phone_shows_the_chapter_in_which_one_goes_on(phone: Page, address: str) -> None:
    phone.goto(address)
    phone.wait_for_selector("#map details.chapter")
    chapters = phone.locator("#map details.chapter")
    assert chapters.count() > 1 and phone.locator("#map details.chapter[open]").count() == 1
    far = phone.locator("#map li[id^=level-]").last
    assert not far.is_visible()
    name = far.get_attribute("id")
    phone.goto(f"{address}handbook")
    phone.goto(f"{address}#{name}")  # the way back from a level
    expect(far).to_be_in_viewport()


@pytest.mark.parametrize(
    ("path", "board"),
    [
        ("hunt?level=nowhere", "#intro"),
        ("steer", "#intro"),
        ("feature?site=attic&feature=1", "#card"),
        ("feature?site=late&feature=x", "#card"),
    ],
)
def test_wrong_address_is_met_with_a_sentence(
    page: Page, address: str, path: str, board: str
) -> None:
    page.goto(address + path)
    page.wait_for_selector(f"{board} .warn")
    said = page.inner_text(f"{board} .warn")
    assert "Traceback" not in said
    assert "Error" not in said


def test_empty_text_is_met_with_a_warning(page: Page, address: str) -> None:
    hunt_level(page, address)
    page.click("#look")
    page.wait_for_selector("text=write a few words")


def test_markup_in_a_text_stays_text(page: Page, address: str) -> None:
    hunt_level(page, address)
    page.fill(
        "#text textarea",
        "<img src=x onerror=\"document.title='broken'\"> ${1+1} {{value}} <b>cat</b>",
    )
    page.click("#look")
    page.wait_for_selector("#reading [role=button]")
    assert page.locator("#reading img, #reading b").count() == 0
    assert page.title() != "broken"
    assert "${" in page.inner_text("#reading .strip")


def test_chosen_theme_is_kept(page: Page, address: str) -> None:
    page.goto(address)
    page.click(".lamp")
    page.wait_for_function("document.body.classList.contains('dark')")
    page.reload()
    page.wait_for_selector("#map .hero")
    page.wait_for_function("document.body.classList.contains('dark')")
