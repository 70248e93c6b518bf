"""What to change in a level whose check has failed: which field, what stands in it, what it came
to. Knows no screen."""

from collections.abc import Sequence
from dataclasses import replace

from playground.levels.dealing.questions import AskLevel
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.kinds import Level
from playground.levels.level import REFERENCE, TEXTS
from playground.levels.proving.proof import PLAYABLE, SURE, ProofLine
from playground.messages import Message

GOALS = Message("written.field_goals")


def summed(lines: Sequence[ProofLine]) -> list[ProofLine]:
    """A line a player: of a level that is dealt anew each time there are several."""
    made = dict[str, ProofLine]()
    for line in [*lines]:
        one = made.get(line.player, line)
        worse = one if line.passed else line
        if one is not line:
            wins, tries = one.wins + line.wins, one.tries + line.tries
            worse = replace(worse, wins=wins, tries=tries)
        made[line.player] = worse
    return [*made.values()]


def mending(level: Level, line: ProofLine) -> Message:
    """line: one that failed."""
    if line.wanted == PLAYABLE:
        return Message(
            "written.mend_lacking",
            reason=line.found.removeprefix(f"level {level.id}: "),
            concept_field=Message("written.field_concept"),
            concept=Message(f"concepts.{level.concept}"),
            sites_field=Message("written.field_sites"),
            sites=tuple(level.sites),
        )
    if line.player == TEXTS:
        return Message(
            "written.mend_texts",
            field=Message("written.field_solution_write"),
            count=line.tries,
            silent=line.tries - line.wins,
        )
    if line.player == REFERENCE and line.wins >= SURE * line.tries:
        return Message(
            "written.mend_stars",
            field=Message("written.field_stars_two"),
            two=level.stars.two,
            measure=Message(f"measures.{level.stars.measure}"),
            figure=line.figure,
        )
    if line.player == REFERENCE:
        return Message(
            "written.mend_lost",
            field=GOALS,
            goals=asked(level),
            figure=line.figure,
            solution_field=Message("written.field_solution"),
            solution="no" if isinstance(level, AskLevel) else "yes",
        )
    return Message("written.mend_easy", field=GOALS, goals=asked(level), harder=harder(level))


def asked(level: Level) -> tuple[str, ...]:
    """The bounds of its goals, by their measures."""
    return tuple(
        f"{each.measure} ≥ {each.at_least:g}"
        if each.at_least is not None
        else f"{each.measure} ≤ {each.at_most:g}"
        for each in level.goals
    )


def harder(level: Level) -> Message:
    """What makes it harder to win without insight, beside higher goals."""
    if isinstance(level, AskLevel):
        return Message(
            "written.mend_rounds", field=Message("written.field_rounds"), rounds=level.rounds
        )
    if isinstance(level, SteeringLevel):
        return Message(
            "written.mend_strength", field=Message("written.field_max_strength"),
            most=max(map(abs, level.limits)),
        )  # fmt: skip
    return Message("written.mend_narrow", field=Message("written.field_concept"))
