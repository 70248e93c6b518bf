"""Which features go with which concept: how well each tells its texts, and which may steer towards
it.

A steering feature is seldom the best detector (Arad et al. 2025), so candidates come from three
measures: difference of mean activation, AUROC, and what the decoder row says to the vocabulary; the
engine then measures their output.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from playground.atlas.cards import Detector
from playground.atlas.features import Logits
from playground.atlas.harvest import Peaks
from playground.concepts import Concept

COLUMNS_AT_ONCE = 2048
DETECTORS = 5
# Candidates that each measure puts forward at each site.
BY_DIFFERENCE, BY_AUROC, BY_LOGITS = 2, 1, 2


@dataclass(frozen=True)
class SiteScores:
    """Of one site, [concepts, features] each."""

    chosen_by: np.ndarray  # AUROC on the first half of the documents
    reported: np.ndarray  # AUROC on the other half
    difference: np.ndarray  # mean activation with less without the concept, in residual norms
    logits: (
        np.ndarray
    )  # mean direct logit of the concept's words, in standard deviations of the row


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


def halves(labels: np.ndarray) -> np.ndarray:
    """Which documents select (True); the others report. Each concept's documents are dealt out
    in turn.
    """
    first = np.arange(labels.shape[1]) % 2 == 0
    for own in labels[
        np.argsort(-labels.sum(1), kind="stable")
    ]:  # rare concepts last, they have the last word
        first[np.flatnonzero(own)[::2]] = True
        first[np.flatnonzero(own)[1::2]] = False
    return first


def site_scores(
    peaks: Peaks, labels: np.ndarray, lengths: np.ndarray, fit: np.ndarray
) -> SiteScores:
    """peaks: of the labelled documents; lengths: activation -> residual norms, [features]; fit:
    logits.
    """
    first = halves(labels)
    yes = labels.sum(1)[:, None].clip(min=1)
    no = (~labels).sum(1)[:, None].clip(min=1)
    inside = labels.astype(np.float32) @ peaks.mean
    outside = peaks.mean.sum(0)[None] - inside
    return SiteScores(
        chosen_by=auroc_table(peaks.highest[first], labels[:, first]).astype(np.float32),
        reported=auroc_table(peaks.highest[~first], labels[:, ~first]).astype(np.float32),
        difference=((inside / yes - outside / no) * lengths).astype(np.float32),
        logits=fit.astype(np.float32),
    )


def logit_fit(logits: Logits, word_tokens: Sequence[Sequence[int]]) -> np.ndarray:
    """How much each feature's row says the words of each concept, in standard deviations of the
    row.

    word_tokens: of each concept, none for one without words; returns [concepts, features].
    """
    fit = np.zeros((len(word_tokens), logits.features), dtype=np.float32)
    for part, values in logits.blocks():
        values = (values - values.mean(1, keepdim=True)) / values.std(1, keepdim=True)
        for place, tokens in enumerate(word_tokens):
            if tokens:
                own = values[:, list(tokens)].mean(1)
                fit[place, part.start : part.stop] = own.nan_to_num().numpy()
    return fit


def detectors(scores: Mapping[str, SiteScores], concept: int) -> tuple[Detector, ...]:
    """The features that tell a concept best over all sites: chosen on one half, their AUROC from
    the other.
    """
    found = []
    for site, each in scores.items():
        best = np.argsort(-each.chosen_by[concept], kind="stable")[:DETECTORS]
        found += [(float(each.chosen_by[concept, f]), site, int(f)) for f in best]
    found.sort(key=lambda entry: -entry[0])
    return tuple(
        Detector(site, feature, round(float(scores[site].reported[concept, feature]), 4))
        for _, site, feature in found[:DETECTORS]
    )


def candidates(scores: Mapping[str, SiteScores], concept: int) -> list[tuple[str, int]]:
    """(site, feature) that may steer, late sites first, each once."""
    found: dict[tuple[str, int], None] = {}
    for site, each in reversed(list(scores.items())):
        measures = (
            (each.difference[concept], BY_DIFFERENCE),
            (each.chosen_by[concept], BY_AUROC),
            (each.logits[concept], BY_LOGITS),
        )
        for values, count in measures:
            if values.any():
                best = np.argsort(-values, kind="stable")[:count]
                found.update(dict.fromkeys((site, int(feature)) for feature in best))
    return list(found)


def label_table(named: Sequence[frozenset[str]], concepts: Mapping[str, Concept]) -> np.ndarray:
    """named: the concepts of each document; [concepts, documents] of bool"""
    return np.array([[name in each for each in named] for name in concepts], dtype=bool)
