"""What axe-core finds on a page."""

from collections.abc import Sequence

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

GRAVE = ("serious", "critical")
COLOURS = ("color-contrast", "link-in-text-block")  # rules that one theme may break and another not
LOOK, STILL = 100, 3  # milliseconds between two looks, and how many in a row find nothing moved
# How many elements there are, and whether one of them is on its way to its full colour; what turns
# for ever is not.
STATE = """() => [
  document.querySelectorAll('*').length,
  document.getAnimations().some((each) =>
    each.playState === 'running' && each.effect.getComputedTiming().endTime < Infinity),
]"""


def grave(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core calls serious or critical, in a line each. rules: only these; else all."""
    settle(page)
    options: dict[str, object] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": [*rules]}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{each['id']} ({each['impact']}): {node['target']} {node.get('failureSummary', '')}"
        for each in found
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]


def grave_in_both(page: Page) -> list[str]:
    """In the theme that the page has, and of the other what a theme can break."""
    found = grave(page)
    page.evaluate("document.body.classList.toggle('dark')")
    found += grave(page, COLOURS)
    page.evaluate("document.body.classList.toggle('dark')")
    return found


def settle(page: Page) -> None:
    """Until nothing comes, goes or fades in any more."""
    seen, still = None, 0
    while still < STILL:  # a test's wait, see standstill.py
        page.wait_for_timeout(LOOK)
        now = page.evaluate(STATE)
        still = still + 1 if now == seen and not now[1] else 0
        seen = now
