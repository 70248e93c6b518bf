"""The certificate as a picture: name, score, date, the best steer. The browser saves it as PNG.

Drawn as SVG with colours of its own, the same in light and dark; nothing is fetched for it.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from textwrap import wrap
from typing import Literal, NamedTuple

import gradio as gr
from markupsafe import Markup

from playground.errors import PlayerError
from playground.game.exam import BestSteer
from playground.screens.addresses import of_house
from playground.screens.parts import frame
from playground.screens.render import render
from playground.screens.stage import STORAGE_SECRET, Stage, listen, player_state, when_opened
from playground.store import codes
from playground.store.records import Player, PlayerId

SAVE = Path(__file__).with_name("save.js").read_text(encoding="utf-8")
NAME_KEY = "steering-playground-name"
NAME_MOST = 40  # characters
PER_LINE, LINES = 78, 8  # characters of the steered text that fit


# -- the steered text ----------------------------------------------------------------------------
class Piece(NamedTuple):
    """Of one line of the picture."""

    text: str
    look: Literal["prompt", "counted", "said"]


def steered(steer: BestSteer) -> list[list[Piece]]:
    """The best steer line by line; line breaks count as spaces."""
    text = (steer.prompt + steer.text).replace("\n", " ")
    shift = len(steer.prompt)
    spans = [(start + shift, end + shift) for start, end in steer.spans]
    return [pieces(text, start, end, spans, shift) for start, end in laid_out(text)]


def laid_out(text: str) -> list[tuple[int, int]]:
    """Where each line of the picture begins and ends in the text."""
    lines, at = list[tuple[int, int]](), 0
    for line in wrap(text, PER_LINE, replace_whitespace=False, drop_whitespace=True):
        start = text.index(line, at)
        at = start + len(line)
        lines.append((start, at))
    return lines[:LINES]


def pieces(
    text: str, start: int, end: int, spans: Sequence[tuple[int, int]], prompt: int
) -> list[Piece]:
    """One line: the prompt ends at `prompt`, the words that counted lie in `spans`."""
    cuts = {start, end, min(max(prompt, start), end)}
    cuts |= {place for span in spans for place in span if start < place < end}
    made, places = list[Piece](), sorted(cuts)
    for left, right in pairwise(places):
        counted = any(a <= left and right <= b for a, b in spans)
        look = "counted" if counted else "prompt" if right <= prompt else "said"
        made.append(Piece(text[left:right], look))
    return made


# -- drawing -------------------------------------------------------------------------------------
def draw(stage: Stage, player: PlayerId, name: str) -> Markup:
    certificate, given = stage.game.challenges.certificate(player), name.strip()[:NAME_MOST]
    issued = stage.game.belonging.certify(player, stage.game.model, certificate, given)
    return render(
        stage.words,
        "pages/certificate",
        certificate=certificate,
        code=codes.spaced(issued.code),
        verify=of_house(stage.words.language, stage.offer.place, "verify"),
        name=given,
        lines=steered(certificate.steer) if certificate.steer else [],
    )


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, player: Player, name: str) -> list[object]:
    """player, name's field, picture."""
    try:
        return [player.secret, gr.Textbox(name, visible=True), draw(stage, player.id, name)]
    except PlayerError as error:
        return [player.secret, gr.skip(), frame.apology(stage.words, error)]


def named(stage: Stage, player: PlayerId, name: str) -> list[object]:
    """The kept name and the picture."""
    return [name.strip()[:NAME_MOST], draw(stage, player, name)]


def layout(stage: Stage, page: gr.Blocks) -> None:
    words, player = stage.words, player_state(stage)
    kept = gr.BrowserState("", storage_key=NAME_KEY, secret=STORAGE_SECRET)
    frame.header(stage, "home")
    frame.board(frame.heading(words("certificate.heading")), js=None)
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
