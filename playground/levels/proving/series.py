"""Counts how everybody fares in more deals of a level that asks than ship: deal by deal, on from
where the last count ended. Only the counts are kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from playground.levels.dealing.questions import AskLevel
from playground.levels.judging import Bench
from playground.levels.proving import fared
from playground.levels.proving.fared import Fared, Odds
from playground.levels.proving.proof import SEEDS, ProofLine, Rounds, check

DEALS = 20


@dataclass(frozen=True)
class CountedDeal:
    """One more deal. fared: in all of them so far; lines: in this one."""

    seed: int
    fared: Fared
    lines: tuple[ProofLine, ...]


def counted(
    level: AskLevel, bench: Bench, known: Fared | None, rounds: Rounds, deals: int = DEALS
) -> Iterator[CountedDeal]:
    """Deals from 0 that are not counted yet. known: what is kept of the level as it is now. A deal
    that this model has not enough for is one that nobody wins."""
    made = known if known and resumes(known) else None
    for seed in range(made.reference.tries if made else 0, deals):
        lines = tuple(check(level, bench, (seed,), rounds=rounds))
        found = fared.of(level, bench.edition, lines)
        found = found or Fared(level.version, bench.edition, Odds(0, 1))
        made = made.with_more(found) if made else found
        yield CountedDeal(seed, made, lines)


def resumes(known: Fared) -> bool:
    """Counts that were made before rules of thumb were counted begin anew."""
    return known.by_rule is not None or known.reference.tries > len(SEEDS)
