"""Replies of the pocket model that were stored with their log-probabilities, and the verdicts on
them: `python -m tests.damage` prints how they agree.

The 60 that are read carry what the text looked like to somebody who saw neither score nor dial:
fine, odd or broken. The constants of the score were chosen on those of `CHOSE`, the others report.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from playground.concepts.damage import UNDAMAGED_AT_MOST, Usual, damage
from playground.levels.intervals import wilson

FILE = Path(__file__).parents[1] / "data" / "damage.json"
PAGE = Path(__file__).parents[2] / "docs" / "damage.md"
BEGIN, END = "<!-- begin: python -m tests.damage -->", "<!-- end: python -m tests.damage -->"
LENGTHS = (24, 36, 64)  # tokens
Read = Literal["fine", "odd", "broken"]


@dataclass(frozen=True)
class Stored:
    """push: what was done to it, in words; read: None where nobody read it."""

    prompt: str
    push: str
    tokens: tuple[str, ...]
    logprobs: tuple[float, ...]
    read: Read | None

    def damage(self, usual: Usual, tokens: int = LENGTHS[-1]) -> float:
        """0..100, of the first tokens alone."""
        text = "".join(self.tokens[:tokens])
        return damage(text, self.logprobs[:tokens], usual).total

    def broken(self, usual: Usual, tokens: int = LENGTHS[-1]) -> bool:
        return self.damage(usual, tokens) > UNDAMAGED_AT_MOST


@cache
def usual() -> Usual:
    """Of the model that wrote them."""
    found = json.loads(FILE.read_text(encoding="utf-8"))["usual"]
    return Usual(**{**found, "profile": tuple(found["profile"])})


@cache
def replies() -> tuple[Stored, ...]:
    found = json.loads(FILE.read_text(encoding="utf-8"))["replies"]
    return tuple(
        Stored(
            each["prompt"], each["push"], tuple(each["tokens"]), tuple(each["logprobs"]),
            each.get("read"),
        )
        for each in found
    )  # fmt: skip


def chose() -> tuple[Stored, ...]:
    """The half of the read ones that the constants were chosen on."""
    return tuple(each for each in replies() if each.read)[::2]


def report() -> tuple[Stored, ...]:
    return tuple(each for each in replies() if each.read)[1::2]


@dataclass(frozen=True)
class Agreement:
    """Counts by what was read: how many the score calls broken, of how many."""

    broken: Mapping[Read, int]
    of: Mapping[Read, int]

    @property
    def right(self) -> int:
        """Fine and broken ones alone: odd is neither."""
        return self.of["fine"] - self.broken["fine"] + self.broken["broken"]

    @property
    def counted(self) -> int:
        return self.of["fine"] + self.of["broken"]


def agreement(some: Sequence[Stored]) -> Agreement:
    kinds: tuple[Read, ...] = ("fine", "odd", "broken")
    return Agreement(
        {kind: sum(e.broken(usual()) for e in some if e.read == kind) for kind in kinds},
        {kind: sum(e.read == kind for e in some) for kind in kinds},
    )


def same_at_all_lengths(some: Sequence[Stored]) -> int:
    """How many get one verdict at every length that they reach."""
    return sum(len({each.broken(usual(), length) for length in LENGTHS}) == 1 for each in some)


def section() -> str:
    lines = ["| replies | read as fine | read as odd | read as broken | agreement |"]
    lines += ["|---|---|---|---|---|"]
    for name, some in (("the constants were chosen on", chose()), ("that report", report())):
        found = agreement(some)
        counts = [f"{found.broken[kind]} of {found.of[kind]} called broken" for kind in found.of]
        least = wilson(found.right, found.counted).low
        share = f"{found.right} of {found.counted}, at least {least:.0%}"
        lines.append(f"| {len(some)} {name} | {' | '.join(counts)} | {share} |")
    same, count = same_at_all_lengths(replies()), len(replies())
    at = ", ".join(map(str, LENGTHS[:-1])) + f" and {LENGTHS[-1]}"
    lines += ["", f"One verdict at the first {at} tokens: {same} of {count} ({same / count:.0%})."]
    return "\n".join([BEGIN, "", *lines, "", END])
