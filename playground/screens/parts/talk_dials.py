"""Beside a conversation: its dials (directions of concepts, features, the learner's own), what the
model is told first, and how long it may talk. What is turned is kept with the conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup

from playground.engine.records import NO_FEATURE
from playground.errors import PlayerError
from playground.game.talking import MAX_DIALS, REPLY_TOKENS, Conversation, KeptDial, Turning
from playground.levels.schema import Pick
from playground.screens.parts import builder, dials, forms, frame, search
from playground.screens.render import macro
from playground.screens.stage import Stage, listen
from playground.store.records import PlayerId
from playground.text.words import Words

START = 0.4  # of a direction that nobody has measured
STRONGEST = 1.5  # on a dial: beyond it nothing but babble was ever heard
SHORTEST, LONGEST = 8, 200  # tokens of a reply
CHANGED = 3 * MAX_DIALS + 2  # outputs of what turns dials: choices, slots


# -- drawing -------------------------------------------------------------------------------------
def choices(stage: Stage, now: Conversation) -> Markup:
    turned = [each.concept for each in now.dials if each.concept]
    return macro(stage.words, "chat:choices", stage.game.talking.concepts, turned)


def dial_title(stage: Stage, number: int, dial: KeptDial) -> Markup:
    words = stage.words
    places = " + ".join(map(words.site, dial.sites))
    if dial.feature != NO_FEATURE:
        name = stage.game.exploring.name(Pick(dial.sites[0], dial.feature))
        return macro(words, "chat:dial", number, name, words("chat.feature"), places)
    name = words(f"concepts.{dial.concept}") if dial.concept else dial.name
    way = words(f"directions.{dial.way}")
    return macro(words, "chat:dial", number, name, way, places)


def slots(stage: Stage, now: Conversation) -> list[object]:
    """For every dial: its column, its heading, its strength; at last the line for no dials."""
    shown: list[object] = []
    for number in range(MAX_DIALS):
        dial = now.dials[number] if number < len(now.dials) else None
        title = dial_title(stage, number, dial) if dial else ""
        strength = dial.strength if dial else gr.skip()
        shown += [gr.Column(visible=dial is not None), title, strength]
    return [*shown, "" if now.dials else frame.empty(stage.words("chat.no_dials"))]


# -- events --------------------------------------------------------------------------------------
def turned(on: Sequence[KeptDial], strengths: Sequence[float]) -> tuple[KeptDial, ...]:
    """The dials as their sliders stand."""
    return tuple(
        dial.model_copy(update={"strength": float(strength)})
        for dial, strength in zip(on, strengths, strict=False)
    )


def put(stage: Stage, player: PlayerId, change: Turning) -> list[object]:
    """choices, then slots."""
    now = stage.game.talking.turn(player, change)
    return [choices(stage, now), *slots(stage, now)]


def add(stage: Stage, player: PlayerId, pick: Pick, strengths: Sequence[float]) -> list[object]:
    """choices and slots after a feature was wanted on a dial. PlayerError where none is free."""
    stage.game.exploring.check(pick)
    added = KeptDial(sites=(pick.site,), feature=pick.feature, strength=START)
    return put(stage, player, lambda on: (*turned(on, strengths), added))


def find(stage: Stage, query: str) -> str:
    return search.results(stage, query, None, None)


def act(
    stage: Stage, player: PlayerId, first: float, second: float, event: gr.EventData
) -> list[object]:
    """choices and slots after a direction was chosen, or taken off."""
    talking, what, strengths = stage.game.talking, forms.text(event, "act"), (first, second)
    if what == "remove":
        number = forms.whole(event, "number")
        return put(stage, player, lambda on: without(turned(on, strengths), number))
    if what == "open":
        return add(stage, player, forms.pick(event), strengths)
    name = forms.text(event, "concept")
    found = talking.tuned(name)
    if found is None:
        raise PlayerError("errors.no_site", site=name, known=talking.concepts)

    def change(on: tuple[KeptDial, ...]) -> Sequence[KeptDial]:
        others = [each for each in turned(on, strengths) if each.concept != name]
        return others if len(others) < len(on) else [*others, found]

    return put(stage, player, change)


def without(on: Sequence[KeptDial], number: int) -> list[KeptDial]:
    return [each for place, each in enumerate(on) if place != number]


def take(
    stage: Stage,
    player: PlayerId,
    first: float,
    second: float,
    saved: builder.Saved,
    event: gr.EventData,
) -> list[object]:
    """choices and slots after a direction of the learner's own was wanted on a dial."""
    strengths, direction = (first, second), builder.taken(stage, saved, event)
    if direction is None:
        return put(stage, player, lambda on: turned(on, strengths))
    one = direction.contrast
    added = KeptDial(
        sites=(one.site,), strength=START, name=one.name, way=one.way,
        about=one.about, others=one.others,
    )  # fmt: skip
    return put(stage, player, lambda on: (*turned(on, strengths), added))


def tell(stage: Stage, player: PlayerId, system: str) -> None:
    own = stage.game.talking.system
    stage.game.talking.tell(player, None if system == own else system)


def as_made(stage: Stage, player: PlayerId) -> str:
    """What the model's makers have it told."""
    stage.game.talking.tell(player, None)
    return stage.game.talking.system or ""


# -- layout --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class DialColumn:
    """The controls of the dials. faces: as `slots` updates them."""

    choices: gr.HTML
    faces: tuple[Any, ...]
    strengths: tuple[gr.Slider, ...]
    system: gr.Textbox
    own: gr.Button
    tokens: gr.Slider


def dial_column(stage: Stage, page: gr.Blocks, player: gr.BrowserState) -> DialColumn:
    words, features = stage.words, stage.game.exploring.has_features
    chosen = frame.board(elem_id="choices")
    none = frame.board(elem_id="no-dials")
    made = [
        dials.row(stage, number, STRONGEST, words("chat.strength_info"))
        for number in range(MAX_DIALS)
    ]
    faces = (*(part for each in made for part in (each.column, each.title, each.strength)), none)
    strengths = tuple(each.strength for each in made)
    changed = [chosen, *faces]
    if features:
        query = gr.Textbox(
            label=words("steer.search"), placeholder=words("feature.placeholder"), elem_id="search"
        )
        results = frame.board(elem_id="results")
        listen(stage, query.change, find, [query], [results], trigger="always_last")
        listen(stage, results.act, act, [player, *strengths], changed, trigger="multiple")
    building = builder.layout(stage, page, player, alone=False)
    system, own, tokens = told_first(words)
    for board in (chosen, *(each.title for each in made)):
        listen(stage, board.act, act, [player, *strengths], changed, trigger="multiple")
    taking = [player, *strengths, building.saved]
    listen(stage, building.shelf.act, take, taking, changed, trigger="multiple")
    listen(stage, system.blur, tell, [player, system])
    listen(stage, own.click, as_made, [player], [system])
    return DialColumn(chosen, faces, strengths, system, own, tokens)


def told_first(words: Words) -> tuple[gr.Textbox, gr.Button, gr.Slider]:
    """What the model is told beforehand, the way back to what its makers wrote, how long it may
    talk."""
    with gr.Accordion(words("chat.told"), open=False, elem_id="told"):
        system = gr.Textbox(
            label=words("chat.system"), info=words("chat.system_info"), lines=3, max_lines=8,
            elem_id="system",
        )  # fmt: skip
        own = gr.Button(words("chat.system_own"), elem_id="system-own")
        tokens = gr.Slider(
            SHORTEST, LONGEST, value=REPLY_TOKENS, step=1, label=words("chat.length")
        )
    return system, own, tokens
