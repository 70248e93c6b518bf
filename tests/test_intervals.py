"""Intervals against the examples of the papers, worked out there by hand."""

import pytest

from playground.levels.intervals import Interval, difference, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998 (Two-sided confidence intervals), table I
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_published(hits: int, of: int, low: float, high: float) -> None:
    found = wilson(hits, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)
    mirrored = wilson(of - hits, of)
    assert mirrored.low == pytest.approx(1 - found.high)
    assert mirrored.high == pytest.approx(1 - found.low)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),  # Newcombe 1998, table II, method 10
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((10, 10, 0, 20), 0.6791, 1.0),
        ((10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_a_difference_as_published(
    counts: tuple[int, int, int, int], low: float, high: float
) -> None:
    found = difference(*counts)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_nothing_counted_says_nothing_and_the_impossible_is_refused() -> None:
    assert wilson(0, 0) == Interval(0.0, 1.0)
    assert difference(0, 0, 3, 4) == difference(3, 4, 0, 0) == Interval(-1.0, 1.0)
    assert wilson(8, 8).high == 1.0
    for hits, of in ((-1, 4), (5, 4)):
        with pytest.raises(ValueError, match=f"{hits} of {of} cannot"):
            wilson(hits, of)
