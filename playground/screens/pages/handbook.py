"""The handbook: groups and terms beside the chosen page, a search, an alphabet; below a page what
to try, the levels that need it, and when it was checked. What a page says is read by
playground/text/handbook.py, the numbers that are drawn in it by playground/game/illustrating.py.
"""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path

import gradio as gr
from babel.dates import format_date
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

from playground import settings
from playground.errors import PlayerError
from playground.game.game import Game
from playground.levels.kinds import Level
from playground.screens.addresses import from_to
from playground.screens.pages.sandbox import LINK
from playground.screens.parts import figures, frame
from playground.screens.parts.terms import address, link
from playground.screens.render import macro, render
from playground.screens.stage import Offer, Stage, listen, when_opened
from playground.text import handbook
from playground.text.handbook import ELSEWHERE, Handbook, Page
from playground.text.language import Language, slug
from playground.text.words import Words

MARKDOWN = "pages/handbook/markdown"
# Enter opens what stands first in the list, as soon as that is the list of what was typed.
FIRST_FOUND = """(query) => {
  const open = (left) => {
    const list = document.querySelector('#contents [data-query]');
    if (list?.dataset.query === query.trim()) list.querySelector('a.open')?.click();
    else if (left) setTimeout(open, 100, left - 1);
  };
  open(100);
}"""
ALPHABET = "a-z"  # the page of all names
LEVELS_SHOWN = 12  # below a page


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


# -- what the model and the course add -----------------------------------------------------------
def measured(stage: Stage) -> Offer | None:
    """Whose numbers and features are shown: this page's model, or the first that has features."""
    offers = (stage.offer, *stage.offers)
    return next((each for each in offers if each.game.exploring.has_features), None)


def way(stage: Stage, offer: Offer) -> str:
    """What stands before a link to a page of that model."""
    if offer.place == stage.offer.place:
        return ""
    return from_to(stage.words.language, stage.offer.place, offer.place).removesuffix(".")


@lru_cache(16)
def told_in(game: Game, language: Language) -> Game:
    return game.in_language(language)


@lru_cache(16)
def levels_of(game: Game, language: Language) -> Mapping[str, Sequence[Level]]:
    """By page the levels whose words it explains, in course order."""
    book, found = handbook.shipped(language), dict[str, list[Level]]()
    for level in told_in(game, language).illustrating.levels:
        for page in dict.fromkeys(filter(None, map(book.term, level.learned.words))):
            found.setdefault(page.slug, []).append(level)
    return found


def try_link(game: Game, page: Page) -> str:
    """Where to try what a page is about, everything filled in; empty where this model cannot."""
    wanted = page.facts.try_it
    if wanted is None:
        return ""
    if wanted.screen == "feature":
        pick = game.illustrating.feature(wanted)
        return f"feature?site={pick.site}&feature={pick.feature}" if pick else ""
    state = game.illustrating.sandbox(wanted)
    return f"sandbox?{LINK}={game.exploring.encode(state)}" if state else ""


def drawing(words: Words, offer: Offer, page: Page) -> Markup:
    """Nothing where the idea has no figure, or nobody measured it on this model."""
    figure = offer.game.illustrating.figure(page.facts.figure) if page.facts.figure else None
    return figures.draw(words, figure, offer.model.title) if figure else Markup()


@cache
def source() -> str:
    """Where the pages' texts can be changed; empty where the host does not say."""
    return settings.load().source


# -- the boards ----------------------------------------------------------------------------------
def draw(stage: Stage, book: Handbook, page: Page) -> Markup:
    words, offer = stage.words, measured(stage)
    before, after = book.beside(page)
    month = format_date(page.facts.checked, "LLLL y", locale=words.locale)
    return render(
        words,
        "pages/handbook/page",
        page=page,
        body=body(page.body),
        figure=drawing(words, offer, page) if offer else "",
        before=before,
        after=after,
        link=link,
        way=way(stage, offer) if offer else "",
        try_link=try_link(offer.game, page) if offer else "",
        levels=levels_of(offer.game, words.language).get(page.slug, ()) if offer else (),
        shown=LEVELS_SHOWN,
        month=month,
        source=source(),
    )


def alphabet(words: Words, book: Handbook) -> Markup:
    """Every name of every page, by its first letter."""
    return render(words, "pages/handbook/alphabet", letters=book.alphabet, link=link)


def contents(words: Words, book: Handbook, chosen: str) -> Markup:
    """chosen: the slug of the page that is open."""
    return render(
        words, "pages/handbook/contents",
        groups=book.groups, chosen=chosen, link=link, alphabet=address(ALPHABET),
        everything=chosen == ALPHABET,
    )  # fmt: skip


def found(words: Words, book: Handbook, query: str) -> Markup:
    pages, whole = book.search(query), query.strip()
    near = [] if pages else book.near(query)
    return render(
        words, "pages/handbook/found",
        pages=pages, near=near, whole=whole, query=whole[:40], link=link,
    )  # fmt: skip


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, request: gr.Request) -> tuple[str, str, str]:
    """chosen, list, page."""
    words = stage.words
    book = handbook.shipped(words.language)
    chosen = request.query_params.get("page") or book.pages[0].slug
    if chosen == ALPHABET:
        return chosen, contents(words, book, chosen), alphabet(words, book)
    try:
        drawn = draw(stage, book, book.page(chosen))
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
    query.submit(None, [query], js=FIRST_FOUND, api_visibility="private")
