"""The kind `shared`: which sets count, which partner, and when nothing is asked."""

from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any, cast

import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.cards import Hit
from playground.concepts.concepts import load_concepts
from playground.engine.records import Fired, Reading
from playground.errors import AuthorError
from playground.levels.dealing.questions import Portrait
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds.shared import (
    SharedLevel,
    Spread,
    Tables,
    WordShelf,
    lay,
    partner,
    promising,
    whole,
)
from playground.levels.schema import Pick
from playground.text.words import Words
from tests.fake_model import FakeAtlas, FakeEngine
from tests.kind_parts import fields

SAY = Words().said
CATS = load_concepts()["cats"]
# Each feature fires on one word; two on the same one, the last on none of the topic's.
FIRES = {0: "cat", 1: "kitten", 2: "paw", 3: "cat", 4: "cocoa"}


class WordEngine(FakeEngine):
    def read(self, texts: Any, site: str) -> list[Reading]:
        readings = []
        for text in texts:
            tokens = tuple(text.lower().strip(".").split())
            lines = [[(n, 2.0) for n, word in FIRES.items() if word == token] for token in tokens]
            readings.append(Reading(site, tokens, Fired.of(lines)))
        return readings


class WordAtlas(FakeAtlas):
    """Feature 3 fires less often than the other one of its word."""

    def search(self, query: str, site: str | None = None, limit: int = 20) -> list[Any]:
        assert query == "" and limit == len(FIRES)
        return [
            Hit(site or "late", n, word, (f" {word.title()}",), 0.02 - n / 1000)
            for n, word in FIRES.items()
        ]

    def maxima(self, site: str) -> Mapping[int, float]:
        return dict.fromkeys(FIRES, 4.0)


def bench(words: tuple[str, ...] = ("cat", "kitten", "paw")) -> Bench:
    names = ("Max", "Mia", "Ben", "Leo", "Zoe", "Tom", "Ann", "Sam")
    own = [LabelledText(f"{name} saw a {word} here.", True) for word in words for name in names]
    other = [LabelledText(f"{name} went home by {way}.", False) for name in names[:4]
             for way in ("bus", "train", "bike")]  # fmt: skip
    sweet = [LabelledText("There was cocoa.", True)]
    return Bench(WordEngine(), cast(Atlas, WordAtlas()), {"cats": own + other, "chocolate": sweet})


def spread(*about: tuple[float, ...]) -> Spread:
    picks = tuple(Pick("late", n) for n in range(len(about)))
    return Spread(CATS, picks, about, ((0.0,) * 12,) * len(about))


def row(*found: int) -> tuple[float, ...]:
    return tuple(1.0 if n in found else 0.0 for n in range(24))


SHARED = spread(row(*range(12)), row(*range(8, 18)), row(*range(18, 24)), row(*range(10)), row(23))
SHELF = WordShelf.of(bench(), "late")


def test_one_feature_of_each_word_comes_first() -> None:
    assert [hit.index for hit in SHELF.sharing(CATS)] == [0, 1, 2, 3]


def test_a_set_counts_that_is_as_good_as_the_best_and_better_than_one() -> None:
    assert SHARED.single == 0b00001 and SHARED.best == 0b00111
    assert SHARED.sets[SHARED.best].auroc == 1.0
    assert 0b00111 in SHARED.right and 0b00011 not in SHARED.right and 0b00001 not in SHARED.right
    sealed = whole(SHARED)
    assert sealed is not None
    assert sealed.solution == 0b00111 and sealed.guess == 0b00001
    assert sealed.question.form == "set" and sealed.question.most == 3
    assert "A, B and C reach an AUROC of 100 of 100, A alone, the best single one, 75" in SAY(
        sealed.why
    )


def test_nothing_is_asked_where_one_feature_is_enough() -> None:
    assert whole(spread(row(*range(24)), row(1), row(2), row(3), row(4))) is None


def test_the_partner_finds_what_the_best_one_misses() -> None:
    table = spread(row(*range(12)), row(*range(11)), row(*range(12, 22)), row(23), row())
    sealed = partner(table)
    assert sealed is not None
    assert sealed.question.options == ("B", "C", "D", "E")
    assert sealed.solution == 1 and sealed.guess == 0  # B finds more, and nothing new
    assert SAY(sealed.why).startswith(
        "In 12 of 24 unseen sentences about cats A stays under 20% of its highest activation"
    )
    tied = spread(row(*range(12)), row(*range(12, 18)), row(*range(18, 24)), row(), row())
    assert partner(tied) is None


def test_a_glance_promises_where_some_lead_shows() -> None:
    assert promising("set", SHARED) and not promising("partner", SHARED)  # two catch six each
    lead = spread(row(*range(12)), row(12, 13), row(*range(11)), row(), row())
    assert promising("partner", lead) and not promising("set", lead)


def test_the_table_has_features_of_the_topic_and_a_stranger() -> None:
    laid = lay(bench(), "cats", SHELF, Random(1))
    assert laid is not None
    table = laid.measured(bench(), laid.glanced(bench()))
    assert sorted(pick.feature for pick in table.picks) == [0, 1, 2, 3, 4]
    assert len(table.about[0]) == 24 and len(table.others[0]) == 12
    assert max(table.about[0]) in (0.0, 0.5)  # of the highest, 4
    assert len(laid.glanced(bench()).about[0]) == 20
    assert lay(bench(("cat",)), "cats", SHELF, Random(1)) is None


def test_what_the_words_let_hope_for_is_read_first() -> None:
    laid = lay(bench(), "cats", SHELF, Random(1))
    assert laid is not None
    dull = replace(laid, hits=laid.hits[:1] * 5, highest=laid.highest[:1] * 5)
    table, glance = next(Tables(bench(), iter([dull, laid, dull])).likely("set"))
    assert table is laid and glance == laid.glanced(bench())
    rather = Tables(bench(), iter([dull])).likely("set")  # than nothing
    assert [table for table, _ in rather] == [dull]


def level(**more: object) -> SharedLevel:
    return SharedLevel.model_validate({**fields("shared", 1, 1, 1, 2), **more})


def test_a_level_deals_the_same_again_and_says_what_is_missing() -> None:
    (sealed,) = level(asks=("set",)).deal(bench(), 2)
    assert list(level(asks=("set",)).deal(bench(), 2)) == [sealed]
    assert all(isinstance(each, Portrait) and not each.named for each in sealed.question.exhibits)
    with pytest.raises(AuthorError, match="level example: needs 1 topics that several features"):
        next(level().deal(bench(("cat",)), 0))
