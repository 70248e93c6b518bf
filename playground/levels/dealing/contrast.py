"""Ranks the features of one site by contrast: which fire in some texts and not in others.

Knows no level, no label and no player.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from playground.engine.records import Reading


@dataclass(frozen=True)
class Contrast:
    """One feature. here, there: its peak in each text, as a share (0..1) of the strongest that it
    ever fired."""

    feature: int
    here: tuple[float, ...]
    there: tuple[float, ...]

    @property
    def inside(self) -> float:
        """Averaged: a feature of the idea fires in each of the texts, that of a word in one."""
        return fmean(self.here)

    @property
    def outside(self) -> float:
        """The highest: a single text in which it fires speaks against it."""
        return max(self.there, default=0.0)

    @property
    def lead(self) -> float:
        """-1..1."""
        return self.inside - self.outside


def ranked(
    here: Sequence[Reading], there: Sequence[Reading], maxima: Mapping[int, float]
) -> list[Contrast]:
    """Features that fire more in all of `here` than in any of `there`, the widest gap first; of one
    site. maxima: the highest activation of each feature that has a card."""
    inside = [shares(each, maxima) for each in here]
    outside = [shares(each, maxima) for each in there]
    features = sorted({feature for each in inside for feature in each})
    found = (
        Contrast(
            feature,
            tuple(each.get(feature, 0.0) for each in inside),
            tuple(each.get(feature, 0.0) for each in outside),
        )
        for feature in features
    )
    return sorted((each for each in found if each.lead > 0), key=lambda each: -each.lead)


def shares(reading: Reading, maxima: Mapping[int, float]) -> dict[int, float]:
    """Of each feature that fires its peak as a share of the strongest it ever fired, 0..1."""
    return {
        feature: min(1.0, peak / maxima[feature])
        for feature, peak in reading.features.peaks().items()
        if maxima.get(feature, 0.0) > 0
    }
