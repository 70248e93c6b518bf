"""Links that are given to others: whole, as the browser has them, and as a QR code."""

import re
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from playground.screens.parts import links
from playground.text.language import LANGUAGES, Language
from playground.text.words import Words


def asked(referer: str = "", url: str = "http://127.0.0.1:7860/gradio_api/queue/join") -> Any:
    return cast(
        gr.Request, SimpleNamespace(headers={"referer": referer} if referer else {}, url=url)
    )


@pytest.mark.parametrize(
    ("page", "whole"),
    [
        ("http://192.168.0.5:7860/sandbox?s=old#a", "http://192.168.0.5:7860/sandbox?s=new"),
        ("https://a.example/play/ru/sandbox", "https://a.example/play/ru/sandbox?s=new"),
        (
            "https://me-game.hf.space/gpt2/sandbox?a=b",
            "https://me-game.hf.space/gpt2/sandbox?s=new",
        ),
    ],
)
def test_a_link_is_whole_as_the_browser_has_it(page: str, whole: str) -> None:
    assert links.below(asked(page), "?s=new") == whole


def test_without_a_page_it_leads_to_the_server() -> None:
    url = "http://127.0.0.1:7860/sandbox"
    assert links.below(asked("", url), "?s=new") == f"{url}?s=new"


def modules(picture: str) -> int:
    """How many squares a side has, with the light rim."""
    found = re.search(r'viewBox="0 0 (\d+) \1"', picture)
    assert found, picture[:200]
    return int(found[1])


def test_a_code_has_as_many_squares_as_its_address_needs() -> None:
    """ISO/IEC 18004, error correction M: 26 bytes in version 2, 62 in version 4."""
    short, longer = links.code("http://192.168.0.5:7860/"), links.code("a" * 60)
    assert short and longer
    assert modules(short) == 25 + 8
    assert modules(longer) == 33 + 8
    assert links.code("a" * (links.MOST + 1)) is None


def test_an_address_cannot_leave_its_place() -> None:
    hostile = 'http://a/?s="><script>ran</script>'
    shown = str(links.drawn(Words.load(), hostile, "<b>"))
    assert "<script" not in shown and "<b>" not in shown
    assert "&#34;&gt;&lt;script&gt;" in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_what_it_leads_to_in_every_language(language: Language) -> None:
    words = Words.of(language)
    shown = str(links.drawn(words, "http://a/", words("sandbox.link_info"), own=True))
    assert words("sandbox.link_info") in shown and words("site.copy") in shown
    assert 'data-own="true"' in shown and 'role="img"' in shown
    assert "data-own" not in links.drawn(words, "http://a/", "")
