"""What axe-core finds on a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

SETTLED = 1_500  # milliseconds until what fades in has its full colour
GRAVE = ("serious", "critical")


def grave(page: Page) -> list[str]:
    """What axe-core calls serious or critical, in a line each."""
    page.wait_for_timeout(SETTLED)
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']} ({each['impact']}): {node['target']} {node.get('failureSummary', '')}"
        for each in found
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]
