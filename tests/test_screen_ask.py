"""A round of questions on its screen, from the first to the verdict."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from playground.atlas.atlas import Atlas
from playground.errors import AuthorError, PlayerError
from playground.game.game import Game
from playground.levels.dealing.questions import (
    AskLevel,
    Sealed,
)
from playground.levels.judging import Bench
from playground.levels.schema import Pick
from playground.screens.pages import ask
from playground.screens.parts import frame, search
from playground.screens.stage import Stage
from playground.store.records import Player, PlayerId
from playground.store.store import Store
from playground.text.words import Words
from tests.ask_parts import WORDS, Quiz, level, shelf
from tests.fake_model import FakeAtlas, FakeEngine
from tests.stages import stage_of


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})
    game = Game.of(bench, Store.open(f"sqlite:///{tmp_path / 'p.db'}"), shelf(level()))
    yield stage_of(game)
    game.close()


def event(form: dict[str, str] | None = None, **data: str) -> Any:
    return SimpleNamespace(_data={**data, "form": form or {}})


def load(
    stage: Stage, player: Player | None = None, id: str = "quiz"
) -> tuple[list[Any], list[Any]]:
    """What stands there at once, and after all questions are dealt."""
    request: Any = SimpleNamespace(query_params={"level": id})
    player = player or stage.game.players.enter(None)
    first: list[Any] = ask.opened(stage, player, request)
    return first, shown(list(ask.deal(stage, first[1], player.id)))


def dealt(stage: Stage, player: PlayerId) -> list[Any]:
    """What the page of the quiz shows this player after all questions are dealt."""
    return shown(list(ask.deal(stage, ask.AskDesk("quiz"), player)))


def shown(steps: list[Any]) -> list[Any]:
    """What a page shows after several updates, of which each leaves something as it was."""
    page = steps[0]
    for step in steps[1:]:
        kept = zip(page, step, strict=True)
        page = [old if new == gr.skip() else new for old, new in kept]
    return page


@pytest.fixture
def begun(stage: Stage) -> tuple[PlayerId, ask.AskDesk]:
    player = stage.game.players.enter(None)
    return player.id, load(stage, player)[1][0]


# -- a round -------------------------------------------------------------------------------------
def test_the_questions_come_after_a_sign_of_life(stage: Stage) -> None:
    first, last = load(stage)
    assert WORDS("ask.dealing") in first[3]
    assert last[0] == ask.AskDesk("quiz", 0, ("choose", "token", "write"), (None,) * 3, 2)
    assert last[1] == ""
    assert "0 of 3 answered" in last[2]
    slots = [last[3 + 5 * place : 8 + 5 * place] for place in range(ask.SLOTS)]
    assert [getattr(slot[0], "visible", False) for slot in slots] == [True] * 3 + [False] * 9
    assert "Question 2 of 3" in slots[1][1]
    assert "Prompts left: 2 of 2" in slots[0][2]
    # The card is open in the first question and folded where it comes again.
    opened, folded = (
        '<details class="exhibit wide" open>',
        '<details class="exhibit wide" data-fold>',
    )
    assert opened in slots[0][1] and folded in slots[1][1]


def test_a_level_of_another_kind_is_refused_kindly(stage: Stage) -> None:
    first, last = load(stage, id="<nowhere>")
    assert "There is no level" in first[2] and "<nowhere>" not in first[2]
    assert last == [gr.skip()] * (3 + 5 * ask.SLOTS)


def test_a_model_that_has_nothing_to_ask_about(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deal(*_: object) -> Iterator[Sealed]:
        yield from ()
        raise AuthorError("levels/quiz.toml: too few features")

    monkeypatch.setattr(Quiz, "deal", deal)
    _, last = load(stage)
    assert WORDS("ask.no_deal") in last[1]
    assert "toml" not in last[1]


def test_as_many_slots_as_a_level_may_have_rounds() -> None:
    assert any(
        each.le == ask.SLOTS
        for each in AskLevel.model_fields["rounds"].metadata
        if hasattr(each, "le")
    )


def test_a_hint_opens(stage: Stage, begun: tuple[PlayerId, ask.AskDesk]) -> None:
    player, desk = begun
    assert "Look." in ask.hint(stage, desk, player)


def test_a_text_is_tried_without_an_end(stage: Stage, begun: tuple[PlayerId, ask.AskDesk]) -> None:
    player, desk = begun
    waiting, shown = ask.try_text(stage, desk, player, event({"q2": " <cat> "}, number="2"))
    assert "pulse" in waiting
    assert "✓ would count" in shown and "It peaks at 6.1." in shown and "&lt;cat&gt;" in shown
    assert 'data-v="6.1"' in shown
    assert stage.game.attempts.ask(player, "quiz").seed == 0
    steps = ask.try_text(stage, desk, player, event({"q2": "one " * 9}, number="2"))
    assert "pulse" in next(steps)
    assert next(steps) == ""
    with pytest.raises(PlayerError, match=r"questions.too_long\(count=9, limit=8\)"):
        next(steps)


def test_probes_are_shown_side_by_side_and_run_out(
    stage: Stage, begun: tuple[PlayerId, ask.AskDesk]
) -> None:
    player, desk = begun
    for prompt in ("One <day>", "Two"):
        _, drawn = ask.probe(stage, desk, player, event({"p0": prompt}, act="probe", number="0"))
    assert "hot cocoa" in drawn and "Untouched" in drawn
    assert "Prompts left: 0 of 2" in drawn
    assert "Earlier: “One &lt;day&gt;”" in drawn
    steps = ask.probe(stage, desk, player, event({"p0": "Three"}, number="0"))
    next(steps)
    assert "Prompts left: 0 of 2" in str(next(steps))
    with pytest.raises(PlayerError, match="errors.no_probe"):
        next(steps)
    # They are spent and shown after a reload, too.
    assert "Prompts left: 0 of 2" in dealt(stage, player)[5]
    steps = ask.probe(stage, desk, player, event({"p1": "wrong"}, number="1"))
    next(steps)
    assert "Prompts left: 2 of 2" in str(next(steps))  # a failure costs nothing
    with pytest.raises(PlayerError, match="Not that"):
        next(steps)
    with pytest.raises(PlayerError, match="ask.probe_empty"):
        next(ask.probe(stage, desk, player, event({"p1": " "}, number="1")))


def test_open_questions_are_asked_about_once(
    stage: Stage, begun: tuple[PlayerId, ask.AskDesk]
) -> None:
    player, desk = begun
    assert "1 of 3 answered" in ask.answered(stage, desk, player, event({"q0": "0"}))
    (asked,) = ask.hand_in(stage, desk, player, event({"q0": "0"}, sure="0"))
    assert "question 2, 3" in str(asked[0])
    waiting, judged = ask.hand_in(stage, desk, player, event({"q0": "0"}, sure="1"))
    assert WORDS("ask.judging") in str(waiting[0])
    assert judged[0] == ""
    assert WORDS("level.lost") in str(judged[1]) and WORDS("ask.again") in str(judged[1])
    assert str(judged[1]).count(WORDS("ask.right")) == 1
    assert not cast(Any, judged[2]).visible


def test_a_won_round_teaches_and_the_next_one_is_new(
    stage: Stage, begun: tuple[PlayerId, ask.AskDesk]
) -> None:
    player, desk = begun
    form = {"q0": "0", "q1": "1", "q2": "a cat"}
    *_, judged = ask.hand_in(stage, desk, player, event(form, sure="0"))
    html = str(judged[1])
    for said in (
        WORDS("level.won"),
        "Evidence first.",
        "Round 0: it says cocoa.",
        "ask?level=quiz",
    ):
        assert said in html
    assert html.count(WORDS("ask.right")) == 3 and WORDS("ask.key") not in html
    assert stage.game.attempts.ask(player, "quiz").seed == 1
    steps = ask.hand_in(stage, desk, player, event(form, sure="0"))
    next(steps)
    assert "3 of 3 answered" in str(next(steps)[0])
    with pytest.raises(PlayerError, match="errors.answered"):
        next(steps)


def test_each_question_is_shown_as_soon_as_it_is_dealt(stage: Stage) -> None:
    player = stage.game.players.enter(None).id
    steps = ask.deal(stage, ask.AskDesk("quiz"), player)
    first = next(steps)
    assert "Question 1 of 3" in str(first[4])
    assert WORDS("ask.dealing_next", number=2, count=3) in str(first[1])
    assert first[0] == ask.AskDesk("quiz", 0, ("choose",), (None,) * 3, 2)
    # Something is answered while the others are dealt: the bar is not drawn over.
    ask.answered(stage, cast(Any, first[0]), player, event({"q0": "1"}))
    second, third = steps
    assert (second[2], third[2]) == (gr.skip(), gr.skip())
    assert "Question 3 of 3" in str(third[14]) and third[1] == ""


def test_a_round_survives_reload_restart_and_a_change_of_language(
    stage: Stage, tmp_path: Path
) -> None:
    player = stage.game.players.enter(None).id
    form = {"q0": "1", "q2": "a  <cat>"}
    ask.answered(stage, dealt(stage, player)[0], player, event(form))
    store = Store.open(f"sqlite:///{tmp_path / 'p.db'}")
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})
    restarted = stage_of(Game.of(bench, store, shelf(level())))
    russian = replace(stage, words=Words("ru"))
    assert dealt(russian, player)[0] == dealt(stage, player)[0]
    assert Words("ru")("ask.hand_in") in dealt(russian, player)[2]
    for each in (stage, restarted):
        page = dealt(each, player)
        assert page[0].answers == (1, None, "a  <cat>")
        assert "2 of 3 answered" in page[2]
        assert 'value="1" form="round" data-change="answer" checked' in page[6]
        assert "checked" not in page[11]
        assert "a  &lt;cat&gt;</textarea>" in page[16] and '<b data-count="q2">2</b>' in page[16]
    # Another version of the level asks other questions, to which these are no answers.
    edited = level().model_copy(update={"probes": 3})
    other = stage_of(Game.of(bench, store, shelf(edited)))
    assert dealt(other, player)[0].answers == (None,) * 3
    store.close()


def test_a_number_too_long_to_count_is_no_answer(stage: Stage) -> None:
    desk = ask.AskDesk("quiz", 0, ("choose", "token", "choose"), (None,) * 3, 0)
    said = {"q0": "9" * 5000, "q1": "1", "q2": "²"}
    assert ask.answers_of(desk, said) == (None, 1, None)
    for number in ("9" * 5000, "²", "-1", ""):
        with pytest.raises(PlayerError, match="feature.no_number"):
            frame.pick_of("late", number)
        assert search.known(stage, [f"late/{number}"]) == []
    assert frame.pick_of("late", "7") == Pick("late", 7)


def test_answers_go_with_the_round(stage: Stage, begun: tuple[PlayerId, ask.AskDesk]) -> None:
    player, desk = begun
    form = {"q0": "0", "q1": "1", "q2": "a cat"}
    ask.answered(stage, desk, player, event(form))
    list(ask.hand_in(stage, desk, player, event(form, sure="0")))
    with pytest.raises(PlayerError, match="errors.answered"):
        ask.answered(stage, desk, player, event({"q0": "1"}))
    assert dealt(stage, player)[0].answers == (None,) * 3
