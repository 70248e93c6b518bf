"""The game behind a reverse proxy, below a path of somebody's own address."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.reverse_proxy import below
from tests.served import needs_model, served
from tests.standstill import PATIENCE

pytestmark = [pytest.mark.browser, needs_model]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("proxy")
    with served(folder / "progress.db", PLAYGROUND_ROOT_PATH="/play/cats") as game:
        port = urlsplit(game.address).port
        assert port
        with below("/play/cats", port) as shown:
            yield shown


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(locale="en")
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


def test_pages_in_both_languages_and_a_reply(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#map .hero")).to_be_visible()
    page.locator("header.top nav a", has_text="Sandbox").click()
    expect(page).to_have_url(f"{address}sandbox")
    # The page has loaded what it opens with, which would overwrite what is typed.
    page.wait_for_function("document.querySelector('#prompt textarea')?.value.length > 0")
    page.locator("#prompt textarea").fill("The cat")
    page.locator("#write").click()
    expect(page.locator("#streams .said [role=button]").first).to_be_visible()
    field = page.locator("#link input.link")
    assert field.input_value().startswith(f"{address}sandbox?s=")
    page.goto(f"{address}ru/sandbox")
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.locator("#prompt textarea")).to_be_visible()
