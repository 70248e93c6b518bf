"""Which levels a model can play, as `levels check` found out: kept beside the model's atlas, read
when a game is opened. A level that was edited since, or an atlas made anew, counts as unchecked.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, cast, get_args

from playground.atlas import tables
from playground.errors import AuthorError
from playground.levels.kinds import Level
from playground.models import registry
from playground.models.registry import Chosen

# lacking: the atlas has nothing to play it with; lost: the reference solution does not win; blind:
# somebody wins who does nothing, everything or anything; bare: the model has no SAEs, so that no
# check is needed; unproven: nobody has tried it on a model that ships; mute: it is about how a
# model talks, and this one does not.
Reason = Literal["lacking", "lost", "blind", "bare", "unproven", "mute"]
REASONS: tuple[Reason, ...] = get_args(Reason)
FILE = "levels.json"
FORMAT = 2


@dataclass(frozen=True)
class Playable:
    """missing: why not, by id of a level that cannot be played. checked: ids that were tried."""

    missing: Mapping[str, Reason] = field(default_factory=dict)
    checked: frozenset[str] = frozenset()


def write(atlas: Path, found: Iterable[tuple[Level, Reason | None]]) -> None:
    """Beside what was found before about other levels of the same atlas."""
    now = {level.id: {"version": level.version, "reason": reason} for level, reason in found}
    kept = {"format": FORMAT, "atlas": tables.edition(atlas), "levels": rows(atlas) | now}
    tables.write_json(atlas / FILE, kept)


def read(atlas: Path, levels: Iterable[Level]) -> Playable:
    """Raises AuthorError for a file that is no JSON of this sort."""
    found = rows(atlas)
    checked = {
        level.id: found[level.id]["reason"]
        for level in levels
        if level.id in found and found[level.id]["version"] == level.version
    }
    why = cast(dict[str, Reason | None], checked)
    missing: dict[str, Reason] = {id: each for id, each in why.items() if each}
    return Playable(missing, frozenset(checked))


def of(chosen: Chosen, levels: Iterable[Level]) -> Playable:
    """What a model can play."""
    every = list(levels)
    if chosen.card.atlas:
        found = shipped(chosen.atlas, every, chosen.name)
    else:
        found = read(chosen.atlas, every)
    if chosen.card.chat:
        return found
    talk = {name for name, card in registry.load().models.items() if card.chat}
    mute = (each.id for each in every if each.written_on in talk)
    return replace(found, missing={**found.missing, **dict.fromkeys(mute, "mute")})


def shipped(atlas: Path, levels: Iterable[Level], model: str) -> Playable:
    """The same of a model that ships: what was written on another and not tried on this one is
    missing too."""
    every = list(levels)
    found = read(atlas, every)
    untried = (
        each.id for each in every if each.written_on != model and each.id not in found.checked
    )
    return replace(found, missing={**dict.fromkeys(untried, "unproven"), **found.missing})


def rows(atlas: Path) -> dict[str, dict[str, str | None]]:
    """By level; none where the file is missing or speaks of another atlas."""
    path = atlas / FILE
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] != FORMAT or found["atlas"] != tables.edition(atlas):
            return {}
        levels: dict[str, dict[str, str | None]] = found["levels"]
        wrong = [each for each in levels.values() if each["reason"] not in (None, *REASONS)]
        if wrong or not all(isinstance(each["version"], str) for each in levels.values()):
            raise ValueError("a reason or a version that nobody wrote")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise AuthorError(
            f"{path}: not the findings of a check ({error}); make them again with "
            "`python -m playground levels check`"
        ) from error
    return levels
