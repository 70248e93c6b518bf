"""How many learners a machine carries, reckoned from what was measured: no more than that bears."""

import pytest

from playground.game.lesson import BUSY, PAGE, PATIENCE, THINKS, Carried


def test_what_many_get_is_what_the_slower_measurement_bears() -> None:
    found = Carried(1.0, (4.0, 5.6))
    assert found.speeds == pytest.approx((8 * 192 / 5.6, 8 * 192 / 4))
    one = 5.6 / 8 + PAGE  # second of a learner's, where the rows are full
    assert found.at_once == 12 == int(PATIENCE / one)
    assert found.waits(12) <= PATIENCE < found.waits(13)
    assert found.in_turn == int(BUSY * THINKS / one) == 42


def test_a_slow_machine_is_not_said_to_carry_what_full_rows_would() -> None:
    """Eight at once take 30 s; few have nearly as long as one alone has, not an eighth of it."""
    found = Carried(6.0, (30.0,))
    assert found.at_once == 2 < int(PATIENCE * 8 / 30)
    assert found.waits(2) <= PATIENCE < found.waits(3)
    assert Carried(20.0, (40.0,)).at_once == 0
