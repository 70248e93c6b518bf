"""The controls of a steering level, beside the search: what is chosen, how far it is turned, hints.
Has no events."""

from dataclasses import dataclass

import gradio as gr

from playground.engine.records import MAX_DIALS
from playground.screens.parts import dials, frame
from playground.screens.stage import Stage


@dataclass(frozen=True)
class Wheel:
    """The controls beside the search: what is chosen and how far it is turned."""

    chosen: gr.HTML
    push: gr.HTML
    strength: gr.Slider
    rows: list[dials.DialRow]
    none: gr.HTML
    write: gr.Button
    hints: gr.HTML
    solution: gr.HTML

    @property
    def faces(self) -> list[gr.Column | gr.HTML]:
        """What shows the dials of a level with several."""
        return [part for row in self.rows for part in (row.column, row.title)] + [self.none]

    @property
    def sliders(self) -> list[gr.Slider]:
        return [self.strength, *(row.strength for row in self.rows)]


def lay_out(stage: Stage) -> Wheel:
    words = stage.words
    chosen = frame.board(elem_id="chosen")
    second = frame.board(elem_id="push")
    strength = gr.Slider(
        0,
        1,
        step=dials.STRENGTH_STEP,
        label=words("steer.strength"),
        info=words("steer.strength_info"),
        elem_id="strength",
    )
    none = frame.board(elem_id="no-dials")
    rows = [dials.row(stage, number) for number in range(MAX_DIALS)]
    frame.board(frame.step(3, words("steer.step3"), words("steer.step3_more")))
    write = gr.Button(words("steer.run"), variant="primary", elem_id="write")
    hints, solution = frame.board(elem_id="hints"), frame.board(elem_id="solution")
    return Wheel(chosen, second, strength, rows, none, write, hints, solution)
