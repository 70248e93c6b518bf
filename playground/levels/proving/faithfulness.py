"""How far estimates of circuits can be trusted, on prompts that levels are made of: what the answer
loses without the parts that an estimate thinks most of, beside parts drawn by chance and parts that
true runs chose one after the other.

Parts are attention heads, estimated by attribution patching (circuits/attribution.py), and, where a
model has transcoders, features, estimated by an attribution graph. Knows no level by name.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from math import log
from random import Random
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from playground.circuits.records import Asked, Ran
from playground.levels.dealing.circuitry import UNSURE, TracedText
from playground.levels.dealing.families import families
from playground.levels.dealing.heads import LEAST, all_heads
from playground.levels.dealing.questions import AskLevel, shuffled
from playground.levels.dealing.spoken import SureText, answered, beginnings
from playground.levels.judging import Bench

PROMPTS = 10
SIZES = (1, 2, 4, 8, 16)  # parts that are taken away together
POOL = 24  # parts that cost most alone, of which true runs choose
DRAWN = 5  # sets of each size that are drawn by chance
CAP = 200  # features of a graph that are asked about
ROW = "| {} | {} | {:.2f} | {} |"


@dataclass(frozen=True)
class Suspects:
    """The parts of one prompt's circuit. estimates: what the answer would lose without each; ran:
    the model without some of them, by their places."""

    own: SureText
    estimates: np.ndarray
    ran: Callable[[Sequence[int]], Ran]

    def gone(self, chosen: Sequence[int]) -> float:
        """The share of the answer's probability that goes without these. 1: all of it"""
        return 1 - self.own.share(self.ran(chosen)) / self.own.chance

    def nats(self, ran: Ran) -> float:
        return log(self.own.chance) - log(max(LEAST, self.own.share(ran)))


@dataclass(frozen=True)
class Trust:
    """Of one prompt. rank: correlation of estimates and true losses, one part at a time; shares of
    the answer's probability that go without the first of SIZES parts."""

    rank: float
    estimated: tuple[float, ...]
    by_chance: tuple[float, ...]
    greedy: tuple[float, ...]


def trust(parts: Suspects, rng: Random) -> Trust:
    count = len(parts.estimates)
    true = np.array([parts.nats(parts.ran([n])) for n in range(count)])
    correlation: Any = spearmanr(parts.estimates, true)
    order = list(map(int, np.argsort(-parts.estimates, kind="stable")))
    chance = tuple(
        float(
            np.mean([parts.gone(rng.sample(range(count), min(size, count))) for _ in range(DRAWN)])
        )
        for size in SIZES
    )
    pool = list(map(int, np.argsort(-true, kind="stable")[:POOL]))
    best = greedy(parts, pool)
    return Trust(
        float(correlation.statistic), tuple(parts.gone(order[:size]) for size in SIZES), chance,
        tuple(parts.gone(best[:size]) for size in SIZES),
    )  # fmt: skip


def greedy(parts: Suspects, pool: Sequence[int]) -> list[int]:
    """One after the other, each time the part without which the answer truly loses most then."""
    chosen, left = list[int](), list(pool)
    while left and len(chosen) < SIZES[-1]:
        best = max(left, key=lambda n: parts.nats(parts.ran([*chosen, n])))
        chosen.append(best)
        left.remove(best)
    return chosen


# -- of what ---------------------------------------------------------------------------------------
def heads(own: SureText) -> Suspects:
    every = all_heads(own.run.looks)
    estimates = own.patching.attributed(own.run).ravel()
    return Suspects(
        own, estimates, lambda chosen: own.patching.headless(own.run, [every[n] for n in chosen])
    )


def features(own: SureText, bench: Bench) -> Suspects:
    """Those of most influence."""
    text = TracedText(own, bench.circuits, bench.circuits.graph(Asked(own.text, cap=CAP)))
    known = text.mattering
    estimates = np.array([-each.lead for each in known])
    return Suspects(own, estimates, lambda chosen: text.without([known[n].node for n in chosen]))


def prompts(level: AskLevel, bench: Bench, rng: Random) -> Iterator[SureText]:
    """The first of each family that the model answers; then beginnings of unseen texts of whose
    next word it is neither sure nor unsure."""
    known = (islice(answered(level, bench.patching, each, rng), 1) for each in families())
    yield from chain(chain.from_iterable(known), beginnings(level, bench, rng, (), UNSURE))


def lines(level: AskLevel, bench: Bench, graphs: bool) -> Iterator[str]:
    """Rows of the table in docs/circuits.md. graphs: whether the model has transcoders."""
    rng = shuffled(0, "faithfulness")
    some = list(islice(prompts(level, bench, rng), PROMPTS))
    yield f"prompts: {' / '.join(each.text for each in some)}"
    told = {"attention heads, attribution patching": [trust(heads(each), rng) for each in some]}
    if graphs:
        told["features, attribution graph"] = [trust(features(each, bench), rng) for each in some]
    for parts, found in told.items():
        rank = float(np.mean([each.rank for each in found]))
        for name, shares in (
            ("estimate", [each.estimated for each in found]),
            ("chance", [each.by_chance for each in found]),
            ("true runs", [each.greedy for each in found]),
        ):
            means = " | ".join(f"{share:.0%}" for share in np.mean(shares, axis=0))
            yield ROW.format(parts, name, rank, means)
