"""What a drawing of the handbook is made of: records of bars, histograms, curves and texts; and the
concept that those of one atlas are about. Draws nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from playground.atlas.atlas import Atlas
from playground.atlas.cards import Activation, Card, ConceptEntry, CurvePoint, Recipe
from playground.levels.intervals import wilson
from playground.messages import Line, Message

FAVOURITE = "cats"
Unit = Literal["percent", "auroc", "cosine", "logit", "plain", "count"]


@dataclass(frozen=True)
class Bar:
    """low, high: where the true value may lie, where that was counted. faint: what the others are
    compared with."""

    name: Line
    value: float
    low: float | None = None
    high: float | None = None
    faint: bool = False


@dataclass(frozen=True)
class BarChart:
    """Values from `least`, at the left, to `most`."""

    title: Message
    unit: Unit
    rows: tuple[Bar, ...]
    most: float
    least: float = 0.0


@dataclass(frozen=True)
class Heights:
    """A histogram: so many (heights) at each of values."""

    title: Message
    values: tuple[float, ...]
    heights: tuple[float, ...]


@dataclass(frozen=True)
class DoseCurve:
    title: Message
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True)
class Fires:
    """Texts coloured by how strongly a feature fires; top: its peak over all texts."""

    title: Message
    examples: tuple[Activation, ...]
    top: float


Figure = BarChart | Heights | DoseCurve | Fires


# -- whom the figures are about --------------------------------------------------------------------
@dataclass(frozen=True)
class Case:
    """An atlas and the concept that its figures take as their example."""

    atlas: Atlas
    entry: ConceptEntry

    @property
    def topic(self) -> Message:
        return Message(f"concepts.{self.entry.concept}")

    @property
    def card(self) -> Card | None:
        """Of the best detector."""
        if not self.entry.detectors:
            return None
        best = max(self.entry.detectors, key=lambda each: each.sure)
        return self.atlas.card(best.site, best.feature)

    @property
    def recipe(self) -> Recipe | None:
        return self.entry.recipes[0] if self.entry.recipes else None

    @property
    def entries(self) -> list[ConceptEntry]:
        return [self.atlas.concept(name) for name in self.atlas.concepts()]

    @property
    def recipes(self) -> list[Recipe]:
        """The best one of each concept that has any."""
        return [entry.recipes[0] for entry in self.entries if entry.recipes]


def case_of(atlas: Atlas) -> Case | None:
    """Cats where the model can be pushed to them, else the concept whose recipe does best."""
    entries = [atlas.concept(name) for name in atlas.concepts()]

    def liked(entry: ConceptEntry) -> tuple[bool, bool, float]:
        point = at(entry.recipes[0]) if entry.recipes else None
        return bool(entry.recipes), entry.concept == FAVOURITE, point.both if point else 0.0

    return Case(atlas, max(entries, key=liked)) if entries else None


def at(recipe: Recipe) -> CurvePoint | None:
    """The point of the curve at the recipe's own strength."""
    return min(recipe.curve, key=lambda each: abs(each.strength - recipe.strength), default=None)


def bars(title: Message, unit: Unit, rows: Sequence[Bar], least: float = 0.0) -> BarChart | None:
    """None for no rows: nothing to draw."""
    ends = [row.high if row.high is not None else row.value for row in rows]
    most = {"percent": 1.0, "auroc": 1.0, "cosine": 1.0}.get(unit, max(ends, default=0.0))
    return BarChart(title, unit, tuple(rows), most, least) if rows and most > least else None


def site(name: str) -> Message:
    return Message("common.site", site=name)


def shared(hits: int, of: int, name: Line, faint: bool = False) -> Bar:
    """A share of counted replies, with its interval."""
    found = wilson(hits, of)
    return Bar(name, hits / of if of else 0.0, found.low, found.high, faint)
