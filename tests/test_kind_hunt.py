"""The ranking of a hunt: what fires in some texts, not in others, and seldom anywhere."""

from math import exp, log

import numpy as np
import pytest

from playground.atlas.background import Background
from playground.atlas.tables import BARS
from playground.engine.records import Fired, Reading
from playground.levels.dealing.contrast import RARE, WEIGHT, ranked

# Fires on a token in so many, evenly up to its highest; 3 never fired while the atlas was made.
OFTEN = {0: 0.01, 1: 0.01, 2: 0.01, 3: 0.0, 4: 0.5}
HEIGHTS = np.array([[100.0] * BARS if share else [0.0] * BARS for share in OFTEN.values()])
BACKGROUND = Background.of(
    list(OFTEN), np.array([10.0, 10, 10, 0, 10]), np.array(list(OFTEN.values())), HEIGHTS
)


def reading(*fires: tuple[int, float]) -> Reading:
    """One token for each feature that fires."""
    tokens = tuple(f"t{n}" for n, _ in enumerate(fires)) or ("t",)
    return Reading("late", tokens, Fired.of([[each] for each in fires] or [[]]))


def order(here: list[Reading], there: list[Reading]) -> list[int]:
    return [each.feature for each in ranked(here, there, BACKGROUND)]


def test_what_fires_in_every_text_comes_before_what_is_brightest_in_one() -> None:
    here = [reading((0, 10.0), (1, 6.0)), reading((1, 6.0)), reading((1, 5.0))]
    assert order(here, [reading((2, 9.0))]) == [1, 0]
    first, _ = ranked(here, [], BACKGROUND)
    assert first.here == (0.6, 0.6, 0.5) and first.there == ()


def test_what_fires_in_the_other_texts_too_is_left_out() -> None:
    here = [reading((0, 4.0), (1, 10.0))]
    assert order(here, []) == [1, 0]
    assert order(here, [reading((1, 10.0))]) == [0]
    assert order(here, [reading((0, 4.0), (1, 10.0)), reading((0, 5.0), (1, 10.0))]) == []


def test_of_two_that_tell_the_texts_apart_the_rarer_comes_first() -> None:
    here, there = [reading((4, 9.0), (1, 3.0))] * 3, [reading((2, 9.0))] * 3
    rare, common = ranked(here, there, BACKGROUND)
    assert (rare.feature, common.feature) == (1, 4)
    assert rare.auroc == common.auroc == 1.0
    assert rare.inside < common.inside
    assert rare.score > common.score


def test_a_pair_in_the_wrong_order_costs_more_than_rarity_brings() -> None:
    here = [reading((4, 9.0), (1, 10.0)), reading((4, 9.0), (1, 10.0))]
    there = [reading((4, 8.0), (1, 10.0)), reading((2, 5.0))]
    assert order(here, there) == [4, 1]


def test_a_feature_without_a_card_is_not_ranked() -> None:
    assert order([reading((3, 4.0), (7, 9.0))], []) == []
    assert order([], [reading((0, 1.0))]) == []


def test_more_than_the_known_highest_is_all_of_it() -> None:
    (one,) = ranked([reading((0, 40.0))], [], BACKGROUND)
    assert one.here == (1.0,)


def test_scores_lie_between_0_and_1_and_say_how_rare_it_is() -> None:
    """Half of its firings, which are one token in a hundred, are at 5 or above; in two tokens."""
    (one,) = ranked([reading((0, 5.0), (3, 1.0))], [reading((1, 1.0))], BACKGROUND)
    share = 0.01 * 2500.5 / 5000.5
    assert one.one_in == pytest.approx(min(exp(RARE), 1 / (1 - (1 - share) ** 2)))
    assert one.score == pytest.approx((1 + WEIGHT * one.rarity) / (1 + WEIGHT * RARE))
    assert one.bounded  # one text in a hundred, and rarer than RARE is not told apart
    (common,) = ranked([reading((4, 5.0))], [], BACKGROUND)
    assert common.rarity < RARE and not common.bounded


def test_rarity_goes_by_the_height_and_by_the_length_of_the_text() -> None:
    peaks, tokens = np.array([[0.0, 5.0], [10.0, 5.0], [10.0, 10.0]]), np.array([1, 1, 100])
    found = BACKGROUND.rarity([0, 4], peaks, tokens)
    assert found[0, 0] == 0.0
    assert found[0, 1] == pytest.approx(-log(0.5 * 2500.5 / 5000.5))
    # At the top nothing was counted above; half a token is taken to have been.
    assert found[1, 0] == pytest.approx(-log(0.01 * 0.5 / 5000.5))
    assert found[2, 0] == pytest.approx(-log(1 - (1 - 0.01 * 0.5 / 5000.5) ** 100))
    assert found[1, 0] > found[2, 0] > 0
    assert BACKGROUND.maxima == {0: 10.0, 1: 10.0, 2: 10.0, 3: 0.0, 4: 10.0}
