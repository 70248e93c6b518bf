"""The screen of levels that ask: questions, answers, a look before handing in, the verdict.

Questions come one by one, as they are dealt. Every report of an answer brings all fields of the
form, so nothing is lost between two quick clicks; the game keeps them until they are handed in.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import gradio as gr
from markupsafe import Markup

from playground.errors import AuthorError, PlayerError
from playground.game.exploring import number_of
from playground.levels.dealing.questions import (
    Answer,
    AskLevel,
    Exhibit,
    Form,
    Graded,
    Question,
)
from playground.screens.parts import ask_verdict, brief, exhibits, frame
from playground.screens.render import render
from playground.screens.stage import Stage, listen, player_state, waited, when_opened
from playground.store.records import Player, PlayerId
from playground.store.store import Probe
from playground.text.words import Words

SLOTS = 12  # places for questions; a level has at most so many


@dataclass(frozen=True)
class AskDesk:
    """What lies before the player of one round. forms: of the questions that are dealt, in their
    order; answers: one for each question, as they were when the page was opened."""

    level: str = ""
    seed: int = 0
    forms: tuple[Form, ...] = ()
    answers: tuple[Answer, ...] = ()
    probes: int = 0  # a question


class QuestionSlot(NamedTuple):
    """The boards of one question, from top to bottom, in their column."""

    column: gr.Column
    question: gr.HTML
    probed: gr.HTML
    answer: gr.HTML
    tried: gr.HTML


# -- drawing -------------------------------------------------------------------------------------
def pulse(words: Words, said: str) -> Markup:
    return render(words, "pages/ask/pulse", said=said)


def draw_question(
    stage: Stage, desk: AskDesk, question: Question, number: int, earlier: Sequence[Exhibit] = ()
) -> Markup:
    """Number, question, what is shown; the strip to choose from stands with the answers."""
    shown = question.exhibits[1:] if question.form == "token" else question.exhibits
    return render(
        stage.words,
        "pages/ask/question",
        question=question,
        number=number,
        count=len(desk.answers),
        evidence=exhibits.draw(stage, shown, earlier),
        probing=desk.probes > 0,
        title_id=exhibits.title_id(number),
        form=exhibits.ROUND,
    )


def draw_probed(words: Words, desk: AskDesk, probed: Sequence[Probe], number: int) -> Markup:
    """The replies to the prompts of a question, and how many are left."""
    if not desk.probes:
        return Markup()
    tried = [probe for probe in probed if probe.number == number]
    return render(words, "pages/ask/probed", probes=desk.probes, tried=tried)


def draw_answer(words: Words, question: Question, number: int, answer: Answer = None) -> Markup:
    """The fields that the question is answered with, and what was answered before."""
    if question.form == "token":
        fields = exhibits.pickable(words, question, number, answer)
    elif question.form == "choose":
        fields = exhibits.options(words, question, number, answer)
    else:
        fields = exhibits.writing(words, question, number, answer)
    return render(words, "pages/ask/answer", fields=fields)


def draw_tried(stage: Stage, text: str, graded: Graded) -> Markup:
    """What a text would give."""
    evidence = exhibits.draw(stage, graded.exhibits)
    return render(stage.words, "pages/ask/tried", text=text, graded=graded, evidence=evidence)


def draw_bar(words: Words, answers: Sequence[Answer], sure: bool = False) -> Markup:
    """How much is answered, and the button to hand in. sure: the next click does it anyway."""
    return render(
        words,
        "pages/ask/bar",
        count=len(answers),
        missing=[place + 1 for place, answer in enumerate(answers) if answer is None],
        sure=sure,
        form=exhibits.ROUND,
    )


# -- what the browser reports ----------------------------------------------------------------------
def fields_of(event: gr.EventData) -> Mapping[str, str]:
    return event._data.get("form") or {}


def answers_of(desk: AskDesk, fields: Mapping[str, str]) -> tuple[Answer, ...]:
    """The round's answers; None where nothing is chosen or written. What is not dealt yet stays as
    it was answered before."""
    answers: list[Answer] = []
    for number, form in enumerate(desk.forms):
        said = fields.get(exhibits.field(number), "")
        if form == "write":
            answers.append(said.strip() or None)
        else:
            answers.append(number_of(said))
    return (*answers, *desk.answers[len(answers) :])


# -- events --------------------------------------------------------------------------------------
def empty_slots() -> list[object]:
    """The new values of all slots' outputs while no question is shown."""
    return [gr.Column(visible=False), "", "", "", ""] * SLOTS


def opened(stage: Stage, player: Player, request: gr.Request) -> list[object]:
    """player, desk, intro, status, hints. The questions come after that: to deal them may take a
    while."""
    words, level = stage.words, request.query_params.get("level", "")
    try:
        start = stage.game.course.start(player.id, level)
        if not isinstance(start.level, AskLevel):
            raise PlayerError("level.missing")
    except PlayerError as error:
        return [player.secret, AskDesk(), frame.apology(words, error), "", ""]
    intro, hints = brief.intro(words, start), brief.hints(words, start)
    return [player.secret, AskDesk(level), intro, pulse(words, words("ask.dealing")), hints]


def deal(stage: Stage, desk: AskDesk, player: PlayerId) -> Iterator[list[object]]:
    """desk, status, bar, then five of each slot: question by question, as they are dealt."""
    words, skip = stage.words, gr.skip()
    if not desk.level:
        yield [skip] * (3 + SLOTS * len(QuestionSlot._fields))
        return
    try:
        yield from dealt(stage, desk.level, player)
    except AuthorError as error:
        logging.getLogger(__name__).error("no questions could be dealt", exc_info=error)
        sorry = frame.apology(words, PlayerError("ask.no_deal"))
        yield [AskDesk(), sorry, "", *empty_slots()]
    except Exception:
        yield [AskDesk(), "", "", *empty_slots()]
        raise


def dealt(stage: Stage, level: str, player: PlayerId) -> Iterator[list[object]]:
    words, attempts = stage.words, stage.game.attempts
    asked = attempts.ask(player, level)
    count, earlier = len(asked.answers), list[Exhibit]()
    still: list[object] = [gr.skip()] * (3 + SLOTS * len(QuestionSlot._fields))
    if count > SLOTS:
        raise AuthorError(f"{level}: {count} questions; {SLOTS} fit")
    desk = AskDesk(level, asked.seed, (), asked.answers, asked.probes)
    for number, answer in enumerate(asked.answers):
        asking = partial(attempts.question, player, level, asked.seed, number)
        question = yield from waited(asking, still)
        desk = replace(desk, forms=(*desk.forms, question.form))
        slots: list[object] = [gr.skip()] * (SLOTS * len(QuestionSlot._fields))
        slots[number * len(QuestionSlot._fields) : (number + 1) * len(QuestionSlot._fields)] = [
            gr.Column(visible=True),
            draw_question(stage, desk, question, number, earlier),
            draw_probed(words, desk, asked.probed, number),
            draw_answer(words, question, number, answer),
            "",
        ]
        earlier += question.exhibits
        coming = words("ask.dealing_next", number=number + 2, count=count)
        status = pulse(words, coming) if number + 1 < count else ""
        # The bar counts what is answered meanwhile.
        bar = gr.skip() if number else draw_bar(words, asked.answers)
        yield [desk, status, bar, *slots]


def hint(stage: Stage, desk: AskDesk, player: PlayerId) -> str:
    return brief.hints(stage.words, stage.game.course.hint(player, desk.level))


def answered(stage: Stage, desk: AskDesk, player: PlayerId, event: gr.EventData) -> str:
    """The bar after something was chosen or written, which is kept."""
    answers = answers_of(desk, fields_of(event))
    stage.game.attempts.note(player, desk.level, desk.seed, answers)
    return draw_bar(stage.words, answers)


def try_text(stage: Stage, desk: AskDesk, player: PlayerId, event: gr.EventData) -> Iterator[str]:
    """What a written answer would give; the round goes on."""
    number = int(event._data["number"])
    text = fields_of(event).get(exhibits.field(number), "")
    yield pulse(stage.words, stage.words("ask.trying"))
    try:
        graded = stage.game.attempts.attempt_text(player, desk.level, desk.seed, number, text)
    except Exception:
        yield ""
        raise
    yield draw_tried(stage, text.strip(), graded)


def probe(stage: Stage, desk: AskDesk, player: PlayerId, event: gr.EventData) -> Iterator[str]:
    """One prompt without and with the hidden dial of its question."""
    words, number = stage.words, int(event._data["number"])
    prompt = fields_of(event).get(f"p{number}", "").strip()
    if not prompt:
        raise PlayerError("ask.probe_empty")
    yield pulse(words, words("ask.probing"))
    attempts = stage.game.attempts
    try:
        attempts.probe(player, desk.level, desk.seed, number, prompt)
    except Exception:
        probed = attempts.probed(player, desk.level, desk.seed)
        yield draw_probed(words, desk, probed, number)
        raise
    yield draw_probed(words, desk, attempts.probed(player, desk.level, desk.seed), number)


def hand_in(
    stage: Stage, desk: AskDesk, player: PlayerId, event: gr.EventData
) -> Iterator[list[object]]:
    """bar, verdict, then five of each slot. What is open is asked about once."""
    words, answers = stage.words, answers_of(desk, fields_of(event))
    kept = [gr.skip()] * (SLOTS * len(QuestionSlot._fields))
    if None in answers and event._data.get("sure") != "1":
        yield [draw_bar(words, answers, sure=True), gr.skip(), *kept]
        return
    yield [render(words, "pages/ask/judging", said=words("ask.judging")), gr.skip(), *kept]
    try:
        verdict = stage.game.attempts.answer(player, desk.level, desk.seed, answers)
    except Exception:
        yield [draw_bar(words, answers), gr.skip(), *kept]
        raise
    yield ["", ask_verdict.draw(stage, player, verdict), *empty_slots()]


# -- layout --------------------------------------------------------------------------------------
def slot(number: int) -> QuestionSlot:
    with gr.Column(visible=False, elem_classes="slot question", elem_id=f"slot-{number}") as column:
        return QuestionSlot(column, *(frame.board() for _ in QuestionSlot._fields[1:]))  # type: ignore[arg-type]


def layout(stage: Stage, page: gr.Blocks) -> None:
    words = stage.words
    player, desk = player_state(stage), gr.State(AskDesk())
    frame.header(words, "home")
    intro = frame.board(frame.opening(words), elem_id="intro")
    hints = frame.board(elem_id="hints")
    frame.board(render(words, "pages/ask/form", form=exhibits.ROUND), js=None, elem_id="form")
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
        on(each.question.act, probe, [desk, player], [each.probed], device=True)
        on(each.answer.act, try_text, [desk, player], [each.tried], device=True)
        on(each.answer.answer, answered, [desk, player], [bar], trigger="multiple")
    on(bar.act, hand_in, [desk, player], [bar, verdict, *every], device=True)
