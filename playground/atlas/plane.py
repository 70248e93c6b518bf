"""The features of a site laid out in two dimensions: where decoder directions are alike, features
lie near each other, as far as a plane can have it. How far it does is measured and kept beside it.

Source: van der Maaten and Hinton, Visualizing Data using t-SNE, 2008, as scikit-learn does it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from playground.atlas import tables
from playground.errors import AuthorError

if TYPE_CHECKING:  # a page waits for no torch
    from playground.models.sae import Sae

SIDE = 1000  # places go from 0 to this, across and down
PERPLEXITY = 30  # about how many neighbours a feature is laid out by
NEAREST = 10  # of which so many are looked for on the plane
FEWEST = 8  # features that are worth a plane

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Plane:
    """places: [features, 2], 0..SIDE, in the order of the site's cards; kept: of the NEAREST
    features with the most similar directions, the share that is among the NEAREST on the plane."""

    places: Places
    kept: float


def lay_out(rows: np.ndarray, seed: int = 0) -> Plane:
    """rows: [features, d], of length one. ValueError for fewer than FEWEST of them."""
    from sklearn.manifold import TSNE  # takes a second, and only an atlas in the making needs it

    if len(rows) < FEWEST:
        raise ValueError(f"{len(rows)} features: a plane begins at {FEWEST}")
    perplexity = min(PERPLEXITY, (len(rows) - 1) / 3)
    spread = TSNE(perplexity=perplexity, metric="cosine", init="random", random_state=seed)
    found = spread.fit_transform(rows)
    low, high = found.min(axis=0), found.max(axis=0)
    places = np.rint((found - low) / np.maximum(high - low, 1e-9) * SIDE).astype(np.int64)
    return Plane(places, kept_nearness(rows, places))


def kept_nearness(rows: np.ndarray, places: Places) -> float:
    """Of each feature's nearest in the model, how many are among its nearest on the plane."""
    from sklearn.neighbors import NearestNeighbors

    count = min(NEAREST, len(rows) - 1)
    near, seen = (
        NearestNeighbors(n_neighbors=count).fit(each).kneighbors(return_distance=False)
        for each in (rows, places)
    )
    pairs = zip(near, seen, strict=True)
    return float(np.mean([len(np.intersect1d(own, shown)) / count for own, shown in pairs]))


def of_sae(sae: "Sae", features: Sequence[int], seed: int = 0) -> Plane | None:
    """None for an SAE with too few features with cards."""
    if len(features) < FEWEST:
        return None
    return lay_out(sae.unit_rows(features).cpu().numpy(), seed)


def write(path: Path, planes: Mapping[str, Plane | None]) -> None:
    told = {
        site: {"places": each.places.tolist(), "kept": round(each.kept, 4)}
        for site, each in planes.items()
        if each is not None
    }
    tables.write_json(path, told)


@lru_cache(16)  # pages of every language ask for it
def read_plane(folder: Path, site: str, features: int) -> Plane | None:
    """None where nobody laid the site out. AuthorError: not as many places as features."""
    path = folder / tables.PLANE
    known = tables.read_json(path) if path.is_file() else {}
    if site not in known:
        return None
    places = np.asarray(known[site]["places"], dtype=np.int64)
    if places.shape != (features, 2):
        raise AuthorError(f"{path}: {site} has {features} features with cards and {places.shape}")
    return Plane(places, float(known[site]["kept"]))
