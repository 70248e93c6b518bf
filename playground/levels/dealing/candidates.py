"""Which concepts of a model's atlas a level that asks may draw from, and in which order."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from playground.atlas import labels
from playground.atlas.cards import CurvePoint, Detector, Recipe
from playground.concepts.concepts import Concept
from playground.errors import AuthorError
from playground.levels.dealing.questions import AskLevel
from playground.levels.judging import Bench
from playground.messages import Line

GOOD_AUROC = 0.9  # a detector that is right in nine pairs of texts of ten


@dataclass(frozen=True)
class Steered:
    """A concept with its calibrated dial and what the atlas measured at that very strength."""

    concept: Concept
    recipe: Recipe
    point: CurvePoint

    @property
    def lead(self) -> float:
        """Share of replies on the concept, less that of the control that has most: -1..1."""
        return self.point.effect - max(self.point.control_effect, self.point.control_high)


@dataclass(frozen=True)
class Detected:
    """A concept with its best detector at the level's sites."""

    concept: Concept
    detector: Detector


def named(level: AskLevel, bench: Bench) -> tuple[str, ...]:
    """The level's own concepts where it lists some, else all; those that the atlas has."""
    known = bench.atlas.concepts()
    if not level.concepts:
        return known
    return tuple(e for e in dict.fromkeys((level.concept, *level.concepts)) if e in known)


def steered(
    level: AskLevel, bench: Bench, rng: random.Random, along: bool = False
) -> list[Steered]:
    """Concepts with a recipe at the level's sites, in random order, no feature twice. A recipe's
    feature may have no name, for the best dial is seldom a detector; it has no other's. along:
    the direction of a concept's texts will do where it has no feature's."""
    found: list[Steered] = []
    for name in mixed(named(level, bench), rng):
        entry = bench.atlas.concept(name)
        recipes = (r for r in entry.recipes if r.site in level.sites)
        recipe = next((r for r in recipes if agrees(bench, r, name)), None)
        if recipe is not None and any(same(recipe, each.recipe) for each in found):
            continue
        if recipe is None and along:
            recipe = next((r for r in entry.directions if r.site in level.sites), None)
        if recipe is not None and recipe.point is not None:
            found.append(Steered(bench.concept(name), recipe, recipe.point))
    return found


def detected(level: AskLevel, bench: Bench, rng: random.Random) -> list[Detected]:
    """Concepts with a good detector at the level's sites whose name holds, in random order, no
    feature twice."""
    found: list[Detected] = []
    for name in mixed(named(level, bench), rng):
        here = [each for each in bench.atlas.concept(name).detectors if each.site in level.sites]
        usable = [each for each in here if labels.holds(label_of(bench, each), name)]
        best = max(usable, key=lambda each: each.sure, default=None)
        if best is None or best.sure < GOOD_AUROC:
            continue
        if not any(same(best, each.detector) for each in found):
            found.append(Detected(bench.concept(name), best))
    return found


def too_few(level: AskLevel, needed: int, what: str, found: int) -> AuthorError:
    """The one sentence about what a model lacks for a level."""
    return AuthorError(
        f"level {level.id}: needs {needed} concepts with {what}; this model's atlas has {found}"
    )


def label_of(bench: Bench, used: Recipe | Detector) -> Line:
    return bench.atlas.label(used.site, used.feature)


def agrees(bench: Bench, used: Recipe | Detector, concept: str) -> bool:
    """Whether a feature is named after no other concept."""
    return labels.concepts_of(label_of(bench, used)) <= {concept}


def same(one: Recipe | Detector, other: Recipe | Detector) -> bool:
    return (one.site, one.feature) == (other.site, other.feature)


def mixed(names: Sequence[str], rng: random.Random) -> list[str]:
    """Sorted first, so that the atlas' own order does not matter."""
    return rng.sample(sorted(names), len(names))
