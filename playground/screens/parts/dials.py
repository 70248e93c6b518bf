"""The controls of several dials: a slot each, filled from the left."""

from collections.abc import Sequence
from dataclasses import dataclass

import gradio as gr
from markupsafe import Markup

from playground.engine.directions import Direction
from playground.engine.records import MAX_STRENGTH, METHODS, OPENING_TOKENS, SCOPES, Method, Scope
from playground.errors import PlayerError
from playground.levels.schema import Pick
from playground.screens.parts import frame
from playground.screens.render import macro
from playground.screens.stage import Stage, listen
from playground.text.words import Words

WORDS = ("strength", "clamping", "adding", "scope", "control", "damage")  # what they are said in
START_STRENGTH = 0.6
STRENGTH_STEP = 0.05
SLOT_INPUTS = 3  # strength, method, scope of one dial
Turned = Pick | Direction | None  # what is on a dial: a feature, a direction of the learner's own


def slot_title(stage: Stage, number: int, pick: Turned) -> Markup:
    """A dial's heading: the feature, its page, and the button that takes it out."""
    if pick is None:
        return Markup()
    if isinstance(pick, Direction):
        return macro(stage.words, "dials:own", number, pick)
    return macro(stage.words, "dials:title", number, pick, stage.game.exploring.name(pick))


def explained(words: Words, method: Method, scope: Scope) -> Markup:
    """What the method does and which value means off, and where the scope reaches."""
    return macro(words, "dials:explained", method, scope, OPENING_TOKENS)


def slots(stage: Stage, picks: Sequence[Turned], empty: str) -> list[object]:
    """For every slot: its column and its heading; at last the line for no dials, `empty`."""
    updates: list[object] = []
    for number, pick in enumerate(picks):
        updates += [gr.Column(visible=pick is not None), slot_title(stage, number, pick)]
    return [*updates, frame.empty(empty) if empty and not any(picks) else ""]


def explain(stage: Stage, method: Method | None, scope: Scope | None) -> Markup:
    """PlayerError where nothing is chosen, which a page that is as we made it does not send."""
    if method is None:
        raise PlayerError("errors.method", method="", known=METHODS)
    if scope is None:
        raise PlayerError("errors.scope", scope="", known=SCOPES)
    return explained(stage.words, method, scope)


@dataclass(frozen=True)
class DialRow:
    """The controls of one dial where the level fixes its method and scope."""

    column: gr.Column
    title: gr.HTML
    strength: gr.Slider


@dataclass(frozen=True)
class DialSlot(DialRow):
    """The controls of one dial."""

    method: gr.Dropdown
    scope: gr.Dropdown


def row(stage: Stage, number: int, most: float = MAX_STRENGTH, info: str = "") -> DialRow:
    """most: either way; info: what a strength means, unless it is as for every dial."""
    words = stage.words
    with gr.Column(visible=False, elem_classes="slot") as column:
        title = frame.board()
        strength = gr.Slider(
            -most,
            most,
            value=START_STRENGTH,
            step=STRENGTH_STEP,
            label=words("sandbox.strength"),
            info=info or words("steer.strength_info"),
            elem_id=f"strength-{number}",
        )
    return DialRow(column, title, strength)


def slot(stage: Stage, number: int) -> DialSlot:
    words, plain = stage.words, row(stage, number)
    with plain.column:
        with gr.Row():
            method = gr.Dropdown(
                list(METHODS), value="clamp", label=words("sandbox.method"), min_width=120
            )
            scope = gr.Dropdown(
                list(SCOPES), value="opening", label=words("sandbox.scope"), min_width=120
            )
        line = frame.board(explained(words, "clamp", "opening"))
    for event in (method.change, scope.change):
        listen(stage, event, explain, [method, scope], [line], trigger="always_last")
    return DialSlot(plain.column, plain.title, plain.strength, method, scope)
