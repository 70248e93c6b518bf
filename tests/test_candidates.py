"""Concepts that a level may draw from, on an atlas that has few of them."""

from typing import cast

from playground.atlas.atlas import Atlas
from playground.levels.dealing.candidates import named
from playground.levels.dealing.passages import detectors
from playground.levels.dealing.questions import AskLevel, shuffled
from playground.levels.judging import Bench
from playground.levels.shelf import Shelf
from tests.fake_model import CAT, FakeAtlas, FakeEngine


def test_concepts_that_the_atlas_lacks_are_left_out() -> None:
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})
    level = Shelf.load().level("predict-cats").model_copy(update={"sites": ("late",)})
    assert isinstance(level, AskLevel)
    assert {"cats", "dogs", "trains"} <= {level.concept, *level.concepts}
    assert named(level, bench) == ("cats",)
    found = list(detectors(level, bench, shuffled(0, level.id)))
    assert [each.pick.feature for each in found] == [CAT]
