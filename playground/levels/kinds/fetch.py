"""The kind `fetch`: without which attention head is the answer lost?

Heads fetch what stands further back: a word that is said again (Olsson et al., In-context Learning
and Induction Heads, 2022), or who somebody was (Wang et al., Interpretability in the Wild, 2022).
Where each looks lies before the player. A head is silenced by having it read the beginning of the
text alone, where heads rest that have nothing to do; what that costs the answer is run.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import islice
from math import log
from typing import ClassVar

import numpy as np

from playground.circuits.records import AttentionHead
from playground.errors import AuthorError
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Cell,
    Grid,
    Question,
    Sealed,
    even,
    shuffled,
)
from playground.levels.dealing.spoken import SureText, spoken
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Message

OPTIONS = 4
LETTERS = "ABCD"
LOOKED_AT = 40  # texts for one question
COSTS = 0.5  # nats that the answer loses without the right head, at least
SPARED = 0.4  # share of that which it loses without any other, at most
LOOKS = 0.25  # share of its attention that the right one gives to one token further back, at least
TRIED = 24  # heads that look back hardest, one of which has to be the right one
LOOKING = 5  # heads of which the wrong ones are drawn
NEAR = 3  # last tokens, which a head need not go back for
TOKENS = 2  # of each head, that it looks at most: the map's columns
LEAST = 1e-9


class FetchLevel(AskLevel):
    """rounds: texts, each with one question."""

    word: ClassVar[str] = "fetch"
    group: ClassVar[Group] = "auditing"

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        places = even(self.rounds, OPTIONS, rng)
        coming = spoken(self, bench, rng)
        for number, place in enumerate(places):
            found = (asked(each, place, rng) for each in islice(coming, LOOKED_AT))
            sealed = next((each for each in found if each), None)
            if sealed is None:
                raise AuthorError(
                    f"level {self.id}: needs {self.rounds} texts in which one attention head "
                    f"fetches what the next word hangs on; there were {number}"
                )
            yield sealed


def asked(own: SureText, place: int, rng: random.Random) -> Sealed | None:
    looks = own.run.looks  # [blocks, heads, tokens]
    heads = [AttentionHead(*each) for each in np.ndindex(looks.shape[:2])]
    busy = {each: float(row(looks, each)[1:-NEAR].max(initial=0)) for each in heads}
    cost = {each: lost(own, each) for each in sorted(heads, key=lambda each: -busy[each])[:TRIED]}
    best = max(cost, key=lambda each: cost[each])
    spared = [each for each in cost if cost[each] <= SPARED * cost[best]]
    far = busy[best] >= max(LOOKS, float(row(looks, best)[-NEAR:].max()))
    if cost[best] < COSTS or not far or len(spared) < OPTIONS - 1:
        return None
    # Those that look back hardest; one that rests at the beginning is too easy.
    spared.sort(key=lambda each: -busy[each])
    wrong = rng.sample(spared[:LOOKING], OPTIONS - 1)
    options = [*wrong[:place], best, *wrong[place:]]
    bars = tuple((whole_name(each), cost[each]) for each in options)
    at = 1 + int(row(looks, best)[1:-NEAR].argmax())
    return Sealed(
        Question(
            Message("fetch.ask", word=own.word, share=own.chance),
            "choose",
            (own.strip(Message("fetch.text")), chart(own, looks, options)),
            tuple(map(named, range(OPTIONS))),
        ),
        solution=place,
        guess=max(range(OPTIONS), key=lambda n: busy[options[n]]),
        why=Message(
            "fetch.why", word=own.word, letter=LETTERS[place], head=whole_name(best),
            cost=cost[best], share=busy[best], token=own.token(at),
        ),
        reveal=(Bars(bars, Message("fetch.unit"), cost[best], Message("fetch.costs")),),
        right=frozenset({place}),
    )  # fmt: skip


def row(looks: np.ndarray, head: AttentionHead) -> np.ndarray:
    """Where a head looks from the last token. [tokens]"""
    return looks[head.layer, head.head]


def lost(own: SureText, head: AttentionHead) -> float:
    """Nats of the answer's log-probability."""
    ran = own.patching.headless(own.run, [head])
    return log(own.chance) - log(max(LEAST, own.share(ran)))


def named(number: int) -> Message:
    """Without block and number: who has seen a head once would not look at what it does here."""
    return Message("fetch.lettered", letter=LETTERS[number])


def whole_name(head: AttentionHead) -> Message:
    return Message("fetch.head", block=head.layer + 1, head=head.head + 1)


def chart(own: SureText, looks: np.ndarray, options: Sequence[AttentionHead]) -> Grid:
    """Where each head looks from the last token on: the beginning, and what any of them looks at
    most."""
    most = [np.argsort(-row(looks, each)[1:], kind="stable")[:TOKENS] + 1 for each in options]
    columns = sorted({int(at) for each in most for at in each})
    rows = tuple(
        (named(n), tuple(Cell("", float(row(looks, each)[at])) for at in (0, *columns)))
        for n, each in enumerate(options)
    )
    heads = (Message("fetch.start"), *map(own.token, columns))
    return Grid(heads, rows, Message("fetch.corner"), Message("fetch.chart"))
