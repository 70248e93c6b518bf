"""How far estimates of circuits can be trusted, on prompts that levels are made of: what the answer
loses without the parts that an estimate thinks most of, beside parts drawn by chance and parts that
true runs chose one after the other.

Parts are attention heads, estimated by attribution patching (circuits/attribution.py), and, where a
model has transcoders, features, estimated by an attribution graph. Knows no level by name.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain, islice
from json import dumps
from math import isfinite, log
from pathlib import Path
from random import Random
from typing import Any, Literal

import numpy as np
from pydantic import TypeAdapter, ValidationError
from scipy.stats import spearmanr

from playground.circuits.records import Asked, Ran
from playground.errors import AuthorError
from playground.levels.dealing.circuitry import UNSURE, TracedText
from playground.levels.dealing.families import families
from playground.levels.dealing.heads import LEAST, all_heads
from playground.levels.dealing.questions import AskLevel, shuffled
from playground.levels.dealing.spoken import SureText, answered, beginnings
from playground.levels.judging import Bench

Parts = Literal["heads", "features"]
PROMPTS = 10
SIZES = (1, 2, 4, 8, 12)  # parts that are taken away together
POOL = 16  # parts that cost most alone, of which true runs choose
DRAWN = 5  # sets of each size that are drawn by chance
CAP = 200  # features of a graph that are asked about
FIRST = 5  # parts that cost most alone, of which it is told how many an estimate has among its own
HEAD = (
    "| parts | chosen by | prompts | " + " | ".join(map(str, SIZES)) + " |",
    "|---|---|---|" + "---|" * len(SIZES),
)
ROW = "| {} | {} | {} | {} |"
RANKS = "{}: rank correlation {:.2f} on average ({:.2f} to {:.2f}); {:.0%} of the {} that cost most"


@dataclass(frozen=True)
class Suspects:
    """The parts of one prompt's circuit. estimates: what the answer would lose without each; ran:
    the model without each of several choices of them, by their places."""

    own: SureText
    estimates: np.ndarray
    ran: Callable[[Sequence[Sequence[int]]], Sequence[Ran]]

    def gone(self, choices: Sequence[Sequence[int]]) -> list[float]:
        """The share of the answer's probability that goes without these. 1: all of it"""
        return [1 - self.own.share(ran) / self.own.chance for ran in self.ran(choices)]

    def nats(self, choices: Sequence[Sequence[int]]) -> np.ndarray:
        """Of the answer's log-probability. [choices]"""
        shares = [max(LEAST, self.own.share(ran)) for ran in self.ran(choices)]
        return log(self.own.chance) - np.log(shares)


@dataclass(frozen=True)
class Trust:
    """Of one prompt. rank: correlation of estimates and true losses, one part at a time; first: the
    share of those that cost most alone that an estimate names first, too; then shares of the
    answer's probability that go without the first of SIZES parts."""

    parts: Parts
    text: str
    answer: str
    chance: float
    count: int
    rank: float
    first: float
    estimated: tuple[float, ...]
    by_chance: tuple[float, ...]
    greedy: tuple[float, ...]


def trust(kind: Parts, parts: Suspects, rng: Random) -> Trust:
    count = len(parts.estimates)
    true = parts.nats([[n] for n in range(count)])
    correlation: Any = spearmanr(parts.estimates, true)
    order = list(map(int, np.argsort(-parts.estimates, kind="stable")))
    worst = list(map(int, np.argsort(-true, kind="stable")))
    best = greedy(parts, worst[:POOL])
    drawn = [rng.sample(range(count), min(size, count)) for size in SIZES for _ in range(DRAWN)]
    chance = np.reshape(parts.gone(drawn), (len(SIZES), DRAWN)).mean(1)
    return Trust(
        kind, parts.own.text, parts.own.run.said, parts.own.chance, count,
        float(correlation.statistic), len({*order[:FIRST]} & {*worst[:FIRST]}) / min(FIRST, count),
        tuple(parts.gone([order[:size] for size in SIZES])),
        tuple(chance.tolist()),
        tuple(parts.gone([best[:size] for size in SIZES])),
    )  # fmt: skip


def greedy(parts: Suspects, pool: Sequence[int]) -> list[int]:
    """One after the other, each time the part without which the answer truly loses most then."""
    chosen, left = list[int](), list(pool)
    while left and len(chosen) < SIZES[-1]:
        losses = parts.nats([[*chosen, n] for n in left])
        chosen.append(left.pop(int(losses.argmax())))
    return chosen


# -- of what ---------------------------------------------------------------------------------------
def heads(own: SureText) -> Suspects:
    every = all_heads(own.run.looks)

    def ran(choices: Sequence[Sequence[int]]) -> list[Ran]:
        return own.patching.headless(own.run, [[every[n] for n in each] for each in choices])

    return Suspects(own, own.patching.attributed(own.run).ravel(), ran)


def features(own: SureText, bench: Bench) -> Suspects:
    """Those of most influence."""
    text = TracedText(own, bench.circuits, bench.circuits.graph(Asked(own.text, cap=CAP)))
    known = text.mattering
    estimates = np.array([-each.lead for each in known])
    return Suspects(
        own,
        estimates,
        lambda choices: [text.without([known[n].node for n in each]) for each in choices],
    )


def prompts(level: AskLevel, bench: Bench, rng: Random) -> Iterator[SureText]:
    """The first of each family that the model answers; then beginnings of unseen texts of whose
    next word it is neither sure nor unsure."""
    known = (islice(answered(level, bench.patching, each, rng), 1) for each in families())
    yield from chain(chain.from_iterable(known), beginnings(level, bench, rng, (), UNSURE))


def measured(
    level: AskLevel, bench: Bench, graphs: bool, known: Sequence[Trust]
) -> Iterator[Trust]:
    """Prompt by prompt. graphs: whether the model has transcoders; known: what is not measured
    again."""
    done = {(each.parts, each.text) for each in known}
    for own in islice(prompts(level, bench, shuffled(0, "faithfulness")), PROMPTS):
        rng = shuffled(0, "faithfulness", own.text)
        if ("heads", own.text) not in done:
            yield trust("heads", heads(own), rng)
        if graphs and ("features", own.text) not in done:
            yield trust("features", features(own, bench), rng)


# -- kept and told ---------------------------------------------------------------------------------
FORM = TypeAdapter(Trust)


def read(path: Path) -> list[Trust]:
    """Raises AuthorError for a damaged file."""
    if not path.is_file():
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        found = [FORM.validate_json(line) for line in lines]
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise AuthorError(
            f"{path}: not what was kept by `faithful` ({error}); remove it"
        ) from error
    return found


def append(path: Path, found: Trust) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{dumps(asdict(found))}\n")


def told(found: Trust) -> str:
    """A line."""
    shares = " ".join(f"{share:.0%}" for share in found.estimated)
    best = " ".join(f"{share:.0%}" for share in found.greedy)
    return (
        f"{found.parts} of {found.text!r}, then {found.answer!r} ({found.chance:.0%}): rank "
        f"{found.rank:.2f}; gone by estimate {shares}, by true runs {best}"
    )


def table(found: Sequence[Trust]) -> Iterator[str]:
    """Rows of the table in docs/circuits.md: shares of the answer's probability that go."""
    yield from HEAD
    for kind in dict.fromkeys(each.parts for each in found):
        some = [each for each in found if each.parts == kind]
        for name, shares in (
            ("estimate", [each.estimated for each in some]),
            ("chance", [each.by_chance for each in some]),
            ("true runs", [each.greedy for each in some]),
        ):
            means = " | ".join(f"{share:.0%}" for share in np.mean(shares, axis=0))
            yield ROW.format(kind, name, len(some), means)
        ranks = [each.rank for each in some if isfinite(each.rank)]
        first = float(np.mean([each.first for each in some]))
        yield RANKS.format(kind, float(np.mean(ranks)), min(ranks), max(ranks), first, FIRST)
