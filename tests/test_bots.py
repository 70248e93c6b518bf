"""The greedy players on the fake model, and the table that tells how everybody fared."""

from typing import Any, cast

import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.cards import Hit
from playground.levels.dealing import steering
from playground.levels.judging import Bench
from playground.levels.kinds import hunt
from playground.levels.level import GREEDY, REFERENCE
from playground.levels.proving.proof import ProofLine
from playground.levels.proving.table import table
from playground.levels.schema import Pick
from playground.levels.shelf import Shelf
from tests.fake_model import CAT, COCOA, FakeAtlas, FakeEngine
from tests.steered_levels import variant


class SearchedAtlas(FakeAtlas):
    def search(self, query: str, site: str | None = None, limit: int = 20) -> list[Any]:
        feature = {"chocolate": COCOA, "cats": CAT}[query.lower()]
        return [Hit(where, feature, query, (), 0.1) for where in ("middle", "late")]


@pytest.fixture
def bench() -> Bench:
    return Bench(FakeEngine(), cast(Atlas, SearchedAtlas()), {})


@pytest.fixture
def chocolate() -> Any:
    level = Shelf.load().level("steer-chocolate")
    return level.model_copy(update={"sites": ("early", "late"), "max_strength": 3.0})


def test_a_hunter_takes_what_fires_on_the_topic_only(bench: Bench) -> None:
    cats: Any = Shelf.load().level("find-cats")
    examples = ("the kitten and the train", "the train with cocoa")
    level = cats.model_copy(update={"examples": examples, "sites": ("middle", "late")})
    assert hunt.hunted(level, bench) == Pick("late", CAT)
    assert hunt.hunted(level.model_copy(update={"sites": ("middle",)}), bench) is None


def test_a_hunter_knows_words_of_the_topic_that_no_example_has(bench: Bench) -> None:
    cats: Any = Shelf.load().level("find-cats")
    level = cats.model_copy(update={"examples": ("cocoa", "cocoa"), "sites": ("late",)})
    assert hunt.hunted(level, bench) == Pick("late", CAT)


def test_a_dial_is_turned_by_halves(bench: Bench, chocolate: Any) -> None:
    verdict = steering.halving(chocolate, bench)
    assert verdict is not None
    # 1.5 breaks the text, 0.75 brings the topic.
    assert (verdict.won, verdict.dials[0].strength) == (True, 0.75)
    assert (verdict.dials[0].site, verdict.dials[0].feature) == ("late", COCOA)


def test_two_dials_are_turned_alike(bench: Bench, chocolate: Any) -> None:
    verdict = steering.halving(variant(chocolate, "blend"), bench)
    assert verdict is not None
    assert [(d.feature, d.strength) for d in verdict.dials] == [(COCOA, 0.75), (CAT, 0.75)]


def test_what_is_taken_out_is_first_tried_at_0(bench: Bench, chocolate: Any) -> None:
    goals = ({"measure": "removed", "at_least": 80, "says": "No chocolate."},)
    level = variant(chocolate, "suppress", goals=goals, dials=1)
    verdict = steering.halving(level, bench)
    assert verdict is not None
    assert (verdict.won, verdict.dials[0].strength) == (True, 0.0)


def test_a_search_without_hits_is_no_attempt(chocolate: Any) -> None:
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})
    assert steering.halving(chocolate, bench) is None


def test_the_table_has_a_row_for_each_level_and_a_line_for_each_player() -> None:
    levels = Shelf.load().levels[:2]
    first, second = (level.id for level in levels)
    lines = [
        ProofLine(first, REFERENCE, "2 stars", "3 stars", 100.0, True, 1),
        ProofLine(first, GREEDY, "told, not asked", "lost", 50.0, True),
        ProofLine(first, "random", "wins at most 10 of 200", "won 2 of 200", 50.0, True, 2, 200),
        ProofLine(second, REFERENCE, "2 stars", "0 stars", 0.0, False),
    ]
    rows = [line.split() for line in table(levels, lines)]
    assert rows[1] == [first, levels[0].kind, "2", "1/1", "0/1", "2/200", "-", "proven"]
    assert rows[2] == [second, levels[1].kind, "3", "0/1", "-", "-", "-", "FAILED"]
    assert [" ".join(row) for row in rows[3:]] == [
        "reference: wins 50.0% of its tries in 2 levels",
        "greedy: wins 0.0% of its tries in 1 levels",
        "random: wins 1.0% of its tries in 1 levels",
    ]
