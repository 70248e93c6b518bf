"""Levels on the feature that feeds a later one: on a text of seven tokens whose runs can be worked
out by hand, and the rounds that ship."""

import random
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from playground.atlas.atlas import Atlas
from playground.circuits.notes import Note
from playground.circuits.records import Graph, Node, NodeChange
from playground.errors import AuthorError
from playground.levels.dealing import deals, feeding
from playground.levels.dealing.deals import SEALED
from playground.levels.dealing.feeding import Feeding, NamedText
from playground.levels.dealing.questions import Bars, Sealed
from playground.levels.judging import Bench
from playground.levels.kinds import KINDS, trace
from playground.levels.shelf import LEVELS
from playground.text.words import Words
from tests.fake_model import FakeAtlas, FakeEngine
from tests.kind_parts import fields

SAY = Words().said
TOKENS = ("<s>", " one", " cat", " saw", " a", " dog", " and")
FED = Node("feature", 2, 6, 9, 2.0)
# The source; three that do little: one that fires high, one of which a unit adds most, the nearest.
SOURCE, LOUD, KEEN, NEAR, SLIGHT = (
    Node("feature", 0, 3, 1, 2.0), Node("feature", 1, 3, 2, 4.0), Node("feature", 1, 4, 3, 0.1),
    Node("feature", 0, 5, 4, 0.5), Node("feature", 0, 2, 5, 0.5),
)  # fmt: skip
NODES = (SOURCE, LOUD, KEEN, NEAR, SLIGHT, FED)
ARROWS = {SOURCE: 1.0, LOUD: 0.2, KEEN: 0.1, NEAR: 0.05, SLIGHT: 0.01}
TAKES = {SOURCE: 0.6, LOUD: 0.1, KEEN: 0.05}  # shares of what the later feature has
BOUND, FREE = (True,) * 3, (False,) * 3


class HandCircuits:
    """In the place of Circuits. takes: of each source the share that goes without it."""

    def __init__(self, takes: dict[Node, float]) -> None:
        self.takes = takes

    def left(self, traced: Any, changes: Sequence[NodeChange]) -> np.ndarray:
        gone = sum(self.takes.get(change.node, 0) for change in changes)
        return np.array([node.value * (1 - gone * (node == FED)) for node in NODES])

    def arrows(self, traced: Any, targets: Sequence[int]) -> np.ndarray:
        return np.array([[ARROWS.get(node, 0) for node in NODES]] * len(targets))

    def note(self, node: Node) -> Note:
        share = 0.01 if node == FED else 0.2
        return Note(node.layer, node.index, (" the",), (" cat",), (), share, 2.0)


def found(takes: dict[Node, float] = TAKES) -> list[Feeding]:
    none = np.zeros(0)
    graph = Graph("", (*range(7),), TOKENS, 3, NODES, none, none, none, none)
    traced = SimpleNamespace(graph=graph, text=SimpleNamespace(lead=(0,)))
    text = NamedText(cast(Any, HandCircuits(takes)), cast(Any, traced))
    return list(feeding.found(text, random.Random(0)))


def asked(place: int = 2) -> Sealed:
    (fed,) = found()
    sealed = trace.asked(fed, place, True, BOUND, random.Random(0))
    assert sealed is not None
    return sealed


def shown(bars: object) -> list[float]:
    assert isinstance(bars, Bars)
    return [round(value, 4) for _, value in bars.rows]


def test_the_feature_without_which_most_goes_is_the_source() -> None:
    (fed,) = found()
    assert (fed.target, fed.best.node) == (FED, SOURCE)
    assert fed.best.lost == pytest.approx(0.6) and fed.best.unit == 0.5
    assert {each.node for each in fed.calm} == {LOUD, KEEN, NEAR, SLIGHT}


def test_what_hangs_on_none_or_on_two_is_not_asked_about() -> None:
    assert found({SOURCE: 0.3, LOUD: 0.3}) == []
    (fed,) = found({**TAKES, LOUD: 0.3})
    assert LOUD not in {each.node for each in fed.calm}


def test_the_loudest_the_nearest_and_the_keenest_mislead() -> None:
    sealed = asked()
    assert sealed.right == {2} == {sealed.solution}
    near, loud, keen = trace.TraceLevel.looks(cast(Any, None), sealed)
    names = [SAY(option) for option in sealed.question.options]
    assert names[2] == "C: “the” → “cat” (block 1, on “saw”)"
    assert "block 2, on “saw”" in names[cast(int, loud)]
    assert "on “a”" in names[cast(int, keen)] and "on “dog”" in names[cast(int, near)]
    fires, unit = (shown(each)[2] for each in sealed.question.exhibits[1:])
    assert (fires, unit) == (2.0, 25.0)
    assert [shown(each)[2] for each in sealed.reveal] == [60, 50]
    assert "loses 60%" in SAY(sealed.why) and "largest of the four products, too" in SAY(sealed.why)


def test_a_look_that_has_been_right_often_enough_has_to_be_wrong() -> None:
    (fed,) = found()
    plain = replace(fed, calm=tuple(each for each in fed.calm if each.node != KEEN))
    assert trace.asked(plain, 0, True, BOUND, random.Random(0)) is None
    assert trace.asked(plain, 0, True, FREE, random.Random(0)) is not None


def test_an_arrow_that_misleads_is_told_and_asked_about_only_where_it_may_be() -> None:
    (fed,) = found({**TAKES, SOURCE: 0.05, LOUD: 0.5})
    assert fed.best.node == LOUD
    sealed = trace.asked(fed, 0, False, FREE, random.Random(1))
    assert sealed is not None
    honest = trace.asked(fed, 0, True, FREE, random.Random(1))
    assert honest is not None and "“saw”" not in " ".join(map(SAY, honest.question.options[1:]))


def test_a_model_without_transcoders_has_no_such_level() -> None:
    level = cast(Any, KINDS["trace"].model_validate(fields("trace", 2, 2, 2, 3)))
    with pytest.raises(AuthorError, match="no transcoders"):
        next(level.deal(Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {}), 0))


def test_the_rounds_that_ship_are_lost_by_first_looks() -> None:
    """test_proofs.py proves a level of the kind."""
    rounds = dict[str, list[Sealed]]()
    for key, each in deals.read_shipped(LEVELS).items():
        if key.split("/")[4].startswith("trace-"):
            rounds.setdefault(key.rpartition("/")[0], []).append(SEALED.validate_python(each))
    assert len(rounds) == 9  # three of each level
    for dealt in rounds.values():
        looks = [trace.TraceLevel.looks(cast(Any, None), each) for each in dealt]
        for look in zip(*looks, strict=True):
            right = sum(n == each.solution for n, each in zip(look, dealt, strict=True))
            assert right < len(dealt) / 2
