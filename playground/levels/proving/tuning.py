"""What the goals of a steering level could be on this model: how each player of its proof would
fare with other bars. Every setting is written once; a bar costs nothing. Changes no file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from playground.levels.dealing import rehearsing
from playground.levels.dealing.rehearsing import Rehearsal, Setting
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.judging import Bench
from playground.levels.level import REFERENCE, WRONG
from playground.levels.proving.proof import HALF_RIGHT, LUCKY, SURE
from playground.levels.schema import SHARE, Goal

BARS = tuple(n / 10 for n in range(1, 9))
QUARTERS = 4  # of the reference's tries: where stars could be given
ROW = "{:>5}  {:>9} {:>7} {:>15}  {}"


def lines(level: SteeringLevel, bench: Bench) -> Iterator[str]:
    """What was counted, then a line a bar."""
    made = rehearsing.rehearse(level, bench)
    yield f"{level.id}: limit {level.limit}, bar {bar_of(level)}, stars by {level.stars.measure}"
    yield f"  {counted(REFERENCE, made.solution)}, controls {told(made.solution.hits.control)}"
    yield f"  untouched {told(made.solution.hits.baseline)}"
    for player, settings in made.blind.items():
        yield f"  {player}: {', '.join(told(each.hits.steered) for each in settings)}"
    for name, setting in made.half.items():
        note = ", as good as the solution" if name in made.as_good else ""
        yield f"  {counted(name, setting)}{note}"
    yield ROW.format(
        "bar", REFERENCE, "blind", WRONG, "stars of the reference's tries, by quarters"
    )
    for bar in BARS:
        yield told_bar(level, made, bar)


@dataclass(frozen=True)
class WithBar:
    """Shares of tries that win where the goals ask for a share of replies. own: the reference's;
    lucky: of whoever has no insight and fares best; wrong: of what is half right."""

    goals: Sequence[Goal]
    own: float
    lucky: float
    wrong: float

    @property
    def holds(self) -> bool:
        return self.own >= SURE and self.lucky <= LUCKY and self.wrong <= HALF_RIGHT


def with_bar(level: SteeringLevel, made: Rehearsal, bar: float) -> WithBar:
    goals = [
        goal.model_copy(update={"at_least": bar}) if goal.measure == SHARE else goal
        for goal in level.goals
    ]

    def wins(settings: Sequence[Setting]) -> float:
        tries = list(rehearsing.attempts(level, goals, settings))
        return sum(each.won for each in tries) / len(tries)

    half = [wins([each]) for each in made.wrong.values()]
    return WithBar(
        goals,
        wins([made.solution]),
        max(wins(settings) for settings in made.blind.values() if settings),
        sum(half) / len(half) if half else 0.0,
    )


def lowest(level: SteeringLevel, bench: Bench) -> int:
    """The lowest bar at which the level's proof holds, in tenths of the replies; 0 for none."""
    made = rehearsing.rehearse(level, bench)
    return next((round(10 * bar) for bar in BARS if with_bar(level, made, bar).holds), 0)


def told_bar(level: SteeringLevel, made: Rehearsal, bar: float) -> str:
    found = with_bar(level, made, bar)
    return ROW.format(
        f"{bar:.1f}", f"{found.own:.1%}", f"{found.lucky:.1%}", f"{found.wrong:.1%}",
        f"{quarters(level, found.goals, made)}{'  holds' if found.holds else ''}",
    )  # fmt: skip


def quarters(level: SteeringLevel, goals: Sequence[Goal], made: Rehearsal) -> str:
    """The measure that stars are given for, at each quarter of the reference's won tries."""
    won = (each for each in rehearsing.attempts(level, goals, [made.solution]) if each.won)
    found = sorted(each.found[level.stars.measure].value for each in won)
    places = (n * (len(found) - 1) // QUARTERS for n in range(QUARTERS + 1))
    return " ".join(f"{found[place]:.2f}" for place in places) if found else "-"


def bar_of(level: SteeringLevel) -> str:
    return ", ".join(f"{goal.measure} {goal.at_least}" for goal in level.goals)


def counted(name: str, setting: Setting) -> str:
    dials = ", ".join(f"{d.site} {d.feature} at {d.strength:.2f}" for d in setting.dials)
    return f"{name} ({dials}): {told(setting.hits.steered)}"


def told(row: Sequence[bool]) -> str:
    return f"{sum(row)} of {len(row)}"
