"""In a real browser: every screen works under the policy that its answers carry; nothing that
anybody types or puts into an address runs; links can be taken without a clipboard."""

import os
import re
from collections.abc import Iterator
from itertools import product
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from playground.screens.site import PAGES
from tests.served import Served, needs_model
from tests.standstill import PATIENCE

pytestmark = [pytest.mark.browser, needs_model]
WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', (e) =>
  window.violations.push(e.violatedDirective + ' ' + e.blockedURI + ' ' + e.sourceFile + ':' + e.lineNumber));
"""  # noqa: E501
NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined });"
QUERIES = {
    "hunt": "?level=spot-first",
    "feature": "?site=middle&feature=3",
    "handbook": "?page=feature",
    "sandbox": "?site=middle&feature=3",
}
LOOK, STILL = 100, 3  # milliseconds between two looks, and how many in a row find nothing asked


class Tab:
    """A page, and what it has asked for and not got yet, but for its heartbeat."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._asked = set[Request]()
        page.on("request", self._began)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def _began(self, request: Request) -> None:
        if "/heartbeat/" not in request.url:
            self._asked.add(request)

    def _ended(self, request: Request) -> None:
        self._asked.discard(request)

    def settle(self) -> None:
        """Until nothing was asked for in a while."""
        still = 0
        while still < STILL:  # a test's wait, see standstill.py
            self.page.wait_for_timeout(LOOK)
            still = 0 if self._asked else still + 1

    def open(self, address: str) -> None:
        self._asked.clear()
        self.page.goto(address)
        expect(self.page.locator("header.top")).to_be_visible()
        self.settle()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    made.set_default_timeout(PATIENCE)
    made.add_init_script(WATCH)
    yield made
    made.close()


@pytest.fixture
def tab(context: BrowserContext) -> Iterator[Tab]:
    page = context.new_page()
    yield Tab(page)
    page.close()


def test_a_script_that_slipped_into_a_page_does_not_run(house: Served, tab: Tab) -> None:
    """The policy holds even where a text was not escaped."""
    page = tab.page
    tab.open(house.address)
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x: onerror=\"window.ran = 1\">')"
    )
    page.evaluate(
        "{ const s = document.createElement('script'); s.textContent = 'window.ran = 2';"
        " document.body.append(s); }"
    )
    page.wait_for_function("window.violations.length >= 2")
    assert page.evaluate("window.ran") is None


def test_a_frame_from_elsewhere_shows_nothing(house: Served, tab: Tab) -> None:
    """127.0.0.1 and localhost are two places to a browser."""
    page, own = tab.page, f"{house.address}framed"
    elsewhere = own.replace("127.0.0.1", "localhost")
    for address in (own, elsewhere):
        page.route(
            address,
            lambda route: route.fulfill(
                content_type="text/html", body=f'<iframe src="{house.address}"></iframe>'
            ),
        )
    page.goto(own)
    expect(page.frame_locator("iframe").locator("header.top")).to_be_visible()
    page.goto(elsewhere)
    page.wait_for_function("window.frames.length === 1")
    page.wait_for_timeout(5 * LOOK)
    assert page.frames[1].url.startswith("chrome-error:")


# -- links -----------------------------------------------------------------------------------------
def test_a_link_is_taken_without_a_clipboard(house: Served, browser: Browser) -> None:
    context = browser.new_context(reduced_motion="reduce")
    context.add_init_script(NO_CLIPBOARD)
    page = context.new_page()
    Tab(page).open(f"{house.address}sandbox")
    page.locator("#prompt textarea").fill("The old lighthouse")
    field = page.locator("#link input.link")
    page.locator("#write").click()
    expect(field).to_have_value(re.compile(r"^http://127\.0\.0\.1:\d+/sandbox\?s="))
    link = field.input_value()
    expect(page).to_have_url(link)  # a reload brings it back
    page.locator("#link button.copy").click()
    expect(page.locator("#link button.copy")).to_have_text("Copied")
    page.locator("#search input, #search textarea").first.focus()
    page.keyboard.press("Control+V")
    expect(page.locator("#search input, #search textarea").first).to_have_value(link)
    page.locator("#link summary").click()
    picture = page.locator("#link .code svg")
    expect(picture).to_be_visible()
    box = picture.bounding_box()
    assert box and box["width"] > 150 and abs(box["width"] - box["height"]) < 2
    context.close()


# -- hostile texts ---------------------------------------------------------------------------------
RUN = "window.ran=1"
TAGS = (
    "<b data-hostile>b</b>",
    f'<img data-hostile src="x:" onerror="{RUN}">',
    f"<svg data-hostile onload={RUN}>",
    f"<script data-hostile>{RUN}</script>",
    f'<iframe data-hostile srcdoc="<script>parent.{RUN}</script>"></iframe>',
    f'<a data-hostile href="javascript:{RUN}">a</a>',
    f"<details data-hostile open ontoggle={RUN}>",
    f"<input data-hostile autofocus onfocus={RUN}>",
    f"<math data-hostile><mtext></mtext><script>{RUN}</script></math>",
    f'<form data-hostile action="javascript:{RUN}"><button>b</button></form>',
    "<base data-hostile href='//evil.example/'>",
    "<style data-hostile>*{display:none}</style>",
    f'<object data-hostile data="javascript:{RUN}"></object>',
    f'<video data-hostile><source onerror="{RUN}"></video>',
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"${{{RUN}}}",
    f"[a](javascript:{RUN})",
    f'![a](x" onerror="{RUN})',
    "{% raw %}{{ 7 * 7 }}{% endraw %}{{ config }}",
    "\u202e\u2066<b data-hostile>\u0000\ufeff</b>",
)
BREAKS = ("{}", '">{}', "'>{}", "</textarea>{}", "</script>{}", "--&gt;-->{}", "`{}`", "&lt;{}",
          '" autofocus onfocus="window.ran=1" x="{}', "\\x3c{}")  # fmt: skip
HOSTILE = [how.replace("{}", tag) for tag, how in product(TAGS, BREAKS)]
TOGETHER = 20  # of them in one field
AT_A_PAGE = 4  # parts of an address
EVERYTHING = os.environ.get("HOSTILE") == "all"
PARAMETERS = ("level", "site", "feature", "s", "dials", "find", "page", "q", "join", "code")
FIELDS = "textarea:visible:enabled, input[type=text]:visible, input[type=search]:visible"


def harmless(page: Page, where: str) -> None:
    assert page.evaluate("window.ran") is None, where
    assert page.locator("[data-hostile]").count() == 0, where


def test_there_are_two_hundred_of_them() -> None:
    assert len(set(HOSTILE)) == 200


@pytest.mark.slow
@pytest.mark.parametrize("turn", range(len(PAGES)), ids=[path for path, _ in PAGES])
def test_no_hostile_text_runs(house: Served, tab: Tab, turn: int) -> None:
    """In every field of every screen, and in every part of an address: some of them each, others on
    the next screen; all of them everywhere with HOSTILE=all, which takes an hour."""
    page, (path, _) = tab.page, PAGES[turn]
    page.on("dialog", lambda dialog: pytest.fail(f"{path}: a dialog {dialog.message}"))
    parts = [HOSTILE[n : n + TOGETHER] for n in range(0, len(HOSTILE), TOGETHER)]

    def given(place: int) -> list[list[str]]:
        return parts if EVERYTHING else [parts[(turn + place) % len(parts)]]

    tab.open(f"{house.address}{path}{QUERIES.get(path, '')}")
    count = page.locator(FIELDS).count()
    for n, part in ((place, part) for place in range(count) for part in given(place)):
        field = page.locator(FIELDS).nth(n)
        if not field.is_visible():  # what was typed before has taken it away
            continue
        field.fill(" ".join(part).replace("\u0000", ""))
        field.press("Enter")
        tab.settle()
        harmless(page, f"{path}: field {n}")
    some = [PARAMETERS[(turn * AT_A_PAGE + n) % len(PARAMETERS)] for n in range(AT_A_PAGE)]
    names = PARAMETERS if EVERYTHING else some
    for name, part in ((name, part) for n, name in enumerate(names) for part in given(n)):
        tab.open(f"{house.address}{path}?{name}={quote(' '.join(part))}")
        harmless(page, f"{path}: {name}")
