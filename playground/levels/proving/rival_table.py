"""The page of how probes, differences of means and neurons do beside features, concept by concept:
Markdown, from what was measured and kept beside an atlas. Measures nothing."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from playground.atlas.rivals import Gap, Push, Rivals, Steering, Telling
from playground.levels.dealing.rivalry import CLOSE, KEEPERS, PUSHERS, keeper, pusher
from playground.levels.intervals import wilson
from playground.levels.kinds.neuron import winner

PAGE = Path(__file__).parents[3] / "docs" / "probes.md"
SAID = {
    "first": "the best feature keeps up, the second does not",
    "second": "only the second-best feature keeps up",
    "either": "each of the two best features keeps up",
    "both": "neither alone, but both together",
    "probe": "the probe wins",
    None: "the texts do not decide",
}
PUSHED = {
    "feature": "the feature", "probe": "the probe", "means": "the difference of means",
    "none": "no clear winner",
}  # fmt: skip


def page(rivals: Rivals, sites: Sequence[str]) -> str:
    """The whole file. sites: early to late."""
    return "\n".join([*head(rivals), "", *telling(rivals, sites), "", *steering(rivals)]) + "\n"


def head(rivals: Rivals) -> list[str]:
    texts = {each.texts for each in rivals.telling}
    low, high = (f(sum(each) for each in texts) for f in (min, max)) if texts else (0, 0)
    return [
        "# Probes and features, concept by concept",
        "",
        "Made by `python -m playground.atlas rivals`, which measures, and `python -m "
        "playground.levels probes`, which writes this page; do not edit it.",
        "",
        "Everything is chosen on texts of one part (*select*): the two best features of each "
        "concept at each site, the best MLP neuron, a linear probe (logistic regression on the "
        "mean state of a text), a difference of means. Every figure is of other texts (*grade*), "
        f"{low} to {high} a concept. AUROC: the share of pairs, one text about the concept and one "
        "other, that stand in the right order; a feature or neuron counts by its maximum over "
        "tokens, a probe or difference by its mean. Gaps are to the probe, or of the best feature "
        "to the best neuron, with 95 % intervals by DeLong. *Keeps up*: not beyond doubt behind, "
        f"and at most {CLOSE:g} behind.",
        "",
        "Compare Wu et al. (2025), AxBench; Kantamneni et al. (2025), Are Sparse Autoencoders "
        "Useful?; Smith et al. (2025), Negative Results for Sparse Autoencoders On Downstream "
        "Tasks.",
    ]


# -- telling texts apart ---------------------------------------------------------------------------
def telling(rivals: Rivals, sites: Sequence[str]) -> list[str]:
    lines = ["## Telling texts apart", ""]
    for site in sites:
        own = rivals.at([site]).telling
        found, won = Counter(map(keeper, own)), Counter(map(winner, own))
        told = "; ".join(f"{SAID[each]}: {found[each]}" for each in (*KEEPERS, None) if found[each])
        lines.append(
            f"- {site}: {told} (of {len(own)}). Against the best neuron the best feature is ahead "
            f"on {won['feature']}, behind on {won['neuron']}, undecided on {won[None]}."
        )
    lines += [
        "",
        "| concept | site | probe | means | features | together | best to probe | neuron | best to "
        "neuron | answer |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    order = {site: place for place, site in enumerate(sites)}
    rows = sorted(rivals.telling, key=lambda each: (each.concept, order.get(each.site, 0)))
    return lines + [told_row(each) for each in rows]


def told_row(each: Telling) -> str:
    one, two = each.features
    features = f"{one}: {each.aurocs[0]:.3f}, {two}: {each.aurocs[1]:.3f}"
    return (
        f"| {each.concept} | {each.site} | {each.probe:.3f} | {each.means:.3f} | {features} "
        f"| {each.both:.3f} | {between(each.gaps[0])} | {each.neuron}: {each.neuron_auroc:.3f} "
        f"| {between(each.neuron_gap)} | {SAID[keeper(each)]} |"
    )


def between(gap: Gap) -> str:
    return f"{gap.value:+.3f} ({gap.low:+.3f} to {gap.high:+.3f})"


# -- steering --------------------------------------------------------------------------------------
def steering(rivals: Rivals) -> list[str]:
    found = Counter(map(pusher, rivals.steering))
    told = ", ".join(f"{PUSHED[each]} {found[each]}" for each in PUSHERS)
    total = {
        way: sum(getattr(each, way).hits for each in rivals.steering)
        for way in (*PUSHERS[:-1], "control")
    }
    of = sum(each.of for each in rivals.steering)
    shares = ", ".join(
        f"{PUSHED.get(way, 'the control')} {share(hits, of)}" for way, hits in total.items()
    )
    lines = [
        "## Steering",
        "",
        "Each direction is added to the opening of a reply at the site of the atlas' recipe, at "
        "the strength that did best on other prompts and seeds. Counted are replies on the concept "
        "and undamaged, with 95 % intervals by Wilson; the control is the feature's push along "
        "rows of other features and random directions by turns. A direction is ahead where the "
        "interval of its difference to each other "
        "(Newcombe) lies above 0.",
        "",
        f"Ahead: {told}. Over all concepts: {shares}.",
        "",
        "| concept | site | replies | feature | probe | means | control | ahead |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rows = sorted(rivals.steering, key=lambda each: each.concept)
    return lines + [pushed_row(each) for each in rows]


def pushed_row(each: Steering) -> str:
    pushes = " | ".join(
        pushed(each, way) for way in (each.feature, each.probe, each.means, each.control)
    )
    place = f"{each.site}, feature {each.feature_index}"
    return f"| {each.concept} | {place} | {each.of} | {pushes} | {PUSHED[pusher(each)]} |"


def pushed(steering: Steering, push: Push) -> str:
    return f"{share(push.hits, steering.of)} at {push.strength:g}"


def share(hits: int, of: int) -> str:
    found = wilson(hits, of)
    return f"{hits / of if of else 0:.2f} ({found.low:.2f} to {found.high:.2f})"
