"""What the handbook shows of the model that is played and of the course: the levels that need a
page, and what to open for a try, everything filled in. Knows no player, and asks no model.
"""

from collections.abc import Iterable
from dataclasses import replace

from playground.atlas.atlas import Atlas
from playground.atlas.cards import Detector, Recipe
from playground.engine.records import Dial, Sampling
from playground.game.charts import Figure, case_of
from playground.game.figures import FIGURES
from playground.game.library import Library
from playground.game.share import Sandbox
from playground.levels.judging import Bench
from playground.levels.kinds import Level
from playground.levels.schema import Pick
from playground.text.facts import TryEntry

STRENGTH = 0.5  # of a dial whose recipe has none: off for some methods would be no try


class Illustrating:
    """Safe to call from any thread."""

    def __init__(self, bench: Bench, library: Library) -> None:
        self._bench = bench
        self._library = library

    @property
    def atlas(self) -> Atlas | None:
        """What was measured of the model's features; None for a model that has none."""
        return self._bench.atlas if self._bench.has_features else None

    @property
    def levels(self) -> tuple[Level, ...]:
        """Of the course, in its order, that this model can play."""
        shelf = self._library.shelf
        return tuple(level for level in shelf.levels if level.id not in shelf.missing)

    def figure(self, name: str) -> Figure | None:
        """A drawing by its name in FIGURES; None for what was not measured on this model."""
        case = case_of(self.atlas) if self.atlas else None
        return FIGURES[name](case) if case else None

    def sandbox(self, wanted: TryEntry) -> Sandbox | None:
        """The sandbox as a page wants it; None where this model does not know the concept."""
        sampling = Sampling()
        if wanted.temperature is not None:
            sampling = replace(sampling, temperature=wanted.temperature)
        if not wanted.dial:
            return Sandbox(wanted.prompt, (), sampling)
        dial = self._dial(wanted)
        return Sandbox(wanted.prompt, (dial,), sampling) if dial else None

    def feature(self, wanted: TryEntry) -> Pick | None:
        """The best detector of the concept, at the site if one is named; None as above."""
        found = best(self._detectors(wanted.concept), wanted.site)
        return Pick(found.site, found.feature) if found else None

    def _dial(self, wanted: TryEntry) -> Dial | None:
        recipe, pick = self._recipe(wanted.concept), self.feature(wanted)
        if recipe and wanted.site in (None, recipe.site):
            dial = recipe.dial()
        elif pick:
            dial = Dial(pick.site, pick.feature, STRENGTH)
        else:
            return None
        own = {"strength": wanted.strength, "method": wanted.method, "scope": wanted.scope}
        return replace(dial, **{key: value for key, value in own.items() if value is not None})

    def _detectors(self, concept: str) -> tuple[Detector, ...]:
        known = self.atlas is not None and concept in self.atlas.concepts()
        return self.atlas.concept(concept).detectors if self.atlas and known else ()

    def _recipe(self, concept: str) -> Recipe | None:
        if self.atlas is None or concept not in self.atlas.concepts():
            return None
        recipes = self.atlas.concept(concept).recipes
        return recipes[0] if recipes else None


def best(detectors: Iterable[Detector], site: str | None) -> Detector | None:
    """The surest, at one site if it is named."""
    there = [each for each in detectors if site in (None, each.site)]
    return max(there, key=lambda each: each.sure, default=None)
