"""What steers a concept, from all that a build knows of it: a feature, else a difference of means.

Knows the engine and an atlas' rows in the making; writes no file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from playground.atlas import calibrate, labels, means, ranking, refresh, sweeps
from playground.atlas.calibrate import Plan
from playground.atlas.cards import ConceptEntry, Recipe, Sweep
from playground.atlas.controls import Peer, controls
from playground.atlas.ranking import SiteScores
from playground.concepts.concepts import Concept
from playground.concepts.damage import Usual
from playground.engine.protocol import Engine
from playground.engine.records import Dial, Trace, Vector
from playground.models.registry import ROLES
from playground.models.sae import Sae

Rows = Mapping[str, Sequence[Mapping[str, Any]]]  # of the index, by site
PUSHED = ROLES[1:]  # what is said early is overwritten later
CLEAR = 0.5  # a concept that a feature brings into so many replies needs no other direction
DIGITS = 6  # of a direction's values
SHORTLIST = 5  # replies of each setting of a direction, of which there are few


class Calibrator:
    """index: the index rows of each site."""

    def __init__(
        self,
        engine: Engine,
        saes: Mapping[str, Sae],
        plan: Plan,
        usual: Usual,
        scores: Mapping[str, SiteScores],
        index: Rows,
    ) -> None:
        self.engine, self.saes, self.plan, self.usual = engine, saes, plan, usual
        self.scores, self.index = scores, index

    @cached_property
    def plain(self) -> list[Trace]:
        """What the undialled model writes where curves are measured."""
        return calibrate.baseline(self.engine, self.plan)

    @cached_property
    def every(self) -> dict[str, np.ndarray]:
        """The mean state over texts of all concepts, by site, in as many digits as are kept."""
        found = {s: means.mean(self.engine, means.ALL, s) for s in PUSHED if s in self.saes}
        return {site: np.asarray(short(mean.tolist())) for site, mean in found.items()}

    def entry(
        self, concept: Concept, place: int, searched: bool, atlas: Path | None
    ) -> ConceptEntry:
        """place: the concept's row in the scores; searched: whether anything is to steer it; atlas:
        of this model, whose setting is taken instead of a search."""
        contrary = self.contrary(concept.name)
        found = ConceptEntry(concept.name, ranking.detectors(self.scores, place, contrary), ())
        if not searched:
            return found
        if atlas is not None:
            best = refresh.recipe_of(atlas, concept.name, contrary)
        else:
            search = calibrate.RecipeSearch(self.engine, concept, self.usual, self.plan)
            put = ranking.candidates(self.scores, place, contrary, self.plan.put_forward)
            best = search.best(put)
        if best is not None:
            found = self.with_recipe(found, concept, place, best)
        if self.plan.directions and atlas is None and not steers(found):
            found = self.with_direction(found, concept)
        return found

    def with_recipe(
        self, entry: ConceptEntry, concept: Concept, place: int, best: Dial
    ) -> ConceptEntry:
        features = ranking.best_detectors(self.scores, place)
        return replace(
            entry,
            recipes=(self.recipe(concept, best),),
            places=sweeps.places(self.engine, concept, self.usual, best, features, self.plan),
            ladders=self.ladders(concept, best),
        )

    def with_direction(self, entry: ConceptEntry, concept: Concept) -> ConceptEntry:
        plan = replace(self.plan, screen_tokens=self.plan.tokens, screen_replies=SHORTLIST)
        search = calibrate.RecipeSearch(self.engine, concept, self.usual, plan)
        best = search.best_along({site: self.away(concept.name, site) for site in self.every})
        if best is None:
            return entry
        found = replace(entry, directions=(self.recipe(concept, best),))
        return found if entry.recipes else replace(found, ladders=self.ladders(concept, best))

    def away(self, concept: str, site: str) -> Vector:
        """The concept's difference of means, in as many digits as are kept."""
        own = means.mean(self.engine, concept, site)
        made = means.direction(concept, own, self.every[site])
        return Vector(concept, short(made.values))

    def recipe(self, concept: Concept, best: Dial) -> Recipe:
        rivals = controls(best, self.peers(best.site), self.plan.controls)
        return calibrate.recipe(
            self.engine, concept, self.usual, best, rivals, self.plain, self.plan
        )

    def ladders(self, concept: Concept, best: Dial) -> tuple[Sweep, ...]:
        rivals = controls(best, self.peers(best.site), sweeps.RIVALS)
        return sweeps.ladders(self.engine, concept, self.usual, best, rivals, self.plan)

    def peers(self, site: str) -> list[Peer]:
        return [
            Peer(row["index"], row["frac_nonzero"], frozenset(row["concepts"]))
            for row in self.index[site]
        ]

    def contrary(self, name: str) -> dict[str, set[int]]:
        """The features of each site that are named after another concept."""
        return {
            site: {row["index"] for row in rows if not labels.agrees(row["label"], name)}
            for site, rows in self.index.items()
        }


def steers(entry: ConceptEntry) -> bool:
    """Whether the recipe, by replies that it was not chosen by, brings the concept in CLEARly."""
    return any(each.point is not None and each.point.both >= CLEAR for each in entry.recipes)


def short(values: Sequence[float]) -> tuple[float, ...]:
    return tuple(float(f"{each:.{DIGITS}g}") for each in values)
