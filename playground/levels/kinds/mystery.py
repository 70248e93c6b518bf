"""The kind `mystery`: a dial is on that nobody names; try prompts on it and say what it is.

Finding a concept that was put into a model unseen is the task of auditing games: Marks et al.,
Auditing language models for hidden objectives (2025).
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from pydantic import Field

from playground.atlas.calibrate import FRESH_PROMPTS
from playground.concepts.concepts import Concept, find, present
from playground.engine.records import TEMPERATURE, Request, Sampling, Trace
from playground.levels.dealing import candidates
from playground.levels.dealing.candidates import Steered
from playground.levels.dealing.questions import (
    AskLevel,
    Doses,
    Exhibit,
    Portrait,
    Question,
    Reply,
    Sealed,
    shuffled,
)
from playground.levels.intervals import difference
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.levels.schema import Pick
from playground.messages import Message

OPTIONS = 8
EFFECT, LEAD = 0.5, 0.3  # shares of replies on the concept; and beyond a random push
# Replies that a dial is judged by, some at a time and at most: three of four are enough where the
# others come up in none, and so are six of eight beside one.
AT_ONCE, REPLIES = 4, 8
HOPELESS = 1  # of the first ones on the concept: such a dial is put aside
SHOWN = 2  # of them, where an example is given
TOKENS = 32  # of a reply
SEEDS = 10_000  # sampling seeds are drawn below this


class MysteryLevel(AskLevel):
    """rounds: hidden dials. example: whether replies with the dial are shown from the start."""

    word: ClassVar[str] = "mystery"
    group: ClassVar[Group] = "auditing"
    rounds: int = Field(ge=2, le=4)  # one dial alone would be guessed once in eight
    example: bool = True
    temperature: float = Field(default=TEMPERATURE, ge=0, le=2)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """One question a dial. Raises AuthorError when too few dials can be told by their
        replies."""
        rng = shuffled(seed, self.id)
        # First of all and never the same, so that one place ticked everywhere wins nothing.
        places = rng.sample(range(OPTIONS), self.rounds)
        prompts = rng.sample(FRESH_PROMPTS, REPLIES)
        rows = [self._row(prompt, rng.randrange(SEEDS)) for prompt in prompts]
        plain = list[Trace]()  # written when they are first needed, and for all dials
        earlier = list[Concept]()
        for about in filter(clear, candidates.steered(self, bench, rng)):
            told, others = self._told(bench, about, rows, plain, earlier, rng)
            if len(others) == OPTIONS - 1:
                yield sealed(told, others, places[len(earlier)], self.example)
                earlier.append(about.concept)
            if len(earlier) == self.rounds:
                return
        what = "a dial that its replies tell from seven other concepts"
        raise candidates.too_few(self, self.rounds, what, len(earlier))

    def _told(
        self,
        bench: Bench,
        about: Steered,
        rows: Sequence[Request],
        plain: list[Trace],
        earlier: Sequence[Concept],
        rng: random.Random,
    ) -> "tuple[Heard, list[Concept]]":
        """A dial with its replies, some more until they tell it from seven other concepts; fewer
        of these where they do not."""
        dials, pushed = (about.recipe.dial(),), list[Trace]()
        while True:
            part = rows[len(pushed) : len(pushed) + AT_ONCE]
            fresh = part if len(plain) == len(pushed) else ()
            wanted = [*(replace(row, dials=dials) for row in part), *fresh]
            traces = bench.engine.generate(wanted).traces()
            pushed += traces[: len(part)]
            plain += traces[len(part) :]
            told = Heard.by(about, plain[: len(pushed)], pushed)
            others = told.alternatives(bench, earlier, rng)
            done = len(others) == OPTIONS - 1 or len(pushed) == len(rows)
            if done or told.hits <= HOPELESS:
                return told, others

    def _row(self, prompt: str, seed: int) -> Request:
        sampling = Sampling(self.temperature, max_tokens=TOKENS, seed=seed)
        return Request(prompt, (), sampling, plain=True)


def clear(about: Steered) -> bool:
    return about.point.effect >= EFFECT and about.lead >= LEAD


@dataclass(frozen=True)
class Heard:
    """A dial with the replies to the same prompts without it and with it, those that are fullest of
    the concept first; hits, untouched: how many are on it, of either."""

    about: Steered
    pairs: tuple[tuple[Trace, Trace], ...]
    hits: int
    untouched: int

    @classmethod
    def by(cls, about: Steered, plain: Sequence[Trace], pushed: Sequence[Trace]) -> "Heard":
        concept = about.concept
        pairs = sorted(
            zip(plain, pushed, strict=True),
            key=lambda pair: len(find(concept, pair[0].text)) - len(find(concept, pair[1].text)),
        )
        return cls(about, tuple(pairs), on(concept, pushed), on(concept, plain))

    def alternatives(
        self, bench: Bench, earlier: Sequence[Concept], rng: random.Random
    ) -> list[Concept]:
        """Seven other concepts, topics beside a topic, manners beside a manner: the kind of the
        options tells nothing. None that the same feature stands for, none asked about before, and
        none that comes up in the replies nearly as often: the data must decide. Empty where the
        replies without the dial are on its concept about as often."""
        concept, recipe, count = self.about.concept, self.about.recipe, len(self.pairs)

        def rarer(hits: int) -> bool:
            return difference(self.hits, count, hits, count).low > 0

        pushed = [pair[1] for pair in self.pairs]
        known = [bench.concept(name) for name in sorted(bench.atlas.concepts())]
        alike = [
            each
            for each in known
            if each not in (concept, *earlier)
            and (each.kind == "topic") == (concept.kind == "topic")
            and not stands_for(bench, each, recipe.site, recipe.feature)
            and rarer(on(each, pushed))
        ]
        if not rarer(self.untouched):
            return []
        return rng.sample(alike, min(OPTIONS - 1, len(alike)))


def on(concept: Concept, replies: Sequence[Trace]) -> int:
    return sum(present(concept, trace.text) for trace in replies)


def stands_for(bench: Bench, concept: Concept, site: str, feature: int) -> bool:
    entry = bench.atlas.concept(concept.name)
    return any(
        (each.site, each.feature) == (site, feature) for each in (*entry.recipes, *entry.detectors)
    )


# -- questions -------------------------------------------------------------------------------------
def sealed(told: Heard, others: Sequence[Concept], place: int, example: bool) -> Sealed:
    """others: seven concepts; place: of the right one among them."""
    options = [*others]
    options.insert(place, told.about.concept)
    replies = tuple(
        Reply(trace.request.prompt, trace.text, Message(key))
        for pair in told.pairs[:SHOWN]
        for trace, key in zip(pair, ("questions.without", "questions.with_hidden"), strict=True)
    )
    plain, pushed = told.pairs[0]
    return Sealed(
        question=Question(
            Message("mystery.ask"),
            "choose",
            replies if example else (),
            tuple(each.message for each in options),
        ),
        solution=place,
        guess=guess(options, plain.text, pushed.text),
        why=why(told),
        reveal=proof(told.about) + (() if example else replies),
        right=frozenset({place}),
        trial=replace(pushed.request, prompt=""),
    )


def guess(options: Sequence[Concept], plain: str, pushed: str) -> int:
    """The option of which the dial brought in most: words that stand in its reply, less those that
    the untouched model writes too."""

    def brought(concept: Concept) -> float:
        more = len(find(concept, pushed).keys() - find(concept, plain).keys())
        return more / concept.at_least

    return max(range(len(options)), key=lambda n: (brought(options[n]), -n))


def why(told: Heard) -> Message:
    about = told.about
    return Message(
        "mystery.told",
        topic=about.concept.message,
        feature=about.recipe.feature,
        site=about.recipe.site,
        strength=about.recipe.strength,
        hits=told.hits,
        untouched=told.untouched,
        count=len(told.pairs),
    )


def proof(about: Steered) -> tuple[Exhibit, ...]:
    recipe = about.recipe
    place = Message(
        "mystery.place", feature=recipe.feature, site=recipe.site, strength=recipe.strength
    )
    curve = Message("mystery.curve", topic=about.concept.message)
    return (
        Portrait(Pick(recipe.site, recipe.feature), True, place),
        Doses(recipe.curve, recipe.strength, curve),
    )
