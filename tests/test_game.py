from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import cast

import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.cards import CurvePoint
from playground.atlas.naming import quoted
from playground.engine.records import Dial, Request
from playground.errors import PlayerError
from playground.game.exploring import Outcome
from playground.game.game import Game
from playground.game.share import Sandbox
from playground.levels.dealing.steered import SteerVerdict
from playground.levels.dealing.triples import Began, Counted, Said
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds.hunt import HuntLevel, HuntVerdict
from playground.levels.schema import Pick
from playground.levels.shelf import Shelf
from playground.messages import Message
from playground.settings import SHIPPED
from playground.store.records import Attempt, PlayerId
from playground.store.store import Store
from playground.text.words import Words
from tests import fake_model
from tests.fake_model import CAT, COCOA, NOISE, FakeAtlas, FakeEngine
from tests.steered_levels import plain_steer, with_steered

SAY = Words().said
FREE = Message("level.hint_free")

TEXTS = {"cats": [LabelledText("a kitten", True), LabelledText("the train", False)]}
RIGHT, WRONG = Pick("late", CAT), Pick("late", NOISE)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path / 'p.db'}")


@pytest.fixture
def game(store: Store, engine: FakeEngine) -> Iterator[Game]:
    bench = Bench(engine, cast(Atlas, FakeAtlas()), TEXTS)
    game = Game.of(bench, store, Shelf.load())
    yield game
    game.close()


@pytest.fixture
def several(store: Store, engine: FakeEngine) -> Game:
    """The same game with a level of each kind that is steered, in a chapter of its own."""
    bench = Bench(engine, cast(Atlas, FakeAtlas()), TEXTS)
    return Game.of(bench, store, with_steered(Shelf.load()))


@pytest.fixture
def player(game: Game) -> PlayerId:
    return game.players.enter(None).id


def steered(game: Game, player: PlayerId, strength: float) -> SteerVerdict:
    *_, verdict = game.attempts.steer(player, "steer-chocolate", [Pick("late", COCOA)], [strength])
    assert isinstance(verdict, SteerVerdict)
    return verdict


# -- the map ---------------------------------------------------------------------------------------
def test_a_win_opens_the_next_level(game: Game, player: PlayerId) -> None:
    home = game.course.home(player)
    marks = {mark.id: mark for chapter in home.chapters for mark in chapter.marks}
    assert [id for id, mark in marks.items() if mark.state == "open"] == ["spot-first", "find-cats"]
    assert {mark.state for mark in marks.values()} == {"open", "locked"}
    assert (home.next, home.stars, home.won) == ("spot-first", 0, 0)
    assert marks["steer-chocolate"].needs == ("The cat detector",)
    with pytest.raises(PlayerError, match=r"errors.locked.*The cat detector"):
        game.course.start(player, "steer-chocolate")
    assert not game.attempts.submit(player, "find-cats", WRONG).won
    assert game.course.home(player).won == 0
    assert game.attempts.submit(player, "find-cats", RIGHT).won
    home = game.course.home(player)
    assert (home.next, home.stars, home.won) == ("spot-first", 3, 1)
    assert home.stars_total == 3 * len(marks)
    assert game.course.start(player, "steer-chocolate").level.id == "steer-chocolate"
    assert game.course.home(game.players.enter(None).id).won == 0


def test_a_worse_attempt_takes_nothing_away(game: Game, player: PlayerId) -> None:
    game.attempts.submit(player, "find-cats", RIGHT)
    game.attempts.submit(player, "find-cats", WRONG)
    start = game.course.start(player, "find-cats")
    assert start.best is not None
    assert (start.best.stars, start.best.won, start.best.attempts) == (3, True, 2)
    assert start.next_level == "spot-kitchen"


def test_twelve_hand_ins_at_the_same_time_count_once(
    game: Game, player: PlayerId, store: Store
) -> None:
    barrier = Barrier(12)

    def hand_in(number: int) -> HuntVerdict:
        barrier.wait()
        return game.attempts.submit(player, "find-cats", WRONG if number % 2 else RIGHT)

    with ThreadPoolExecutor(12) as pool:
        verdicts = list(pool.map(hand_in, range(12)))
    (kept,) = store.attempts(player, SHIPPED, "find-cats")
    assert {verdict.won for verdict in verdicts} == {kept.won}
    assert kept.level_version == Shelf.load().level("find-cats").version
    game.attempts.submit(player, "find-cats", RIGHT)
    assert [each.round for each in store.attempts(player, SHIPPED, "find-cats")] == [0, 1]


def test_hints_open_one_by_one_and_the_last_costs_a_star(game: Game, player: PlayerId) -> None:
    start = game.course.start(player, "find-cats")
    assert (start.hints, start.hints_left, start.hint_price) == ((), 3, FREE)
    assert [site.name for site in start.sites] == ["late"]  # the fake model has no middle
    game.course.hint(player, "find-cats")
    start = game.course.hint(player, "find-cats")
    assert [hint.step for hint in start.hints] == ["nudge", "method"]
    assert "at most 2 of 3 stars" in SAY(start.hint_price)
    start = game.course.hint(player, "find-cats")
    assert SAY(start.hints[2].text) == "Look at feature 7 of the late part of the model."
    assert (start.hints_left, start.hint_price) == (0, "")
    with pytest.raises(PlayerError, match="errors.no_hint"):
        game.course.hint(player, "find-cats")
    assert game.course.start(player, "find-cats").hints == start.hints
    assert game.attempts.submit(player, "find-cats", RIGHT).stars == 2


# -- features --------------------------------------------------------------------------------------
def test_reading_shows_what_fires_where(game: Game) -> None:
    reading = game.exploring.read("the cat saw the kitten", "late")
    assert game.exploring.trail(reading, CAT) == (0.0, 2.0, 0.0, 0.0, 2.0)
    firings = game.exploring.firings(reading)
    assert [(f.pick.feature, f.value, f.token) for f in firings] == [(NOISE, 2.0, 0), (CAT, 2.0, 1)]
    assert [f.pick for f in game.exploring.firings(reading, token=1)] == [RIGHT]
    assert firings[1].label == "label of late 7"


def test_features_are_ranked_by_what_tells_texts_apart(game: Game) -> None:
    said = ("the cat saw the kitten", "a cat sat", "the train left", "a cat and a cocoa")
    both, cat, train, cocoa = (game.exploring.read(text, "late") for text in said)
    # "the" fires in one of the texts and in the other one, too.
    (found,) = game.exploring.contrast([both, cat], [train], "find-cats")
    fires_on = Message("atlas.fires_on", tokens=(quoted("cat"),))
    assert (found.pick, found.label) == (RIGHT, fires_on)
    assert (found.inside, found.outside, found.hits) == (1.0, 0.0, 2)
    assert [each.pick.feature for each in game.exploring.contrast([cat, cocoa], [])] == [CAT, 8]
    assert game.exploring.contrast([cat], [both]) == ()
    assert game.exploring.contrast([], [both]) == ()


def test_a_hunt_level_hides_labels(game: Game) -> None:
    hidden = Message("atlas.fires_on", tokens=(quoted("cat"),))
    assert game.exploring.name(RIGHT, "find-cats") == hidden
    assert game.exploring.name(Pick("late", 9), "find-cats") == Message("atlas.feature", feature=9)
    assert game.exploring.card(RIGHT, "find-cats").concepts == ()
    assert game.exploring.card(RIGHT).concepts == (("cats", 0.9),)
    assert game.exploring.name(RIGHT, "steer-chocolate") == "label of late 7"


def test_what_cannot_be_read_or_shown_is_said_kindly(game: Game, player: PlayerId) -> None:
    for text, message in (("  ", "errors.nothing_to_read"), ("x" * 3000, r"errors.too_long")):
        with pytest.raises(PlayerError, match=message):
            game.exploring.read(text, "late")
    with pytest.raises(PlayerError, match="known="):
        game.exploring.read("cat", "deep")
    with pytest.raises(PlayerError, match=r"errors.no_feature\(feature=10, site=late, last=9\)"):
        game.exploring.card(Pick("late", 10))
    with pytest.raises(PlayerError, match=r"errors.look_at\(sites=\('middle', 'late'\)\)"):
        game.attempts.submit(player, "find-cats", Pick("early", CAT))
    with pytest.raises(PlayerError, match="errors.no_steering"):
        list(game.attempts.steer(player, "find-cats", [RIGHT], [0.5]))


# -- steering --------------------------------------------------------------------------------------
def test_a_steer_level_from_start_to_win(game: Game, player: PlayerId) -> None:
    game.attempts.submit(player, "find-cats", RIGHT)
    assert not steered(game, player, 0.0).won
    verdict = steered(game, player, 0.8)
    assert (verdict.won, verdict.stars) == (True, 3)
    assert game.course.home(player).stars == 6
    with pytest.raises(PlayerError, match="errors.no_hunt"):
        game.attempts.submit(player, "steer-chocolate", RIGHT)


def test_earlier_attempts_draw_the_curve(game: Game, player: PlayerId) -> None:
    game.attempts.submit(player, "find-cats", RIGHT)
    pick = Pick("early", COCOA)
    for strength in (0.9, 0.2, 0.6):
        *_, verdict = game.attempts.steer(player, "steer-chocolate", [pick], [strength])
    assert isinstance(verdict, SteerVerdict)
    assert verdict.curve is not None
    assert verdict.curve.source == "your attempts"
    assert [point.strength for point in verdict.curve.points] == [0.2, 0.6, 0.9]
    assert [point.effect for point in verdict.curve.points] == [0.0, 1.0, 1.0]


def test_attempts_from_before_there_were_several_dials_are_read(
    game: Game, player: PlayerId, store: Store
) -> None:
    game.attempts.submit(player, "find-cats", RIGHT)
    pick = Pick("early", COCOA)
    (dial,) = game.attempts.dials("steer-chocolate", [pick], [0.3])
    point = CurvePoint(0.3, 0.5, 10.0, 0.5, 0.0, 0.0)
    evidence = {"sentence": "", "lead": 0.0, "point": asdict(point), "triples": []}
    store.record(
        player, SHIPPED, Attempt("steer-chocolate", False, 0, 40.0, 0, asdict(dial), evidence)
    )
    *_, verdict = game.attempts.steer(player, "steer-chocolate", [pick], [0.6])
    assert isinstance(verdict, SteerVerdict)
    assert verdict.curve is not None
    assert verdict.curve.points == (point, verdict.curve.own)
    kept = store.attempts(player, SHIPPED, "steer-chocolate")[-1]
    assert kept.answer == {**asdict(dial), "strength": 0.6}


def test_levels_with_several_dials(several: Game, player: PlayerId, store: Store) -> None:
    game = several
    both = [Pick("late", COCOA), Pick("late", CAT)]
    *_, verdict = game.attempts.steer(player, "blend", both, [0.8, 0.8])
    assert isinstance(verdict, SteerVerdict)
    assert (verdict.won, verdict.stars, verdict.curve) == (True, 3, None)
    kept = store.attempts(player, SHIPPED, "blend")[-1]
    assert kept.answer == {"dials": [asdict(dial) for dial in verdict.dials]}
    assert "point" not in kept.evidence
    assert game.course.start(player, "blend").best is not None
    *_, again = game.attempts.steer(player, "blend", both[:1], [0.8])
    assert isinstance(again, SteerVerdict)
    assert not again.won
    for picks, message in (
        ([], "errors.no_pick"),
        ([*both, RIGHT], r"steering.slots\(count=2\)"),
    ):
        with pytest.raises(PlayerError, match=message):
            list(game.attempts.steer(player, "blend", picks, [0.5] * len(picks)))


def test_hints_name_every_dial_and_golf_has_a_par(several: Game, player: PlayerId) -> None:
    game = several
    game.course.hint(player, "blend")
    game.course.hint(player, "blend")
    start = game.course.hint(player, "blend")
    assert SAY(start.hints[2].text) == (
        "Turn feature 8 of the late part at 0.80 and feature 7 of the late part at 0.80."
    )
    assert game.attempts.par(player, "golf") is None  # it would tell where to put the slider
    *_, verdict = game.attempts.steer(player, "golf", [Pick("late", COCOA)], [0.6])
    assert isinstance(verdict, SteerVerdict)
    assert verdict.won
    assert game.attempts.par(player, "golf") == pytest.approx(0.8)
    assert game.attempts.par(player, "blend") is None


def test_what_the_replies_do_not_decide_is_no_attempt(
    engine: FakeEngine, player: PlayerId, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf.load()
    plain = plain_steer(shelf)
    levels = tuple(plain if each.id == plain.id else each for each in shelf.levels)
    bench = Bench(engine, cast(Atlas, FakeAtlas()), TEXTS)
    game = Game.of(bench, store, replace(shelf, levels=levels))
    game.attempts.submit(player, "find-cats", RIGHT)
    written, number = fake_model.written, count()

    def unsure(request: Request) -> list[str]:
        plain = replace(request, dials=())
        steered = request.dials and request.dials[0].control is None
        return written(request if steered and next(number) % 3 == 0 else plain)

    monkeypatch.setattr(fake_model, "written", unsure)
    verdict = steered(game, player, 0.8)
    assert (verdict.decided, verdict.won, verdict.deciding) == (False, False, None)
    assert (len(verdict.hits), verdict.limit, verdict.tallies.steered.hits) == (24, 24, 8)
    assert [goal.open for goal in verdict.goals] == [True, False]
    assert SAY(verdict.sentence).startswith("That could be luck, one way or the other: 8 of 24")
    assert "With 12 it would have been won, with 2 or fewer lost" in SAY(verdict.sentence)
    assert store.attempts(player, SHIPPED, "steer-chocolate") == []
    assert game.course.start(player, "steer-chocolate").best is None


def test_leaving_a_run_records_nothing(game: Game, player: PlayerId, engine: FakeEngine) -> None:
    game.attempts.submit(player, "find-cats", RIGHT)
    run = game.attempts.steer(player, "steer-chocolate", [Pick("late", COCOA)], [0.8])
    events = [next(run) for _ in range(3)]
    run.close()  # type: ignore[attr-defined]
    assert [type(event) for event in events] == [Began, Said, Said]
    assert all(stream.cancelled for stream in engine.streams)
    assert game.course.start(player, "steer-chocolate").best is None


def test_events_of_a_run(game: Game, player: PlayerId) -> None:
    game.attempts.submit(player, "find-cats", RIGHT)
    events = list(game.attempts.steer(player, "steer-chocolate", [Pick("late", COCOA)], [0.8]))
    kinds = [type(event) for event in events]
    assert list(dict.fromkeys(kinds)) == [Began, Said, Counted, SteerVerdict]
    assert {event.row for event in events if isinstance(event, Said)} == {
        "baseline",
        "steered",
        "control",
    }
    counted = [event for event in events if isinstance(event, Counted)]
    assert counted[0].done == 0
    assert counted[-1].done <= counted[-1].total


# -- sandbox ---------------------------------------------------------------------------------------
def test_the_sandbox_has_three_rows_with_a_dial_and_one_without(game: Game) -> None:
    began, *_, outcome = game.exploring.sandbox(Sandbox("Hello", (Dial("late", COCOA, 0.8),)))
    assert isinstance(began, Began)
    assert isinstance(outcome, Outcome)
    assert began.rows == ("baseline", "steered", "control")
    assert ["cocoa" in trace.text for trace in outcome.traces] == [False, True, False]
    began, *_, outcome = game.exploring.sandbox(Sandbox("Hello"))
    assert isinstance(began, Began)
    assert isinstance(outcome, Outcome)
    assert (began.rows, len(outcome.traces)) == (("baseline",), 1)
    with pytest.raises(PlayerError, match="feature=99"):
        next(iter(game.exploring.sandbox(Sandbox("Hello", (Dial("late", 99, 0.8),)))))


def test_a_link_is_only_read_for_features_that_exist(game: Game) -> None:
    state = Sandbox("Hello", (Dial("late", COCOA, 0.8, "add", "all"),))
    assert game.exploring.decode(game.exploring.encode(state)) == state
    with pytest.raises(PlayerError, match="feature=99"):
        game.exploring.decode(game.exploring.encode(Sandbox("Hello", (Dial("late", 99, 0.8),))))


def test_levels_say_what_screens_need(game: Game, player: PlayerId) -> None:
    start = game.course.start(player, "find-cats")
    assert isinstance(start.level, HuntLevel)
    assert start.chapter == "Microscope"
    assert start.level.goals[0].says
    assert start.level.learned.words
