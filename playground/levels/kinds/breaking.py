"""The kind `breaking`: five strengths, five replies; at which does the text break first?

How much of a push a text bears is measured for each feature, as in Templeton et al., Scaling
Monosemanticity (2024), where features clamped too high end in nonsense.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import islice
from statistics import mean
from typing import ClassVar, Literal

from pydantic import Field

from playground.atlas.calibrate import FRESH_PROMPTS
from playground.atlas.cards import CurvePoint
from playground.concepts.concepts import score_replies
from playground.concepts.damage import UNDAMAGED_AT_MOST
from playground.engine.records import TEMPERATURE, Control, Dial, Request, Sampling, Trace
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
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Message

# Residual norms that may be measured; a question shows five of them.
WEAK, STRONG = (0.15, 0.22, 0.32, 0.45, 0.65), (0.9, 1.2, 1.6, 2.1)
RUNGS = (*WEAK, *STRONG)
SHOWN = 5
NEVER = SHOWN  # the place of the last option
# Means this near to the bound are left out where there are others: they would be a matter of luck.
SURELY_WHOLE, SURELY_BROKEN = 18.0, 48.0
FIRST_SEED = 5_000  # apart from the seeds of calibration
READABLE = ("topic", "mood")  # of foreign or odd speech nobody can tell whether it is broken
# What a reader takes for broken: so many words that nobody knows, or words said twice in a row, or
# a share of runs of three words that came before.
STRANGE, DOUBLED, STUCK = 1, 2, 0.1


class BreakingLevel(AskLevel):
    """scope: the positions that are pushed; seeds: replies that a strength is judged by."""

    word: ClassVar[str] = "breaking"
    group: ClassVar[Group] = "measuring"
    rounds: int = Field(default=4, ge=1, le=6)
    scope: Literal["reply", "all"] = "reply"
    seeds: int = Field(default=4, ge=2, le=8)
    tokens: int = Field(default=36, ge=16, le=128)
    temperature: float = Field(default=TEMPERATURE, ge=0, le=2)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """One question a concept. Raises AuthorError when the atlas has too few recipes."""
        rng = shuffled(seed, self.id)
        pool = candidates.steered(self, bench, rng)
        if not self.concepts:
            pool = [each for each in pool if each.concept.kind in READABLE]
        if len(pool) < self.rounds:
            raise candidates.too_few(self, self.rounds, "a recipe", len(pool))
        # Each answer is right at most once, as far as the measured strengths allow.
        order = rng.sample(range(SHOWN + 1), SHOWN + 1)
        used, known, offset = Counter[int](), words_of(bench), rng.randrange(1_000)
        for place, about in enumerate(pool, offset):
            # Any five will do, as long as nobody can doubt them.
            weak = rng.randint(SHOWN - len(STRONG), SHOWN)
            five = sorted((*rng.sample(WEAK, weak), *rng.sample(STRONG, SHOWN - weak)))
            ladder = Ladder(about, self._rungs(bench, about, five, place))
            if not ladder.sure or all(used[key] for key in ladder.keys):
                more = self._rungs(bench, about, [s for s in RUNGS if s not in five], place)
                rungs = sorted((*ladder.rungs, *more), key=lambda each: each.strength)
                ladder = Ladder(about, tuple(rungs))
            if not ladder.keys:
                continue
            key = min(ladder.keys, key=lambda key: (used[key], order.index(key)))
            used[key] += 1
            yield sealed(about, ladder.shown(key), self.seeds, known)
            if used.total() == self.rounds:
                return
        raise candidates.too_few(self, self.rounds, "a text that breaks", used.total())

    def _rungs(
        self, bench: Bench, about: Steered, strengths: Sequence[float], place: int
    ) -> tuple["Rung", ...]:
        """A concept at some strengths in one batch, with one random push at each; place: where
        prompts and seeds begin."""
        prompt = FRESH_PROMPTS[place % len(FRESH_PROMPTS)]
        first = FIRST_SEED + place * self.seeds
        wanted = [self._requests(about, strength, prompt, first) for strength in strengths]
        traces = iter(bench.engine.generate([row for rows in wanted for row in rows]).traces())
        return tuple(
            rung(bench, about, strength, list(islice(traces, self.seeds)), next(traces))
            for strength in strengths
        )

    def _requests(self, each: Steered, strength: float, prompt: str, first: int) -> list[Request]:
        recipe = each.recipe
        dial = Dial(recipe.site, recipe.feature, strength, recipe.method, self.scope)
        control = replace(dial, control=Control("random", first))
        samplings = [
            Sampling(self.temperature, max_tokens=self.tokens, seed=first + n)
            for n in range(self.seeds)
        ]
        pushed = [Request(prompt, (dial,), sampling) for sampling in samplings]
        return [*pushed, Request(prompt, (control,), samplings[0])]


@dataclass(frozen=True)
class Rung:
    """One strength: its replies, the damage of each (0..100) and what the curve says of it."""

    strength: float
    replies: tuple[Trace, ...]
    damages: tuple[float, ...]
    point: CurvePoint

    @property
    def damage(self) -> float:
        return mean(self.damages)

    @property
    def broken(self) -> bool:
        return self.damage > UNDAMAGED_AT_MOST

    @property
    def surely_whole(self) -> bool:
        return self.damage <= SURELY_WHOLE

    @property
    def surely_broken(self) -> bool:
        return self.damage >= SURELY_BROKEN


@dataclass(frozen=True)
class Ladder:
    about: Steered
    rungs: tuple[Rung, ...]

    @property
    def whole(self) -> tuple[Rung, ...]:
        """The strengths below the first that breaks."""
        return self.rungs[: self._first]

    @property
    def beyond(self) -> tuple[Rung, ...]:
        """From the first that breaks on, without such as came out whole again by luck."""
        return tuple(each for each in self.rungs[self._first :] if each.broken)

    @property
    def _first(self) -> int:
        return next((n for n, each in enumerate(self.rungs) if each.broken), len(self.rungs))

    @property
    def sure(self) -> bool:
        return all(each.surely_whole or each.surely_broken for each in self.rungs)

    @property
    def keys(self) -> tuple[int, ...]:
        """Places of the first broken one of five that can be shown; NEVER: none breaks."""
        whole, beyond = len(self.whole), len(self.beyond)
        return tuple(n for n in range(SHOWN + 1) if n <= whole and SHOWN - n <= beyond)

    def shown(self, key: int) -> tuple[Rung, ...]:
        """Five strengths, rising, of which number `key` is the first to break."""
        below = clearest(self.whole[::-1], key, lambda each: each.surely_whole)
        above = clearest(self.beyond, SHOWN - key, lambda each: each.surely_broken)
        return tuple(sorted((*below, *above), key=lambda each: each.strength))


def rung(
    bench: Bench, each: Steered, strength: float, replies: Sequence[Trace], random_push: Trace
) -> Rung:
    own = score_replies(each.concept, replies, bench.usual)
    other = score_replies(each.concept, [random_push], bench.usual)
    point = CurvePoint(
        strength, own.effect / 100, own.damage, own.both / 100, other.effect / 100, other.damage
    )
    return Rung(strength, tuple(replies), tuple(reply.damage for reply in own.replies), point)


def clearest(rungs: Sequence[Rung], count: int, clear: Callable[[Rung], bool]) -> tuple[Rung, ...]:
    """The first `count` of which nobody can doubt, then the others."""
    return tuple(sorted(rungs, key=lambda each: not clear(each))[:count])


# -- questions -------------------------------------------------------------------------------------
def sealed(about: Steered, rungs: Sequence[Rung], seeds: int, known: Set[str]) -> Sealed:
    """rungs: five strengths, rising; known: words that a reader has met."""
    key = next((n for n, each in enumerate(rungs) if each.broken), NEVER)
    number = typical(rungs, key)
    replies = [each.replies[number] for each in rungs]
    exhibits = tuple(
        Reply(
            trace.request.prompt, trace.text, Message("breaking.strength", strength=each.strength)
        )
        for each, trace in zip(rungs, replies, strict=True)
    )
    options = (
        *(Message("breaking.at", strength=each.strength) for each in rungs),
        Message("breaking.never"),
    )
    ask = Message("breaking.ask", seeds=seeds, limit=UNDAMAGED_AT_MOST)
    broken = (n for n, trace in enumerate(replies) if looks_broken(trace.text, known))
    return Sealed(
        question=Question(ask, "choose", exhibits, options),
        solution=key,
        guess=next(broken, NEVER),
        why=why(about, rungs, key, seeds),
        reveal=measured(rungs, key, seeds),
        right=frozenset({key}),
    )


def typical(rungs: Sequence[Rung], key: int) -> int:
    """Which of the replies to show: the first whose own damage breaks where the mean does."""

    def breaks(number: int) -> int:
        own = (n for n, each in enumerate(rungs) if each.damages[number] > UNDAMAGED_AT_MOST)
        return next(own, NEVER)

    return min(range(len(rungs[0].replies)), key=lambda number: abs(breaks(number) - key))


def why(about: Steered, rungs: Sequence[Rung], key: int, seeds: int) -> Message:
    topic, limit = about.concept.message, UNDAMAGED_AT_MOST
    at = rungs[min(key, len(rungs) - 1)]
    if key == NEVER:
        return Message(
            "breaking.held",
            at=at.strength,
            damage=at.damage,
            seeds=seeds,
            limit=limit,
            topic=topic,
        )
    before = Message("breaking.weakest")
    if key:
        below = rungs[key - 1]
        before = Message("breaking.before", at=below.strength, damage=below.damage)
    return Message(
        "breaking.broke",
        at=at.strength,
        damage=at.damage,
        seeds=seeds,
        limit=limit,
        before=before,
        topic=topic,
    )


def measured(rungs: Sequence[Rung], key: int, seeds: int) -> tuple[Bars, Doses]:
    rows = tuple(
        (Message("breaking.strength", strength=each.strength), each.damage) for each in rungs
    )
    own = None if key == NEVER else rungs[key].strength
    return (
        Bars(rows, Message("common.of_100"), 100.0, Message("breaking.damage", seeds=seeds)),
        Doses(tuple(each.point for each in rungs), own, Message("breaking.curve", seeds=seeds)),
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
