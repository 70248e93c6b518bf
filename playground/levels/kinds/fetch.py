"""The kind `fetch`: without which attention head is the answer lost?

Heads fetch what stands further back: a word that is said again (Olsson et al., In-context Learning
and Induction Heads, 2022), or who somebody was (Wang et al., Interpretability in the Wild, 2022).
Where each looks lies before the player. A head is silenced by having it read the beginning of the
text alone, where heads rest that have nothing to do; what that costs the answer is run.
"""

import random
from collections.abc import Iterator
from functools import partial
from itertools import islice
from typing import ClassVar

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
from playground.levels.dealing.questions import AskLevel, Bars, Question, Sealed, even, shuffled
from playground.levels.dealing.spoken import SureText, spoken
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Message

OPTIONS = 4
LOOKED_AT = 40  # texts for one question
COSTS = 0.5  # nats that the answer loses without the right head, at least
SPARED = 0.4  # share of that which it loses without any other, at most
LOOKS = 0.25  # share of its attention that the right one gives to one token further back, at least
TRIED = 24  # heads that look back hardest, one of which has to be the right one
LOUD = 8  # heads with the largest numbers, wherever they look
LOOKING = 5  # heads of which the wrong ones are drawn
NEAR = 3  # last tokens, which a head need not go back for


class FetchLevel(AskLevel):
    """rounds: texts, each with one question. In more than half of them a head has the largest
    number that looks hard at something else."""

    word: ClassVar[str] = "fetch"
    group: ClassVar[Group] = "auditing"
    misled: ClassVar[bool] = True

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        places = even(self.rounds, OPTIONS, rng)
        coming = spoken(self, bench, rng)
        questions = (
            map(partial(asked, place=place, trap=trap, rng=rng), islice(coming, LOOKED_AT))
            for place, trap in zip(places, traps(self.rounds, rng), strict=True)
        )
        needed = "texts in which one attention head fetches what the next word hangs on"
        yield from first_of_each(self, questions, needed)


def asked(own: SureText, place: int, trap: bool, rng: random.Random) -> Sealed | None:
    """trap: whether another option has to have the largest number."""
    looks = own.run.looks  # [blocks, heads, tokens]
    heads = all_heads(looks)
    busy = {each: float(row(looks, each)[1:-NEAR].max(initial=0)) for each in heads}
    loud = {each: hardest(looks, each) for each in heads}
    tried = [
        *sorted(heads, key=lambda each: -busy[each])[:TRIED],
        *sorted(heads, key=lambda each: -loud[each])[:LOUD],
    ]
    far = [
        each
        for each in dict.fromkeys(tried)
        if busy[each] >= max(LOOKS, float(row(looks, each)[-NEAR:].max()))
    ]
    cost = lost(own, far)
    best = max(far, key=lambda each: cost[each], default=None)
    # The others are run where one that goes back for something is missed.
    if best is None or cost[best] < COSTS:
        return None
    if trap and max(loud[each] for each in tried) <= loud[best]:
        return None
    cost |= lost(own, [each for each in dict.fromkeys(tried) if each not in cost])
    cost = {each: cost[each] for each in tried}
    spared = [each for each in cost if cost[each] <= SPARED * cost[best]]
    if cost[best] < max(cost.values()) or len(spared) < OPTIONS - 1:
        return None
    # Those that look back hardest; one that rests at the beginning is too easy.
    spared.sort(key=lambda each: -busy[each])
    louder = [each for each in spared if loud[each] > loud[best]]
    if trap and not louder:
        return None
    first = rng.sample(louder[:LOOKING], 1) if trap else []
    rest = [each for each in spared if each not in first]
    wrong = [*first, *rng.sample(rest[:LOOKING], OPTIONS - 1 - len(first))]
    rng.shuffle(wrong)
    options = [*wrong[:place], best, *wrong[place:]]
    shown = chart(own, options, (), Message("fetch.chart"))
    bars = tuple((whole_name(each), cost[each]) for each in options)
    at = 1 + int(row(looks, best)[1:-NEAR].argmax())
    return Sealed(
        Question(
            Message("fetch.ask", word=own.word, share=own.chance),
            "choose",
            (own.strip(Message("fetch.text")), shown),
            tuple(map(named, range(OPTIONS))),
        ),
        solution=place,
        guess=loudest(shown),
        why=Message(
            "fetch.why", word=own.word, letter=LETTERS[place], head=whole_name(best),
            cost=cost[best], share=busy[best], token=own.token(at),
        ),
        reveal=(Bars(bars, Message("fetch.unit"), cost[best], Message("fetch.costs")),),
        right=frozenset({place}),
    )  # fmt: skip
