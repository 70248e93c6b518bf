"""Proves levels on a real model: the reference wins, and what is no insight loses.

Writes nothing.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from playground.errors import AuthorError, PlayerError
from playground.levels.dealing import questions
from playground.levels.dealing.questions import Answer, AskLevel, Sealed
from playground.levels.dealing.steering import SteeringLevel, Turn
from playground.levels.judging import Bench
from playground.levels.kinds import Level, hunt
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.playable import Reason
from playground.levels.proving import bots
from playground.levels.proving.bots import played
from playground.levels.schema import Pick

REFERENCE_STARS = 2  # at least
GUESSES = 40  # features drawn by chance in a hunt level
GUESS_RUNS = 3  # the same in a level that is steered, where each must be written out
REFERENCE, GREEDY = "reference", "greedy"
TEXTS = "texts"  # of a hunt's solution: that the player would see the feature fire in them
PLAYABLE = "playable"  # what is wanted of a level that the model lacks something for
LUCKY = 0.05  # share of guesses that may win
SEED = 7
SEEDS = (0, 1, 2)  # deals of a level that asks
ANSWER_SHEETS = 200  # filled in by chance


@dataclass(frozen=True)
class Line:
    """One player tried on one level.

    figure: the kind's measure, 0..100, of the best of its tries; wins: how many of them won.
    """

    level: str
    player: str
    wanted: str
    found: str
    figure: float
    passed: bool
    wins: int = 0
    tries: int = 1


def reason(level: Level, lines: Sequence[Line]) -> Reason | None:
    """Why these proofs say that a level is not playable; None where it is. On a model that the
    level was not fitted to it is enough that the reference wins at all."""
    failed = [line for line in lines if line.level == level.id and not line.passed]
    if any(line.wanted == PLAYABLE for line in failed):
        return "lacking"
    if any(line.player == REFERENCE and not line.wins for line in failed):
        return "lost"
    return "blind" if any(line.player not in (REFERENCE, TEXTS) for line in failed) else None


def check(
    level: Level, bench: Bench, seeds: Sequence[int] = SEEDS, greedy: bool = True
) -> Iterator[Line]:
    """Line by line, as they are known. seeds: deals of a level that asks; what is hunted or steered
    is the same for every player and each time. greedy: also tell how a greedy player does.

    A level that this model cannot play gives one failed line.
    """
    try:
        if isinstance(level, HuntLevel):
            yield from check_hunt(level, bench, greedy)
        elif isinstance(level, SteeringLevel):
            yield from check_steer(level, bench, greedy)
        elif isinstance(level, AskLevel):
            for seed in seeds:
                yield from check_ask(level, bench, seed, greedy)
    except (AuthorError, PlayerError) as error:
        yield Line(level.id, REFERENCE, PLAYABLE, str(error), 0.0, False)


def draw(level: Level, bench: Bench, count: int) -> list[Pick]:
    """Features by chance, at the level's sites."""
    rng = random.Random(SEED)
    sites = [bench.engine.sites[name] for name in level.sites if name in bench.engine.sites]
    chosen = [rng.choice(sites) for _ in range(count)]
    return [Pick(site.name, rng.choice(bench.atlas.features(site.name))) for site in chosen]


def solved_line(level: str, stars: int, figure: float, more: str = "") -> Line:
    """The reference has to win with stars to spare."""
    passed = stars >= REFERENCE_STARS
    found = f"{stars} stars{more}"
    return Line(level, REFERENCE, f"{REFERENCE_STARS} stars", found, figure, passed, stars > 0)


def greedy_line(level: str, won: bool, figure: float, more: str = "") -> Line:
    """Reported, and no proof: whether somebody wins who goes by first looks."""
    found = f"{'won' if won else 'lost'}{more}"
    return Line(level, GREEDY, "told, not asked", found, figure, True, int(won))


def loses(level: str, player: str, wins: int, tries: int, figure: float) -> Line:
    allowed = int(LUCKY * tries)
    wanted = f"wins at most {allowed} of {tries}" if tries > 1 else "loses"
    found = f"won {int(wins)} of {tries}"
    return Line(level, player, wanted, found, figure, wins <= allowed, int(wins), tries)


# -- levels that ask ------------------------------------------------------------------------------
def check_ask(level: AskLevel, bench: Bench, seed: int, greedy: bool = True) -> Iterator[Line]:
    dealt = level.deal(bench, seed)

    def wins(sheets: Sequence[Sequence[Answer]]) -> tuple[int, float]:
        verdicts = [questions.judge(level, dealt, sheet) for sheet in sheets]
        return sum(each.won for each in verdicts), max(each.score for each in verdicts)

    solved = questions.judge(level, dealt, [each.solution for each in dealt])
    yield solved_line(level.id, solved.stars, solved.score, f", deal {seed}")
    rng = random.Random(SEED)
    strangers = [text.text for text in bench.strangers(level.concept)]
    sheets: dict[str, list[list[Answer]]] = {
        "nothing": [[None] * len(dealt)],
        "first option": [[chosen(each, strangers, lambda n: 0) for each in dealt]],
        "last option": [[chosen(each, strangers, lambda n: n - 1) for each in dealt]],
        "random": [
            [chosen(each, strangers, rng.randrange) for each in dealt] for _ in range(ANSWER_SHEETS)
        ],
    }
    for player, filled in sheets.items():
        won, best = wins(filled)
        yield loses(level.id, player, won, len(filled), best)
    if greedy:
        guessed = questions.judge(level, dealt, [each.guess for each in dealt])
        yield greedy_line(level.id, guessed.won, guessed.score, f", deal {seed}")


def chosen(sealed: Sealed, strangers: Sequence[str], draw: Callable[[int], int]) -> Answer:
    """An option by `draw`, or for a written answer some text about something else."""
    question = sealed.question
    if question.form != "write":
        return draw(question.choices)
    words = strangers[draw(len(strangers))].split()
    return " ".join(words[: question.words])


# -- hunt ------------------------------------------------------------------------------------------
def check_hunt(level: HuntLevel, bench: Bench, greedy: bool = True) -> Iterator[Line]:
    detector = hunt.reference(level, bench.atlas)
    pick = Pick(detector.site, detector.feature)
    verdict = hunt.judge(level, bench, pick)
    yield solved_line(level.id, verdict.stars, 100 * verdict.auroc)
    yield reachable(level, bench, pick)
    exam = bench.exam(level.concept, pick.site)
    silent = next((f for f in range(len(exam.peaks) + 1) if f not in exam.peaks), None)
    if silent is not None:
        nothing = hunt.judge(level, bench, Pick(pick.site, silent))
        yield loses(level.id, "nothing", nothing.won, 1, 100 * nothing.auroc)
    # Fires in the most texts: what a player takes who only looks at what is bright.
    common = max(exam.peaks, key=lambda feature: sum(p > 0 for p in exam.peaks[feature]))
    everywhere = hunt.judge(level, bench, Pick(pick.site, common))
    yield loses(level.id, "most common", everywhere.won, 1, 100 * everywhere.auroc)
    guesses = [hunt.judge(level, bench, guess) for guess in draw(level, bench, GUESSES)]
    wins = sum(guess.won for guess in guesses)
    yield loses(level.id, "random", wins, GUESSES, 100 * max(guess.auroc for guess in guesses))
    if greedy:
        found = bots.best_hunt(level, bench)
        yield greedy_line(level.id, bool(found and found.won), 100 * found.auroc if found else 0.0)


def reachable(level: HuntLevel, bench: Bench, pick: Pick) -> Line:
    """The texts of the solution must make the detector fire where the player would see it."""
    readings = bench.engine.read(level.solution.write, pick.site)
    fires = sum(any(reading.features.trail(pick.feature)) for reading in readings)
    found = f"fires in {fires} of {len(readings)} texts"
    share = 100 * fires / len(readings)
    return Line(level.id, TEXTS, "every text fires", found, share, fires == len(readings))


# -- steer -----------------------------------------------------------------------------------------
def check_steer(level: SteeringLevel, bench: Bench, greedy: bool = True) -> Iterator[Line]:
    solution = level.reference(bench.atlas)
    won = played(level, bench, solution)
    more = f", damage {won.steered.damage:.0f}, lead {won.lead:.0f}"
    yield solved_line(level.id, won.stars, won.score, more)
    low, high = level.limits
    tries = {
        "start": [level.started(solution)],
        "nothing": [level.idle(solution)],
        # A level whose dials have nothing to turn is at full strength when it is solved.
        "full strength": [level.full(solution)] if low < high else [],
        "random": strangers(level, bench, solution),
    }
    for player, turns in tries.items():
        if turns:
            verdicts = [played(level, bench, each) for each in turns]
            wins = sum(verdict.won for verdict in verdicts)
            best = max(verdict.score for verdict in verdicts)
            yield loses(level.id, player, wins, len(verdicts), best)
    if greedy:
        best = bots.steered(level, bench)
        yield greedy_line(level.id, bool(best and best.won), best.score if best else 0.0)


def strangers(
    level: SteeringLevel, bench: Bench, solution: Sequence[Turn]
) -> list[tuple[Turn, ...]]:
    """The solution's strengths on features by chance."""
    size = len(solution)
    drawn = draw(level, bench, GUESS_RUNS * size)
    guesses = [drawn[start : start + size] for start in range(0, len(drawn), size)]
    # The same feature drawn twice is one dial: no level takes it on two.
    strengths = [dict(zip(picks, [t.strength for t in solution], strict=True)) for picks in guesses]
    return [tuple(Turn(pick, each[pick]) for pick in each) for each in strengths]
