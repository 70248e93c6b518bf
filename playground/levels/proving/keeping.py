"""How few attention heads keep the answers that levels on circuits ask about: all others look at
the beginning of the text alone, and at least half of what the answer gains by attention has to be
there still.

What is counted are questions that were dealt. Knows no level by name.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log

import numpy as np

from playground.circuits.records import AttentionHead
from playground.levels.dealing.heads import LEAST, all_heads
from playground.levels.dealing.questions import AskLevel, Sealed, Strip
from playground.levels.dealing.spoken import SureText, understood
from playground.levels.judging import Bench

MOST = 12  # heads
HALF = 0.5  # of what the answer gains by attention
GAINS = 0.2  # nats from which on it gains something
POOL = 16  # heads that the estimate thinks most of, where its order alone is not enough
STRIP = 3  # tokens of a text, at least


@dataclass(frozen=True)
class Keeping:
    """Of one text. gain: nats of the answer's log-probability that all heads together bring; heads:
    how many are enough for `share` of them, or were tried in vain."""

    level: str
    text: str
    answer: str
    gain: float
    heads: int
    share: float

    @property
    def held(self) -> bool:
        return self.gain < GAINS or self.share >= HALF


def kept(own: SureText) -> tuple[float, int, float]:
    """Gain, heads and share of a Keeping. First the heads of the largest estimates; where these are
    not enough each time the one of them that brings most."""
    every = all_heads(own.run.looks)

    def said(choices: Sequence[Sequence[AttentionHead]]) -> np.ndarray:
        """The answer's log-probability with these alone at work."""
        away = [[each for each in every if each not in chosen] for chosen in choices]
        runs = own.patching.headless(own.run, away)
        return np.log([max(LEAST, own.share(ran)) for ran in runs])

    none = float(said([[]])[0])
    gain = log(own.chance) - none
    if gain < GAINS:
        return gain, 0, 1.0
    estimates = own.patching.attributed(own.run).ravel()
    order = [every[int(n)] for n in np.argsort(-estimates, kind="stable")]
    shares = (said([order[:count] for count in range(1, MOST + 1)]) - none) / gain
    if (enough := np.flatnonzero(shares >= HALF)).size:
        return gain, int(enough[0]) + 1, float(shares[enough[0]])
    chosen, left, share = list[AttentionHead](), order[:POOL], 0.0
    while left and len(chosen) < MOST and share < HALF:
        shares = (said([[*chosen, each] for each in left]) - none) / gain
        share = float(shares.max())
        chosen.append(left.pop(int(shares.argmax())))
    return gain, len(chosen), share


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
    few = sorted(each.heads for each in gained if each.held)
    yield (
        f"{len(found)} texts; {len(found) - len(gained)} gain less than {GAINS:g} nats by "
        f"attention; of the others {len(few)} keep half with {MOST} heads or fewer"
    )
    if few:
        yield f"so many heads: {few[len(few) // 2]} in the middle, {few[-1]} at most"
    yield from (f"not: {each}" for each in found if not each.held)
