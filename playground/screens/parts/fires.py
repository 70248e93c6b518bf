"""What fires in a text of the learner's own, token by token: the text in colour, and the features
of one token or of all. How it looks stands in templates/wander.html."""

from dataclasses import dataclass, replace

import gradio as gr
from markupsafe import Markup

from playground.engine.records import Reading
from playground.levels.schema import Pick
from playground.screens.parts import forms, frame, heard
from playground.screens.render import macro
from playground.screens.stage import Stage, listen
from playground.store.records import PlayerId


@dataclass(frozen=True)
class TextLook:
    """token: the place of the one whose features are listed, None for the whole text; pick: the
    feature that colours."""

    text: str
    reading: Reading
    token: int | None = None
    pick: Pick | None = None


def draw(stage: Stage, look: TextLook) -> Markup:
    exploring, reading, pick = stage.game.exploring, look.reading, look.pick
    values, top = heard.colours(exploring, reading, pick)
    name = None if pick is None else exploring.name(pick)
    firings, sites = exploring.firings(reading, look.token), exploring.sites
    return macro(
        stage.words, "wander:fires", look, [each.name for each in sites if each.width],
        values, top, name, firings,
    )  # fmt: skip


def read(stage: Stage, player: PlayerId, text: str, site: str) -> list[object]:
    """look, panel. PlayerError for a text that cannot be read."""
    reading = stage.game.exploring.on_behalf(player).read(text, site)
    found = stage.game.exploring.firings(reading)
    look = TextLook(text, reading, pick=found[0].pick if found else None)
    return [look, draw(stage, look)]


def begin(stage: Stage, player: PlayerId, text: str) -> list[object]:
    """In the middle of the model, where ideas stand."""
    known = [each.name for each in stage.game.exploring.sites if each.width]
    return read(stage, player, text, known[(len(known) - 1) // 2])


def act(stage: Stage, player: PlayerId, look: TextLook | None, event: gr.EventData) -> list[object]:
    """look, panel after a click on a token, a feature, another site."""
    what = forms.text(event, "act")
    if look is None:
        return [None, ""]
    if what == "site":
        return read(stage, player, look.text, forms.text(event, "site"))
    if what == "open":
        pick = forms.pick(event)
        stage.game.exploring.check(pick)
        seen = replace(look, pick=pick)
    else:
        tokens = len(look.reading.tokens)
        token = forms.place(event, "token", tokens) if what == "token" else None
        seen = replace(look, token=token)
    return [seen, draw(stage, seen)]


def layout(stage: Stage, player: gr.BrowserState) -> None:
    words, look = stage.words, gr.State(None)
    frame.board(frame.heading(words("wander.own"), 2))
    with gr.Row(equal_height=True):
        text = gr.Textbox(
            label=words("feature.try_text"), placeholder=words("wander.own_example"), lines=2,
            elem_id="own", scale=8, min_width=240,
        )  # fmt: skip
        button = gr.Button(words("wander.own_look"), elem_id="own-look", scale=1, min_width=120)
    panel = frame.board(elem_id="fires")
    listen(stage, button.click, begin, [player, text], [look, panel])
    listen(stage, panel.act, act, [player, look], [look, panel], trigger="multiple")
