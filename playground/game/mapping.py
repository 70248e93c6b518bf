"""The map of a site's features as an atlas laid them out: where each lies, what it is called, which
topics its name names. Knows no player, and asks no model."""

from dataclasses import dataclass

from playground.atlas.cards import UNLABELLED, Hit
from playground.atlas.labels import concepts_of
from playground.errors import PlayerError
from playground.levels.judging import Bench


@dataclass(frozen=True)
class PlacedFeature:
    """One feature, 0..plane.SIDE across and down. topics: the concepts that its name names."""

    hit: Hit
    across: int
    down: int
    topics: tuple[str, ...]

    @property
    def named(self) -> bool:
        return self.hit.label not in ("", UNLABELLED)


@dataclass(frozen=True)
class FeatureMap:
    """features: first those named after topics, then those with another name, of each those that
    tell some concept best first; kept: 0..1, how much of nearness the map keeps (atlas/plane.py).
    """

    site: str
    features: tuple[PlacedFeature, ...]
    kept: float


class FeatureMaps:
    """Safe to call from any thread."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    @property
    def sites(self) -> tuple[str, ...]:
        """Those whose features are laid out; none for a model without features."""
        if not self._bench.has_features:
            return ()
        atlas = self._bench.atlas
        return tuple(site for site in atlas.sites if atlas.plane(site))

    def of(self, site: str) -> FeatureMap:
        """PlayerError: no such site, or nobody laid it out."""
        if site not in self.sites:
            raise PlayerError("errors.no_map", site=site, known=self.sites)
        atlas = self._bench.atlas
        plane = atlas.plane(site)
        assert plane is not None
        best = [hit.index for hit in atlas.search("", site, len(plane.places))]
        rank = {index: place for place, index in enumerate(best)}
        laid = [
            PlacedFeature(hit, int(across), int(down), tuple(sorted(concepts_of(hit.label))))
            for hit, (across, down) in zip(atlas.hits(site), plane.places, strict=True)
        ]
        laid.sort(
            key=lambda each: (not each.topics, not each.named, rank.get(each.hit.index, len(rank)))
        )
        return FeatureMap(site, tuple(laid), plane.kept)
