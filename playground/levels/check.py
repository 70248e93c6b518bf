"""Proves levels on a real model: the reference wins, and what is no insight loses.

Writes nothing.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playground.errors import AuthorError
from playground.levels.bench import Bench
from playground.levels.kinds import Level, find, steer
from playground.levels.kinds.find import FindLevel
from playground.levels.kinds.steer import SteerLevel, SteerVerdict
from playground.levels.schema import Pick

REFERENCE_STARS = 2  # at least
GUESSES = 40  # features drawn by chance in a find level
GUESS_RUNS = 3  # the same in a steer level, where each must be written out
LUCKY = 0.05  # share of guesses that may win
SEED = 7


@dataclass(frozen=True)
class Line:
    """One player tried on one level.

    figure: the kind's measure, 0..100, of the best of its tries.
    """

    level: str
    player: str
    wanted: str
    found: str
    figure: float
    passed: bool


def check(level: Level, bench: Bench) -> Iterator[Line]:
    """Line by line, as they are known.

    A level that this model cannot play gives one failed line.
    """
    try:
        if isinstance(level, FindLevel):
            yield from check_find(level, bench)
        else:
            yield from check_steer(level, bench)
    except AuthorError as error:
        yield Line(level.id, "reference", "playable", str(error), 0.0, False)


def draw(level: Level, bench: Bench, count: int) -> list[Pick]:
    """Features by chance, at the level's sites."""
    rng = random.Random(SEED)
    sites = [bench.engine.sites[name] for name in level.sites if name in bench.engine.sites]
    chosen = [rng.choice(sites) for _ in range(count)]
    return [Pick(site.name, rng.randrange(site.width)) for site in chosen]


def loses(level: str, player: str, wins: int, tries: int, figure: float) -> Line:
    allowed = int(LUCKY * tries)
    wanted = f"wins at most {allowed} of {tries}" if tries > 1 else "loses"
    return Line(level, player, wanted, f"won {int(wins)} of {tries}", figure, wins <= allowed)


# -- find ------------------------------------------------------------------------------------------
def check_find(level: FindLevel, bench: Bench) -> Iterator[Line]:
    detector = find.reference(level, bench.atlas)
    pick = Pick(detector.site, detector.feature)
    verdict = find.judge(level, bench, pick)
    passed = verdict.stars >= REFERENCE_STARS
    found = f"{verdict.stars} stars"
    yield Line(
        level.id, "reference", f"{REFERENCE_STARS} stars", found, 100 * verdict.auroc, passed
    )
    yield reachable(level, bench, pick)
    exam = bench.exam(level.concept, pick.site)
    silent = next((f for f in range(len(exam.peaks) + 1) if f not in exam.peaks), None)
    if silent is not None:
        nothing = find.judge(level, bench, Pick(pick.site, silent))
        yield loses(level.id, "nothing", nothing.won, 1, 100 * nothing.auroc)
    # Fires in the most texts: what a player takes who only looks at what is bright.
    common = max(exam.peaks, key=lambda feature: sum(p > 0 for p in exam.peaks[feature]))
    everywhere = find.judge(level, bench, Pick(pick.site, common))
    yield loses(level.id, "most common", everywhere.won, 1, 100 * everywhere.auroc)
    guesses = [find.judge(level, bench, guess) for guess in draw(level, bench, GUESSES)]
    wins = sum(guess.won for guess in guesses)
    yield loses(level.id, "random", wins, GUESSES, 100 * max(guess.auroc for guess in guesses))


def reachable(level: FindLevel, bench: Bench, pick: Pick) -> Line:
    """The texts of the solution must make the detector fire where the player would see it."""
    readings = bench.engine.read(level.solution.write, pick.site)
    fires = sum(any(find.trail(reading, pick.feature)) for reading in readings)
    found = f"fires in {fires} of {len(readings)} texts"
    share = 100 * fires / len(readings)
    return Line(level.id, "texts", "every text fires", found, share, fires == len(readings))


# -- steer -----------------------------------------------------------------------------------------
def check_steer(level: SteerLevel, bench: Bench) -> Iterator[Line]:
    pick, strength = steer.reference(level, bench.atlas)
    won = played(level, bench, pick, strength)
    passed = won.stars >= REFERENCE_STARS
    found = f"{won.stars} stars, damage {won.steered.damage:.0f}, lead {won.lead:.0f}"
    yield Line(
        level.id, "reference", f"{REFERENCE_STARS} stars", found, won.steered.steering, passed
    )
    tries: list[tuple[str, Callable[[], list[SteerVerdict]]]] = [
        ("start", lambda: [played(level, bench, pick, level.start_strength)]),
        ("nothing", lambda: [played(level, bench, pick, 0.0)]),
        ("full strength", lambda: [played(level, bench, pick, level.max_strength)]),
        (
            "random",
            lambda: [played(level, bench, p, strength) for p in draw(level, bench, GUESS_RUNS)],
        ),
    ]
    for player, run in tries:
        verdicts = run()
        wins = sum(verdict.won for verdict in verdicts)
        best = max(verdict.steered.steering for verdict in verdicts)
        yield loses(level.id, player, wins, len(verdicts), best)


def played(level: SteerLevel, bench: Bench, pick: Pick, strength: float) -> SteerVerdict:
    """One attempt, written out to the end."""
    run = steer.run(level, bench, steer.dial_of(level, bench.atlas, pick, strength))
    while True:
        try:
            next(run)
        except StopIteration as end:
            return steer.judge(level, bench, end.value)
