"""What `levels check` found on a model: kept beside its atlas, and how the course goes on without
the levels that cannot be played there."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from playground import settings
from playground.atlas import tables
from playground.errors import AuthorError
from playground.game import coursemap, exam
from playground.levels import playable
from playground.levels.__main__ import told
from playground.levels.level import REFERENCE, TEXTS, WRONG
from playground.levels.playable import Reason
from playground.levels.proving.proof import PLAYABLE, ProofLine, detail, reason
from playground.levels.shelf import Shelf
from playground.models import registry
from playground.screens.pages import home
from playground.settings import PACKAGED, SHIPPED
from playground.store.records import Best
from playground.text.words import Words

SHELF = Shelf.load()
FIRST, SECOND, THIRD = SHELF.levels[:3]


def line(level: str, player: str = REFERENCE, passed: bool = True, wanted: str = "") -> ProofLine:
    return ProofLine(level, player, wanted, "", 0.0, passed)


@pytest.fixture
def atlas(tmp_path: Path) -> Path:
    (tmp_path / tables.META).write_text("{}")
    (tmp_path / tables.CONCEPTS).write_text("[]")
    return tmp_path


def test_the_reason_is_the_gravest() -> None:
    other = line(SECOND.id, passed=False, wanted=PLAYABLE)

    def found(*lines: ProofLine) -> str | None:
        return reason(FIRST, [*lines, other])

    assert found(line(FIRST.id), line(FIRST.id, "random")) is None
    assert found(line(FIRST.id, passed=False, wanted=PLAYABLE)) == "lacking"
    assert found(line(FIRST.id, "random", False), line(FIRST.id, passed=False)) == "lost"
    assert found(line(FIRST.id), line(FIRST.id, "nothing", False)) == "blind"
    one_star = replace(line(FIRST.id, passed=False), wins=1)
    assert found(one_star, line(FIRST.id, TEXTS, False), line(FIRST.id, WRONG, False)) is None
    assert found(replace(one_star, wins=100, tries=201)) == "lost"


def test_what_is_missing_is_said_of_each_level() -> None:
    lacking = replace(
        line(FIRST.id, passed=False, wanted=PLAYABLE),
        found=f"level {FIRST.id}: needs 3 concepts with a recipe; this model's atlas has 1",
    )
    blind = replace(
        line(SECOND.id, "random", False, "wins at most 10 of 200"), found="won 30 of 200"
    )
    said = {e.id: detail(e, [lacking, line(SECOND.id), blind]) for e in (FIRST, SECOND)}
    assert said == {
        FIRST.id: "needs 3 concepts with a recipe; this model's atlas has 1",
        SECOND.id: "random: won 30 of 200, where wanted: wins at most 10 of 200",
    }
    missing: dict[str, Reason] = {FIRST.id: "lacking", SECOND.id: "blind"}
    assert list(told([FIRST, SECOND, THIRD], missing, said)) == [
        "1 of 3 levels can be played on this model:",
        f"  {THIRD.id}",
        "and these cannot:",
        "  1: the atlas has no feature, recipe or text that it needs",
        f"    {FIRST.id}: {said[FIRST.id]}",
        "  1: somebody wins it without insight",
        f"    {SECOND.id}: {said[SECOND.id]}",
    ]


def test_findings_come_back_and_are_added_to(atlas: Path) -> None:
    assert playable.read(atlas, SHELF.levels) == playable.Playable()
    playable.write(atlas, [(FIRST, None), (SECOND, "lost")])
    playable.write(atlas, [(THIRD, None)])
    found = playable.read(atlas, SHELF.levels)
    assert found.missing == {SECOND.id: "lost"}
    assert found.checked == {FIRST.id, SECOND.id, THIRD.id}


def test_an_edited_level_and_a_new_atlas_count_as_unchecked(atlas: Path) -> None:
    playable.write(atlas, [(FIRST, "lost")])
    edited = FIRST.model_copy(update={"minutes": FIRST.minutes + 1})
    assert playable.read(atlas, [edited]) == playable.Playable()
    (atlas / tables.META).write_text('{"seed": 1}')
    assert playable.read(atlas, [FIRST]) == playable.Playable()


@pytest.mark.parametrize(
    "change",
    [
        lambda found: "no table",
        lambda found: found | {"levels": {"x": {"sum": "1", "reason": "bored"}}},
        lambda found: found | {"levels": {"x": {"sum": 1, "reason": None}}},
        lambda found: found | {"levels": {"x": None}},
    ],
)
def test_a_damaged_file_is_named(atlas: Path, change: object) -> None:
    assert callable(change)
    playable.write(atlas, [(FIRST, None)])
    path = atlas / playable.FILE
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(AuthorError, match=r"levels\.json: not the findings of a check"):
        playable.read(atlas, [FIRST])


def test_what_cannot_be_played_is_in_nobodys_way() -> None:
    need = next(level for level in SHELF.levels if level.needs).needs[0]
    after = [level for level in SHELF.levels if level.needs == (need,)]
    shelf = replace(SHELF, missing={need: "lost"})
    drawn = {m.id: m for chapter in coursemap.draw(shelf, {}).chapters for m in chapter.marks}
    assert (drawn[need].state, drawn[need].why) == ("missing", "lost")
    assert after
    assert all(drawn[level.id].state == "open" for level in after)
    assert coursemap.draw(shelf, {}).levels == len(SHELF.levels) - 1
    before = SHELF.levels[[level.id for level in SHELF.levels].index(need) - 1]
    assert shelf.after(before.id) != need
    assert shelf.told_in("ru").missing == shelf.missing


def test_without_what_it_needs_a_hard_level_waits_for_the_nearest_before_that() -> None:
    """SmolLM2 plays none of the first steering levels: methods and breaking would open at once."""
    found = registry.choose(settings.load().model_copy(update={"model": PACKAGED}))
    shelf = replace(SHELF, missing=playable.of(found, SHELF.levels).missing)
    assert {"steer-birds", "find-cats"} <= shelf.missing.keys()
    nearest = shelf.needed(shelf.level("method-first"))
    assert [shelf.level(id).difficulty <= 2 for id in nearest] == [True]
    marks = [mark for chapter in coursemap.draw(shelf, {}).chapters for mark in chapter.marks]
    begin = [mark for mark in marks if mark.state == "open"]
    assert 3 <= len(begin) <= 8 and max(mark.difficulty for mark in begin) <= 2
    # One after the other, all of it opens.
    won = dict[str, Best]()
    while (next := coursemap.draw(shelf, won).next) is not None:
        won[next] = Best(next, True, 1, 50.0, 1)
    assert won.keys() == {mark.id for mark in marks if mark.state != "missing"}


def test_half_of_what_can_be_played_opens_the_exam() -> None:
    chapter = SHELF.chapters[0]
    gone = dict.fromkeys(chapter.levels[1:], "lacking")
    shelf = replace(SHELF, missing=gone)
    needs = dict(exam.needs(shelf, {}))
    assert chapter.title not in needs  # half of one, rounded to the even number, is none
    won = {id: Best(id, True, 1, 50.0, 1) for id in chapter.levels}
    assert chapter.title not in dict(exam.needs(SHELF, won))
    assert dict(exam.needs(SHELF, {}))[chapter.title] == round(exam.OPENS * len(chapter.levels))


def test_on_a_model_that_ships_what_nobody_tried_is_hidden(atlas: Path) -> None:
    """But what was written on it."""
    playable.write(atlas, [(FIRST, None), (SECOND, "lost")])
    found = playable.shipped(atlas, (FIRST, SECOND, THIRD), "other").missing
    assert found == {SECOND.id: "lost", THIRD.id: "unproven"}
    assert THIRD.written_on == SHIPPED
    assert playable.shipped(atlas, (FIRST, THIRD), SHIPPED).missing == {}


# -- a chapter of which a model can play nothing ---------------------------------------------------
GUESTS = [level for level in SHELF.levels if level.written_on != SHIPPED]


def test_what_is_about_talking_is_hidden_on_a_model_that_does_not_chat() -> None:
    """Even where it could be won: half of a chapter about answers would stand on its map."""
    known = settings.load().model_copy(update={"model": SHIPPED})
    found = playable.of(registry.choose(known), SHELF.levels)
    assert found.missing == dict.fromkeys((level.id for level in GUESTS), "mute")
    talks = registry.choose(known.model_copy(update={"model": PACKAGED}))
    assert "mute" not in playable.of(talks, SHELF.levels).missing.values()


def test_such_a_chapter_is_neither_drawn_nor_asked_for() -> None:
    """Everything else won is everything: for the map, the cat and the exam."""
    (chapter,) = (each for each in SHELF.chapters if GUESTS[0].id in each.levels)
    shelf = replace(SHELF, missing=dict.fromkeys(chapter.levels, "lacking"))
    others = [level.id for level in SHELF.levels if level.id not in shelf.missing]
    won = {id: Best(id, True, 3, 100.0, 1) for id in others}
    drawn, needs = coursemap.draw(shelf, won), exam.needs(shelf, won)
    assert (drawn.won, drawn.levels, drawn.next) == (len(others), len(others), None)
    assert (drawn.stars, needs) == (drawn.stars_total, ())
    assert chapter.title not in dict(exam.needs(shelf, {}))
    page = home.draw(Words(), drawn, None, exam.taken({}, won, needs, shelf.level, ()))
    heads = re.findall(r"<h2(?: id=\"levels\")?>([^<]+)</h2>", page)
    assert [each.title for each in SHELF.chapters if each.title in heads] == [
        each.title for each in SHELF.chapters if each != chapter
    ]
    assert "absent" not in page


def test_a_chapter_of_which_a_little_can_be_played_says_what_cannot() -> None:
    chapter = SHELF.chapters[0]
    shelf = replace(SHELF, missing=dict.fromkeys(chapter.levels[1:], "lost"))
    drawn = coursemap.draw(shelf, {})
    page = home.draw(Words(), drawn, None, exam.taken({}, {}, (), shelf.level, ()))
    assert 'href="chat"' not in page
    talks = home.draw(Words(), drawn, None, exam.taken({}, {}, (), shelf.level, ()), True)
    assert 'href="chat"' in talks
    assert f'<h2 id="levels">{chapter.title}</h2>' in page  # to which a class is led
    (folded,) = re.findall(r"<details class=\"absent\">.*?</details>", page, re.S)
    assert f"{len(chapter.levels) - 1} more levels are not on this model" in folded
    assert folded.count("the solution we know does not win here") == len(chapter.levels) - 1
