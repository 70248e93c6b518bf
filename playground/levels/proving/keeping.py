"""How few attention heads keep the answers that levels on circuits ask about, or, where single ones
do not, how few blocks with all of theirs: all others look at the beginning of the text alone, and
at least half of what the answer gains by attention has to be there still.

What is counted are questions that were dealt. Knows no level by name.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log
from typing import Literal, get_args

import numpy as np

from playground.circuits.records import AttentionHead
from playground.levels.dealing.heads import LEAST, all_heads
from playground.levels.dealing.questions import AskLevel, Sealed, Strip
from playground.levels.dealing.spoken import SureText, understood
from playground.levels.judging import Bench

Sort = Literal["heads", "blocks"]  # single heads; all heads of a block as one node
MOST = 12  # nodes
HALF = 0.5  # of what the answer gains by attention
GAINS = 0.2  # nats from which on it gains something
POOL = 16  # nodes that the estimate thinks most of, where its order alone is not enough
STRIP = 3  # tokens of a text, at least


Node = frozenset[AttentionHead]


@dataclass(frozen=True)
class Keeping:
    """Of one text. gain: nats of the answer's log-probability that all heads together bring; nodes:
    how many, of a sort, are enough for `share` of them, or were tried in vain."""

    level: str
    text: str
    answer: str
    gain: float
    nodes: int
    share: float
    sort: Sort = "heads"

    @property
    def held(self) -> bool:
        return self.gain < GAINS or self.share >= HALF


def kept(own: SureText) -> tuple[float, int, float, Sort]:
    """Gain, nodes, share and sort of a Keeping."""
    every = all_heads(own.run.looks)

    def said(choices: Sequence[Collection[AttentionHead]]) -> np.ndarray:
        """The answer's log-probability with these alone at work."""
        away = [[each for each in every if each not in chosen] for chosen in choices]
        runs = own.patching.headless(own.run, away)
        return np.log([max(LEAST, own.share(ran)) for ran in runs])

    none = float(said([[]])[0])
    gain = log(own.chance) - none
    if gain < GAINS:
        return gain, 0, 1.0, "heads"

    def shares(choices: Sequence[Sequence[Node]]) -> np.ndarray:
        return (said([frozenset().union(*each) for each in choices]) - none) / gain

    estimates = own.patching.attributed(own.run)
    blocks = defaultdict[int, list[AttentionHead]](list)
    for each in every:
        blocks[each.layer].append(each)
    heads = few([frozenset({each}) for each in every], estimates.ravel(), shares)
    if heads[1] >= HALF:
        return gain, *heads, "heads"
    return gain, *few([*map(frozenset, blocks.values())], estimates.sum(1), shares), "blocks"


def few(
    nodes: Sequence[Node],
    estimates: np.ndarray,
    shares: Callable[[Sequence[Sequence[Node]]], np.ndarray],
) -> tuple[int, float]:
    """How many nodes were tried last, and what they keep. First those of the largest estimates;
    where these are not enough each time the one that brings most. shares: what choices keep."""
    order = [nodes[int(n)] for n in np.argsort(-estimates, kind="stable")]
    found = shares([order[:count] for count in range(1, min(MOST, len(order)) + 1)])
    if (enough := np.flatnonzero(found >= HALF)).size:
        return int(enough[0]) + 1, float(found[enough[0]])
    chosen, left, share = list[Node](), order[:POOL], 0.0
    while left and len(chosen) < MOST and share < HALF:
        found = shares([[*chosen, each] for each in left])
        share = float(found.max())
        chosen.append(left.pop(int(found.argmax())))
    return len(chosen), share


def texts(dealt: Iterable[Sealed]) -> Iterator[str]:
    """What questions are about, none twice."""
    strips = (each for sealed in dealt for each in sealed.question.exhibits)
    found = ("".join(each.tokens) for each in strips if isinstance(each, Strip))
    yield from dict.fromkeys(text for text in found if len(text.split()) >= STRIP)


def keepings(level: AskLevel, bench: Bench, dealt: Iterable[Sealed]) -> Iterator[Keeping]:
    for text in texts(dealt):
        if own := understood(level, bench.patching, text):
            yield Keeping(level.id, text, own.run.said, *kept(own))


def summary(found: Sequence[Keeping]) -> Iterator[str]:
    gained = [each for each in found if each.gain >= GAINS]
    little = len(found) - len(gained)
    yield f"{len(found)} texts; {little} gain less than {GAINS:g} nats by attention"
    for sort in get_args(Sort):
        if own := sorted(each.nodes for each in gained if each.held and each.sort == sort):
            yield (
                f"{len(own)} keep half with {MOST} {sort} or fewer: {own[len(own) // 2]} in the "
                f"middle, {own[-1]} at most"
            )
    yield from (f"not: {each}" for each in found if not each.held)
