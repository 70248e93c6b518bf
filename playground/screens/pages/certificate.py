"""The certificate as a picture: name, score, date, the best steer. The browser saves it as PNG.

Drawn as SVG with colours of its own, the same in light and dark; nothing is fetched for it.
"""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from textwrap import wrap

import gradio as gr

from playground.errors import PlayerError
from playground.game.game import BestSteer, Certificate
from playground.screens.parts import frame, pictures
from playground.screens.stage import STORAGE_SECRET, Stage, listen, player_state, when_opened
from playground.text.words import Words

SAVE = Path(__file__).with_name("save.js").read_text(encoding="utf-8")
NAME_KEY = "steering-playground-name"
NAME_MOST = 40  # characters
WIDTH, HEIGHT = 1200, 850
PER_LINE, LINES = 78, 8  # characters of the steered text that fit
TEXT_TOP, LINE_STEP = 500, 36
COLOURS = (
    "--cat: #e9965d; --cat-dark: #b9602b; --cat-light: #fff4e8; --cat-ink: #33241b; "
    "--accent: #b0451c; font-family: system-ui, 'Noto Sans', sans-serif"
)
INK, SOFT, FIRE = "#2d2621", "#6b5f54", "#b0451c"


# -- drawing -------------------------------------------------------------------------------------
def picture(words: Words, certificate: Certificate, name: str) -> str:
    """name: as the player wrote it; a line to write on where it is empty."""
    score = words("certificate.score", stars=certificate.stars, total=certificate.total)
    steer = certificate.steer
    body = "" if steer is None else steered(words, steer)
    alt = words("certificate.alt", name=name or words("certificate.nobody"), score=score)
    mark = pictures.cat("happy", (70, 64, 120, 126))
    line = "" if name else f'<path d="M220 300h520" stroke="{SOFT}" stroke-width="2"/>'
    return (
        f'<svg class="certificate" xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-label="{escape(alt)}" viewBox="0 0 {WIDTH} {HEIGHT}" style="{COLOURS}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#faf5ec"/>'
        f'<rect x="28" y="28" width="{WIDTH - 56}" height="{HEIGHT - 56}" rx="26" fill="#fffdf9" '
        f'stroke="{FIRE}" stroke-width="4"/>{mark}{line}'
        f"{said(220, 112, 26, words('site.title'), SOFT)}"
        f"{said(220, 168, 46, words('certificate.title'), INK, 750)}"
        f"{said(220, 228, 24, words('certificate.awarded'), SOFT)}"
        f"{said(220, 288, 48, name, FIRE, 700)}"
        f"{said(220, 344, 26, score, INK, 600)}"
        f"{said(220, 382, 22, words('certificate.day', day=certificate.day.isoformat()), SOFT)}"
        f"{body}</svg>"
    )


def said(x: int, y: float, size: int, text: str, colour: str, weight: int = 400) -> str:
    return (
        f'<text x="{x}" y="{y:g}" font-size="{size}" fill="{colour}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )


def steered(words: Words, steer: BestSteer) -> str:
    """The best steer: the text with the words that counted, and the setting below."""
    head = words("certificate.steer", level=steer.level, score=f"{steer.score:.0f}")
    drawn = said(80, TEXT_TOP - 46, 24, head, INK, 650)
    whole = steer.prompt + steer.text
    shift = len(steer.prompt)
    spans = [(start + shift, end + shift) for start, end in steer.spans]
    lines = laid_out(whole)
    for number, (start, end) in enumerate(lines):
        y = TEXT_TOP + number * LINE_STEP
        pieces = marked(whole, start, end, spans, shift)
        drawn += (
            f'<text x="80" y="{y}" font-size="24" fill="{INK}" xml:space="preserve">{pieces}</text>'
        )
    y = TEXT_TOP + len(lines) * LINE_STEP + 20
    for dial, name in zip(steer.dials, steer.names, strict=True):
        setting = words(
            "certificate.dial",
            name=name,
            feature=dial.feature,
            site=words.site(dial.site),
            method=dial.method,
            strength=f"{dial.strength:g}",
        )
        drawn += said(80, y, 20, cut(setting, 104), SOFT)
        y += 30
    return drawn


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def laid_out(text: str) -> list[tuple[int, int]]:
    """Where each line of the picture begins and ends in the text; line breaks count as spaces."""
    flat = text.replace("\n", " ")
    lines, at = list[tuple[int, int]](), 0
    for line in wrap(flat, PER_LINE, replace_whitespace=False, drop_whitespace=True):
        start = flat.index(line, at)
        at = start + len(line)
        lines.append((start, at))
    return lines[:LINES]


def marked(text: str, start: int, end: int, spans: Sequence[tuple[int, int]], prompt: int) -> str:
    """One line: what the prompt said in grey, words that counted bold and underlined."""
    cuts = {start, end, min(max(prompt, start), end)}
    cuts |= {place for span in spans for place in span if start < place < end}
    drawn, places = "", sorted(cuts)
    for left, right in zip(places, places[1:], strict=False):
        piece = escape(text[left:right].replace("\n", " "))
        counted = any(a <= left and right <= b for a, b in spans)
        if counted:
            look = f'fill="{FIRE}" font-weight="750" text-decoration="underline"'
            drawn += f"<tspan {look}>{piece}</tspan>"
        else:
            drawn += f'<tspan fill="{SOFT}">{piece}</tspan>' if right <= prompt else piece
    return drawn


def draw(stage: Stage, player: str, name: str) -> str:
    words, certificate = stage.words, stage.game.certificate(player)
    shown = picture(words, certificate, name.strip()[:NAME_MOST])
    return (
        f'<div class="stack">{shown}<div class="inline"><button type="button" class="go" '
        f'data-save="steering-certificate.png">{escape(words("certificate.save"))}</button>'
        f'<a class="plain" href="exam">{escape(words("level.back_to", title=words("exam.title")))}'
        f"</a></div></div>"
    )


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, player: str | None, name: str) -> list[object]:
    """player, name's field, picture."""
    known = stage.game.player(player)
    try:
        return [known, gr.Textbox(name, visible=True), draw(stage, known, name)]
    except PlayerError as error:
        return [known, gr.skip(), frame.apology(stage.words, error)]


def named(stage: Stage, player: str, name: str) -> list[object]:
    """The kept name and the picture."""
    return [name.strip()[:NAME_MOST], draw(stage, player, name)]


def layout(stage: Stage, page: gr.Blocks) -> None:
    words, player = stage.words, player_state(stage)
    kept = gr.BrowserState("", storage_key=NAME_KEY, secret=STORAGE_SECRET)
    frame.header(words, "home")
    frame.board(f"<h1>{escape(words('certificate.heading'))}</h1>", js=None)
    field = gr.Textbox(
        label=words("certificate.name"),
        info=words("certificate.name_info"),
        max_length=NAME_MOST,
        visible=False,
        elem_id="name",
    )
    main = frame.board(frame.opening(words), js=SAVE, elem_id="certificate")
    frame.footer(words)
    when_opened(stage, page, opened, [player, kept], [player, field, main])
    listen(stage, field.change, named, [player, field], [kept, main], trigger="always_last")
