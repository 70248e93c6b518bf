"""Measures what levels ask about a recipe beside its dose-response: the same push at every site,
and how much of a longer push the text bears.

Nothing is chosen by these figures, so they are taken on the prompts that evaluation has too. Knows
the engine and the scorers; nothing of files or of how a recipe was found.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from playground.atlas.calibrate import FRESH_PROMPTS, Plan, curve_point, requests_of
from playground.atlas.cards import CurvePoint, Sweep
from playground.concepts.concepts import Concept, score_replies
from playground.concepts.damage import Usual
from playground.engine.protocol import Engine
from playground.engine.records import Dial, Request, Scope

if TYPE_CHECKING:
    from playground.atlas.atlas import Atlas

PLACE_SEED, LADDER_SEED = 3_000, 3_500
PLACE_TOKENS, RUNG_TOKENS = 40, 36
LASTING: tuple[Scope, ...] = ("reply", "all")  # the scopes that a ladder is measured for
RIVALS = 2  # controls beside every strength of a ladder, one reply each
SEARCHED = 8  # hits looked through for a site whose detectors the atlas does not list
RUNGS = (0.15, 0.3, 0.5, 0.75, 1.1, 1.5, 2.1)  # residual norms


def place_requests(dial: Dial, count: int) -> list[Request]:
    """The first of the replies that a site is judged by."""
    return requests_of((dial,), count, PLACE_SEED, PLACE_TOKENS, FRESH_PROMPTS)


def rung_requests(dial: Dial, count: int) -> list[Request]:
    """The first of the replies that a strength of a ladder is judged by."""
    return requests_of((dial,), count, LADDER_SEED, RUNG_TOKENS, FRESH_PROMPTS)


def places(
    engine: Engine,
    concept: Concept,
    usual: Usual,
    best: Dial,
    features: Mapping[str, int],
    plan: Plan,
) -> tuple[Sweep, ...]:
    """The push of the recipe `best` along one feature a site, each at that one strength."""
    dials = [replace(best, site=site, feature=feature) for site, feature in features.items()]
    wanted = [request for dial in dials for request in place_requests(dial, plan.place_replies)]
    traces = iter(engine.generate(wanted).traces())
    found = list[Sweep]()
    for dial in dials:
        score = score_replies(concept, list(islice(traces, plan.place_replies)), usual)
        on = [n for n, reply in enumerate(score.replies) if reply.on]
        found.append(Sweep.of(dial, [curve_point(dial.strength, score, ())], [on]))
    return tuple(found)


def ladders(
    engine: Engine,
    concept: Concept,
    usual: Usual,
    best: Dial,
    controls: Sequence[Dial],
    plan: Plan,
    scopes: Sequence[Scope] = LASTING,
) -> tuple[Sweep, ...]:
    """The feature of `best` over RUNGS for each scope, with one reply of each control beside each
    strength."""
    found = list[Sweep]()
    for scope in scopes:
        dials = [replace(best, scope=scope, strength=strength) for strength in RUNGS]
        wanted = list[Request]()
        for dial in dials:
            wanted += rung_requests(dial, plan.rung_replies)
            for control in controls:
                wanted += rung_requests(replace(dial, control=control.control), 1)
        traces = iter(engine.generate(wanted).traces())
        points, broken = list[CurvePoint](), list[list[int]]()
        for dial in dials:
            own = score_replies(concept, list(islice(traces, plan.rung_replies)), usual)
            rivals = [score_replies(concept, [next(traces)], usual) for _ in controls]
            points.append(curve_point(dial.strength, own, rivals))
            broken.append([n for n, reply in enumerate(own.replies) if not reply.whole])
        found.append(Sweep.of(dials[0], points, broken))
    return tuple(found)


def best_detectors(atlas: "Atlas", concept: Concept, sites: Iterable[str]) -> dict[str, int]:
    """Each site's best detector, as far as one is known. The atlas lists only the best of all
    sites; where it lists none, the features that a search finds are compared by their cards."""
    found, entry = dict[str, int](), atlas.concept(concept.name)
    for site in sites:
        rated = [(each.auroc, each.feature) for each in entry.detectors if each.site == site]
        if not rated:
            for hit in atlas.search(concept.title, site, SEARCHED):
                about = dict(atlas.card(site, hit.index).concepts)
                rated += [(about[concept.name], hit.index)] if concept.name in about else []
        if rated:
            found[site] = max(rated)[1]
    return found
