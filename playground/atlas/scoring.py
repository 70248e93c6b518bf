"""How well the features of a model's sites tell its concepts: its labelled texts, read once for as
many sites as have room in memory. Knows nothing of files.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from playground.atlas import ranking
from playground.atlas.harvest import Reader
from playground.atlas.ranking import SiteScores
from playground.atlas.sources import Labelled

FEATURES_AT_ONCE = 16_384  # whose peaks in all labelled texts are in memory

Scored = tuple[SiteScores, np.ndarray]  # and how many labelled texts each feature fires in


@dataclass(frozen=True)
class Scoring:
    """norms: of each site, the unit of differences."""

    reader: Reader
    labelled: Labelled
    norms: Mapping[str, float]

    def together(self, sites: Sequence[str]) -> Iterator[list[str]]:
        """Sites that are read in one pass: as many as have peaks that fit in memory at once."""
        some, features = list[str](), 0
        for site in sites:
            width = self.reader.saes[site].width
            if some and features + width > FEATURES_AT_ONCE:
                yield some
                some, features = [], 0
            some.append(site)
            features += width
        if some:
            yield some

    def of(self, sites: Sequence[str], ids: Sequence[Sequence[int]]) -> dict[str, Scored]:
        """All but the logits. ids: of the labelled texts, in their order."""
        saes = {site: self.reader.saes[site] for site in sites}
        made: dict[str, list[Scored]] = {site: [] for site in sites}
        for start in range(0, max(sae.width for sae in saes.values()), FEATURES_AT_ONCE):
            stop = start + FEATURES_AT_ONCE
            some = {site: range(start, min(stop, sae.width)) for site, sae in saes.items()}
            for site, peaks in self.reader.peaks(ids, some).items():
                lengths = saes[site].row_norms.float().cpu().numpy() / self.norms[site]
                found = ranking.site_scores(peaks, self.labelled, lengths[start:stop])
                made[site].append((found, (peaks.highest > 0).sum(0)))
        return {site: joined(parts) for site, parts in made.items()}


def joined(parts: Sequence[Scored]) -> Scored:
    """Scores of some features beside those of others."""
    names = vars(parts[0][0])
    scores = {name: np.concatenate([vars(each)[name] for each, _ in parts], 1) for name in names}
    return SiteScores(**scores), np.concatenate([fires for _, fires in parts])
