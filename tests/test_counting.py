"""Counted replies and what they decide, worked out by hand."""

import random

import pytest

from playground.levels.dealing.counting import (
    ROUND,
    HitCount,
    Hits,
    Measure,
    Tallies,
    found_of,
    needed,
    redrawn,
    settled,
    standing,
)
from playground.levels.schema import Goal

HALF = Goal(measure="share", at_least=0.5, says="More than half.")
LEAD = Goal(measure="lead", at_least=0.0, says="More than the others.")
GOALS = (HALF, LEAD)


def tallies(steered: int, control: int = 0, baseline: int = 0, of: int = 8) -> Tallies:
    return Tallies(HitCount(baseline, of), HitCount(steered, of), HitCount(control, of))


def stands(counted: Tallies) -> bool | None:
    return standing(GOALS, found_of(counted))


def rows(steered: str, control: str = "", baseline: str = "") -> Hits:
    """From letters: x counts."""
    size = len(steered)
    return Hits(*(tuple(e == "x" for e in row.ljust(size)) for row in (baseline, steered, control)))


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        (tallies(7), True),  # Wilson: .53 to .98
        (tallies(6), None),  # .41 to .93
        (tallies(1), False),  # .02 to .47
        (tallies(7, control=4), None),  # a lead of -.07 to .69
        (tallies(7, baseline=8), None),
        (tallies(0, control=8), False),
        (tallies(14, control=5, of=16), True),
    ],
)
def test_a_verdict_waits_until_the_interval_clears_the_bar(
    counted: Tallies, expected: bool | None
) -> None:
    assert stands(counted) is expected


def test_the_nearer_rival_is_what_one_is_ahead_of() -> None:
    found = found_of(tallies(7, control=2, baseline=4))
    assert (found["share"].value, found["lead"].value) == (0.875, 0.375)
    assert found["lead"].low < 0 < found["lead"].high
    assert found_of(tallies(7, control=4, baseline=2))["lead"] == found["lead"]


def test_a_bound_from_above_waits_too() -> None:
    few = Goal(measure="share", at_most=0.5, says="At most half.")
    assert [few.stands(*ends) for ends in ((0.1, 0.4), (0.4, 0.6), (0.6, 0.9))] == [
        True, None, False,
    ]  # fmt: skip
    light = Goal(measure="strength", at_most=0.9, says="A light hand.")
    assert standing([light], {"strength": Measure.exactly(0.8)}) is True
    assert standing(
        [HALF, light], {"share": Measure(0.5, 0, 1), "strength": Measure.exactly(1)}
    ) is (False)


def test_the_deciding_reply_is_the_one_after_which_nothing_changed() -> None:
    assert settled(rows("xxxx    "), stands) is None
    # Four of four decide (.51 to 1), and nothing undoes it.
    assert settled(rows("xxxxxxxx"), stands) == 4
    assert settled(rows("xxxx xxxxxxxxxxx"), stands) == 8  # 6 of 7 did not
    # Seven of seven did; with a miss 7 of 8 still do; but six of seven (.49) did not.
    assert settled(rows(" xxxxxxxxxxx"), stands) == 8
    assert settled(rows("        "), stands) == 4  # 0 of 4: at most .49
    assert settled(rows("x       "), stands) == 8


def test_what_would_have_decided_is_said() -> None:
    assert needed(tallies(5), stands) == (7, 1)
    assert needed(tallies(5, control=8), stands) == (None, 4)
    assert needed(tallies(3, of=4), stands) == (4, 0)
    assert needed(tallies(3, of=3), stands) == (None, None)  # 3 of 3: .44 to 1


def test_tries_are_drawn_round_by_round_until_they_decide() -> None:
    rng = random.Random(0)
    for stock, length in ((rows("x" * 24), ROUND), (rows(" " * 24), ROUND)):
        assert len(redrawn(stock, stands, 24, rng)) == length
    lengths = [len(redrawn(rows("xx " * 8), stands, 24, rng)) for _ in range(50)]
    assert set(lengths) == {8, 16, 24}
    twice = [redrawn(rows("xx " * 8), stands, 24, random.Random(7)) for _ in range(2)]
    assert twice[0] == twice[1]
