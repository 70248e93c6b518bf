"""Records the tour of README: `make tour`. The real game is played in a browser, on the model that
it opens with (circuits and the class on pocket), and what is seen becomes the frames of one
animation. Nothing is staged: what the model writes is what it wrote.
"""

import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from playground.settings import DEFAULT, SHIPPED
from scripts.browser import installed
from tests.served import ROOT, served
from tests.standstill import PATIENCE

TOUR = ROOT / "docs" / "images" / "tour.webp"
WINDOW: ViewportSize = {"width": 1024, "height": 640}
QUALITY = 75  # of WebP, 0 to 100
LARGEST = 3 * 2**20  # bytes
QUIET = 700  # milliseconds, until what moves has moved
SECRET = "tour of the game"  # an instructor's, of a class that nobody joins
ABOUT = ("A rocket flew past the moon.", "The astronaut saw Earth from orbit.", "Stars and planets")
OTHERS = ("A baker kneads the dough.", "The dog slept by the door.", "Numbers and sums")
CAPTION = """(said) => {
  const line = document.querySelector('#tour') ?? document.body.appendChild(Object.assign(document.createElement('div'), { id: 'tour' }));
  line.style.cssText = 'position:fixed;left:0;right:0;bottom:0;padding:12px 24px;font:600 20px system-ui;text-align:center;'
    + 'background:#2d2621;color:#fffdf9;z-index:9999';
  line.textContent = said;
}"""  # noqa: E501 - one line of style


@dataclass(frozen=True)
class Shot:
    """seconds: for which it stands."""

    picture: Image.Image
    seconds: float


class Tour:
    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        self._address = address

    def of_a_real_model(self) -> Iterator[Shot]:
        for part in (
            self.slider, self.map, self.question, self.hunt, self.features, self.own, self.talk
        ):  # fmt: skip
            yield from part()

    def of_pocket(self) -> Iterator[Shot]:
        for part in (self.circuit, self.lesson, self.handbook):
            yield from part()

    def slider(self) -> Iterator[Shot]:
        page = self.open("", "#first .kept:not([hidden])")
        yield self.seen("A language model is writing. This text is what it says by itself.", 4)
        slider = page.locator("#first-slider")
        topic = page.inner_text("#first [data-choose][aria-pressed=true]").lower()
        for at, seconds in (("0.25", 1), ("0.5", 1.5), ("0.75", 1.5), ("1", 5)):
            slider.fill(at)
            yield self.seen(
                f"One slider pushes its thoughts towards {topic} while it writes…", seconds
            )
        for at, seconds in (("-0.5", 2), ("-1", 4)):
            slider.fill(at)
            yield self.seen("…or away from them. Pushed too hard, it loses the thread.", seconds)
        page.locator("#first [data-choose]").last.click()
        slider.fill("1")
        yield self.seen("How often each push works was counted, and stands beside it.", 4)

    def map(self) -> Iterator[Shot]:
        self._page.locator("#map .course").scroll_into_view_if_needed()
        self.down("#map .chapter >> nth=0")
        yield self.seen("A course of short levels. A program checks every goal.", 4)

    def question(self) -> Iterator[Shot]:
        page = self.open("ask?level=predict-cats", "#question .answer .option")
        yield self.seen("Some levels ask: what will this switch do to the next words?", 4)
        for _ in range(int(page.locator("#bar .num").first.inner_text().split()[2]) - 1):
            page.click("#question .answer .option >> nth=0")
            at = page.locator("#question h2").inner_text()
            page.click("#bar [data-on]")
            page.wait_for_function(
                "at => document.querySelector('#question h2')?.innerText !== at", arg=at
            )
        page.click("#question .answer .option >> nth=0")
        page.click("#bar [data-act=hand_in]")
        page.wait_for_selector("#verdict .verdict")
        self.down("#verdict")
        yield self.seen("Guessing is not enough: chance wins at most one try in twenty.", 4)

    def hunt(self) -> Iterator[Shot]:
        page = self.open("hunt?level=hunt-bees", "#examples [data-act=example]")
        yield self.seen(
            "A hunt: which of 2,048 switches inside the model tells texts about bees?", 4
        )
        page.locator("#examples [data-act=example]").first.click()
        page.wait_for_selector("#reading .open")
        page.fill("#text textarea", "The old clock in the hall had stopped at midnight.")
        page.click("#beside")
        page.wait_for_function("document.querySelectorAll('#reading .strip').length === 2")
        self.down("#reading")
        yield self.seen("Fires here and not there: a suspect.", 5)
        page.locator("#reading .open").first.click()
        page.wait_for_selector("#card article")
        self.down("#card")
        yield self.seen("Its card: where it fires, and what it makes likelier.", 5)
        bee = page.locator("#reading li:has([data-act=collect])", has_text="bee")
        bee.first.locator("[data-act=collect]").click()
        page.click("#candidates [data-act=submit]")
        page.wait_for_selector("#verdict .verdict")
        self.down("#verdict")
        yield self.seen("Handed in, and graded on texts that no card shows.", 5)

    def features(self) -> Iterator[Shot]:
        page = self.open("feature", "#card a.topic")
        self.down("#card a.topic")
        yield self.seen("Wander: topics with the feature that tells each best…", 3)
        page.click("#plane [data-act=site]")
        page.wait_for_selector("#plane .seen a")
        self.down("#plane .ground")
        yield self.seen("…and a map of all of them. What pushes alike lies together.", 4)
        for _ in range(3):
            page.click("#plane [data-zoom=in]")
        self.down("#plane .ground")
        yield self.seen("…and a map of all of them. What pushes alike lies together.", 4)

    def own(self) -> Iterator[Shot]:
        page = self.open("sandbox", "#builder button")
        if not page.locator("#make-direction").is_visible():
            page.click("#builder button >> nth=0")
        page.fill("#direction-name :is(input, textarea)", "Space")
        page.fill("#texts-about textarea", "\n".join(ABOUT))
        page.fill("#texts-others textarea", "\n".join(OTHERS))
        self.down("#builder")
        yield self.seen("A dial of your own: some texts about it, some about something else…", 4)
        page.click("#make-direction")
        page.wait_for_selector("#direction .strip")
        self.down("#direction")
        yield self.seen("…and the difference between them inside the model is a direction.", 5)

    def talk(self) -> Iterator[Shot]:
        page = self.open("chat", "#talk .says")
        yield self.seen("Talk with it while a dial is turned to cats.", 3)
        page.click("#talk button >> nth=0")
        page.wait_for_selector("#talk .stream.control")
        page.wait_for_selector("#send:not([disabled])")
        self.down("#talk .turn")
        yield self.seen("Pushed, untouched, and pushed as hard in a random direction.", 8)

    def circuit(self) -> Iterator[Shot]:
        page = self.open("circuit", "#examples [data-act=example]")
        page.click("#trace")
        page.wait_for_selector("#picture svg")
        self.down("#answer")
        yield self.seen("How did it get to its next word? Every step that led there…", 5)
        page.locator("#picture .dot.feature").first.dispatch_event("click")
        page.wait_for_selector("#node [data-act=off]")
        self.down("#node")
        yield self.seen("…down to single features, each with its card…", 4)
        page.locator("#node [data-act=off]").first.click()
        page.wait_for_selector("#tried table")
        self.down("#tried")
        yield self.seen("…and switched off: what was forecast, beside what the model then did.", 6)

    def lesson(self) -> Iterator[Shot]:
        page = self.open("teach", "#teach [name=secret]")
        page.fill("#teach [name=secret]", SECRET)
        page.press("#teach [name=secret]", "Enter")
        page.fill("#teach [name=title]", "Monday's class")
        page.click("[data-act=create]")
        page.click("#status a.go")
        page.wait_for_selector("#class .invite .letters")
        yield self.seen("A class joins by a link: no account, no e-mail.", 5)

    def handbook(self) -> Iterator[Shot]:
        self.open("handbook?page=superposition", "h1")
        yield self.seen("Every word is in the handbook, with the paper it comes from.", 4)
        self.open("", "#map .hero")
        self.down("#map .hero")
        yield self.seen("It runs on your own machine: make play", 5)

    # -- the page
    def open(self, path: str, ready: str) -> Page:
        self._page.goto(self._address + path)
        self._page.wait_for_selector(ready)
        self._page.wait_for_timeout(QUIET)
        return self._page

    def down(self, to: str) -> None:
        """Scrolls so that it stands at the top."""
        self._page.locator(to).first.evaluate("each => each.scrollIntoView({ block: 'start' })")

    def seen(self, caption: str, seconds: float) -> Shot:
        self._page.evaluate(CAPTION, caption)
        self._page.wait_for_timeout(QUIET)
        taken = io.BytesIO(self._page.screenshot())
        return Shot(Image.open(taken).convert("RGB"), seconds)


def write(shots: list[Shot]) -> None:
    first, *others = (each.picture for each in shots)
    first.save(
        TOUR, save_all=True, append_images=others, quality=QUALITY, method=6, loop=0,
        duration=[round(1000 * each.seconds) for each in shots],
    )  # fmt: skip


def played(model: str, part: Callable[[Tour], Iterator[Shot]]) -> list[Shot]:
    with (
        tempfile.TemporaryDirectory() as folder,
        served(
            Path(folder) / "progress.db", PLAYGROUND_MODEL=model, PLAYGROUND_TEACHER=SECRET
        ) as game,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=installed(), chromium_sandbox=False)
        page = browser.new_page(viewport=WINDOW, color_scheme="light", reduced_motion="reduce")
        page.set_default_timeout(PATIENCE)
        shots = list(part(Tour(page, game.address)))
        browser.close()
    return shots


def main() -> None:
    shots = played(DEFAULT, Tour.of_a_real_model) + played(SHIPPED, Tour.of_pocket)
    write(shots)
    size, lasts = TOUR.stat().st_size, sum(each.seconds for each in shots)
    print(f"{TOUR}: {lasts:.0f} s, {len(shots)} pictures, {size / 2**20:.2f} MiB")
    if size > LARGEST:
        raise SystemExit(f"more than {LARGEST / 2**20:.0f} MiB: lower QUALITY")


if __name__ == "__main__":
    main()
