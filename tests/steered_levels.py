"""Levels of the steered kinds for the fake model, and a player who writes them out."""

from typing import Any

from playground.levels.dealing import steering
from playground.levels.dealing.steered import SteerVerdict, Turn
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.judging import Bench
from playground.levels.kinds import KINDS
from playground.levels.kinds.steer import SteerLevel, SteerSolution
from playground.levels.schema import Goal, LevelBase, Pick, Stars
from playground.levels.shelf import Chapter, Shelf

HINTS = {"nudge": "Look.", "method": "Turn.", "answer": "Turn {dials}."}
FIELDS: dict[str, dict[str, Any]] = {
    "golf": {"stars": {"measure": "thrift", "two": 50, "three": 70}, "start_strength": 2.0},
    "suppress": {
        "goals": ({"measure": "share", "at_least": 0.6, "says": "No chocolate."},),
        "prompts": ("a mug of cocoa and",),
        "scope": "all",
        "solution": {"role": "detector"},
    },
    "blend": {
        "concepts": ("cats",),
        "solution": {"role": "recipe", "strengths": (1.0, 1.0)},
    },
}


def variant(plain: LevelBase, kind: str, **fields: Any) -> Any:
    """A steer level's file as another kind of the family."""
    own = {"id": kind, "kind": kind, "needs": (), "hints": HINTS, **FIELDS[kind], **fields}
    return KINDS[kind].model_validate({**plain.model_dump(), **own})


def plain_steer(shelf: Shelf) -> SteerLevel:
    """The chocolate level as the fake model plays it: by its one detector, on the opening, and
    judged like this whatever the course asks for."""
    level = shelf.level("steer-chocolate")
    assert isinstance(level, SteerLevel)
    own = {
        "sites": ("early", "late"),
        "scope": "opening",
        "limit": 24,
        "goals": (
            Goal(measure="share", at_least=0.3, says="Chocolate."),
            Goal(measure="lead", at_least=0.0, says="By no other push."),
        ),
        "stars": Stars(measure="share", two=0.6, three=0.8),
        "solution": SteerSolution(role="detector"),
    }
    return level.model_copy(update=own)


def with_steered(shelf: Shelf) -> Shelf:
    """The shelf with one more chapter: a level of each kind, named after it."""
    plain = plain_steer(shelf)
    chapter = Chapter(slug="more", title="More", blurb="More.", levels=tuple(FIELDS))
    made = tuple(variant(plain, kind) for kind in FIELDS)
    return Shelf((*shelf.chapters, chapter), (*shelf.levels, *made))


def played(level: SteeringLevel, bench: Bench, *turns: tuple[int, float]) -> SteerVerdict:
    """Features of the late site with their strengths, written and judged."""
    turned = [Turn(Pick("late", feature), strength) for feature, strength in turns]
    writing = steering.run(level, bench, steering.dials_of(level, bench.atlas, turned))
    while True:
        try:
            next(writing)
        except StopIteration as end:
            return steering.judge(level, bench, end.value)
