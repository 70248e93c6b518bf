"""Classes in the game: what a class asks of its members, what an instructor sees and may do, lists
in and out, guesses that are counted."""

import csv
import io
import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from playground.atlas.atlas import Atlas
from playground.errors import PlayerError
from playground.game import matrix, roster
from playground.game.belonging import nickname
from playground.game.exam import Certificate
from playground.game.game import Game
from playground.game.rules import told
from playground.game.teaching import Teacher
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds.hunt import HuntVerdict
from playground.levels.schema import Pick
from playground.levels.shelf import Shelf
from playground.store.records import Attempt, Effort, Member, PlannedLevel, PlayerId, SchoolClass
from playground.store.store import Store
from tests.fake_model import CAT, NOISE, FakeAtlas, FakeEngine

SECRET = "a long secret"
TEXTS = {"cats": [LabelledText("a kitten", True), LabelledText("the train", False)]}
RIGHT, WRONG = Pick("late", CAT), Pick("late", NOISE)
PLAN = ("steer-chocolate", "find-cats", "spot-first")  # not as the course has them
NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def game(tmp_path: Path) -> Iterator[Game]:
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), TEXTS)
    game = Game.of(bench, Store.open(f"sqlite:///{tmp_path / 'p.db'}"), Shelf.load(), secret=SECRET)
    yield game
    game.close()


@pytest.fixture
def teacher(game: Game) -> Teacher:
    return game.teaching.known(game.teaching.enter(SECRET, "1.2.3.4"))


@pytest.fixture
def school(teacher: Teacher, game: Game) -> SchoolClass:
    made = teacher.classes.create("Monday", game.model, "Europe/Berlin")
    return teacher.plan(made.id, [PlannedLevel(each) for each in PLAN])


@pytest.fixture
def player(game: Game, school: SchoolClass) -> PlayerId:
    me = game.players.enter(None).id
    game.belonging.join(me, school.code, "Ada", "1.2.3.4")
    return me


def ruled(
    teacher: Teacher,
    of: SchoolClass,
    hints: bool = True,
    ordered: bool = False,
    begins: datetime | None = None,
    ends: datetime | None = None,
) -> None:
    teacher.classes.rule(of.id, of.title, hints, ordered, begins, ends)


def states(game: Game, player: PlayerId) -> dict[str, str]:
    return {
        each.id: each.state for part in game.course.home(player).chapters for each in part.marks
    }


# -- what a class asks -----------------------------------------------------------------------------
def test_a_plan_stands_in_the_place_of_the_course(game: Game, player: PlayerId) -> None:
    (chapter,) = game.course.home(player).chapters
    assert chapter.title == "Monday"
    assert tuple(each.id for each in chapter.marks) == PLAN
    assert states(game, player) == dict.fromkeys(PLAN, "open")  # whatever the course has them need
    assert game.course.start(player, "steer-chocolate").next_level == "find-cats"
    with pytest.raises(PlayerError, match=r"join.not_planned.*Monday"):
        game.course.start(player, "spot-kitchen")
    stranger = game.players.enter(None).id
    assert len(game.course.home(stranger).chapters) > 1
    with pytest.raises(PlayerError, match="errors.locked"):
        game.course.start(stranger, "steer-chocolate")


def test_one_level_opens_after_the_other(
    game: Game, teacher: Teacher, school: SchoolClass, player: PlayerId
) -> None:
    teacher.plan(school.id, [PlannedLevel("find-cats"), PlannedLevel("spot-first")])
    ruled(teacher, school, ordered=True)
    assert states(game, player) == {"find-cats": "open", "spot-first": "locked"}
    with pytest.raises(PlayerError, match="join.before_it"):
        game.attempts.ask(player, "spot-first")
    assert game.attempts.submit(player, "find-cats", RIGHT).won
    assert states(game, player) == {"find-cats": "won", "spot-first": "open"}
    teacher.plan(school.id, [PlannedLevel("spot-first"), PlannedLevel("find-cats")])
    assert states(game, player)["find-cats"] == "won"  # once won, it stays open


def test_dates_hold_and_are_told_by_the_clock_of_the_class(
    game: Game, teacher: Teacher, school: SchoolClass, player: PlayerId
) -> None:
    teacher.plan(school.id, [PlannedLevel("find-cats", NOW + HOUR), PlannedLevel("spot-first")])
    assert states(game, player) == {"find-cats": "locked", "spot-first": "open"}
    with pytest.raises(PlayerError, match="join.begins"):
        game.attempts.submit(player, "find-cats", RIGHT)
    teacher.plan(school.id, [PlannedLevel("find-cats", NOW - HOUR)])
    assert game.attempts.submit(player, "find-cats", RIGHT).won
    ruled(teacher, school, ends=NOW - HOUR)
    assert states(game, player) == {"find-cats": "locked"}
    with pytest.raises(PlayerError, match="join.ended"):
        game.attempts.submit(player, "find-cats", RIGHT)
    assert isinstance(game.attempts.replay(player, "find-cats"), HuntVerdict)
    assert game.course.seen(player, "find-cats").best is not None  # what was done can be seen
    teacher.classes.set_open(school.id, False)
    assert game.course.start(player, "find-cats").level.id == "find-cats"
    summer = datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert told(summer, "Europe/Berlin") == "2026-07-01 12:00"
    assert told(summer, "No/Where") == "2026-07-01 10:00"


def test_a_class_without_hints_shows_none_and_no_solution(
    game: Game, teacher: Teacher, school: SchoolClass, player: PlayerId
) -> None:
    game.course.hint(player, "find-cats")
    ruled(teacher, school, hints=False)
    start = game.course.start(player, "find-cats")
    assert (start.hints, start.hints_left, start.without_hints) == ((), 0, True)
    for act in (game.course.hint, game.course.give_up):
        with pytest.raises(PlayerError):
            act(player, "find-cats")
    seed = game.attempts.ask(player, "spot-first").seed
    with pytest.raises(PlayerError, match="join.no_hints"):
        game.attempts.give_up(player, "spot-first", seed, 0)
    ruled(teacher, school, hints=True)
    assert len(game.course.start(player, "find-cats").hints) == 1


def test_time_at_levels_is_kept_of_members_alone(
    game: Game, teacher: Teacher, school: SchoolClass, player: PlayerId
) -> None:
    stranger = game.players.enter(None).id
    for each in (player, stranger):
        game.course.start(each, "find-cats")
    kept = [game.belonging.kept(each).rows.get("visits") for each in (player, stranger)]
    assert kept == [1, None]


# -- instructors -----------------------------------------------------------------------------------
def test_nobody_teaches_without_the_secret(game: Game) -> None:
    for token in (None, "", "x" * 22, SECRET):
        with pytest.raises(PlayerError, match="teach.stranger"):
            game.teaching.known(token)
    token = game.teaching.enter(SECRET, "1.1.1.1")
    assert game.teaching.known(token)
    game.teaching.leave(token)
    with pytest.raises(PlayerError, match="teach.stranger"):
        game.teaching.known(token)


def test_where_no_secret_is_named_nobody_comes_in(tmp_path: Path) -> None:
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), TEXTS)
    game = Game.of(bench, Store.open(f"sqlite:///{tmp_path / 'q.db'}"), Shelf.load())
    for secret in ("", "None", SECRET):
        with pytest.raises(PlayerError, match="teach.closed"):
            game.teaching.enter(secret, "1.1.1.1")
    assert not game.teaching.offered
    game.close()


def test_wrong_secrets_lock_an_address_out_and_no_other(game: Game) -> None:
    for wrong in ("", SECRET + " ", SECRET[:-1], "\ud800", "x" * 1000):
        with pytest.raises(PlayerError, match="teach.wrong"):
            game.teaching.enter(wrong, "6.6.6.6")
    with pytest.raises(PlayerError, match="join.locked"):
        game.teaching.enter(SECRET, "6.6.6.6")
    assert game.teaching.enter(SECRET, "7.7.7.7")


def test_the_matrix_tells_who_is_where(
    game: Game, teacher: Teacher, school: SchoolClass, player: PlayerId
) -> None:
    game.attempts.submit(player, "find-cats", RIGHT)
    made = teacher.matrix(school, matrix.columns(game.course.planned(school)))
    assert [each.id for each in made.columns] == [*PLAN]
    (line,) = made.lines
    assert [each and (each.stars, each.tries) for each in line.cells] == [None, (3, 1), None]
    assert (line.member.name, line.stars, line.won, line.tries, line.here) == ("Ada", 3, 1, 1, True)
    assert made.won_by == [0, 1, 0]
    assert (made.stuck, made.here) == ([], 1)


@pytest.mark.parametrize(
    ("stars", "tries", "seconds", "stuck"),
    [
        (0, 3, 60, "b"),
        (0, 2, 60, "a"),
        (0, 0, 600, "b"),
        (0, 0, 400, "a"),
        (1, 9, 900, None),
    ],
)
def test_who_is_stuck(stars: int, tries: int, seconds: int, stuck: str | None) -> None:
    """Whoever opens another level is no less stuck at the one before, until one is won."""
    ada = Member(1, 1, PlayerId(1), "Ada", NOW)
    levels = (matrix.LevelColumn("a", "A", 3), matrix.LevelColumn("b", "B", 3))
    before = Effort(1, "a", 0, 0.0, 9, 999, NOW - HOUR)
    last = Effort(1, "b", stars, 0.0, tries, seconds, NOW - timedelta(minutes=7))
    line = matrix.line(ada, levels, {"a": before, "b": last}, NOW)
    assert (line.stuck and line.stuck.level.id) == stuck
    if line.stuck and stuck == "b":
        assert (line.stuck.tries, line.stuck.idle) == (tries, 7.0)
    assert not line.here


def test_learners_are_reset_merged_and_removed(
    game: Game, teacher: Teacher, school: SchoolClass, player: PlayerId
) -> None:
    game.attempts.submit(player, "find-cats", WRONG)
    twin = game.players.enter(None)
    double = game.belonging.join(twin.id, school.code, "Ada 2", "1.2.3.4").member
    game.attempts.submit(twin.id, "find-cats", RIGHT)
    ada = next(e for e in teacher.classes.members(school.id) if e.name == "Ada")
    with pytest.raises(PlayerError, match="teach.same_member"):
        teacher.merge(school.id, ada.id, ada.id)
    assert teacher.merge(school.id, double.id, ada.id).name == "Ada"
    assert game.players.known(twin.secret).id == player
    tries = teacher.attempts(school, ada, "find-cats")
    assert sorted(each.won for each in tries) == [False, True]
    code = teacher.new_code(school.id, ada.id)
    assert game.belonging.resume(code, "1.2.3.4").id == player
    teacher.reset(school.id, ada.id)
    assert teacher.attempts(school, ada, "find-cats") == []
    teacher.classes.remove(school.id, ada.id)
    assert teacher.classes.members(school.id) == []
    assert states(game, player)["spot-first"] == "open"


def test_an_instructor_reaches_only_members_of_the_class_that_is_named(
    game: Game, teacher: Teacher, school: SchoolClass, player: PlayerId
) -> None:
    other = teacher.classes.create("Other", game.model, "UTC")
    (ada,) = teacher.classes.members(school.id)
    (bob,) = [e for e, _ in teacher.classes.enroll(other.id, ["Bob"])]
    for act in (
        lambda: teacher.reset(other.id, ada.id),
        lambda: teacher.new_code(other.id, ada.id),
        lambda: teacher.merge(other.id, ada.id, bob.id),
        lambda: teacher.merge(other.id, bob.id, ada.id),
        lambda: teacher.classes.rename(other.id, ada.id, "Eve"),
    ):
        with pytest.raises(PlayerError, match="teach.no_member"):
            act()


def test_any_hunt_is_shown_again_and_the_best_of_the_rest(
    game: Game, teacher: Teacher, school: SchoolClass, player: PlayerId
) -> None:
    game.attempts.submit(player, "find-cats", RIGHT)
    game.attempts.submit(player, "find-cats", WRONG)
    (ada,) = teacher.classes.members(school.id)
    tries, level = teacher.attempts(school, ada, "find-cats"), game.course.planned(school)[1]
    shown = [game.attempts.shown_again(player, level, each) for each in tries]
    assert [each.won for each in shown] == [True, False]
    steering = game.course.planned(school)[0]
    with pytest.raises(PlayerError, match="teach.not_best"):
        game.attempts.shown_again(player, steering, Attempt(steering.id, False, 0, 0, 0, {}, {}))


# -- lists -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ada\nBob\n\n", ["Ada", "Bob"]),
        ("\ufeffName;Mark\r\nAda;1\r\nБорис;2\r\n", ["Ada", "Борис"]),
        ("no,name\n1,Ada\n2,Bob\n", ["Ada", "Bob"]),
        ('"Lovelace, Ada",x\n', ["Lovelace, Ada"]),
        ("a\tb\nc\td\n", ["a", "c"]),
    ],
)
def test_names_are_found_in_a_list(text: str, names: list[str]) -> None:
    assert roster.names(text) == names


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "teach.empty_list"), ("name\n", "teach.empty_list"), (" ,\n", "teach.empty_list"),
        ("x\n" * 501, "teach.long_list"), ("x" * 200_001, "teach.long_list"),
        ("x" * 199_999, "teach.no_list"),
    ],
)  # fmt: skip
def test_a_list_without_names_or_with_too_many_is_refused(text: str, said: str) -> None:
    with pytest.raises(PlayerError, match=said):
        roster.names(text)


def test_exports_are_whole_and_no_cell_is_a_formula(
    game: Game, teacher: Teacher, school: SchoolClass, player: PlayerId
) -> None:
    (ada,) = teacher.classes.members(school.id)
    teacher.classes.rename(school.id, ada.id, '=HYPERLINK("x"),"Ada"')
    game.attempts.submit(player, "find-cats", RIGHT)
    made = teacher.matrix(school, matrix.columns(game.course.planned(school)))
    lines = list(csv.DictReader(io.StringIO("".join(roster.results_csv(made)))))
    assert lines[0]["name"] == '\'=HYPERLINK("x"),"Ada"'
    assert [lines[0][f"{game.course.title(id)} ({id}): stars"] for id in PLAN] == ["", "3", ""]
    (line,) = csv.DictReader(
        io.StringIO("".join(roster.attempts_csv(teacher.all_attempts(school), game.course.title)))
    )
    assert (line["level"], line["won"], json.loads(line["answer"])["feature"]) == (
        "find-cats", "1", CAT,
    )  # fmt: skip
    whole = json.loads(
        "".join(roster.results_json(made, teacher.all_attempts(school), game.course.title))
    )
    assert whole["class"]["plan"][0] == {
        "level": "steer-chocolate", "title": game.course.title("steer-chocolate"), "begins": None,
    }  # fmt: skip
    won = whole["learners"][0]["levels"]["find-cats"]
    assert (won["stars"], won["title"], whole["attempts"][0]["title"]) == (
        3, *["The cat detector"] * 2,
    )  # fmt: skip
    assert game.course.title("daily-2026-07-01-hunt-cats") and game.course.title("own-gone") == ""
    assert whole["attempts"][0]["name"] == whole["learners"][0]["name"]
    codes = list(csv.DictReader(io.StringIO(teacher.enroll(school.id, "+1\nBob"))))
    assert codes[0]["name"] == "'+1"
    assert game.belonging.resume(codes[1]["code"], "1.2.3.4")


# -- learners --------------------------------------------------------------------------------------
def test_a_learner_comes_back_by_a_code_and_is_forgotten(game: Game, player: PlayerId) -> None:
    code = game.belonging.code(player)
    back = game.belonging.resume(f" {code.lower()} ", "1.2.3.4")
    assert back.id == player
    game.belonging.revoke(player)
    with pytest.raises(PlayerError, match="join.no_resume"):
        game.belonging.resume(code, "1.2.3.4")
    other = game.players.enter(game.players.grant(player, "browser"))
    game.belonging.only_here(back)
    assert game.players.known(back.secret).id == player
    with pytest.raises(PlayerError, match="site.stranger"):
        game.players.known(other.secret)
    assert json.loads(game.belonging.told(player))["members"][0]["name"] == "Ada"
    game.belonging.forget(player)
    with pytest.raises(PlayerError, match="site.stranger"):
        game.players.known(back.secret)


def test_a_certificate_is_genuine_by_code_and_name(game: Game, player: PlayerId) -> None:
    earned = Certificate(20, 24, date(2026, 11, 30), None)
    made = game.belonging.certify(player, game.model, earned, " Ada  Lovelace ")
    again = game.belonging.certify(player, game.model, earned, "")  # as it is drawn before a name
    assert again.code == made.code
    found = game.belonging.genuine(made.code.lower(), "ada lovelace", "1.2.3.4")
    assert (found.stars, found.total, found.day) == (20, 24, "2026-11-30")
    for code, name in ((made.code, "Bob"), (made.code, ""), ("x", "Ada Lovelace"), ("", "")):
        with pytest.raises(PlayerError, match="verify.unknown"):
            game.belonging.genuine(code, name, "1.2.3.4")


def test_nicknames_are_names() -> None:
    made = {nickname(("Brave", "Shy"), ("Paw", "Cat"), random.Random(seed)) for seed in range(50)}
    assert len(made) > 30
    assert all(each.split()[0] in ("Brave", "Shy") for each in made)
