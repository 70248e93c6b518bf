"""The kind `control`: of two pushed replies, which was pushed by a feature, which by chance?

A push of the same size along a random direction is the control that claims about steering need:
Turner et al., Steering Language Models With Activation Engineering (2023), compare with it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from playground.atlas.calibrate import FRESH_PROMPTS
from playground.concepts.concepts import Concept, ReplyScore, find, score_reply
from playground.engine.records import TEMPERATURE, Request, Sampling, Trace
from playground.levels.dealing import candidates
from playground.levels.dealing.candidates import Steered
from playground.levels.dealing.questions import AskLevel, Bars, Question, Reply, Sealed, shuffled
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Message

OPTIONS = ("A", "B")
LEAD = 0.2  # share of replies that the recipe brings on its concept beyond the random push
SPARE = 4  # concepts written out beyond the rounds, for some replies show nothing
TRIES = 2  # replies written for each concept; the first that shows the concept is asked about
HARD_EVERY = 6  # one hard question for so many
FIRST_SEED = 4_000  # apart from the seeds of calibration
SIGNS = 4  # of the concept that are quoted
LONG_WORD = 4  # letters; shorter words repeat in any text


class ControlLevel(AskLevel):
    """tokens: of one reply, at most."""

    word: ClassVar[str] = "control"
    group: ClassVar[Group] = "comparing"
    rounds: int = Field(default=8, ge=1, le=12)
    tokens: int = Field(default=48, ge=16, le=128)
    temperature: float = Field(default=TEMPERATURE, ge=0, le=2)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """One question a concept. Raises AuthorError when too few recipes lead over chance."""
        rng = shuffled(seed, self.id)
        # Drawn first, so that the key does not hang on the model.
        start = rng.randrange(2)
        sides = [(start + place) % 2 for place in range(self.rounds)]
        rng.shuffle(sides)
        pool = [each for each in candidates.steered(self, bench, rng) if each.lead >= LEAD]
        if len(pool) < self.rounds:
            what = f"a recipe that brings its concept into {LEAD:.0%} more replies than chance"
            raise candidates.too_few(self, self.rounds, what, len(pool))
        offset = rng.randrange(1_000)
        hard = max(1, self.rounds // HARD_EVERY) if self.rounds > 1 else 0
        hard_ones = set(rng.sample(range(1, self.rounds), hard))  # by then some were met
        listed = [bench.concept(name) for name in bench.atlas.concepts()]
        pairs = self._pairs(bench, pool, offset)
        left = list[Compared]()  # written and not asked about, in the order of writing
        for number, side in enumerate(sides):
            pair = next_pair(pairs, left, number in hard_ones)
            if pair is None:
                what = "replies that differ from the random push"
                raise candidates.too_few(self, self.rounds, what, number)
            yield sealed(pair, side, listed)

    def _pairs(self, bench: Bench, pool: Sequence[Steered], offset: int) -> Iterator["Compared"]:
        """The best pair of each concept, where any has two different replies."""
        for place, each in enumerate(pool):
            yield from self._written(bench, [each], offset + place)

    def _written(self, bench: Bench, going: Sequence[Steered], offset: int) -> list["Compared"]:
        wanted: list[Request] = []
        for place, each in enumerate(going):
            prompt = FRESH_PROMPTS[(place + offset) % len(FRESH_PROMPTS)]
            for attempt in range(TRIES):
                seed = FIRST_SEED + TRIES * (offset + place) + attempt
                sampling = Sampling(self.temperature, max_tokens=self.tokens, seed=seed)
                dials = ((), (each.recipe.dial(),), (each.recipe.dial(control=seed),))
                wanted += [Request(prompt, dial, sampling) for dial in dials]
        traces = bench.engine.generate(wanted).traces()
        pairs: list[Compared] = []
        for place, each in enumerate(going):
            rows = traces[3 * TRIES * place : 3 * TRIES * (place + 1)]
            tries = [pair_of(bench, each, rows[n : n + 3]) for n in range(0, 3 * TRIES, 3)]
            told = [pair for pair in tries if pair.steered.text.strip() != pair.random.text.strip()]
            if told:
                pairs.append(max(told, key=lambda pair: (pair.clear, pair.faint)))
        return pairs


@dataclass(frozen=True)
class Compared:
    """One prompt and seed three times: untouched, pushed by the feature, pushed by chance."""

    about: Steered
    plain: Trace
    steered: Trace
    random: Trace
    own: ReplyScore
    other: ReplyScore

    @property
    def clear(self) -> bool:
        """The concept is there, and only in the reply of the feature."""
        return self.own.on and not self.other.on

    @property
    def faint(self) -> bool:
        """At least a trace of the concept, and more than in the other reply."""
        return len(self.own.found) > len(self.other.found)


def next_pair(pairs: Iterator[Compared], left: list[Compared], hard: bool) -> Compared | None:
    """A clear pair, or for a hard question a faint one; what is written and not asked now is left
    for later. Where such a pair cannot be had: a clear one, then a faint one, then any."""
    fits: Callable[[Compared], bool] = (
        (lambda p: p.faint and not p.clear) if hard else (lambda p: p.clear)
    )
    if not any(map(fits, left)):
        for pair in pairs:
            left.append(pair)
            if fits(pair) or (hard and pair.clear):  # a hard one is not worth more writing
                break
    best = max(left, key=lambda pair: (fits(pair), pair.clear, pair.faint), default=None)
    if best is not None:
        left.remove(best)
    return best


def pair_of(bench: Bench, about: Steered, traces: Sequence[Trace]) -> Compared:
    plain, steered, random = traces
    own, other = (score_reply(about.concept, each, bench.usual) for each in (steered, random))
    return Compared(about, plain, steered, random, own, other)


# -- questions -------------------------------------------------------------------------------------
def sealed(pair: Compared, side: int, listed: Sequence[Concept]) -> Sealed:
    """side: the place of the feature's reply; listed: concepts that a reader knows words of."""
    prompt, untouched = pair.plain.request.prompt, pair.plain.text
    replies = [pair.random.text, pair.random.text]
    replies[side] = pair.steered.text
    exhibits = (
        Reply(prompt, untouched, Message("control.untouched")),
        *(
            Reply(prompt, replies[n], Message("control.reply", name=name))
            for n, name in enumerate(OPTIONS)
        ),
    )
    return Sealed(
        question=Question(Message("control.ask"), "choose", exhibits, OPTIONS),
        solution=side,
        guess=guess(untouched, replies, listed),
        why=why(pair, side),
        reveal=(measured(pair),),
        right=frozenset({side}),
    )


def guess(untouched: str, replies: Sequence[str], listed: Sequence[Concept]) -> int:
    """The reply that keeps more to one subject; else the one that repeats more long words."""
    before = [set(find(concept, untouched)) for concept in listed]

    def topical(text: str) -> float:
        return max(
            (
                len(find(concept, text).keys() - old) / concept.at_least
                for concept, old in zip(listed, before, strict=True)
            ),
            default=0.0,
        )

    def repeated(text: str) -> int:
        words = re.findall(rf"\w{{{LONG_WORD},}}", text.lower())
        return sum(count - 1 for count in Counter(words).values())

    return max(range(len(replies)), key=lambda n: (topical(replies[n]), repeated(replies[n]), -n))


def why(pair: Compared, side: int) -> Message:
    topic, found = pair.about.concept.message, pair.own.found
    few = found[:SIGNS] + (("…",) if len(found) > SIGNS else ())
    evidence = Message("control.not_shown", topic=topic)
    if pair.faint:
        less = len(pair.other.found)
        evidence = Message("control.shown", count=len(found), topic=topic, words=few, less=less)
    return Message(
        "control.why",
        right=OPTIONS[side],
        wrong=OPTIONS[1 - side],
        topic=topic,
        strength=pair.about.recipe.strength,
        evidence=evidence,
        own=pair.own.damage,
        other=pair.other.damage,
    )


def measured(pair: Compared) -> Bars:
    topic = pair.about.concept.message
    rows = (
        (Message("control.effect", topic=topic), pair.own.effect),
        (Message("control.random_effect"), pair.other.effect),
        (Message("control.damage"), pair.own.damage),
        (Message("control.random_damage"), pair.other.damage),
    )
    return Bars(rows, Message("common.of_100"), 100.0, Message("control.bars", topic=topic))
