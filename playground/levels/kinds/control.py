"""The kind `control`: three pushes, equally hard; which one came from a feature, which from its
controls?

A push of the same size along a random direction is the control that claims about steering need:
Turner et al., Steering Language Models With Activation Engineering (2023), compare with it. The row
of another feature is a sterner one. Only what a reader can tell is asked: replies of the feature
keep to one subject more often than those of either control.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import fmean
from typing import ClassVar

from pydantic import Field

from playground.atlas.calibrate import FRESH_PROMPTS
from playground.atlas.controls import controls_for
from playground.concepts.concepts import Concept, Score, present, score_replies
from playground.engine.records import TEMPERATURE, Request, Sampling, Trace
from playground.levels.dealing import candidates
from playground.levels.dealing.candidates import Steered
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Question,
    Reply,
    Sealed,
    even,
    shuffled,
)
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Message

OPTIONS = ("A", "B", "C")
LEAD = 0.2  # share of replies that the recipe brings on its concept beyond its controls
BEST_FIRST = 6  # recipes by lead of which the first is drawn, so that a round opens at once
FIRST_SEED = 4_000  # apart from the seeds of calibration
SIGNS = 4  # of the concept that are quoted
LONG_WORD = 4  # letters; shorter words repeat in any text


class ControlLevel(AskLevel):
    """replies: of each push; tokens: of one reply, at most."""

    word: ClassVar[str] = "control"
    group: ClassVar[Group] = "comparing"
    rounds: int = Field(default=6, ge=1, le=12)
    replies: int = Field(default=3, ge=2, le=6)
    tokens: int = Field(default=28, ge=16, le=128)
    temperature: float = Field(default=TEMPERATURE, ge=0, le=2)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """One question a concept. Raises AuthorError when too few recipes lead over their controls
        so that a reader sees it."""
        rng = shuffled(seed, self.id)
        # Drawn first, so that the key does not hang on the model.
        places = even(self.rounds, len(OPTIONS), rng)
        pool = [
            each for each in candidates.steered(self, bench, rng, along=True) if each.lead >= LEAD
        ]
        first = sorted(pool, key=lambda each: -each.lead)[:BEST_FIRST]
        pool = [*first, *(each for each in pool if each not in first)]
        offset = rng.randrange(1_000)
        listed = [bench.concept(name) for name in bench.atlas.concepts()]
        asked = 0
        for number, about in enumerate(pool, offset):
            three = self._written(bench, about, number)
            if three.readable(listed):
                yield sealed(three, places[asked], listed, rng)
                asked += 1
                if asked == self.rounds:
                    return
        what = "a push whose replies keep to its subject more than those of its controls"
        raise candidates.too_few(self, self.rounds, what, asked)

    def _written(self, bench: Bench, about: Steered, number: int) -> "Compared":
        """number: where prompts and seeds begin, and which controls are drawn."""
        dial = about.recipe.dial()
        dials = (dial, *controls_for(bench.atlas, dial, len(OPTIONS) - 1, draw=number))
        wanted = [
            Request(
                FRESH_PROMPTS[(number + n) % len(FRESH_PROMPTS)],
                (each,),
                Sampling(
                    self.temperature,
                    max_tokens=self.tokens,
                    seed=FIRST_SEED + self.replies * number + n,
                ),
                plain=True,
            )
            for each in dials
            for n in range(self.replies)
        ]
        traces = iter(bench.engine.generate(wanted).traces())
        columns = [tuple(islice(traces, self.replies)) for _ in dials]
        return Compared(
            about,
            tuple(Column(own, score_replies(about.concept, own, bench.usual)) for own in columns),
        )


@dataclass(frozen=True)
class Column:
    """The replies of one push, and their score on the feature's concept."""

    replies: tuple[Trace, ...]
    score: Score

    @property
    def sort(self) -> str:
        """own, or which sort of control it is."""
        control = self.replies[0].request.dials[0].control
        return control.sort if control else "own"

    @property
    def on(self) -> int:
        return sum(each.on for each in self.score.replies)


@dataclass(frozen=True)
class Compared:
    """The same prompts and seeds by every push, the feature's own first."""

    about: Steered
    columns: tuple[Column, ...]

    def readable(self, listed: Sequence[Concept]) -> bool:
        """The feature's replies share its subject more often than a control's share any."""
        own, *rest = self.columns
        return all(own.on > shared(texts(each), listed) for each in rest)


def texts(column: Column) -> list[str]:
    return [trace.text for trace in column.replies]


def shared(replies: Sequence[str], listed: Sequence[Concept]) -> int:
    """How many of the replies are about the subject that most of them are about."""
    return max((sum(present(each, text) for text in replies) for each in listed), default=0)


def keyed(about: Steered, feature: str, direction: str) -> str:
    """Of two sentences the one that calls what was pushed along by its name."""
    return feature if about.recipe.vector is None else direction


# -- questions -------------------------------------------------------------------------------------
def sealed(three: Compared, place: int, listed: Sequence[Concept], rng: random.Random) -> Sealed:
    """place: of the feature's replies; listed: concepts that a reader knows words of."""
    own, *rest = three.columns
    order = rng.sample(rest, len(rest))
    order.insert(place, own)
    exhibits = tuple(
        Reply(trace.request.prompt, trace.text, Message("control.reply", name=name))
        for name, column in zip(OPTIONS, order, strict=True)
        for trace in column.replies
    )
    return Sealed(
        question=Question(
            Message(keyed(three.about, "control.which", "control.which_along")),
            "choose",
            exhibits,
            OPTIONS,
        ),
        solution=place,
        guess=guess([texts(column) for column in order], listed),
        why=why(three, order),
        reveal=measured(three, order),
        right=frozenset({place}),
    )


def guess(columns: Sequence[Sequence[str]], listed: Sequence[Concept]) -> int:
    """The push whose replies keep most to one subject; else the one that repeats most long words
    from reply to reply."""

    def repeated(replies: Sequence[str]) -> int:
        words = Counter[str]()
        for text in replies:
            words.update(set(re.findall(rf"\w{{{LONG_WORD},}}", text.lower())))
        return sum(count - 1 for count in words.values())

    ranks = [(shared(each, listed), repeated(each)) for each in columns]
    return max(range(len(columns)), key=lambda n: (ranks[n], -n))


def why(three: Compared, order: Sequence[Column]) -> Message:
    own, *rest = three.columns
    found = tuple(dict.fromkeys(word for each in own.score.replies for word in each.found))
    others = tuple(
        Message(
            "control.random" if each.sort == "random" else "control.feature",
            name=OPTIONS[order.index(each)],
            on=each.on,
        )
        for each in rest
    )
    return Message(
        keyed(three.about, "control.because", "control.because_along"),
        right=OPTIONS[order.index(own)],
        topic=three.about.concept.message,
        strength=three.about.recipe.strength,
        on=own.on,
        count=len(own.replies),
        words=found[:SIGNS] + (("…",) if len(found) > SIGNS else ()),
        others=others,
    )


def measured(three: Compared, order: Sequence[Column]) -> tuple[Bars, Bars]:
    """These replies, and what the atlas counted over more of them."""
    topic, count = three.about.concept.message, len(three.columns[0].replies)
    damage = tuple(
        (Message("control.column", name=name), fmean(e.damage for e in column.score.replies))
        for name, column in zip(OPTIONS, order, strict=True)
    )
    point = three.about.point
    shares = (
        (
            Message(
                keyed(three.about, "control.own_share", "control.own_share_along"),
                count=point.replies,
            ),
            100 * point.effect,
        ),
        (Message("control.control_share", count=point.controls), 100 * point.control_effect),
        (Message("control.control_most"), 100 * point.control_high),
    )
    return (
        Bars(damage, Message("common.of_100"), 100.0, Message("control.mean_damage", count=count)),
        Bars(
            shares,
            Message("common.percent_replies"),
            100.0,
            Message("control.counted", topic=topic),
        ),
    )
