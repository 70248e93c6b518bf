"""How fast the screens answer, and how much they weigh: the second half of `make bench`.

A click is timed in the page, from the event to the first frame that shows its answer, while no text
is being written. Prints medians; a machine with other work makes them longer.
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from scripts.browser import installed
from tests.player.screen import PATIENCE
from tests.served import Served, served, win_everything

WINDOW: ViewportSize = {"width": 1280, "height": 900}
BOUND = 300  # milliseconds that a click may take
LINE = "{:<30} {:>10} {:>10}   {}"
# Notes when something is pressed or typed, and when after it `done` stands in a place that changed.
CLOCK = """([place, done]) => {
  window.took = null;
  let start = null;
  const begin = () => { start ??= performance.now(); };
  for (const kind of ['click', 'input', 'change']) document.addEventListener(kind, begin, true);
  const changes = new MutationObserver(() => {
    if (start === null || !document.querySelector(done)) return;
    changes.disconnect();
    requestAnimationFrame(() => { window.took = performance.now() - start; });
  });
  const all = { subtree: true, childList: true, characterData: true, attributes: true };
  changes.observe(document.querySelector(place), all);
}"""
Act = Callable[[Page, int], None]  # what is done, and for which time


@dataclass(frozen=True)
class Click:
    """ready: what shows that the screen is there. place: what has to change, so that `done` stands
    there. fresh: the screen is opened anew each time. before: what is done once before."""

    name: str
    address: str
    ready: str
    act: Act
    place: str
    done: str = "body"
    fresh: bool = False
    before: Act | None = None


def press(selector: str) -> Act:
    """The first of them, the second, and so on; where there is only one, that one."""

    def act(page: Page, turn: int) -> None:
        found = page.locator(selector)
        found.nth(turn % found.count()).click()

    return act


def type_in(selector: str, *texts: str) -> Act:
    return lambda page, turn: page.fill(selector, texts[turn % len(texts)])


def try_text(page: Page, turn: int) -> None:
    page.fill("#slot-0 textarea", " ".join(["cats"] * (1 + turn % 5)))
    page.click("#slot-0 [data-act=try]")


def hand_in(page: Page, turn: int) -> None:
    """The click that counts; what is still open was asked about before."""
    page.click("#bar [data-act=hand_in][data-sure='1']")


def ask_first(page: Page, turn: int) -> None:
    page.click("#bar [data-act=hand_in]")
    page.wait_for_selector("#bar [data-sure='1']")


def read_text(page: Page, turn: int) -> None:
    page.locator("#examples button").first.click()
    page.wait_for_selector("#reading .open")


def find_feature(page: Page, turn: int) -> None:
    page.fill(SEARCH, WORDS[0])
    page.wait_for_selector("#results .open")


SEARCH = "#search textarea, #search input"
WORDS = ("cat", "rain", "train", "sad", "dog", "fish", "snow")
HUNT, ASK = ("hunt?level=find-cats", "#examples button"), ("ask?level=spot-first", "#bar .handin")
WRITE = ("ask?level=trigger-pets", "#bar .handin")
STEER, SANDBOX = ("steer?level=steer-pirate", "#push .step"), ("sandbox", "#prompt textarea")
FEATURE = ("feature?site=middle&feature=1", "#card article")
HANDBOOK = ("handbook?page=token", "#contents li")
CLICKS = (
    Click("hunt: read a text", *HUNT, press("#examples button"), "#reading"),
    Click("hunt: choose a token", *HUNT, press("#reading .tok"), "#reading", before=read_text),
    Click("hunt: open a card", *HUNT, press("#reading .open"), "#card", before=read_text),
    Click("hunt: collect", *HUNT, press("#reading .add"), "#candidates", before=read_text),
    Click("hunt: a hint", *HUNT, press("#hints [data-act=hint]"), "#hints"),
    Click("questions: choose", *ASK, press("#slot-0 .pickable"), "#bar"),
    Click("questions: try a text", *WRITE, try_text, "#slot-0", "#slot-0 .tried"),
    Click(
        "questions: hand in", *ASK, hand_in, "#verdict", ".verdict", fresh=True, before=ask_first
    ),
    Click("steering: search", *STEER, type_in(SEARCH, *WORDS), "#results"),
    Click(
        "steering: choose a feature", *STEER, press("#results .open"), "#chosen",
        before=find_feature,
    ),
    Click("sandbox: search", *SANDBOX, type_in(SEARCH, *WORDS), "#results"),
    Click(
        "sandbox: choose a feature", *SANDBOX, press("#results .open"), ".slot", fresh=True,
        before=find_feature,
    ),
    Click("feature: search", *FEATURE, type_in(SEARCH, *WORDS), "#results"),
    Click("feature: collect", *FEATURE, press("#steps [data-act=collect]"), "#steps"),
    Click(
        "feature: a neighbour", *FEATURE, press("#card [data-act=open]"), "#card", fresh=True,
        before=lambda page, turn: page.click("#card details:has([data-act=open]) > summary"),
    ),
    Click("handbook: search", *HANDBOOK, type_in(SEARCH, *WORDS), "#contents"),
)  # fmt: skip
SCREENS = {
    "map": ("", "#map .hero"),
    "hunt": HUNT,
    "questions": ASK,
    "steering": STEER,
    "sandbox": SANDBOX,
    "feature": FEATURE,
    "handbook": HANDBOOK,
    "about": ("about", "h1"),
}
HINTS = 3  # more of them there are not


def timed(page: Page, address: str, click: Click, turns: int) -> list[float]:
    """Milliseconds each time; the first time warms up and is left out."""
    found = list[float]()
    for turn in range(turns + 1):
        if click.fresh or not turn:
            page.goto(address + click.address)
            page.wait_for_selector(click.ready)
            page.wait_for_load_state("networkidle")
            if click.before:
                click.before(page, turn)
        if "hint" in click.name and turn == HINTS:
            break
        page.wait_for_timeout(150)  # what came last has settled
        page.evaluate(CLOCK, [click.place, click.done])
        click.act(page, turn)
        page.wait_for_function("window.took !== null")
        found.append(page.evaluate("window.took"))
    return found[1:]


def weighed(browser: Browser, address: str, ready: str) -> tuple[float, int, float]:
    """A visitor's first page: compressed bytes over the wire, requests, seconds."""
    context = browser.new_context(viewport=WINDOW)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    network = context.new_cdp_session(page)
    sizes = list[float]()
    network.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    network.send("Network.enable")
    page.goto(address)
    page.wait_for_selector(ready)
    seconds = page.evaluate("performance.now()") / 1000
    page.wait_for_load_state("networkidle")
    context.close()
    return sum(sizes), len(sizes), seconds


def openings(browser: Browser, game: Served, turns: int) -> Iterator[str]:
    """What it takes to open each screen: first of all, and again with what the browser kept."""
    context = browser.new_context(viewport=WINDOW)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    for name, (address, ready) in SCREENS.items():
        size, requests, cold = (
            weighed(browser, game.address + address, ready) if not address else (0.0, 0, 0.0)
        )
        again = list[float]()
        for _ in range(turns):
            page.goto(game.address + address)
            page.wait_for_selector(ready)
            again.append(page.evaluate("performance.now()"))
        first = (
            f"first visit: {size / 2**20:.2f} MiB compressed, {requests} requests, {cold:.1f} s"
            if size
            else ""
        )
        yield LINE.format(
            f"{name}: open", f"{statistics.median(again):.0f}", f"{max(again):.0f}", first
        )
    context.close()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--turns", type=int, default=7)
    turns = options.parse_args().turns
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder) / "progress.db") as game,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=installed(), chromium_sandbox=False) as browser,
    ):
        context = browser.new_context(viewport=WINDOW, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        print(LINE.format("screen", "median, ms", "worst, ms", ""))
        page.goto(game.address)
        page.wait_for_selector("#map .hero")
        win_everything(Path(folder) / "progress.db")
        for click in CLICKS:
            found = timed(page, game.address, click, turns)
            middle = statistics.median(found)
            slow = f"more than {BOUND} ms" if middle > BOUND else ""
            print(LINE.format(click.name, f"{middle:.0f}", f"{max(found):.0f}", slow), flush=True)
        context.close()
        for line in openings(browser, game, turns):
            print(line, flush=True)


if __name__ == "__main__":
    main()
