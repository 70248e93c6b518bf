"""What can stand in for a feature, beside the feature: a linear probe, a difference of means, an
MLP neuron; how well each tells a concept's new texts from others, and steers. Records, the file
that keeps them, and the interval of a difference of two AUROCs. Knows no model.

AxBench (Wu et al. 2025) and Kantamneni et al., Are Sparse Autoencoders Useful? (2025), compare
features with such rivals. DeLong, DeLong and Clarke-Pearson, Comparing the Areas Under Two or More
Correlated Receiver Operating Characteristic Curves (1988).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from playground.atlas import tables
from playground.errors import AuthorError

FILE = "rivals.json"
Z = 1.96  # standard errors either side: 95 of 100 such intervals hold the true difference


# -- telling texts apart ---------------------------------------------------------------------------
@dataclass(frozen=True)
class Gap:
    """An AUROC less another's on the same texts, -1..1, and where the true difference may lie."""

    value: float
    low: float
    high: float

    @property
    def ahead(self) -> bool:
        """The first is better beyond doubt."""
        return self.low > 0

    @property
    def behind(self) -> bool:
        return self.high < 0


def gap(about: np.ndarray, one: np.ndarray, other: np.ndarray) -> Gap:
    """By DeLong's covariance of two AUROCs on the same texts. A text is the least that can decide,
    so the interval is never narrower than half of one either side. about: of bool; all [texts],
    of both sorts."""
    (yes, no), (others_yes, others_no) = placed(about, one), placed(about, other)
    value = float(yes.mean() - others_yes.mean())
    spread = (variance(yes - others_yes) + variance(no - others_no)) ** 0.5
    half = max(Z * spread, 0.5 / min(len(yes), len(no)))
    return Gap(round(value, 4), round(value - half, 4), round(value + half, 4))


def placed(about: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of each text about the concept the share of others that it beats, and of each other the share
    of those that beat it; a tie is half. The mean of either is the AUROC."""
    yes, no = values[about][:, None], values[~about][None]
    wins = (yes > no) + 0.5 * (yes == no)
    return wins.mean(1), wins.mean(0)


def variance(values: np.ndarray) -> float:
    """Of the mean."""
    return float(values.var(ddof=1) / len(values)) if len(values) > 1 else 0.0


def auroc_of(about: np.ndarray, values: np.ndarray) -> float:
    return round(float(placed(about, values)[0].mean()), 4)


@dataclass(frozen=True)
class Telling:
    """One concept at one site. AUROC on texts of *grade*, all of them chosen on *select*: of a
    linear probe and a difference of means (mean over tokens), of the two best features (maximum
    over tokens), of both together (the sum, each in units of its own strongest), of the best MLP
    neuron (maximum of `sign` times its activation). Gaps: of each feature and of both to the probe,
    of the best feature to the neuron. texts: of *grade*, about the concept and others."""

    concept: str
    site: str
    probe: float
    means: float
    features: tuple[int, int]
    aurocs: tuple[float, float]
    both: float
    gaps: tuple[Gap, Gap]
    both_gap: Gap
    neuron: int
    sign: int
    neuron_auroc: float
    neuron_gap: Gap
    texts: tuple[int, int]


# -- steering --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Push:
    """One direction at the strength that did best on other prompts. hits: replies on the concept
    and undamaged; damage: their mean, 0..100; samples: some of the replies."""

    strength: float
    hits: int
    damage: float
    samples: tuple[str, ...]


@dataclass(frozen=True)
class Steering:
    """One concept at one site: replies of each way to push. of: how many each wrote, to the same
    prompts and seeds; control: the feature's push along a direction that is none of these."""

    concept: str
    site: str
    feature_index: int
    of: int
    feature: Push
    probe: Push
    means: Push
    control: Push


@dataclass(frozen=True)
class Rivals:
    telling: tuple[Telling, ...] = ()
    steering: tuple[Steering, ...] = ()

    def at(self, sites: Sequence[str]) -> "Rivals":
        return Rivals(
            tuple(each for each in self.telling if each.site in sites),
            tuple(each for each in self.steering if each.site in sites),
        )


# -- the file --------------------------------------------------------------------------------------
def write(atlas: Path, rivals: Rivals) -> None:
    """Beside the atlas that they belong to."""
    tables.write_json(atlas / FILE, {"edition": tables.edition(atlas), **asdict(rivals)})


def read(atlas: Path) -> Rivals:
    """Nothing where they were never measured, or for an earlier edition of the atlas. Raises
    AuthorError for a damaged file."""
    path = atlas / FILE
    if not path.is_file():
        return Rivals()
    data = tables.read_json(path)
    try:
        if data["edition"] != tables.edition(atlas):
            return Rivals()
        return Rivals(
            tuple(telling_of(each) for each in data["telling"]),
            tuple(steering_of(each) for each in data["steering"]),
        )
    except (KeyError, TypeError) as error:
        raise AuthorError(
            f"{path}: damaged: {error}; remove it and make it anew with "
            "`python -m playground.atlas rivals`"
        ) from error


def telling_of(data: Mapping[str, Any]) -> Telling:
    pairs = {key: tuple(data[key]) for key in ("features", "aurocs", "texts")}
    gaps = {key: Gap(**data[key]) for key in ("both_gap", "neuron_gap")}
    one, two = data["gaps"]
    return Telling(**cast(Any, {**data, **pairs, **gaps, "gaps": (Gap(**one), Gap(**two))}))


def steering_of(data: Mapping[str, Any]) -> Steering:
    pushes = {
        way: Push(**{**data[way], "samples": tuple(data[way]["samples"])})
        for way in ("feature", "probe", "means", "control")
    }
    return Steering(**cast(Any, {**data, **pushes}))
