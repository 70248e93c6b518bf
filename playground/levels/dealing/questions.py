"""Levels that ask: what a round shows, what may be answered, and how answers are judged.

A kind of this family only deals questions; everything else is the same for all of them.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, ClassVar, Literal

from pydantic import Field, PlainSerializer

from playground.atlas.cards import CurvePoint
from playground.engine.records import Request
from playground.errors import PlayerError
from playground.levels.dealing.demands import Demand
from playground.levels.dealing.sets import members, sets
from playground.levels.judging import Bench
from playground.levels.level import CHANCE_SEED, GREEDY, REFERENCE, WRONG, Level, Played, Try
from playground.levels.schema import GoalResult, Pick
from playground.messages import Line, Message
from playground.store.store import Probe

ANSWER_SHEETS = 200  # filled in by chance
Form = Literal["choose", "token", "set", "write"]
# An option's place; of a set the sum of 2 ** place; a written text; or not answered.
Answer = int | str | None


# -- evidence, in the forms that a screen can draw -------------------------------------------------
@dataclass(frozen=True)
class Strip:
    """A text token by token; values in activation units, or none where they are to be guessed."""

    tokens: tuple[str, ...]
    values: tuple[float, ...] = ()
    top: float = 0.0  # full colour; 0 takes the strip's own maximum
    caption: Line = ""


@dataclass(frozen=True)
class Reply:
    """A prompt and what the model wrote after it."""

    prompt: str
    text: str
    caption: Line = ""


@dataclass(frozen=True)
class CountedReplies:
    """All replies that something was judged by; what was found in each, and whether it counts."""

    replies: tuple[Reply, ...]
    found: tuple[tuple[str, ...], ...]
    counts: tuple[bool, ...]
    caption: Line = ""


@dataclass(frozen=True)
class Portrait:
    """A feature's card, with its label and explanations or without."""

    pick: Pick
    named: bool = False
    caption: Line = ""


@dataclass(frozen=True)
class Doses:
    """A dose-response curve; `own` is a strength to mark on it, in residual norms."""

    points: tuple[CurvePoint, ...]
    own: float | None = None
    caption: Line = ""


@dataclass(frozen=True)
class Bars:
    """Measured numbers side by side: name, value. `unit` says what they are."""

    rows: tuple[tuple[Line, float], ...]
    unit: Line
    top: float  # a full bar
    caption: Line = ""


@dataclass(frozen=True)
class Cell:
    """A square of a grid: a word, or none, and a share 0..1, told in per cent. marked: framed."""

    word: str
    share: float
    marked: bool = False


@dataclass(frozen=True)
class Grid:
    """Shares as a map: columns with heads, rows with names, both in order. corner: what the names
    of the rows are."""

    columns: tuple[Line, ...]
    rows: tuple[tuple[Line, tuple[Cell, ...]], ...]
    corner: Line = ""
    caption: Line = ""


@dataclass(frozen=True)
class Pillars:
    """A text with a bar over each token: values in `unit`, a full bar at `top`, hollow below
    zero. marked: places of tokens that are framed."""

    tokens: tuple[str, ...]
    values: tuple[float, ...]
    top: float
    unit: Line
    marked: tuple[int, ...] = ()
    caption: Line = ""


Exhibit = Strip | Reply | CountedReplies | Portrait | Doses | Bars | Grid | Pillars


# -- questions -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Question:
    """What a player sees. choose: one of `options`; token: one of the tokens of the first exhibit,
    a Strip; set: one to `most` of the options together; write: a text of at most `words` words that
    can be tried before it is handed in."""

    ask: Line
    form: Form
    exhibits: tuple[Exhibit, ...] = ()
    options: tuple[Line, ...] = ()
    words: int = 0
    most: int = 0

    @property
    def choices(self) -> Sequence[int]:
        """The answers that may be given; none for a written one."""
        if self.form == "token":
            assert isinstance(self.exhibits[0], Strip)
            return range(len(self.exhibits[0].tokens))
        if self.form == "set":
            return sets(len(self.options), self.most)
        return range(len(self.options))

    def said(self, answer: int) -> Line:
        """An answer in words: an option, several, or a token of the strip."""
        if self.form == "token":
            assert isinstance(self.exhibits[0], Strip)
            return self.exhibits[0].tokens[answer].strip()
        if self.form == "set":
            return Message("questions.set", them=tuple(self.options[n] for n in members(answer)))
        return self.options[answer]


@dataclass(frozen=True)
class AnswerSheet:
    """A round of questions. answers: one for each, None where none is given yet; probes: prompts
    that may be tried on a hidden dial, a question; probed: those that were."""

    seed: int
    answers: tuple[Answer, ...]
    probes: int
    probed: tuple[Probe, ...] = ()


@dataclass(frozen=True)
class Graded:
    """A written text's result. why: a sentence; exhibits: evidence; near: how close it is, 0..1."""

    right: bool
    why: Line
    exhibits: tuple[Exhibit, ...] = ()
    near: float = 0.0


@dataclass(frozen=True)
class Sealed:
    """A question with its answer, as data: it is kept and shared. `right`: the options that count
    as right; `demand`: what a written text is judged by; `solution`: an answer that is right;
    `guess`: what a player would say who trusts first looks; `why` and `reveal` are shown after the
    answer; `trial`: with what a prompt of the player's is written, in a question with a hidden
    dial."""

    question: Question
    solution: Answer
    guess: Answer
    why: Line = ""
    reveal: tuple[Exhibit, ...] = ()
    right: Annotated[frozenset[int], PlainSerializer(sorted, list[int])] = frozenset()
    demand: Demand | None = None
    trial: Request | None = None


class AskLevel(Level):
    """A level whose kind deals questions. The same level and seed deal the same questions."""

    measures: ClassVar[tuple[str, ...]] = ("right",)  # how many questions, a whole number
    screen: ClassVar[str] = "ask"
    misled: ClassVar[bool] = False  # whether who goes by first looks has to lose
    telling: ClassVar[frozenset[str]] = frozenset()  # rules of dealing/thumb.py that are no luck

    rounds: int = Field(ge=1, le=12)
    probes: int = Field(default=0, ge=0, le=20)  # prompts a player may try on a hidden dial

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """Question by question: one is worked out when it is asked for. Raises AuthorError where
        this model's atlas has not what the level needs."""
        raise NotImplementedError

    @property
    def count(self) -> int:
        """How many questions `deal` gives."""
        return self.rounds

    def grade(self, bench: Bench, sealed: Sealed, text: str) -> Graded:
        """Judges a written text by what the question demands."""
        raise NotImplementedError

    def probe(self, sealed: Sealed, prompt: str) -> Sequence[Request]:
        """Untouched and hidden-dial row of a player's prompt, with the same random numbers."""
        if sealed.trial is None:
            raise PlayerError("questions.no_probe")
        dialled = replace(sealed.trial, prompt=prompt)
        return replace(dialled, dials=()), dialled

    def looks(self, sealed: Sealed) -> Sequence[Answer]:
        """What players answer each of whom trusts another first look, always in the same order."""
        return (sealed.guess,)

    def players(self, bench: Bench, seed: int, greedy: bool) -> Iterator[Played]:
        return self.played(bench, seed, tuple(self.deal(bench, seed)), greedy)

    def played(
        self, bench: Bench, seed: int, dealt: Sequence[Sealed], greedy: bool
    ) -> Iterator[Played]:
        """The players of the proof in a round that was dealt before."""

        @cache  # the same text is read once
        def marked(number: int, answer: Answer) -> Marked:
            return mark(self, bench, dealt[number], answer)

        def tries(*sheets: Sequence[Answer]) -> tuple[Try, ...]:
            marks = (tuple(marked(*each) for each in enumerate(sheet)) for sheet in sheets)
            verdicts = [summed(self, dealt, each) for each in marks]
            return tuple(Try(each.won, each.stars, each.score) for each in verdicts)

        more = f", deal {seed}"
        yield Played(REFERENCE, tries([each.solution for each in dealt]), more)
        rng = random.Random(CHANCE_SEED)
        strange = texts_of(self, bench, dealt)
        yield Played("nothing", tries([None] * len(dealt)))
        ways: dict[str, Callable[[int], int]]
        ways = {"first option": lambda count: 0, "last option": lambda count: count - 1}
        for player, way in ways.items():
            yield Played(player, tries([chosen(each, strange, way) for each in dealt]))
        sheets = [
            [chosen(each, strange, rng.randrange) for each in dealt] for _ in range(ANSWER_SHEETS)
        ]
        yield Played("random", tries(*sheets))
        if greedy or self.misled:
            player = WRONG if self.misled else GREEDY
            looks = zip(*map(self.looks, dealt), strict=True)
            yield Played(player, tries(*looks), more)


def texts_of(level: AskLevel, bench: Bench, dealt: Sequence[Sealed]) -> list[str]:
    """What somebody writes who writes by chance: texts about something else than the level, if
    there is anything to write. Of a concept that the model's atlas lacks, any are."""
    if not any(each.question.form == "write" for each in dealt):
        return []
    known = bench.atlas.concepts()
    concept = level.concept if level.concept in known else known[0]
    return [text.text for text in bench.strangers(concept)]


def shuffled(seed: int, level: str, *more: str) -> random.Random:
    """The random numbers of a deal: the same for the same level and seed on every machine."""
    return random.Random("/".join([level, str(seed), *more]))


def even(rounds: int, options: int, rng: random.Random) -> list[int]:
    """The place of the right option in each round: every place about equally often."""
    start = rng.randrange(options)
    places = [(start + n) % options for n in range(rounds)]
    rng.shuffle(places)
    return places


# -- judging ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Marked:
    """One question after it was answered; `key` is the right option in words, or for a written
    answer a text that would have done."""

    question: Question
    answer: Answer
    right: bool
    key: Line
    why: Line
    exhibits: tuple[Exhibit, ...]


@dataclass(frozen=True)
class AskVerdict:
    """gave_up: who did sees the answers to all questions that were shown, and wins nothing."""

    level: str
    won: bool
    stars: int
    score: float  # 0..100
    sentence: Line
    goals: tuple[GoalResult, ...]
    marks: tuple[Marked, ...]
    gave_up: bool = False


def judge(
    level: AskLevel,
    bench: Bench,
    dealt: Sequence[Sealed],
    answers: Sequence[Answer],
    hints: int = 0,
) -> AskVerdict:
    """hints: how many were opened. Raises PlayerError when answers and questions do not fit."""
    if len(answers) != len(dealt):
        raise PlayerError("questions.answers", count=len(dealt), answers=len(answers))
    pairs = zip(dealt, answers, strict=True)
    return summed(level, dealt, tuple(mark(level, bench, *each) for each in pairs), hints)


def summed(
    level: AskLevel, dealt: Sequence[Sealed], marks: tuple[Marked, ...], hints: int = 0
) -> AskVerdict:
    right = sum(each.right for each in marks)
    found = Message("common.part_of", right=right, count=len(marks))
    goals = tuple(goal.result(right, found) for goal in level.goals)
    won = all(goal.met for goal in goals)
    return AskVerdict(
        level=level.id,
        won=won,
        stars=level.stars.count(right, hints) if won else 0,
        score=100 * right / len(marks),
        sentence=sentence(dealt, right),
        goals=goals,
        marks=marks,
    )


def given_up(
    level: AskLevel, bench: Bench, dealt: Sequence[Sealed], answers: Sequence[Answer], hints: int
) -> AskVerdict:
    """A round that ends before it was answered. dealt: what was shown of it."""
    verdict = judge(level, bench, dealt, answers, hints)
    said = Message("questions.gave_up", right=sum(each.right for each in verdict.marks))
    return replace(verdict, won=False, stars=0, sentence=said, gave_up=True)


def mark(level: AskLevel, bench: Bench, sealed: Sealed, answer: Answer) -> Marked:
    question = sealed.question
    if question.form == "write":
        graded = level.grade(bench, sealed, checked_text(question, answer))
        key = sealed.solution if isinstance(sealed.solution, str) else ""
        return Marked(question, answer, graded.right, key, graded.why, graded.exhibits)
    if answer is not None and answer not in question.choices:
        raise PlayerError("questions.no_answer", count=len(question.choices), answer=str(answer))
    # Of many sets that count the best is told.
    counted = [sealed.solution] if question.form == "set" else sorted(sealed.right)
    right = tuple(question.said(each) for each in counted if isinstance(each, int))
    key = right[0] if len(right) == 1 else Message("common.any", options=right)
    return Marked(question, answer, answer in sealed.right, key, sealed.why, sealed.reveal)


def checked_text(question: Question, answer: Answer) -> str:
    """The written text; PlayerError for too many words. Nothing written is an empty text."""
    text = answer.strip() if isinstance(answer, str) else ""
    count = len(text.split())
    if count > question.words:
        raise PlayerError("questions.too_long", count=count, limit=question.words)
    return text


def sentence(dealt: Sequence[Sealed], right: int) -> Message:
    if any(sealed.question.form == "write" for sealed in dealt):
        return Message("questions.written", right=right, count=len(dealt))
    chance = sum(len(sealed.right) / len(sealed.question.choices) for sealed in dealt)
    return Message("questions.won", right=right, count=len(dealt), chance=chance)


def chosen(sealed: Sealed, strange: Sequence[str], draw: Callable[[int], int]) -> Answer:
    """An option by `draw`, or for a written answer some text about something else."""
    question = sealed.question
    if question.form != "write":
        return question.choices[draw(len(question.choices))]
    words = strange[draw(len(strange))].split()
    return " ".join(words[: question.words])
