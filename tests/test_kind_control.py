from dataclasses import replace
from typing import Any, cast

import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.cards import ConceptEntry, CurvePoint, Detector, Recipe
from playground.concepts.concepts import load_concepts
from playground.errors import AuthorError
from playground.levels.dealing.questions import Bars, Reply
from playground.levels.judging import Bench
from playground.levels.kinds import control
from playground.levels.kinds.control import ControlLevel
from playground.text.words import Words
from tests.fake_model import COCOA, FakeAtlas, FakeEngine

SAY = Words().said

PAGE: dict[str, Any] = {
    "id": "feature-or-accident",
    "kind": "control",
    "title": "Feature or accident",
    "brief": "Say which replies were pushed by a feature.",
    "concept": "chocolate",
    "difficulty": 2,
    "minutes": 5,
    "rounds": 9,
    "goals": [{"measure": "right", "at_least": 8, "says": "8 of 9 are right."}],
    "stars": {"measure": "right", "two": 8.5, "three": 9},
    "hints": {"nudge": "Look.", "method": "Compare.", "answer": "Count."},
    "win": "Well done.",
    "learned": {"text": "A control.", "words": ["control"], "source": "Turner et al. (2023)"},
}


class SteerableAtlas(FakeAtlas):
    """Chocolate is the one concept, and its recipe was measured at its own strength."""

    effect = 0.9

    def concepts(self) -> tuple[str, ...]:
        return ("chocolate",)

    def concept(self, name: str) -> ConceptEntry:
        point = CurvePoint(0.8, self.effect, 5.0, self.effect, 0.1, 5.0, 0.2, 4, 8)
        recipe = Recipe("late", COCOA, "clamp", "opening", 0.8, (point,))
        return ConceptEntry(name, (Detector("late", COCOA, 0.99),), (recipe,))


def level(**changed: Any) -> ControlLevel:
    return ControlLevel.model_validate({**PAGE, **changed})


def bench(atlas: SteerableAtlas) -> Bench:
    return Bench(FakeEngine(), cast(Atlas, atlas), {})


def test_the_replies_of_the_feature_are_the_right_ones() -> None:
    fake = bench(SteerableAtlas())
    (sealed,) = tuple(level(rounds=1).deal(fake, 0))
    assert isinstance(sealed.solution, int)
    assert sealed.right == {sealed.solution} and sealed.guess == sealed.solution
    shown = [each for each in sealed.question.exhibits if isinstance(each, Reply)]
    columns = [shown[n : n + 3] for n in range(0, 9, 3)]
    assert [SAY(each.caption) for each in shown[::3]] == ["Reply A", "Reply B", "Reply C"]
    for n, column in enumerate(columns):
        assert [each.prompt for each in column] == [each.prompt for each in columns[0]]
        assert all(("truffles" in each.text) == (n == sealed.solution) for each in column)
    assert "chocolate" not in SAY(sealed.question.ask)  # the concept is not given away
    assert "3 of its 3 replies are about chocolate" in SAY(sealed.why)
    damage, counted = sealed.reveal
    assert isinstance(damage, Bars) and isinstance(counted, Bars)
    assert [value for _, value in counted.rows] == [90.0, 10.0, 20.0]


def test_a_push_stands_beside_both_sorts_of_control() -> None:
    fake = bench(SteerableAtlas())
    tuple(level(rounds=1).deal(fake, 0))
    (stream,) = cast(FakeEngine, fake.engine).streams
    sorts = [each.request.dials[0].control for each in stream.traces()]
    assert [each.sort if each else None for each in sorts[::3]] == [None, "feature", "random"]
    seeds = [each.request.sampling.seed for each in stream.traces()]
    assert seeds[:3] == seeds[3:6] == seeds[6:] and len(set(seeds)) == 3


def test_the_same_deal_again_and_every_place_in_turn() -> None:
    fake = bench(SteerableAtlas())
    assert tuple(level(rounds=1).deal(fake, 3)) == tuple(level(rounds=1).deal(fake, 3))
    found = {tuple(level(rounds=1).deal(fake, seed))[0].solution for seed in range(20)}
    assert found == {0, 1, 2}


def test_a_recipe_no_better_than_its_best_control_is_not_asked_about() -> None:
    atlas = SteerableAtlas()
    atlas.effect = 0.3
    with pytest.raises(AuthorError, match="feature-or-accident: needs 1 concepts .* has 0"):
        tuple(level(rounds=1).deal(bench(atlas), 0))


def test_what_a_reader_cannot_tell_is_not_asked_about() -> None:
    atlas = SteerableAtlas()
    own = atlas.concept("chocolate")
    recipe = replace(own.recipes[0], feature=3)  # a dial on it changes nothing in the fake
    atlas.concept = lambda name: replace(own, recipes=(recipe,))
    with pytest.raises(AuthorError, match="more than those of its controls"):
        tuple(level(rounds=1).deal(bench(atlas), 0))


def test_a_reader_takes_the_push_whose_replies_share_a_subject() -> None:
    listed = [load_concepts()[name] for name in ("chocolate", "cats")]
    sweet, plain = "She stirred the cocoa and ate a truffle.", "She went home and was glad."
    furry = "The kitten began to purr."
    assert control.shared([sweet, sweet, furry], listed) == 2
    assert control.guess([[plain, plain], [sweet, furry], [sweet, sweet]], listed) == 2
    assert control.guess([[sweet, sweet], [plain, plain], [sweet, furry]], listed) == 0
    glad = ["a lantern shone", "the lantern was lit"]
    assert control.guess([[plain, "All slept."], glad, ["Rain fell.", "He sat."]], listed) == 1
