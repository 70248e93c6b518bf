"""The kind `site`: the same push at each site of the model; where does it bring the concept in?

Which layer a steering vector is added at decides how much it does: Turner et al., Steering Language
Models With Activation Engineering (2023).
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

from pydantic import Field

from playground.atlas.calibrate import FRESH_PROMPTS
from playground.atlas.cards import Recipe
from playground.concepts.concepts import Concept, Score, score_replies
from playground.engine.records import TEMPERATURE, Dial, Request, Sampling, Site, Trace
from playground.levels.dealing import candidates
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Exhibit,
    Portrait,
    Question,
    Reply,
    Sealed,
    even,
)
from playground.levels.dealing.questions import shuffled as randomness
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.levels.schema import Pick
from playground.messages import Message

AHEAD = 2  # replies that the best site must have more than the second
EFFECT = 0.2  # share of replies that the atlas' recipe brings on the concept; below, little happens
TRIED = 6  # concepts tried for each round, at most; about every second has a clear site
UNCALIBRATED = 1.0  # residual norms, for a concept that the atlas has no recipe of
SEARCHED = 8  # hits looked through for a site whose detectors the atlas does not list
FIRST_SEED = 7_000  # apart from the seeds of calibration


class SiteLevel(AskLevel):
    """seeds: replies that a site is judged by; tokens: of one reply, at most."""

    word: ClassVar[str] = "site"
    group: ClassVar[Group] = "measuring"
    rounds: int = Field(default=5, ge=1, le=8)
    seeds: int = Field(default=8, ge=4, le=12)
    tokens: int = Field(default=40, ge=16, le=128)
    temperature: float = Field(default=TEMPERATURE, ge=0, le=2)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """One question a concept. Raises AuthorError where too few concepts have a clear site."""
        rng = randomness(seed, self.id)
        sites = [site for site in bench.engine.sites.values() if site.name in self.sites]
        sites.sort(key=lambda site: site.layer)
        offset = rng.randrange(1_000)
        places = even(self.rounds, max(1, len(sites)), rng)
        left, best = list[Trial](), Counter[str]()  # clear and not asked about; sites asked about
        tried_at_most = self.rounds * TRIED if len(sites) > 1 else 0
        pool = enumerate(islice(placed_candidates(self, bench, sites, rng), tried_at_most))
        for number, place in enumerate(places):
            # No site is right in nearly all: a concept of a site that had its share waits.
            while not any(best[each.best.site.name] < self._share for each in left):
                tried, each = next(pool, (0, None))
                if each is None:
                    break
                trial = self._tried(bench, each, offset + tried)
                left += [trial] if trial.clear else []
            if not left:
                raise candidates.too_few(
                    self, self.rounds, "a site that clearly steers best", number
                )
            trial = min(left, key=lambda each: best[each.best.site.name] >= self._share)
            left.remove(trial)
            best[trial.best.site.name] += 1
            yield sealed(trial, place, rng)

    @property
    def _share(self) -> int:
        """Rounds in which the same site may be right."""
        return self.rounds - 2 if self.rounds > 2 else self.rounds

    def _tried(self, bench: Bench, about: "Candidate", place: int) -> "Trial":
        """One concept at all sites; place: where prompts and seeds begin."""
        wanted: list[Request] = []
        for dial in about.dials:
            for n in range(self.seeds):
                seed = FIRST_SEED + place * self.seeds + n
                sampling = Sampling(self.temperature, max_tokens=self.tokens, seed=seed)
                prompt = FRESH_PROMPTS[(place + n) % len(FRESH_PROMPTS)]
                wanted.append(Request(prompt, (dial,), sampling))
        traces, pushed = iter(bench.engine.generate(wanted).traces()), list[SitePush]()
        for site, dial in zip(about.sites, about.dials, strict=True):
            replies = tuple(islice(traces, self.seeds))
            score = score_replies(about.concept, replies, bench.usual)
            pushed.append(SitePush(site, dial, replies, score))
        return Trial(about, tuple(pushed))


# -- which concepts, which features ----------------------------------------------------------------
@dataclass(frozen=True)
class Candidate:
    """A concept with one dial a site, in the order of the model's blocks."""

    concept: Concept
    sites: tuple[Site, ...]
    dials: tuple[Dial, ...]


def placed_candidates(
    level: AskLevel, bench: Bench, sites: Sequence[Site], rng: random.Random
) -> Iterator[Candidate]:
    """Concepts that have a detector at every site, no feature twice; first those that the atlas
    could steer, by turns from each site that its recipes steer at."""
    ranked = candidates.mixed(candidates.named(level, bench), rng)
    turns: Counter[tuple[bool, str]] = Counter()
    order: dict[str, tuple[bool, int]] = {}
    for name in ranked:
        recipe = next(iter(bench.atlas.concept(name).recipes), None)
        weak, at = strength_of(recipe)[1] < EFFECT, recipe.site if recipe else ""
        turns[weak, at] += 1
        order[name] = (weak, turns[weak, at])
    taken = set[tuple[str, int]]()
    for name in sorted(ranked, key=lambda name: order[name]):
        features = [best_feature(bench, name, site.name) for site in sites]
        if any(each is None for each in features):
            continue
        recipe = next(iter(bench.atlas.concept(name).recipes), None)
        plain = recipe.dial() if recipe else Dial("", 0, UNCALIBRATED)
        dials = tuple(
            Dial(site.name, feature, plain.strength, plain.method, plain.scope)
            for site, feature in zip(sites, features, strict=True)
            if feature is not None
        )
        picks = {(dial.site, dial.feature) for dial in dials}
        if not picks & taken:
            taken |= picks
            yield Candidate(bench.concept(name), tuple(sites), dials)


def strength_of(recipe: Recipe | None) -> tuple[float, float]:
    """A recipe's strength in residual norms, and the share of replies that it brings on its
    concept by the atlas, 0..1; 0 without a recipe."""
    if recipe is None:
        return UNCALIBRATED, 0.0
    points = (point.effect for point in recipe.curve if point.strength == recipe.strength)
    return recipe.strength, next(points, 0.0)


def best_feature(bench: Bench, name: str, site: str) -> int | None:
    """The site's best detector of a concept. The atlas lists only the best of all sites; where it
    lists none here, the features that a search finds are compared by their cards' AUROC."""
    listed = [(d.auroc, d.feature) for d in bench.atlas.concept(name).detectors if d.site == site]
    if listed:
        return max(listed)[1]
    hits = bench.atlas.search(name, site, SEARCHED)
    scores = {hit.index: dict(bench.atlas.card(site, hit.index).concepts) for hit in hits}
    rated = [(about[name], feature) for feature, about in scores.items() if name in about]
    return max(rated)[1] if rated else None


# -- what came of it -------------------------------------------------------------------------------
@dataclass(frozen=True)
class SitePush:
    """One site: its replies, in the order of the seeds, and their score."""

    site: Site
    dial: Dial
    replies: tuple[Trace, ...]
    score: Score

    @property
    def on(self) -> int:
        """How many replies are on the concept."""
        return sum(reply.on for reply in self.score.replies)


@dataclass(frozen=True)
class Trial:
    """One concept at all sites, in the order of the model's blocks."""

    about: Candidate
    pushed: tuple[SitePush, ...]

    @property
    def best(self) -> SitePush:
        return max(self.pushed, key=lambda each: each.on)

    @property
    def clear(self) -> bool:
        counts = sorted((each.on for each in self.pushed), reverse=True)
        return counts[0] - counts[1] >= AHEAD

    @property
    def typical(self) -> int:
        """The seed to show: the one whose replies agree best with the counts; among equals one
        in which the concept shows, then the first."""

        def misses(number: int) -> tuple[float, bool, int]:
            on = [each.score.replies[number].on for each in self.pushed]
            count = len(self.pushed[0].replies)
            far = sum(
                abs(shows - each.on / count) for shows, each in zip(on, self.pushed, strict=True)
            )
            return round(far, 6), not any(on), number

        return min(range(len(self.pushed[0].replies)), key=misses)


# -- questions -------------------------------------------------------------------------------------
def sealed(trial: Trial, place: int, rng: random.Random) -> Sealed:
    """place: of the right option."""
    best, number, topic = trial.best, trial.typical, trial.about.concept.message
    rest = [each for each in trial.pushed if each is not best]
    order = rng.sample(rest, len(rest))
    order.insert(place, best)
    exhibits = tuple(
        Reply(each.replies[number].request.prompt, each.replies[number].text, titled(each.site))
        for each in trial.pushed
    )
    # A tie goes to the later site.
    looks = max(
        trial.pushed, key=lambda each: (len(each.score.replies[number].found), each.site.layer)
    )
    seeds = len(best.replies)
    return Sealed(
        question=Question(
            Message("place.ask", topic=topic, seeds=seeds),
            "choose",
            exhibits,
            tuple(titled(each.site) for each in order),
        ),
        solution=place,
        guess=order.index(looks),
        why=why(trial, seeds),
        reveal=reveal(trial),
        right=frozenset({place}),
    )


def titled(site: Site) -> Message:
    """Blocks are counted from 0, as in the handbook."""
    return Message("place.block", site=site.name, number=site.layer)


def why(trial: Trial, seeds: int) -> Message:
    best = trial.best
    others = tuple(
        Message("place.count", site=each.site.name, count=each.on)
        for each in trial.pushed
        if each is not best
    )
    place = Message("place.between")
    if best is trial.pushed[0]:
        place = Message("place.first")
    elif best is trial.pushed[-1]:
        place = Message("place.last")
    return Message(
        "place.why",
        best=best.site.name,
        topic=trial.about.concept.message,
        own=best.on,
        seeds=seeds,
        others=others,
        strength=best.dial.strength,
        place=place,
    )


def reveal(trial: Trial) -> tuple[Exhibit, ...]:
    topic, seeds = trial.about.concept.message, len(trial.pushed[0].replies)
    shares = tuple((titled(each.site), each.score.effect) for each in trial.pushed)
    damage = tuple((titled(each.site), each.score.damage) for each in trial.pushed)
    dial = trial.best.dial
    return (
        Bars(
            shares,
            Message("common.percent_replies"),
            100.0,
            Message("place.effect", topic=topic, seeds=seeds),
        ),
        Bars(damage, Message("common.of_100"), 100.0, Message("place.damage", seeds=seeds)),
        Portrait(Pick(dial.site, dial.feature), True, Message("place.portrait", site=dial.site)),
    )
