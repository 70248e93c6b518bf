"""The map of features: a dot for each, those that add alike things to the model near each other.
What is in view stands in a list beside it. How it looks and moves stands in templates/plane.html
and plane.js."""

from pathlib import Path

import gradio as gr
from markupsafe import Markup

from playground.atlas import plane
from playground.game.mapping import PlacedFeature
from playground.messages import Message
from playground.screens.parts import forms, frame
from playground.screens.render import macro
from playground.screens.stage import Stage, listen
from playground.text.words import Words

SCRIPT = Path(__file__).with_name("plane.js").read_text(encoding="utf-8")
PLAIN, NAMED, TOPIC = range(3)  # how a dot looks


def draw(stage: Stage, site: str) -> Markup:
    """PlayerError: a site without a map."""
    words, found = stage.words, stage.game.maps.of(site)
    dots = [dot(words, each) for each in found.features]
    near = found.kept * plane.NEAREST
    return macro(
        words, "plane:part", site, stage.game.maps.sites, dots, plane.SIDE, plane.NEAREST, near
    )


def dot(words: Words, laid: PlacedFeature) -> tuple[int, int, int, str, int, str]:
    """across, down, feature, what it is called, how it looks, the topic that stands beside it."""
    hit = laid.hit
    tokens = " · ".join(filter(None, map(str.strip, hit.top)))
    called = hit.label if laid.named else tokens or Message("atlas.feature", feature=hit.index)
    look = TOPIC if laid.topics else NAMED if laid.named else PLAIN
    topic = words(f"concepts.{laid.topics[0]}") if len(laid.topics) == 1 else ""
    return laid.across, laid.down, hit.index, words.said(called), look, topic


def act(stage: Stage, event: gr.EventData) -> Markup:
    """Another site."""
    return draw(stage, forms.text(event, "site"))


def layout(stage: Stage) -> gr.HTML | None:
    """Nothing where no site has a map."""
    sites = stage.game.maps.sites
    if not sites:
        return None
    closed = macro(stage.words, "plane:closed", sites[(len(sites) - 1) // 2])
    board = frame.board(closed, js=SCRIPT, elem_id="plane")
    listen(stage, board.act, act, [], [board])
    return board
