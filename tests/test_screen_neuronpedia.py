"""What Neuronpedia says on a card and in a search; and that nothing asks it before a click."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from playground.atlas.cards import Explanation, Hit, Neuronpedia
from playground.game.exploring import Exploring
from playground.game.library import Library
from playground.levels.judging import Bench
from playground.levels.schema import Pick
from playground.levels.shelf import Shelf
from playground.screens import theme
from playground.screens.parts import card, frame, search
from playground.text.words import Words
from tests.neuronpedia_export import SOURCE
from tests.test_screens import example_card

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Request, Route

LISTED = '<section class="stack"><h3>What Neuronpedia says</h3>'


def drawn(told: Neuronpedia | None, words: Words | None = None) -> str:
    shown = replace(example_card(), neuronpedia=told)
    return card.draw(words or Words.load(), shown, "cats", [])


TOLD = Neuronpedia(
    SOURCE,
    7,
    (
        Explanation("words about <felines>", "oai", "gpt-4o-mini", 0.784),
        Explanation("cats", "", ""),
    ),
    example_card().activations,
    0.0037,
)


def test_a_card_shows_explanations_with_their_author() -> None:
    html = drawn(TOLD)
    assert LISTED in html
    assert "<q>words about &lt;felines&gt;</q>" in html
    assert "says Neuronpedia, by gpt-4o-mini · score 78 of 100" in html
    assert "says Neuronpedia, without an author" in html
    assert "In its texts it fires on 0.37 % of the tokens." in html
    assert "Texts of Neuronpedia where it fires" in html
    assert "говорит Neuronpedia, автор: gpt-4o-mini" in drawn(TOLD, Words.of("ru"))


def test_a_card_shows_what_neuronpedia_measured_beside_ours_and_as_its_own() -> None:
    bars = (3.0, 0.0, 1.0)
    theirs = replace(
        TOLD,
        maxActApprox=88.31,
        pos_str=(" lynx",),
        pos_values=(1.5,),
        freq_hist_data_bar_heights=bars,
        freq_hist_data_bar_values=bars,
        logits_hist_data_bar_heights=bars,
        logits_hist_data_bar_values=bars,
    )
    html = drawn(theirs)
    assert "There its activation reaches about 88.3." in html
    assert "<summary>What Neuronpedia says it makes likelier</summary>" in html
    ours, own = html.split("<h3>Makes likelier (Neuronpedia)</h3>")
    assert "<h3>Makes likelier</h3>" in ours and "<code> cat</code>" in ours
    assert "lynx" not in ours
    assert own.index('<code> lynx</code><span class="num">+1.50</span>') < own.index("</ol>")
    for title in ("How strongly it fires, when it does", "Its effect on all possible next tokens"):
        assert f'role="img" aria-label="{title} (Neuronpedia)"' in html
    assert 'aria-label="How strongly it fires, when it does"' in html
    russian = drawn(theirs, Words.of("ru"))
    assert "<h3>Делает вероятнее (Neuronpedia)</h3>" in russian
    assert "<summary>Гистограммы Neuronpedia</summary>" in russian
    assert "Активация там доходит примерно до 88" in russian
    assert "(Neuronpedia)" not in drawn(TOLD)  # an import that does not say


def test_a_card_without_an_import_has_the_link_alone() -> None:
    html = drawn(Neuronpedia(SOURCE, 7))
    assert f'href="https://www.neuronpedia.org/{SOURCE}/7"' in html
    assert "<q>" not in html
    assert "Texts of Neuronpedia" not in html
    assert "neuronpedia" not in drawn(None).lower()


def test_a_card_asks_nothing_by_itself() -> None:
    html = drawn(TOLD)
    (link,) = re.findall(r'<a [^>]*href="https:[^>]*>', html)
    assert 'target="_blank"' in link
    assert 'rel="noopener noreferrer"' in link
    assert not re.search(r"<(iframe|img|script|link|embed|object)\b", html)
    assert " src=" not in html
    (frame,) = re.findall(r"data-frame=\"([^\"]*)\"", html)
    assert frame.startswith(f"https://www.neuronpedia.org/{SOURCE}/7?embed=true")
    assert html.index("This asks neuronpedia.org") < html.index("data-frame")


TOUCH = Path(theme.__file__).with_name("touch.js").read_text(encoding="utf-8")
PAGE = """<!doctype html><title>card</title><div id="board">{card}</div><script>
const element = document.querySelector('#board');
const trigger = () => {{}}, watch = () => {{}};
{touch}
</script>"""


@pytest.mark.browser
def test_a_browser_asks_neuronpedia_only_after_the_click(browser: "Browser") -> None:
    sent: list[Request] = []

    def answer(route: "Route") -> None:
        sent.append(route.request)
        own = route.request.url == "http://game.test/feature"
        body = PAGE.format(card=drawn(TOLD), touch=TOUCH + frame.TOUCH) if own else "<p>theirs</p>"
        route.fulfill(body=body, content_type="text/html")

    page = browser.new_page()
    page.route("**/*", answer)
    page.goto("http://game.test/feature", wait_until="networkidle")
    page.get_by_text("Show its page here").click()
    assert page.get_by_text("This asks neuronpedia.org").is_visible()
    assert [each.url for each in sent] == ["http://game.test/feature"]
    page.get_by_role("button", name="Load from neuronpedia.org").click()
    page.frame_locator("iframe").get_by_text("theirs").wait_for()
    (asked_for,) = sent[1:]
    assert asked_for.url.startswith(f"https://www.neuronpedia.org/{SOURCE}/7?embed=true")
    assert "referer" not in asked_for.headers
    shown = page.locator("iframe")
    assert shown.get_attribute("title") == "Feature 7 on neuronpedia.org"
    assert shown.get_attribute("referrerpolicy") == "no-referrer"
    page.close()


def test_a_hit_says_where_the_query_was_found() -> None:
    words = Words.load()
    hit = Hit("early", 1, "cats", (" cat",), 0.1, ("words about <b>", "purring"))
    assert search.why(words, hit, " Purr ") == "Neuronpedia: purring"
    assert search.why(words, hit, "about") == "Neuronpedia: words about &lt;b&gt;"
    assert search.why(words, hit, "cat") == search.why(words, hit, "1") == "<code>cat</code> "


def test_a_level_that_hides_labels_hides_neuronpedia_too() -> None:
    shown = replace(example_card(), neuronpedia=Neuronpedia(SOURCE, 7))
    sites = {"middle": SimpleNamespace(width=64)}
    atlas: Any = SimpleNamespace(card=lambda *_: shown)
    engine: Any = SimpleNamespace(sites=sites)
    exploring = Exploring(Bench(engine, atlas, {}, tuned={}), Library(Shelf.load()))
    assert exploring.card(Pick("middle", 7)).neuronpedia
    assert exploring.card(Pick("middle", 7), "find-cats").neuronpedia is None
    assert exploring.card(Pick("middle", 7), "steer-chocolate").neuronpedia
