"""Verdicts as JSON and back, so that a try can be shown again without running the model."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from playground.errors import PlayerError
from playground.levels.dealing.questions import AskLevel, AskVerdict
from playground.levels.dealing.steered import SteerVerdict
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.kinds import Level
from playground.levels.kinds.hunt import HuntLevel, HuntVerdict
from playground.levels.schema import SHARE, GoalResult
from playground.messages import Line, Message

Verdict = HuntVerdict | SteerVerdict | AskVerdict
V = TypeVar("V", bound=Verdict)
FORMS: tuple[tuple[type[Level], TypeAdapter[Verdict]], ...] = (
    (HuntLevel, TypeAdapter(HuntVerdict)),
    (SteeringLevel, TypeAdapter(SteerVerdict)),
    (AskLevel, TypeAdapter(AskVerdict)),
)


def kept(level: Level, verdict: Verdict) -> dict[str, Any]:
    return form(level).dump_python(verdict, mode="json")


def shown(level: Level, data: Mapping[str, Any]) -> Verdict:
    """The verdict with the level's sentences for its goals, which may be in another language than
    when it was kept. PlayerError for one that an older game kept in another form."""
    try:
        verdict = form(level).validate_python(data)
    except ValidationError as error:
        raise PlayerError("errors.old_try") from error
    return told(level, verdict)


def told(level: Level, verdict: V) -> V:
    """The verdict with the sentences that this level has for its goals, in its language."""
    if len(verdict.goals) != len(level.goals):
        return verdict
    goals = zip(level.goals, verdict.goals, strict=True)
    return replace(verdict, goals=tuple(said(goal.says, result) for goal, result in goals))


def said(says: str, result: GoalResult) -> GoalResult:
    return replace(result, says=says)


@dataclass(frozen=True)
class NextStar:
    """What one star more takes. need, found: of the measure, with their unit."""

    stars: int
    measure: str
    need: Line
    found: Line


def next_star(level: Level, verdict: Verdict) -> NextStar | None:
    """None for what has all of them by its measure."""
    measure = level.stars.measure
    found = reached(verdict, measure)
    for stars, bound in ((2, level.stars.two), (3, level.stars.three)):
        if found < bound:
            need, had = amount(level, verdict, bound), amount(level, verdict, found)
            if isinstance(verdict, HuntVerdict) and round(100 * found) == round(100 * bound):
                had = Message("common.points_fine", value=floor(1000 * found) / 10)  # not the same
            return NextStar(stars, measure, need, had)
    return None


def reached(verdict: Verdict, measure: str) -> float:
    if isinstance(verdict, AskVerdict):
        return sum(mark.right for mark in verdict.marks)
    if isinstance(verdict, SteerVerdict):
        return verdict.measures[measure]
    return {"auroc": verdict.auroc, "lead": verdict.auroc - verdict.control}[measure]


def amount(level: Level, verdict: Verdict, value: float) -> Line:
    """A value of the stars' measure with its unit: so many of those that were counted."""
    measure = level.stars.measure
    if isinstance(level, AskLevel):
        return Message("common.part_of", right=ceil(value), count=level.count)
    if isinstance(level, SteeringLevel) and isinstance(verdict, SteerVerdict):
        count = verdict.tallies.steered.of
        if measure == SHARE:
            return Message("steering.share", hits=ceil(round(value * count, 6)), count=count)
        return level.told(measure, 100 * value if measure == "lead" else value)
    return Message("common.points", value=100 * value)


def form(level: Level) -> TypeAdapter[Verdict]:
    return next(adapter for kind, adapter in FORMS if isinstance(level, kind))
