"""How well the ranking of a hunt serves a learner: of texts that one could have written, drawn from
those that grade nothing, does a feature that would win stand among the first three? And the page
of it.

Nothing is told to the ranking but the texts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from statistics import fmean

from playground.concepts import examples
from playground.concepts.concepts import auroc, present
from playground.levels.dealing.contrast import RARE, WEIGHT, ranked
from playground.levels.judging import Bench
from playground.levels.kinds.hunt import control

PAGE = Path(__file__).parents[3] / "docs" / "hunting.md"
AUROC, LEAD = 0.85, 0.2  # what most hunts ask for
MARGIN = 0.05  # AUROC that a clean feature may lie behind the atlas' best of the site
FIRST = 3  # of the ranking that a learner opens
SIDES = (6, 3)  # texts of either sort; the smaller hand takes the first of the larger
# Where texts come from, and what the others are about: anything else, or what is easily taken for
# the concept.
CORPUS, HAND = "model's own corpus", "written by hand"
FAR, NEAR = "anything else", "near concepts"
SALT = "hunting"


@dataclass(frozen=True)
class Ranking:
    """What came of one draw. clean: whether one of the first FIRST would win the hunt about as well
    as the atlas' best; best: whether that very one is there."""

    concept: str
    site: str
    source: str
    others: str
    each: int
    clean: bool
    best: bool


@dataclass(frozen=True)
class Hand:
    """Texts that a learner could have written of a concept, and others beside them."""

    source: str
    others: str
    here: tuple[str, ...]
    there: tuple[str, ...]


def hands(bench: Bench, concept: str, draws: int, sources: Sequence[str]) -> Iterator[Hand]:
    """So many draws from each source beside each sort of others, where there are enough texts. None
    of *grade*."""
    rng = Random(f"{SALT}/{concept}")
    for source in sources:
        own = written(bench, source, concept)
        near = [name for name in near_to(concept) if name in bench.atlas.concepts()]
        for others, names in ((FAR, far_from(bench, concept)), (NEAR, near)):
            beside = [
                text
                for name in names
                for text in written(bench, source, name)
                if text not in own and not present(bench.concept(concept), text)
            ]
            for _ in range(draws if min(len(own), len(beside)) >= max(SIDES) else 0):
                here, there = (tuple(rng.sample(each, max(SIDES))) for each in (own, beside))
                yield Hand(source, others, here, there)


def written(bench: Bench, source: str, concept: str) -> list[str]:
    if source == HAND:
        known = examples.texts(concept) if concept in examples.named() else ()
        return [each for each in known if examples.part_of(each) != "grade"]
    parts = (bench.texts(concept, True, part) for part in ("select", "show"))
    return [each.text for part in parts for each in part]


def near_to(concept: str) -> Sequence[str]:
    return examples.own(concept).near if concept in examples.named() else ()


def far_from(bench: Bench, concept: str) -> list[str]:
    taken = {concept, *near_to(concept)}
    return [name for name in sorted(bench.atlas.concepts()) if name not in taken]


def rankings(
    bench: Bench, concept: str, site: str, draws: int, sources: Sequence[str] = (CORPUS, HAND)
) -> Iterator[Ranking]:
    """Nothing for a concept whose best detector at the site would not win the hunt."""
    own = [each for each in bench.atlas.concept(concept).detectors if each.site == site]
    best = max(own, key=lambda each: each.sure, default=None)
    if best is None:
        return
    held_out = bench.held_out(concept, site)

    @cache
    def told(feature: int) -> float:
        return auroc(held_out.about, held_out.peaks_of(feature))

    @cache
    def wins(feature: int) -> bool:
        found = told(feature)
        return found >= AUROC and found - control(held_out, feature) >= LEAD

    if not wins(best.feature):
        return
    bar, background = told(best.feature) - MARGIN, bench.atlas.background(site)
    for hand in hands(bench, concept, draws, sources):
        read = bench.engine.read([*hand.here, *hand.there], site)
        here, there = read[: len(hand.here)], read[len(hand.here) :]
        for each in SIDES:
            first = [one.feature for one in ranked(here[:each], there[:each], background)[:FIRST]]
            clean = any(told(one) >= bar and wins(one) for one in first)
            yield Ranking(
                concept, site, hand.source, hand.others, each, clean, best.feature in first
            )


# -- the page --------------------------------------------------------------------------------------
def share(found: Sequence[Ranking]) -> float:
    """Of the draws in which a clean feature stands among the first."""
    return fmean(each.clean for each in found) if found else 0.0


def page(found: Sequence[Ranking], sites: Sequence[str], every: int = 1) -> str:
    """The whole file. every: one concept in so many was asked about."""
    concepts = {(each.concept, each.site) for each in found}
    counted = ", ".join(f"{sum(site == at for _, at in concepts)} {site}" for site in sites)
    lines = [
        "# How well a hunt ranks",
        "",
        "Made by `python -m playground.levels hunts`; do not edit it.",
        "",
        "A learner lays texts that a feature should fire in beside others that it should not. The "
        "page ranks the features of one site by AUROC over all pairs of these texts, plus "
        f"{WEIGHT:g} for each nat of rarity: how seldom a text of that length makes the feature "
        "peak so high, by the histogram and the firing rate that the atlas keeps of every feature, "
        f"averaged over the first texts, {RARE:g} nats at most of each. No name, concept or label "
        "plays a part.",
        "",
        f"Here texts are drawn instead of written, none of *grade*: {max(SIDES)} of either sort, "
        f"and of the same draws the first {min(SIDES)}. *Clean*: among the first {FIRST} stands "
        f"a feature that wins the hunt on *grade* (AUROC {AUROC:g}, and {LEAD:g} ahead of a "
        f"typical feature), at most {MARGIN:g} behind the atlas' best of the site. *Best*: that "
        "very one, chosen on *select*, is among them. Counted are concepts whose best feature "
        f"wins: {counted}"
        + (f"; only one concept in {every} was asked about." if every > 1 else "."),
        "",
        "| texts | others | of either sort | site | clean | best | draws |",
        "|---|---|---|---|---|---|---|",
    ]
    for source in (CORPUS, HAND):
        for others in (FAR, NEAR):
            for each in SIDES:
                alike = [
                    one
                    for one in found
                    if (one.source, one.others, one.each) == (source, others, each)
                ]
                lines += rows(alike, (source, others, str(each)), sites)
    lines += ["", "## Concept by concept", "", *concept_rows(found, sites)]
    return "\n".join(lines) + "\n"


def rows(alike: Sequence[Ranking], named: Sequence[str], sites: Sequence[str]) -> list[str]:
    """A line for each site, and one for all."""
    parts = [(site, [each for each in alike if each.site == site]) for site in sites]
    return [
        f"| {' | '.join(named)} | {site} | {share(part):.2f} "
        f"| {fmean(each.best for each in part):.2f} | {len(part)} |"
        for site, part in (*parts, ("all", list(alike)))
        if part
    ]


def concept_rows(found: Sequence[Ranking], sites: Sequence[str]) -> list[str]:
    """Draws with a clean feature, of the corpus' texts and the larger hand."""
    lines = [f"| concept | {' | '.join(sites)} |", "|---" * (1 + len(sites)) + "|"]
    asked = [each for each in found if (each.source, each.each) == (CORPUS, max(SIDES))]
    for concept in sorted({each.concept for each in asked}):
        cells = list[str]()
        for site in sites:
            own = [each for each in asked if (each.concept, each.site) == (concept, site)]
            cells.append(f"{sum(each.clean for each in own)} of {len(own)}" if own else "-")
        lines.append(f"| {concept} | {' | '.join(cells)} |")
    return lines
