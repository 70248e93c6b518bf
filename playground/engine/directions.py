"""Directions that need no SAE: what tells two lists of texts apart at a site. Knows no concepts.

Difference of means: Turner et al., Steering Language Models With Activation Engineering (2023);
Marks and Tegmark, The Geometry of Truth (2023). Linear probe: Alain and Bengio, Understanding
intermediate layers using linear classifier probes (2016).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from playground.engine.protocol import Engine
from playground.engine.records import States, Vector, check_whole
from playground.errors import PlayerError

Way = Literal["means", "probe"]
WAYS: tuple[Way, ...] = get_args(Way)
FEWEST: Mapping[Way, int] = {"means": 1, "probe": 3}  # texts of each list
MOST = 40  # texts of a list that is typed
MOST_CHARACTERS = 2500  # of such a list, so that two of them still fit into a link
NAME_CHARACTERS = 40
# Inverse of the penalty on a probe's squared weights, whose inputs have a standard deviation of 1:
# with fewer texts than numbers in a state only a strong penalty generalises.
PROBE_C = 0.01
PROBE_STEPS = 200


@dataclass(frozen=True)
class TextContrast:
    """Two lists of texts and a place: all that a direction is made of. about: the texts that it is
    to point at; others: those that it is to point away from. Raises PlayerError for lists that no
    direction can be made of."""

    name: str
    site: str
    way: Way
    about: tuple[str, ...]
    others: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.way not in WAYS:
            raise PlayerError("directions.way", way=self.way, known=WAYS)
        if not self.name.strip():
            raise PlayerError("directions.no_name")
        if len(self.name) > NAME_CHARACTERS:
            raise PlayerError("directions.long_name", limit=NAME_CHARACTERS)
        for text in (*self.about, *self.others):
            check_whole(text)
        found = {plain(text) for text in self.about}, {plain(text) for text in self.others}
        few = FEWEST[self.way]
        if min(len(each - {""}) for each in found) < few:
            about, others = (len(each - {""}) for each in found)
            raise PlayerError(
                "directions.too_few", way=self.way, few=few, about=about, others=others
            )
        if found[0] == found[1]:
            raise PlayerError("directions.equal")
        if both := next((text for text in self.about if plain(text) in found[1]), None):
            raise PlayerError("directions.both", text=both[:NAME_CHARACTERS])


@dataclass(frozen=True)
class Direction(Vector):
    """A vector that remembers where it comes from. bias: what is added to a state's component
    along it, so that 0 is halfway between the two lists; unit: the standard deviation of that over
    all tokens of both lists, which values are told in."""

    contrast: TextContrast = field(kw_only=True)
    bias: float = field(default=0.0, kw_only=True)
    unit: float = field(default=1.0, kw_only=True)

    def along(self, states: np.ndarray) -> np.ndarray:
        """How far states lie to the side of `about`, in standard deviations. [tokens, width] ->
        [tokens]"""
        row = np.asarray(self.values, dtype=np.float32)
        return (states @ row / np.linalg.norm(row) + self.bias) / self.unit


def plain(text: str) -> str:
    """A text as it is compared with another."""
    return " ".join(text.lower().split())


def typed(name: str, site: str, way: Way, about: str, others: str) -> TextContrast:
    """From two lists as they are typed, a text a line. Raises PlayerError for lists that are too
    long, or that no direction can be made of."""
    lists = lines(about), lines(others)
    for texts in lists:
        if len(texts) > MOST or sum(map(len, texts)) > MOST_CHARACTERS:
            raise PlayerError("directions.too_much", count=MOST, limit=MOST_CHARACTERS)
    return TextContrast(" ".join(name.split()), site, way, *lists)


def lines(written: str) -> tuple[str, ...]:
    """One text a line, empty ones left out."""
    return tuple(each.strip() for each in written.splitlines() if each.strip())


# -- making ----------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class Means:
    """Texts of both lists as a direction sees them. rows: the mean state of each, bare tokens left
    out, [texts, width]; tokens: how many it is the mean of, [texts]; about: of bool, [texts]"""

    rows: np.ndarray
    tokens: np.ndarray
    about: np.ndarray

    @staticmethod
    def of(about: Sequence[States], others: Sequence[States]) -> "Means":
        told = [each.telling for each in (*about, *others)]
        rows, tokens = [each.mean(0) for each in told], [len(each) for each in told]
        return Means(np.stack(rows), np.array(tokens), np.arange(len(told)) < len(about))

    def without(self, place: int) -> "Means":
        """All texts but one."""
        left = np.arange(len(self.rows)) != place
        return Means(self.rows[left], self.tokens[left], self.about[left])


def build(engine: Engine, contrast: TextContrast) -> Direction:
    """Raises PlayerError where the states of the two lists do not differ, EngineError for a site
    that there is not."""
    about, others = states_of(engine, contrast)
    row = fit(Means.of(about, others), contrast.way)
    along = [np.concatenate([each.telling @ row for each in part]) for part in (about, others)]
    middle = (along[0].mean() + along[1].mean()) / 2
    spread = float(np.concatenate(along).std()) or 1.0
    return Direction(
        contrast.name, tuple(row.tolist()), contrast=contrast, bias=-float(middle), unit=spread
    )


def states_of(engine: Engine, contrast: TextContrast) -> tuple[list[States], list[States]]:
    states = engine.states([*contrast.about, *contrast.others], contrast.site)
    return states[: len(contrast.about)], states[len(contrast.about) :]


def left_out(engine: Engine, contrast: TextContrast) -> tuple[int, int] | None:
    """Each text is told by a direction that is made of all the others: how many lie on their own
    side, and of how many. None where a list is too short to do without one text."""
    if min(len(contrast.about), len(contrast.others)) <= FEWEST[contrast.way]:
        return None
    means, right = Means.of(*states_of(engine, contrast)), 0
    for place, (row, about) in enumerate(zip(means.rows, means.about, strict=True)):
        rest = means.without(place)
        values = rest.rows @ fit(rest, contrast.way)
        middle = (values[rest.about].mean() + values[~rest.about].mean()) / 2
        right += bool(row @ fit(rest, contrast.way) > middle) == bool(about)
    return right, len(means.rows)


def fit(means: Means, way: Way) -> np.ndarray:
    """The unit direction from the texts that are not about it to those that are. Raises PlayerError
    where they do not differ. [width]"""
    row = FITS[way](means)
    length = float(np.linalg.norm(row))
    if not np.isfinite(length) or length == 0.0:
        raise PlayerError("directions.equal")
    return row / length


def difference_of_means(means: Means) -> np.ndarray:
    """From the mean state of all tokens of the other texts to that of those about it. [width]"""

    def mean(which: np.ndarray) -> np.ndarray:
        return np.average(means.rows[which], axis=0, weights=means.tokens[which])

    return mean(means.about) - mean(~means.about)


def probe(means: Means) -> np.ndarray:
    """The weights of a logistic regression with a penalty that tells texts apart by their mean
    states, in the units of the states. Both sorts weigh the same, however many there are of each.
    [width]"""
    from sklearn.linear_model import LogisticRegression  # slow to import, and seldom wanted

    scale = means.rows.std(0)
    scale[scale == 0] = np.inf  # what never varies says nothing
    model = LogisticRegression(C=PROBE_C, class_weight="balanced", max_iter=PROBE_STEPS)
    model.fit((means.rows - means.rows.mean(0)) / scale, means.about)
    return model.coef_[0] / scale


FITS: Mapping[Way, Callable[[Means], np.ndarray]] = {
    "means": difference_of_means, "probe": probe,
}  # fmt: skip
