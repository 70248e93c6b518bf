"""A feature's card: what it shows. How it looks stands in templates/card.html. Has no events."""

from collections.abc import Sequence

from markupsafe import Markup

from playground.atlas.cards import Activation, Card
from playground.levels.judging import MEASURED
from playground.levels.schema import Pick
from playground.messages import Line
from playground.screens.render import macro
from playground.text.words import Words

WORDS = ("activation", "density", "direct-logits", "auroc", "hallucinated-labels")  # what it uses
HUM = 0.2  # a feature that fires on more of the tokens than this is a background hum
NEAREST_SHOWN = 8
# How names of our own atlases are made; those of others keep what their makers called it.
MADE: dict[str, str] = {
    "concept-auroc": "card.made_concept",
    "mixed": "card.made_mixed",
    "top-token": "card.made_token",
    "shape": "card.made_shape",
    "context": "card.made_context",
    "top-logits": "card.made_logits",
    "dead": "card.made_dead",
}


def often(words: Words, share: float) -> str:
    """How often a feature fires, as a sentence."""
    if share <= 0:
        return words("card.often_never")
    percent = f"{100 * share:.2g}"
    if share > HUM:
        return words("card.often_most", percent=percent)
    return words("card.often_one", tokens=words.number(round(1 / share)), percent=percent)


def example(words: Words, activation: Activation, top: float) -> Markup:
    """One text around its peak, coloured against the feature's maximum."""
    return macro(words, "card:example", activation, top)


def bare(words: Words, pick: Pick, open_page: bool = False) -> Markup:
    """In place of a card that nobody has made yet. open_page: with a link to where it is made."""
    return macro(words, "card:bare", pick, words.number(MEASURED), open_page)


def draw(
    words: Words,
    card: Card,
    name: Line,
    names: Sequence[Line],
    open_page: bool = True,
    collected: bool | None = None,
) -> Markup:
    """The whole card. names: of the first of its neighbours. open_page: with a link to the
    feature's own page. collected: None leaves the button to collect it out."""
    how = card.explanations[0].typeName if card.explanations else ""
    near = zip(card.topkCosSimIndices, names, card.topkCosSimValues, strict=False)
    return macro(
        words,
        "card:whole",
        card,
        Pick(card.site, card.index),
        name,
        often(words, card.frac_nonzero),
        words(MADE[how]) if how in MADE else how,
        [(Pick(card.site, index), its_name, value) for index, its_name, value in near],
        open_page,
        collected,
    )
