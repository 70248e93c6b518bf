"""The kind `mystery`: a dial is on that nobody names; try prompts on it and say what it is.

Finding a concept that was put into a model unseen is the task of auditing games: Marks et al.,
Auditing language models for hidden objectives (2025).
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from playground.atlas.calibrate import FRESH_PROMPTS
from playground.concepts.concepts import Concept, find
from playground.engine.records import TEMPERATURE, Request, Sampling, Trace
from playground.errors import PlayerError
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
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.levels.schema import Pick
from playground.messages import Message

OPTIONS = 8
EFFECT, LEAD = 0.4, 0.3  # shares of replies on the concept; and beyond a random push
TOKENS = 48  # of a reply
SEEDS = 10_000  # sampling seeds are drawn below this


class MysteryLevel(AskLevel):
    """rounds: hidden dials. example: whether a reply with the dial is shown from the start."""

    word: ClassVar[str] = "mystery"
    group: ClassVar[Group] = "auditing"
    rounds: int = Field(ge=2, le=4)  # one dial alone would be guessed once in eight
    example: bool = True
    temperature: float = Field(default=TEMPERATURE, ge=0, le=2)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """One question a dial. Raises AuthorError when too few recipes steer clearly."""
        for each in self.hidden(bench, seed):
            rows = self._rows(each, each.prompt if self.example else "")
            plain, pushed = bench.engine.generate(rows).traces()
            yield sealed(each, plain, pushed, self.example)

    def probe(self, bench: Bench, seed: int, number: int, prompt: str) -> Sequence[Request]:
        """Untouched and dialled row of a player's prompt, with the same random numbers."""
        dials = self.hidden(bench, seed)
        if not 0 <= number < len(dials):
            raise PlayerError("mystery.no_dial", count=len(dials), number=number)
        return self._rows(dials[number], prompt)

    def hidden(self, bench: Bench, seed: int) -> list["Hidden"]:
        """What is on in each question; writes nothing. Raises AuthorError."""
        rng = shuffled(seed, self.id)
        # First of all and never the same, so that one place ticked everywhere wins nothing.
        places = rng.sample(range(OPTIONS), self.rounds)
        prompts = rng.sample(FRESH_PROMPTS, self.rounds)
        seeds = rng.sample(range(SEEDS), self.rounds)
        clear = [
            each
            for each in candidates.steered(self, bench, rng)
            if each.point.effect >= EFFECT and each.lead >= LEAD
        ]
        found = list[Hidden]()
        for about in clear:
            n = len(found)
            if n == self.rounds:
                break
            others = [each.about.concept for each in found]
            options = alternatives(bench, about, others, rng)
            if len(options) == OPTIONS - 1:
                options.insert(places[n], about.concept)
                found.append(Hidden(about, tuple(options), places[n], prompts[n], seeds[n]))
        if len(found) < self.rounds:
            what = f"a recipe that brings its concept into {EFFECT:.0%} of the replies"
            raise candidates.too_few(self, self.rounds, what, len(found))
        return found

    def _rows(self, hidden: "Hidden", prompt: str) -> tuple[Request, Request]:
        sampling = Sampling(self.temperature, max_tokens=TOKENS, seed=hidden.seed)
        dial = hidden.about.recipe.dial()
        return Request(prompt, (), sampling), Request(prompt, (dial,), sampling)


@dataclass(frozen=True)
class Hidden:
    """A dial that is on. options: eight concepts, its own at `place`; prompt: of the example;
    seed: of all replies of the question."""

    about: Steered
    options: tuple[Concept, ...]
    place: int
    prompt: str
    seed: int


def alternatives(
    bench: Bench, about: Steered, earlier: Sequence[Concept], rng: random.Random
) -> list[Concept]:
    """Seven other concepts, topics beside a topic, manners beside a manner: the kind of the
    options tells nothing. None that the same feature stands for, none asked about before."""
    recipe = about.recipe
    known = [bench.concept(name) for name in sorted(bench.atlas.concepts())]
    alike = [
        each
        for each in known
        if each not in (about.concept, *earlier)
        and (each.kind == "topic") == (about.concept.kind == "topic")
        and not stands_for(bench, each, recipe.site, recipe.feature)
    ]
    return rng.sample(alike, min(OPTIONS - 1, len(alike)))


def stands_for(bench: Bench, concept: Concept, site: str, feature: int) -> bool:
    entry = bench.atlas.concept(concept.name)
    return any(
        (each.site, each.feature) == (site, feature) for each in (*entry.recipes, *entry.detectors)
    )


# -- questions -------------------------------------------------------------------------------------
def sealed(hidden: Hidden, plain: Trace, pushed: Trace, example: bool) -> Sealed:
    """plain, pushed: the replies of the example, or of an empty prompt where none is shown."""
    replies = (
        Reply(plain.request.prompt, plain.text, Message("questions.without")),
        Reply(pushed.request.prompt, pushed.text, Message("questions.with_hidden")),
    )
    titles = tuple(each.message for each in hidden.options)
    return Sealed(
        question=Question(Message("mystery.ask"), "choose", replies if example else (), titles),
        solution=hidden.place,
        guess=guess(hidden.options, plain.text, pushed.text),
        why=why(hidden.about),
        reveal=proof(hidden.about) + (() if example else replies),
        right=frozenset({hidden.place}),
    )


def guess(options: Sequence[Concept], plain: str, pushed: str) -> int:
    """The option of which the dial brought in most: words that stand in its reply, less those that
    the untouched model writes too."""

    def brought(concept: Concept) -> float:
        more = len(find(concept, pushed).keys() - find(concept, plain).keys())
        return more / concept.at_least

    return max(range(len(options)), key=lambda n: (brought(options[n]), -n))


def why(about: Steered) -> Message:
    return Message(
        "mystery.why",
        topic=about.concept.message,
        feature=about.recipe.feature,
        site=about.recipe.site,
        strength=about.recipe.strength,
        effect=100 * about.point.effect,
        random=100 * about.point.control_effect,
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
