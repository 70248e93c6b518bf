"""How well values tell texts of one sort from others, and whether one way is clearly better than
another on the same texts. Knows neither features nor levels.

DeLong et al., "Comparing the Areas under Two or More Correlated Receiver Operating Characteristic
Curves" (1988): AUROC as a mean of placements, whose spread gives the interval of a difference.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance

from playground.levels.intervals import Interval, Z


@dataclass(frozen=True)
class Separation:
    """above: for each text of the sort, the share of the others that lie below it, 0..1, a tie
    counting half; below: for each other, the share of the sort's texts that lie above it."""

    above: tuple[float, ...]
    below: tuple[float, ...]

    @classmethod
    def of(cls, own: Sequence[float], others: Sequence[float]) -> "Separation":
        """Raises ValueError without two texts of each sort, for which no spread is known."""
        if len(own) < 2 or len(others) < 2:
            raise ValueError(f"{len(own)} and {len(others)} texts: two of each sort are needed")
        return cls(
            tuple(fmean(wins(one, other) for other in others) for one in own),
            tuple(fmean(wins(one, other) for one in own) for other in others),
        )

    @property
    def auroc(self) -> float:
        return fmean(self.above)

    def lead(self, other: "Separation") -> Interval:
        """Of the difference of the two AUROCs on the same texts, in the same order."""
        above = [a - b for a, b in zip(self.above, other.above, strict=True)]
        below = [a - b for a, b in zip(self.below, other.below, strict=True)]
        half = Z * sqrt(variance(above) / len(above) + variance(below) / len(below))
        middle = self.auroc - other.auroc
        return Interval(middle - half, middle + half)


def wins(one: float, other: float) -> float:
    return 1.0 if one > other else 0.5 if one == other else 0.0
