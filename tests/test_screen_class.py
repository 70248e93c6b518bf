"""The pages of classes without a browser: every view in every language, what is sent by forms,
files that are made, names as they are written."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from playground.atlas.atlas import Atlas
from playground.errors import PlayerError
from playground.game.game import Game
from playground.game.teaching import Teacher
from playground.levels.judging import Bench, LabelledText
from playground.levels.playable import Reason
from playground.levels.schema import Pick
from playground.levels.shelf import Shelf
from playground.screens import downloads
from playground.screens.downloads import Download, Downloads
from playground.screens.pages import classroom, home, join, me, teach, verify
from playground.screens.parts import class_views, forms
from playground.screens.parts.class_views import VIEWS, OpenClass
from playground.screens.stage import Stage, entrance
from playground.store.records import Player, PlayerId, SchoolClass
from playground.store.store import Store
from playground.text.language import LANGUAGES, Language
from playground.text.words import Words
from tests.fake_model import CAT, FakeAtlas, FakeEngine
from tests.stages import stage_of

SECRET = "a long secret"
TEXTS = {"cats": [LabelledText("a kitten", True), LabelledText("the train", False)]}
EVIL = '<b onclick="x">&'


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), TEXTS)
    game = Game.of(bench, Store.open(f"sqlite:///{tmp_path / 'p.db'}"), Shelf.load(), secret=SECRET)
    made = stage_of(game)
    yield replace(made, games={game.model: game})
    game.close()


@pytest.fixture
def teacher(stage: Stage) -> Teacher:
    return stage.game.teaching.known(stage.game.teaching.enter(SECRET, "1.2.3.4"))


@pytest.fixture
def school(teacher: Teacher, stage: Stage) -> SchoolClass:
    return teacher.classes.create(EVIL, stage.game.model, "Europe/Berlin")


@pytest.fixture
def player(stage: Stage, school: SchoolClass) -> PlayerId:
    me = stage.game.players.enter(None).id
    stage.game.belonging.join(me, school.code, EVIL + " Ada", "1.2.3.4")
    stage.game.attempts.submit(me, "find-cats", Pick("late", CAT))
    return me


def told(stage: Stage, language: Language) -> Stage:
    game = stage.game.in_language(language)
    return replace(stage, words=Words.of(language), game=game, games={game.model: game})


def event(**data: object) -> gr.EventData:
    return cast(gr.EventData, SimpleNamespace(_data=data))


def request(**query: str) -> gr.Request:
    made: Any = SimpleNamespace(query_params=query, client=SimpleNamespace(host="1.2.3.4"))
    return made


def acted(stage: Stage, teacher: Teacher, of: SchoolClass, **data: object) -> list[str]:
    """The last of what an act shows: status and main."""
    *_, last = classroom.act(stage, teacher, event(**data), request(id=str(of.id)))
    return [str(each) for each in last]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_view_is_drawn_and_no_name_is_markup(
    stage: Stage, teacher: Teacher, school: SchoolClass, player: PlayerId, language: Language
) -> None:
    here = told(stage, language)
    (member,) = teacher.classes.members(school.id)
    queries = [{"view": view} for view in (*VIEWS, "nonsense")]
    one = {"view": "learner", "member": str(member.id)}
    queries += [one, {**one, "level": "find-cats"}, {**one, "level": "spot-first"}]
    shown = [str(class_views.draw(OpenClass(here, teacher, school, each))) for each in queries]
    shown += [
        str(teach.draw(here, teacher)),
        str(teach.door(here)),
        str(me.draw(here, player, "ABCD-EFGH")),
        str(join.draw(here, player, school, "")),
        str(join.draw(here, player, None, "")),
        str(verify.draw(here, "", "", None)),
        str(home.belongs(here, player)),
        str(home.doors(here)),
    ]
    assert not [each for each in shown if "<b onclick" in each]
    assert "Ada" in shown[0] and "Ada" not in shown[VIEWS.index("board")]  # the board has no names
    assert 'data-act="export"' in shown[0]
    latest = shown[len(VIEWS) + 2]
    assert "verdict" in latest  # the latest try, as the learner saw it
    assert here.words("class.picked", feature=CAT, site="late") in latest


def test_a_class_is_planned_by_clicks(stage: Stage, teacher: Teacher, school: SchoolClass) -> None:
    def plan() -> list[str]:
        return [each.level for each in teacher.classes.get(school.id).plan]

    acted(stage, teacher, school, act="add", level="find-cats")
    acted(stage, teacher, school, act="add", level="spot-first")
    acted(stage, teacher, school, act="up", level="spot-first")
    assert plan() == ["spot-first", "find-cats"]
    acted(stage, teacher, school, act="up", level="spot-first")
    acted(stage, teacher, school, act="down", level="find-cats")
    assert plan() == ["spot-first", "find-cats"]
    form = {"begins/spot-first": "2026-07-01T10:00", "begins/find-cats": ""}
    acted(stage, teacher, school, act="dates", form=form)
    first, second = teacher.classes.get(school.id).plan
    assert (first.begins, second.begins) == (datetime(2026, 7, 1, 8, tzinfo=UTC), None)
    acted(stage, teacher, school, act="drop", level="spot-first")
    for wrong in ("find-cats", "no-such-level", ""):
        with pytest.raises(PlayerError, match="class.no_level"):
            acted(stage, teacher, school, act="add", level=wrong)
    acted(stage, teacher, school, act="chapter", chapter="0")
    assert plan()[0] == "find-cats"
    assert len(plan()) == len(Shelf.load().chapters[0].levels)
    acted(stage, teacher, school, act="clear")
    assert plan() == []
    with pytest.raises(PlayerError, match="class.no_act"):
        acted(stage, teacher, school, act="__init__")


def test_a_chapter_is_planned_without_what_the_model_cannot_play(
    stage: Stage, teacher: Teacher, school: SchoolClass
) -> None:
    shelf = stage.game.course.shelf
    some, none, _ = chapters = shelf.chapters[:3]
    missing: dict[str, Reason] = dict.fromkeys([*some.levels[1:], *none.levels], "lacking")
    game = Game(stage.game._house, replace(shelf, missing=missing))
    here = replace(stage, game=game, games={game.model: game})
    acted(here, teacher, school, act="chapter", chapter="0")
    assert [each.level for each in teacher.classes.get(school.id).plan] == [some.levels[0]]
    acted(here, teacher, school, act="chapter", chapter="1")
    acted(here, teacher, school, act="chapter", chapter="2")
    planned = [each.level for each in teacher.classes.get(school.id).plan]
    assert planned == [some.levels[0], *chapters[2].levels]
    shown = str(class_views.plan(OpenClass(here, teacher, school, {})))
    assert re.findall(r'data-chapter="(\d)"', shown)[:2] == ["0", "2"]


def test_rules_are_kept_as_they_are_ticked(
    stage: Stage, teacher: Teacher, school: SchoolClass
) -> None:
    form = {"title": "New", "begins": "2026-12-24T18:00", "ends": "", "ordered": "1"}
    said, _ = acted(stage, teacher, school, act="rule", form=form)
    found = teacher.classes.get(school.id)
    assert (found.title, found.hints, found.ordered, found.ends) == ("New", False, True, None)
    assert found.begins == datetime(2026, 12, 24, 17, tzinfo=UTC)
    assert "Saved" in said
    with pytest.raises(PlayerError, match="teach.no_date"):
        acted(stage, teacher, school, act="rule", form={**form, "begins": "soon"})


def test_the_machine_is_measured_and_warmed(
    stage: Stage, teacher: Teacher, school: SchoolClass
) -> None:
    acted(stage, teacher, school, act="add", level="find-cats")
    acted(stage, teacher, school, act="add", level="steer-chocolate")
    said, _ = acted(stage, teacher, school, act="warm")
    assert "one level is" in said and "One more level needs nothing beforehand" in said
    said, _ = acted(stage, teacher, school, act="measure")
    assert "Tokens a second" in said and "twice" not in said and "2 times for 8 at once" in said


def test_who_has_joined_is_led_to_the_levels_of_the_class(
    stage: Stage, school: SchoolClass, player: PlayerId
) -> None:
    other = replace(stage.offer, game=stage.game, place="other")
    first = replace(stage.offer, game=cast(Game, SimpleNamespace(model="another")))
    two = replace(stage, offers=(first, other))
    sent = event(act="join", code=school.code, name="Ada")
    me = Player(player, "secret")
    for here, link in ((stage, ".#levels"), (two, "other/#levels")):
        *_, said, main = join.act(here, me, sent, request())
        assert f'href="{link}"' in str(said) and f'href="{link}"' in str(main)
        assert join.back_to(here, player) == link
    gone = replace(stage, offers=(first,))
    assert join.way(gone, school) == "" and join.back_to(gone, player) == "."
    assert 'id="levels"' in str(home.opened(stage, me)[1])


def test_a_level_of_another_model_is_nothing_to_begin_with(
    stage: Stage, teacher: Teacher, school: SchoolClass
) -> None:
    shelf = stage.game.course.shelf
    missing: dict[str, Reason] = {"spot-first": "lacking"}
    game = Game(stage.game._house, replace(shelf, missing=missing))
    here = replace(stage, game=game, games={game.model: game})
    shown = str(class_views.draw(OpenClass(here, teacher, school, {"view": "levels"})))
    assert 'value="find-cats"' in shown and 'value="spot-first"' not in shown


def test_what_a_browser_sent_as_a_teacher_is_looked_up(stage: Stage) -> None:
    entered = entrance(stage, classroom.act)
    token = stage.game.teaching.enter(SECRET, "1.2.3.4")
    (found,) = entered([token])
    assert isinstance(found, Teacher)
    for wrong in (None, "x", 5, [token], {"token": token}):
        with pytest.raises(PlayerError, match="teach.stranger"):
            entered([wrong])


@pytest.mark.parametrize("given", ["", "x", "-1", "²", "1e3", "9" * 5000, "2147483648", " 1"])
def test_what_is_no_number_is_refused(given: str) -> None:
    with pytest.raises(PlayerError, match="teach.no_number"):
        forms.number(given)


def test_what_forms_send_is_text_of_bounded_length() -> None:
    assert forms.text(event(name=" Ada "), "name") == "Ada"
    assert forms.text(event(name="outer", form={"name": "inner"}), "name") == "inner"
    assert forms.text(cast(gr.EventData, SimpleNamespace(_data=None)), "name") == ""
    assert forms.text(event(name=["Ada"], form="x"), "name") == ""
    assert forms.text(event(name="a\ud800b\0c"), "name") == "a?bc"
    with pytest.raises(PlayerError, match="errors.too_long"):
        forms.text(event(name="x" * 201), "name")


def test_a_file_is_had_by_its_address_and_written_anew_each_time() -> None:
    path = downloads.offer(Download("й.csv", "text/csv", lambda: ["a,", "б\r\n"]))
    app = Starlette()
    web = TestClient(Downloads(app))
    answer = web.get(f"/ru/{path}")
    assert (answer.status_code, answer.text) == (200, "a,б\r\n")
    assert web.get(f"/{path}").text == answer.text
    assert "%D0%B9.csv" in answer.headers["content-disposition"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    for wrong in ("/download/", "/download/x", f"/{path}/x", "/"):
        assert web.get(wrong).status_code == 404
