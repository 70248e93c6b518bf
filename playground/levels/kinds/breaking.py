"""The kind `breaking`: three strengths, a few replies each; at which does the text break first?

How much of a push a text bears is measured for each feature, as in Templeton et al., Scaling
Monosemanticity (2024), where features clamped too high end in nonsense. The broken replies of each
strength are counted, by the atlas where it has done so, and only strengths are shown of which it is
sure on which side of one half they are.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import combinations, islice
from typing import ClassVar, Literal

from pydantic import Field

from playground.atlas.calibrate import Plan
from playground.atlas.cards import CurvePoint, Sweep
from playground.atlas.controls import controls_for
from playground.atlas.sweeps import RIVALS, ladders, rung_requests
from playground.concepts.concepts import Concept
from playground.concepts.damage import UNDAMAGED_AT_MOST
from playground.engine.records import Request, Trace
from playground.levels.dealing import candidates
from playground.levels.dealing.candidates import Steered
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Doses,
    Question,
    Reply,
    Sealed,
    shuffled,
)
from playground.levels.intervals import wilson
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Message

SHOWN = 3  # strengths
NEVER = SHOWN  # the place of the last option
TRIED = 3  # concepts a round that are counted while a level is dealt, at most
HALF = 0.5  # of the replies: a strength that breaks more breaks the text
READABLE = ("topic", "mood")  # of foreign or odd speech nobody can tell whether it is broken
# What a reader takes for broken: so many words that nobody knows, or words said twice in a row, or
# a share of runs of three words that came before.
STRANGE, DOUBLED, STUCK = 1, 2, 0.1


class BreakingLevel(AskLevel):
    """scope: the positions that are pushed; shown: replies of each strength that are shown."""

    word: ClassVar[str] = "breaking"
    group: ClassVar[Group] = "measuring"
    rounds: int = Field(default=5, ge=1, le=8)
    scope: Literal["reply", "all"] = "reply"
    shown: int = Field(default=2, ge=1, le=3)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """One question a concept. Raises AuthorError when too few are sure to break somewhere."""
        rng = shuffled(seed, self.id)
        # Each answer is right about equally often, as far as the measured strengths allow.
        order = rng.sample(range(SHOWN + 1), SHOWN + 1)
        used, known = Counter[int](), words_of(bench)
        for ladder in self._ladders(bench, rng):
            if not ladder.keys:
                continue
            key = min(ladder.keys, key=lambda key: (used[key], order.index(key)))
            used[key] += 1
            yield sealed(bench, ladder, ladder.shown(key, rng), self.shown, known)
            if used.total() == self.rounds:
                return
        what = "a push whose strengths surely break or leave the text by the replies counted"
        raise candidates.too_few(self, self.rounds, what, used.total())

    def _ladders(self, bench: Bench, rng: random.Random) -> Iterator["Ladder"]:
        """Concepts in random order, no feature twice: first those that the atlas has counted, then
        as many as TRIED a round that are counted now, each when it is asked for."""
        pool = candidates.steered(self, bench, rng, along=True)
        if not self.concepts:
            pool = [each for each in pool if each.concept.kind in READABLE]
        later = list[Steered]()
        for each in pool:
            entry = bench.atlas.concept(each.concept.name)
            found = next((s for s in entry.ladders if s.scope == self.scope), None)
            if found is None:
                later.append(each)
            else:
                yield Ladder.of(each.concept, found)
        for each in later[: TRIED * self.rounds]:
            best = each.recipe.dial()
            rivals = controls_for(bench.atlas, best, RIVALS)
            (found,) = ladders(
                bench.engine, each.concept, bench.usual, best, rivals, Plan(), (self.scope,)
            )
            yield Ladder.of(each.concept, found)


# -- what was counted ------------------------------------------------------------------------
@dataclass(frozen=True)
class Rung:
    """One strength; broken: the numbers of its replies that are damaged beyond the bound."""

    point: CurvePoint
    broken: tuple[int, ...]

    @property
    def surely_whole(self) -> bool:
        return wilson(len(self.broken), self.point.replies).high < HALF

    @property
    def surely_broken(self) -> bool:
        return wilson(len(self.broken), self.point.replies).low > HALF


@dataclass(frozen=True)
class Ladder:
    concept: Concept
    sweep: Sweep
    rungs: tuple[Rung, ...]

    @staticmethod
    def of(concept: Concept, sweep: Sweep) -> "Ladder":
        pairs = zip(sweep.points, sweep.hits, strict=True)
        return Ladder(concept, sweep, tuple(Rung(*pair) for pair in pairs))

    @property
    def whole(self) -> tuple[Rung, ...]:
        """The strengths that surely leave the text, below the first that may break it."""
        first = next((n for n, each in enumerate(self.rungs) if not each.surely_whole), None)
        return self.rungs[:first]

    @property
    def beyond(self) -> tuple[Rung, ...]:
        """Those that surely break it, above the last that may not."""
        may = [n for n, each in enumerate(self.rungs) if not each.surely_broken]
        return self.rungs[may[-1] + 1 :] if may else self.rungs

    @property
    def keys(self) -> tuple[int, ...]:
        """Places of the first broken one of those that can be shown; NEVER: none breaks."""
        whole, beyond = len(self.whole), len(self.beyond)
        return tuple(n for n in range(SHOWN + 1) if n <= whole and SHOWN - n <= beyond)

    def shown(self, key: int, rng: random.Random) -> tuple[Rung, ...]:
        """Strengths, rising, of which number `key` is the first to break."""
        drawn = (*rng.sample(self.whole, key), *rng.sample(self.beyond, SHOWN - key))
        return tuple(sorted(drawn, key=lambda each: each.point.strength))


def typical(rungs: Sequence[Rung], count: int) -> tuple[int, ...]:
    """Which replies to show, the same of every strength: those that agree best with the counts."""
    replies = min(each.point.replies for each in rungs)

    def misses(numbers: Sequence[int]) -> float:
        shares = (sum(n in each.broken for n in numbers) / len(numbers) for each in rungs)
        return sum(
            abs(share - len(each.broken) / each.point.replies)
            for share, each in zip(shares, rungs, strict=True)
        )

    return min(combinations(range(replies), min(count, replies)), key=misses)


def written(
    bench: Bench, sweep: Sweep, rungs: Sequence[Rung], numbers: Sequence[int]
) -> list[list[Trace]]:
    """Those replies again, by strength."""
    wanted = list[Request]()
    for each in rungs:
        own = rung_requests(sweep.dial(each.point.strength), max(numbers) + 1)
        wanted += [own[n] for n in numbers]
    traces = iter(bench.engine.generate(wanted).traces())
    return [list(islice(traces, len(numbers))) for _ in rungs]


# -- questions -------------------------------------------------------------------------------------
def sealed(
    bench: Bench, ladder: Ladder, rungs: Sequence[Rung], shown: int, known: Set[str]
) -> Sealed:
    """rungs: strengths, rising; known: words that a reader has met."""
    key = next((n for n, each in enumerate(rungs) if each.surely_broken), NEVER)
    replies = written(bench, ladder.sweep, rungs, typical(rungs, shown))
    exhibits = tuple(
        Reply(trace.request.prompt, trace.text, strong(each))
        for each, own in zip(rungs, replies, strict=True)
        for trace in own
    )
    options = (
        *(Message("breaking.at", strength=each.point.strength) for each in rungs),
        Message("breaking.never"),
    )
    looks = [[looks_broken(trace.text, known) for trace in own] for own in replies]
    seeds = rungs[0].point.replies
    ask = Message(
        keyed(ladder, "breaking.first_broken", "breaking.first_broken_along"),
        strengths=len(rungs),
        shown=len(replies[0]),
        seeds=seeds,
        limit=UNDAMAGED_AT_MOST,
    )
    return Sealed(
        question=Question(ask, "choose", exhibits, options),
        solution=key,
        guess=next((n for n, each in enumerate(looks) if 2 * sum(each) > len(each)), NEVER),
        why=why(ladder, rungs, key),
        reveal=measured(rungs, key),
        right=frozenset({key}),
    )


def strong(rung: Rung) -> Message:
    return Message("breaking.strength", strength=rung.point.strength)


def keyed(ladder: Ladder, feature: str, direction: str) -> str:
    """Of two sentences the one that calls what was pushed along by its name."""
    return feature if ladder.sweep.vector is None else direction


def why(ladder: Ladder, rungs: Sequence[Rung], key: int) -> Message:
    topic, at = ladder.concept.message, rungs[min(key, len(rungs) - 1)]
    strength, broken, seeds = at.point.strength, len(at.broken), at.point.replies
    if key == NEVER:
        bore = keyed(ladder, "breaking.bore", "breaking.bore_along")
        return Message(bore, at=strength, broken=broken, seeds=seeds, topic=topic)
    before = Message("breaking.weakest")
    if key:
        below = rungs[key - 1]
        before = Message("breaking.below", at=below.point.strength, broken=len(below.broken))
    gave = keyed(ladder, "breaking.gave_way", "breaking.gave_way_along")
    return Message(gave, at=strength, broken=broken, seeds=seeds, before=before, topic=topic)


def measured(rungs: Sequence[Rung], key: int) -> tuple[Bars, Doses]:
    seeds = rungs[0].point.replies
    rows = tuple((strong(each), float(len(each.broken))) for each in rungs)
    own = None if key == NEVER else rungs[key].point.strength
    controls = rungs[0].point.controls
    counted = Message("breaking.broken_replies", limit=UNDAMAGED_AT_MOST)
    curve = Message("breaking.measured", seeds=seeds, controls=controls)
    return (
        Bars(rows, Message("breaking.replies", seeds=seeds), float(seeds), counted),
        Doses(tuple(each.point for each in rungs), own, curve),
    )


# -- a reader's eye --------------------------------------------------------------------------------
def words_of(bench: Bench) -> frozenset[str]:
    """All words of the held-out texts and of the concepts, in lower case."""
    said: set[str] = set()
    for name in bench.atlas.concepts():
        for about in (True, False):
            for text in bench.texts(name, about):
                said.update(words(text.text))
        said.update(bench.concept(name).words)
    return frozenset(said)


def words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.lower())


def looks_broken(text: str, known: Set[str]) -> bool:
    """Whether there are words that nobody knows, or the same ones over and over. The last word is
    left out, for a reply may end in the middle of it."""
    said = words(text)[:-1]
    if not said:
        return True
    runs = list(zip(said, said[1:], said[2:], strict=False))
    strange = sum(word not in known for word in said)
    doubled = sum(one == two for one, two in zip(said, said[1:], strict=False))
    stuck = 1 - len(set(runs)) / len(runs) if runs else 0.0
    return strange >= STRANGE or doubled >= DOUBLED or stuck >= STUCK
