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
    "brief": "Say which reply was pushed by a feature.",
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
        point = CurvePoint(0.8, self.effect, 5.0, self.effect, 0.1, 5.0)
        recipe = Recipe("late", COCOA, "clamp", "opening", 0.8, (point,))
        return ConceptEntry(name, (Detector("late", COCOA, 0.99),), (recipe,))


def level(**changed: Any) -> ControlLevel:
    return ControlLevel.model_validate({**PAGE, **changed})


def bench(atlas: SteerableAtlas) -> Bench:
    return Bench(FakeEngine(), cast(Atlas, atlas), {})


def test_the_reply_of_the_feature_is_the_right_one() -> None:
    (sealed,) = tuple(level(rounds=1).deal(bench(SteerableAtlas()), 0))
    assert isinstance(sealed.solution, int)
    untouched, *replies = sealed.question.exhibits
    assert sealed.right == {sealed.solution} and sealed.guess == sealed.solution
    pushed = replies[sealed.solution]
    assert isinstance(pushed, Reply) and "truffles" in pushed.text
    assert isinstance(untouched, Reply) and "truffles" not in untouched.text
    assert "chocolate" not in SAY(sealed.question.ask)  # the concept is not given away
    assert "chocolate" in SAY(sealed.why) and "none" in SAY(sealed.why)
    (bars,) = sealed.reveal
    assert isinstance(bars, Bars)
    assert [value for _, value in bars.rows[:2]] == [100.0, 0.0]


def test_the_same_deal_again_and_both_sides_in_turn() -> None:
    fake = bench(SteerableAtlas())
    assert tuple(level(rounds=1).deal(fake, 3)) == tuple(level(rounds=1).deal(fake, 3))
    assert {tuple(level(rounds=1).deal(fake, seed))[0].solution for seed in range(12)} == {0, 1}


def test_a_recipe_no_better_than_chance_is_not_asked_about() -> None:
    atlas = SteerableAtlas()
    atlas.effect = 0.2
    with pytest.raises(AuthorError, match="feature-or-accident: needs 1 concepts .* has 0"):
        tuple(level(rounds=1).deal(bench(atlas), 0))


def test_equal_replies_are_never_asked_about() -> None:
    atlas = SteerableAtlas()
    own = atlas.concept("chocolate")
    recipe = replace(own.recipes[0], feature=3)  # a dial on it changes nothing in the fake
    atlas.concept = lambda name: replace(own, recipes=(recipe,))
    with pytest.raises(AuthorError, match="differ from the random push"):
        tuple(level(rounds=1).deal(bench(atlas), 0))


def test_a_reader_takes_the_reply_that_keeps_to_one_subject() -> None:
    listed = [load_concepts()["chocolate"]]
    sweet, plain = "She stirred the cocoa and ate a truffle.", "She went home and was glad."
    assert control.guess("A day.", [plain, sweet], listed) == 1
    assert control.guess("A day.", [sweet, plain], listed) == 0
    assert control.guess(sweet, [plain, "lantern after lantern"], listed) == 1
