"""How the players of a level's proof fared, kept beside the levels: the level's page says how
likely a wrong answer passes, docs/levels.md says it of all. Proves nothing itself.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from playground.errors import AuthorError
from playground.levels.dealing.questions import AskLevel
from playground.levels.intervals import Interval, wilson
from playground.levels.kinds import Level
from playground.levels.level import RANDOM, REFERENCE, THUMB, WRONG
from playground.levels.proving import ruled
from playground.levels.proving.proof import PLAYABLE, ProofLine

FILE = "fared.json"  # beside the levels


@dataclass(frozen=True)
class Odds:
    """So many of so many tries won."""

    wins: int
    tries: int

    @property
    def interval(self) -> Interval:
        """Where the chance to win may lie, 0..1."""
        return wilson(self.wins, self.tries)

    def __str__(self) -> str:
        return f"{self.wins} of {self.tries}"

    def __add__(self, other: "Odds") -> "Odds":
        return Odds(self.wins + other.wins, self.tries + other.tries)


@dataclass(frozen=True)
class ByRule:
    """How many of so many rounds each rule of thumb won; rules that won none are not kept."""

    wins: Mapping[str, int]
    rounds: int

    def best(self, level: Level) -> tuple[str, int]:
        """What won most and is not what the level is about, with its wins; none for no rule."""
        telling = level.telling if isinstance(level, AskLevel) else ()
        found = {rule: wins for rule, wins in self.wins.items() if rule not in telling}
        return max(found.items(), key=lambda each: each[1], default=("", 0))

    def __add__(self, other: "ByRule") -> "ByRule":
        wins = ruled.together(self.wins, other.wins)
        return ByRule(wins, self.rounds + other.rounds)


@dataclass(frozen=True)
class Fared:
    """version: of the level; atlas: what it was proven with. reference: the solution; by_chance:
    answers without looking; half_right: answers of somebody who understood half of it, where the
    kind has such; by_rule: rules of thumb, where options are to be chosen."""

    version: str
    atlas: str | None
    reference: Odds
    by_chance: Odds | None = None
    half_right: Odds | None = None
    by_rule: ByRule | None = None

    def with_more(self, other: "Fared") -> "Fared":
        """Together with other deals of the same level."""
        return replace(
            self,
            reference=self.reference + other.reference,
            by_chance=both(self.by_chance, other.by_chance),
            half_right=both(self.half_right, other.half_right),
            by_rule=both(self.by_rule, other.by_rule),
        )


Counts = TypeVar("Counts", Odds, ByRule)


def both(one: Counts | None, other: Counts | None) -> Counts | None:
    if one is None or other is None:
        return one or other
    return one + other


FORM = TypeAdapter(dict[str, Fared])


def of(level: Level, atlas: str | None, lines: Sequence[ProofLine]) -> Fared | None:
    """None where the level could not be played."""

    def odds(player: str) -> Odds | None:
        own = [each for each in lines if (each.level, each.player) == (level.id, player)]
        tried = [each for each in own if each.wanted != PLAYABLE]
        wins, tries = sum(e.wins for e in tried), sum(e.tries for e in tried)
        return Odds(wins, tries) if tried else None

    reference = odds(REFERENCE)
    if reference is None:
        return None
    rules = [e for e in lines if (e.level, e.player) == (level.id, THUMB)]
    by_rule = rule_counts(rules[0]) if rules else None
    return Fared(level.version, atlas, reference, odds(RANDOM), odds(WRONG), by_rule)


def rule_counts(line: ProofLine) -> ByRule:
    return ByRule({rule: wins for rule, wins in line.rules.items() if wins}, line.tries)


def write(folder: Path, found: Mapping[str, Fared]) -> None:
    """Beside what is kept of other levels. What was counted in more deals of one stays."""
    kept = dict(read(folder))
    kept.update((id, each) for id, each in found.items() if not fuller(kept.get(id), each))
    told = {id: asdict(kept[id]) for id in sorted(kept)}
    rows = (f"{json.dumps(id)}: {json.dumps(row)}" for id, row in told.items())
    text = ",\n".join(rows)
    (folder / FILE).write_text(f"{{\n{text}\n}}\n", encoding="utf-8")


def fuller(known: Fared | None, other: Fared) -> bool:
    """Whether more is known than another count of the same level says."""
    if known is None or (known.version, known.atlas) != (other.version, other.atlas):
        return False
    ruled_anew = known.by_rule is None and other.by_rule is not None
    return known.reference.tries > other.reference.tries and not ruled_anew


def read(folder: Path) -> Mapping[str, Fared]:
    """By level; none where nothing was proven yet. Raises AuthorError for a damaged file."""
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        return FORM.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise AuthorError(
            f"{path}: how the proofs ended cannot be read ({error}); remove it, and make it again "
            "with `python -m playground.levels check`"
        ) from error


def current(
    found: Mapping[str, Fared], levels: Iterable[Level], atlas: str | None
) -> dict[str, Fared]:
    """What still holds: of levels as they are now, with the atlas that is played."""
    return {
        level.id: found[level.id]
        for level in levels
        if level.id in found
        and (found[level.id].version, found[level.id].atlas) == (level.version, atlas)
    }
