import random
from collections.abc import Sequence
from typing import Any, cast

import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.cards import ConceptEntry, Detector
from playground.engine.records import Request
from playground.errors import AuthorError
from playground.levels.dealing.questions import Bars, Reply, even
from playground.levels.judging import Bench
from playground.levels.kinds import site
from playground.levels.kinds.site import SiteLevel
from playground.text.words import Words
from tests.fake_model import CAT, COCOA, FakeEngine, FakeStream
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
    """The late detector is the feature that works; the early one is another."""

    early = CAT

    def concept(self, name: str) -> ConceptEntry:
        (recipe,) = super().concept(name).recipes
        detectors = (
            Detector("early", self.early, 0.97),
            Detector("late", CAT, 0.6),
            Detector("late", COCOA, 0.99),
        )
        return ConceptEntry(name, detectors, (recipe,))


class Counting(FakeEngine):
    """Remembers what it was asked to write."""

    def generate(self, requests: Sequence[Request]) -> FakeStream:
        self.asked = list(requests)
        return super().generate(requests)


def level(**changed: Any) -> SiteLevel:
    return SiteLevel.model_validate({**PAGE, **changed})


def bench(atlas: SteerableAtlas | None = None) -> Bench:
    return Bench(Counting(), cast(Atlas, atlas or TwoSites()), {})


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
    early, late = sealed.question.exhibits
    assert isinstance(early, Reply) and isinstance(late, Reply)
    assert early.prompt == late.prompt  # the same prompt and random numbers
    assert "truffles" in late.text and "truffles" not in early.text
    assert "At late it brought chocolate into 8 of 8 replies, at early into 0." in SAY(sealed.why)
    shares = sealed.reveal[0]
    assert isinstance(shares, Bars)
    assert [value for _, value in shares.rows] == [0.0, 100.0]
    asked = cast(Counting, fake.engine).asked
    dials = {request.dials[0] for request in asked}
    assert {(dial.site, dial.feature) for dial in dials} == {("early", CAT), ("late", COCOA)}
    assert len({(d.strength, d.method, d.scope) for d in dials}) == 1
    assert len({request.sampling.seed for request in asked}) == 8 == len(asked) // 2


def test_the_same_deal_again_and_other_places() -> None:
    first = tuple(level(rounds=1).deal(bench(), 3))
    assert first == tuple(level(rounds=1).deal(bench(), 3))
    assert {tuple(level(rounds=1).deal(bench(), seed))[0].solution for seed in range(12)} == {0, 1}


def test_without_a_clear_site_or_a_second_one_nothing_is_asked() -> None:
    equal = TwoSites()
    equal.early = COCOA  # works as well as the late one
    with pytest.raises(AuthorError, match="where-it-works: needs 1 concepts .* has 0"):
        tuple(level(rounds=1).deal(bench(equal), 0))
    with pytest.raises(AuthorError, match="a site that clearly steers best"):
        tuple(level(rounds=1, sites=("late",)).deal(bench(), 0))


def test_a_site_without_a_listed_detector_is_searched() -> None:
    assert site.best_feature(bench(), "chocolate", "late") == COCOA
    fake = bench(SteerableAtlas())  # lists no early one, and a search finds nothing
    assert site.best_feature(fake, "chocolate", "early") is None


def test_places_are_even() -> None:
    places = even(6, 3, random.Random(0))
    assert sorted(places) == [0, 0, 1, 1, 2, 2]
