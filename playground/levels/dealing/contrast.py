"""Ranks the features of one site by contrast: which fire in some texts and not in others, and
seldom anywhere else.

Of thousands of features hundreds tell half a dozen texts from another half dozen, most of them by
chance. What tells those apart is how rare it is, over the texts at large, that each fires so high.
Knows no level, no label and no player, so that it ranks for ideas that nobody has measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from statistics import fmean

import numpy as np

from playground.atlas.background import Background
from playground.engine.records import Reading

RARE = 4.0  # nats, one text in 55: a feature that is rarer still says no more
WEIGHT = 0.1  # of a nat, in shares of pairs


@dataclass(frozen=True)
class Contrast:
    """One feature. here, there: its peak in each text, as a share (0..1) of the strongest that it
    ever fired; auroc: the share of pairs, one text of each sort, in which it peaks higher in the
    first, ties counted half; rarity: in nats, averaged over the first sort, each text RARE at most
    (Background.rarity); bounded: whether it was cut there in one of them, so that the feature is as
    rare as that or rarer."""

    feature: int
    here: tuple[float, ...]
    there: tuple[float, ...]
    auroc: float
    rarity: float
    bounded: bool = False

    @property
    def inside(self) -> float:
        """Averaged: a feature of the idea fires in each of the texts, that of a word in one."""
        return fmean(self.here)

    @property
    def outside(self) -> float:
        return max(self.there, default=0.0)

    @property
    def score(self) -> float:
        """0..1: what features are ranked by."""
        return (self.auroc + WEIGHT * self.rarity) / (1 + WEIGHT * RARE)

    @property
    def one_in(self) -> float:
        """Of so many texts at large one makes it fire as high as these do, typically; where it is
        bounded, of more."""
        return exp(self.rarity)


def ranked(
    here: Sequence[Reading], there: Sequence[Reading], background: Background
) -> list[Contrast]:
    """Features of one site that fire in `here`, and on the whole more than in `there`; first those
    that tell the two apart surest, and are rare. background: of the site."""
    peaks = [each.features.peaks() for each in (*here, *there)]
    seen = {feature for each in peaks[: len(here)] for feature in each}
    highest = background.maxima
    features = sorted(each for each in seen if highest.get(each, 0.0) > 0)
    if not features:
        return []
    values = np.array([[each.get(feature, 0.0) for feature in features] for each in peaks])
    own, others = values[: len(here)], values[len(here) :]
    tokens = np.array([len(each.tokens) for each in here])
    told = background.rarity(features, own, tokens)
    rarity, bounded = told.clip(max=RARE).mean(0), np.any(told > RARE, axis=0)
    aurocs = ahead(own, others)
    shares = (values / [highest[each] for each in features]).clip(max=1.0)
    found = [
        Contrast(
            feature,
            tuple(shares[: len(here), n].tolist()),
            tuple(shares[len(here) :, n].tolist()),
            float(aurocs[n]),
            float(rarity[n]),
            bool(bounded[n]),
        )
        for n, feature in enumerate(features)
        if aurocs[n] > 0.5 or not there
    ]
    return sorted(found, key=lambda each: (-each.score, -each.inside, each.feature))


def ahead(own: np.ndarray, others: np.ndarray) -> np.ndarray:
    """AUROC of each feature, half where there is nothing to compare with. own, others: [texts,
    features]; [features]"""
    if not len(others):
        return np.full(own.shape[1], 0.5)
    gaps = np.sign(own[:, None] - others[None])
    return (gaps.mean((0, 1)) + 1) / 2
