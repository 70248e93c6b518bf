"""What lies before the player of a round of questions, drawn board by board: the way through it,
one question with its fields, how much is answered. How it looks stands in templates/pages/ask/. Has
no events."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import gradio as gr
from markupsafe import Markup

from playground.levels.dealing.questions import Answer, Graded, Question
from playground.screens.parts import ask_verdict, exhibits
from playground.screens.render import render
from playground.screens.stage import Stage
from playground.store.store import Probe
from playground.text.words import Words

SECONDS = 2.0  # that the first question may take
ALMOST = 0.9  # of a question that is not dealt yet is said to be done at most


@dataclass(frozen=True)
class AskDesk:
    """What lies before the player of one round. at: the question on the table, from 0; shown: those
    that are dealt and were on it, or stand before it; probes: prompts a question."""

    level: str = ""
    seed: int = 0
    count: int = 0
    at: int = 0
    probes: int = 0
    shown: tuple[Question, ...] = ()


@dataclass(frozen=True)
class TriedText:
    """A text that was tried in a written question, and what it would give."""

    number: int
    text: str
    graded: Graded

    @property
    def worth(self) -> tuple[bool, float]:
        """Of two texts the better one has more."""
        return self.graded.right, self.graded.near


@dataclass(frozen=True)
class TriedTexts:
    """The best text of each question of a round that was tried. round: level and seed."""

    round: tuple[str, int] = ("", 0)
    best: tuple[TriedText, ...] = ()

    def at(self, round: tuple[str, int], number: int) -> TriedText | None:
        of = self.best if self.round == round else ()
        return next((each for each in of if each.number == number), None)

    def after(self, round: tuple[str, int], tried: TriedText) -> "TriedTexts":
        """With one more; of two that are as good the later one stays."""
        before = self.at(round, tried.number)
        if before is not None and before.worth > tried.worth:
            return self
        of = self.best if self.round == round else ()
        return TriedTexts(round, (*(e for e in of if e.number != tried.number), tried))


@dataclass(frozen=True)
class Table:
    """New values of the boards; None leaves one as it is."""

    desk: AskDesk | None = None
    status: str | None = None
    steps: str | None = None
    question: str | None = None
    probed: str | None = None
    answer: str | None = None
    tried: str | None = None
    bar: str | None = None
    intro: str | None = None
    verdict: str | None = None

    def row(self) -> list[object]:
        """In the order of layout's outputs; without a question its column is hidden."""
        skip = gr.skip()
        column = skip if self.question is None else gr.Column(visible=bool(self.question))
        boards = (
            self.status, self.steps, column, self.question, self.probed, self.answer, self.tried,
            self.bar, self.intro, self.verdict,
        )  # fmt: skip
        values = (skip if each is None else each for each in boards)
        return [self.desk or skip, *values]


CLEARED = Table(status="", steps="", question="", probed="", answer="", tried="", bar="")
STILL = Table()


def pulse(words: Words, said: str) -> Markup:
    return render(words, "pages/ask/pulse", said=said)


def lay(
    stage: Stage, desk: AskDesk, answers: Sequence[Answer], probed: Sequence[Probe], came: bool
) -> Table:
    """The question at which the player stands. came: whether the player went to it just now."""
    words, number, question = stage.words, desk.at, desk.shown[desk.at]
    return Table(
        desk,
        steps=draw_steps(words, desk, answers),
        question=draw_question(stage, desk, came),
        probed=draw_probed(words, desk, probed, number),
        answer=draw_answer(words, question, number, answers[number]),
        tried="",
        bar=draw_bar(words, desk, answers),
    )


def draw_steps(words: Words, desk: AskDesk, answers: Sequence[Answer]) -> Markup:
    """The way through the round: a button a question, and what was answered so far."""
    given = [
        (number, question.ask, ask_verdict.said(words, question, answers[number]))
        for number, question in enumerate(desk.shown)
        if answers[number] is not None
    ]
    return render(
        words,
        "pages/ask/steps",
        at=desk.at,
        answered=[answer is not None for answer in answers],
        given=given,
        form=exhibits.ROUND,
    )


def draw_question(stage: Stage, desk: AskDesk, came: bool = False) -> Markup:
    """Number, question, what is shown; the strip to choose from stands with the answers."""
    question = desk.shown[desk.at]
    shown = question.exhibits[1:] if question.form == "token" else question.exhibits
    known = desk.shown[desk.at - 1].exhibits if desk.at else ()
    return render(
        stage.words,
        "pages/ask/question",
        question=question,
        number=desk.at,
        count=desk.count,
        evidence=exhibits.draw(stage, shown, known),
        probing=desk.probes > 0,
        title_id=exhibits.title_id(desk.at),
        form=exhibits.ROUND,
        came=came,
        here=f"?level={desk.level}&at={desk.at + 1}",
        draft=f"{desk.level}/{desk.seed}/{desk.at}",
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
    elif question.form == "set":
        fields = exhibits.together(words, question, number, answer)
    else:
        fields = exhibits.writing(words, question, number, answer)
    return render(words, "pages/ask/answer", fields=fields)


def draw_tried(stage: Stage, tried: TriedText, best: TriedText | None) -> Markup:
    """What a text would give, and the way back to a better one that was tried before it."""
    evidence = exhibits.draw(stage, tried.graded.exhibits)
    return render(
        stage.words, "pages/ask/tried",
        text=tried.text, graded=tried.graded, evidence=evidence,
        best=None if best is None or best.text == tried.text else best,
        into=exhibits.field(tried.number, written=True),
    )  # fmt: skip


def draw_bar(words: Words, desk: AskDesk, answers: Sequence[Answer], sure: bool = False) -> Markup:
    """How much is answered, and the ways on: a question back, a question on, to hand in. sure: the
    next click hands in whatever is open."""
    return render(
        words,
        "pages/ask/bar",
        at=desk.at,
        count=desk.count,
        missing=[place + 1 for place, answer in enumerate(answers) if answer is None],
        sure=sure,
        form=exhibits.ROUND,
    )


def draw_coming(words: Words, done: int, count: int, took: Sequence[float], now: float) -> Markup:
    """How much of the round is dealt. took: the seconds of each question so far; now: those that
    the next one has taken, of which it is only known what is usual."""
    usual = fmean(took) if took else SECONDS
    percent = 100 * (done + min(ALMOST, now / max(usual, 0.01))) / count
    return render(words, "pages/ask/coming", done=done, count=count, percent=round(percent))
