"""The kind `ladder`: what does each half of a block do to the answer on its way up?

Between two blocks of a logit lens (nostalgebraist, interpreting GPT: the logit lens, 2020) there
are two rungs: a block's attention, which fetches from other tokens, and its MLP, which works on
this one alone. An answer may lead, lose the lead and come back. Which half brings it is no reading
of the lens: the model was run without each half.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import pairwise
from math import log
from typing import ClassVar, Literal

from pydantic import Field

from playground.circuits.records import BlockHalf, Half
from playground.levels.dealing.fairness import first_of_each
from playground.levels.dealing.heads import LEAST
from playground.levels.dealing.passages import quoted
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
from playground.levels.dealing.spoken import SureText, Waiting, spoken
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Message

Asks = Literal["lost", "brings"]
HALVES: tuple[Half, ...] = ("attention", "mlp")
OPTIONS = 4
LOOKED_AT = 120  # texts for one question
AHEAD = 1.15  # how many times as likely as the other one a leader is, where the lead changes
COSTS = 0.4  # nats that the answer loses without the half that brings it, at least
SPARED = 0.4  # share of that which it loses without any other option, at most
SHOWN = 12  # rungs of a ladder, at most; of a deeper model those around the answer's


class LadderLevel(AskLevel):
    """rounds: texts, each with one question; asks: about what, in turn."""

    word: ClassVar[str] = "ladder"
    group: ClassVar[Group] = "reading"
    misled: ClassVar[bool] = True

    asks: tuple[Asks, ...] = Field(default=("lost",), min_length=1)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        places = even(self.rounds, OPTIONS, rng)
        parts = even(self.rounds, len(HALVES), rng)
        coming = Waiting((Climb(each) for each in spoken(self, bench, rng)), LOOKED_AT)
        asks = [DEALT[self.asks[n % len(self.asks)]] for n in range(self.rounds)]
        wanted = zip(asks, places, parts, strict=True)
        questions = (
            coming.tried(partial(ask, place=place, part=HALVES[part], rng=rng))
            for ask, place, part in wanted
        )
        needed = "texts whose next word one half of a block brings or takes away"
        yield from first_of_each(self, questions, needed)


@dataclass(frozen=True, eq=False)
class Climb:
    """A text, and what would come next if the model stopped after each half of a block. A rung is
    counted from 0: attention of the first block, its MLP, attention of the second. costs: what was
    run so far, by rung."""

    own: SureText
    costs: dict[int, float] = field(default_factory=dict, compare=False)

    @cached_property
    def rungs(self) -> "tuple[ClimbRung, ...]":
        """Without what else might be said: of many texts that wait to be asked about it would be
        gigabytes."""
        shares, answer = self.own.patching.ladder(self.own.run).copy(), self.own.run.answer
        own, likeliest = shares[:, answer].tolist(), shares.argmax(-1).tolist()
        shares[:, answer] = -1
        others, most = shares.argmax(-1).tolist(), shares.max(-1).tolist()
        rows = zip(own, likeliest, others, most, strict=True)
        return tuple(
            ClimbRung(share, best == answer, other, top) for share, best, other, top in rows
        )

    @cached_property
    def leads(self) -> tuple[bool, ...]:
        """On which rungs the answer is the likeliest."""
        return tuple(each.leads for each in self.rungs)

    @property
    def settled(self) -> int:
        """The first rung from which on it leads to the end."""
        return max((n + 1 for n, leads in enumerate(self.leads) if not leads), default=0)

    @property
    def falls(self) -> list[int]:
        """Rungs on which it has lost the lead that it had one rung below."""
        return [n + 1 for n, (one, two) in enumerate(pairwise(self.leads)) if one and not two]

    def share(self, rung: int) -> float:
        return self.rungs[rung].share

    def clear(self, rung: int) -> bool:
        """Whether nobody could say that another one led."""
        own, other = self.share(rung), self.rungs[rung].most
        return max(own, other) >= AHEAD * min(own, other)

    def lost(self, rung: int) -> float:
        """Nats of the answer's log-probability that go without this half, on the last token."""
        if rung not in self.costs:
            ran = self.own.patching.without(self.own.run, half(rung))
            self.costs[rung] = log(self.own.chance) - log(max(LEAST, self.own.share(ran)))
        return self.costs[rung]

    @property
    def shown(self) -> range:
        """The rungs of its map."""
        count = len(self.leads)
        first = min(max(0, self.settled - SHOWN // 2), max(0, count - SHOWN)) // 2 * 2
        return range(first, min(count, first + SHOWN))


@dataclass(frozen=True)
class ClimbRung:
    """share: of the answer; other: the likeliest token beside it, with its share."""

    share: float
    leads: bool
    other: int
    most: float


def half(rung: int) -> BlockHalf:
    return BlockHalf(rung // 2, HALVES[rung % 2])


# -- the questions ---------------------------------------------------------------------------------
def lost(ladder: Climb, place: int, part: Half, rng: random.Random) -> Sealed | None:
    """With every rung before one's eyes: which one took the lead away? Who looks for the likeliest
    of the other words takes that rung."""
    falls, shown = ladder.falls, ladder.shown
    if len(falls) != 1 or falls[0] not in shown or not ladder.clear(falls[0]):
        return None
    right = falls[0]
    if not ladder.clear(right - 1):
        return None
    loudest = max(
        (n for n in shown if not ladder.leads[n] and n != right),
        key=lambda n: ladder.rungs[n].most,
    )
    rest = [n for n in shown if n != right]
    # Where it first led and where it comes back are read by who reads too fast.
    near = [loudest, ladder.leads.index(True), ladder.settled, *rng.sample(rest, len(rest))]
    wrong = list(dict.fromkeys(n for n in near if n in rest))[: OPTIONS - 1]
    rng.shuffle(wrong)
    options = [*wrong[:place], right, *wrong[place:]]
    facts = {"word": ladder.own.word, "half": named(right), "other": said(ladder, right)}
    return Sealed(
        Question(
            Message("ladder.lost", word=ladder.own.word),
            "choose",
            (ladder.own.strip(Message("ladder.text")), chart(ladder, shown)),
            tuple(map(named, options)),
        ),
        solution=place,
        guess=options.index(loudest),
        why=Message("ladder.lost_why", back=named(ladder.settled), **facts),
        reveal=(chart(ladder, shown, marked=True),),
        right=frozenset({place}),
    )


def brings(ladder: Climb, place: int, part: Half, rng: random.Random) -> Sealed | None:
    """Only whole blocks before one's eyes: which half of which brought it? part: which it is to be.
    Who thinks that the other half does such things takes that one."""
    right = ladder.settled
    options = others(ladder, right, part, rng)
    if not options:
        return None
    cost = {rung: ladder.lost(rung) for rung in (right, *options)}
    if cost[right] < COSTS or any(cost[each] > SPARED * cost[right] for each in options):
        return None
    options = [*options[:place], right, *options[place:]]
    bars = tuple((named(each), cost[each]) for each in options)
    shown = [n for n in ladder.shown if n % 2]
    return Sealed(
        Question(
            Message("ladder.brings", word=ladder.own.word),
            "choose",
            (ladder.own.strip(Message("ladder.text")), chart(ladder, shown)),
            tuple(map(named, options)),
        ),
        solution=place,
        guess=options.index(partner(right)),
        why=Message(
            "ladder.brings_why", word=ladder.own.word, half=named(right), cost=cost[right],
            before=ladder.share(right - 1), after=ladder.share(right),
        ),
        reveal=(
            Bars(bars, Message("fetch.unit"), cost[right], Message("ladder.costs")),
            chart(ladder, ladder.shown, marked=True),
        ),
        right=frozenset({place}),
    )  # fmt: skip


DEALT: dict[Asks, Callable[..., Sealed | None]] = {
    "lost": lost,
    "brings": brings,
}


def others(ladder: Climb, right: int, part: Half, rng: random.Random) -> list[int]:
    """The other half of the block, and both of the one before or behind it; none where the answer
    leads from the first block on, or another part brings it, or nobody could say which does."""
    sides = [
        block
        for block in (right // 2 - 1, right // 2 + 1)
        if block > 0 and 2 * block + 1 < len(ladder.leads)
    ]
    clear = ladder.clear(right) and ladder.clear(right - 1) if right > 1 else False
    if not clear or half(right).part != part or not sides:
        return []
    side = rng.choice(sides)
    found = [partner(right), 2 * side, 2 * side + 1]
    rng.shuffle(found)
    return found


def partner(rung: int) -> int:
    """The other half of the same block."""
    return rung + 1 if rung % 2 == 0 else rung - 1


# -- what is shown ---------------------------------------------------------------------------------
def named(rung: int) -> Message:
    part = "ladder.mlp" if rung % 2 else "ladder.attention"
    return Message(part, block=rung // 2 + 1)


def said(ladder: Climb, rung: int) -> Message:
    return quoted(ladder.own.run.text.piece(ladder.rungs[rung].other))


def chart(ladder: Climb, rungs: Sequence[int], marked: bool = False) -> Grid:
    """The answer and the likeliest other word on each rung, the highest one first; what leads is
    framed where that is marked. Rungs that are all MLPs are whole blocks."""
    whole = all(rung % 2 for rung in rungs)
    rows = []
    for rung in reversed(rungs):
        name = Message("lens.after", block=rung // 2 + 1) if whole else named(rung)
        piece, leads = ladder.own.run.text.piece, ladder.leads[rung]
        own = ladder.rungs[rung]
        cells = (
            Cell(ladder.own.run.said, own.share, marked and leads),
            Cell(piece(own.other), own.most, marked and not leads),
        )
        rows.append((name, cells))
    heads = (Message("ladder.answer"), Message("ladder.other"))
    return Grid(heads, tuple(rows), Message("lens.corner"), Message("ladder.chart"))
