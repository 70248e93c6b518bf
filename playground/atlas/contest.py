"""Measures what stands in for features (rivals.py): trains probes on texts of *select*, judges them
and features on texts of *grade*, and has the model write under each of them.

Knows the engine, an opened atlas and its labelled texts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from playground.atlas import calibrate, rivals
from playground.atlas.atlas import Atlas
from playground.atlas.controls import controls_for
from playground.atlas.folders import sums_of
from playground.atlas.ranking import auroc_table
from playground.atlas.rivals import Push, Rivals, Steering, Telling
from playground.atlas.survey import Digest, Digests, surveyed
from playground.concepts.concepts import Concept, load_concepts, score_replies
from playground.engine import directions
from playground.engine.directions import WAYS, Means, Way
from playground.engine.loading import open_engine, open_parts
from playground.engine.protocol import Engine
from playground.engine.records import Dial, Vector
from playground.errors import AuthorError
from playground.settings import Settings

STRENGTHS = (0.45, 0.65, 0.9)  # residual norms; tried on the prompts of calibration
TRIED, REPLIES, TOKENS = 3, 20, 36  # replies at each strength; of the one that is taken; of a reply
SEED = calibrate.FRESH_SEED + 300_000  # apart from those of calibration and evaluation
CONTROLS = 4  # directions, by turns another feature's and a random one
SAMPLES, SAMPLE_CHARACTERS = 3, 160
CHOSEN_BY_TELLING = 1e-3  # what a standard deviation between the sorts adds to an AUROC that ties


@dataclass(frozen=True)
class Sorted:
    """A concept's texts of one part. about: of bool, [texts]"""

    texts: tuple[str, ...]
    about: np.ndarray

    @property
    def contrast(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        pairs = list(zip(self.texts, self.about, strict=True))
        return tuple(t for t, own in pairs if own), tuple(t for t, own in pairs if not own)


@dataclass(frozen=True)
class Corpora:
    """Of one concept: what is chosen on, and what figures are of."""

    select: Sorted
    grade: Sorted


Labelled = Mapping[str, Corpora]  # by concept
NONE = Rivals()


def labelled(rows: Iterable[Mapping[str, Any]]) -> dict[str, Corpora]:
    """From the table of texts that is kept beside an atlas: concept, about, part, text."""
    by_concept = dict[str, dict[str, list[tuple[str, bool]]]]()
    for row in rows:
        parts = by_concept.setdefault(row["concept"], {"select": [], "grade": []})
        if row["part"] in parts:
            parts[row["part"]].append((row["text"], row["about"]))

    def of(pairs: Sequence[tuple[str, bool]]) -> Sorted:
        return Sorted(tuple(text for text, _ in pairs), np.array([own for _, own in pairs], bool))

    return {name: Corpora(of(p["select"]), of(p["grade"])) for name, p in by_concept.items()}


@dataclass(frozen=True)
class RivalContest:
    """digests: of all texts, at every site."""

    engine: Engine
    atlas: Atlas
    concepts: Mapping[str, Concept]
    texts: Labelled
    digests: Digests

    def run(self, names: Sequence[str], known: Rivals = NONE) -> Iterator[tuple[str, Rivals]]:
        """What was measured last, and all that is known by then; what is known already is not
        measured again. Raises AuthorError where a concept has too few texts to choose on."""
        told = {each.concept for each in known.telling}
        for name in names:
            if name not in told:
                known = replace(known, telling=(*known.telling, *self.telling(name)))
                yield f"{name}: told apart", known
        pushed = {each.concept for each in known.steering}
        for name in names:
            if name not in pushed:
                own = [each for each in known.telling if each.concept == name]
                known = replace(known, steering=(*known.steering, self.steering(name, own)))
                yield f"{name}: steered", known

    # -- telling texts apart -----------------------------------------------------------------------
    def telling(self, name: str) -> Iterator[Telling]:
        """At each site."""
        own = self.texts.get(name)
        if own is None or min(map(len, (*own.select.contrast, *own.grade.contrast))) < 2:
            raise AuthorError(
                f"{name}: needs two texts of *select* and of *grade*, about it and others; "
                "build the atlas anew"
            )
        for site in self.engine.sites:
            yield self._told(name, site, own)

    def direction(self, name: str, site: str, way: Way) -> np.ndarray:
        """Of length 1. [d_out]"""
        return directions.fit(self._means(self.texts[name].select, site), way)

    def _digested(self, texts: Sequence[str], site: str) -> list[Digest]:
        return [self.digests[site][text] for text in texts]

    def _means(self, own: Sorted, site: str) -> Means:
        found = self._digested(own.texts, site)
        rows, tokens = [each.mean for each in found], [each.tokens for each in found]
        return Means(np.stack(rows), np.array(tokens), own.about)

    def _told(self, name: str, site: str, own: Corpora) -> Telling:
        about, means = own.grade.about, self._means(own.grade, site).rows
        lines = {way: means @ self.direction(name, site, way) for way in WAYS}
        chosen, graded = (self.peaks(each.texts, site) for each in (own.select, own.grade))
        first, second = best(chosen, own.select.about)[:2]
        scale = chosen.max(0).clip(min=1e-6)
        single = [graded[:, feature] for feature in (first, second)]
        together = graded[:, first] / scale[first] + graded[:, second] / scale[second]
        neuron, sign, fired = self._neuron(own, site)
        one, two = (rivals.gap(about, each, lines["probe"]) for each in single)
        return Telling(
            name, site, rivals.auroc_of(about, lines["probe"]),
            rivals.auroc_of(about, lines["means"]), (first, second),
            (rivals.auroc_of(about, single[0]), rivals.auroc_of(about, single[1])),
            rivals.auroc_of(about, together), (one, two),
            rivals.gap(about, together, lines["probe"]), neuron, sign,
            rivals.auroc_of(about, fired), rivals.gap(about, single[0], fired),
            (int(about.sum()), int((~about).sum())),
        )  # fmt: skip

    def peaks(self, texts: Sequence[str], site: str) -> np.ndarray:
        """Maximum over tokens of every feature. [texts, features]"""
        highest = np.zeros((len(texts), self.engine.sites[site].width), dtype=np.float32)
        for row, each in zip(highest, self._digested(texts, site), strict=True):
            row[each.features] = each.peaks
        return highest

    def _neuron(self, own: Corpora, site: str) -> tuple[int, int, np.ndarray]:
        """The neuron that tells the texts of *select* best, up (1) or down (-1), and its maximum in
        each text of *grade*."""
        chosen = self.neurons(own.select.texts, site)
        place = best(chosen, own.select.about)[0]
        neuron, up = place % (chosen.shape[1] // 2), place < chosen.shape[1] // 2
        return neuron, 1 if up else -1, self.neurons(own.grade.texts, site)[:, place]

    def neurons(self, texts: Sequence[str], site: str) -> np.ndarray:
        """Maximum over tokens of every neuron, then of every neuron's negative.
        [texts, 2 * neurons]"""
        found = self._digested(texts, site)
        return np.stack([np.concatenate([each.highest, -each.lowest]) for each in found])

    # -- steering ----------------------------------------------------------------------------------
    def steering(self, name: str, telling: Sequence[Telling]) -> Steering:
        """At the site of the atlas' recipe, by its feature; where it has none, at the site and by
        the feature that tells texts apart best."""
        recipe = next(iter(self.atlas.concept(name).recipes), None)
        surest = max(telling, key=lambda each: each.aurocs[0])
        site = recipe.site if recipe else surest.site
        feature = recipe.feature if recipe else surest.features[0]
        dials = {"feature": Dial(site, feature, 0.0, "add")} | {
            way: Dial.along(site, Vector(way, tuple(self.direction(name, site, way).tolist())), 0.0)
            for way in WAYS
        }
        pushed = dict[str, tuple[Dial, ...]]()
        for way, dial in dials.items():
            pushed[way] = (self._strongest(name, dial),)
        pushed["control"] = controls_for(self.atlas, pushed["feature"][0], CONTROLS)
        found = {way: self._pushed(name, each) for way, each in pushed.items()}
        return Steering(
            name, site, feature, REPLIES, found["feature"], found["probe"], found["means"],
            found["control"],
        )  # fmt: skip

    def _strongest(self, name: str, dial: Dial) -> Dial:
        """At the strength that brings most replies on the concept and undamaged; of equal ones the
        weakest."""
        dials = [replace(dial, strength=strength) for strength in STRENGTHS]
        wanted = [
            request
            for each in dials
            for request in calibrate.requests_of((each,), TRIED, SEED, TOKENS)
        ]
        traces = self.engine.generate(wanted).traces()
        concept = self.concepts[name]
        scores = [
            score_replies(concept, traces[n * TRIED : (n + 1) * TRIED], self.atlas.usual)
            for n in range(len(dials))
        ]
        best = max(range(len(dials)), key=lambda n: (scores[n].both, scores[n].effect, -n))
        return dials[best]

    def _pushed(self, name: str, dials: Sequence[Dial]) -> Push:
        """Under one dial, or several by turns."""
        wanted = [
            replace(request, dials=(dials[place % len(dials)],))
            for place, request in enumerate(
                calibrate.requests_of((), REPLIES, SEED, TOKENS, calibrate.FRESH_PROMPTS)
            )
        ]
        traces = self.engine.generate(wanted).traces()
        score = score_replies(self.concepts[name], traces, self.atlas.usual)
        hits = sum(each.both for each in score.replies)
        told = (f"{each.request.prompt}{each.text}" for each in traces[:SAMPLES])
        samples = tuple(each[:SAMPLE_CHARACTERS] for each in told)
        return Push(dials[0].strength, hits, round(score.damage, 1), samples)


def best(peaks: np.ndarray, about: np.ndarray) -> list[int]:
    """Columns by how well they tell the texts apart, the best first; where several never err, the
    one whose two sorts lie further apart. peaks: [texts, columns]; about: of bool, [texts]"""
    auroc = auroc_table(peaks, about[None])[0]
    spread = peaks.std(0)
    spread[spread == 0] = np.inf
    apart = (peaks[about].mean(0) - peaks[~about].mean(0)) / spread
    order = np.argsort(-(auroc + CHOSEN_BY_TELLING * apart), kind="stable")
    return [int(each) for each in order]


def measure(meant: Settings, names: Sequence[str]) -> Iterator[str]:
    """Everything, beside the atlas of the settings; a line for each concept. What was measured
    before an interruption is not measured again. Raises AuthorError where model, atlas and texts do
    not fit."""
    parts = open_parts(meant)
    chosen = parts.chosen
    atlas = Atlas.open(chosen.atlas)
    if atlas.meta["sums"] != sums_of(parts):
        raise AuthorError(f"{chosen.atlas}: built from another model or other SAEs than these")
    rows = pq.read_table(chosen.texts).to_pylist()
    if rows and "part" not in rows[0]:
        raise AuthorError(f"{chosen.texts}: does not say what each text is for; build it anew")
    engine = open_engine(parts, atlas.norms)
    try:
        wanted, own = names or atlas.concepts(), labelled(rows)
        known = rivals.read(chosen.atlas)
        read = texts_of(own, wanted, known)
        contest = RivalContest(engine, atlas, load_concepts(), own, surveyed(engine, read))
        for line, now in contest.run(wanted, known):
            rivals.write(chosen.atlas, now)
            yield line
    finally:
        engine.close()


def texts_of(labelled: Labelled, names: Sequence[str], known: Rivals) -> list[str]:
    """All that has to be read for what is not known yet."""
    told = {each.concept for each in known.telling}
    pushed = {each.concept for each in known.steering}
    corpora = [labelled[name] for name in names if name in labelled and name not in told & pushed]
    return [text for own in corpora for part in (own.select, own.grade) for text in part.texts]
