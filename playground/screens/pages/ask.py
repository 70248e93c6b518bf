"""The screen of levels that ask: one question at a time, a way back to each, the verdict.

The others are dealt while one is answered. What is answered is kept at once, under its number, so
that a reload, a way back or another language leads to the same place.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any

import gradio as gr

from playground.errors import AuthorError, PlayerError
from playground.game.exploring import number_of
from playground.levels.dealing.questions import Answer, AskLevel, AskVerdict
from playground.screens.parts import ask_verdict, brief, exhibits, forms, frame
from playground.screens.parts.asking import (
    CLEARED,
    STILL,
    AskDesk,
    Table,
    TriedText,
    TriedTexts,
    draw_bar,
    draw_coming,
    draw_probed,
    draw_steps,
    draw_tried,
    lay,
    pulse,
)
from playground.screens.parts.terms import glossary
from playground.screens.render import render
from playground.screens.stage import Stage, listen, player_state, waited, when_opened
from playground.store.records import Player, PlayerId
from playground.text.words import Words

WORDS = ("feature", "sae", "token", "activation", "site", "atlas")  # what every round is said in
CLOSED = "errors.answered"  # what is said of a round that was handed in meanwhile


# -- what the browser reports ----------------------------------------------------------------------
def fields_of(event: gr.EventData) -> Mapping[str, str]:
    form = forms.sent(event).get("form")
    known = form.items() if isinstance(form, Mapping) else ()
    return {name: value for name, value in known if isinstance(value, str)}


def given(desk: AskDesk, fields: Mapping[str, str]) -> dict[int, Answer]:
    """What the fields of a form say, by the numbers of the questions; None for an emptied text. A
    question whose field is not there is not spoken of."""
    answers = dict[int, Answer]()
    for number in range(desk.count):
        chosen, written = (fields.get(exhibits.field(number, each)) for each in (False, True))
        if chosen is not None and (place := number_of(chosen)) is not None:
            answers[number] = place
        elif written is not None:
            answers[number] = written.strip() or None
    return answers


def noted(stage: Stage, desk: AskDesk, player: PlayerId, event: gr.EventData) -> tuple[Answer, ...]:
    """All answers of the round, with those that a report brings, which are kept."""
    said = given(desk, fields_of(event))
    return stage.game.attempts.note(player, desk.level, desk.seed, said)


def place_of(said: object, count: int) -> int | None:
    """The number of a question as addresses and buttons say it, from 1."""
    number = number_of(str(said or ""))
    return number - 1 if number is not None and 1 <= number <= count else None


# -- opening and dealing ---------------------------------------------------------------------------
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
    at = place_of(request.query_params.get("at"), start.level.count)
    intro, hints = brief.intro(words, start), brief.hints(words, start)
    desk = AskDesk(level, at=-1 if at is None else at)
    return [player.secret, desk, intro, pulse(words, words("ask.dealing")), hints]


def deal(stage: Stage, desk: AskDesk, player: PlayerId) -> Iterator[list[object]]:
    """Lays out the question at which the player stands, then has the others dealt while it is
    answered."""
    if not desk.level:
        yield STILL.row()
        return
    try:
        yield from dealt(stage, desk, player)
    except AuthorError as error:
        logging.getLogger(__name__).error("no questions could be dealt", exc_info=error)
        sorry = frame.apology(stage.words, PlayerError("ask.no_deal"))
        yield replace(CLEARED, desk=AskDesk(), status=sorry).row()
    except PlayerError as error:
        if error.said.key != CLOSED:
            raise
        yield Table(status="").row()
    except Exception:
        yield replace(CLEARED, desk=AskDesk()).row()
        raise


def dealt(stage: Stage, desk: AskDesk, player: PlayerId) -> Iterator[list[object]]:
    asked = stage.game.attempts.ask(player, desk.level)
    answers, count = asked.answers, len(asked.answers)
    first_open = next((n for n, answer in enumerate(answers) if answer is None), count - 1)
    at = desk.at if desk.at >= 0 else first_open
    desk = AskDesk(desk.level, asked.seed, count, at, asked.probes)
    took = list[float]()
    for number in range(count):
        begun = monotonic()
        asking = partial(stage.game.attempts.question, player, desk.level, desk.seed, number)
        coming = partial(came_so_far, stage.words, number, count, took)
        question = yield from waited(asking, coming)
        took.append(monotonic() - begun)
        desk = replace(desk, shown=(*desk.shown, question))
        if number == at:
            yield lay(stage, desk, answers, asked.probed, came=False).row()
    yield Table(status="").row()


def came_so_far(
    words: Words, done: int, count: int, took: Sequence[float], now: float
) -> list[object]:
    return Table(status=draw_coming(words, done, count, took, now)).row()


# -- answering -------------------------------------------------------------------------------------
def answered(stage: Stage, desk: AskDesk, player: PlayerId, event: gr.EventData) -> list[object]:
    """steps and bar after something was chosen or written, which is kept."""
    answers = noted(stage, desk, player, event)
    return [draw_steps(stage.words, desk, answers), draw_bar(stage.words, desk, answers)]


def act(
    stage: Stage, desk: AskDesk, player: PlayerId, event: gr.EventData
) -> Iterator[list[object]]:
    """A click on the way through the round: to a question, or to hand in."""
    if forms.text(event, "act") == "hand_in":
        yield from hand_in(stage, desk, player, event)
    elif (at := place_of(forms.sent(event).get("number"), desk.count)) is not None:
        yield from go(stage, replace(desk, at=at), player, event)


def go(
    stage: Stage, desk: AskDesk, player: PlayerId, event: gr.EventData
) -> Iterator[list[object]]:
    """Lays out another question, which may not be dealt yet."""
    answers = noted(stage, desk, player, event)
    if desk.at >= len(desk.shown):
        said = stage.words("ask.coming", number=desk.at + 1, count=desk.count)
        steps = draw_steps(stage.words, desk, answers)
        waiting = pulse(stage.words, said)
        yield Table(steps=steps, question=waiting, probed="", answer="", tried="").row()
    for number in range(len(desk.shown), desk.at + 1):
        asking = partial(stage.game.attempts.question, player, desk.level, desk.seed, number)
        question = yield from waited(asking, lambda _: STILL.row())
        desk = replace(desk, shown=(*desk.shown, question))
    probed = stage.game.attempts.probed(player, desk.level, desk.seed)
    yield lay(stage, desk, answers, probed, came=True).row()


def hand_in(
    stage: Stage, desk: AskDesk, player: PlayerId, event: gr.EventData
) -> Iterator[list[object]]:
    """What is open is asked about once."""
    words, answers = stage.words, noted(stage, desk, player, event)
    if None in answers and forms.text(event, "sure") != "1":
        yield Table(bar=draw_bar(words, desk, answers, sure=True)).row()
        return
    yield Table(bar=render(words, "pages/ask/judging", said=words("ask.judging"))).row()
    try:
        verdict = stage.game.attempts.answer(player, desk.level, desk.seed, answers)
    except Exception:
        yield Table(bar=draw_bar(words, desk, answers)).row()
        raise
    yield judged(stage, player, verdict).row()


def judged(stage: Stage, player: PlayerId, verdict: AskVerdict) -> Table:
    """In place of the questions; what stands as the best so far is right at once."""
    start = stage.game.course.seen(player, verdict.level)
    shown = ask_verdict.draw(stage, player, verdict)
    return replace(CLEARED, intro=brief.intro(stage.words, start), verdict=shown)


def hint(
    stage: Stage, desk: AskDesk, player: PlayerId, event: gr.EventData
) -> Iterator[list[object]]:
    """hints, then the boards: the next hint, or all that a round would have come to."""
    words, course = stage.words, stage.game.course
    if forms.text(event, "act") != "give_up":
        yield [brief.hints(words, course.hint(player, desk.level)), *STILL.row()]
        return
    shown = max(1, len(desk.shown))
    verdict = stage.game.attempts.give_up(player, desk.level, desk.seed, shown)
    yield ["", *judged(stage, player, verdict).row()]


def try_text(
    stage: Stage, desk: AskDesk, player: PlayerId, before: TriedTexts, event: gr.EventData
) -> Iterator[list[object]]:
    """The best texts so far, and what a written answer would give; the round goes on."""
    number, round = forms.place(event, "number", desk.count), (desk.level, desk.seed)
    text = fields_of(event).get(exhibits.field(number, written=True), "")
    yield [gr.skip(), pulse(stage.words, stage.words("ask.trying"))]
    try:
        graded = stage.game.attempts.attempt_text(player, desk.level, desk.seed, number, text)
    except Exception:
        yield [gr.skip(), ""]
        raise
    tried = TriedText(number, text.strip(), graded)
    best = before.after(round, tried)
    yield [best, draw_tried(stage, tried, best.at(round, number))]


def probe(stage: Stage, desk: AskDesk, player: PlayerId, event: gr.EventData) -> Iterator[str]:
    """One prompt without and with the hidden dial of its question."""
    words, number = stage.words, forms.place(event, "number", desk.count)
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


# -- layout --------------------------------------------------------------------------------------
def layout(stage: Stage, page: gr.Blocks) -> None:
    words = stage.words
    player, desk = player_state(stage), gr.State(AskDesk())
    frame.header(stage, "home")
    intro = frame.board(frame.opening(words), elem_id="intro")
    hints = frame.board(elem_id="hints")
    frame.board(render(words, "pages/ask/form", form=exhibits.ROUND), js=None, elem_id="form")
    status, steps = frame.board(elem_id="status"), frame.board(elem_id="steps")
    with gr.Column(visible=False, elem_classes="slot question", elem_id="question") as column:
        question, probed, answer, tried = (frame.board() for _ in range(4))
    bar = frame.board(elem_id="bar")
    verdict = frame.board(elem_id="verdict")
    frame.board(glossary(words, *WORDS), js=None)
    frame.footer(words)
    table = [
        desk, status, steps, column, question, probed, answer, tried, bar, intro, verdict,
    ]  # fmt: skip

    def on(event: Any, handler: Any, outputs: list[Any], **more: Any) -> None:
        listen(stage, event, handler, [desk, player], outputs, **more)

    begun = when_opened(stage, page, opened, [player], [player, desk, intro, status, hints])
    on(begun.success, deal, table)
    on(hints.act, hint, [hints, *table])
    on(question.act, probe, [probed])
    texts = gr.State(TriedTexts())
    listen(stage, answer.act, try_text, [desk, player, texts], [texts, tried])
    on(answer.answer, answered, [steps, bar], trigger="multiple")
    for board in (steps, bar):
        on(board.act, act, table)
