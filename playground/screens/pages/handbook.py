"""The handbook: groups and terms beside the chosen page, a search, and words that explain
themselves on other screens. What a page says is read by playground/handbook.py.
"""

from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path

import gradio as gr
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from playground.errors import PlayerError
from playground.screens.parts import frame
from playground.screens.stage import Stage, listen, when_opened
from playground.text import handbook
from playground.text.handbook import ELSEWHERE, Group, Handbook, Page
from playground.text.language import slug
from playground.text.words import Words

BLANK = "|"  # where the linked words go in a text of english.toml and its siblings


def link(page: Page) -> str:
    return f"handbook?page={page.slug}"


# -- a page as HTML ------------------------------------------------------------------------------
class Renderer(RendererHTML):
    """Markdown as the game shows it; links were checked when the pages were read."""

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        target = str(tokens[idx].attrGet("href"))
        if target.startswith(ELSEWHERE):
            return f'<a href="{escape(target)}" target="_blank" rel="noreferrer">'
        return f'<a href="handbook?page={escape(slug(Path(target)))}">'

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """The drawing itself, not a reference to it: so it takes the colour of the text."""
        drawn = handbook.shipped().pictures[str(tokens[idx].attrGet("src"))]
        return f'<span class="drawing">{drawn}</span>'

    def table_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return '<div class="wide-table" tabindex="0"><table>'

    def table_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return "</table></div>"


@cache
def body(text: str) -> str:
    """Markdown as HTML, made once a text."""
    plain = handbook.markdown()
    return (
        MarkdownIt("commonmark", plain.options, renderer_cls=Renderer).enable("table").render(text)
    )


def onward(words: Words, book: Handbook, page: Page) -> str:
    """The pages before and after in reading order."""
    links = "".join(
        f'<a class="plain tiny" href="{link(other)}">{escape(words(key, title=other.title))}</a>'
        for key, other in zip(
            ("handbook.previous", "handbook.next"), book.beside(page), strict=True
        )
        if other is not None
    )
    return f'<div class="inline">{links}</div>'


def draw(words: Words, book: Handbook, page: Page) -> str:
    return (
        f'<article class="sheet reading"><h1>{escape(page.title)}</h1><p class="first">'
        f"{escape(page.first)}</p>{body(page.body)}</article>{onward(words, book, page)}"
    )


# -- the list of pages ---------------------------------------------------------------------------
def row(page: Page, chosen: str) -> str:
    here = " aria-current=page" if page.slug == chosen else ""
    return f'<li><a href="{link(page)}"{here}>{escape(page.title)}</a></li>'


def group(part: Group, chosen: str) -> str:
    """A group that unfolds; the one with the chosen page is open."""
    rows = "".join(row(page, chosen) for page in part.pages)
    opened = " open" if any(page.slug == chosen for page in part.pages) else ""
    return (
        f"<details{opened}><summary>{escape(part.title)}</summary>"
        f'<ul class="list">{rows}</ul></details>'
    )


def contents(words: Words, book: Handbook, chosen: str) -> str:
    """Every group; data-fold closes the whole on a phone."""
    groups = "".join(group(part, chosen) for part in book.groups)
    return (
        f'<nav class="bookmap" aria-label="{escape(words("handbook.contents"))}">'
        f'<details data-fold open><summary class="all">{escape(words("handbook.contents"))}'
        f"</summary>{groups}</details></nav>"
    )


def found(words: Words, book: Handbook, query: str) -> str:
    """What a search found, as links with their first sentences."""
    hits = book.search(query)
    if not hits:
        said = words("handbook.none", query=query.strip()[:40])
        return f'<p class="empty" role="status">{escape(said)}</p>'
    rows = "".join(
        f'<li class="pick"><a class="open" href="{link(page)}"><span class="name">'
        f'{escape(page.title)}</span><span class="sub"><span class="clip">{escape(page.first)}'
        f"</span></span></a></li>"
        for page in hits
    )
    said = words("handbook.found", count=len(hits))
    return (
        f'<p class="small soft" role="status">{escape(said)}</p><ul class="list scroll">{rows}</ul>'
    )


# -- words on other screens ----------------------------------------------------------------------
def term(words: Words, word: str) -> str:
    """A word as a link to its page, with the page's first sentence beside it (see terms.js)."""
    page = handbook.shipped(words.language).term(word)
    if page is None:
        return escape(word)
    tip = f"tip-{page.slug}"
    return (
        f'<span class="term"><a href="{link(page)}" target="_blank" aria-describedby="{tip}">'
        f'{escape(word)}</a><span class="tip" role="tooltip" id="{tip}">{escape(page.first)} '
        f'<span class="again" aria-hidden="true">{escape(words("handbook.again"))}</span></span>'
        f"</span>"
    )


def terms(words: Words, key: str, listed: Sequence[str]) -> str:
    """The text of a key that lists {words}, each of them explained."""
    linked = ", ".join(term(words, word) for word in listed)
    return escape(words(key, words=BLANK)).replace(BLANK, linked)


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, request: gr.Request) -> tuple[str, str, str]:
    """chosen, list, page."""
    words = stage.words
    book = handbook.shipped(words.language)
    chosen = request.query_params.get("page") or book.pages[0].slug
    try:
        drawn = draw(words, book, book.page(chosen))
    except PlayerError as error:
        drawn = frame.apology(words, error)
    return chosen, contents(words, book, chosen), drawn


def narrowed(stage: Stage, query: str, chosen: str) -> str:
    """The list as the search box asks for it."""
    book = handbook.shipped(stage.words.language)
    if not query.strip():
        return contents(stage.words, book, chosen)
    return found(stage.words, book, query)


def layout(stage: Stage, page: gr.Blocks) -> None:
    words, chosen = stage.words, gr.State("")
    frame.header(words, "handbook")
    with gr.Row(equal_height=False):
        with gr.Column(scale=3, min_width=240):
            query = gr.Textbox(
                label=words("handbook.search"),
                placeholder=words("handbook.placeholder"),
                elem_id="search",
            )
            listed = frame.board(elem_id="contents")
        with gr.Column(scale=8, min_width=320):
            shown = frame.board(frame.opening(words), elem_id="page")
    frame.footer(words)
    when_opened(stage, page, opened, [], [chosen, listed, shown])
    listen(stage, query.change, narrowed, [query, chosen], [listed], trigger="always_last")
