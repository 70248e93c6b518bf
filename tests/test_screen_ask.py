"""A round of questions on its screen, one at a time, from the first to the verdict."""

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
from playground.levels.dealing.questions import Sealed
from playground.levels.judging import Bench
from playground.levels.schema import Pick
from playground.screens.pages import ask
from playground.screens.parts import asking, frame, search
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


BOARDS = (
    "desk", "status", "steps", "column", "question", "probed", "answer", "tried", "bar", "intro",
    "verdict",
)  # fmt: skip
PLACES = {board: place for place, board in enumerate(BOARDS)}


def event(form: dict[str, str] | None = None, **data: str) -> Any:
    return SimpleNamespace(_data={**data, "form": form or {}})


def opened(stage: Stage, player: Player, level: str = "quiz", **query: str) -> list[Any]:
    """player, desk, intro, status, hints: what stands there at once."""
    request: Any = SimpleNamespace(query_params={"level": level, **query})
    return cast(Any, ask.opened(stage, player, request))


def shown(steps: Any) -> dict[str, Any]:
    """What a page shows after several updates, of which each leaves something as it was."""
    page = dict[str, Any]()
    for step in steps:
        assert len(step) == len(BOARDS)
        page |= {
            board: value
            for board, value in zip(BOARDS, step, strict=True)
            if value != gr.skip() or board not in page
        }
    return page


def dealt(stage: Stage, player: PlayerId, at: int = -1) -> dict[str, Any]:
    """What the page of the quiz shows this player after all questions are dealt."""
    return shown(ask.deal(stage, ask.AskDesk("quiz", at=at), player))


def went(stage: Stage, player: PlayerId, desk: Any, number: int, **form: str) -> dict[str, Any]:
    """After a click that leads to a question, from 1, with what the form holds by then."""
    return shown(ask.act(stage, desk, player, event(form, act="go", number=str(number))))


def handed(stage: Stage, player: PlayerId, desk: Any, sure: str = "0", **form: str) -> Any:
    return ask.act(stage, desk, player, event(form, act="hand_in", sure=sure))


@pytest.fixture
def player(stage: Stage) -> PlayerId:
    return stage.game.players.enter(None).id


@pytest.fixture
def desk(stage: Stage, player: PlayerId) -> ask.AskDesk:
    return cast(Any, dealt(stage, player)["desk"])


# -- dealing -------------------------------------------------------------------------------------
def test_the_first_question_comes_alone_after_a_sign_of_life(stage: Stage) -> None:
    entered = stage.game.players.enter(None)
    first = opened(stage, entered)
    assert WORDS("ask.dealing") in first[3]
    steps = ask.deal(stage, first[1], entered.id)
    page = shown([next(steps)])
    assert (page["desk"].at, page["desk"].count, len(page["desk"].shown)) == (0, 3, 1)
    assert page["column"].visible
    assert "Question 1 of 3" in page["question"] and "data-show" not in page["question"]
    assert "Prompts left: 2 of 2" in page["probed"]
    assert page["steps"].count('data-act="go"') == 3
    assert "0 of 3 answered" in page["bar"] and WORDS("ask.next") in page["bar"]
    assert WORDS("ask.hand_in") not in page["bar"].split("</div>")[0].split("<button")[-1]
    assert shown(steps)["status"] == ""


def test_how_far_the_dealing_is_never_says_done_before_it_is() -> None:
    def percent(done: int, took: list[float], now: float) -> int:
        said = asking.draw_coming(WORDS, done, 4, took, now)
        return int(said.split('aria-valuenow="')[1].split('"')[0])

    assert percent(0, [], 0) == 0
    assert percent(0, [], asking.SECONDS / 2) == 12
    assert percent(1, [8.0], 4.0) == 38
    assert percent(3, [2.0, 4.0], 900.0) == 98
    assert [percent(done, [1.0], 0.0) for done in range(4)] == [0, 25, 50, 75]


def test_a_level_of_another_kind_is_refused_kindly(stage: Stage) -> None:
    entered = stage.game.players.enter(None)
    first = opened(stage, entered, "<nowhere>")
    assert "There is no level" in first[2] and "<nowhere>" not in first[2]
    assert list(ask.deal(stage, first[1], entered.id)) == [[gr.skip()] * len(BOARDS)]


def test_a_model_that_has_nothing_to_ask_about(
    stage: Stage, player: PlayerId, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deal(*_: object) -> Iterator[Sealed]:
        yield from ()
        raise AuthorError("levels/quiz.toml: too few features")

    monkeypatch.setattr(Quiz, "deal", deal)
    page = dealt(stage, player)
    assert WORDS("ask.no_deal") in page["status"]
    assert "toml" not in page["status"]


# -- one at a time ---------------------------------------------------------------------------------
def test_an_answer_is_kept_and_the_next_question_takes_its_place(
    stage: Stage, player: PlayerId, desk: ask.AskDesk
) -> None:
    steps, bar = ask.answered(stage, desk, player, event({"q0": "1"}))
    assert "1 of 3 answered" in str(bar)
    assert "reply B" in str(steps) and str(steps).count('class="done"') == 1
    page = went(stage, player, desk, 2, q0="1")
    assert page["desk"].at == 1
    assert "Question 2 of 3" in page["question"] and 'data-show="step"' in page["question"]
    assert 'name="q1"' in page["answer"] and 'name="q0"' not in page["answer"]
    # What was answered stays to be read, and a way leads back to it.
    assert "Which reply was steered?" in page["steps"] and "reply B" in page["steps"]
    assert WORDS("ask.back") in page["bar"]
    back = went(stage, player, page["desk"], 1, q1="8")
    assert 'value="1" form="round" data-change="answer" checked' in back["answer"]
    assert "“purred”" in back["steps"]


def test_a_click_that_leads_nowhere_changes_nothing(
    stage: Stage, player: PlayerId, desk: ask.AskDesk
) -> None:
    for number in ("0", "4", "-1", "x", "9" * 5000):
        assert list(ask.act(stage, desk, player, event(act="go", number=number))) == []


def test_a_question_that_is_not_dealt_yet_is_waited_for(stage: Stage, player: PlayerId) -> None:
    entered = Player(player, "secret")
    first = shown([next(ask.deal(stage, opened(stage, entered)[1], player))])["desk"]
    waiting, *rest = ask.act(stage, first, player, event(act="go", number="3"))
    assert WORDS("ask.coming", number=3, count=3) in str(waiting[PLACES["question"]])
    page = shown(rest)
    assert "Question 3 of 3" in page["question"] and len(page["desk"].shown) == 3
    assert WORDS("ask.hand_in") in page["bar"] and WORDS("ask.next") not in page["bar"]


def test_a_hint_opens(stage: Stage, player: PlayerId, desk: ask.AskDesk) -> None:
    ((hints, *table),) = ask.hint(stage, desk, player, event(act="hint"))
    assert "Look." in str(hints) and table == [gr.skip()] * len(BOARDS)


def test_a_text_is_tried_without_an_end(stage: Stage, player: PlayerId, desk: ask.AskDesk) -> None:
    none = asking.TriedTexts()
    (_, waiting), (kept, tried) = ask.try_text(
        stage, desk, player, none, event({"w2": " <cat> "}, number="2")
    )
    assert "pulse" in str(waiting)
    tried = str(tried)
    assert "✓ would count" in tried and "It peaks at 6.1." in tried and "&lt;cat&gt;" in tried
    assert 'data-v="6.1"' in tried
    assert stage.game.attempts.ask(player, "quiz").seed == 0
    steps = ask.try_text(stage, desk, player, none, event({"w2": "one " * 9}, number="2"))
    assert "pulse" in str(next(steps)[1])
    assert next(steps)[1] == ""
    with pytest.raises(PlayerError, match=r"questions.too_long\(count=9, limit=8\)"):
        next(steps)


def test_the_best_text_that_was_tried_can_be_put_back(
    stage: Stage, player: PlayerId, desk: ask.AskDesk
) -> None:
    def tried(before: Any, text: str) -> list[Any]:
        *_, last = ask.try_text(stage, desk, player, before, event({"w2": text}, number="2"))
        return cast(Any, last)

    kept, drawn = tried(asking.TriedTexts(), "my cat & I")
    assert "data-take" not in drawn
    kept, drawn = tried(kept, "a dog")
    assert "✗ would not count yet" in drawn
    assert 'data-take="my cat &amp; I" data-into="w2"' in drawn
    # A round that is dealt anew begins without any.
    assert kept.at((desk.level, desk.seed + 1), 2) is None


def test_probes_are_shown_side_by_side_and_run_out(
    stage: Stage, player: PlayerId, desk: ask.AskDesk
) -> None:
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
    assert "Prompts left: 0 of 2" in dealt(stage, player)["probed"]
    steps = ask.probe(stage, desk, player, event({"p1": "wrong"}, number="1"))
    next(steps)
    assert "Prompts left: 2 of 2" in str(next(steps))  # a failure costs nothing
    with pytest.raises(PlayerError, match="Not that"):
        next(steps)
    with pytest.raises(PlayerError, match="ask.probe_empty"):
        next(ask.probe(stage, desk, player, event({"p1": " "}, number="1")))


# -- the end of a round ----------------------------------------------------------------------------
def test_open_questions_are_asked_about_once(
    stage: Stage, player: PlayerId, desk: ask.AskDesk
) -> None:
    page = shown(handed(stage, player, desk, q0="0"))
    assert "question 2, 3" in page["bar"] and page["verdict"] == gr.skip()
    waiting, judged = handed(stage, player, desk, sure="1", q0="0")
    assert WORDS("ask.judging") in str(waiting[PLACES["bar"]])
    page = shown([judged])
    assert (page["bar"], page["question"], page["steps"]) == ("", "", "")
    assert WORDS("level.lost") in page["verdict"] and WORDS("ask.again") in page["verdict"]
    assert page["verdict"].count(WORDS("ask.right")) == 1
    assert not page["column"].visible


def test_a_won_round_teaches_and_the_next_one_is_new(
    stage: Stage, player: PlayerId, desk: ask.AskDesk
) -> None:
    form = {"q0": "0", "q1": "1"}
    page = shown(handed(stage, player, desk, sure="0", **form, w2="a cat"))
    for said in (
        WORDS("level.won"),
        "Evidence first.",
        "Round 0: it says cocoa.",
        "ask?level=quiz",
        'data-address="?level=quiz"',
    ):
        assert said in page["verdict"]
    assert page["verdict"].count(WORDS("ask.right")) == 3
    assert WORDS("ask.key") not in page["verdict"]
    # The best is right without a reload.
    assert (
        WORDS("level.best_won", stars=WORDS("site.stars", count=3, total=3), attempts=1)
        in (page["intro"])
    )
    assert stage.game.attempts.ask(player, "quiz").seed == 1
    with pytest.raises(PlayerError, match="errors.answered"):
        shown(handed(stage, player, desk, sure="0", **form, w2="a cat"))


def test_what_the_next_star_needs_is_said_in_the_measure_of_the_level(
    stage: Stage, player: PlayerId, desk: ask.AskDesk
) -> None:
    page = shown(handed(stage, player, desk, sure="1", q0="0", q1="1"))
    need = WORDS("level.next_star", stars=2, need="3 of 3", found="2 of 3", measure="right answers")
    assert need in page["verdict"]


def test_giving_up_shows_every_answer_that_was_asked_for_and_wins_nothing(
    stage: Stage, player: PlayerId
) -> None:
    desk = shown([next(ask.deal(stage, ask.AskDesk("quiz"), player))])["desk"]
    desk = went(stage, player, desk, 3, q0="1")["desk"]
    ask.answered(stage, desk, player, event({"w2": "a dog"}))
    ((hints, *table),) = ask.hint(stage, desk, player, event(act="give_up"))
    page = shown([table])
    assert hints == ""
    for said in (
        WORDS("level.gave_up"),
        "reply A",  # the answer to the first
        "Round 0: it says cocoa.",  # and its reason
        "It stays silent.",
        WORDS("ask.key_written"),
        "a cat",
        WORDS("ask.again"),
        WORDS("level.best_lost", attempts=1),
    ):
        assert said in page["verdict"] + page["intro"]
    assert WORDS("level.won") not in page["verdict"] and WORDS("level.lost") not in page["verdict"]
    assert stage.game.attempts.ask(player, "quiz") == replace(
        stage.game.attempts.ask(player, "quiz"), seed=1, answers=(None,) * 3
    )
    # One who had everything right wins nothing either.
    desk = dealt(stage, player)["desk"]
    ask.answered(stage, desk, player, event({"q0": "0", "q1": "1", "w2": "a cat"}))
    ((_, *table),) = ask.hint(stage, desk, player, event(act="give_up"))
    assert WORDS("level.best_lost", attempts=2) in shown([table])["intro"]


def test_dealing_ends_quietly_when_the_round_is_over(stage: Stage, player: PlayerId) -> None:
    steps = ask.deal(stage, ask.AskDesk("quiz"), player)
    desk = shown([next(steps)])["desk"]
    list(ask.hint(stage, desk, player, event(act="give_up")))
    assert shown(steps)["status"] == ""


# -- nothing is lost -------------------------------------------------------------------------------
def test_a_round_survives_reload_restart_and_a_change_of_language(
    stage: Stage, tmp_path: Path
) -> None:
    entered = stage.game.players.enter(None)
    player = entered.id
    form = {"q0": "1", "w2": "a  <cat>"}
    ask.answered(stage, dealt(stage, player)["desk"], player, event(form))
    store = Store.open(f"sqlite:///{tmp_path / 'p.db'}")
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})
    restarted = stage_of(Game.of(bench, store, shelf(level())))
    russian = replace(stage, words=Words("ru"))
    for each in (stage, restarted, russian):
        # The first open question, or the one that the address says.
        assert dealt(each, player)["desk"].at == 1
        at = opened(each, entered, at="3")[1].at
        page = dealt(each, player, at)
        assert page["desk"].at == 2 and "at=3" in page["question"]
        assert each.words("ask.answered", done=2, count=3) in page["bar"]
        assert "reply B" in page["steps"]
        assert "a  &lt;cat&gt;</textarea>" in page["answer"]
        assert '<b data-count="w2">2</b>' in page["answer"]
    # Another version of the level asks other questions, to which these are no answers.
    edited = level().model_copy(update={"probes": 3})
    other = stage_of(Game.of(bench, store, shelf(edited)))
    assert "0 of 3 answered" in dealt(other, player)["bar"]
    store.close()


def test_two_reports_at_once_take_nothing_from_each_other(
    stage: Stage, player: PlayerId, desk: ask.AskDesk
) -> None:
    ask.answered(stage, desk, player, event({"q1": "1"}))
    ask.answered(stage, desk, player, event({"q0": "0"}))  # sent before, and late
    assert stage.game.attempts.ask(player, "quiz").answers == (0, 1, None)
    ask.answered(stage, desk, player, event({"w2": "a cat"}))
    ask.answered(stage, desk, player, event({"w2": " "}))  # emptied
    assert stage.game.attempts.ask(player, "quiz").answers == (0, 1, None)


def test_a_number_too_long_to_count_is_no_answer(stage: Stage) -> None:
    desk = ask.AskDesk("quiz", count=3)
    said = {"q0": "9" * 5000, "q1": "1", "q2": "²", "q7": "1"}
    assert ask.given(desk, said) == {1: 1}
    for number in ("9" * 5000, "²", "-1", ""):
        with pytest.raises(PlayerError, match="feature.no_number"):
            frame.pick_of("late", number)
        assert search.known(stage, [f"late/{number}"]) == []
    assert frame.pick_of("late", "7") == Pick("late", 7)


def test_answers_go_with_the_round(stage: Stage, player: PlayerId, desk: ask.AskDesk) -> None:
    form = {"q0": "0", "q1": "1", "w2": "a cat"}
    ask.answered(stage, desk, player, event(form))
    list(handed(stage, player, desk, **form))
    with pytest.raises(PlayerError, match="errors.answered"):
        ask.answered(stage, desk, player, event({"q0": "1"}))
    assert "0 of 3 answered" in dealt(stage, player)["bar"]
