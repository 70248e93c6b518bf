"""The kind `site`: the same push at each site of the model; where does it bring the concept in?

Replies of each site are counted, by the atlas where it has done so, and only concepts are asked
about whose best site is decided: its interval lies above those of all others. Which layer a
steering vector is added at decides how much it does: Turner et al., Steering Language Models With
Activation Engineering (2023).
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import ClassVar

from pydantic import Field

from playground.atlas.calibrate import Plan
from playground.atlas.cards import Sweep
from playground.atlas.sweeps import best_detectors, place_requests, places
from playground.concepts.concepts import Concept, find
from playground.engine.records import Request, Site, Trace
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
    shuffled,
)
from playground.levels.intervals import Interval, wilson
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.levels.schema import Pick
from playground.messages import Message

TRIED = 6  # concepts a round that are counted while a level is dealt, at most


class SiteLevel(AskLevel):
    """shown: replies that are shown of those that a site is judged by."""

    word: ClassVar[str] = "site"
    group: ClassVar[Group] = "measuring"
    rounds: int = Field(default=5, ge=1, le=8)
    shown: int = Field(default=3, ge=1, le=4)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """One question a concept. Raises AuthorError where too few concepts have a clear site."""
        rng = shuffled(seed, self.id)
        sites = [site for site in bench.engine.sites.values() if site.name in self.sites]
        sites.sort(key=lambda site: site.layer)
        order = even(self.rounds, max(1, len(sites)), rng)
        pool, left = trials(self, bench, sites, rng), list[Trial]()
        best = Counter[str]()  # sites asked about
        for number, place in enumerate(order):
            # No site is right in nearly all: a concept of a site that had its share waits.
            while not any(best[each.best.site.name] < self._share for each in left):
                trial = next(pool, None)
                if trial is None:
                    break
                left += [clear] if (clear := trial.clear).pushed[1:] else []
            if not left:
                what = "a site whose push is surely the best by the replies that were counted"
                raise candidates.too_few(self, self.rounds, what, number)
            trial = min(left, key=lambda each: best[each.best.site.name])
            left.remove(trial)
            best[trial.best.site.name] += 1
            yield sealed(bench, trial, self.shown, place % len(trial.pushed), rng)

    @property
    def _share(self) -> int:
        """Rounds in which the same site may be right."""
        return self.rounds - 2 if self.rounds > 2 else self.rounds


# -- what was counted ------------------------------------------------------------------------
@dataclass(frozen=True)
class SitePush:
    """One site: the push, and which of its replies were on the concept."""

    site: Site
    sweep: Sweep

    @property
    def on(self) -> int:
        return len(self.sweep.hits[0])

    @property
    def replies(self) -> int:
        return self.sweep.points[0].replies

    @property
    def interval(self) -> Interval:
        return wilson(self.on, self.replies)


@dataclass(frozen=True)
class Trial:
    """One concept at all sites, in the order of the model's blocks."""

    concept: Concept
    pushed: tuple[SitePush, ...]

    @property
    def best(self) -> SitePush:
        return max(self.pushed, key=lambda each: each.on)

    @property
    def clear(self) -> "Trial":
        """The best site beside those whose interval lies below its own: the others are as good, for
        all that was counted, and are not asked about."""
        best = self.best
        below = (each.interval.high < best.interval.low for each in self.pushed)
        pairs = zip(self.pushed, below, strict=True)
        return Trial(self.concept, tuple(each for each, low in pairs if low or each is best))

    def typical(self, count: int) -> tuple[int, ...]:
        """Which replies to show, the same of every site: those that agree best with the counts."""
        replies = min(each.replies for each in self.pushed)

        def misses(numbers: Sequence[int]) -> float:
            shares = (sum(n in each.sweep.hits[0] for n in numbers) for each in self.pushed)
            return sum(
                abs(found / len(numbers) - each.on / each.replies)
                for found, each in zip(shares, self.pushed, strict=True)
            )

        return min(combinations(range(replies), min(count, replies)), key=misses)


def trials(
    level: AskLevel, bench: Bench, sites: Sequence[Site], rng: random.Random
) -> Iterator[Trial]:
    """Concepts in random order, no feature twice: first those that the atlas has counted, then as
    many as TRIED a round that are counted now, each when it is asked for."""
    names = candidates.mixed(candidates.named(level, bench), rng)
    names = [name for name in names if bench.atlas.concept(name).recipes] if sites[1:] else []
    ready = [name for name in names if bench.atlas.concept(name).places]
    taken = set[tuple[str, int]]()
    later = [name for name in names if name not in ready][: TRIED * level.rounds]
    for name in (*ready, *later):
        concept, features = bench.concept(name), dict[str, int]()
        known = {each.site: each for each in bench.atlas.concept(name).places}
        if name in later:
            features = best_detectors(bench.atlas, concept, [site.name for site in sites])
        found = {(each.site, each.feature) for each in known.values()} | {*features.items()}
        missing = {site.name for site in sites} - {site for site, _ in found}
        if missing or found & taken:
            continue
        taken |= found
        if features:
            best = bench.atlas.concept(name).recipes[0].dial()
            counted = places(bench.engine, concept, bench.usual, best, features, Plan())
            known = {each.site: each for each in counted}
        yield Trial(concept, tuple(SitePush(site, known[site.name]) for site in sites))


def written(bench: Bench, trial: Trial, numbers: Sequence[int]) -> list[list[Trace]]:
    """Those replies again, by site."""
    wanted = list[Request]()
    for each in trial.pushed:
        dial = each.sweep.dial(each.sweep.points[0].strength)
        own = place_requests(dial, max(numbers) + 1)
        wanted += [own[n] for n in numbers]
    traces = iter(bench.engine.generate(wanted).traces())
    return [list(islice(traces, len(numbers))) for _ in trial.pushed]


# -- questions -------------------------------------------------------------------------------------
def sealed(bench: Bench, trial: Trial, shown: int, place: int, rng: random.Random) -> Sealed:
    """place: of the right option."""
    best, topic = trial.best, trial.concept.message
    order = rng.sample([each for each in trial.pushed if each is not best], len(trial.pushed) - 1)
    order.insert(place, best)
    replies = written(bench, trial, trial.typical(shown))
    exhibits = tuple(
        Reply(trace.request.prompt, trace.text, titled(each.site))
        for each, own in zip(trial.pushed, replies, strict=True)
        for trace in own
    )

    def signs(number: int) -> tuple[int, int]:
        found = (len(find(trial.concept, trace.text)) for trace in replies[number])
        return sum(min(each, trial.concept.at_least) for each in found), number

    looks = trial.pushed[max(range(len(replies)), key=signs)]  # a tie goes to the later site
    ask = Message("place.which", topic=topic, seeds=best.replies, shown=len(replies[0]))
    return Sealed(
        question=Question(ask, "choose", exhibits, tuple(titled(each.site) for each in order)),
        solution=place,
        guess=order.index(looks),
        why=why(trial),
        reveal=reveal(trial),
        right=frozenset({place}),
    )


def titled(site: Site) -> Message:
    """Blocks are counted from 0, as in the handbook."""
    return Message("place.block", site=site.name, number=site.layer)


def why(trial: Trial) -> Message:
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
        "place.because",
        best=best.site.name,
        topic=trial.concept.message,
        own=best.on,
        seeds=best.replies,
        others=others,
        low=100 * best.interval.low,
        high=100 * max(e.interval.high for e in trial.pushed if e is not best),
        strength=best.sweep.points[0].strength,
        place=place,
    )


def reveal(trial: Trial) -> tuple[Exhibit, ...]:
    topic, seeds = trial.concept.message, trial.best.replies
    shares = tuple((titled(each.site), float(each.on)) for each in trial.pushed)
    damage = tuple((titled(each.site), each.sweep.points[0].damage) for each in trial.pushed)
    site, feature = trial.best.site.name, trial.best.sweep.feature
    counted = Message("place.effect", topic=topic, seeds=seeds)
    return (
        Bars(shares, Message("place.replies", seeds=seeds), float(seeds), counted),
        Bars(damage, Message("common.of_100"), 100.0, Message("place.damage", seeds=seeds)),
        Portrait(Pick(site, feature), True, Message("place.portrait", site=site)),
    )
