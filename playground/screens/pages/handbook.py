"""The handbook: groups and terms beside the chosen page, a search, and words that explain
themselves on other screens. What a page says is read by playground/text/handbook.py.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import gradio as gr
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from playground.errors import PlayerError
from playground.screens.parts import frame
from playground.screens.parts.terms import address, link
from playground.screens.render import macro, render
from playground.screens.stage import Stage, listen, when_opened
from playground.text import handbook
from playground.text.handbook import ELSEWHERE, Handbook, Page
from playground.text.language import slug
from playground.text.words import Words

MARKDOWN = "pages/handbook/markdown"


# -- a page as HTML ------------------------------------------------------------------------------
class Renderer(RendererHTML):
    """Markdown as the game shows it; links were checked when the pages were read."""

    def link_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        target = str(tokens[idx].attrGet("href"))
        if target.startswith(ELSEWHERE):
            tokens[idx].attrs = {"href": target, "target": "_blank", "rel": "noreferrer"}
        else:
            tokens[idx].attrs = {"href": address(slug(Path(target)))}
        return self.renderToken(tokens, idx, options, env)

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        drawn = handbook.shipped().pictures[str(tokens[idx].attrGet("src"))]
        return macro(None, f"{MARKDOWN}:image", Markup(drawn))

    def table_open(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return macro(None, f"{MARKDOWN}:table_open")

    def table_close(
        self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType
    ) -> str:
        return macro(None, f"{MARKDOWN}:table_close")


@cache
def body(text: str) -> Markup:
    """Markdown as HTML, made once a text: HTML in it stays text, and our drawings are our own."""
    made = MarkdownIt("commonmark", handbook.markdown().options, renderer_cls=Renderer)
    return Markup(made.enable("table").render(text))


# -- the boards ----------------------------------------------------------------------------------
def draw(words: Words, book: Handbook, page: Page) -> Markup:
    before, after = book.beside(page)
    return render(
        words,
        "pages/handbook/page",
        page=page,
        body=body(page.body),
        before=before,
        after=after,
        link=link,
    )


def contents(words: Words, book: Handbook, chosen: str) -> Markup:
    """chosen: the slug of the page that is open."""
    return render(words, "pages/handbook/contents", groups=book.groups, chosen=chosen, link=link)


def found(words: Words, book: Handbook, query: str) -> Markup:
    pages, asked = book.search(query), query.strip()[:40]
    return render(words, "pages/handbook/found", pages=pages, query=asked, link=link)


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
    frame.header(stage, "handbook")
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
