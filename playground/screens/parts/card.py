"""A feature's card as HTML: where it fires, how often, what it makes likelier. Has no events."""

from collections.abc import Sequence
from html import escape

from markupsafe import Markup

from playground.atlas.cards import Activation, Card
from playground.levels.judging import MEASURED
from playground.levels.schema import Pick
from playground.screens.parts import frame, neuronpedia, pictures
from playground.text.words import Words

HUM = 0.2  # a feature that fires on more of the tokens than this is a background hum
TOP_SHOWN = 6  # examples shown open
WEAKER_SHOWN = 4  # examples shown of each weaker interval
NEAREST_SHOWN = 8
AROUND = 24  # tokens shown on either side of the peak
# How labels of our own atlases are made; those of others keep the name that their makers gave.
MADE = {
    "concept-auroc": "card.made_concept",
    "top-token": "card.made_token",
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


def example(activation: Activation, top: float) -> str:
    """One text around its peak, coloured against the feature's maximum."""
    peak = activation.maxValueTokenIndex
    low, high = max(0, peak - AROUND), peak + AROUND + 1
    before = "…" if low > 0 else ""
    after = "…" if high < len(activation.tokens) else ""
    tokens = frame.strip(activation.tokens[low:high], activation.values[low:high], top)
    return (
        f'<blockquote><span class="chip num">{activation.maxValue:.3g}</span> '
        f'<span class="small soft">{escape(activation.dataSource)}</span>{before}{tokens}'
        f"{after}</blockquote>"
    )


def parted(card: Card) -> list[list[Activation]]:
    """The examples by interval, the strongest first."""
    bins = sorted({(a.binMin, a.binMax) for a in card.activations}, reverse=True)
    return [[a for a in card.activations if (a.binMin, a.binMax) == b] for b in bins]


def full_colour(card: Card) -> float:
    return max(card.maxActApprox, max((a.maxValue for a in card.activations), default=0.0))


def strongest(words: Words, card: Card) -> str:
    """The examples of the strongest interval."""
    if not card.activations:
        return ""
    top = full_colour(card)
    first = "".join(example(a, top) for a in parted(card)[0][:TOP_SHOWN])
    return (
        f"<h3>{escape(words('card.top'))}</h3><p class='small soft'>"
        f"{escape(words('card.top_more'))}</p>{first}"
    )


def weaker(words: Words, card: Card) -> str:
    """A few examples of each of the other intervals."""
    drawn, top = "", full_colour(card)
    for group in parted(card)[1:]:
        low, high, share = group[0].binMin, group[0].binMax, group[0].binContains
        title = words(
            "card.interval", low=f"{low:.3g}", high=f"{high:.3g}", share=f"{100 * share:.2g}"
        )
        drawn += f'<h3 class="num">{escape(title)}</h3>' + "".join(
            example(a, top) for a in group[:WEAKER_SHOWN]
        )
    return drawn


def fold(title: str, inner: str) -> str:
    return f"<details><summary>{escape(title)}</summary>{inner}</details>" if inner else ""


def next_words(words: Words, card: Card) -> str:
    """What the feature makes likelier and less likely, side by side."""
    return (
        f'<div class="two">{logits(words("card.pos"), card.pos_str, card.pos_values)}'
        f"{logits(words('card.neg'), card.neg_str, card.neg_values)}</div>"
        f'<p class="small soft">{escape(words("card.logits_more"))}</p>'
    )


def logits(title: str, tokens: Sequence[str], values: Sequence[float]) -> str:
    rows = "".join(
        (
            f'<li><code>{escape(t).replace(chr(10), "↵") or "∅"}</code><span class="num">{v:+.2f}'
            f"</span></li>"
        )
        for t, v in zip(tokens[:10], values[:10], strict=False)
    )
    return f'<div><h3>{escape(title)}</h3><ol class="words">{rows}</ol></div>'


def histograms(words: Words, card: Card) -> str:
    fires = pictures.histogram(
        card.freq_hist_data_bar_values,
        card.freq_hist_data_bar_heights,
        words("card.histogram"),
        words("card.histogram_x"),
    )
    effect = pictures.histogram(
        card.logits_hist_data_bar_values,
        card.logits_hist_data_bar_heights,
        words("card.logits"),
        words("card.logits_x"),
    )
    return (
        f'<div class="two"><div><h3>{escape(words("card.histogram"))}</h3>{fires}</div>'
        f"<div><h3>{escape(words('card.logits'))}</h3>{effect}</div></div>"
    )


def nearest(words: Words, card: Card, names: Sequence[str]) -> str:
    """Neighbours as buttons; `names` stand beside the first of the card's indices."""
    rows = "".join(
        frame.feature_row(
            words,
            Pick(card.site, index),
            name,
            Markup(f'<span class="num">{value:.2f}</span>{frame.bar(value)}'),
        )
        for index, value, name in zip(
            card.topkCosSimIndices, card.topkCosSimValues, names, strict=False
        )
    )
    if not rows:
        return ""
    return (
        f"<details><summary>{escape(words('card.near'))}</summary>"
        f'<p class="small soft">{escape(words("card.near_more"))}</p><ul class="list">{rows}'
        f"</ul></details>"
    )


def concepts(words: Words, card: Card) -> str:
    if not card.concepts:
        return ""
    rows = "".join(
        f'<li><span>{escape(name)}</span><span class="num">{100 * auroc:.0f}</span></li>'
        for name, auroc in card.concepts[:6]
    )
    return (
        f"<div><h3>{escape(words('card.concepts'))}</h3><p class='small soft'>"
        f"{escape(words('card.concepts_more'))}</p>"
        f'<ol class="words">{rows}</ol></div>'
    )


def elsewhere(words: Words, card: Card) -> str:
    """What Neuronpedia says, where it shows the SAE."""
    told = card.neuronpedia
    texts = told.activations if told else ()
    top = max((each.maxValue for each in texts), default=0.0)
    drawn = "".join(example(each, top) for each in texts)
    return neuronpedia.draw(words, told, fold(words("card.neuronpedia_texts"), drawn))


def bare(words: Words, pick: Pick, open_page: bool = False) -> str:
    """In place of a card that nobody has made yet. open_page: with a link to where it is made."""
    page = ""
    if open_page:
        page = f'<a class="small" href="{escape(link(pick))}">{escape(words("card.page"))}</a>'
    return (
        f'<article class="sheet stack" data-of="{pick.feature}"><div class="inline">'
        f'<span class="chip num">'
        f"{escape(words('card.id', site=words.site(pick.site), index=pick.feature))}</span>{page}"
        f"</div><h2>{escape(words('feature.unmeasured'))}</h2>"
        f"<p>{escape(words('feature.unmeasured_more', texts=words.number(MEASURED)))}</p></article>"
    )


def link(pick: Pick) -> str:
    return f"feature?site={pick.site}&feature={pick.feature}"


def draw(
    words: Words,
    card: Card,
    name: str,
    names: Sequence[str],
    open_page: bool = True,
    collected: bool | None = None,
) -> str:
    """The whole card. open_page: with a link to the feature's own page.

    collected: None leaves the button to collect it out.
    """
    keep = ""
    if collected is not None:
        say = words("feature.remove" if collected else "feature.collect")
        keep = (
            f'<button type="button" class="{"plain" if collected else "go"} tiny" '
            f"{frame.data('collect', Pick(card.site, card.index), 'card')} "
            f'aria-pressed="{str(collected).lower()}">{escape(say)}</button>'
        )
    how = ""
    if card.explanations:
        made = card.explanations[0].typeName
        how = words("card.label_how", how=words(MADE[made]) if made in MADE else made)
        how = f'<p class="small soft">{escape(how)}</p>'
    href = escape(link(Pick(card.site, card.index)))
    page = f'<a class="small" href="{href}">{escape(words("card.page"))}</a>' if open_page else ""
    return (
        f'<article class="sheet card stack rise" data-show="narrow" data-of="{card.index}">'
        f'<div class="inline"><span class="chip num">'
        f"{escape(words('card.id', site=words.site(card.site), index=card.index))}</span>"
        f"{page}{keep}</div>"
        f"<h2>{escape(name)}</h2>{how}"
        f"<p><b>{escape(words('card.often'))}:</b> {escape(often(words, card.frac_nonzero))}</p>"
        f"<div>{strongest(words, card)}"
        f"{fold(words('card.weaker'), weaker(words, card))}</div>{next_words(words, card)}"
        f"{concepts(words, card)}{elsewhere(words, card)}"
        f"<details><summary>{escape(words('card.histogram'))}</summary>{histograms(words, card)}"
        f"</details>{nearest(words, card, names)}</article>"
    )
