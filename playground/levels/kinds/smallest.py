"""The kind `smallest`: the fewest features that keep the answer.

A circuit is a small set of parts that does the work by itself, and without which it is not done
(Wang et al., Interpretability in the Wild, 2022): enough and needed are two questions (Mueller et
al., MIB, 2025). On the table lie the features on which an attribution graph thinks the answer's
lead hangs most. All sets of them are truly run, with the others of the table off; a feature that is
off is what it is on nearly all texts.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from string import ascii_uppercase
from typing import ClassVar

from pydantic import Field

from playground.circuits.records import Ran
from playground.errors import AuthorError
from playground.levels.dealing.circuitry import Expected, TracedText, traced
from playground.levels.dealing.questions import AskLevel, Bars, Question, Sealed, shuffled
from playground.levels.dealing.sets import members, sets
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Line, Message

FEATURES = 8  # on the table
CAP = 200  # features of a graph that are asked about
LOOKED_AT = 60  # texts for one question
LUCKY = 0.1  # share of all sets that may count as right
FULL = 100.0  # per cent, of a full bar
LETTERS = tuple(ascii_uppercase[:FEATURES])


class SmallestLevel(AskLevel):
    """rounds: texts, each with one question. least, most: features that the smallest set has."""

    word: ClassVar[str] = "smallest"
    group: ClassVar[Group] = "comparing"
    # That true runs tell, and not the estimate, is what there is to see.
    telling: ClassVar[frozenset[str]] = frozenset({"most of chart 2"})
    least: int = Field(default=2, ge=1, le=4)
    most: int = Field(default=3, ge=1, le=4)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        coming, looks = traced(self, bench, rng, CAP), 0
        for number in range(self.rounds):
            tries = (self._asked(each, rng) for each in islice(coming, LOOKED_AT))
            # Whoever goes by the estimates alone is right in half of a round at most.
            fair = (e for e in tries if e and (looks < self.rounds // 2 or e.guess not in e.right))
            sealed = next(fair, None)
            if sealed is None:
                raise AuthorError(
                    f"level {self.id}: needs {self.rounds} texts whose next word {self.least} to "
                    f"{self.most} features keep; there were {number}"
                )
            looks += sealed.guess in sealed.right
            yield sealed

    def _asked(self, text: TracedText, rng: random.Random) -> Sealed | None:
        table = laid(text, rng)
        return asked(table, self.least, self.most) if table else None


# -- what lies on the table ------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Features without all of which the answer is lost. A set is a number, as in dealing/sets."""

    text: TracedText
    laid: tuple[Expected, ...]

    @property
    def every(self) -> int:
        return (1 << len(self.laid)) - 1

    def off(self, chosen: int) -> Ran:
        """The model with these off."""
        return self.text.without([self.laid[n].node for n in members(chosen)])

    def enough(self, chosen: int) -> bool:
        """Whether these alone keep the answer, the others of the table off."""
        return self.text.same(self.off(self.every & ~chosen))

    def needed(self, chosen: int) -> bool:
        """Whether the answer is lost without these, the others of the table on."""
        return not self.text.same(self.off(chosen))

    @cached_property
    def costs(self) -> tuple[float, ...]:
        """Nats that the answer loses without each feature alone."""
        return tuple(self.text.lost(self.off(1 << n)) for n in range(len(self.laid)))

    def first(self, size: int) -> int:
        """So many of those that the graph thinks most of."""
        order = sorted(range(len(self.laid)), key=lambda n: self.laid[n].lead)
        return sum(1 << n for n in order[:size])

    def dearest(self, size: int) -> int:
        """So many of those without which the answer truly loses most, each off alone."""
        order = sorted(range(len(self.laid)), key=lambda n: -self.costs[n])
        return sum(1 << n for n in order[:size])

    def greedy(self) -> int:
        """How many it takes if those that the graph thinks most of are left on, one after the
        other."""
        sizes = range(1, len(self.laid) + 1)
        return next(size for size in sizes if self.enough(self.first(size)))

    def smallest(self, most: int) -> list[int]:
        """The sets that are enough, of the size of the smallest."""
        found = list[int]()
        for chosen in sets(len(self.laid), most):
            if found and chosen.bit_count() > found[0].bit_count():
                break
            if self.enough(chosen):
                found.append(chosen)
        return found


def laid(text: TracedText, rng: random.Random) -> FeatureTable | None:
    """None where the answer does not hang on what the graph thinks most of."""
    some = [each for each in text.mattering if each.lead < 0][:FEATURES]
    if len(some) < FEATURES:
        return None
    rng.shuffle(some)
    table = FeatureTable(text, tuple(some))
    return None if text.same(table.off(table.every)) else table


# -- questions -------------------------------------------------------------------------------------
def asked(table: FeatureTable, least: int, most: int) -> Sealed | None:
    """None where no set is both enough and needed, or too many sets are."""
    text, costs = table.text, table.costs
    # Whoever goes by what each one costs is not far off; and that is run before all sets are.
    if not table.enough(table.dearest(most)):
        return None
    enough = table.smallest(most)
    if enough[0].bit_count() < least:
        return None
    right = [each for each in enough if table.needed(each)]
    size, count = enough[0].bit_count(), len(sets(FEATURES, enough[0].bit_count()))
    if not right or len(right) > LUCKY * count:
        return None
    best = max(right, key=lambda chosen: sum(costs[n] for n in members(chosen)))
    without = table.off(table.every)
    letters: tuple[Line, ...] = tuple(
        Message("smallest.letter", letter=letter) for letter in LETTERS
    )
    adds = [-each.lead for each in table.laid]
    shown = (
        text.own.strip(Message("smallest.text", word=text.own.word, share=text.own.chance)),
        bars(letters, adds, Message("smallest.points"), Message("smallest.adds")),
        bars(letters, costs, Message("smallest.nats"), Message("smallest.costs")),
    )
    why = Message(
        "smallest.why", best=joined(best), word=text.own.word, size=size, greedy=table.greedy(),
        sets=count, right=len(right),
    )  # fmt: skip
    return Sealed(
        Question(
            Message(
                "smallest.ask", word=text.own.word, other=text.said(without), count=FEATURES,
                size=size,
            ),
            "set",
            shown,
            tuple(described(text, each, n) for n, each in enumerate(table.laid)),
            most=size,
        ),
        solution=best,
        guess=table.first(size),
        why=why,
        reveal=(reveal(table, best, size),),
        right=frozenset(right),
    )  # fmt: skip


def bars(names: Sequence[Line], values: Sequence[float], unit: Line, caption: Line) -> Bars:
    rows = tuple(zip(names, values, strict=True))
    return Bars(rows, unit, max(abs(each) for each in values), caption)


def described(text: TracedText, each: Expected, number: int) -> Message:
    return Message(
        "smallest.feature", letter=LETTERS[number], name=text.name(each.node),
        block=each.node.layer + 1, token=text.token(each.node),
    )  # fmt: skip


def joined(chosen: int) -> Message:
    return Message("questions.set", them=tuple(LETTERS[n] for n in members(chosen)))


def reveal(table: FeatureTable, best: int, size: int) -> Bars:
    """The answer's probability with these on, and in the runs beside."""
    text = table.text
    told: tuple[tuple[Line, Ran], ...] = (
        (Message("smallest.all_on"), table.off(0)),
        (Message("smallest.only", them=joined(best)), table.off(table.every & ~best)),
        (Message("smallest.only", them=joined(table.first(size))),
         table.off(table.every & ~table.first(size))),
        (Message("smallest.without", them=joined(best)), table.off(best)),
        (Message("smallest.all_off"), table.off(table.every)),
    )  # fmt: skip
    rows = tuple((name, FULL * text.share(ran)) for name, ran in told)
    return Bars(rows, Message("smallest.share_unit"), FULL, Message("smallest.found"))
