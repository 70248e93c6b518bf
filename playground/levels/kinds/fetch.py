"""The kind `fetch`: without which attention head is the answer lost?

Heads fetch what stands further back: a word that is said again (Olsson et al., In-context Learning
and Induction Heads, 2022), or who somebody was (Wang et al., Interpretability in the Wild, 2022).
Where each looks lies before the player. A head is silenced by having it read the beginning of the
text alone, where heads rest that have nothing to do; what that costs the answer is run.
"""

import random
from collections.abc import Iterator
from itertools import islice
from typing import ClassVar

from playground.errors import AuthorError
from playground.levels.dealing.heads import (
    LETTERS,
    all_heads,
    chart,
    lost,
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
LOOKING = 5  # heads of which the wrong ones are drawn
NEAR = 3  # last tokens, which a head need not go back for


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
    heads = all_heads(looks)
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
            (own.strip(Message("fetch.text")), chart(own, options, (), Message("fetch.chart"))),
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
