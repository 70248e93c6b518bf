"""The kind `method`: four replies to one prompt, one by each way to apply a feature; which is
which?

Adding a direction: Turner et al., Steering Language Models With Activation Engineering (2023);
clamping a feature: Templeton et al., Scaling Monosemanticity (2024).
"""

import math
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from statistics import mean
from typing import ClassVar

from pydantic import Field

from playground.engine.records import METHODS, TEMPERATURE, Dial, Method, Request, Sampling, Trace
from playground.levels.dealing import candidates
from playground.levels.dealing.candidates import Detected
from playground.levels.dealing.decency import decent
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Exhibit,
    Portrait,
    Question,
    Reply,
    Sealed,
    Strip,
    shuffled,
)
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.levels.schema import Pick
from playground.messages import Message

TRIED = 9  # prompts written out for each that is kept, at most
LOT = 4  # prompts that are tried together
SENTENCES, WORDS = 2, 40  # of a held-out text, as the prompt
SHORTEST = 12  # tokens of a reply
FEWEST = 2  # tokens on which the feature fires by itself, and on which it is silent
TELLING = 0.3  # of its own firing that `add` must leave standing beyond what `clamp` does
FIRST_SEED = 6_000  # apart from the seeds of calibration
QUIET = 0.5  # share of its own firing that a method may leave and still have taken most of it out


class MethodLevel(AskLevel):
    """rounds: prompts, each with four questions. strength: of add and clamp, in residual norms."""

    word: ClassVar[str] = "method"
    group: ClassVar[Group] = "comparing"
    rounds: int = Field(default=2, ge=1, le=3)
    strength: float = Field(default=0.5, gt=0, le=1.5)
    tokens: int = Field(default=48, ge=24, le=128)
    temperature: float = Field(default=TEMPERATURE, ge=0, le=2)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """Four questions a prompt. Raises AuthorError where too few features show the methods."""
        rng = shuffled(seed, self.id)
        pool = [
            each
            for each in candidates.detected(self, bench, rng)
            if bench.texts(each.concept.name, True)
        ]
        pool, number = pool[: TRIED * self.rounds], 0
        lots = (pool[at : at + LOT] for at in range(0, len(pool), LOT))
        promising = chain.from_iterable(self._promising(bench, lot, rng) for lot in lots)
        for start, ablated in promising:
            four = self._written(bench, start, ablated)
            if four.tells and four.decent:
                number += 1
                yield from questions(four, number, self.strength, rng)
                if number == self.rounds:
                    return
        what = "a detector on which the methods can be told apart"
        raise candidates.too_few(self, self.rounds, what, number)

    @property
    def count(self) -> int:
        return len(METHODS) * self.rounds

    def _promising(
        self, bench: Bench, lot: Sequence[Detected], rng: random.Random
    ) -> "list[tuple[Beginning, EditedReply]]":
        """Those whose ablated reply is fit to be asked about; it is written for all at once, for
        most features that are not fit show it there."""
        starts = [self._start(bench, each, rng) for each in lot]
        ablated = bench.engine.generate([each.request("ablate") for each in starts]).traces()
        return [
            (each, reply)
            for each, reply in zip(starts, map(edited, ablated), strict=True)
            if reply.enough and reply.quiet
        ]

    def _start(self, bench: Bench, about: Detected, rng: random.Random) -> "Beginning":
        prompt = opening(rng.choice(bench.texts(about.concept.name, True)).text)
        sampling = Sampling(
            self.temperature, max_tokens=self.tokens, seed=FIRST_SEED + rng.randrange(1_000)
        )
        return Beginning(about, prompt, self.strength, sampling)

    def _written(self, bench: Bench, start: "Beginning", ablated: "EditedReply") -> "Four":
        """One prompt by every method, of which one is written already."""
        others: list[Method] = [method for method in METHODS if method != ablated.method]
        traces = bench.engine.generate([start.request(method) for method in others]).traces()
        by = {each.method: each for each in (ablated, *map(edited, traces))}
        return Four(start.about, tuple(by[method] for method in METHODS))


@dataclass(frozen=True)
class Beginning:
    """What a feature is tried on. strength: of add and clamp, in residual norms."""

    about: Detected
    prompt: str
    strength: float
    sampling: Sampling

    def request(self, method: Method) -> Request:
        detector = self.about.detector
        strength = self.strength if method in ("add", "clamp") else 0.0
        dial = Dial(detector.site, detector.feature, strength, method, "all")
        return Request(self.prompt, (dial,), self.sampling, plain=True)


# -- what the engine says --------------------------------------------------------------------------
@dataclass(frozen=True)
class EditedReply:
    """One reply with the dialled feature's activation, token by token, before and after the edit
    of the state that chose the token; tokens that the dial did not reach are left out."""

    trace: Trace
    tokens: tuple[str, ...]
    before: tuple[float, ...]
    after: tuple[float, ...]

    @property
    def method(self) -> Method:
        return self.trace.request.dials[0].method

    @property
    def fired(self) -> int:
        """On how many tokens the feature fires by itself."""
        return sum(value > 0 for value in self.before)

    @property
    def touched(self) -> int:
        """On how many tokens the dial pushed: ablate takes nothing out where nothing is; the
        others push by an amount that is never exactly 0."""
        return self.fired if self.method == "ablate" else len(self.before)

    @property
    def own(self) -> float:
        """Mean activation before the edit where the feature fires; 0 where it never does."""
        return mean([value for value in self.before if value > 0] or [0.0])

    @property
    def lit(self) -> float:
        """Mean activation after the edit where it fired before."""
        pairs = zip(self.before, self.after, strict=True)
        return mean([after for before, after in pairs if before > 0] or [0.0])

    @property
    def dark(self) -> float:
        """Mean activation after the edit where it was silent before."""
        pairs = zip(self.before, self.after, strict=True)
        return mean([after for before, after in pairs if before <= 0] or [0.0])

    @property
    def kept(self) -> float:
        """Share of the feature's own firing that still stands out after the edit: 1 is all."""
        return (self.lit - self.dark) / self.own if self.own else 0.0

    @property
    def quiet(self) -> bool:
        """Whether next to nothing is left where it fired, and nothing was put where it did not."""
        return max(self.lit, self.dark) <= QUIET * self.own

    @property
    def enough(self) -> bool:
        """Long enough, and with the feature on and off, so that the numbers speak."""
        long = len(self.before) >= SHORTEST
        return long and FEWEST <= self.fired <= len(self.before) - FEWEST


@dataclass(frozen=True)
class Four:
    """One prompt written by all methods, in the order of METHODS."""

    about: Detected
    replies: tuple[EditedReply, ...]

    @property
    def tells(self) -> bool:
        """Whether the numbers of the four can be told apart."""
        add, clamp, ablate, project = self.replies
        told = all(each.enough for each in (add, clamp, ablate))
        told = told and len(project.before) >= SHORTEST
        loud = not add.quiet and not clamp.quiet and min(add.dark, clamp.dark) > 0
        return told and ablate.quiet and project.quiet and loud and self.apart >= TELLING

    @property
    def decent(self) -> bool:
        return all(decent(each.trace.text) for each in self.replies)

    @property
    def apart(self) -> float:
        """How much more of its own firing `add` leaves standing than `clamp`; 1 is all of it."""
        add, clamp, *_ = self.replies
        return add.kept - clamp.kept


def edited(trace: Trace) -> EditedReply:
    reached = [
        each
        for each in trace.tokens
        if each.before and not math.isnan(each.before[0]) and not math.isnan(each.after[0])
    ]
    return EditedReply(
        trace,
        tuple(each.text for each in reached),
        tuple(each.before[0] + 0.0 for each in reached),  # no -0
        tuple(each.after[0] + 0.0 for each in reached),
    )


def opening(text: str) -> str:
    """The first sentences of a text, as far as they are not long."""
    sentences = re.split(r"(?<=[.!?])\s+", text.strip())
    return " ".join(" ".join(sentences[:SENTENCES]).split()[:WORDS])


# -- questions -------------------------------------------------------------------------------------
def questions(four: Four, number: int, strength: float, rng: random.Random) -> list[Sealed]:
    """One question a method, in random order; the options in one order for the whole prompt."""
    order = rng.sample(METHODS, len(METHODS))
    top = max(value for each in four.replies for value in (*each.before, *each.after))
    return [
        sealed(four, each, order, number, strength, top)
        for each in rng.sample(four.replies, len(four.replies))
    ]


def sealed(
    four: Four,
    reply: EditedReply,
    order: Sequence[Method],
    number: int,
    strength: float,
    top: float,
) -> Sealed:
    options = tuple(Message(f"method.{method}") for method in order)
    place = order.index(reply.method)
    ask = Message("method.ask", number=number)
    return Sealed(
        question=Question(ask, "choose", exhibits(reply, top), options),
        solution=place,
        guess=order.index(guess(reply)),
        why=why(reply, strength),
        reveal=reveal(four),
        right=frozenset({place}),
    )


def why(reply: EditedReply, strength: float) -> Message:
    count = len(reply.before)
    if reply.method == "ablate":
        return Message(
            "method.left_ablate",
            own=reply.own,
            lit=reply.lit,
            touched=reply.touched,
            count=count,
        )
    if reply.method == "project":
        return Message(
            "method.left_project", own=reply.own, lit=reply.lit, fired=reply.fired, count=count
        )
    return Message(
        "method.why_add" if reply.method == "add" else "method.why_clamp",
        dark=reply.dark,
        lit=reply.lit,
        own=reply.own,
        kept=100 * max(0.0, reply.kept),
        strength=strength,
    )


def exhibits(reply: EditedReply, top: float) -> tuple[Exhibit, ...]:
    silent = len(reply.before) - reply.fired
    rows = (
        (Message("method.before_lit", count=reply.fired), reply.own),
        (Message("method.after_lit", count=reply.fired), reply.lit),
        (Message("method.after_dark", count=silent), reply.dark),
    )
    share = 100 * reply.touched / max(1, len(reply.before))
    return (
        Reply(reply.trace.request.prompt, reply.trace.text),
        Strip(reply.tokens, reply.before, top, Message("method.before")),
        Strip(reply.tokens, reply.after, top, Message("method.after")),
        Bars(rows, Message("common.units"), top, Message("method.mean")),
        Bars(((Message("method.pushed"), share),), Message("common.percent_tokens"), 100.0),
    )


def guess(reply: EditedReply) -> Method:
    """Quiet afterwards: all or some pushed? Loud: is it louder where it fired by itself?"""
    if reply.quiet:
        return "project" if reply.touched == len(reply.before) else "ablate"
    return "add" if reply.lit - reply.dark > reply.own / 2 else "clamp"


def reveal(four: Four) -> tuple[Exhibit, ...]:
    detector = four.about.detector
    means = [(each.method, each.lit) for each in four.replies]
    top = max(1.0, *(value for _, value in means))
    portrait = Message("method.portrait", topic=four.about.concept.message)
    return (
        Bars(tuple(means), Message("common.units"), top, Message("method.means_lit")),
        Portrait(Pick(detector.site, detector.feature), True, portrait),
    )
