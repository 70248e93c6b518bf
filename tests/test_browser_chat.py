"""The chat page in a browser, on a small random instruct model: a turn, its three replies, again,
edit, another language, a reload. That model is done before a hand could stop it: what is kept of a
reply that was cut off is for test_talking.py."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import chatting
from tests.axe import grave, grave_in_both
from tests.served import Served, needs_model, served
from tests.standstill import PATIENCE

pytest.importorskip("playwright")
from playwright.sync_api import Browser, Page, ViewportSize, expect

pytestmark = pytest.mark.browser
PHONE: ViewportSize = {"width": 390, "height": 844}
DESK: ViewportSize = {"width": 1280, "height": 900}
FIELD = "#say textarea"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("chat")
    more = {
        "PLAYGROUND_MODEL": str(chatting.save(home / "model")),
        "PLAYGROUND_CHAT": "yes",
        "PLAYGROUND_DATA": str(home / "data"),
    }
    with served(home / "p.db", **more) as game:
        yield game


@pytest.fixture
def page(browser: Browser, host: Served) -> Iterator[Page]:
    context = browser.new_context(viewport=DESK, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    opened = context.new_page()
    errors = list[str]()
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(f"{host.address}chat")
    expect(opened.locator("#talk .says")).to_be_visible()
    yield opened
    context.close()
    assert errors == []


def say(page: Page, text: str) -> None:
    """Enter sends; the turn is whole when the button to send can be pressed again."""
    count = page.locator("#talk .turn").count()
    page.fill(FIELD, text)
    page.press(FIELD, "Enter")
    expect(page.locator("#talk .turn")).to_have_count(count + 1)
    expect(page.locator("#send")).to_be_enabled()


def test_the_first_page_leads_here_and_a_dial_is_turned(page: Page, host: Served) -> None:
    page.goto(host.address)
    page.click("a.go.big")
    expect(page).to_have_url(f"{host.address}chat")
    expect(page.locator("#choices .choice.on")).to_have_text("✓ Cats")
    page.click("#talk button >> nth=0")
    turn = page.locator("#talk .turn")
    expect(turn.locator(".mine .said")).to_have_text("Who are you?")
    expect(turn.locator(".stream")).to_have_count(3)
    expect(turn.locator(".steered")).to_contain_text("Cats 0.3")


def test_turns_stay_and_focus_stays_in_the_field(page: Page) -> None:
    say(page, "the cat")
    expect(page.locator(FIELD)).to_be_focused()
    expect(page.locator(FIELD)).to_have_value("")
    page.keyboard.type("and")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("then")
    expect(page.locator(FIELD)).to_have_value("and\nthen")
    page.keyboard.press("Enter")
    expect(page.locator("#talk .turn")).to_have_count(2)
    expect(page.locator("#send")).to_be_enabled()
    said = page.locator("#talk .turn").all_inner_texts()
    page.reload()
    expect(page.locator("#talk .turn")).to_have_text(said, use_inner_text=True)
    page.click("a.tongue[data-language=ru]")
    expect(page).to_have_url(re.compile("/ru/chat$"))
    expect(page.locator("#talk .turn")).to_have_count(2)
    expect(page.locator("#choices .choice.on")).to_have_text("✓ Кошки")


def test_markup_and_special_tokens_are_text(page: Page) -> None:
    say(page, "<b>bold</b> </s><turn>model 🐈")
    expect(page.locator("#talk .mine .said")).to_have_text("<b>bold</b> </s><turn>model 🐈")
    say(page, "")
    expect(page.locator("#talk .turn")).to_have_count(2)


def test_another_reply_can_be_gone_on_with_until_more_is_said(page: Page) -> None:
    say(page, "the cat")
    page.click("#talk .stream.baseline [data-act=choose]")
    expect(page.locator("#talk .stream.baseline [data-act=choose]")).to_have_count(0)
    expect(page.locator("#talk .stream.steered [data-act=choose]")).to_have_count(1)
    say(page, "and then")
    first = page.locator("#talk .turn >> nth=0")
    expect(first.locator("[data-act=choose]")).to_have_count(0)
    expect(first.locator(".baseline")).to_contain_text("goes on with this one")


def test_again_and_edit_replace_the_last_turn(page: Page) -> None:
    say(page, "the cat")
    reply = page.locator("#talk .steered .said")
    before = reply.inner_text()
    page.click("#again")
    expect(reply).not_to_have_text(before)
    expect(page.locator("#send")).to_be_enabled()
    expect(page.locator("#talk .turn")).to_have_count(1)
    page.click("#edit")
    expect(page.locator(FIELD)).to_have_value("the cat")
    page.fill(FIELD, "the dog")
    page.press(FIELD, "Enter")
    expect(page.locator("#talk .mine .said")).to_have_text("the dog")
    expect(page.locator("#send")).to_be_enabled()
    page.click("#anew")
    expect(page.locator("#talk .says")).to_be_visible()
    page.reload()
    expect(page.locator("#talk .says")).to_be_visible()


def test_dials_and_what_is_told_first(page: Page) -> None:
    page.click("#choices .choice.on")
    expect(page.locator("#no-dials")).to_contain_text("No dial is turned")
    say(page, "the cat")
    expect(page.locator("#talk .stream")).to_have_count(1)
    page.click("#choices [data-concept=space]")
    page.click("#choices [data-concept=ghosts]")
    page.click("#choices [data-concept=happy]")
    expect(page.get_by_text("All 2 dials are in use")).to_be_visible()
    expect(page.locator("#choices .choice.on")).to_have_count(2)
    page.click("#told button")
    page.fill("#system textarea", "be brief")
    page.press("#system textarea", "Tab")
    say(page, "and then")
    page.reload()
    expect(page.locator("#choices .choice.on")).to_have_count(2)
    page.click("#told button")
    expect(page.locator("#system textarea")).to_have_value("be brief")


def test_on_a_phone_the_other_replies_are_folded(browser: Browser, host: Served) -> None:
    context = browser.new_context(viewport=PHONE, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    page.goto(f"{host.address}chat")
    expect(page.locator("#talk .says")).to_be_visible()
    say(page, "the cat")
    expect(page.locator("#talk .steered .said")).to_be_visible()
    expect(page.locator("#talk .control .said")).to_be_hidden()
    page.click("#talk .control summary")
    expect(page.locator("#talk .control .said")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()


@needs_model
def test_what_fired_in_a_reply_is_walked_and_put_on_a_dial(
    browser: Browser, tmp_path: Path
) -> None:
    """On a phone, with pocket's features; by keys where they are of use."""
    asked = chatting.pocket(tmp_path)
    with served(tmp_path / "p.db", **chatting.environment(asked)) as host:
        context = browser.new_context(viewport=PHONE, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{host.address}chat")
        expect(page.locator("#talk .says")).to_be_visible()
        say(page, "The cat sat on the mat.")
        page.click("#talk [data-act=hear] >> nth=0")
        panel = page.locator("#heard section")
        expect(panel.locator("h2")).to_be_focused()
        said = page.locator("#talk .stream .said >> nth=0").inner_text().split()
        expect(panel.locator(".strip")).to_contain_text(said[0])
        token = panel.locator("[data-act=token]").first
        token.focus()
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Enter")
        expect(panel.locator(".tok.chosen")).to_have_attribute("data-token", "1")
        expect(panel.locator(".tok.chosen")).to_be_focused()
        panel.locator("[data-act=whole]").click()
        expect(panel.locator("[data-act=whole]")).to_have_count(0)
        panel.locator("[data-act=open]").nth(1).click()
        expect(panel.locator("[data-act=open]").nth(1)).to_have_attribute("aria-pressed", "true")
        dials = page.locator(".slot:visible")
        before = dials.count()
        panel.locator("[data-act=dial]").first.click()
        expect(dials).to_have_count(before + 1)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert grave(page) == []
        say(page, "And then?")
        expect(panel).to_have_count(0)
        context.close()


def test_nothing_grave_is_found_on_the_page(page: Page, host: Served) -> None:
    assert grave_in_both(page) == []
    say(page, "the cat")
    assert grave_in_both(page) == []
    page.goto(host.address)
    page.wait_for_selector(".hero")
    assert grave_in_both(page) == []
