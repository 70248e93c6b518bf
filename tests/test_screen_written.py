"""The pages on which instructors write levels, without a browser: fields and text, what is kept,
what is said of a check, files, texts of whoever writes there."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from playground.atlas.atlas import Atlas
from playground.errors import PlayerError
from playground.game.game import Game
from playground.game.teaching import Teacher
from playground.levels import fields, written
from playground.levels.dealing.questions import AskLevel
from playground.levels.judging import Bench
from playground.levels.kinds import KINDS
from playground.levels.level import RANDOM, REFERENCE
from playground.levels.level import TEXTS as OF_SOLUTION
from playground.levels.proving.mending import mending
from playground.levels.proving.proof import PLAYABLE, ProofLine
from playground.levels.shelf import Shelf
from playground.screens.downloads import Downloads
from playground.screens.parts import class_views
from playground.screens.parts.class_views import OpenClass
from playground.screens.stage import Stage
from playground.store.records import SchoolClass
from playground.store.store import Store
from playground.store.written import TEXT_MOST
from playground.text import tomlfile
from playground.text.language import LANGUAGES, SOURCE
from playground.text.words import Words
from tests.fake_model import FakeAtlas, FakeEngine
from tests.stages import stage_of
from tests.test_screen_class import EVIL, SECRET, TEXTS, acted, told

CATS, RUSSIAN = written.copied(Shelf.load(), "find-cats")
ODD: list[object] = ["", "x", None, 5, [], {"a": 1}, "own-x", "../../etc/passwd", "\0", "\ud800"]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), TEXTS)
    game = Game.of(bench, Store.open(f"sqlite:///{tmp_path / 'p.db'}"), Shelf.load(), secret=SECRET)
    made = stage_of(game)
    yield Stage(
        game, made.words, made.manifest, made.offer, made.offers, {game.model: game}
    )  # fmt: skip
    game.close()


@pytest.fixture
def teacher(stage: Stage) -> Teacher:
    return stage.game.teaching.known(stage.game.teaching.enter(SECRET, "1.2.3.4"))


@pytest.fixture
def school(teacher: Teacher, stage: Stage) -> SchoolClass:
    return teacher.classes.create(EVIL, stage.game.model, "Europe/Berlin")


def form_of(draft: str, told: str = "") -> dict[str, str]:
    data = tomlfile.read_text(written.FILE, draft)
    own = fields.of_level(KINDS[data["kind"]], data, ("cats", "chocolate"))
    other = fields.of_translation(tomlfile.read_text(written.SIBLING, told))
    return fields.sent_of([*own, *other])


def test_a_level_is_written_in_fields_and_as_text(
    stage: Stage, teacher: Teacher, school: SchoolClass
) -> None:
    writing = stage.game.writing
    said, shown = acted(stage, teacher, school, act="level_begin", form={"source": "find-cats"})
    assert "Here it is" in said and 'name="goals.0.says"' in shown
    (desk,) = writing.desks(school)
    id = desk.row.level
    assert f"&amp;level={id}" in shown and "The cat detector" in shown
    here = {"level": id, "editor": "fields"}
    unchanged = {**here, **form_of(CATS, RUSSIAN)}
    _, shown = acted(stage, teacher, school, act="level_keep", form=unchanged)
    assert writing.desk(school, id).row == desk.row  # not written anew
    _, shown = acted(
        stage, teacher, school, act="level_keep", form={**unchanged, "title": "Ours"}, then="text"
    )
    assert 'name="draft"' in shown and 'title = "Ours"' in shown.replace("&#34;", '"')
    text = {"level": id, "editor": "text", "draft": "kind =", "told": RUSSIAN}
    _, shown = acted(stage, teacher, school, act="level_keep", form=text, then="fields")
    assert "is no TOML" in shown and 'name="draft"' in shown  # there are no fields to show it in
    assert writing.desk(school, id).row.draft == "kind ="
    for act in ("level_check", "level_try", "level_publish"):
        with pytest.raises(PlayerError, match="written.wrong"):
            acted(stage, teacher, school, act=act, form=text)
    _, shown = acted(stage, teacher, school, act="level_keep", form={**text, "draft": CATS})
    assert "is no TOML" not in shown
    with pytest.raises(PlayerError, match="written.unproven"):
        acted(stage, teacher, school, act="level_publish", form={"level": id})
    link, _ = acted(stage, teacher, school, act="level_try", form={"level": id})
    assert f'href="hunt?level={desk.row.trial}"' in link
    said, shown = acted(stage, teacher, school, act="level_delete", form={"level": id})
    assert "has been deleted" in said and id not in shown and writing.desks(school) == []


def test_every_kind_has_its_fields_in_every_language(
    stage: Stage, teacher: Teacher, school: SchoolClass
) -> None:
    first = {kind: next(e.id for e in Shelf.load().levels if e.kind == kind) for kind in KINDS}
    desks = [stage.game.writing.begin(school, id, Shelf.load()) for id in first.values()]
    blank, shown = stage.game.writing.begin(school, "steer", Shelf.load()), ""
    for language in LANGUAGES:
        here = told(stage, language)
        for desk in [*desks, blank]:
            query = {"view": "levels", "level": desk.row.level}
            shown = str(class_views.draw(OpenClass(here, teacher, school, query)))
            assert 'name="goals.0.measure"' in shown and "<b onclick" not in shown
    assert "`title` is missing" in shown


def test_a_check_is_told_of_and_what_it_found_stays(
    stage: Stage, teacher: Teacher, school: SchoolClass
) -> None:
    id = stage.game.writing.take_in(school, CATS, "").row.level
    said, _ = acted(stage, teacher, school, act="level_check", form={"level": id})
    assert "Its own solution" in said and "won 1 of 1" in said and "level_stop" not in said
    again, _ = acted(stage, teacher, school, act="level_watch", form={"level": id})
    assert again == said
    assert f'data-instead="state-{id}"' in said  # the level's own status follows
    query = {"view": "levels", "level": id}
    shown = str(class_views.draw(OpenClass(stage, teacher, school, query)))
    assert f'id="state-{id}"' in shown and "Next: check it" not in shown
    proof = stage.game.writing.desk(school, id).proof
    assert proof is not None
    assert ("passed its check" if proof.holds else "failed its check") in shown


def test_a_check_that_fails_names_the_field_and_what_stands_in_it() -> None:
    hunt, round = (Shelf.load().level(id) for id in ("find-cats", "spot-first"))
    assert isinstance(round, AskLevel)
    lacking = ProofLine("x", REFERENCE, PLAYABLE, "level find-cats: no detector", 0.0, False)
    for level, line, *says in (
        (hunt, lacking, "no detector. Choose", "“Concept it is about” (now cats)", "middle"),
        (hunt, made(REFERENCE, 0, 1), "“Goal” asks for auroc ≥", "came to 61 of 100", "Solution"),
        (hunt, made(REFERENCE, 1, 1), "“Two stars from” is 0.", "earns one star"),
        (hunt, made(OF_SOLUTION, 1, 3), "“Texts in which the feature fires”: in 2 of 3"),
        (hunt, made(RANDOM, 9, 20), "without insight", "narrower “Concept it is about”"),
        (round, made(RANDOM, 9, 20), f"“Questions” is {round.rounds}"),
    ):
        for language in LANGUAGES:
            told = Words.of(language)(mending(level, line))
            assert "{" not in told
            assert language != SOURCE or not [each for each in says if each not in told], told


def made(player: str, wins: int, tries: int) -> ProofLine:
    return ProofLine("x", player, "", "", 61.2, False, wins, tries)


def test_its_files_are_had_and_taken_in_again(
    stage: Stage, teacher: Teacher, school: SchoolClass
) -> None:
    form = {"draft": CATS, "told": RUSSIAN}
    acted(stage, teacher, school, act="level_take_in", form=form)
    (desk,) = stage.game.writing.desks(school)
    assert (desk.row.draft, desk.row.told) == (CATS.strip(), RUSSIAN.strip())
    web = TestClient(Downloads(Starlette()))
    for sort, text in (("level", CATS), ("told", RUSSIAN)):
        given = {"act": "level_file", "sort": sort, "form": {"level": desk.row.level}}
        said, _ = acted(stage, teacher, school, **given)
        path = said.split('href="')[1].split('"')[0]
        answer = web.get(f"/{path}")
        assert answer.text == text.strip()
        assert answer.headers["content-type"].startswith("application/toml")
    with pytest.raises(PlayerError, match="written.empty"):
        acted(stage, teacher, school, act="level_take_in", form={"draft": " "})
    with pytest.raises(PlayerError, match="errors.too_long"):
        acted(stage, teacher, school, act="level_take_in", form={"draft": "x" * (TEXT_MOST + 1)})
    long = {"level": desk.row.level, "editor": "fields", "brief": "x" * 50_000}
    with pytest.raises(PlayerError, match="errors.too_long"):
        acted(stage, teacher, school, act="level_keep", form=long)


def test_texts_of_levels_are_no_markup(stage: Stage, teacher: Teacher, school: SchoolClass) -> None:
    quoted = EVIL.replace('"', '\\"')
    hostile = CATS.replace("The cat detector", quoted).replace("Write about cats", quoted)
    assert hostile.count(quoted) == 2
    desk = stage.game.writing.take_in(school, hostile, "x = " + EVIL)
    other = stage.game.writing.take_in(school, hostile, "")
    queries = [{"view": "levels"}, {"view": "levels", "level": "<b onclick>"}, {"view": "plan"}]
    for each in (desk, other):
        here = {"view": "levels", "level": each.row.level}
        queries += [here, {**here, "as": "text"}]
    for query in queries:
        assert "<b onclick" not in str(class_views.draw(OpenClass(stage, teacher, school, query)))
    said, _ = acted(stage, teacher, school, act="level_try", form={"level": other.row.level})
    assert "<b onclick" not in said


@pytest.mark.parametrize("odd", ODD)
def test_whatever_is_sent_is_refused_or_read_as_text(
    stage: Stage, teacher: Teacher, school: SchoolClass, odd: object
) -> None:
    id = stage.game.writing.take_in(school, CATS, "").row.level
    acts = ("begin", "keep", "check", "watch", "stop", "try", "publish", "withdraw", "delete")
    for act in (*acts, "file", "nonsense"):
        with pytest.raises(PlayerError):
            acted(stage, teacher, school, act=f"level_{act}", level=odd, source=odd)
    form = {"level": id, "editor": "fields", **{f"goals.{n}.says": odd for n in range(9)}}
    try:
        acted(stage, teacher, school, act="level_keep", form={**form, "sites/x": odd, "title": odd})
    except PlayerError as error:
        assert error.said.key == "written.unreadable"
    assert stage.game.writing.desk(school, id).row.level == id
