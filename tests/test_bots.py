"""The greedy players on the fake model, and the table that tells how everybody fared."""

from typing import Any, cast

import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.cards import Hit
from playground.levels.dealing import rehearsing
from playground.levels.dealing.steered import Turn
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


def test_who_trusts_a_search_takes_its_first_hits_and_the_middle(
    bench: Bench, chocolate: Any
) -> None:
    cocoa, cat = (Turn(Pick("late", feature), 1.5) for feature in (COCOA, CAT))
    assert rehearsing.searched(chocolate, bench) == (cocoa,)
    assert rehearsing.searched(variant(chocolate, "blend"), bench) == (cocoa, cat)
    unknown = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})
    assert rehearsing.searched(chocolate, unknown) == ()


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
