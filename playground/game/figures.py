"""The drawings of the handbook: each a few numbers of the model that is played, from its atlas, as
records. Draws nothing; who has not been measured has no figure.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import exp

from playground.atlas.atlas import Atlas
from playground.atlas.cards import UNLABELLED
from playground.atlas.rivals import Push
from playground.game.charts import (
    Bar,
    Case,
    DoseCurve,
    Figure,
    Fires,
    Heights,
    at,
    bars,
    shared,
    site,
)
from playground.messages import Line, Message

ROWS = 8  # of a list


# -- pushing ---------------------------------------------------------------------------------------
def dose(case: Case) -> Figure | None:
    recipe = case.recipe
    if recipe is None or len(recipe.curve) < 2:
        return None
    return DoseCurve(Message("figures.dose", topic=case.topic), recipe.curve)


def lead(case: Case) -> Figure | None:
    """Beside what random pushes of the same size did."""
    point = case.recipe and at(case.recipe)
    if not point:
        return None
    rows = [
        Bar(Message("figures.steered"), point.effect),
        Bar(Message("figures.control"), point.control_effect, faint=True),
    ]
    return bars(Message("figures.lead", topic=case.topic, strength=point.strength), "percent", rows)


def harm(case: Case) -> Figure | None:
    if case.recipe is None:
        return None
    rows = [
        Bar(Message("figures.at_strength", strength=point.strength), point.damage / 100)
        for point in case.recipe.curve
    ]
    return bars(Message("figures.harm", topic=case.topic), "percent", rows)


def strengths(case: Case) -> Figure | None:
    """How far apart the best strengths of concepts are."""
    edges = (0.0, 0.3, 0.5, 0.7, 0.9, 1.2, 10.0)
    rows = [
        Bar(
            Message("figures.between", low=low, high=high)
            if high < edges[-1]
            else Message("figures.over", low=low),
            sum(low < recipe.strength <= high for recipe in case.recipes),
        )
        for low, high in pairwise(edges)
    ]
    return bars(Message("figures.strengths", count=len(case.recipes)), "count", rows)


def methods(case: Case) -> Figure | None:
    used = [recipe.method for recipe in case.recipes]
    rows = [Bar(each, used.count(each)) for each in dict.fromkeys(used)]
    return bars(Message("figures.methods", count=len(used)), "count", sorted(rows, key=falling))


def scopes(case: Case) -> Figure | None:
    used = [recipe.scope for recipe in case.recipes]
    rows = [Bar(each, used.count(each)) for each in dict.fromkeys(used)]
    return bars(Message("figures.scopes", count=len(used)), "count", sorted(rows, key=falling))


def places(case: Case) -> Figure | None:
    """The same push at each site."""
    rows = [
        shared(sweep.points[0].on, sweep.points[0].replies, site(sweep.site))
        for sweep in case.entry.places
        if sweep.points
    ]
    return bars(Message("figures.places", topic=case.topic), "percent", rows)


def pushes(case: Case) -> Figure | None:
    """Feature, probe, difference of means and a random direction, over all concepts."""
    known = case.atlas.rivals.steering
    total = sum(each.of for each in known)

    def row(name: str, chosen: Sequence[Push], faint: bool = False) -> Bar:
        hits = sum(push.hits for push in chosen)
        return shared(hits, total, Message(f"figures.way_{name}"), faint)

    rows = [
        row("feature", [each.feature for each in known]),
        row("means", [each.means for each in known]),
        row("probe", [each.probe for each in known]),
        row("control", [each.control for each in known], faint=True),
    ]
    return bars(Message("figures.pushes", count=len(known)), "percent", rows) if known else None


def luck(case: Case) -> Figure | None:
    """Half of ever more replies: the bounds that the game itself goes by."""
    rows = [
        shared(of // 2, of, Message("figures.half", hits=of // 2, of=of)) for of in (4, 8, 16, 64)
    ]
    return bars(Message("figures.luck"), "percent", rows)


# -- reading ---------------------------------------------------------------------------------------
def firing(case: Case) -> Figure | None:
    card = case.card
    if card is None:
        return None
    title = Message("figures.firing", topic=case.topic)
    return Heights(title, card.freq_hist_data_bar_values, card.freq_hist_data_bar_heights)


def example(case: Case) -> Figure | None:
    card = case.card
    if card is None or not card.activations:
        return None
    title = Message("figures.example", topic=case.topic)
    return Fires(title, tuple(card.intervals[0][:2]), card.peak)


def weaker(case: Case) -> Figure | None:
    """The strongest text beside texts in which the same feature hardly fires."""
    card = case.card
    if card is None or len(card.intervals) < 2:
        return None
    shown = (card.intervals[0][0], *card.intervals[-1][:2])
    return Fires(Message("figures.weaker", topic=case.topic), shown, card.peak)


def by_site(case: Case) -> Figure | None:
    best = {
        each.site: max(d.auroc for d in case.entry.detectors if d.site == each.site)
        for each in case.entry.detectors
    }
    rows = [Bar(site(name), best[name]) for name in case.atlas.sites if name in best]
    return bars(Message("figures.by_site", topic=case.topic), "auroc", rows, least=0.5)


def aurocs(case: Case) -> Figure | None:
    """The easiest, the middling and the hardest concepts to tell."""
    best = sorted(
        ((max(d.auroc for d in e.detectors), e.concept) for e in case.entries if e.detectors),
        reverse=True,
    )
    middle = len(best) // 2
    chosen = dict.fromkeys([*best[:3], *best[middle - 1 : middle + 2], *best[-3:]])
    rows = [Bar(Message(f"concepts.{name}"), value) for value, name in chosen]
    return bars(Message("figures.aurocs", count=len(best)), "auroc", rows, least=0.5)


def rivals(case: Case) -> Figure | None:
    """How well each reads, averaged over concepts, at the site in the middle."""
    sites = case.atlas.sites
    here = sites[len(sites) // 2]
    known = case.atlas.rivals.at([here]).telling
    if not known:
        return None
    means = {
        "probe": [each.probe for each in known],
        "feature": [each.aurocs[0] for each in known],
        "means": [each.means for each in known],
        "neuron": [each.neuron_auroc for each in known],
    }
    rows = [
        Bar(Message(f"figures.way_{name}"), sum(values) / len(values))
        for name, values in means.items()
    ]
    title = Message("figures.rivals", count=len(known), site=here)
    return bars(title, "auroc", sorted(rows, key=falling), least=0.5)


def reads_and_writes(case: Case) -> Figure | None:
    """How often the feature that reads a concept best is the one that writes it best."""
    both = [e for e in case.entries if e.recipes and e.detectors]
    hits = sum(
        (e.recipes[0].site, e.recipes[0].feature) == (best.site, best.feature)
        for e in both
        if (best := max(e.detectors, key=lambda each: each.sure))
    )
    rows = [
        shared(hits, len(both), Message("figures.same_one")),
        shared(len(both) - hits, len(both), Message("figures.same_other")),
    ]
    return (
        bars(Message("figures.reads_and_writes", count=len(both)), "percent", rows)
        if both
        else None
    )


def near(case: Case) -> Figure | None:
    card = case.card
    if card is None:
        return None
    rows = [
        Bar(named(case.atlas, card.site, feature), value)
        for feature, value in zip(card.topkCosSimIndices, card.topkCosSimValues, strict=False)
    ]
    return bars(Message("figures.near", topic=case.topic), "cosine", rows[:ROWS])


def named(atlas: Atlas, place: str, feature: int) -> Line:
    label = atlas.label(place, feature) if atlas.has(place, feature) else UNLABELLED
    return Message("atlas.feature", feature=feature) if label == UNLABELLED else label


def logits(case: Case) -> Figure | None:
    card = case.card
    if card is None:
        return None
    pairs = zip(card.pos_str, card.pos_values, strict=False)
    rows = [Bar(f"“{token.strip() or token!r}”", value) for token, value in pairs]
    return bars(Message("figures.logits", topic=case.topic), "logit", rows[:ROWS])


# -- the SAEs --------------------------------------------------------------------------------------
def densities(case: Case) -> Figure | None:
    """All features of all sites, by how often they fire."""
    rates = [peer.rate for name in case.atlas.sites for peer in case.atlas.peers(name)]
    edges = (0.0, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
    rows = [Bar(Message("figures.never"), share(rates, lambda rate: rate <= 0))]
    rows += [
        Bar(
            Message("figures.one_in", most=round(1 / high), least=round(1 / low) if low else 0),
            share(rates, lambda rate, low=low, high=high: low < rate <= high),
        )
        for low, high in pairwise(edges)
    ]
    return bars(Message("figures.densities", count=len(rates)), "percent", rows)


def share(values: Sequence[float], holds: Callable[[float], bool]) -> float:
    return sum(map(holds, values)) / len(values) if values else 0.0


def l0(case: Case) -> Figure | None:
    """Features that fire on a token, on average: the sum of how often each does."""
    rows = [
        Bar(site(name), sum(peer.rate for peer in case.atlas.peers(name)))
        for name in case.atlas.sites
    ]
    return bars(Message("figures.l0"), "plain", rows)


def nested(case: Case) -> Figure | None:
    """How often features of low and of high numbers fire."""
    peers = [peer for name in case.atlas.sites for peer in case.atlas.peers(name)]
    last = max((peer.feature for peer in peers), default=0) + 1
    edges = (0, last // 16, last // 4, last)
    rows = [
        Bar(
            Message("figures.numbers", low=low, high=high - 1),
            sum(inner) / len(inner) if inner else 0.0,
        )
        for low, high in pairwise(edges)
        if (inner := [peer.rate for peer in peers if low <= peer.feature < high])
    ]
    return bars(Message("figures.nested"), "percent", rows) if len(rows) > 1 else None


def labelled(case: Case) -> Figure | None:
    rows = [
        Bar(
            site(name),
            sum(case.atlas.label(name, each) != UNLABELLED for each in known) / len(known),
        )
        for name in case.atlas.sites
        if (known := case.atlas.features(name))
    ]
    return bars(Message("figures.labelled"), "percent", rows)


def split(case: Case) -> Figure | None:
    """How many features tell the same concept."""
    topics = [t for name in case.atlas.sites for p in case.atlas.peers(name) for t in p.topics]
    count = Counter(topic for topic in topics if topic in case.atlas.concepts())
    first = sorted(count.items(), key=lambda each: (-each[1], each[0]))[:ROWS]
    rows = [Bar(Message(f"concepts.{name}"), of) for name, of in first]
    return bars(Message("figures.split"), "count", rows)


def overlap(case: Case) -> Figure | None:
    """To how many concepts one feature answers."""
    told = [len(peer.topics) for name in case.atlas.sites for peer in case.atlas.peers(name)]
    rows = [
        Bar(Message("figures.concepts", count=n), share(told, lambda each, n=n: each == n))
        for n in range(max(told, default=0) + 1)
    ]
    return bars(Message("figures.overlap", count=len(told)), "percent", rows)


def norms(case: Case) -> Figure | None:
    rows = [Bar(site(name), value) for name, value in case.atlas.norms.items()]
    return bars(Message("figures.norms"), "plain", rows)


def surprise(case: Case) -> Figure | None:
    """How unsure the untouched model is of its own words, token by token."""
    profile = case.atlas.usual.profile
    places_ = [n for n in (0, 1, 3, 7, 15, 31, 63) if n < len(profile)]
    rows = [Bar(Message("figures.token_no", place=n + 1), exp(-profile[n])) for n in places_]
    return bars(Message("figures.surprise"), "plain", rows)


def falling(row: Bar) -> float:
    return -row.value


FIGURES: Mapping[str, Callable[[Case], Figure | None]] = {
    each.__name__: each
    for each in (
        *(dose, lead, harm, strengths, methods, scopes, places, pushes, luck),
        *(firing, example, weaker, by_site, aurocs, rivals, reads_and_writes, near, logits),
        *(densities, l0, nested, labelled, split, overlap, norms, surprise),
    )
}
