"""The kind `budget`: where does a model of transcoders stop being the model?

A transcoder tells what an MLP writes by features, and misses some of it (Dunefsky et al.,
Transcoders Find Interpretable LLM Feature Circuits, 2024). What is missed stands in an attribution
graph as an error node (Ameisen et al., Circuit Tracing, 2025): how large it is and which way it
pushes are two things. Here transcoders truly take the place of MLPs, and the model says what is
left of its answer.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from playground.circuits.records import Ran
from playground.levels.dealing.circuitry import TracedText, traced
from playground.levels.dealing.fairness import FairTerms, first_of_each
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Question,
    Sealed,
    even,
    shuffled,
)
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Line, Message

Asks = Literal["block", "text"]
OPTIONS = 4
LETTERS = "ABCD"
LOOKED_AT = 50  # texts for one question
LOST = 0.5  # nats that the answer loses at least where it is lost
KEPT = 0.2  # and at most where it is kept
FULL = 100.0  # per cent, of a full bar


class BudgetLevel(AskLevel):
    """rounds: questions; asks: about what, in turn: whose transcoder alone costs a text its
    answer, or which of some texts loses it to all of them."""

    word: ClassVar[str] = "budget"
    group: ClassVar[Group] = "auditing"
    # That the push tells, and not the size, is what there is to see.
    telling: ClassVar[frozenset[str]] = frozenset({"rank 1 of chart 2"})
    asks: tuple[Asks, ...] = Field(default=("block",), min_length=1)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        places = even(self.rounds, OPTIONS, rng)
        coming = (Spliceable(each) for each in traced(self, bench, rng, 0))
        asks = [DEALT[self.asks[n % len(self.asks)]] for n in range(self.rounds)]
        wanted = zip(asks, places, FairTerms.of(self.rounds, rng), strict=True)
        questions = (
            (ask(islice(coming, LOOKED_AT), place, terms, rng),) for ask, place, terms in wanted
        )
        needed = "texts in which it is clear where transcoders lose the answer"
        yield from first_of_each(self, questions, needed)


@dataclass(frozen=True, eq=False)
class Spliceable:
    """A text, with transcoders in the place of some of its MLPs. Blocks are counted from 0."""

    text: TracedText

    @property
    def blocks(self) -> range:
        return range(self.text.graph.blocks)

    def spliced(self, blocks: Sequence[int]) -> Ran:
        return self.text.circuits.replaced(self.text.traced, blocks)

    @cached_property
    def alone(self) -> tuple[Ran, ...]:
        """With the transcoder of one block after the other."""
        return tuple(self.spliced([block]) for block in self.blocks)

    @cached_property
    def whole(self) -> Ran:
        """With all of them."""
        return self.spliced(self.blocks)

    def lost(self, ran: Ran) -> bool:
        """Clearly."""
        return not self.text.same(ran) and self.text.lost(ran) >= LOST

    def kept(self, ran: Ran) -> bool:
        """Clearly."""
        return self.text.same(ran) and self.text.lost(ran) <= KEPT

    def missed(self, blocks: Sequence[int]) -> float:
        """How long what transcoders missed is beside what the MLPs wrote, over all tokens."""
        return self.text.circuits.missed(self.text.traced, blocks)

    def push(self, blocks: Sequence[int]) -> float:
        """What these errors add to the lead of the answer: points of its logit that go with
        them."""
        nodes = self.text.graph.nodes
        errors = [n for n in map(int, self.text.graph.of_kind("error")) if nodes[n].layer in blocks]
        return self.text.pushed(errors)


# -- the questions ---------------------------------------------------------------------------------
def block(
    coming: Iterator[Spliceable], place: int, terms: FairTerms, rng: random.Random
) -> Sealed | None:
    """One text: whose transcoder alone loses the answer?"""
    for each in coming:
        lost = [n for n in each.blocks if each.lost(each.alone[n])]
        kept = [n for n in each.blocks if each.kept(each.alone[n])]
        if not lost or len(kept) < OPTIONS - 1:
            continue
        best = rng.choice(lost)
        wrong = rng.sample(kept, OPTIONS - 1)
        options = [*wrong[:place], best, *wrong[place:]]
        names = tuple(Message("budget.block", block=n + 1) for n in options)
        own = each.text.own
        evidence = ErrorEvidence(
            names, [each.missed([n]) for n in options], [each.push([n]) for n in options]
        )
        if not terms.met(evidence.strongest == place, evidence.largest == place):
            continue
        rows = tuple(
            (name, FULL * each.text.share(each.alone[n]))
            for name, n in zip(names, options, strict=True)
        )
        why = Message(
            "budget.why_block", word=own.word, block=best + 1, share=own.chance,
            left=each.text.share(each.alone[best]), other=each.text.said(each.alone[best]),
        )  # fmt: skip
        return Sealed(
            Question(
                Message("budget.ask_block", word=own.word, rival=each.text.word(each.text.rival)),
                "choose",
                (own.strip(Message("budget.said", word=own.word, share=own.chance)),
                 *evidence.shown),
                names,
            ),
            solution=place,
            guess=evidence.largest,
            why=Message("common.two", first=why, second=evidence.verdict(place)),
            reveal=(Bars(rows, Message("budget.left_unit"), FULL, Message("budget.left")),),
            right=frozenset({place}),
        )  # fmt: skip
    return None


def text(
    coming: Iterator[Spliceable], place: int, terms: FairTerms, rng: random.Random
) -> Sealed | None:
    """Four texts, all transcoders: which one loses its answer?"""
    lost, kept = list[Spliceable](), list[Spliceable]()
    names = tuple(Message("budget.text", letter=letter) for letter in LETTERS)
    for each in coming:
        if each.lost(each.whole):
            lost.append(each)
        elif each.kept(each.whole):
            kept.append(each)
        if not lost or len(kept) < OPTIONS - 1:
            continue
        best, wrong = rng.choice(lost), rng.sample(kept, OPTIONS - 1)
        options = [*wrong[:place], best, *wrong[place:]]
        evidence = ErrorEvidence(
            names, [own.missed(own.blocks) for own in options],
            [own.push(own.blocks) for own in options],
        )  # fmt: skip
        if not terms.met(evidence.strongest == place, evidence.largest == place):
            continue
        strips = tuple(
            own.text.own.strip(
                Message("budget.lettered", letter=letter, word=own.text.own.word,
                        share=own.text.own.chance, rival=own.text.word(own.text.rival))
            )
            for letter, own in zip(LETTERS, options, strict=True)
        )  # fmt: skip
        rows = tuple(
            (name, FULL * own.text.share(own.whole))
            for name, own in zip(names, options, strict=True)
        )
        why = Message(
            "budget.why_text", letter=LETTERS[place], word=best.text.own.word,
            share=best.text.own.chance, left=best.text.share(best.whole),
            other=best.text.said(best.whole),
        )  # fmt: skip
        return Sealed(
            Question(Message("budget.ask_text"), "choose", (*strips, *evidence.shown), names),
            solution=place,
            guess=evidence.largest,
            why=Message("common.two", first=why, second=evidence.verdict(place)),
            reveal=(Bars(rows, Message("budget.left_unit"), FULL, Message("budget.left")),),
            right=frozenset({place}),
        )
    return None


DEALT: dict[
    Asks, Callable[[Iterator[Spliceable], int, FairTerms, random.Random], Sealed | None]
] = {
    "block": block,
    "text": text,
}


# -- what is shown ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class ErrorEvidence:
    """Of each option how large its errors are, and how much they push for the answer."""

    names: tuple[Message, ...]
    missed: Sequence[float]
    pushes: Sequence[float]

    @property
    def largest(self) -> int:
        return int(np.argmax(self.missed))

    @property
    def strongest(self) -> int:
        return int(np.argmax(self.pushes))

    @property
    def shown(self) -> tuple[Bars, Bars]:
        sizes = self._bars([FULL * each for each in self.missed])
        return (
            Bars(sizes, Message("budget.size_unit"), FULL, Message("budget.size")),
            Bars(
                self._bars(self.pushes), Message("budget.push_unit"),
                max(abs(each) for each in self.pushes), Message("budget.push"),
            ),
        )  # fmt: skip

    def _bars(self, values: Sequence[float]) -> tuple[tuple[Line, float], ...]:
        return tuple(zip(self.names, values, strict=True))

    def verdict(self, right: int) -> Message:
        """Whether an estimate of the graph had it right, too."""
        return Message("budget.held" if self.strongest == right else "budget.failed")
