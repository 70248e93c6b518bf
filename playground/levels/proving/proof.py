"""Proves levels on a real model: the reference wins, and what is no insight loses.

Knows no kind: who plays a level, and how, its family says. Writes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from playground.errors import AuthorError, PlayerError
from playground.levels.dealing.questions import AskLevel, Sealed
from playground.levels.judging import Bench
from playground.levels.level import GREEDY, REFERENCE, TEXTS, THUMB, WRONG, Level, Played
from playground.levels.playable import Reason
from playground.levels.proving import ruled
from playground.text.words import Words

REFERENCE_STARS = 2  # at least, in the try that a player would see
SURE = 0.95  # share of its tries that the reference wins
PLAYABLE = "playable"  # what is wanted of a level that the model lacks something for
LUCKY = 0.05  # share of guesses that may win
HALF_RIGHT = 0.2  # share of plausible wrong answers that may
SEEDS = (0, 1, 2)  # deals of a level that asks


@dataclass(frozen=True)
class ProofLine:
    """One player tried on one level.

    figure: the kind's measure, 0..100, of the best of its tries; wins: how many of them won; rules:
    of rules of thumb how many rounds each won.
    """

    level: str
    player: str
    wanted: str
    found: str
    figure: float
    passed: bool
    wins: int = 0
    tries: int = 1
    rules: Mapping[str, int] = field(default_factory=dict)


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
        if isinstance(level, AskLevel):
            yield from dealt_lines(level, bench, seeds, greedy, rounds)
        else:
            for played in level.players(bench, seeds[0], greedy):
                yield line(level.id, played)
    except (AuthorError, PlayerError) as error:
        lacks = Words.load().said(error.said) if isinstance(error, PlayerError) else str(error)
        yield ProofLine(level.id, REFERENCE, PLAYABLE, lacks, 0.0, False)


def dealt_lines(
    level: AskLevel, bench: Bench, seeds: Sequence[int], greedy: bool, rounds: Rounds | None
) -> Iterator[ProofLine]:
    """Deal by deal; how rules of thumb fared in all of them, last."""
    won, count = dict[str, int](), 0
    for seed in seeds:
        dealt = rounds.questions(level, seed) if rounds else tuple(level.deal(bench, seed))
        for played in level.played(bench, seed, dealt, greedy):
            yield line(level.id, played)
        found = ruled.won(level, bench, dealt)
        count += bool(found)
        won = ruled.together(won, found)
    if count:
        yield by_rule(level, won, count)


def by_rule(level: AskLevel, won: Mapping[str, int], deals: int) -> ProofLine:
    """won: rounds that each rule won, of so many. What is there to see may tell the answer; no
    other rule may win so often that it is more than luck."""
    allowed = ruled.most(deals)
    best = max((rule for rule in won if rule not in level.telling), key=lambda rule: won[rule])
    wins = won[best]
    wanted = f"each wins at most {allowed} of {deals}"
    told = f"won {wins} of {deals}" + (f" ({best})" if wins else "")
    figure = 100 * wins / deals
    return ProofLine(level.id, THUMB, wanted, told, figure, wins <= allowed, wins, deals, won)


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
