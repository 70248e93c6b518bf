"""The proofs of many levels as one table, and what share of the levels each player wins.

Proves nothing itself.
"""

from collections.abc import Iterator, Sequence

from playground.levels.kinds import Level
from playground.levels.level import GREEDY, REFERENCE
from playground.levels.proving.proof import ProofLine

ROW = "{:<18} {:<9} {:>3}  {:<9} {:<7} {:<10} {:<7} {}"
HEAD = ROW.format("level", "kind", "min", REFERENCE, GREEDY, "random", "full", "verdict")
# Players without insight: what fills in a sheet without reading it, too.
BLIND = (
    "start",
    "nothing",
    "first option",
    "last option",
    "random",
    "full strength",
    "most common",
)


def table(levels: Sequence[Level], lines: Sequence[ProofLine]) -> Iterator[str]:
    """A head, a row for each level, a line for each player."""
    yield HEAD
    for level in levels:
        yield row(level, [line for line in lines if line.level == level.id])
    for player in (REFERENCE, GREEDY, *BLIND):
        tried = [line for line in lines if line.player == player]
        played = {line.level for line in tried}
        if played:
            share = sum(line.wins / line.tries for line in tried) / len(tried)
            yield f"{player}: wins {share:.1%} of its tries in {len(played)} levels"


def row(level: Level, lines: Sequence[ProofLine]) -> str:
    proven = bool(lines) and all(line.passed for line in lines)
    verdict = "proven" if proven else "FAILED"
    said = [wins(lines, player) for player in (REFERENCE, GREEDY, "random", "full strength")]
    return ROW.format(level.id, level.kind, level.minutes, *said, verdict)


def wins(lines: Sequence[ProofLine], player: str) -> str:
    """Of all deals together; a dash where the kind has no such player."""
    tried = [line for line in lines if line.player == player]
    if not tried:
        return "-"
    return f"{sum(line.wins for line in tried)}/{sum(line.tries for line in tried)}"
