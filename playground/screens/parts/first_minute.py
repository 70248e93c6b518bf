"""The first thing on the home page: a text that the model writes, and the slider that changes it.
What is recorded stands in the page, so that the model sleeps until a position is wanted that is
not; how it looks and moves stands in templates/first.html and first_minute.js."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import gradio as gr
from markupsafe import Markup

from playground.errors import PlayerError
from playground.game.first_minute import STEP
from playground.screens.parts import forms, frame, streams
from playground.screens.render import macro
from playground.screens.stage import Stage, listen
from playground.store.records import PlayerId

SCRIPT = Path(__file__).with_name("first_minute.js").read_text(encoding="utf-8")
# What the model writes goes to a board that is not shown; the page takes it over from there.
RELAY = "watch('value', () => dispatchEvent(new CustomEvent('firstminute', { detail: element })));"
ENTERED = "() => { window.entered = true; dispatchEvent(new Event('entered')); }"


def draw(stage: Stage) -> Markup:
    return macro(stage.words, "first:part", stage.game.first_minute.file, stage.model, STEP)


def write(stage: Stage, player: PlayerId, event: gr.EventData) -> Iterator[Markup]:
    """What is written for the number of a request, so that the page knows what is out of date."""
    data, run = forms.sent(event), streams.Run()
    try:
        concept, at = str(data["dial"]), float(str(data["at"]))
        seed, number = (int(str(data[each])) for each in ("seed", "number"))
    except (KeyError, ValueError) as error:
        raise PlayerError("first.no_place") from error
    try:
        with closing(stage.game.first_minute.write(player, concept, at, seed)) as events:
            for _ in streams.paced(events, run):
                line = streams.waiting(stage.words, run.line) if run.line else ""
                yield macro(None, "first:written", number, run.said["steered"], "", line)
    except Exception:
        yield macro(None, "first:written", number, run.said.get("steered", ""), "failed", "")
        raise
    yield macro(None, "first:written", number, run.said["steered"], "done", "")


def layout(stage: Stage, player: gr.BrowserState) -> None:
    """Nothing where the model has no such file."""
    if stage.game.first_minute.file is None:
        return
    board = frame.board(draw(stage), js=SCRIPT, elem_id="first")
    relay = frame.board(js=RELAY, elem_id="first-relay")
    writing = listen(stage, board.act, write, [player], [relay], trigger="multiple")
    board.answer(None, cancels=[writing], api_visibility="private")
