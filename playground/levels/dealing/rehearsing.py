"""Who plays a steering level in its proof: the solution, ways without insight, answers that are
half right. A setting is written once; many tries are drawn from its replies, so that 200 cost no
more than one. Knows no kind.

The controls and the untouched replies of everybody are those of the solution: the same strengths at
the same places.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from playground.levels.dealing import triples
from playground.levels.dealing.counting import ROUND, Hits, Measure, redrawn
from playground.levels.dealing.steered import Turn
from playground.levels.dealing.steering import (
    SteeringLevel,
    dials_of,
    found_in,
    standing_of,
    wanted,
)
from playground.levels.dealing.triples import Dials, Replies
from playground.levels.judging import Bench
from playground.levels.level import (
    CHANCE_SEED,
    GREEDY,
    RANDOM,
    REFERENCE,
    WRONG,
    Played,
    Try,
)
from playground.levels.schema import Goal, Pick

TRIES = 200  # of each player
STRANGERS = 12  # features by chance that are written out
STOCK = 2  # times as many replies of the solution as an attempt may have: tries are drawn from them
AS_GOOD = 0.9  # share of the solution's share of replies, from which on an answer is another one
LOOKED = 16  # hits of a search that are looked through


@dataclass(frozen=True)
class Setting:
    """dials, and which of the replies that were written with them count."""

    dials: Dials
    hits: Hits


@dataclass(frozen=True)
class Rehearsal:
    """What was written for a level's proof, by player. half: answers that are half right, by what
    is wrong with them."""

    solution: Setting
    blind: Mapping[str, Sequence[Setting]]
    half: Mapping[str, Setting]
    greedy: Setting | None

    @property
    def wrong(self) -> dict[str, Setting]:
        """Of those that are half right the ones that do worse than the solution: a second feature
        that steers as well is no wrong answer."""
        enough = AS_GOOD * self.solution.hits.tallies.steered.share
        shares = {name: each.hits.tallies.steered.share for name, each in self.half.items()}
        return {name: each for name, each in self.half.items() if shares[name] < enough}

    @property
    def as_good(self) -> list[str]:
        return [name for name in self.half if name not in self.wrong]


# -- writing ---------------------------------------------------------------------------------------
def rehearse(level: SteeringLevel, bench: Bench, greedy: bool = False) -> Rehearsal:
    """Writes all settings out, at once."""
    solution = level.reference(bench.atlas)
    low, high = level.limits
    blind = {
        "start": [level.started(solution)],
        "nothing": [level.idle(solution)],
        # A level whose dials have nothing to turn is at full strength when it is solved.
        "full strength": [level.full(solution)] if low < high else [],
        RANDOM: strangers(level, bench, solution),
    }
    half, first = level.wrong(bench.atlas), searched(level, bench) if greedy else ()
    few = [turns for each in blind.values() for turns in each] + ([first] if first else [])
    lengths = dict.fromkeys(few, ROUND)  # of a setting that stands twice the longest counts
    lengths |= dict.fromkeys(half.values(), 3 * ROUND) | {solution: STOCK * level.limit}
    written = settings(level, bench, solution, lengths)
    return Rehearsal(
        written[solution],
        {player: [written[each] for each in turns] for player, turns in blind.items() if turns},
        {name: written[turns] for name, turns in half.items()},
        written[first] if first else None,
    )


def settings(
    level: SteeringLevel,
    bench: Bench,
    solution: tuple[Turn, ...],
    lengths: Mapping[tuple[Turn, ...], int],
) -> dict[tuple[Turn, ...], Setting]:
    """lengths: how many replies of each setting, the solution's among them, are written."""
    dials = {turns: dials_of(level, bench.atlas, turns) for turns in lengths}
    rows = [
        triples.requests(bench.atlas, prompt, dials[solution], sampling, way)
        for way, (prompt, sampling) in enumerate(wanted(level, 0, max(lengths.values())))
    ]
    pushed = {
        turns: [replace(row[0], dials=dials[turns]) for row in rows[:count]]
        for turns, count in lengths.items()
    }
    asked = [*(each for row in rows for each in (row[0], row[2])), *sum(pushed.values(), [])]
    traces = iter(bench.engine.generate(asked).traces())
    beside = [(next(traces), next(traces)) for _ in rows]
    found = dict[tuple[Turn, ...], Setting]()
    for turns, requests in pushed.items():
        steered = [next(traces) for _ in requests]
        pairs = beside[: len(steered)]
        replies = Replies(dials[turns]).with_more(
            [pair[0] for pair in pairs], steered, [pair[1] for pair in pairs]
        )
        found[turns] = Setting(dials[turns], level.grade(bench, replies).hits)
    whole = found[solution].hits
    # However few replies a setting has, it is compared with all of the others.
    return {
        turns: replace(
            each, hits=replace(each.hits, baseline=whole.baseline, control=whole.control)
        )
        for turns, each in found.items()
    }


def strangers(
    level: SteeringLevel, bench: Bench, solution: Sequence[Turn]
) -> list[tuple[Turn, ...]]:
    """The solution's strengths on features by chance."""
    size = len(solution)
    drawn = level.by_chance(bench, STRANGERS * size)
    guesses = [drawn[start : start + size] for start in range(0, len(drawn), size)]
    # The same feature drawn twice is one dial: no level takes it on two.
    strengths = [dict(zip(picks, [t.strength for t in solution], strict=True)) for picks in guesses]
    return [tuple(Turn(pick, each[pick]) for pick in each) for each in strengths]


def searched(level: SteeringLevel, bench: Bench) -> tuple[Turn, ...]:
    """What the search field lists first for each topic, at the level's sites, and the slider in the
    middle; none where a search finds nothing."""
    turns, strength = list[Turn](), sum(level.limits) / 2
    for name in (level.concept, *level.concepts):
        hits = bench.atlas.search(bench.concept(name).title, None, LOOKED)
        usable = (Pick(hit.site, hit.index) for hit in hits if hit.site in level.sites)
        pick = next((each for each in usable if each not in [t.pick for t in turns]), None)
        if pick is None:
            return ()
        turns.append(Turn(pick, strength))
    return tuple(turns)


# -- drawing tries ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class Attempted:
    """One attempt. found: its measures."""

    won: bool
    share: float
    found: Mapping[str, Measure]


def players(level: SteeringLevel, bench: Bench, greedy: bool) -> Iterator[Played]:
    made = rehearse(level, bench, greedy)
    own = made.solution
    more = f", {sum(own.hits.steered)} of {len(own.hits)} replies count"
    first = attempted(level, level.goals, own.dials, as_written(level, own))
    yield Played(REFERENCE, (judged(level, first), *tries(level, [own])), more)
    for player, written in made.blind.items():
        yield Played(player, tries(level, written))
    each = {name: tries(level, [setting]) for name, setting in made.wrong.items()}
    told = [f", {name} {sum(one.won for one in drawn)}" for name, drawn in each.items()]
    if made.as_good:
        told.append(f"; as good as the solution: {', '.join(made.as_good)}")
    if each:
        yield Played(WRONG, tuple(one for drawn in each.values() for one in drawn), "".join(told))
    if greedy:
        found = tries(level, [made.greedy]) if made.greedy else (Try(False, 0, 0.0),)
        yield Played(GREEDY, found)


def tries(level: SteeringLevel, written: Sequence[Setting]) -> tuple[Try, ...]:
    return tuple(judged(level, each) for each in attempts(level, level.goals, written))


def attempts(
    level: SteeringLevel, goals: Sequence[Goal], written: Sequence[Setting]
) -> Iterator[Attempted]:
    """TRIES attempts, each with one of the settings, the same ones each time."""
    rng = random.Random(CHANCE_SEED)
    for _ in range(TRIES):
        setting = rng.choice(written)
        stands = standing_of(level, setting.dials, goals)
        hits = redrawn(setting.hits, stands, level.limit, rng)
        yield attempted(level, goals, setting.dials, hits)


def as_written(level: SteeringLevel, setting: Setting) -> Hits:
    """The replies of the attempt that a player sees who hands this in."""
    stands, hits = standing_of(level, setting.dials), setting.hits
    ends = range(ROUND, level.limit + 1, ROUND)
    return hits.first(
        next((n for n in ends if stands(hits.first(n).tallies) is not None), ends[-1])
    )


def attempted(level: SteeringLevel, goals: Sequence[Goal], dials: Dials, hits: Hits) -> Attempted:
    tallies = hits.tallies
    won = standing_of(level, dials, goals)(tallies) is True
    return Attempted(won, tallies.steered.share, found_in(level, dials, tallies))


def judged(level: SteeringLevel, attempt: Attempted) -> Try:
    value = attempt.found[level.stars.measure].value
    stars = level.stars.count(value, 0) if attempt.won else 0
    return Try(attempt.won, stars, 100 * attempt.share)
