"""Proves levels on a real model: the reference wins, and what is no insight loses.

Knows no kind: who plays a level, and how, its family says. Writes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from playground.errors import AuthorError, PlayerError
from playground.levels.dealing.questions import AskLevel, Sealed
from playground.levels.judging import Bench
from playground.levels.level import GREEDY, REFERENCE, TEXTS, WRONG, Level, Played
from playground.levels.playable import Reason

REFERENCE_STARS = 2  # at least, in the try that a player would see
SURE = 0.95  # share of its tries that the reference wins
PLAYABLE = "playable"  # what is wanted of a level that the model lacks something for
LUCKY = 0.05  # share of guesses that may win
HALF_RIGHT = 0.2  # share of plausible wrong answers that may
SEEDS = (0, 1, 2)  # deals of a level that asks


@dataclass(frozen=True)
class ProofLine:
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


def reason(level: Level, lines: Sequence[ProofLine]) -> Reason | None:
    """Why these proofs say that a level is not playable; None where it is. On a model that the
    level was not fitted to it is enough that the reference wins in half of its tries, and what is
    half right may win."""
    failed = [line for line in lines if line.level == level.id and not line.passed]
    if any(line.wanted == PLAYABLE for line in failed):
        return "lacking"
    if any(line.player == REFERENCE and 2 * line.wins < line.tries for line in failed):
        return "lost"
    blind = (line for line in failed if line.player not in (REFERENCE, TEXTS, WRONG))
    return "blind" if any(blind) else None


def detail(level: Level, lines: Sequence[ProofLine]) -> str:
    """What was found where the reason for which a level is not playable was."""
    failed = [line for line in lines if line.level == level.id and not line.passed]
    first = min(failed, key=lambda line: (line.wanted != PLAYABLE, line.player != REFERENCE))
    if first.wanted == PLAYABLE:
        return first.found.removeprefix(f"level {level.id}: ")
    return f"{first.player}: {first.found}, where wanted: {first.wanted}"


class Rounds(Protocol):
    """Rounds that were dealt before."""

    def questions(self, level: AskLevel, seed: int) -> Sequence[Sealed]: ...


def check(
    level: Level,
    bench: Bench,
    seeds: Sequence[int] = SEEDS,
    greedy: bool = True,
    rounds: Rounds | None = None,
) -> Iterator[ProofLine]:
    """Line by line, as they are known. seeds: deals of a level that asks; what is hunted or steered
    is the same for every player and each time. greedy: also tell how a greedy player does. rounds:
    what a level that asks is proven on, such as the rounds that ship; else it is dealt anew.

    A level that this model cannot play gives one failed line.
    """
    try:
        for seed in seeds if level.dealt else seeds[:1]:
            for played in players(level, bench, seed, greedy, rounds):
                yield line(level.id, played)
    except (AuthorError, PlayerError) as error:
        yield ProofLine(level.id, REFERENCE, PLAYABLE, str(error), 0.0, False)


def players(
    level: Level, bench: Bench, seed: int, greedy: bool, rounds: Rounds | None
) -> Iterator[Played]:
    if rounds is not None and isinstance(level, AskLevel):
        return level.played(bench, seed, rounds.questions(level, seed), greedy)
    return level.players(bench, seed, greedy)


def line(level: str, played: Played) -> ProofLine:
    """The reference has to win with stars to spare; its texts all have to make the feature fire;
    a greedy player is reported, and no proof; everybody else has to lose."""
    wins, tries = sum(each.won for each in played.tries), len(played.tries)
    figure = max(each.figure for each in played.tries)
    allowed = int((HALF_RIGHT if played.player == WRONG else LUCKY) * tries)
    if played.player == REFERENCE:
        stars = played.tries[0].stars
        wanted, found = f"{REFERENCE_STARS} stars", f"{stars} stars"
        if tries > 1:
            found = f"won {wins} of {tries}, {found}"
        passed = stars >= REFERENCE_STARS and wins >= SURE * tries
    elif played.player == TEXTS:
        wanted, found = "every text fires", f"fires in {wins} of {tries} texts"
        figure, passed = 100 * wins / tries, wins == tries
    elif played.player == GREEDY:
        wanted, found, passed = "told, not asked", "won" if wins else "lost", True
    else:
        wanted = f"wins at most {allowed} of {tries}" if tries > 1 else "loses"
        found, passed = f"won {wins} of {tries}", wins <= allowed
    return ProofLine(level, played.player, wanted, found + played.more, figure, passed, wins, tries)
