"""Words with the first sentence of their page in the handbook beside them. Has no events; terms.js
shows what is beside a word."""

from collections.abc import Sequence

from markupsafe import Markup

from playground.screens.render import render
from playground.text import handbook
from playground.text.handbook import Page
from playground.text.words import Words


def address(slug: str) -> str:
    return f"handbook?page={slug}"


def link(page: Page) -> str:
    return address(page.slug)


def terms(words: Words, key: str, listed: Sequence[str]) -> Markup:
    """The text of a key that lists {words}, each of them explained."""
    book = handbook.shipped(words.language)
    return render(words, "terms", key=key, listed=[(w, book.term(w)) for w in listed], link=link)
