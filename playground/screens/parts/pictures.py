"""Drawings as SVG text: the cat, a histogram, the dose-response curve, the model's stack.

Colours are the page's variables, so every drawing fits light and dark; lines differ by dashes too.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from playground.atlas.cards import CurvePoint
from playground.engine.records import Site

Mood = Literal["calm", "happy", "puzzled", "thinking"]

_EYES: dict[Mood, str] = {
    "calm": '<g class="eyes"><ellipse cx="46" cy="60" rx="5" ry="6.5" fill="var(--cat-ink)"/>'
    '<ellipse cx="74" cy="60" rx="5" ry="6.5" fill="var(--cat-ink)"/>'
    '<circle cx="48" cy="57.5" r="1.8" fill="#fff"/><circle cx="76" cy="57.5" r="1.8" '
    'fill="#fff"/></g>',
    "happy": '<path d="M39 62q7-10 14 0M67 62q7-10 14 0" fill="none" stroke="var(--cat-ink)" '
    'stroke-width="3.4" stroke-linecap="round"/>',
    "puzzled": '<g class="eyes"><ellipse cx="46" cy="60" rx="5.5" ry="7" fill="var(--cat-ink)"/>'
    '<ellipse cx="74" cy="61" rx="4" ry="4.5" fill="var(--cat-ink)"/><circle cx="48" cy="57" '
    'r="2" fill="#fff"/></g>'
    '<path d="M67 50q7-5 14-1M39 48l13 1" fill="none" stroke="var(--cat-ink)" '
    'stroke-width="2.6" stroke-linecap="round"/>',
    "thinking": '<g class="eyes"><circle cx="46" cy="59" r="7" fill="var(--cat-light)"/>'
    '<circle cx="74" cy="59" r="7" fill="var(--cat-light)"/><circle cx="48.5" cy="56" r="4" '
    'fill="var(--cat-ink)"/>'
    '<circle cx="76.5" cy="56" r="4" fill="var(--cat-ink)"/></g>',
}
_MOUTHS: dict[Mood, str] = {
    "calm": "M52 77q4 5 8 0q4 5 8 0",
    "happy": "M50 76q10 14 20 0q-10 3 -20 0",
    "puzzled": "M54 79q6-4 12 1",
    "thinking": "M54 78q6 2 11-1",
}
_EXTRAS: dict[Mood, str] = {
    "calm": "",
    "happy": '<path d="M104 22l2.5 6 6 2.5-6 2.5-2.5 6-2.5-6-6-2.5 6-2.5zM14 30l1.8 4.2 4.2 '
    "1.8-4.2 "
    "1.8-1.8 4.2"
    '-1.8-4.2-4.2-1.8 4.2-1.8z" fill="var(--accent)"/>',
    "puzzled": (
        '<text x="100" y="34" font-size="30" font-weight="800" fill="var(--accent)">?</text>'
    ),
    "thinking": '<g fill="var(--accent)"><circle cx="98" cy="36" r="3"/><circle cx="106" cy="25" '
    'r="4.5"/>'
    '<circle cx="112" cy="10" r="6.5"/></g>',
}
# Drawn, because not every machine has a font with a padlock.
LOCK = (
    '<svg viewBox="0 0 16 16" width="18" height="18" fill="none" stroke="currentColor" '
    'stroke-width="1.6"><path d="M5 7V5a3 3 0 0 1 6 0v2"/>'
    '<rect x="3" y="7" width="10" height="7" rx="1.5"/></svg>'
)


def cat(mood: Mood = "calm") -> str:
    """The mascot. It decorates: screen readers skip it."""
    ear, inner = "var(--cat)", "var(--cat-dark)"
    return (
        f'<svg class="cat {mood}" viewBox="0 0 122 128" aria-hidden="true" focusable="false">'
        f'<path class="tail" d="M92 116q26 2 22-22q-2-10-9-6" fill="none" stroke="{inner}" '
        f'stroke-width="9" stroke-linecap="round"/>'
        f'<path d="M22 126q-2-42 38-42t38 42q0 2-2 2H24q-2 0-2-2z" fill="{ear}"/>'
        '<path d="M44 128q-3-28 16-30q19 2 16 30z" fill="var(--cat-light)"/>'
        f'<path d="M27 50L31 13q1-4 5-2L60 32z" fill="{ear}"/><path d="M93 50L89 '
        f'13q-1-4-5-2L60 32z" fill="{ear}"/>'
        f'<path d="M34 40l2.500-18L50 32z" fill="{inner}" opacity=".55"/><path d="M86 '
        f'40l-2.500-18L70 32z" fill="{inner}" opacity=".55"/>'
        f'<ellipse cx="60" cy="60" rx="39" ry="32" fill="{ear}"/>'
        f'<path d="M60 29v13M49 31l2 10M71 31l-2 10" stroke="{inner}" stroke-width="4" '
        f'stroke-linecap="round"/>'
        '<ellipse cx="60" cy="76" rx="17" ry="12" fill="var(--cat-light)"/>'
        f'{_EYES[mood]}<path d="M56 69h8q1 0 .4 1l-4 4q-.4.500-.8 0l-4-4q-.6-1 .4-1z" fill="'
        f'{inner}"/>'
        f'<path d="{_MOUTHS[mood]}" fill="none" stroke="var(--cat-ink)" stroke-width="2.400" '
        f'stroke-linecap="round" stroke-linejoin="round"/>'
        '<path d="M36 74l-20-3M36 79l-19 4M84 74l20-3M84 79l19 4" stroke="var(--cat-dark)" '
        'stroke-width="1.600" stroke-linecap="round"/>'
        '<ellipse cx="46" cy="123" rx="10" ry="6" fill="var(--cat-light)"/><ellipse cx="74" '
        'cy="123" rx="10" ry="6" fill="var(--cat-light)"/>'
        f"{_EXTRAS[mood]}</svg>"
    )


def histogram(values: Sequence[float], heights: Sequence[float], title: str, x_name: str) -> str:
    """Bars over `values`; heights on a root scale, so that rare strong ones stay visible."""
    if not heights or max(heights) <= 0:
        return ""
    width, height, left, base = 320, 130, 6, 96
    step = (width - 2 * left) / len(heights)
    top = max(heights)
    bars = "".join(
        f'<rect x="{left + i * step:.1f}" y="{base - 84 * (h / top) ** 0.5:.1f}" width="'
        f'{max(step - 1, 0.8):.1f}" '
        f'height="{84 * (h / top) ** 0.5:.1f}" rx="1"/>'
        for i, h in enumerate(heights)
        if h > 0
    )
    return (
        f'<svg class="plot" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">'
        f'<line class="grid" x1="{left}" y1="{base}" x2="{width - left}" y2="{base}"/><g '
        f'class="bars">{bars}</g>'
        f'<text class="quiet" x="{left}" y="{base + 15}">{values[0]:.3g}</text>'
        f'<text class="quiet" x="{width - left}" y="{base + 15}" text-anchor="end">'
        f"{values[-1]:.3g}</text>"
        f'<text class="quiet" x="{width / 2}" y="{base + 30}" text-anchor="middle">'
        f"{escape(x_name)}</text></svg>"
    )


STROKES = {
    "effect": 'class="main" stroke-width="4"',
    "damage": 'stroke="currentColor" stroke-width="2.500" stroke-dasharray="2 6"',
    "control": 'class="main" stroke-width="2.500" stroke-dasharray="9 6" opacity=".75"',
}
# Paths around a point: a disc, a square, a diamond, so that points differ without colour too.
MARKS = {
    "effect": "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
    "damage": "m-3.500 -3.500h7v7h-7z",
    "control": "m0 -5l5 5l-5 5l-5 -5z",
}


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


def curve(points: Sequence[CurvePoint], own: CurvePoint, names: dict[str, str]) -> str:
    """Dose-response: three lines over strength, and the player's point with a ring around it.

    names: effect, damage, control, you, x and title, in the player's language.
    """
    rising = sorted(points, key=lambda p: p.strength) or [own]
    axes = Axes(min(0.0, rising[0].strength), max(rising[-1].strength, own.strength, 1.0))
    values = {
        "damage": [p.damage for p in rising],
        "control": [100 * p.control_effect for p in rising],
        "effect": [100 * p.effect for p in rising],
    }
    lines = "".join(
        _line(axes, [p.strength for p in rising], scores, key) for key, scores in values.items()
    )
    legend = "".join(
        f'<line x1="{axes.left + i * 118}" x2="{axes.left + i * 118 + 26}" y1="16" y2="16" '
        f'{STROKES[key]}/><text x="{axes.left + i * 118 + 32}" y="21">{escape(names[key])}</text>'
        for i, key in enumerate(STROKES)
    )
    middle = (axes.left + axes.width - axes.right) / 2
    return (
        f'<svg class="plot" viewBox="0 0 {axes.width} {axes.height}" role="img" '
        f'aria-label="{escape(names["title"])}">'
        f"{_grid(axes)}{lines}{_you(axes, own, names['you'])}{legend}"
        f'<text class="quiet" x="{middle}" y="{axes.base + 42}" text-anchor="middle">'
        f"{escape(names['x'])}</text></svg>"
    )


def _line(axes: Axes, strengths: Sequence[float], scores: Sequence[float], key: str) -> str:
    """One measure as a line with a mark of its own shape at every point."""
    places = [(axes.x(s), axes.y(v)) for s, v in zip(strengths, scores, strict=True)]
    path = " ".join(f"{x},{y}" for x, y in places)
    colour = "currentColor" if key == "damage" else "var(--accent)"
    marks = "".join(
        f'<path d="M{x} {y}{MARKS[key]}" fill="{colour}" stroke="var(--sheet)" stroke-width="1"/>'
        for x, y in places
    )
    return (
        f'<polyline points="{path}" fill="none" stroke-linejoin="round" '
        f'stroke-linecap="round" {STROKES[key]}/>{marks}'
    )


def _grid(axes: Axes) -> str:
    lines = "".join(
        f'<line class="grid" x1="{axes.left}" x2="{axes.width - axes.right}" '
        f'y1="{axes.y(v)}" y2="{axes.y(v)}"/>'
        f'<text class="quiet" x="{axes.left - 6}" y="{axes.y(v) + 4}" text-anchor="end">{v}</text>'
        for v in (0, 50, 100)
    )
    ticks = "".join(
        f'<text class="quiet" x="{axes.x(s)}" y="{axes.base + 18}" text-anchor="middle">'
        f"{s:g}</text>"
        for s in _ticks(axes.low, axes.high)
    )
    return lines + ticks


def _you(axes: Axes, own: CurvePoint, name: str) -> str:
    """The player's effect at the player's strength."""
    x, y = axes.x(own.strength), axes.y(100 * own.effect)
    left = x > axes.width * 0.7
    return (
        f'<line class="main" x1="{x}" x2="{x}" y1="{y}" y2="{axes.base}" '
        f'stroke-dasharray="1 5" stroke-width="2"/>'
        f'<circle cx="{x}" cy="{y}" r="9" fill="var(--sheet)" class="main" stroke-width="3.500"/>'
        f'<circle cx="{x}" cy="{y}" r="3.500" fill="var(--accent)"/>'
        f'<text x="{x - 15 if left else x + 15:.1f}" y="{max(y - 11, axes.top - 11):.1f}" '
        f'text-anchor="{"end" if left else "start"}" font-weight="750" '
        'stroke="var(--sheet)" stroke-width="5" paint-order="stroke">'
        f"{escape(name)} {own.strength:g}</text>"
    )


def _ticks(low: float, high: float) -> list[float]:
    """Round steps, about five of them."""
    step = next(s for s in (0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5) if (high - low) / s <= 6 or s == 5)
    first = int(low / step) - (low < 0)
    ticks = [round((first + i) * step, 3) for i in range(int((high - low) / step) + 2)]
    return [t for t in ticks if low - 1e-9 <= t <= high + 1e-9]


def stack(sites: Sequence[Site], chosen: Collection[str], alt: str) -> str:
    """The model as a stack of blocks, read upwards; chosen sites are filled and have an arrow."""
    layers = max((s.layer for s in sites), default=0) + 1
    step, width = 22, 150
    height = layers * step + 12
    parts = []
    by_layer = {s.layer: s for s in sites}
    for layer in range(layers):
        y = height - 8 - (layer + 1) * step
        site = by_layer.get(layer)
        here = site is not None and site.name in chosen
        fill = "var(--accent)" if here else "var(--wash)" if site else "none"
        parts.append(
            f'<rect x="18" y="{y}" width="44" height="{step - 5}" rx="5" fill="{fill}" '
            f'stroke="var(--accent)" '
            f'stroke-width="{1.6 if site else 0.7}"/>'
        )
        if site:
            weight = "800" if here else "500"
            arrow = "◀ " if here else ""
            parts.append(
                f'<text x="70" y="{y + 13}" font-size="12" font-weight="{weight}">{arrow}'
                f"{escape(site.name)}</text>"
            )
    return (
        f'<svg class="plot stackplot" viewBox="0 0 {width} {height}" style="max-width:{width}'
        f'px" role="img" '
        f'aria-label="{escape(alt)}">{"".join(parts)}</svg>'
    )
