"""What runs where, what is shipped, whose ideas these are.

Every number comes from the code that uses it.
"""

import gradio as gr
from markupsafe import Markup

from playground.engine.records import METHODS, OPENING_TOKENS, SCOPES
from playground.messages import Message
from playground.models.registry import SaeCard
from playground.screens.parts import frame
from playground.screens.render import render
from playground.screens.stage import Stage, when_opened
from playground.settings import SHIPPED

SOURCES = (
    ("about.source_features", "https://transformer-circuits.pub/2023/monosemantic-features"),
    ("about.source_cards", "https://www.neuronpedia.org"),
    ("about.source_scores", "https://arxiv.org/abs/2501.17148"),
    ("about.source_choice", "https://arxiv.org/abs/2505.20063"),
    ("about.source_saes", "https://github.com/jbloomAus/SAELens"),
)


def named(sae: SaeCard | None) -> str:
    """Which SAE it is: as its makers call it, or the end of its folder."""
    if sae is None:
        return "–"
    return "/".join(sae.folder.parts[-2:]) if sae.folder else sae.name


def draw(stage: Stage) -> Markup:
    return render(
        stage.words,
        "pages/about",
        model=stage.model,
        shipped=stage.offer.name == SHIPPED,
        blurb=Message("about.pocket") if stage.offer.name == SHIPPED else stage.model.blurb,
        sites=stage.game.exploring.sites,
        notes=stage.game.exploring.notes,
        device=stage.game.exploring.device,
        parts=stage.manifest.parts,
        named=named,
        methods=METHODS,
        scopes=SCOPES,
        opening_tokens=OPENING_TOKENS,
        sources=SOURCES,
    )


def layout(stage: Stage, page: gr.Blocks) -> None:
    frame.header(stage, "about")
    board = frame.board(js=None)
    frame.footer(stage.words)
    when_opened(stage, page, draw, [], [board])  # what it runs on is known once it is loaded
