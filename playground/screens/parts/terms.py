"""Words with the first sentence of their page in the handbook beside them. Has no events; terms.js
shows what is beside a word."""

from collections.abc import Sequence

from markupsafe import Markup

from playground.screens.render import macro, render
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
    explained = [(word, book.term(word)) for word in listed]
    return render(words, "terms", key=key, listed=explained, link=link, apart="")


def glossary(words: Words, *slugs: str) -> Markup:
    """The words that a screen uses, by the pages on them, each explained where it stands."""
    pages = [handbook.shipped(words.language).page(slug) for slug in slugs]
    named = [(page.title.partition(" (")[0], page) for page in pages]
    line = render(words, "terms", key="handbook.here", listed=named, link=link, apart="here-")
    return macro(None, "frame:aside", line)
