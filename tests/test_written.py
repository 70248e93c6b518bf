"""Levels that instructors write for their classes: their texts, their fields, who may play them,
how they are checked and published."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import cast

import pytest
import tomli_w

from playground.atlas.atlas import Atlas
from playground.errors import AuthorError, PlayerError
from playground.game.game import Game
from playground.game.writing import CHECKS_MOST, Check, Desk
from playground.levels import fields, written
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds import KINDS
from playground.levels.schema import Pick
from playground.levels.shelf import Shelf
from playground.settings import SHIPPED
from playground.store.records import PlannedLevel, PlayerId, SchoolClass
from playground.store.store import Store
from playground.store.written import TEXT_MOST, WRITTEN_MOST
from playground.text import tomlfile
from tests.fake_model import CAT, FakeAtlas, FakeEngine

SHELF = Shelf.load()
TEXTS = {"cats": [LabelledText("a kitten", True), LabelledText("the train", False)]}
RIGHT = Pick("late", CAT)
CATS, RUSSIAN = written.copied(SHELF, "find-cats")
OTHER = CATS.replace("The cat detector", "A cat of our own")


@pytest.fixture
def game(tmp_path: Path) -> Iterator[Game]:
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), TEXTS)
    game = Game.of(bench, Store.open(f"sqlite:///{tmp_path / 'p.db'}"), SHELF, secret="x" * 10)
    yield game
    game.close()


@pytest.fixture
def store(game: Game) -> Store:
    return game._house.store


@pytest.fixture
def school(game: Game, store: Store) -> SchoolClass:
    return store.classes.create("Monday", game.model, "UTC")


@pytest.fixture
def player(game: Game, school: SchoolClass) -> PlayerId:
    me = game.players.enter(None).id
    game.belonging.join(me, school.code, "Ada", "1.2.3.4")
    return me


def proven(game: Game, of: SchoolClass, desk: Desk) -> Check:
    check = game.writing.check(of, desk.row.level)
    assert check.over.wait(60)
    return check


def held(store: Store, desk: Desk) -> None:
    """As a check that holds leaves it."""
    assert desk.level is not None
    line = {
        "level": desk.row.level, "player": "reference", "wanted": "2 stars", "found": "3 stars",
        "figure": 100.0, "passed": True,
    }  # fmt: skip
    proof = {"version": desk.level.version, "atlas": None, "lines": [line]}
    store.written.prove(desk.row.class_id, desk.row.level, proof)


# -- texts and fields ------------------------------------------------------------------------------
@pytest.mark.parametrize("id", [level.id for level in SHELF.levels])
def test_a_form_that_nobody_changed_gives_the_same_level(id: str) -> None:
    draft, told = written.copied(SHELF, id)
    level = written.read(draft, told, "own-x")
    assert level == SHELF.level(id).model_copy(
        update={"id": "own-x", "needs": (), "written_on": SHIPPED}
    )
    kind, data = KINDS[level.kind], tomlfile.read_text(written.FILE, draft)
    sent = fields.sent_of(fields.of_level(kind, data, ()))
    again = tomli_w.dumps(fields.level_data(kind, sent))
    other = fields.of_translation(tomlfile.read_text(written.SIBLING, told))
    spoken = tomli_w.dumps(fields.translation_data(fields.sent_of(other)))
    assert written.read(again, spoken, "own-x") == level
    assert written.read(again, spoken, "own-x", "ru") == written.read(draft, told, "own-x", "ru")


def test_a_form_says_what_was_typed_into_it() -> None:
    kind = KINDS["hunt"]
    groups = fields.of_level(kind, tomlfile.read_text(written.FILE, CATS), ("cats", "dogs"))
    by_name = {each.name: each for group in groups for each in group.fields}
    assert by_name["concept"].options == ("cats", "dogs")
    assert by_name["difficulty"].low == 1 and by_name["difficulty"].high == 5
    assert by_name["goals.2.says"].values == ()  # an empty row for one more
    assert by_name["goals.0.measure"].options == kind.measures
    assert by_name["sites"].values == ("middle", "late") and by_name["title"].needed
    sent = fields.sent_of(groups) | {
        "title": "Ours", "goals.0.at_least": "0,9", "max_words": "many", "show_labels": "1",
        "goals.2.measure": "lead", "examples": "one\r\ntwo\r\n\r\nthree",
    }  # fmt: skip
    data = fields.level_data(kind, sent)
    assert (data["title"], data["goals"][0]["at_least"]) == ("Ours", 0.9)
    assert (data["max_words"], data["show_labels"]) == ("many", True)
    assert len(data["goals"]) == 2 and data["examples"] == ["one\ntwo", "three"]
    with pytest.raises(
        AuthorError, match=r"`max_words`: found 'many'; input should be a valid int"
    ):
        written.read(tomli_w.dumps(data), "", "own-x")


def test_options_stay_where_they_stood() -> None:
    """A browser remembers a choice by its place. Those that are no options, or in an order of their
    own, come first."""
    kind = KINDS["hunt"]
    for concept, sites, shown in (
        ("dogs", ["middle"], (("cats", "dogs"), ("early", "middle", "late"))),
        ("owls", ["late", "early"], (("owls", "cats", "dogs"), ("late", "early", "middle"))),
    ):
        made = fields.of_level(kind, {"concept": concept, "sites": sites}, ("cats", "dogs"))
        by_name = {each.name: each for group in made for each in group.fields}
        assert (by_name["concept"].options, by_name["sites"].options) == shown


def test_a_new_level_of_any_kind_says_what_it_lacks() -> None:
    for kind in KINDS:
        with pytest.raises(AuthorError, match="your-level.toml: `title` is missing"):
            written.read(written.blank(kind), "", "own-x")
    with pytest.raises(AuthorError, match="found 'chess'; allowed: beat, before"):
        written.blank("chess")


def changed(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('title = "', 'title = "' + "x" * 120, "`title`: found 136 characters; allowed are 100"),
        ('title = "', 'title = "\\u0007', "`title`: found a control character"),
        ("at_least = 0.8", "at_least = nan", "`at_least`: found nan; allowed are finite numbers"),
        ("difficulty = 1", f"difficulty = 1{'0' * 400}", "a number of 401 digits"),
        ("minutes = 4", "minutes = 4\nneeds = []", "`needs`: leave it out"),
        ("{site}", "{site:>999999999}", "a blank is a name in braces and nothing else"),
        ("{site}", "{site.__class__}", "is no blank"),
        ("{site}", "{", "expected '}'"),
        ('concept = "cats"', 'concept = "unicorn-soup"', "`concept`: found 'unicorn-soup'"),
        ('kind = "hunt"', 'kind = "chess"', "`kind`: found 'chess'"),
        ('kind = "hunt"', 'id = "find-dogs"\nkind = "hunt"', "`id` is the file's name"),
        ('kind = "hunt"', "kind =", "is no TOML"),
        ('kind = "hunt"', "x = " + "[" * 5000, "is no TOML"),
    ],
)  # fmt: skip
def test_what_nobody_writes_in_earnest_is_refused(old: str, new: str, said: str) -> None:
    with pytest.raises(AuthorError) as error:
        written.read(changed(CATS, old, new), "", "own-x")
    assert said in str(error.value)


def test_a_translated_hint_has_no_gap_that_is_not_filled() -> None:
    told = RUSSIAN.replace("{feature}", "{feature} {dials}")
    with pytest.raises(AuthorError, match=r"hints.answer`: \{dials\} cannot be filled in here"):
        written.read(CATS, told, "own-x", "ru")
    with pytest.raises(AuthorError, match="`says`: found 1 sentences; the level has 2"):
        written.read(CATS, tomli_w.dumps({
            **tomlfile.read_text(written.SIBLING, RUSSIAN), "says": ["one"],
        }), "own-x")  # fmt: skip


def test_no_level_of_the_course_is_called_as_written_ones_are() -> None:
    assert [level.id for level in SHELF.levels if written.is_written(level.id)] == []


# -- a class and its levels ------------------------------------------------------------------------
def test_a_level_is_for_its_class_alone_and_only_when_it_is_published(
    game: Game, store: Store, school: SchoolClass, player: PlayerId
) -> None:
    desk = game.writing.begin(school, "find-cats", SHELF)
    desk = game.writing.keep(school, desk.row.level, OTHER, RUSSIAN)
    id, before = desk.row.level, len(game.course.home(player).chapters)
    with pytest.raises(PlayerError, match="errors.no_level"):
        game.course.start(player, id)
    with pytest.raises(PlayerError, match="written.unproven"):
        game.writing.publish(school, id)
    held(store, desk)
    assert game.writing.publish(school, id).published == "same"
    first, *others = game.course.home(player).chapters
    assert len(others) == before and first.title == "Monday"
    assert [(each.id, each.title, each.state) for each in first.marks] == [
        (id, "A cat of our own", "open")
    ]
    russian = game.in_language("ru")
    assert russian.course.home(player).chapters[0].marks[0].title == written.read(
        OTHER, RUSSIAN, id, "ru"
    ).title  # fmt: skip
    start = game.course.start(player, id)
    assert (start.chapter, start.next_level) == ("Monday", SHELF.levels[0].id)
    assert game.attempts.submit(player, id, RIGHT).won
    assert game.course.home(player).chapters[0].marks[0].state == "won"
    assert [each.won for each in store.attempts(player, game.model, id)] == [True]
    assert game.course.hint(player, id).hints
    # nobody else
    other = store.classes.create("Tuesday", game.model, "UTC")
    stranger, learner = (game.players.enter(None).id for _ in range(2))
    game.belonging.join(learner, other.code, "Bob", "1.2.3.4")
    for somebody in (stranger, learner):
        with pytest.raises(PlayerError, match="errors.no_level"):
            game.course.start(somebody, id)
        assert id not in {
            each.id for part in game.course.home(somebody).chapters for each in part.marks
        }
    for act in (
        lambda: game.writing.desk(other, id),
        lambda: game.writing.keep(other, id, "", ""),
        lambda: game.writing.publish(other, id),
        lambda: game.writing.withdraw(other, id),
        lambda: game.writing.check(other, id),
        lambda: game.writing.delete(other, id),
    ):
        with pytest.raises(PlayerError, match="written.gone"):
            act()
    assert game.writing.desk(school, id).published == "same"


def test_learners_play_what_was_published_while_the_draft_changes(
    game: Game, store: Store, school: SchoolClass, player: PlayerId
) -> None:
    desk = game.writing.take_in(school, CATS, "")
    held(store, desk)
    id = game.writing.publish(school, desk.row.level).row.level
    later = game.writing.keep(school, id, OTHER, "")
    assert later.published == "older" and later.proof is not None  # a title decides nothing
    assert game.course.start(player, id).level.title == "The cat detector"
    harder = game.writing.keep(school, id, CATS.replace("0.8", "0.85"), "")
    assert harder.proof is None
    with pytest.raises(PlayerError, match="written.unproven"):
        game.writing.publish(school, id)
    wrong = game.writing.keep(school, id, "kind =", "")
    assert wrong.level is None and "is no TOML" in wrong.wrong
    with pytest.raises(PlayerError, match="written.wrong"):
        game.writing.publish(school, id)
    assert game.course.start(player, id).level.title == "The cat detector"
    game.writing.withdraw(school, id)
    with pytest.raises(PlayerError, match="errors.no_level"):
        game.course.start(player, id)
    assert game.writing.desk(school, id).row.draft == "kind ="


def test_a_draft_is_tried_by_whoever_knows_its_own_id(
    game: Game, store: Store, school: SchoolClass, player: PlayerId
) -> None:
    row = game.writing.take_in(school, OTHER, "").row
    assert row.trial != row.level
    me = game.players.enter(None).id
    start = game.course.start(me, row.trial)
    assert (start.level.title, start.next_level) == ("A cat of our own", None)
    assert game.attempts.submit(me, row.trial, RIGHT).won
    assert store.attempts(me, game.model, row.trial)
    assert row.trial not in [level.id for level in game.course.planned(school)]
    game.writing.delete(school, row.level)
    with pytest.raises(PlayerError, match="errors.no_level"):
        game.course.start(me, row.trial)


def test_a_plan_takes_a_written_level_and_a_copy_of_the_class_has_its_own(
    game: Game, store: Store, school: SchoolClass, player: PlayerId
) -> None:
    store.classes.set_plan(school.id, [PlannedLevel("find-cats")])
    desk = game.writing.take_in(school, OTHER, "")
    held(store, desk)
    id = game.writing.publish(school, desk.row.level).row.level
    assert game.writing.publish(school, id).row.level == id  # again changes nothing
    planned = store.classes.get(school.id)
    assert [each.level for each in planned.plan] == ["find-cats", id]
    assert [level.id for level in game.course.planned(planned)] == ["find-cats", id]
    (chapter,) = game.course.home(player).chapters
    assert [each.id for each in chapter.marks] == ["find-cats", id]
    copy = store.classes.copy(school.id, "Again")
    (own,) = game.writing.desks(copy)
    assert own.row.level != id and own.published == "same"
    assert [each.level for each in copy.plan] == ["find-cats", own.row.level]
    store.classes.delete(school.id)
    assert game.writing.desk(copy, own.row.level).level is not None
    assert store.written.find(id, game.model) is None
    game.writing.withdraw(copy, own.row.level)
    assert [each.level for each in store.classes.get(copy.id).plan] == ["find-cats"]


def test_levels_are_bounded_in_size_and_number(game: Game, school: SchoolClass) -> None:
    for text, said in (("x" * (TEXT_MOST + 1), "errors.too_long"), ("\0", "written.unreadable"),
                       ("\ud800", "written.unreadable")):  # fmt: skip
        with pytest.raises(PlayerError, match=said):
            game.writing.take_in(school, text, "")
        with pytest.raises(PlayerError, match=said):
            game.writing.take_in(school, CATS, text)
    for _ in range(WRITTEN_MOST):
        game.writing.take_in(school, "x", "")
    with pytest.raises(PlayerError, match="written.many"):
        game.writing.take_in(school, CATS, "")
    with pytest.raises(PlayerError, match="errors.no_kind"):
        game.writing.begin(school, "<b>", SHELF)


# -- checks ----------------------------------------------------------------------------------------
def test_a_check_plays_the_draft_and_what_it_finds_is_kept(
    game: Game, store: Store, school: SchoolClass
) -> None:
    desk = game.writing.take_in(school, CATS, "")
    check = proven(game, school, desk)
    assert (check.ended, check.lines[0].player) == ("done", "reference")
    found = game.writing.desk(school, desk.row.level).proof
    assert found is not None and found.lines == tuple(check.lines)
    assert found.holds == all(line.passed for line in check.lines)
    bad = game.writing.take_in(school, CATS.replace("at_least = 0.8", "at_least = 1.1"), "")
    assert not (proven(game, school, bad).lines[0].passed)
    proof = game.writing.desk(school, bad.row.level).proof
    assert proof is not None and not proof.holds
    with pytest.raises(PlayerError, match="written.unproven"):
        game.writing.publish(school, bad.row.level)


def test_a_check_is_stopped_and_few_run_at_once(
    game: Game, school: SchoolClass, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is asked by a proof that waits until it is let go on."""
    goes_on, begun = Event(), Event()

    def slow(level: object, bench: Bench) -> Iterator[object]:
        begun.set()
        while not goes_on.wait(0.01) and not bench.engine.client.left.is_set():
            pass
        yield "one line"

    monkeypatch.setattr("playground.game.writing.check", slow)
    desks = [game.writing.take_in(school, CATS, "") for _ in range(CHECKS_MOST + 1)]
    checks = [game.writing.check(school, each.row.level) for each in desks[:CHECKS_MOST]]
    assert begun.wait(10) and game.writing.check(school, desks[0].row.level) is checks[0]
    with pytest.raises(PlayerError, match="written.busy"):
        game.writing.check(school, desks[-1].row.level)
    game.writing.stop(school, desks[0].row.level)
    assert checks[0].over.wait(10) and checks[0].ended == "stopped"
    assert game.writing.desk(school, desks[0].row.level).proof is None
    game.writing.delete(school, desks[1].row.level)  # which stops it, too
    assert checks[1].over.wait(10) and checks[1].ended == "stopped"
    goes_on.set()
    assert time.monotonic() > checks[0].begun
