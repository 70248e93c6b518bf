"""Two whole levels without a pointer: one that is hunted, one that is steered."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.player.hunting import ANSWER
from tests.player.screen import verdict
from tests.player.steering import SPOT
from tests.served import Served, needs_model
from tests.standstill import PATIENCE

pytestmark = [pytest.mark.browser, pytest.mark.slow, needs_model]
STEP = 0.05  # of a slider, in residual norms
STOPS = 150  # of the tab key; more than any screen has
# What has the focus: its text, whether it is seen to have it, and whether it is in the window.
HERE = """() => {
  const here = document.activeElement;
  if (here === document.body) return null;
  // Of a choice that hides its own circle, the frame around it shows the focus.
  const drawn = here.closest('label') || here;
  const box = drawn.getBoundingClientRect();
  const rings = [here, drawn].map((each) => getComputedStyle(each));
  return {
    shown: rings.some((ring) => ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) >= 2),
    inside: box.bottom > 0 && box.top < innerHeight && box.width > 0,
    what: here.outerHTML.slice(0, 160),
  };
}"""


@pytest.fixture(scope="module")
def address(house: Served) -> str:
    return house.address


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One player, whose mouse is never touched."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def tab_to(page: Page, wanted: str, back: bool = False) -> None:
    """Presses the tab key until the focus is on it; at every stop it has to be seen."""
    for _ in range(STOPS):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        here = page.evaluate(HERE)
        if here is None:  # the end of the page
            continue
        assert here["shown"], f"nobody sees the focus on {here['what']}"
        assert here["inside"], f"the focus is outside the window on {here['what']}"
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"the tab key never reaches {wanted}")


def press(page: Page, wanted: str, key: str = "Enter") -> None:
    tab_to(page, wanted)
    page.keyboard.press(key)


def open_level(page: Page, address: str, title: str) -> None:
    page.goto(address)
    page.wait_for_selector("#map .hero")
    link = page.locator("#map a.stone").filter(has_text=title)
    press(page, f"#map a[href='{link.get_attribute('href')}']")
    expect(page.locator("#intro h1")).to_have_text(title)


def hints(page: Page) -> str:
    """All three, one by one; the focus stays on the button while there is one."""
    tab_to(page, "#hints [data-act=hint]")
    for count in (1, 2, 3):
        page.keyboard.press("Enter")
        expect(page.locator("#hints li")).to_have_count(count)
    return page.inner_text("#hints").split("An answer")[1]


def start_again(page: Page) -> None:
    """The focus at the beginning of the page, as after it was opened."""
    page.evaluate("document.activeElement.blur()")


def choose(page: Page, site: str) -> None:
    """One of the radio buttons; each is a stop of the tab key."""
    wanted = page.get_by_role("radio", name=site, exact=True)
    if not wanted.is_checked():
        press(page, f"input[type=radio][value={site}]", "Space")
    expect(wanted).to_be_checked()


def test_a_hunt(page: Page, address: str) -> None:
    open_level(page, address, "The cat detector")
    told = ANSWER.search(hints(page))
    assert told
    number, site = told.groups()
    start_again(page)
    tab_to(page, "#text textarea")
    page.keyboard.type("The kitten purred, and the old cat licked its paw.")
    tab_to(page, "input[type=radio]")
    choose(page, site)
    press(page, "#look")
    page.wait_for_selector("#reading [data-token='0']")
    feature = f'[data-site="{site}"][data-feature="{number}"]'
    tab_to(page, "#reading [data-token='0']")
    for token in range(page.locator("#reading [role=button]").count()):
        page.keyboard.press("Enter")
        page.wait_for_selector(f"#reading [data-token='{token}'][aria-pressed=true]")
        page.wait_for_function(f"document.activeElement.dataset.token === '{token}'")
        if page.locator(f"#reading .open{feature}").count():
            break
        page.keyboard.press("ArrowRight")
    press(page, f"#reading .open{feature}")
    page.wait_for_selector("#card article")
    press(page, f"#reading .add{feature}", "Space")
    press(page, f"#candidates [data-act=submit]{feature}")
    assert verdict(page).won
    # From the verdict the tab key goes on to what comes next.
    press(page, "#verdict .learned a.go")
    page.wait_for_url(lambda url: "find-cats" not in url)


def test_a_steered_story(page: Page, address: str) -> None:
    open_level(page, address, "Arr")
    told = SPOT.search(hints(page))
    assert told
    number, site, strength = told.groups()
    start_again(page)
    tab_to(page, "#search textarea, #search input")
    page.keyboard.type(number)
    feature = f'[data-site="{site}"][data-feature="{number}"]'
    page.wait_for_selector(f"#results .open{feature}")
    press(page, f"#results .open{feature}")
    page.wait_for_selector("#chosen .sheet")
    tab_to(page, "#strength input[type=range]")
    slider = page.locator("#strength input[type=range]")
    while float(slider.input_value()) < float(strength) - STEP / 2:
        before = slider.input_value()
        page.keyboard.press("ArrowRight")
        assert slider.input_value() != before
    press(page, "#write")
    assert verdict(page).won
    press(page, "#verdict .learned a.go")
    page.wait_for_url(lambda url: "steer-pirate" not in url)
