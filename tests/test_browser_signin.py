"""Signing in with Hugging Face in a real browser, at a stand-in for it."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests import oauth_server
from tests.oauth_server import ID, SECRET, OAuthServer
from tests.served import Served, free_port, needs_model, players, served, win_everything
from tests.standstill import PATIENCE

pytestmark = [pytest.mark.browser, needs_model]
ADA = {"sub": "0a1b", "preferred_username": "Ada"}


@pytest.fixture(scope="module")
def hub() -> Iterator[OAuthServer]:
    with oauth_server.running() as made:
        made.account = ADA
        yield made


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory, hub: OAuthServer) -> Iterator[Served]:
    port = free_port()
    told = {
        "PLAYGROUND_PORT": str(port), "PLAYGROUND_ROOT_PATH": f"http://127.0.0.1:{port}",
        "PLAYGROUND_INSTRUCTORS": "ada", "OAUTH_CLIENT_ID": ID, "OAUTH_CLIENT_SECRET": SECRET,
        "OPENID_PROVIDER_URL": hub.address,
    }  # fmt: skip
    with served(tmp_path_factory.mktemp("signin") / "progress.db", **told) as running:
        yield running


def test_what_signing_in_does_not_need_stays_shut(game: Served) -> None:
    with httpx.Client(base_url=game.address) as web:
        assert web.get("login/huggingface").status_code == 303
        for method, path in (("POST", "login/huggingface"), ("POST", "login/callback")):
            assert web.request(method, path).status_code == 405
        for path in ("login", "logout", "login/callback/x", "login/huggingface/", "ru/logout"):
            assert web.get(path).status_code == 404, path
        foreign = {"Origin": "https://elsewhere.example"}
        assert web.get("login/callback", headers=foreign).status_code == 403
        assert "set-cookie" not in web.get("me").headers


def test_an_account_brings_a_learner_back_and_lets_an_instructor_in(
    browser: Browser, game: Served
) -> None:
    pages = [browser.new_context(locale="en", reduced_motion="reduce").new_page() for _ in "ab"]
    one, other = pages
    for page in pages:
        page.set_default_timeout(PATIENCE)
    one.goto(f"{game.address}me")
    with one.expect_popup() as opened:
        one.get_by_role("link", name="Sign in with Hugging Face").click()
    opened.value.get_by_role("button", name="Yes, I am Ada").click()
    expect(opened.value.locator("#status")).to_contain_text("From now on Ada")
    expect(opened.value).to_have_url(f"{game.address}me")
    win_everything(game.database, most=1)
    other.goto(f"{game.address}ru/join")
    with other.expect_popup() as opened:
        other.get_by_role("link", name="Войти через Hugging Face").click()
    opened.value.get_by_role("button", name="Да, Ada — это я").click()
    expect(opened.value.locator("#status")).to_contain_text("С возвращением, Ada")
    expect(opened.value.locator("#me")).to_contain_text("сданн")
    assert len(players(game.database)) == 2
    other.goto(f"{game.address}teach")
    with other.expect_popup() as opened:
        other.get_by_role("link", name="Sign in with Hugging Face").click()
    expect(opened.value.get_by_role("button", name="Create the class")).to_be_visible()
    for page in pages:
        page.context.close()
