"""How we measure: what is counted, against what, how surely, and what is not measured.

Every number comes from the code that uses it, or from what the atlas says of its own making.
"""

from math import erf, sqrt

import gradio as gr
from markupsafe import Markup

from playground.concepts import damage, examples
from playground.levels import intervals
from playground.levels.dealing import triples
from playground.levels.kinds import hunt
from playground.levels.proving import proof
from playground.levels.schema import STARS_WITH_ANSWER
from playground.models import registry
from playground.screens.parts import frame
from playground.screens.render import render
from playground.screens.stage import Stage, when_opened
from playground.settings import SHIPPED

# What no figure of the game says, by the names of their messages.
UNMEASURED = ("sense", "words", "cut", "names", "others", "size")


def draw(stage: Stage) -> Markup:
    meta = stage.game.exploring.meta
    return render(
        stage.words,
        "pages/measure",
        model=stage.model,
        shipped=stage.offer.name == SHIPPED,
        shares=examples.SHARES,
        documents=meta["documents"],
        samples=meta["samples"],
        graded=stage.game.exploring.graded,
        damage=damage,
        read=[
            (registry.card(each.model).title, tuple(map(str, each.lengths)), each)
            for each in damage.CHECKED
        ],
        unread=stage.offer.name not in {each.model for each in damage.CHECKED},
        controls=triples.CONTROLS,
        usual=hunt.CONTROL_FEATURES,
        sure=100 * erf(intervals.Z / sqrt(2)),
        proof=proof,
        left=STARS_WITH_ANSWER,
        unmeasured=UNMEASURED,
    )


def layout(stage: Stage, page: gr.Blocks) -> None:
    frame.header(stage, "about")
    board = frame.board(frame.opening(stage.words), js=None, elem_id="measure")
    frame.footer(stage.words)
    when_opened(stage, page, draw, [], [board])
