"""Verdicts as JSON and back, so that a try can be shown again without running the model."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from playground.errors import PlayerError
from playground.levels.dealing.questions import AskLevel, AskVerdict
from playground.levels.dealing.steered import SteerVerdict
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.kinds import Level
from playground.levels.kinds.hunt import HuntLevel, HuntVerdict
from playground.levels.schema import GoalResult

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


def form(level: Level) -> TypeAdapter[Verdict]:
    return next(adapter for kind, adapter in FORMS if isinstance(level, kind))
