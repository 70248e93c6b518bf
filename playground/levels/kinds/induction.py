"""The kind `induction`: which attention head copies what has stood in the text before?

Where nothing but copying helps, a head looks from the last token to what came next the last time,
and writes it down (Olsson et al., In-context Learning and Induction Heads, 2022). Where four heads
look lies before the player; what comes next is told or has to be worked out. What is right was
run: the head without which the copied word loses most, if it looks there and writes for that word.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import cycle
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from playground.circuits.records import AttentionHead
from playground.levels.dealing.fairness import first_of_each, traps
from playground.levels.dealing.heads import (
    LETTERS,
    all_heads,
    chart,
    hardest,
    lost,
    loudest,
    named,
    row,
    whole_name,
)
from playground.levels.dealing.questions import (
    Answer,
    AskLevel,
    Bars,
    Exhibit,
    Grid,
    Question,
    Sealed,
    even,
    shuffled,
)
from playground.levels.dealing.repeats import CopiedText, copies
from playground.levels.dealing.spoken import Waiting
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Message

Asks = Literal["told", "hidden"]
OPTIONS = 4
LOOKED_AT = 40  # texts for one question
COSTS = 0.4  # nats that the copied word loses without the right head, at least
SPARED = 0.4  # share of that which it loses without any other option, at most
LOOKS = 0.25  # share of its attention that the right one gives to the copied word, at least
ASIDE = 0.5  # share of that which any other option gives to it, at most
TRIED = 12  # heads that look hardest at something else
NEAR = 3  # last tokens, where somebody may look who has not understood
WRONG = 6  # of them, of which the wrong options are drawn


class InductionLevel(AskLevel):
    """rounds: texts, each with one question; asks: whether what comes next is told, in turn. In
    more than half of the texts a head has the largest number that looks hard at something else."""

    word: ClassVar[str] = "induction"
    group: ClassVar[Group] = "measuring"
    misled: ClassVar[bool] = True

    asks: tuple[Asks, ...] = Field(default=("told",), min_length=1)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        places = even(self.rounds, OPTIONS, rng)
        coming = Waiting(found(copies(self, bench, rng)), LOOKED_AT)
        wanted = zip(cycle(self.asks), places, traps(self.rounds, rng), strict=False)
        questions = (
            coming.tried(partial(asked, place=place, trap=trap, rng=rng, told=ask == "told"))
            for ask, place, trap in wanted
        )
        needed = "texts in which one attention head copies a word that stood there before"
        yield from first_of_each(self, questions, needed)

    def looks(self, sealed: Sealed) -> Sequence[Answer]:
        """The largest number at the last words, and the largest of the map."""
        return sealed.guess, *map(loudest, maps(sealed.question))


@dataclass(frozen=True, eq=False)
class CopyHunt:
    """A text, the head that copies, and heads that clearly do not, those that look hardest first;
    what each of them costs, looks at and writes."""

    text: CopiedText
    best: AttentionHead
    wrong: tuple[AttentionHead, ...]
    cost: Mapping[AttentionHead, float]  # nats, executed

    @cached_property
    def logits(self) -> Mapping[AttentionHead, np.ndarray]:
        """What each writes, [vocabulary]; estimated."""
        own, heads = self.text.own, (self.best, *self.wrong)
        return dict(zip(heads, own.patching.writes(own.run, heads), strict=True))

    def for_it(self, head: AttentionHead) -> float:
        """What a head writes for the copied word, in logits."""
        return float(self.logits[head][self.text.own.run.answer])

    def looks(self, head: AttentionHead) -> np.ndarray:
        """[tokens]"""
        return row(self.text.own.run.looks, head)

    def hardest(self, head: AttentionHead) -> float:
        return hardest(self.text.own.run.looks, head)


def found(coming: Iterator[CopiedText]) -> Iterator[CopyHunt]:
    for each in coming:
        if hunt := hunted(each):
            yield hunt


def hunted(text: CopiedText) -> CopyHunt | None:
    """None where no single head that looks at the copied word is missed, or where the one that is
    does not write for it."""
    own, looks = text.own, text.own.run.looks
    every = all_heads(looks)
    at_it = {each: float(row(looks, each)[text.at]) for each in every}
    near = [each for each in every if at_it[each] >= LOOKS]
    cost = lost(own, near)
    best = max(near, key=lambda each: cost[each], default=None)
    if best is None or cost[best] < COSTS:
        return None
    aside = [each for each in every if at_it[each] <= ASIDE * at_it[best]]
    aside.sort(key=lambda each: -row(looks, each)[1:].max(initial=0))
    wrong = list[AttentionHead]()
    for some in (aside[:WRONG], aside[WRONG:TRIED]):
        if len(wrong) < WRONG:
            cost |= lost(own, some)
            wrong += [each for each in some if cost[each] <= SPARED * cost[best]]
    hunt = CopyHunt(text, best, tuple(wrong[:WRONG]), cost)
    return hunt if len(wrong) >= OPTIONS - 1 and hunt.for_it(best) > 0 else None


# -- the questions ---------------------------------------------------------------------------------
def asked(hunt: CopyHunt, place: int, trap: bool, rng: random.Random, told: bool) -> Sealed | None:
    """trap: whether another option has to have the largest number; told: whether the word that
    comes next is. Who thinks that it hangs on the last words takes the head that looks hardest at
    these."""
    louder = [each for each in hunt.wrong if hunt.hardest(each) > hunt.hardest(hunt.best)]
    if trap and not louder:
        return None
    first = rng.sample(louder, 1) if trap else []
    rest = [each for each in hunt.wrong if each not in first]
    some = [*first, *rng.sample(rest, OPTIONS - 1 - len(first))]
    rng.shuffle(some)
    options = [*some[:place], hunt.best, *some[place:]]
    own, at = hunt.text.own, hunt.text.at
    also = {at, max(1, at - 1)}
    return Sealed(
        Question(
            ask(hunt.text, told),
            "choose",
            (
                own.strip(Message("induction.text"), len(own.run.ids) - 1),
                chart(own, options, also, Message("induction.map")),
            ),
            tuple(map(named, range(OPTIONS))),
        ),
        solution=place,
        guess=max(range(OPTIONS), key=lambda n: float(hunt.looks(options[n])[-NEAR:].max())),
        why=Message(
            "induction.why", letter=LETTERS[place], head=whole_name(hunt.best), word=own.word,
            before=own.token(at - 1), share=float(hunt.looks(hunt.best)[at]),
            cost=hunt.cost[hunt.best],
        ),
        reveal=measured(hunt, options),
        right=frozenset({place}),
    )  # fmt: skip


def ask(text: CopiedText, told: bool) -> Message:
    own = text.own
    if not told:
        return Message("induction.ask_list" if text.changed is None else "induction.ask_text")
    facts: dict[str, Message | float] = {"word": own.word, "share": own.chance}
    if text.changed is None:
        last = own.token(len(own.run.ids) - 1)
        return Message("induction.told_list", last=last, **facts)
    return Message("induction.told_text", other=text.changed.word, **facts)


def maps(question: Question) -> Iterator[Grid]:
    return (each for each in question.exhibits if isinstance(each, Grid))


def measured(hunt: CopyHunt, options: Sequence[AttentionHead]) -> tuple[Exhibit, ...]:
    """What each costs, and what it writes for the copied word."""
    costs = tuple((whole_name(each), hunt.cost[each]) for each in options)
    writes = tuple((whole_name(each), hunt.for_it(each)) for each in options)
    word = hunt.text.own.word
    return (
        Bars(costs, Message("fetch.unit"), hunt.cost[hunt.best], Message("fetch.costs")),
        Bars(
            writes, Message("induction.logits"), max(abs(value) for _, value in writes),
            Message("induction.writes", word=word),
        ),
    )  # fmt: skip
