"""What Neuronpedia says of a feature, as HTML. The browser asks that site for nothing until the
player clicks: a link opens its page in a new tab, a button puts it into a frame (touch.js)."""

from html import escape

from playground.atlas.cards import Explanation, Neuronpedia
from playground.text.words import Words

EMBED = "?embed=true&embedexplanation=true&embedplots=true"  # its page without its own frame


def draw(words: Words, told: Neuronpedia | None, texts: str) -> str:
    """texts: its examples, drawn and folded; empty where nothing was imported."""
    if told is None:
        return ""
    lines = "".join(explanation(words, each) for each in told.explanations)
    rows = f'<ul class="list">{lines}</ul>' if lines else ""
    often = ""
    if told.frac_nonzero is not None:
        often = words("card.neuronpedia_often", percent=f"{100 * told.frac_nonzero:.2g}")
        often = f'<p class="small soft">{escape(often)}</p>'
    return (
        f'<section class="stack"><h3>{escape(words("card.neuronpedia"))}</h3>{rows}{often}{texts}'
        f'<p><a class="small" href="{escape(told.page)}" target="_blank" rel="noopener noreferrer">'
        f"{escape(words('card.neuronpedia_open'))}</a></p>{frame(words, told)}</section>"
    )


def explanation(words: Words, each: Explanation) -> str:
    by = words("card.neuronpedia_nobody")
    if each.explanationModelName:
        by = words("card.neuronpedia_by", author=each.explanationModelName)
    if each.score is not None:
        by += f" · {words('card.neuronpedia_score', score=round(100 * each.score))}"
    return (
        f'<li><q>{escape(each.description)}</q> <span class="small soft">{escape(by)}</span></li>'
    )


def frame(words: Words, told: Neuronpedia) -> str:
    title = words("card.neuronpedia_page", index=told.index)
    return (
        f"<details><summary>{escape(words('card.neuronpedia_frame'))}</summary>"
        f'<p class="small soft">{escape(words("card.neuronpedia_asks"))}</p>'
        f'<button type="button" class="plain tiny" data-frame="{escape(told.page + EMBED)}" '
        f'data-title="{escape(title)}">{escape(words("card.neuronpedia_load"))}</button></details>'
    )
