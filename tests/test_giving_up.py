"""Who gives up a hunt or a steering level sees how it is done and why, and wins nothing by it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.cards import ConceptEntry
from playground.errors import AuthorError, PlayerError
from playground.levels.dealing.questions import Doses, Portrait
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.schema import HINT_STEPS, Hint, Pick
from playground.levels.shelf import Shelf
from playground.levels.solutions import solution
from playground.messages import Message
from playground.screens.pages import hunt, steer
from playground.screens.parts import brief
from playground.screens.stage import Stage
from playground.store.records import PlayerId
from playground.text.words import Words
from tests.fake_model import CAT, COCOA, FakeAtlas
from tests.stages import steered_stage
from tests.steered_levels import with_steered

WORDS = Words.load()
CHOCOLATE, CATS = Pick("late", COCOA), Pick("late", CAT)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with steered_stage(tmp_path) as made:
        yield made


@pytest.fixture
def player(stage: Stage) -> PlayerId:
    return stage.game.players.enter(None).id


def level(name: str) -> Any:
    return with_steered(Shelf.load()).level(name)


def event(**data: object) -> Any:
    return SimpleNamespace(_data=data)


# -- what solves a level ---------------------------------------------------------------------------
def test_a_recipe_is_told_by_what_was_measured_at_its_strength() -> None:
    found = solution(level("golf"), cast(Atlas, FakeAtlas()))
    (step,) = found.steps
    assert found.turned and step.turn.pick == CHOCOLATE
    assert step.turn.strength == pytest.approx(0.8)
    said = {"strength": 1.0, "whole": 100.0, "control": 0.0}
    assert step.why == Message("solution.steers", topic=Message("concepts.chocolate"), **said)
    doses, card = step.exhibits
    assert isinstance(doses, Doses) and doses.own == pytest.approx(0.8)
    assert card == Portrait(CHOCOLATE, named=True)


def test_each_concept_of_a_blend_has_its_step() -> None:
    found = solution(level("blend"), cast(Atlas, FakeAtlas()))
    assert {step.turn.pick for step in found.steps} == {CHOCOLATE, CATS}
    assert {step.why.params["topic"] for step in found.steps} == {
        Message("concepts.chocolate"),
        Message("concepts.cats"),
    }


def test_a_detector_is_told_by_how_well_it_tells_texts_apart() -> None:
    for name in ("find-cats", "suppress"):
        (step,) = solution(level(name), cast(Atlas, FakeAtlas())).steps
        assert step.why.key == "solution.detects" and step.why.params["right"] == 99.0
        assert step.exhibits == (Portrait(step.turn.pick, named=True),)


def test_what_only_brings_a_concept_in_is_told_to_be_turned_round() -> None:
    class Undetected(FakeAtlas):
        def concept(self, name: str) -> ConceptEntry:
            return replace(super().concept(name), detectors=())

    suppress = level("suppress").model_copy(
        update={"solution": level("suppress").solution.model_copy(update={"role": "recipe"})}
    )
    (step,) = solution(suppress, cast(Atlas, Undetected())).steps
    assert step.why.key == "solution.reversed"


def test_a_solution_that_nothing_was_measured_of_is_an_authors_error() -> None:
    class Bare(FakeAtlas):
        def concept(self, name: str) -> ConceptEntry:
            return ConceptEntry(name, (), ())

    with pytest.raises(AuthorError, match="find-cats: this model's atlas has no detector"):
        solution(level("find-cats"), cast(Atlas, Bare()))


# -- on the screens --------------------------------------------------------------------------------
def test_hints_say_their_price_and_stop() -> None:
    opened = tuple(Hint(step, f"say {step}") for step in HINT_STEPS)
    rounds, hunts = map(Shelf.load().level, ("spot-first", "find-cats"))
    some: Any = SimpleNamespace(
        level=rounds,
        hints=opened[:2],
        hints_left=1,
        hint_price="It costs a star.",
        series="course",
        without_hints=False,
    )
    html = brief.hints(WORDS, some)
    assert "It costs a star." in html
    assert 'data-act="hint"' in html
    assert 'data-act="give_up"' in html and WORDS("solution.cost_round") in html
    every: Any = SimpleNamespace(
        level=hunts, hints=opened, hints_left=0, hint_price="", series="daily", without_hints=False
    )
    html = brief.hints(WORDS, every)
    assert 'data-act="hint"' not in html
    assert WORDS("solution.cost", left=2, stars=3) in html
    exam: Any = SimpleNamespace(without_hints=True)
    assert brief.hints(WORDS, exam) == ""


def test_who_gives_up_steering_sees_the_dials_and_may_take_them(
    stage: Stage, player: PlayerId
) -> None:
    desk = steer.SteerDesk("blend", (None, None))
    hints, drawn = cast(Any, steer.hint(stage, desk, player, event(act="give_up")))
    assert WORDS("level.hint_none") in hints
    assert WORDS("solution.lead", count=2) in drawn
    assert drawn.count(WORDS("solution.at", strength=0.8)) == 2
    assert level("blend").learned.text in drawn
    assert 'data-act="collect"' not in drawn
    seen, *boards = steer.take(stage, desk, [], player, "")
    assert set(cast(Any, seen).picks) == {CHOCOLATE, CATS}
    sliders = [each for each in boards if isinstance(each, gr.Slider)]
    assert [slider.value for slider in sliders[1:3]] == [0.8, 0.8]
    # Nothing was won, nothing was tried, and the third star is gone.
    assert stage.game.course.seen(player, "blend").best is None
    assert stage.game.course.seen(player, "blend").answered


def test_who_gives_up_a_hunt_can_collect_what_would_have_won(
    stage: Stage, player: PlayerId
) -> None:
    desk = hunt.HuntDesk("find-cats")
    (row,) = hunt.act(stage, desk, [], player, "late", event(act="give_up"))
    change = hunt.Change(*cast(Any, row))
    assert WORDS("level.hint_none") in str(change.hints)
    assert WORDS("solution.lead", count=1) in str(change.solution)
    assert f'data-act="collect" data-site="late" data-feature="{CAT}"' in str(change.solution)
    assert WORDS("solution.take") not in str(change.solution)
    assert change.verdict == gr.skip()


def test_what_is_no_hunt_and_is_not_steered_has_no_such_solution(
    stage: Stage, player: PlayerId
) -> None:
    assert isinstance(level("find-cats"), HuntLevel)
    with pytest.raises(PlayerError, match="level.missing"):
        stage.game.course.give_up(player, "spot-first")


def test_a_part_of_the_exam_is_not_given_up(
    stage: Stage, player: PlayerId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.game.challenges, "series", lambda _: "exam")
    with pytest.raises(PlayerError, match="errors.no_giving_up"):
        stage.game.course.give_up(player, "find-cats")
    with pytest.raises(PlayerError, match="errors.no_giving_up"):
        stage.game.attempts.give_up(player, "spot-first", 0, 1)
