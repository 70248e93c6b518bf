"""Searching the atlas and showing what was found or collected, for every screen. How it looks
stands in templates/search.html."""

from collections.abc import Sequence

from markupsafe import Markup, escape

from playground.atlas.cards import Hit
from playground.game.exploring import number_of
from playground.levels.schema import Pick
from playground.messages import Line
from playground.screens.parts import card, frame
from playground.screens.render import macro
from playground.screens.stage import Stage
from playground.text.words import Words

RESULTS = 12
ECHOED = 40  # characters of a query that are said again
TOKENS = 5  # of a feature, where nothing tells more


def known(stage: Stage, keys: Sequence[str]) -> list[str]:
    """The collected features that exist in the model that is played now."""
    widths = {site.name: site.width for site in stage.game.exploring.sites}
    parted = [(key, *key.partition("/")[::2]) for key in keys]
    return [
        key
        for key, site, number in parted
        if (found := number_of(number)) is not None and found < widths.get(site, 0)
    ]


def why(words: Words, hit: Hit, query: str) -> Markup:
    """What tells it from others of its name; what Neuronpedia says of it where that holds the query
    and the label does not; else tokens that it fires on."""
    wanted = query.strip().lower()
    if hit.apart:
        return escape(words.said(hit.apart))
    if wanted not in words.said(hit.label).lower():
        for text in hit.told:
            if wanted in text.lower():
                return escape(words("card.neuronpedia_hit", text=text))
    return macro(None, "search:tokens", hit.top[:TOKENS])


def found(stage: Stage, query: str, site: str | None) -> list[tuple[Pick, Line, Markup]]:
    """Features, their labels, and why they were found."""
    hits = stage.game.exploring.search(stage.words.english(query), site, RESULTS)
    return [(Pick(hit.site, hit.index), hit.label, why(stage.words, hit, query)) for hit in hits]


def results(stage: Stage, query: str, site: str | None, chosen: Pick | None) -> Markup:
    """What was found, as buttons that report `open`."""
    words, wanted = stage.words, query.strip()
    if not wanted:
        return Markup()
    hits = found(stage, query, site)
    return macro(words, "search:results", hits, wanted[:ECHOED], chosen)


def collected(stage: Stage, keys: Sequence[str], chosen: Pick | None) -> Markup:
    """The features that the player collected on any screen."""
    picks = [frame.pick_of(*key.split("/")) for key in keys]
    features = [(pick, stage.game.exploring.name(pick)) for pick in picks]
    return macro(stage.words, "search:collected", features, chosen) if features else Markup()


def chosen_line(stage: Stage, pick: Pick | None) -> Markup:
    """The chosen feature with a way to its page."""
    words = stage.words
    if pick is None:
        return frame.empty(words("steer.none"))
    often = example = ""
    if stage.game.exploring.measured(pick):
        shown = stage.game.exploring.card(pick)
        often = card.often(words, shown.frac_nonzero)
        if shown.activations:
            example = card.example(words, shown.activations[0], shown.maxActApprox)
    return macro(words, "search:chosen", pick, stage.game.exploring.name(pick), often, example)
