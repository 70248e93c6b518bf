"""The address of a steering page, which keeps all that was typed and turned there: a reload,
a way back or another language leads to the same desk. Asks nobody."""

from collections.abc import Mapping, Sequence
from math import isfinite
from urllib.parse import urlencode

from markupsafe import Markup

from playground.levels.dealing.steering import SteeringLevel
from playground.levels.schema import Pick
from playground.screens.parts import frame, search
from playground.screens.render import macro
from playground.screens.stage import Stage

LEVEL, DIALS, FIND = "level", "dials", "find"  # names in the address


def draw(
    level: str, query: str, picks: Sequence[Pick | None], strengths: Sequence[float]
) -> Markup:
    """What has the browser show the address: dials as SITE/FEATURE/STRENGTH, one after the other,
    nothing for an empty one."""
    turned = [
        f"{frame.pick_key(pick)}/{strength:g}" if pick else ""
        for pick, strength in zip(picks, strengths, strict=False)
    ]
    said = {LEVEL: level, DIALS: ",".join(turned) if any(turned) else "", FIND: query}
    asked = urlencode({name: value for name, value in said.items() if value}, safe="/,")
    return macro(None, "frame:address", f"?{asked}")


def query(address: Mapping[str, str]) -> str:
    return address.get(FIND, "")


def dials(
    stage: Stage, level: SteeringLevel, address: Mapping[str, str]
) -> tuple[tuple[Pick | None, ...], tuple[float, ...]]:
    """A feature or None, and a strength, for each dial of the level. What this model has not is
    left out."""
    picks, strengths = list[Pick | None](), list[float]()
    for each in address.get(DIALS, "").split(",")[: level.slots]:
        key, _, strength = each.rpartition("/")
        known = search.known(stage, [key])
        picks.append(frame.pick_of(*key.split("/")) if known else None)
        strengths.append(number(strength, level.start_strength))
    missing = level.slots - len(picks)
    return (*picks, *[None] * missing), (*strengths, *[level.start_strength] * missing)


def number(said: str, otherwise: float) -> float:
    try:
        value = float(said)
    except ValueError:
        return otherwise
    return value if isfinite(value) else otherwise
