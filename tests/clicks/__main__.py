"""`python -m tests.clicks`: how long the screens take to answer a click while no text is written.
Part of `make bench`; nothing here fails, it only reports.

A click is timed by the page itself, from its event until what it asks for stands in a frame on the
screen, on this page or on the one that it opens.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from scripts.browser import installed
from tests.served import served, win_everything

WATCH = Path(__file__).with_name("watch.js")
TIMES = 6  # each click; the first is left out, it also fills caches
BOUND = 300  # milliseconds, the aim
PATIENCE = 60_000  # milliseconds
SETTLE = 700  # milliseconds between two clicks, so that none waits for the one before
ANSWERED = 600  # milliseconds in which nobody asks the page anything: that would cost it time
ROW = "{:<46} {:>6} {:>6}  {}"
CATS = "The kitten purred, and the old cat licked its paw."


@dataclass(frozen=True)
class Click:
    """path: the page; ready: what is waited for before; ask: what is clicked; answer: what then
    has to be seen; first: what is done before, untimed; travels: whether a page is opened."""

    says: str
    path: str
    ready: str
    ask: str
    answer: str
    first: Callable[[Page], None] = lambda page: None
    travels: bool = False


def read(page: Page) -> None:
    page.fill("#text textarea", CATS)
    page.click("#look")
    page.wait_for_selector("#reading .open")


def look(page: Page) -> None:
    page.fill("#text textarea", CATS)


def search(page: Page) -> None:
    page.fill("#search :is(input, textarea)", "cats")
    page.wait_for_selector("#results .open")


def english(page: Page) -> None:
    """Though Russian was chosen before."""
    page.evaluate("localStorage.removeItem('playground-language')")
    page.goto(page.url.removesuffix("ru/"))
    page.wait_for_selector("#map a.stone")


CLICKS = (
    Click("map: open a level that asks", "", "#map a.stone", "#map a[href^='ask']",
          "#intro h1", travels=True),
    Click("map: open a level of hunting", "", "#map a.stone", "#map a[href^='hunt']",
          "#examples [data-act=example]", travels=True),
    Click("map: open a level of steering", "", "#map a.stone", "#map a[href^='steer']",
          "#intro h1", travels=True),
    Click("hunt: read a text", "hunt?level=find-cats", "#examples [data-act=example]", "#look",
          "#reading .open", look),
    Click("hunt: another token", "hunt?level=find-cats", "#examples [data-act=example]",
          "#reading [data-token='3']", "#reading [data-token='3'][aria-pressed=true]", read),
    Click("hunt: open a card", "hunt?level=find-cats", "#examples [data-act=example]",
          "#reading .open", "#card article", read),
    Click("steer: choose a feature", "steer?level=steer-cats", "#intro h1", "#results .open",
          "#results .open[aria-pressed=true]", search),
    Click("ask: choose an answer", "ask?level=control-coin", "#question .option",
          "#question .option", "#bar .bar:not([style*='--w:0.000'])"),
    Click("map: open the exam", "", "#map a.stone", "#map a[href='exam']", "#exam h1",
          travels=True),
    Click("features: open one", "feature", "h1", "#results .open", "#card article", search,
          travels=True),
    Click("sandbox: open", "about", "h1", "header a[href$='sandbox']", "#write", travels=True),
    Click("handbook: open", "about", "h1", "header a[href$='handbook']", "#contents a",
          travels=True),
    Click("language: switch to Russian", "", "#map a.stone", "header a[hreflang=ru]",
          "#map a.stone", english, travels=True),
    Click("light and dark: switch", "", "#map a.stone", ".lamp", "body.dark"),
)  # fmt: skip


def timed(page: Page, address: str, click: Click) -> float:
    """Milliseconds."""
    page.goto(address + click.path)
    page.wait_for_selector(click.ready, timeout=PATIENCE)
    click.first(page)
    page.wait_for_timeout(SETTLE)
    page.evaluate("click => awaitAnswer(...click)", [click.answer, click.travels])
    page.click(f"{click.ask} >> nth=0")
    page.wait_for_timeout(ANSWERED)
    page.wait_for_function("tookUntilAnswer() > 0", timeout=PATIENCE)
    return page.evaluate("tookUntilAnswer()")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        database = Path(folder) / "progress.db"
        browser = playwright.chromium.launch(executable_path=installed(), chromium_sandbox=False)
        with served(database) as game:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_init_script(path=WATCH)
            page = context.new_page()
            page.goto(game.address)
            page.wait_for_selector("#map a.stone", timeout=PATIENCE)
            win_everything(database)
            print(ROW.format("click (milliseconds)", "median", "worst", f"aim: {BOUND}"))
            for click in CLICKS:
                took = [timed(page, game.address, click) for _ in range(TIMES)][1:]
                met = "" if median(took) < BOUND else "slower"
                print(
                    ROW.format(click.says, round(median(took)), round(max(took)), met), flush=True
                )
        browser.close()


if __name__ == "__main__":
    main()
