"""What is counted for levels beside a recipe: at every site, and when the push lasts."""

from dataclasses import asdict, replace

from playground.atlas import sweeps
from playground.atlas.atlas import entry_of
from playground.atlas.calibrate import Plan
from playground.atlas.cards import ConceptEntry
from playground.atlas.controls import Peer, controls
from playground.engine.records import Dial
from tests.test_atlas_ranking import CATS, USUAL, FakeEngine

PLAN = Plan(place_replies=6, rung_replies=4)
BEST = Dial("late", 7, 1.0, "clamp", "opening")
RIVALS = controls(BEST, [Peer(n, 0.1, frozenset()) for n in range(9)], 2)


def test_every_site_gets_the_same_push_along_its_own_feature() -> None:
    engine = FakeEngine()
    early, late = sweeps.places(engine, CATS, USUAL, BEST, {"early": 3, "late": 7}, PLAN)
    assert (early.site, early.feature, late.site, late.feature) == ("early", 3, "late", 7)
    assert early.dial(1.0) == replace(BEST, site="early", feature=3)
    assert [len(each.points) for each in (early, late)] == [1, 1]
    assert (early.hits, late.hits) == (((),), (tuple(range(6)),))
    assert (late.points[0].on, late.points[0].replies, early.points[0].on) == (6, 6, 0)
    seeds = [each.sampling.seed for each in engine.asked]
    assert seeds[:6] == seeds[6:] and len(set(seeds)) == 6


def test_a_longer_push_is_counted_at_every_strength_for_every_scope() -> None:
    engine = FakeEngine()
    found = sweeps.ladders(engine, CATS, USUAL, BEST, RIVALS, PLAN)
    assert [each.scope for each in found] == list(sweeps.LASTING)
    for each in found:
        # The fake breaks beyond .5 on everything, beyond 1.5 on the reply.
        bound = 0.5 if each.scope == "all" else 1.5
        assert [point.strength for point in each.points] == list(sweeps.RUNGS)
        assert [point.broken for point in each.points] == [s > bound for s in sweeps.RUNGS]
        assert [len(hits) for hits in each.hits] == [4 * (s > bound) for s in sweeps.RUNGS]
        assert {(point.controls, point.replies) for point in each.points} == {(2, 4)}
    # What a level writes again is what was counted.
    dial = found[0].dial(sweeps.RUNGS[0])
    assert set(sweeps.rung_requests(dial, 4)) <= set(engine.asked)


def test_an_entry_comes_back_from_its_file_and_an_earlier_one_has_no_sweeps() -> None:
    places = sweeps.places(FakeEngine(), CATS, USUAL, BEST, {"late": 7}, PLAN)
    entry = ConceptEntry("cats", (), (), places, ())
    assert entry_of(asdict(entry)) == entry
    assert entry_of({"concept": "cats", "detectors": [], "recipes": []}).places == ()
