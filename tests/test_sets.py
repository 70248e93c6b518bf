"""Questions that are answered with several options together."""

import pytest

from playground.errors import PlayerError
from playground.levels.dealing import questions
from playground.levels.dealing.questions import Question, Sealed, chosen
from playground.levels.dealing.sets import members, sets
from playground.messages import Message
from tests.ask_parts import level
from tests.kind_parts import cat_bench

ASKED = Question("Which together?", "set", (), ("A", "B", "C"), most=2)


def test_sets_are_numbers_and_the_smallest_come_first() -> None:
    assert sets(3, 2) == (0b001, 0b010, 0b100, 0b011, 0b101, 0b110)
    assert sets(3, 1) == (1, 2, 4)
    assert [members(each) for each in (0b101, 0b010, 0)] == [(0, 2), (1,), ()]


def test_a_set_is_marked_and_the_best_one_is_told() -> None:
    sealed = Sealed(ASKED, 0b110, 1, right=frozenset({0b110, 0b101}))
    marked = {each: questions.mark(level(), cat_bench(), sealed, each) for each in (0b101, 0b011)}
    assert marked[0b101].right and not marked[0b011].right
    assert marked[0b011].key == Message("questions.set", them=("B", "C"))
    assert not questions.mark(level(), cat_bench(), sealed, None).right


def test_more_than_may_be_ticked_is_no_answer() -> None:
    sealed = Sealed(ASKED, 0b110, 1, right=frozenset({0b110}))
    for wrong in (0b111, 0, 8, -1, "B"):
        with pytest.raises(PlayerError):
            questions.mark(level(), cat_bench(), sealed, wrong)


def test_who_guesses_ticks_no_more_than_is_allowed() -> None:
    sealed = Sealed(ASKED, 0b110, 1, right=frozenset({0b110}))
    assert [chosen(sealed, (), lambda count, n=n: n) for n in range(6)] == list(sets(3, 2))
    # One of six answers is right.
    said = questions.sentence([sealed], 1)
    assert said == Message("questions.won", right=1, count=1, chance=1 / 6)
