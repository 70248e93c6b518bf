"""How the players of a level's proof fared, kept beside the levels: the level's page says how
likely a wrong answer passes, docs/levels.md says it of all. Proves nothing itself.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from playground.errors import AuthorError
from playground.levels.intervals import Interval, wilson
from playground.levels.kinds import Level
from playground.levels.level import RANDOM, REFERENCE, WRONG
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


@dataclass(frozen=True)
class Fared:
    """version: of the level; atlas: what it was proven with. reference: the solution; by_chance:
    answers without looking; half_right: answers of somebody who understood half of it, where the
    kind has such."""

    version: str
    atlas: str | None
    reference: Odds
    by_chance: Odds | None = None
    half_right: Odds | None = None


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
    return Fared(level.version, atlas, reference, odds(RANDOM), odds(WRONG))


def write(folder: Path, found: Mapping[str, Fared]) -> None:
    """Beside what is kept of other levels."""
    kept = {**read(folder), **found}
    told = {id: asdict(kept[id]) for id in sorted(kept)}
    rows = (f"{json.dumps(id)}: {json.dumps(row)}" for id, row in told.items())
    text = ",\n".join(rows)
    (folder / FILE).write_text(f"{{\n{text}\n}}\n", encoding="utf-8")


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
