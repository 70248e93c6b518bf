"""What a dial is held against: which directions, and that the same are drawn everywhere."""

import pytest

from playground.atlas.controls import ALIKE, Peer, controls, controls_for
from playground.engine.records import Control, Dial, Vector
from tests.fake_model import FakeAtlas

CATS = frozenset({"cats"})
DIAL = Dial("late", 7, 0.8, "add", "reply")


def peers(rates: dict[int, float], about: frozenset[int] = frozenset()) -> list[Peer]:
    return [Peer(n, rate, CATS if n in about else frozenset()) for n, rate in rates.items()]


def test_rows_of_other_features_and_random_directions_take_turns() -> None:
    found = controls(DIAL, peers(dict.fromkeys(range(20), 0.1)), 4)
    assert [each.control.sort for each in found if each.control] == [
        "feature", "random", "feature", "random",
    ]  # fmt: skip
    assert len({each.control for each in found}) == 4
    assert {
        (each.site, each.feature, each.strength, each.method, each.scope) for each in found
    } == {("late", 7, 0.8, "add", "reply")}


def test_the_same_are_drawn_for_every_strength_and_others_by_another_draw() -> None:
    known = peers(dict.fromkeys(range(200), 0.1))
    first = [each.control for each in controls(DIAL, known, 4)]
    assert [each.control for each in controls(Dial("late", 7, 0.2), known, 4)] == first
    assert not set(first) & {each.control for each in controls(DIAL, known, 4, draw=1)}


def test_silent_features_kin_and_the_feature_itself_are_no_controls() -> None:
    rates = {1: 0.0, 2: 0.1, 3: 0.1, 7: 0.1, 9: 0.1}
    found = controls(DIAL, peers(rates, about=frozenset({2, 7})), 6)
    rows = {
        each.control.number for each in found if each.control and each.control.sort == "feature"
    }
    assert rows == {3, 9}
    assert len(found) == 6  # random ones stand in for those that are missing


def test_rows_fire_about_as_often_as_the_dial() -> None:
    rates = {7: 0.01} | {n: 0.01 * 1.1**n for n in range(100, 100 + ALIKE)}
    rates |= {n: 0.5 for n in range(500, 600)} | {n: 0.0101 for n in range(20, 20 + ALIKE)}
    rows = [each.control for each in controls(DIAL, peers(rates), 8)]
    assert {each.number for each in rows if each and each.sort == "feature"} <= set(
        range(20, 20 + ALIKE)
    )


def test_a_vector_has_controls_too() -> None:
    dial = Dial.along("late", Vector("mine", (1.0, 0.0)), 0.5)
    found = controls_for(FakeAtlas(), dial, 2)  # pyright: ignore[reportArgumentType]
    assert [each.control.sort for each in found if each.control] == ["feature", "random"]
    assert all(each.vector == dial.vector for each in found)


def test_features_of_the_concept_that_a_vector_is_named_after_are_no_controls() -> None:
    known = peers(dict.fromkeys(range(1, 40), 0.1), about=frozenset(range(1, 30)))
    drawn = {
        name: [
            each.control
            for each in controls(Dial.along("late", Vector(name, (1.0,)), 0.5), known, 6)
        ]
        for name in ("cats", "dogs")
    }
    rows = [each.number for each in drawn["cats"] if each and each.sort == "feature"]
    assert rows and min(rows) >= 30
    assert drawn["cats"] != drawn["dogs"]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_as_many_as_asked(count: int) -> None:
    found = controls(DIAL, [], count)
    assert len(found) == count
    assert all(isinstance(each.control, Control) for each in found)
