"""What several screens draw alike: header and footer, boards, tokens in colour, scores.

A board is a gr.HTML that Python draws whole; elements with data-act report back through touch.js.
"""

from collections.abc import Sequence
from html import escape

import gradio as gr

from playground.errors import PlayerError
from playground.levels.schema import GoalResult, Pick
from playground.screens.parts import pictures
from playground.text.language import LANGUAGES, OWN_NAMES, SOURCE, Language
from playground.text.words import Words

# What it does is said once a page, in theme.HEAD; Gradio reads here which events a board reports.
TOUCH = """
const touch = () => touchBoard(element, trigger, watch);  // reports as 'act' and 'answer'
window.touchBoard ? touch() : addEventListener('touchboard', touch, { once: true });
"""
MAX_STARS = 3
LAMP = """
element.querySelector('.lamp').addEventListener('click', () => {
  const dark = document.body.classList.toggle('dark');
  localStorage.setItem('playground-theme', dark ? 'dark' : 'light');
});
"""


def apology(words: Words, error: PlayerError) -> str:
    """An error where a whole page was to be."""
    return (
        f'<div class="says">{pictures.cat("puzzled")}<div class="bubble warn"><p>'
        f"{escape(words.said(str(error)))}</p>"
        f'<p><a class="plain tiny" href=".">{escape(words("site.back"))}</a></p></div></div>'
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


def header(words: Words, here: str) -> gr.HTML:
    pages = (
        ("home", "."),
        ("sandbox", "sandbox"),
        ("features", "feature"),
        ("handbook", "handbook"),
        ("about", "about"),
    )
    links = "".join(
        (
            f'<a href="{path}"{" aria-current=page" if key == here else ""}>'
            f"{escape(words(f'site.{key}'))}</a>"
        )
        for key, path in pages
    )
    return board(
        f'<header class="top" lang="{words.language}"><a class="brand" href=".">{pictures.cat()}'
        f"{escape(words('site.title'))}</a>"
        f'<nav aria-label="{escape(words("site.nav"))}">{links}{switch(words)}'
        f'<button type="button" class="lamp" '
        f'aria-label="{escape(words("site.theme"))}" title="{escape(words("site.theme"))}">◐'
        f"</button></nav></header>",
        js=LAMP,
    )


def switch(words: Words) -> str:
    """A link to each other language, named in that language; language.js leads it to this page."""
    return "".join(
        f'<a class="tongue" data-language="{other}" lang="{other}" hreflang="{other}" '
        f'href="{escape(home_of(words.language, other))}">{OWN_NAMES[other]}</a>'
        for other in LANGUAGES
        if other != words.language
    )


def home_of(here: Language, other: Language) -> str:
    """The first page in another language, from any page."""
    return f"{other}/" if here == SOURCE else "../" if other == SOURCE else f"../{other}/"


def footer(words: Words) -> gr.HTML:
    return board(f'<p class="foot">{escape(words("site.foot"))}</p>', js=None)


def opening(words: Words) -> str:
    return f'<p class="soft">{escape(words("site.opening"))}</p>'


def waiting(said: str) -> str:
    """While something takes seconds."""
    return (
        f'<div class="stack" role="status"><div class="pulse"></div><p class="soft">{escape(said)}'
        f"</p></div>"
    )


def step(number: int, title: str, more: str) -> str:
    return (
        f'<div class="step"><span class="dot">{number}</span><div><h2>{escape(title)}</h2>'
        f'<p class="soft">{escape(more)}</p></div></div>'
    )


def says(mood: pictures.Mood, inner: str) -> str:
    return f'<div class="says rise">{pictures.cat(mood)}<div class="bubble">{inner}</div></div>'


def stars(words: Words, count: int, large: bool = False) -> str:
    alt = escape(words("site.stars", count=count, total=MAX_STARS))
    drawn = "★" * count + "☆" * (MAX_STARS - count)
    return (
        f'<span class="stars{" large" if large else ""}" role="img" aria-label="{alt}">{drawn}'
        f"</span>"
    )


# -- tokens --------------------------------------------------------------------------------------
def shown(token: str) -> tuple[str, str]:
    """A token as HTML: the space before it, not coloured, and the rest; line breaks get a mark."""
    body = token.lstrip(" ") or token
    return token[: len(token) - len(body)], escape(body).replace("\n", "↵\n")


def strip(tokens: Sequence[str], values: Sequence[float], top: float, little: bool = True) -> str:
    """Tokens coloured by value / top; the number shows under the pointer or a tap."""
    parts = []
    for token, value in zip(tokens, values, strict=True):
        if value <= 0:
            parts.append("".join(shown(token)))
            continue
        space, body = shown(token)
        weight = min(1.0, value / top) if top > 0 else 0.0
        parts.append(
            f'{space}<span class="tok" tabindex="-1" data-v="{value:.3g}" style="--w:'
            f'{weight:.2f}">{body}</span>'
        )
    return f'<div class="strip{" little" if little else ""}">{"".join(parts)}</div>'


def key_strip(
    tokens: Sequence[str], values: Sequence[float], top: float, chosen: int | None, label: str
) -> str:
    """A strip whose tokens can be chosen: one stop for the tab key, arrow keys walk along it."""
    parts = []
    for i, (token, value) in enumerate(zip(tokens, values, strict=True)):
        weight = min(1.0, value / top) if top > 0 else 0.0
        number = f' data-v="{value:.3g}"' if value > 0 else ""
        stop = "0" if i == (chosen or 0) else "-1"
        pressed = "true" if i == chosen else "false"
        kind = "tok chosen" if i == chosen else "tok"
        space, body = shown(token)
        parts.append(
            f'{space}<span role="button" class="{kind}" tabindex="{stop}" data-act="token" '
            f'data-token="{i}" data-key="t{i}"'
            f'{number} aria-pressed="{pressed}" style="--w:{weight:.2f}">{body}</span>'
        )
    return f'<div class="strip" role="group" aria-label="{escape(label)}">{"".join(parts)}</div>'


def marked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The text with some stretches marked."""
    parts, at = [], 0
    for start, end in sorted(spans):
        if start < at:
            continue
        parts.append(f'{escape(text[at:start])}<mark class="hit">{escape(text[start:end])}</mark>')
        at = end
    return "".join(parts) + escape(text[at:])


# -- features in lists ---------------------------------------------------------------------------
def pick_key(pick: Pick) -> str:
    return f"{pick.site}/{pick.feature}"


def pick_of(site: str, feature: str | int) -> Pick:
    return Pick(site, int(feature))


def data(act: str, pick: Pick, kind: str = "") -> str:
    """The attributes that make an element report a feature."""
    return (
        f'data-act="{act}" data-site="{escape(pick.site)}" data-feature="{pick.feature}" '
        f'data-key="{kind or act}-{escape(pick_key(pick))}"'
    )


def feature_row(
    words: Words,
    pick: Pick,
    name: str,
    sub: str,
    chosen: bool = False,
    collected: bool | None = None,
) -> str:
    """A feature as a button, with a second one to collect it unless `collected` is None."""
    add = ""
    if collected is not None:
        say = words("hunt.remove" if collected else "hunt.add", name=name)
        add = (
            f'<button type="button" class="add" {data("collect", pick)} aria-pressed="'
            f'{str(collected).lower()}" '
            f'aria-label="{escape(say)}" title="{escape(say)}">{"✓" if collected else "+"}</button>'
        )
    return (
        f'<li class="pick"><button type="button" class="open" {data("open", pick)} '
        f'aria-pressed="{str(chosen).lower()}" '
        f'title="{escape(name)}"><span class="name">{escape(name)}</span><span class="sub">'
        f"{sub}</span></button>{add}</li>"
    )


def bar(weight: float) -> str:
    return f'<span class="bar" style="--w:{min(1.0, max(0.0, weight)):.3f}"><i></i></span>'


# -- scores --------------------------------------------------------------------------------------
def score(
    title: str, value: float, unit: str, more: str, beside: str = "", total: bool = False
) -> str:
    """One score of 0..100 with its bar, its meaning, and what it is to be compared with."""
    next_to = f'<div class="beside num">{escape(beside)}</div>' if beside else ""
    return (
        f'<div class="score{" total" if total else ""}"><h3>{escape(title)}</h3>'
        f'<div class="big num">{value:.0f} <small>{escape(unit)}</small></div>{bar(value / 100)}'
        f'{next_to}<p class="small soft">{escape(more)}</p></div>'
    )


def goal_list(words: Words, goals: Sequence[GoalResult]) -> str:
    rows = "".join(
        f'<li><span class="tick" aria-label="'
        f'{escape(words("level.met" if g.met else "level.unmet"))}">'
        f'{"✓" if g.met else "✗"}</span><span>{escape(g.says)} <span class="soft num">('
        f"{escape(g.found)})</span></span></li>"
        for g in goals
    )
    return f'<ul class="goals">{rows}</ul>'
