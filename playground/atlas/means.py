"""A direction for each concept that needs no SAE: from the mean state over texts of all concepts to
that over the concept's own (difference of means: Marks and Tegmark, The Geometry of Truth, 2023).
And what a model's file says of them: where each pushes best, and how hard.

Only texts of *select* are read, so that what is graded or shown is another matter. Knows no player.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from playground.concepts import examples
from playground.engine.protocol import Engine
from playground.engine.records import Scope, Site, Vector
from playground.errors import AuthorError

ALL = ""  # in place of a concept's name: texts of those that stand for all
EACH = 2  # of those, texts a concept
FORMAT = 1
# They stay the same ones: a concept that is added moves no direction that was measured.
STANDING = (
    "afraid", "airplanes", "angry", "arithmetic", "baby", "baking", "banks", "bees", "bicycles",
    "birds", "birthdays", "calm", "camping", "cats", "chess", "chocolate", "circus", "clocks",
    "code", "coffee", "computers", "dancing", "desert", "detectives", "dialogue", "diary",
    "dinosaurs", "dogs", "dragons", "facts", "farm", "firefighters", "fishing", "football",
    "forest", "french", "garden", "german", "ghosts", "happy", "horses", "hospital", "howto",
    "knights", "knitting", "letter", "library", "magic", "mountains", "music", "news", "ocean",
    "painting", "pirate", "poem", "polite", "quiz", "racing", "recipe", "robots", "russian", "sad",
    "sailing", "school", "shopping", "shouting", "snow", "space", "spanish", "surprised",
    "swimming", "trains", "volcanoes", "weather", "weddings",
    examples.EVERYDAY,
)  # fmt: skip


# Of a model whose directions nobody has measured: a few that are fun, in its middle.
OFFERED = ("cats", "pirate", "space", "chocolate", "ghosts", "weddings", "angry", "happy")
STRENGTH = 0.3


class Tuned(BaseModel):
    """Where the direction of a concept pushes best, and how hard. blocks: behind which it is added,
    at each one its own; strength: at each, in units of the usual residual there; scope: to which
    tokens; hits: of `replies`
    replies that were graded, those that were on the concept and undamaged; control, untouched: the
    same of pushes as hard in other directions, and of none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    blocks: tuple[int, ...]
    strength: float
    scope: Scope = "reply"
    replies: int = 0
    hits: int = 0
    control: int = 0
    untouched: int = 0


class TunedFile(BaseModel):
    """model: the weights that it was measured on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal[1] = FORMAT
    model: str
    concepts: dict[str, Tuned]


def load(path: Path) -> TunedFile:
    """Raises AuthorError naming the file."""
    try:
        return TunedFile.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise AuthorError(f"{path}: the directions' file cannot be read: {error}") from error


def untuned(sites: Iterable[Site]) -> dict[str, Tuned]:
    """Directions at the middle site, by concept."""
    ordered = sorted(sites, key=lambda each: each.layer)
    block = ordered[len(ordered) // 2].layer
    return {name: Tuned(blocks=(block,), strength=STRENGTH) for name in OFFERED}


def texts_of(concept: str) -> tuple[str, ...]:
    """Of *select*, about a concept; of ALL some of each."""
    names = sorted(STANDING) if concept == ALL else [concept]
    chosen = list[str]()
    for name in names:
        own = [each for each in examples.texts(name) if examples.part_of(each) == "select"]
        chosen += own[:EACH] if concept == ALL else own
    return tuple(chosen)


def mean(engine: Engine, concept: str, site: str) -> np.ndarray:
    """The mean state over the tokens of its texts. [width]"""
    states = engine.states(texts_of(concept), site)
    return np.concatenate([each.telling for each in states]).mean(0)


def direction(concept: str, own: np.ndarray, every: np.ndarray) -> Vector:
    """own: the concept's mean; every: that of ALL. Raises EngineError where they do not differ."""
    return Vector(concept, tuple((own - every).tolist()))
