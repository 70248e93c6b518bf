"""How well values tell texts apart, and whether one way is clearly better."""

import pytest

from playground.levels.dealing.separating import Separation


def test_auroc_is_the_share_of_pairs_in_the_right_order() -> None:
    told = Separation.of((3.0, 1.0), (2.0, 1.0, 0.0))
    assert told.above == (1.0, pytest.approx(0.5))  # of three: one above, one level, one below
    assert told.below == (0.5, 0.75, 1.0)
    assert told.auroc == pytest.approx(0.75)
    assert sum(told.below) / 3 == pytest.approx(told.auroc)


def test_the_interval_of_a_difference_is_that_of_delong() -> None:
    one, other = Separation.of((3, 3, 3, 0), (1, 1, 2)), Separation.of((3, 0, 0, 0), (1, 1, 2))
    lead = one.lead(other)
    # Above: 0, 1, 1, 0 with variance 1/3; below: .5 each with none. Half: 1.96 * sqrt(1/3 / 4).
    assert (lead.low, lead.high) == pytest.approx((0.5 - 0.56580, 0.5 + 0.56580), abs=1e-4)
    assert one.lead(one).low == one.lead(one).high == 0


def test_one_text_has_no_spread() -> None:
    with pytest.raises(ValueError, match="two of each sort"):
        Separation.of((1.0,), (0.0, 0.0))
