"""The page on which a learner talks with an instruct model while dials are turned. The conversation
is the game's; what is drawn is always what is kept."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial

import gradio as gr
from markupsafe import Markup

from playground.errors import PlayerError
from playground.game.talking import Conversation, KeptTurn, pushed_by
from playground.screens.parts import forms, frame, heard, streams
from playground.screens.parts.talk_dials import choices, dial_column, slots, turned
from playground.screens.parts.terms import glossary
from playground.screens.render import macro
from playground.screens.stage import Stage, listen, player_state, when_opened
from playground.store.records import Player, PlayerId
from playground.text.language import SOURCE
from playground.text.titles import titles

WORDS = ("chat", "dial", "site", "strength", "control", "token")  # what it is said in
LINES = 6  # of a message, before it scrolls
SUGGESTIONS = ("who", "day", "story", "advice")
# The field to write in has the keys when a page is ready for it.
TO_FIELD = "() => document.querySelector('#say textarea')?.focus({ preventScroll: true })"


# -- drawing -------------------------------------------------------------------------------------
def history(stage: Stage, now: Conversation) -> Markup:
    """All that was said; before anything was, some things to say."""
    if not now.turns:
        said = [stage.words(f"chat.suggest_{each}") for each in SUGGESTIONS]
        return macro(stage.words, "chat:before", said)
    whole = now.whole if stage.game.exploring.has_features else frozenset[int]()
    return macro(stage.words, "chat:turns", now, titles(SOURCE), whole)


def tools(now: Conversation, busy: bool = False) -> list[object]:
    """Send, stop, again, edit, start over."""
    said = bool(now.turns)
    return [
        gr.Button(interactive=not busy),
        gr.Button(visible=busy),
        *(gr.Button(visible=said, interactive=not busy) for _ in range(3)),
    ]


# -- events: the conversation --------------------------------------------------------------------
def opened(stage: Stage, player: Player) -> list[object]:
    """player, history, choices, slots, tools."""
    now = stage.game.talking.conversation(player.id)
    shown = [history(stage, now), choices(stage, now), *slots(stage, now), *tools(now)]
    return [player.secret, *shown]


def beforehand(stage: Stage, player: PlayerId) -> list[object]:
    """The field of what the model is told first: hidden where its template takes nothing, which is
    known once it is loaded."""
    own, now = stage.game.talking.system, stage.game.talking.conversation(player)
    if own is None:
        return [gr.Textbox(visible=False), gr.Button(visible=False)]
    return [own if now.system is None else now.system, gr.skip()]


Shown = list[object]  # field, editing, history, now, status, tools


def send(
    stage: Stage,
    player: PlayerId,
    said: str,
    editing: bool,
    tokens: float,
    first: float,
    second: float,
) -> Iterator[Shown]:
    yield from spoken(stage, player, said or "", editing, tokens, (first, second))


def suggested(
    stage: Stage,
    player: PlayerId,
    tokens: float,
    first: float,
    second: float,
    event: gr.EventData,
) -> Iterator[Shown]:
    """A click in the history: something to say, or a reply to go on with."""
    if forms.text(event, "act") == "choose":
        now = stage.game.talking.go_on_with(player, heard.row_of(event))
        yield [gr.skip(), gr.skip(), history(stage, now), *[gr.skip()] * 7]
        return
    said = forms.text(event, "said")
    yield from spoken(stage, player, said, False, tokens, (first, second))


def again(
    stage: Stage, player: PlayerId, tokens: float, first: float, second: float
) -> Iterator[Shown]:
    """The last message once more, with other dice."""
    last = stage.game.talking.last(player)
    strengths = (first, second)
    yield from spoken(stage, player, last.said, True, tokens, strengths, last.seed + 1)


def spoken(
    stage: Stage,
    player: PlayerId,
    said: str,
    instead: bool,
    tokens: float,
    strengths: Sequence[float],
    seed: int = 0,
) -> Iterator[Shown]:
    talking, words, skip = stage.game.talking, stage.words, gr.skip()
    now = talking.turn(player, lambda on: turned(on, strengths))
    before = now.model_copy(update={"turns": now.turns[:-1]}) if instead else now
    shown = history(stage, before) if before.turns else Markup()
    going, pushed = streams.Run(), [pushed_by(each) for each in now.dials if each.strength]

    def drawn() -> Markup:
        rows = going.said or {"steered" if pushed else "baseline": ""}
        return macro(words, "chat:writing", said, rows, pushed, titles(SOURCE), bool(before.turns))

    waiting = macro(words, "chat:status", words("chat.reading"))
    yield ["", False, shown, drawn(), waiting, *tools(now, busy=True)]
    try:
        events = talking.say(player, said, int(tokens), seed, instead)
        with closing(streams.paced(events, going)) as paced:
            for event in paced:
                if isinstance(event, KeptTurn):
                    break
                line = streams.waiting(words, going.line) if going.line else words("chat.writing")
                status = macro(words, "chat:status", line)
                yield [skip, skip, skip, drawn(), status, *[skip] * 5]
        now = talking.conversation(player)
        yield [skip, skip, history(stage, now), "", "", *tools(now)]
    except Exception:
        now = talking.conversation(player)
        yield [said, instead, history(stage, now), "", "", *tools(now)]
        raise


def edit(stage: Stage, player: PlayerId, editing: bool) -> list[object]:
    """field, editing, status, the button: the last message to be changed, or left as it was."""
    words = stage.words
    if editing:
        return ["", False, "", gr.Button(words("chat.edit"))]
    said = stage.game.talking.last(player).said
    note = macro(words, "chat:note", words("chat.editing"))
    return [said, True, note, gr.Button(words("chat.edit_stop"))]


def anew(stage: Stage, player: PlayerId) -> list[object]:
    """editing, history, status, tools."""
    now = stage.game.talking.begin_anew(player)
    note = macro(stage.words, "chat:note", stage.words("chat.began_anew"))
    return [False, history(stage, now), note, *tools(now)]


def stopped(stage: Stage, player: PlayerId) -> list[object]:
    """history, now, status, tools."""
    now = stage.game.talking.conversation(player)
    return [
        history(stage, now), "", macro(stage.words, "chat:note", stage.words("chat.stopped")),
        *tools(now),
    ]  # fmt: skip


# -- layout --------------------------------------------------------------------------------------
def layout(stage: Stage, page: gr.Blocks) -> None:
    words = stage.words
    frame.header(stage, "chat")
    if not stage.model.chat:
        frame.board(frame.apology(words, PlayerError("chat.none", model=stage.model.title)))
        frame.footer(words)
        return
    player, editing = player_state(stage), gr.State(False)
    frame.board(macro(words, "chat:lead", stage.model.title))
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=290):
            turning = dial_column(stage, page, player)
        with gr.Column(scale=8, min_width=300):
            past = frame.board(elem_id="talk")
            panel, now = frame.board(elem_id="heard"), frame.board(elem_id="now")
            status, stop = streams.status_row(words)
            with gr.Row(equal_height=True, elem_id="composer"):
                field = gr.Textbox(
                    label=words("chat.say"), placeholder=words("chat.say_example"),
                    info=words("chat.say_info"), lines=1, max_lines=LINES, elem_id="say", scale=8,
                    min_width=200,
                )  # fmt: skip
                write = gr.Button(
                    words("chat.send"), variant="primary", elem_id="send", size="md", scale=1,
                    min_width=110,
                )  # fmt: skip
            with gr.Row():
                more, change, restart = (
                    gr.Button(
                        words(f"chat.{key}"), visible=False, elem_id=key, size="md", min_width=90
                    )
                    for key in ("again", "edit", "anew")
                )
    frame.board(glossary(words, *WORDS), js=None)
    frame.footer(words)
    buttons = [write, stop, more, change, restart]
    shown = [past, turning.choices, *turning.faces, *buttons]
    begun = when_opened(stage, page, opened, [player], [player, *shown])
    listen(stage, begun.success, beforehand, [player], [turning.system, turning.own])
    # Before what it makes way for: a browser does what one click asks for in this order.
    leaving = [write.click, field.submit, more.click, restart.click]
    heard.open_from(stage, player, panel, past, turning, leaving)
    told = [field, editing, past, now, status, *buttons]
    knobs = [turning.tokens, *turning.strengths]
    either = partial(gr.on, [write.click, field.submit])
    spoke = [
        listen(stage, either, send, [player, field, editing, *knobs], told),
        listen(stage, past.act, suggested, [player, *knobs], told),
        listen(stage, more.click, again, [player, *knobs], told),
    ]
    for each in spoke:
        each.then(None, js=TO_FIELD, api_visibility="private")
    edited = listen(stage, change.click, edit, [player, editing], [field, editing, status, change])
    edited.then(None, js=TO_FIELD, api_visibility="private")
    listen(stage, restart.click, anew, [player], [editing, past, status, *buttons])
    halt = stop.click(None, cancels=spoke, api_visibility="private")
    listen(stage, halt.then, stopped, [player], [past, now, status, *buttons])
