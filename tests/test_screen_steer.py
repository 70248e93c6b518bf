"""The screen of the steered levels, its handlers called as Gradio would; no browser."""

from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from math import ceil
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import gradio as gr
import pytest
from markupsafe import escape

from playground.engine.records import MAX_DIALS
from playground.errors import PlayerError
from playground.levels.dealing.steered import SteerVerdict, best_first
from playground.levels.dealing.triples import ROWS
from playground.levels.kinds.hunt import HuntVerdict
from playground.levels.schema import GoalResult, Pick, Stars
from playground.levels.shelf import Shelf
from playground.levels.verdicts import NextStar, next_star
from playground.messages import Message
from playground.screens.pages import steer
from playground.screens.parts import steer_verdict
from playground.screens.stage import Stage
from playground.store.records import Player, PlayerId
from playground.text.words import Words
from tests.fake_model import CAT, COCOA
from tests.load.soak import OPEN, told_of_a_run
from tests.stages import steered_stage

CHOCOLATE, PURR = Pick("late", COCOA), Pick("late", CAT)
WORDS = Words.load()
OPENED = 10 + 2 * MAX_DIALS + 1 + 1 + MAX_DIALS  # outputs of `opened`


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with steered_stage(tmp_path) as made:
        yield made


@pytest.fixture
def player(stage: Stage) -> PlayerId:
    return stage.game.players.enter(None).id


def opened(
    stage: Stage, player: PlayerId, level: str, **query: str
) -> tuple[steer.SteerDesk, list[Any]]:
    request: Any = SimpleNamespace(query_params={"level": level, **query})
    out: list[Any] = steer.opened(stage, Player(player, "secret"), [], request)
    assert len(out) == OPENED
    return out[1], out


def clicked(stage: Stage, player: PlayerId, desk: steer.SteerDesk, **data: object) -> list[Any]:
    event: Any = SimpleNamespace(_data=data)
    return steer.act(stage, desk, [], player, "", event)


def chosen(stage: Stage, player: PlayerId, desk: steer.SteerDesk, pick: Pick) -> steer.SteerDesk:
    return clicked(stage, player, desk, act="open", site=pick.site, feature=pick.feature)[0]


def written(
    stage: Stage, player: PlayerId, desk: steer.SteerDesk, strength: float, *rows: float
) -> str:
    *_, last = steer.run(stage, desk, player, strength, *rows)
    return str(last[2])


def test_one_dial_shows_one_slider_and_no_rows(stage: Stage, player: PlayerId) -> None:
    desk, out = opened(stage, player, "golf")
    assert desk.picks == (None,)
    sliders = [part for part in out if isinstance(part, gr.Slider)]
    assert [slider.visible for slider in sliders] == [True, *[False] * MAX_DIALS]
    assert (sliders[0].maximum, sliders[0].value) == (2.0, 2.0)
    assert not any("Par is" in str(part) for part in out)  # before it is beaten
    desk = chosen(stage, player, desk, CHOCOLATE)
    desk = chosen(stage, player, desk, PURR)  # the next one takes its place
    assert desk.picks == (PURR,)


def test_several_dials_have_a_row_each(stage: Stage, player: PlayerId) -> None:
    desk, out = opened(stage, player, "blend")
    sliders = [part for part in out if isinstance(part, gr.Slider)]
    assert [slider.visible for slider in sliders] == [False, *[True] * MAX_DIALS]
    assert any("choose up to 2 features" in str(part) for part in out)
    for pick in (CHOCOLATE, CHOCOLATE, PURR):  # the same one twice is one
        desk = chosen(stage, player, desk, pick)
    assert desk.picks == (CHOCOLATE, PURR)
    with pytest.raises(PlayerError, match=r"sandbox.full\(dials=2\)"):
        chosen(stage, player, desk, Pick("late", 1))
    changed = clicked(stage, player, desk, act="remove", number="0")
    assert changed[0].picks == (None, PURR)
    columns = [part for part in changed if isinstance(part, gr.Column)]
    assert [column.visible for column in columns] == [False, True, False, False]


def test_suppress_turns_below_zero_or_not_at_all(stage: Stage, player: PlayerId) -> None:
    _, out = opened(stage, player, "suppress")
    sliders = [part for part in out if isinstance(part, gr.Slider)]
    assert (sliders[1].minimum, sliders[1].maximum, sliders[1].value) == (-2.0, 0.0, 0.0)
    assert sliders[1].info == WORDS("steer.strength_info_below")
    level = steer.steering_level(stage, player, "suppress").model_copy(update={"method": "ablate"})
    assert not any(slider.visible for slider in steer.sliders(stage, level))
    desk = steer.SteerDesk("suppress", (CHOCOLATE, None))
    assert steer.strengths_of(desk, level, 0.5, (0.5, 0.5)) == [0.0]


def test_a_slider_belongs_to_its_row(stage: Stage, player: PlayerId) -> None:
    level = steer.steering_level(stage, player, "blend")
    desk = steer.SteerDesk("blend", (None, PURR))
    assert steer.strengths_of(desk, level, 9.0, (0.1, 0.2, 0.3, 0.4)) == [0.2]
    one = steer.SteerDesk("golf", (PURR,))
    golf = steer.steering_level(stage, player, "golf")
    assert steer.strengths_of(one, golf, 0.7, (0.1, 0.2, 0.3, 0.4)) == [0.7]


def test_verdicts_show_parts_or_a_curve(stage: Stage, player: PlayerId) -> None:
    blend = steer.SteerDesk("blend", (CHOCOLATE, PURR))
    lost = written(stage, player, blend, 0.0, 0.8, 0.0)
    for said in ("Idea by idea", "<h4>Cats</h4>", "<h4>Chocolate</h4>", "Not yet"):
        assert said in lost
    won = written(stage, player, blend, 0.0, 0.8, 0.8)
    assert "Won!" in won
    assert '<svg class="plot" ' not in won
    suppressed = written(stage, player, steer.SteerDesk("suppress", (CHOCOLATE, None)), 0.0, 0.0)
    assert "Untouched, 8 of 8 are about it; with your dials 0 of 8 are." in suppressed
    assert "Controls: 0 of 8. Untouched: 0 of 8." in suppressed
    golf = written(stage, player, steer.SteerDesk("golf", (CHOCOLATE,)), 0.6)
    assert "Par is strength 0.80." in golf
    assert escape(WORDS("steer.curve")) in golf
    assert WORDS("steer.parts") not in golf


def test_every_reply_is_a_chip_best_first_and_the_one_that_decided_is_marked(
    stage: Stage, player: PlayerId
) -> None:
    desk = steer.SteerDesk("golf", (CHOCOLATE,))
    *_, verdict = stage.game.attempts.steer(player, "golf", desk.taken, [0.6])
    assert isinstance(verdict, SteerVerdict) and verdict.deciding is not None
    for row in ROWS:
        chips = steer_verdict.reply_chips(WORDS, verdict, row)
        assert chips.count("<li>") == len(verdict.triples)
        assert chips.count(WORDS("steer.decided")) == (row == "steered")
        order = [WORDS("steer.reply", number=each.number) for each in best_first(verdict, row)]
        places = [chips.index(each) for each in order]
        assert places == sorted(places)
    steered = steer_verdict.reply_chips(WORDS, verdict, "steered")
    assert steered.count("✓") == verdict.tallies.steered.hits
    assert '<mark class="hit">' in steered


def test_the_page_stays_where_the_replies_are_and_the_best_is_right(
    stage: Stage, player: PlayerId
) -> None:
    first, *_, last = steer.run(stage, steer.SteerDesk("golf", (CHOCOLATE,)), player, 0.6)
    assert len(first) == len(last) == 7
    status, _, verdict, _, _, brief, push = map(str, last)
    assert WORDS("level.won") in status and 'data-to="#verdict"' in status
    assert "data-show" not in verdict
    assert WORDS("level.replay") in brief
    assert "Par is strength 0.80." in push


def test_a_verdict_says_what_the_next_star_needs_in_the_measure_of_the_level(
    stage: Stage, player: PlayerId
) -> None:
    desk = steer.SteerDesk("golf", (CHOCOLATE,))
    *_, verdict = stage.game.attempts.steer(player, "golf", desk.taken, [0.8])
    assert isinstance(verdict, SteerVerdict) and verdict.won
    level = steer.steering_level(stage, player, "golf")
    for value, stars, need in ((10.0, 2, 50.0), (60.0, 3, 70.0)):
        reached = replace(verdict, measures={**verdict.measures, "thrift": value})
        star = next_star(level, reached)
        points = [Message("common.points", value=each) for each in (need, value)]
        assert star == NextStar(stars, "thrift", *points)
    assert next_star(level, replace(verdict, measures={"thrift": 70.0})) is None
    counted = level.model_copy(update={"stars": Stars(measure="share", two=0.7, three=0.9)})
    half = replace(verdict, measures={"share": 0.5})
    star = next_star(counted, half)
    count = verdict.tallies.steered.of
    assert star is not None
    assert star.need == Message("steering.share", hits=ceil(0.7 * count), count=count)


def test_par_is_told_once_it_is_beaten(stage: Stage, player: PlayerId) -> None:
    desk = steer.SteerDesk("golf", (CHOCOLATE,))
    lost = written(stage, player, desk, 0.2)
    assert WORDS("steer.thrift") in lost
    assert "Par is" not in lost
    assert "Par is strength 0.80." in written(stage, player, desk, 0.6)
    _, out = opened(stage, player, "golf")
    assert any("Par is strength 0.80." in str(part) for part in out)


def test_a_plain_steer_level_counts_no_strength(stage: Stage, player: PlayerId) -> None:
    desk = steer.SteerDesk("golf", (CHOCOLATE,))
    *_, verdict = stage.game.attempts.steer(player, "golf", desk.taken, [0.6])
    plain = replace(cast(Any, verdict), measures={"share": 1.0, "lead": 1.0})
    assert WORDS("steer.thrift") not in steer_verdict.score_cards(WORDS, plain, None)


# -- what the address keeps ------------------------------------------------------------------------
def test_a_reload_finds_features_strengths_and_search_as_they_were(
    stage: Stage, player: PlayerId
) -> None:
    desk, _ = opened(stage, player, "blend")
    desk = chosen(stage, player, chosen(stage, player, desk, CHOCOLATE), PURR)
    drawn = steer.here(stage, desk, "hot & sweet", 0.0, 0.35, 0.8, 0.0, 0.0)
    kept = parse_qs(urlsplit(unescape(drawn.split('"')[1])).query)
    said = {name: value for name, (value,) in kept.items()}
    assert said == {
        "level": "blend",
        "dials": f"late/{COCOA}/0.35,late/{CAT}/0.8",
        "find": "hot & sweet",
    }
    again, out = opened(stage, player, **said)
    assert again == desk
    sliders = [part for part in out if isinstance(part, gr.Slider)]
    assert [slider.value for slider in sliders[1:3]] == [0.35, 0.8]
    assert any(isinstance(part, gr.Textbox) and part.value == "hot & sweet" for part in out)


@pytest.mark.parametrize(
    ("dials", "picks", "value"),
    [
        (f"late/{COCOA}/nan", CHOCOLATE, 2.0),
        (f"late/{COCOA}/9", CHOCOLATE, 2.0),
        (f"late/{COCOA}/x", CHOCOLATE, 2.0),
        ("attic/3/0.5", None, 0.5),
        (f"late/{'9' * 5000}/0.5", None, 0.5),
        ("<b>", None, 2.0),
        ("", None, 2.0),
    ],
)
def test_what_an_address_says_wrongly_is_left_out(
    stage: Stage, player: PlayerId, dials: str, picks: Pick | None, value: float
) -> None:
    desk, out = opened(stage, player, "golf", dials=dials)
    assert desk.picks == (picks,)
    (slider, *_) = [part for part in out if isinstance(part, gr.Slider)]
    assert slider.value == value


def test_a_level_of_another_kind_is_refused(stage: Stage, player: PlayerId) -> None:
    _, out = opened(stage, player, "find-cats")
    assert "Choose a level on the map." in out[3]
    with pytest.raises(PlayerError, match="steer.pick_first"):
        next(iter(steer.run(stage, steer.SteerDesk("blend", (None, None)), player, 0.0)))


def test_what_is_missed_by_less_than_a_point_is_not_said_to_be_the_same() -> None:
    level = Shelf.load().by_id["find-cats"]
    verdict = HuntVerdict(
        level.id, Pick("late", 1), True, 2, "", (), level.stars.three - 0.0004, 0.5, 1.0, 1.0, 1.0,
        (), None,
    )  # fmt: skip
    star = next_star(level, verdict)
    assert star is not None and WORDS.said(star.need) != WORDS.said(star.found)
    assert WORDS.said(star.need) == f"{100 * level.stars.three:.0f} of 100"
    assert WORDS.said(star.found) == f"{100 * level.stars.three - 0.1:.1f} of 100"


def test_a_soak_counts_a_loss_of_which_one_goal_is_open(stage: Stage, player: PlayerId) -> None:
    """Such a try is recorded; a run that the replies do not decide is none."""
    *_, verdict = stage.game.attempts.steer(player, "golf", [PURR], [1.0])
    goals = (GoalResult("One.", False, "0", 1.0), GoalResult("Another.", False, "0", open=True))
    assert isinstance(verdict, SteerVerdict)
    lost = replace(verdict, won=False, stars=0, decided=True, goals=goals)
    came = steer.ended(stage, player, lost)
    assert WORDS("level.open") in came[2] and OPEN not in came[0]
    assert told_of_a_run(came)
    assert not told_of_a_run(steer.ended(stage, player, replace(lost, decided=False)))
