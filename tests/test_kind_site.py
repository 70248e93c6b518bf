import random
from dataclasses import replace
from typing import Any, cast

import pytest

from playground.atlas import sweeps
from playground.atlas.atlas import Atlas
from playground.atlas.calibrate import Plan
from playground.atlas.cards import ConceptEntry, CurvePoint, Detector, Sweep
from playground.concepts.concepts import load_concepts
from playground.engine.records import Dial
from playground.errors import AuthorError
from playground.levels.dealing.questions import Bars, Reply, even
from playground.levels.judging import Bench
from playground.levels.kinds import site
from playground.levels.kinds.site import SiteLevel
from playground.text.words import Words
from tests.fake_model import CAT, COCOA, FakeEngine
from tests.test_kind_control import PAGE as CONTROL
from tests.test_kind_control import SteerableAtlas

SAY = Words().said

PAGE: dict[str, Any] = {
    **CONTROL,
    "id": "where-it-works",
    "kind": "site",
    "rounds": 6,
    "goals": [{"measure": "right", "at_least": 5, "says": "5 of 6 are right."}],
    "stars": {"measure": "right", "two": 5.5, "three": 6},
}


class TwoSites(SteerableAtlas):
    """Of twenty replies each the late site has 18 on the concept, the early one `early`."""

    early = 3

    def concept(self, name: str) -> ConceptEntry:
        return replace(
            super().concept(name),
            places=(counted("early", CAT, self.early), counted("late", COCOA, 18)),
        )


def counted(site: str, feature: int, on: int, of: int = 20) -> Sweep:
    dial = Dial(site, feature, 0.8)
    return Sweep.of(dial, [CurvePoint(0.8, on / of, 5.0, on / of, 0, 0, replies=of)], [range(on)])


def level(**changed: Any) -> SiteLevel:
    return SiteLevel.model_validate({**PAGE, **changed})


def bench(atlas: SteerableAtlas | None = None) -> Bench:
    return Bench(FakeEngine(), cast(Atlas, atlas or TwoSites()), {})


def test_the_site_with_most_replies_is_the_right_one() -> None:
    fake = bench()
    (sealed,) = tuple(level(rounds=1).deal(fake, 0))
    assert isinstance(sealed.solution, int)
    assert SAY(sealed.question.options[sealed.solution]) == "late: after block 1"
    assert sorted(map(SAY, sealed.question.options)) == [
        "early: after block 0",
        "late: after block 1",
    ]
    assert sealed.right == {sealed.solution} and sealed.guess == sealed.solution
    shown = [each for each in sealed.question.exhibits if isinstance(each, Reply)]
    early, late = shown[:3], shown[3:]
    assert [each.prompt for each in early] == [each.prompt for each in late]
    assert all("truffles" in each.text for each in late)
    assert not any("truffles" in each.text for each in early)
    said = SAY(sealed.why)
    assert "At late it brought chocolate into 18 of 20 replies, at early into 3." in said
    assert "at least 70 in a hundred, elsewhere at most 36" in said
    shares = sealed.reveal[0]
    assert isinstance(shares, Bars) and shares.top == 20
    assert [value for _, value in shares.rows] == [3.0, 18.0]
    (stream,) = cast(FakeEngine, fake.engine).streams
    asked = [trace.request for trace in stream.traces()]
    dials = {request.dials[0] for request in asked}
    assert {(dial.site, dial.feature) for dial in dials} == {("early", CAT), ("late", COCOA)}
    assert len({(d.strength, d.method, d.scope) for d in dials}) == 1
    # Some of those that were counted, and of each site the same.
    seeds = [request.sampling.seed for request in asked]
    assert seeds[:3] == seeds[3:] and len(set(seeds)) == 3
    assert set(asked) <= {r for dial in dials for r in sweeps.place_requests(dial, 20)}


def test_the_same_deal_again_and_other_places() -> None:
    first = tuple(level(rounds=1).deal(bench(), 3))
    assert first == tuple(level(rounds=1).deal(bench(), 3))
    assert {tuple(level(rounds=1).deal(bench(), seed))[0].solution for seed in range(12)} == {0, 1}


@pytest.mark.parametrize("early", [18, 12])  # equal, and nearly so
def test_a_site_that_is_not_surely_the_best_is_not_asked_about(early: int) -> None:
    near = TwoSites()
    near.early = early
    with pytest.raises(AuthorError, match="where-it-works: needs 1 concepts .* has 0"):
        tuple(level(rounds=1).deal(bench(near), 0))


def test_one_site_alone_asks_nothing() -> None:
    with pytest.raises(AuthorError, match="surely the best by the replies that were counted"):
        tuple(level(rounds=1, sites=("late",)).deal(bench(), 0))


def test_what_the_atlas_has_not_counted_is_counted_when_it_is_asked_for() -> None:
    atlas = TwoSites()
    own = SteerableAtlas().concept("chocolate")
    detectors = (Detector("early", CAT, 0.97), Detector("late", COCOA, 0.99))
    atlas.concept = lambda name: replace(own, detectors=detectors)
    fake = bench(atlas)
    (sealed,) = tuple(level(rounds=1).deal(fake, 0))
    counted_now, shown = cast(FakeEngine, fake.engine).streams
    assert len(counted_now.traces()) == 2 * Plan().place_replies
    assert {each.request for each in shown.traces()} <= {e.request for e in counted_now.traces()}
    assert "At late it brought chocolate into 16 of 16 replies, at early into 0." in SAY(sealed.why)


def test_a_site_whose_detector_nobody_knows_asks_nothing() -> None:
    fake = bench(SteerableAtlas())  # lists no early one, and a search finds nothing
    assert sweeps.best_detectors(fake.atlas, fake.concept("chocolate"), ["early", "late"]) == {
        "late": COCOA
    }
    with pytest.raises(AuthorError, match="has 0"):
        tuple(level(rounds=1).deal(fake, 0))


def test_the_shown_replies_agree_with_the_counts() -> None:
    sites = FakeEngine().sites
    pushed = (
        site.SitePush(sites["early"], counted("early", CAT, 7)),
        site.SitePush(sites["late"], counted("late", COCOA, 20)),
    )
    trial = site.Trial(load_concepts()["chocolate"], pushed)
    assert sum(n < 7 for n in trial.typical(3)) == 1


def test_sites_that_are_as_good_for_all_that_was_counted_are_not_asked_about() -> None:
    sites = FakeEngine().sites
    early, late = sites["early"], sites["late"]
    pushed = (
        site.SitePush(early, counted("early", CAT, 0)),
        site.SitePush(late, counted("late", COCOA, 20)),
        site.SitePush(late, counted("late", COCOA, 18)),
    )
    clear = site.Trial(load_concepts()["chocolate"], pushed).clear
    assert clear.pushed == pushed[:2]


def test_places_are_even() -> None:
    places = even(6, 3, random.Random(0))
    assert sorted(places) == [0, 0, 1, 1, 2, 2]
