"""The screen of levels that ask: questions, answers, a look before handing in, the verdict.

The browser's form is the only place where answers are kept until they are handed in: every report
brings all of its fields, so nothing is lost between two quick clicks.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, NamedTuple

import gradio as gr

from playground.errors import AuthorError, PlayerError
from playground.game.game import Answer, Asked, Graded, Probe
from playground.levels.dealing.questions import AskLevel, Exhibit, Form, Question
from playground.screens.parts import ask_verdict, brief, exhibits, frame
from playground.screens.stage import Stage, listen, player_state, when_opened
from playground.text.words import Words

SLOTS = 12  # places for questions; a level has at most so many


@dataclass(frozen=True)
class Desk:
    """What lies before the player of one round. forms: of its questions, in their order."""

    level: str = ""
    seed: int = 0
    forms: tuple[Form, ...] = ()
    probes: int = 0  # a question
    probed: tuple[Probe, ...] = ()

    def probes_of(self, number: int) -> tuple[Probe, ...]:
        return tuple(probe for probe in self.probed if probe.number == number)


class Slot(NamedTuple):
    """The boards of one question, from top to bottom, in their column."""

    column: gr.Column
    question: gr.HTML
    probed: gr.HTML
    answer: gr.HTML
    tried: gr.HTML


# -- drawing -------------------------------------------------------------------------------------
def pulse(said: str) -> str:
    return (
        f'<div class="stack" role="status" data-show="narrow"><div class="pulse"></div>'
        f'<p class="soft">{escape(said)}</p></div>'
    )


def draw_question(stage: Stage, asked: Asked, number: int, earlier: Sequence[Exhibit] = ()) -> str:
    """Number, question, what is shown; the strip to choose from stands with the answers."""
    words, question = stage.words, asked.questions[number]
    shown = question.exhibits[1:] if question.form == "token" else question.exhibits
    of = words("ask.question", number=number + 1, count=len(asked.questions))
    probe = draw_probe(words, number) if asked.probes else ""
    return (
        f'<div class="stack"><div class="step"><span class="dot" aria-hidden="true">{number + 1}'
        f'</span><div><p class="small soft">{escape(of)}</p>'
        f'<h2 id="{exhibits.title_id(number)}">{escape(question.ask)}</h2></div></div>'
        f"{exhibits.draw(stage, shown, earlier)}{probe}</div>"
    )


def draw_probe(words: Words, number: int) -> str:
    """A prompt for the hidden dial."""
    return (
        f'<div class="probe stack"><label for="probe-{number}"><b>{escape(words("ask.probe"))}</b>'
        f'</label><textarea class="field" id="probe-{number}" name="p{number}" rows="2" '
        f'form="{exhibits.ROUND}" placeholder="{escape(words("ask.probe_example"))}"></textarea>'
        f'<div class="inline"><button type="button" class="plain" data-act="probe" '
        f'data-number="{number}" data-key="probe{number}" form="{exhibits.ROUND}">'
        f"{escape(words('ask.probe_write'))}</button>"
        f'<span class="small soft">{escape(words("ask.probe_more"))}</span></div></div>'
    )


def draw_probed(words: Words, desk: Desk, number: int) -> str:
    """The latest replies side by side, earlier ones behind a fold each, and how many are left."""
    if not desk.probes:
        return ""
    tried = desk.probes_of(number)
    left = words("ask.probes_left", left=desk.probes - len(tried), count=desk.probes)
    drawn = sides(words, tried[-1]) if tried else ""
    for probe in reversed(tried[:-1]):
        before = words("ask.probed_before", prompt=probe.prompt)
        drawn += f"<details><summary>{escape(before)}</summary>{sides(words, probe)}</details>"
    return (
        f'<div class="stack"><p class="small soft num" role="status">{escape(left)}</p>'
        f"{drawn}</div>"
    )


def sides(words: Words, probe: Probe) -> str:
    titles = (words("ask.without"), words("ask.with"))
    drawn = "".join(
        f'<article class="sheet stream{" steered" if place else ""}"><h3>{escape(title)}</h3>'
        f'<div class="said"><span class="prompt">{escape(probe.prompt)}</span>{escape(reply)}'
        f"</div></article>"
        for place, (title, reply) in enumerate(zip(titles, probe.replies, strict=True))
    )
    return f'<div class="streams">{drawn}</div>'


def draw_answer(words: Words, question: Question, number: int) -> str:
    """The fields that the question is answered with."""
    if question.form == "token":
        fields = exhibits.pickable(words, question, number)
    elif question.form == "choose":
        fields = exhibits.options(question, number)
    else:
        fields = exhibits.writing(words, question, number)
    return f'<div class="answer stack">{fields}</div>'


def draw_tried(stage: Stage, text: str, graded: Graded) -> str:
    """What a text would give; it is shown too, for the field may say something else by now."""
    words = stage.words
    said = words("ask.would" if graded.right else "ask.would_not")
    return (
        f'<div class="tried stack" role="status"><div class="inline">'
        f'<span class="chip{" on" if graded.right else ""}">{escape(said)}</span>'
        f'<span class="small soft">{escape(words("ask.tried", text=text))}</span></div>'
        f"<p>{escape(graded.why)}</p>{exhibits.draw(stage, graded.exhibits)}</div>"
    )


def draw_bar(words: Words, answers: Sequence[Answer], sure: bool = False) -> str:
    """How much is answered, and the button to hand in. sure: the next click does it anyway."""
    missing = [str(place + 1) for place, answer in enumerate(answers) if answer is None]
    count = len(answers)
    said = words("ask.answered", done=count - len(missing), count=count)
    warning, button = "", words("ask.hand_in")
    if sure and missing:
        button = words("ask.hand_in_anyway")
        warning = words("ask.missing", numbers=", ".join(missing))
        warning = f'<p class="warn" role="alert">{escape(warning)}</p>'
    return (
        f'<div class="sheet handin" role="group" aria-label="{escape(words("ask.hand_in"))}">'
        f'{warning}<div class="inline"><span class="num" role="status">{escape(said)}</span>'
        f"{frame.bar((count - len(missing)) / count if count else 0.0)}"
        f'<button type="button" class="go" data-act="hand_in" data-key="hand_in" '
        f'data-sure="{int(sure)}" form="{exhibits.ROUND}">{escape(button)}</button></div></div>'
    )


# -- what the browser reports ----------------------------------------------------------------------
def fields_of(event: gr.EventData) -> Mapping[str, str]:
    return event._data.get("form") or {}


def answers_of(desk: Desk, fields: Mapping[str, str]) -> tuple[Answer, ...]:
    """The round's answers; None where nothing is chosen or written."""
    answers: list[Answer] = []
    for number, form in enumerate(desk.forms):
        said = fields.get(exhibits.field(number), "")
        if form == "write":
            answers.append(said.strip() or None)
        else:
            answers.append(int(said) if said.isdecimal() else None)
    return tuple(answers)


# -- events --------------------------------------------------------------------------------------
def empty_slots() -> list[object]:
    """The new values of all slots' outputs while no question is shown."""
    return [gr.Column(visible=False), "", "", "", ""] * SLOTS


def opened(stage: Stage, player: str | None, request: gr.Request) -> list[object]:
    """player, desk, intro, status, hints. The questions come after that: to deal them may take a
    while."""
    words, level = stage.words, request.query_params.get("level", "")
    known = stage.game.player(player)
    try:
        start = stage.game.start(known, level)
        if not isinstance(start.level, AskLevel):
            raise PlayerError(words("level.missing"))
    except PlayerError as error:
        return [known, Desk(), frame.apology(words, error), "", ""]
    intro, hints = brief.intro(words, start), brief.hints(words, start)
    return [known, Desk(level), intro, pulse(words("ask.dealing")), hints]


def deal(stage: Stage, desk: Desk, player: str) -> Iterator[list[object]]:
    """desk, status, bar, then five of each slot."""
    words, skip = stage.words, gr.skip()
    if not desk.level:
        yield [skip] * (3 + SLOTS * len(Slot._fields))
        return
    try:
        asked = stage.game.ask(player, desk.level)
        if len(asked.questions) > SLOTS:
            raise AuthorError(f"{desk.level}: {len(asked.questions)} questions; {SLOTS} fit")
    except AuthorError as error:
        logging.getLogger(__name__).error("no questions could be dealt", exc_info=error)
        sorry = frame.apology(words, PlayerError(words("ask.no_deal")))
        yield [Desk(), sorry, "", *empty_slots()]
        return
    except Exception:
        yield [Desk(), "", "", *empty_slots()]
        raise
    dealt = desk_of(desk.level, asked)
    yield [dealt, "", draw_bar(words, answers_of(dealt, {})), *draw_slots(stage, asked, dealt)]


def desk_of(level: str, asked: Asked) -> Desk:
    forms: tuple[Form, ...] = tuple(question.form for question in asked.questions)
    return Desk(level, asked.seed, forms, asked.probes, asked.probed)


def draw_slots(stage: Stage, asked: Asked, desk: Desk) -> list[object]:
    drawn, earlier = list[object](), list[Exhibit]()
    for number, question in enumerate(asked.questions):
        drawn += [
            gr.Column(visible=True),
            draw_question(stage, asked, number, earlier),
            draw_probed(stage.words, desk, number),
            draw_answer(stage.words, question, number),
            "",
        ]
        earlier += question.exhibits
    return drawn + empty_slots()[len(drawn) :]


def hint(stage: Stage, desk: Desk, player: str) -> str:
    return brief.hints(stage.words, stage.game.hint(player, desk.level))


def answered(stage: Stage, desk: Desk, event: gr.EventData) -> str:
    """The bar after something was chosen or written."""
    return draw_bar(stage.words, answers_of(desk, fields_of(event)))


def try_text(stage: Stage, desk: Desk, player: str, event: gr.EventData) -> Iterator[str]:
    """What a written answer would give; the round goes on."""
    number = int(event._data["number"])
    text = fields_of(event).get(exhibits.field(number), "")
    yield pulse(stage.words("ask.trying"))
    try:
        graded = stage.game.attempt_text(player, desk.level, desk.seed, number, text)
    except Exception:
        yield ""
        raise
    yield draw_tried(stage, text.strip(), graded)


def probe(stage: Stage, desk: Desk, player: str, event: gr.EventData) -> Iterator[list[Any]]:
    """desk, replies: one prompt without and with the hidden dial of its question."""
    words, number = stage.words, int(event._data["number"])
    prompt = fields_of(event).get(f"p{number}", "").strip()
    if not prompt:
        raise PlayerError(words("ask.probe_empty"))
    yield [gr.skip(), pulse(words("ask.probing"))]
    try:
        tried = stage.game.probe(player, desk.level, desk.seed, number, prompt)
    except Exception:
        yield [gr.skip(), draw_probed(words, desk, number)]
        raise
    seen = replace(desk, probed=(*desk.probed, tried))
    yield [seen, draw_probed(words, seen, number)]


def hand_in(stage: Stage, desk: Desk, player: str, event: gr.EventData) -> Iterator[list[object]]:
    """bar, verdict, then five of each slot. What is open is asked about once."""
    words, answers = stage.words, answers_of(desk, fields_of(event))
    kept = [gr.skip()] * (SLOTS * len(Slot._fields))
    if None in answers and event._data.get("sure") != "1":
        yield [draw_bar(words, answers, sure=True), gr.skip(), *kept]
        return
    waiting = f'<div class="sheet handin">{pulse(words("ask.judging"))}</div>'
    yield [waiting, gr.skip(), *kept]
    try:
        verdict = stage.game.answer(player, desk.level, desk.seed, answers)
    except Exception:
        yield [draw_bar(words, answers), gr.skip(), *kept]
        raise
    yield ["", ask_verdict.draw(stage, player, verdict), *empty_slots()]


# -- layout --------------------------------------------------------------------------------------
def slot(number: int) -> Slot:
    with gr.Column(visible=False, elem_classes="slot question", elem_id=f"slot-{number}") as column:
        return Slot(column, *(frame.board() for _ in Slot._fields[1:]))  # type: ignore[arg-type]


def layout(stage: Stage, page: gr.Blocks) -> None:
    words = stage.words
    player, desk = player_state(stage), gr.State(Desk())
    frame.header(words, "home")
    intro = frame.board(frame.opening(words), elem_id="intro")
    hints = frame.board(elem_id="hints")
    # All fields name this form as theirs, wherever they stand; without a way to be sent off.
    frame.board(f'<form id="{exhibits.ROUND}" method="dialog"></form>', js=None, elem_id="form")
    status = frame.board(elem_id="status")
    slots = [slot(number) for number in range(SLOTS)]
    bar = frame.board(elem_id="bar")
    verdict = frame.board(elem_id="verdict")
    frame.footer(words)
    every: list[Any] = [board for each in slots for board in each]

    def on(event: Any, handler: Any, inputs: list[Any], outputs: list[Any], **more: Any) -> None:
        listen(stage, event, handler, inputs, outputs, **more)

    begun = when_opened(stage, page, opened, [player], [player, desk, intro, status, hints])
    on(begun.success, deal, [desk, player], [desk, status, bar, *every], device=True)
    on(hints.act, hint, [desk, player], [hints])
    for each in slots:
        on(each.question.act, probe, [desk, player], [desk, each.probed], device=True)
        on(each.answer.act, try_text, [desk, player], [each.tried], device=True)
        on(each.answer.answer, answered, [desk], [bar], trigger="multiple")
    on(bar.act, hand_in, [desk, player], [bar, verdict, *every], device=True)
