"""Drawings as SVG: the cat, a histogram, the dose-response curve, the model's stack. How each looks
stands in templates/pictures.html; here is what it shows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from playground.atlas.cards import CurvePoint
from playground.engine.records import Site
from playground.screens.render import macro

STEPS = (0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5)  # between two ticks
TICKS = 6  # at most


@dataclass(frozen=True)
class Axes:
    """Where a strength and a score of 0..100 lie in the curve's drawing."""

    low: float
    high: float
    width: int = 400
    height: int = 290
    left: int = 38
    right: int = 14
    top: int = 52
    base: int = 232

    def x(self, strength: float) -> float:
        share = (strength - self.low) / (self.high - self.low)
        return round(self.left + (self.width - self.left - self.right) * share, 1)

    def y(self, score: float) -> float:
        share = min(max(score, 0.0), 100.0) / 100
        return round(self.base - (self.base - self.top) * share, 1)

    @property
    def ticks(self) -> list[float]:
        """Round steps, about five of them."""
        span = self.high - self.low
        step = next(s for s in STEPS if span / s <= TICKS or s == STEPS[-1])
        first = int(self.low / step) - (self.low < 0)
        ticks = [round((first + i) * step, 3) for i in range(int(span / step) + 2)]
        return [tick for tick in ticks if self.low - 1e-9 <= tick <= self.high + 1e-9]


def curve(points: Sequence[CurvePoint], own: CurvePoint | None, names: Mapping[str, str]) -> Markup:
    """Dose-response: three lines over strength, and a ring around the player's point if there is
    one. names: effect, damage, control, you, x and title, in the player's language."""
    ringed = [own] if own else []
    rising = sorted(points, key=lambda point: point.strength) or ringed
    highest = max(point.strength for point in [*rising, *ringed])
    axes = Axes(min(0.0, rising[0].strength), max(highest, 1.0))
    lines = {
        "damage": [(axes.x(p.strength), axes.y(p.damage)) for p in rising],
        "control": [(axes.x(p.strength), axes.y(100 * p.control_effect)) for p in rising],
        "effect": [(axes.x(p.strength), axes.y(100 * p.effect)) for p in rising],
    }
    return macro(None, "pictures:curve", axes, lines, names, own)


def stack(sites: Sequence[Site], chosen: Collection[str], alt: str) -> Markup:
    """The model as a stack of blocks, read upwards; chosen sites are filled and have an arrow."""
    layers = max((site.layer for site in sites), default=0) + 1
    by_layer = {site.layer: site for site in sites}
    return macro(None, "pictures:stack", by_layer, layers, chosen, alt)
