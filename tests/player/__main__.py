"""Plays the course in a real browser by what is on the screen, and prints a table of it."""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

from scripts.browser import installed
from tests.player.course import Played, play
from tests.player.notebook import Notebook
from tests.served import served
from tests.standstill import PATIENCE

LINE = "{:>2} {:<30} {:<18} {:<8} {:>5} {:>5} {:>7}"
HEAD = LINE.format("ch", "level", "kind", "result", "tries", "hints", "seconds")
WINDOW: ViewportSize = {"width": 1280, "height": 900}


def row(each: Played) -> str:
    said = "won " + "★" * each.stars if each.won else "lost"
    stone = each.stone
    return LINE.format(
        stone.chapter + 1,
        stone.title,
        stone.kind,
        said,
        each.tries,
        each.hints,
        f"{each.seconds:.1f}",
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", nargs="*", default=(), help="titles of levels")
    told = options.parse_args()
    lost = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder) / "progress.db") as game,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=installed(), chromium_sandbox=False) as browser,
    ):
        context = browser.new_context(viewport=WINDOW, locale="en-GB")
        context.set_default_timeout(PATIENCE)
        page, book = context.new_page(), Notebook(context, game.address)
        print(HEAD)
        for each in play(page, book, game.address, told.only):
            print(row(each), flush=True)
            lost += not each.won
    sys.exit(f"{lost} levels were not won" if lost else 0)


if __name__ == "__main__":
    main()
