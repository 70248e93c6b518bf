"""What several screens draw alike: header and footer, boards, tokens in colour, scores.

A board is a gr.HTML that Python draws whole; elements with data-act report back through touch.js.
"""

from collections.abc import Sequence
from pathlib import Path

import gradio as gr
from markupsafe import Markup

from playground.errors import PlayerError
from playground.game.exploring import number_of
from playground.levels.schema import Pick
from playground.screens.render import macro
from playground.screens.stage import Stage
from playground.text.language import LANGUAGES, OWN_NAMES, SOURCE, Language
from playground.text.words import Words

# What it does is said once a page, in theme.HEAD; Gradio reads here which events a board reports.
TOUCH = """
const touch = () => touchBoard(element, trigger, watch);  // reports as 'act' and 'answer'
window.touchBoard ? touch() : addEventListener('touchboard', touch, { once: true });
"""
LAMP = Path(__file__).with_name("lamp.js").read_text(encoding="utf-8")
PAGES = (
    ("home", "."),
    ("chat", "chat"),
    ("sandbox", "sandbox"),
    ("features", "feature"),
    ("circuit", "circuit"),
    ("handbook", "handbook"),
    ("about", "about"),
)


# -- the frame of a page -------------------------------------------------------------------------
def board(value: str = "", js: str | None = TOUCH, elem_id: str | None = None) -> gr.HTML:
    made = gr.HTML(value, js_on_load=js, apply_default_css=False, elem_id=elem_id, padding=False)
    # Described once and not at every look: whenever a page is opened, Gradio asks the boards of all
    # pages in all languages, which kept a player waiting for a tenth of a second. A subclass would
    # have Gradio write a stub file beside this one.
    described = made.get_config()
    made.get_config = lambda: dict(described)
    return made


def header(stage: Stage, here: str) -> gr.HTML:
    words, missing = stage.words, set[str]()
    if not stage.model.chat:
        missing.add("chat")
    if not stage.game.exploring.has_features:
        missing.add("features")
    if not stage.game.tracing.offered:
        missing.add("circuit")
    pages = [(key, path) for key, path in PAGES if key not in missing]
    return board(macro(words, "frame:header", pages, here, tongues(words.language)), js=LAMP)


def tongues(here: Language) -> list[tuple[Language, str, str]]:
    """Every other language: its name in itself, and the first page in it, from any page."""
    above = "" if here == SOURCE else "../"
    return [
        (other, OWN_NAMES[other], f"{above}{other}/" if other != SOURCE else above)
        for other in LANGUAGES
        if other != here
    ]


def footer(words: Words) -> gr.HTML:
    return board(macro(words, "frame:footer"), js=None)


def opening(words: Words) -> Markup:
    return macro(words, "frame:opening")


def waiting(said: str) -> Markup:
    """While something takes seconds."""
    return macro(None, "frame:waiting", said)


def empty(said: str) -> Markup:
    """Where something is to come."""
    return macro(None, "frame:empty", said)


def step(number: int, title: str, more: str) -> Markup:
    return macro(None, "frame:step", number, title, more)


def heading(text: str, level: int = 1) -> Markup:
    return macro(None, "frame:heading", text, level)


def apology(words: Words, error: PlayerError) -> Markup:
    """An error where a whole page was to be."""
    return macro(words, "frame:apology", error.said)


# -- tokens --------------------------------------------------------------------------------------
def strip(
    tokens: Sequence[str], values: Sequence[float], top: float, little: bool = True
) -> Markup:
    """Tokens coloured by value / top; the number shows under the pointer or a tap."""
    return macro(None, "frame:strip", tokens, values, top, little)


def key_strip(
    tokens: Sequence[str],
    values: Sequence[float],
    top: float,
    chosen: int | None,
    label: str,
    row: int | None = None,
) -> Markup:
    """A strip whose tokens can be chosen: one stop for the tab key, arrow keys walk along it. row:
    its number where several strips report."""
    return macro(None, "frame:key_strip", tokens, values, top, chosen, label, row)


def marked(text: str, spans: Sequence[tuple[int, int]]) -> Markup:
    """The text with some stretches marked."""
    stretches, at = list[tuple[str, bool]](), 0
    for start, end in sorted(spans):
        if start < at:
            continue
        stretches += [(text[at:start], False), (text[start:end], True)]
        at = end
    return macro(None, "frame:marked", [*stretches, (text[at:], False)])


# -- features in lists ---------------------------------------------------------------------------
def pick_key(pick: Pick) -> str:
    return f"{pick.site}/{pick.feature}"


def pick_of(site: str, feature: str | int) -> Pick:
    """PlayerError for what is no number."""
    number = number_of(str(feature))
    if number is None:
        raise PlayerError("feature.no_number", number=str(feature)[:20])
    return Pick(site, number)
