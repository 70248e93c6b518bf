"""Which features go with which concept: how well each tells its texts, and which may steer towards
it.

A steering feature is seldom the best detector (Arad et al. 2025), so candidates come from three
measures: difference of mean activation, AUROC, and what the decoder row says to the vocabulary; the
engine then measures their output.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice

import numpy as np
from scipy.stats import rankdata

from playground.atlas.cards import Detector
from playground.atlas.features import Scores
from playground.atlas.harvest import Peaks
from playground.atlas.pushes import Pushes
from playground.atlas.sources import Labelled
from playground.models.registry import ROLES

COLUMNS_AT_ONCE = 2048
DETECTORS = 5


@dataclass(frozen=True)
class SiteScores:
    """Of one site, [concepts, features] each."""

    chosen_by: np.ndarray  # AUROC on *select*
    contrast: np.ndarray  # likewise, against texts about what is easily taken for the concept
    reported: np.ndarray  # AUROC on *grade*
    difference: np.ndarray  # on *select*, mean activation with less without, in residual norms
    logits: (
        np.ndarray
    )  # mean direct logit of the concept's words, in standard deviations of the row

    def of(self, features: Sequence[int]) -> Scores:
        """What cards tell of some of the features."""
        return Scores(*(vars(self)[each.name][:, list(features)] for each in fields(Scores)))


def auroc_table(highest: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """AUROC of every feature for every concept at once, from ranks (ties count half).

    highest: [texts, features]; labels: [concepts, texts] of bool; returns [concepts, features], .5
    where a concept has no text or every text.
    """
    yes = labels.sum(1).astype(np.float64)
    no = labels.shape[1] - yes
    table = np.full((len(labels), highest.shape[1]), 0.5)
    usable = (yes > 0) & (no > 0)
    for start in range(0, highest.shape[1], COLUMNS_AT_ONCE):
        part = slice(start, start + COLUMNS_AT_ONCE)
        ranks = rankdata(highest[:, part], axis=0)  # 1 is the lowest
        above = labels.astype(np.float64) @ ranks - (yes * (yes + 1) / 2)[:, None]
        table[usable, part] = above[usable] / (yes * no)[usable, None]
    return table


def site_scores(peaks: Peaks, labelled: Labelled, lengths: np.ndarray) -> SiteScores:
    """All but the logits, which are zeros. peaks: of the labelled texts; lengths: activation ->
    residual norms, [features]
    """
    select, near = labelled.of("select"), labelled.used & labelled.near
    about, others = labelled.about & select, labelled.used & ~labelled.about & select
    inside, outside = (
        each.astype(np.float32) @ peaks.mean / each.sum(1)[:, None].clip(min=1)
        for each in (about, others)
    )
    return SiteScores(
        chosen_by=own_aurocs(peaks.highest, labelled.about, labelled.used & select),
        contrast=own_aurocs(peaks.highest, labelled.about, near & select),
        reported=own_aurocs(peaks.highest, labelled.about, labelled.used & labelled.of("grade")),
        difference=((inside - outside) * lengths).astype(np.float32),
        logits=np.zeros(inside.shape, dtype=np.float32),
    )


def own_aurocs(highest: np.ndarray, about: np.ndarray, used: np.ndarray) -> np.ndarray:
    """AUROC of each concept on its own texts. about, used: [concepts, texts] of bool; [concepts,
    features]
    """
    table = np.empty((len(about), highest.shape[1]), dtype=np.float32)
    sets, of_concept = np.unique(used, axis=0, return_inverse=True)
    for number, texts in enumerate(sets):
        same = of_concept == number
        table[same] = auroc_table(highest[texts], about[same][:, texts])
    return table


def logit_fit(
    pushes: Pushes, word_tokens: Sequence[Sequence[int]], features: Sequence[int], width: int
) -> np.ndarray:
    """How much each feature's row says the words of each concept, in standard deviations of the
    row; 0 for those that are not among `features`.

    word_tokens: of each concept, none for one without words; returns [concepts, width].
    """
    fit = np.zeros((len(word_tokens), width), dtype=np.float32)
    for part, values in pushes.blocks(features):
        values = (values - values.mean(1, keepdim=True)) / values.std(1, keepdim=True)
        for place, tokens in enumerate(word_tokens):
            if tokens:
                own = values[:, list(tokens)].mean(1)
                fit[place, part] = own.nan_to_num().numpy()
    return fit


Contrary = Mapping[str, Collection[int]]  # by site


def detectors(
    scores: Mapping[str, SiteScores], concept: int, contrary: Contrary
) -> tuple[Detector, ...]:
    """The features that tell a concept best over all sites: chosen on *select*, their AUROC on
    *grade*. contrary: those that are named after another concept, which are left out.
    """
    found = []
    for site, each in named_by_levels(scores).items():
        # Few texts leave ties; among equals the one that differs most is the surest.
        order = np.lexsort((-each.difference[concept], -each.chosen_by[concept]))
        best = first(order, DETECTORS, contrary[site])
        found += [(float(each.chosen_by[concept, f]), site, f) for f in best]
    found.sort(key=lambda entry: -entry[0])
    return tuple(
        Detector(
            site,
            feature,
            auroc=round(float(scores[site].reported[concept, feature]), 4),
            select=round(sure, 4),
        )
        for sure, site, feature in found[:DETECTORS]
    )


def best_detectors(scores: Mapping[str, SiteScores], concept: int) -> dict[str, int]:
    """The feature that tells a concept best at each site, as chosen on *select*."""
    return {
        site: int(np.lexsort((-each.difference[concept], -each.chosen_by[concept]))[0])
        for site, each in named_by_levels(scores).items()
    }


def candidates(
    scores: Mapping[str, SiteScores],
    concept: int,
    contrary: Contrary,
    counts: tuple[int, int, int],
) -> list[tuple[str, int]]:
    """(site, feature) that may steer, late sites first, each once. contrary: as above; counts: how
    many are put forward at each site by difference, AUROC and what they do to the next token."""
    found: dict[tuple[str, int], None] = {}
    for site, each in reversed(list(named_by_levels(scores).items())):
        measures = (each.difference[concept], each.chosen_by[concept], each.logits[concept])
        for values, count in zip(measures, counts, strict=True):
            if values.any():
                best = first(np.argsort(-values, kind="stable"), count, contrary[site])
                found.update(dict.fromkeys((site, feature) for feature in best))
    return list(found)


def first(order: np.ndarray, count: int, without: Collection[int]) -> list[int]:
    return list(islice((int(f) for f in order if int(f) not in without), count))


def named_by_levels(scores: Mapping[str, SiteScores]) -> Mapping[str, SiteScores]:
    """The sites that levels name, where there are such: a model may have one on every block."""
    return {site: each for site, each in scores.items() if site in ROLES} or scores


def chosen_features(scores: SiteScores, fires: np.ndarray, count: int) -> list[int]:
    """The features that get cards: all, or of a wider SAE those that go best with some concept,
    concepts taking turns, and then those that fire in most labelled texts. fires: [features]
    """
    width = len(fires)
    if width <= count:
        return list(range(width))
    turns = [
        np.argsort(-each, axis=1, kind="stable") for each in (scores.chosen_by, scores.difference)
    ]
    a_concept = max(DETECTORS, count // (2 * len(turns) * max(1, len(scores.chosen_by))))
    ranked = np.concatenate([each[:, :a_concept].T.ravel() for each in turns])
    order = [*ranked.tolist(), *np.argsort(-fires, kind="stable").tolist()]
    least = len(set(ranked.tolist()))  # whatever levels may ask for has a card
    return sorted(list(dict.fromkeys(order))[: max(count, least)])
