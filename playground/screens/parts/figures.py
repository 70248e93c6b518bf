"""The handbook's drawings of numbers that were measured on the model, each with the same as a table
beside it. How they look stands in templates/figures.html. Has no events."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from markupsafe import Markup

from playground.atlas.cards import CurvePoint
from playground.game.charts import BarChart, DoseCurve, Figure, Fires, Heights, Unit
from playground.screens.parts import pictures
from playground.screens.render import macro
from playground.text.words import Words

FORMATS: Mapping[Unit, str] = {
    "percent": ".3g", "auroc": ".1f", "cosine": ".2f", "logit": "+.2f", "plain": ".3g",
    "count": ".0f",
}  # fmt: skip
HUNDREDFOLD = ("percent", "auroc")
BINS = 5  # of a histogram, as a table


def draw(words: Words, figure: Figure, model: str) -> Markup:
    """model: whose numbers they are."""
    title = words(figure.title)
    match figure:
        case BarChart():
            picture = macro(words, "figures:bars", figure, title, told(figure), wide(figure))
        case DoseCurve(points=points):
            picture = dose(words, points, title)
        case Heights():
            names = words("card.histogram_x")
            picture = macro(words, "figures:heights", figure, title, names, binned(figure))
        case Fires():
            picture = macro(words, "figures:fires", figure)
    return macro(words, "figures:figure", title, picture, model)


def told(figure: BarChart) -> list[tuple[str, str]]:
    """Each value as it is said, and its interval, if there is one."""
    times = 100 if figure.unit in HUNDREDFOLD else 1

    def said(value: float | None) -> str:
        return "" if value is None else format(times * value, FORMATS[figure.unit])

    ends = [(said(row.low), said(row.high)) for row in figure.rows]
    between = [f"{low}–{high}" if low else "" for low, high in ends]
    return list(zip((said(row.value) for row in figure.rows), between, strict=True))


def wide(figure: BarChart) -> list[tuple[float, float, float]]:
    """Of each row how far its bar reaches, and its interval from where to where, as shares."""
    span = figure.most - figure.least

    def place(value: float | None) -> float:
        return min(max(((value or 0.0) - figure.least) / span, 0.0), 1.0)

    return [(place(row.value), place(row.low), place(row.high)) for row in figure.rows]


def dose(words: Words, points: Sequence[CurvePoint], title: str) -> Markup:
    names = {
        "effect": words("steer.line_effect"),
        "damage": words("steer.line_damage"),
        "control": words("steer.line_control"),
        "title": title,
        "x": words("steer.curve_x"),
    }
    rising = sorted(points, key=lambda point: point.strength)
    return macro(words, "figures:dose", pictures.curve(rising, None, names), rising)


def binned(figure: Heights) -> list[tuple[float, float, float]]:
    """A few wide bins: from, to, and the share of all that lie there."""
    total, count = sum(figure.heights), len(figure.heights)
    if not total:
        return []
    half = (figure.values[1] - figure.values[0]) / 2 if count > 1 else 0.0
    edges = [count * n // BINS for n in range(BINS + 1)]
    return [
        (at[0] - half, at[-1] + half, sum(figure.heights[low:high]) / total)
        for low, high in pairwise(edges)
        if (at := figure.values[low:high])
    ]
