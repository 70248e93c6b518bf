"""Replies of the shipped models that were stored with their log-probabilities, and the verdicts on
them: `python -m tests.damage` prints how they agree.

Those that are read carry what the text looked like to somebody who saw neither score nor dial:
fine, odd or broken. The constants of the score were chosen on every second one of pocket's; its
others report, and all of SmolLM2's, which were read later, by two readers.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from playground.concepts.damage import UNDAMAGED_AT_MOST, Usual, damage
from playground.engine.records import Request, Trace
from playground.levels.intervals import wilson

DATA = Path(__file__).parents[1] / "data"
PAGE = Path(__file__).parents[2] / "docs" / "damage.md"
BEGIN, END = "<!-- begin: python -m tests.damage -->", "<!-- end: python -m tests.damage -->"
LENGTHS = (24, 36, 64)  # tokens
Read = Literal["fine", "odd", "broken"]
Model = Literal["pocket", "smollm2"]


@dataclass(frozen=True)
class Stored:
    """push: what was done to it, in words; usual: after its prompt; read: by each reader, none
    where nobody read it."""

    prompt: str
    push: str
    tokens: tuple[str, ...]
    logprobs: tuple[float, ...]
    usual: Usual
    read: tuple[Read, ...]

    def damage(self, tokens: int = LENGTHS[-1]) -> float:
        """0..100, of the first tokens alone."""
        text = "".join(self.tokens[:tokens])
        return damage(text, self.logprobs[:tokens], self.usual).total

    def broken(self, tokens: int = LENGTHS[-1]) -> bool:
        return self.damage(tokens) > UNDAMAGED_AT_MOST


@cache
def replies(model: Model) -> tuple[Stored, ...]:
    """What is usual is told for a model, and where untouched replies to a prompt were kept also for
    that, as in the game."""
    found = json.loads((DATA / f"damage-{model}.json").read_text(encoding="utf-8"))
    plain = Usual(**{**found["usual"], "profile": tuple(found["usual"]["profile"])})
    after = {
        prompt: plain.beside([Trace(Request(prompt), (), tuple(own), "length") for own in kept])
        for prompt, kept in found.get("untouched", {}).items()
    }
    return tuple(
        Stored(
            each["prompt"], each["push"], tuple(each["tokens"]), tuple(each["logprobs"]),
            after.get(each["prompt"], plain), tuple(each.get("read", ())),
        )
        for each in found["replies"]
    )  # fmt: skip


def read(model: Model) -> tuple[Stored, ...]:
    return tuple(each for each in replies(model) if each.read)


def chose() -> tuple[Stored, ...]:
    """The half of pocket's read ones that the constants were chosen on."""
    return read("pocket")[::2]


def report() -> tuple[Stored, ...]:
    return read("pocket")[1::2]


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


def agreement(some: Sequence[Stored], reader: int = 0) -> Agreement:
    kinds = get_args(Read)
    return Agreement(
        {kind: sum(e.broken() for e in some if e.read[reader] == kind) for kind in kinds},
        {kind: sum(e.read[reader] == kind for e in some) for kind in kinds},
    )


def same_at_all_lengths(some: Sequence[Stored]) -> int:
    """How many get one verdict at every length that they reach."""
    return sum(len({each.broken(length) for length in LENGTHS}) == 1 for each in some)


def section() -> str:
    lines = ["| replies | read as fine | read as odd | read as broken | agreement |"]
    lines += ["|---|---|---|---|---|"]
    for name, some, reader in (
        ("of pocket, the constants were chosen on these", chose(), 0),
        ("of pocket, that report", report(), 0),
        ("of SmolLM2, reader a", read("smollm2"), 0),
        ("of SmolLM2, reader b", read("smollm2"), 1),
    ):
        found = agreement(some, reader)
        counts = [f"{found.broken[kind]} of {found.of[kind]} called broken" for kind in found.of]
        least = wilson(found.right, found.counted).low
        share = f"{found.right} of {found.counted}, at least {least:.0%}"
        lines.append(f"| {len(some)} {name} | {' | '.join(counts)} | {share} |")
    both = sum(len(set(each.read)) == 1 for each in read("smollm2"))
    lines += ["", f"The two readers agree on {both} of {len(read('smollm2'))}."]
    at = ", ".join(map(str, LENGTHS[:-1])) + f" and {LENGTHS[-1]}"
    lengths = (
        f"{same_at_all_lengths(own)} of {len(own)} of {name}"
        for name, own in (("pocket", replies("pocket")), ("SmolLM2", replies("smollm2")))
    )
    lines += ["", f"One verdict at the first {at} tokens: {', '.join(lengths)}."]
    return "\n".join([BEGIN, "", *lines, "", END])
