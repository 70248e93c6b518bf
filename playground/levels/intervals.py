"""How far counted replies can be trusted: intervals of a share and of a difference of two.

Knows neither levels nor replies. Wilson, "Probable Inference, the Law of Succession, and
Statistical Inference" (1927); Newcombe, "Interval Estimation for the Difference Between Independent
Proportions" (1998), method 10.
"""

from dataclasses import dataclass
from math import sqrt

Z = 1.96  # standard errors either side: 95 of 100 such intervals hold the true share


@dataclass(frozen=True)
class Interval:
    """low, high: shares, 0..1; of a difference -1..1."""

    low: float
    high: float


def wilson(hits: int, of: int, z: float = Z) -> Interval:
    """Where the true share may lie when `hits` of `of` were counted; all of 0..1 for none. Raises
    ValueError for counts that cannot be."""
    if not 0 <= hits <= of:
        raise ValueError(f"{hits} of {of} cannot have been counted")
    if not of:
        return Interval(0.0, 1.0)
    share, square = hits / of, z * z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    # With nothing, or everything, counted the ends are 0 and 1; rounding must not say otherwise.
    return Interval(max(0.0, middle - half) if hits else 0.0, middle + half if hits < of else 1.0)


def difference(hits: int, of: int, others: int, others_of: int, z: float = Z) -> Interval:
    """Of the true share behind `hits` of `of` minus that behind `others` of `others_of`, which were
    counted independently; anything is possible where one of them was not counted at all."""
    if not of or not others_of:
        return Interval(-1.0, 1.0)
    one, other = wilson(hits, of, z), wilson(others, others_of, z)
    a, b = hits / of, others / others_of
    return Interval(
        a - b - sqrt((a - one.low) ** 2 + (other.high - b) ** 2),
        a - b + sqrt((one.high - a) ** 2 + (b - other.low) ** 2),
    )
