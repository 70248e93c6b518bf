"""Searching the atlas and showing what was found or collected, for every screen."""

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

from playground.atlas.cards import Hit
from playground.levels.schema import Pick
from playground.screens.parts import card, frame
from playground.screens.stage import Stage
from playground.text.words import Words

RESULTS = 12


def known(stage: Stage, keys: Sequence[str]) -> list[str]:
    """The collected features that exist in the model that is played now."""
    widths = {site.name: site.width for site in stage.game.exploring.sites}
    parted = [(key, *key.partition("/")[::2]) for key in keys]
    return [
        key
        for key, site, number in parted
        if number.isdecimal() and int(number) < widths.get(site, 0)
    ]


def tokens(top: Sequence[str]) -> str:
    return "".join(f"<code>{escape(token.strip() or token)}</code> " for token in top[:5])


def why(words: Words, hit: Hit, query: str) -> str:
    """What Neuronpedia says of it where that holds the query and the label does not, else tokens
    that it fires on."""
    wanted = query.strip().lower()
    if wanted not in hit.label.lower():
        for text in hit.told:
            if wanted in text.lower():
                return escape(words("card.neuronpedia_hit", text=text))
    return tokens(hit.top)


def hit_row(stage: Stage, hit: Hit, query: str, chosen: Pick | None) -> str:
    pick = Pick(hit.site, hit.index)
    words = stage.words
    place = escape(words("card.id", site=words.site(hit.site), index=hit.index))
    sub = Markup(f'<span>{place}</span><span class="clip">{why(words, hit, query)}</span>')
    return frame.feature_row(words, pick, hit.label, sub, pick == chosen)


def results(stage: Stage, query: str, site: str | None, chosen: Pick | None) -> str:
    """What was found, as buttons that report `open`."""
    words = stage.words
    if not query.strip():
        return ""
    hits = stage.game.exploring.search(query, site, RESULTS)
    if not hits:
        return f'<p class="empty">{escape(words("steer.no_results", query=query.strip()[:40]))}</p>'
    rows = "".join(hit_row(stage, hit, query, chosen) for hit in hits)
    return (
        f'<p class="small soft" role="status">{escape(words("steer.results", count=len(hits)))}</p>'
        f'<ul class="list scroll">{rows}</ul>'
    )


def collected(stage: Stage, keys: Sequence[str], chosen: Pick | None) -> str:
    """The features that the player collected on any screen."""
    if not keys:
        return ""
    words, rows = stage.words, ""
    for key in keys:
        pick = frame.pick_of(*key.split("/"))
        sub = words("card.id", site=words.site(pick.site), index=pick.feature)
        rows += frame.feature_row(words, pick, stage.game.exploring.name(pick), sub, pick == chosen)
    return f'<h3>{escape(words("steer.collected"))}</h3><ul class="list">{rows}</ul>'


def chosen_line(stage: Stage, pick: Pick | None) -> str:
    """The chosen feature with a way to its page."""
    words = stage.words
    if pick is None:
        return f'<p class="empty">{escape(words("steer.none"))}</p>'
    often = example = ""
    if stage.game.exploring.measured(pick):
        shown = stage.game.exploring.card(pick)
        often = card.often(words, shown.frac_nonzero)
        if shown.activations:
            example = card.example(shown.activations[0], shown.maxActApprox)
    return (
        f'<div class="sheet chosen-feature stack"><div class="inline"><b>'
        f"{escape(words('steer.chosen', name=stage.game.exploring.name(pick)))}</b>"
        f'<a class="small" target="_blank" href="{escape(card.link(pick))}">'
        f"{escape(words('card.page'))}</a></div>"
        f'<p class="small soft">{escape(often)}</p>'
        f"{example}</div>"
    )
