"""How proofs ended: kept beside the levels, shown on a level's page and in docs/levels.md."""

from dataclasses import replace
from pathlib import Path

import pytest

from playground.atlas import tables
from playground.errors import AuthorError
from playground.levels.__main__ import proofs_that_ship
from playground.levels.kinds import KINDS
from playground.levels.level import RANDOM, REFERENCE, THUMB, WRONG
from playground.levels.proving import fared, ruled
from playground.levels.proving.fared import ByRule, Fared, Odds
from playground.levels.proving.proof import HALF_RIGHT, LUCKY, PLAYABLE, SURE, ProofLine
from playground.levels.proving.table import ModelProofs, page
from playground.levels.shelf import LEVELS, Shelf, proofs_of
from playground.models.registry import choose
from playground.settings import ASSETS, Settings

SHELF = Shelf.load()
FIRST, SECOND = SHELF.levels[:2]


def line(player: str, wins: int, tries: int, wanted: str = "") -> ProofLine:
    return ProofLine(FIRST.id, player, wanted, "", 0.0, True, wins, tries)


LINES = [line(REFERENCE, 1, 1), line(RANDOM, 2, 200), line(REFERENCE, 1, 1), line(RANDOM, 0, 200)]


def test_the_deals_of_a_level_are_counted_together() -> None:
    found = fared.of(FIRST, "a", LINES)
    assert found == Fared(FIRST.version, "a", Odds(2, 2), Odds(2, 400))
    assert found is not None
    assert fared.of(FIRST, "a", [*LINES, line(WRONG, 30, 600)]) == replace(
        found, half_right=Odds(30, 600)
    )
    assert fared.of(SECOND, "a", LINES) is None
    assert fared.of(FIRST, "a", [line(REFERENCE, 0, 1, PLAYABLE)]) is None


def test_they_are_kept_beside_each_other_and_hold_as_long_as_level_and_atlas(
    tmp_path: Path,
) -> None:
    assert fared.read(tmp_path) == {}
    one, other = Fared(FIRST.version, "a", Odds(1, 1)), Fared("older", "a", Odds(1, 1), Odds(0, 5))
    fared.write(tmp_path, {FIRST.id: one})
    fared.write(tmp_path, {SECOND.id: other})
    found = fared.read(tmp_path)
    assert found == {FIRST.id: one, SECOND.id: other}
    assert fared.current(found, SHELF.levels, "a") == {FIRST.id: one}
    assert fared.current(found, SHELF.levels, "b") == {}
    (tmp_path / fared.FILE).write_text('{"x": 1}')
    with pytest.raises(AuthorError, match=r"fared\.json: how the proofs ended cannot be read"):
        fared.read(tmp_path)


def test_rules_of_thumb_are_counted_beside_them() -> None:
    thumb = replace(line(THUMB, 1, 2), rules={"longest": 1, "shortest": 0})
    found = fared.of(FIRST, "a", [*LINES, thumb])
    assert found is not None and found.by_rule == ByRule({"longest": 1}, 2)
    more = replace(found, by_rule=ByRule({"longest": 1, "rarest word": 3}, 4))
    both = found.with_more(more)
    assert both.reference == Odds(4, 4) and both.by_chance == Odds(4, 800)
    assert both.by_rule is not None and both.by_rule.rounds == 6
    assert both.by_rule.best(FIRST) == ("rarest word", 3)
    assert ByRule({}, 3).best(FIRST) == ("", 0)


def test_what_is_there_to_see_is_no_rule_of_thumb() -> None:
    level = SHELF.level("budget-first")
    assert ByRule({"rank 1 of chart 2": 9, "longest": 1}, 9).best(level) == ("longest", 1)


def test_fewer_deals_do_not_take_the_place_of_more(tmp_path: Path) -> None:
    many, few = (Fared(FIRST.version, "a", Odds(n, n), Odds(0, 200 * n)) for n in (20, 3))
    fared.write(tmp_path, {FIRST.id: many})
    fared.write(tmp_path, {FIRST.id: few})
    assert fared.read(tmp_path) == {FIRST.id: many}
    other = replace(few, atlas="b")
    fared.write(tmp_path, {FIRST.id: other})
    assert fared.read(tmp_path) == {FIRST.id: other}


def test_each_model_keeps_its_proofs(tmp_path: Path) -> None:
    """Those of the model that the levels were written on lie beside them."""
    for model, folder in (("pocket", LEVELS), ("gpt2", tmp_path / "models" / "gpt2" / "atlas")):
        assert proofs_of(choose(Settings(model=model, data=tmp_path))) == folder


def test_the_documentation_is_as_generated() -> None:
    path = LEVELS.parent / "docs" / "levels.md"
    if not path.is_file():
        pytest.skip("docs/levels.md is not made yet: python -m playground.levels table")
    models = [*proofs_that_ship(SHELF)]
    assert path.read_text(encoding="utf-8") == page(SHELF.levels, models)


def test_the_page_has_a_row_for_each_level_in_course_order() -> None:
    rule = ByRule({"longest": 1}, 3)
    found = Fared(FIRST.version, "a", Odds(3, 3), Odds(6, 600), Odds(12, 600), rule)
    proofs = ModelProofs("Pocket", {FIRST.id: found}, {})
    rows = page(SHELF.levels, [proofs]).splitlines()[-len(SHELF.levels) :]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows] == [e.id for e in SHELF.levels]
    says = " ".join(goal.says for goal in FIRST.goals)
    assert rows[0] == (
        f"| {FIRST.id} | {FIRST.kind} | {says} | 3 of 3 | 6 of 600 | 12 of 600 | 1 of 3 (longest) "
        "| 0.5% to 2.2% |"
    )
    assert rows[1].endswith("| - | - | - | - | - |")


def test_below_a_table_stand_the_levels_that_are_hidden_there_and_why() -> None:
    proofs = ModelProofs("Other", {}, {FIRST.id: "lost", SECOND.id: "lost"})
    told = page(SHELF.levels, [proofs])
    left = len(SHELF.levels) - 2
    assert f"## Other: {left} of {len(SHELF.levels)} levels" in told
    assert f"| {FIRST.id} |" not in told
    assert told.endswith(f"- its solution does not win: {FIRST.id}, {SECOND.id}\n")


def test_proofs_that_are_kept_hold_and_there_is_one_of_each_kind() -> None:
    """`make levels ARGS="--level SLUG"` proves one anew that was changed; docs/levels.md names
    those that have no proof as they are now."""
    levels, edition = (
        {each.id: each for each in SHELF.levels},
        tables.edition(ASSETS / "pocket" / "atlas"),
    )
    found = fared.current(fared.read(LEVELS), levels.values(), edition)
    assert {levels[id].kind for id in found} == set(KINDS)
    for id, each in found.items():
        assert each.reference.wins >= SURE * each.reference.tries, id
        for odds, most in ((each.by_chance, LUCKY), (each.half_right, HALF_RIGHT)):
            assert odds is None or odds.wins <= most * odds.tries, id
        if each.by_rule:
            assert each.by_rule.best(levels[id])[1] <= ruled.most(each.by_rule.rounds), id
