"""Rules of thumb: what each says, how often one may win, and that none wins what ships."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace

import pytest

from playground.levels.dealing import deals, thumb
from playground.levels.dealing.fairness import PATIENCE, first_of_each
from playground.levels.dealing.questions import AskLevel, Bars, Cell, Grid, Question, Sealed, Strip
from playground.levels.kinds.spot import SpotLevel
from playground.levels.proving import ruled
from playground.levels.shelf import Shelf, proofs_of
from playground.messages import Message
from playground.models.registry import choose
from playground.settings import Settings
from tests.kind_parts import fields

LEVEL = SpotLevel.model_validate(fields("spot", 4, 3, 3, 4))  # 3 of 4 win it
NAMES = ("cat", "a black cat", "elephants")
CHART = Bars(tuple(zip(NAMES, (3.0, 1.0, 2.0), strict=True)), "points", 3.0)
SHARES = {"A": 0.2, "B": 0.9, "C": 0.5}
MAP = Grid(("head",), tuple((each, (Cell("", 0.1), Cell("", SHARES[each]))) for each in SHARES))
ASKED = Question("Which cat is black?", "choose", (CHART, MAP), NAMES)
COMMON = Counter({"cat": 9, "a": 99, "black": 5})


def sealed(right: int) -> Sealed:
    return Sealed(ASKED, right, right, right=frozenset({right}))


def test_who_goes_by_numbers_takes_a_rank_of_a_chart() -> None:
    said = thumb.by_numbers(ASKED)
    assert [said[f"rank {n} of chart 1"] for n in (1, 2, 3)] == [0, 2, 1]
    assert [said[f"rank {n} of chart 2"] for n in (1, 2, 3)] == [1, 2, 0]
    numbered = replace(ASKED, exhibits=(), options=("block 2", Message("x.y", block=7), "0.5"))
    assert thumb.by_numbers(numbered) == {
        "rank 1 of chart 1": 1, "rank 2 of chart 1": 0, "rank 3 of chart 1": 2,
    }  # fmt: skip
    assert thumb.by_numbers(replace(ASKED, form="set", most=2, exhibits=(CHART,))) == {
        "most of chart 1": 0b101
    }


def test_who_goes_by_words_takes_the_longest_the_rarest_or_what_the_question_says() -> None:
    said = thumb.by_words(ASKED, [*NAMES, "cat"], COMMON.__getitem__)
    assert said == {
        "longest": 1, "shortest": 0, "echoes the question": 1, "echoes it least": 0,
        "offered most often": 0, "offered least often": 1, "most like the others": 0,
        "least like the others": 2, "commonest word": 0, "rarest word": 2,
    }  # fmt: skip


def test_a_round_is_answered_by_each_rule_and_a_written_one_by_none() -> None:
    token = replace(ASKED, form="token", exhibits=(Strip((" a", " kitten")),), options=())
    dealt = [sealed(0), Sealed(token, 1, 1, right=frozenset({1}))]
    sheets = thumb.answered(dealt, COMMON.__getitem__)
    assert sheets["longest"] == [1, 1]
    assert sheets["rank 1 of chart 1"] == [0, 0]  # the other question has no chart
    written = Sealed(replace(ASKED, form="write", words=9), "x", "y")
    assert thumb.answered([sealed(0), written], COMMON.__getitem__) == {}


def test_so_many_wins_may_be_luck() -> None:
    assert [ruled.most(deals) for deals in (1, 3, 20)] == [1, 2, 5]
    assert ruled.at_least(1, 2) == pytest.approx(1 - 0.95**2)


def test_no_round_is_dealt_that_the_largest_number_wins() -> None:
    """Three right answers of four win; the third question that it has right is passed over."""
    tries = [[sealed(0)], [sealed(0)], [None, sealed(0), sealed(2)], [sealed(0), sealed(1)]]
    found = first_of_each(LEVEL, tries, "questions")
    assert [each.solution for each in found] == [0, 0, 2, 1]


def test_where_there_is_nothing_else_such_a_round_is_dealt_all_the_same() -> None:
    more = iter([sealed(0)] * (PATIENCE + 3))
    found = first_of_each(LEVEL, [[sealed(0)], [sealed(0)], more], "questions")
    assert [each.solution for each in found] == [0, 0, 0]
    assert len([*more]) == 3  # nor is it looked for for ever


def rounds_that_ship() -> Iterator[tuple[AskLevel, list[Sealed]]]:
    """Of both models."""
    shelf = Shelf.load()
    for model in ("pocket", "smollm2"):
        kept = deals.read_shipped(proofs_of(choose(Settings(model=model))))
        rounds = defaultdict[tuple[str, str], dict[int, Sealed]](dict)
        for key, each in kept.items():
            *_, level, _, seed, number = key.split("/")
            rounds[level, seed][int(number)] = deals.SEALED.validate_python(each)
        for (id, _), found in rounds.items():
            level = shelf.level(id)
            assert isinstance(level, AskLevel)
            yield level, [found[n] for n in sorted(found)]


def test_of_the_rounds_that_ship_no_rule_wins_more_than_luck_would() -> None:
    """Kind by kind, over all rounds of its levels."""
    wins, rounds = defaultdict[str, Counter[str]](Counter), Counter[str]()
    for level, dealt in rounds_that_ship():
        need = max(goal.at_least or 0 for goal in level.goals)
        sheets = thumb.answered(dealt, len)
        rounds[level.word] += bool(sheets)
        for rule, sheet in sheets.items():
            right = sum(a in each.right for a, each in zip(sheet, dealt, strict=True))
            wins[level.word][rule] += right >= need and rule not in level.telling
    assert len(rounds) > 20
    too_many = {
        (kind, rule): (count, rounds[kind])
        for kind, found in wins.items()
        for rule, count in found.items()
        if count > ruled.most(rounds[kind])
    }
    assert not too_many
