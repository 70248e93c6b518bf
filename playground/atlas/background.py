"""How rare it is that a feature fires so high: what the atlas counted of every feature of a site
over the texts at large. Knows no concept and no name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from playground.atlas.tables import BARS

COLUMNS = ["index", "maxActApprox", "frac_nonzero", "freq_heights"]  # of a site's cards
LEAST = 1e-7  # share of tokens: of a feature that fires in fewer nobody has counted enough


@dataclass(frozen=True)
class Background:
    """The features of one site that have cards. rows: place of each in the others; highest: its
    strongest activation, [features]; often: share of the tokens on which it fires, [features];
    tails: of those the share in which it reaches each edge of BARS equal bars from 0 to `highest`,
    [features, BARS + 1]."""

    rows: Mapping[int, int]
    highest: np.ndarray
    often: np.ndarray
    tails: np.ndarray

    @staticmethod
    def of(
        features: Sequence[int], highest: np.ndarray, often: np.ndarray, heights: np.ndarray
    ) -> "Background":
        """heights: firing tokens in each bar, [features, BARS]."""
        above = np.cumsum(heights[:, ::-1], axis=1)[:, ::-1]
        above = np.concatenate([above, np.zeros((len(heights), 1))], axis=1)
        # Half a token more: what was never counted is rare, not impossible.
        tails = (above + 0.5) / (above[:, :1] + 0.5)
        rows = {feature: row for row, feature in enumerate(features)}
        return Background(rows, highest, often.clip(min=LEAST), tails)

    @staticmethod
    def read(cards: pa.Table) -> "Background":
        """cards: the columns COLUMNS of a site's."""
        heights = cards["freq_heights"].combine_chunks().flatten().to_numpy()
        highest, often = (cards[each].to_numpy().astype(float) for each in COLUMNS[1:3])
        return Background.of(
            cards["index"].to_pylist(), highest, often, heights.reshape(-1, BARS).astype(float)
        )

    @cached_property
    def maxima(self) -> Mapping[int, float]:
        """The strongest activation of each feature."""
        return dict(zip(self.rows, self.highest.tolist(), strict=True))

    def rarity(self, features: Sequence[int], peaks: np.ndarray, tokens: np.ndarray) -> np.ndarray:
        """How many nats it tells that a feature peaks so high in a text of so many tokens: minus
        the logarithm of the share of such texts in which it does, were its tokens strewn evenly; 0
        where it is silent. peaks: [texts, features], tokens: [texts]; [texts, features]"""
        own = np.array([self.rows[each] for each in features], dtype=int)
        place = (peaks / self.highest[own]).clip(0, 1) * BARS
        low = place.astype(int).clip(max=BARS - 1)
        weight = place - low
        tail = (1 - weight) * self.tails[own, low] + weight * self.tails[own, low + 1]
        missed = tokens[:, None] * np.log1p(-(self.often[own] * tail).clip(max=1 - 1e-9))
        return np.where(peaks > 0, -np.log(-np.expm1(missed)), 0.0)


NONE = Background.of([], np.zeros(0), np.zeros(0), np.zeros((0, BARS)))  # of a site without cards
