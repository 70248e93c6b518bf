import math
import random
from collections.abc import Sequence
from typing import Any

from playground.atlas.cards import Detector
from playground.concepts.concepts import load_concepts
from playground.engine.records import METHODS, Dial, Method, Request, Token, Trace
from playground.levels.dealing.candidates import Detected
from playground.levels.dealing.questions import Strip
from playground.levels.kinds import method
from playground.levels.kinds.method import Four
from playground.text.words import Words
from tests.test_kind_control import PAGE as CONTROL

SAY = Words().said

PAGE: dict[str, Any] = {
    **CONTROL,
    "id": "four-methods",
    "kind": "method",
    "rounds": 2,
    "goals": [{"measure": "right", "at_least": 7, "says": "7 of 8 are right."}],
    "stars": {"measure": "right", "two": 7.5, "three": 8},
}
BEFORE = (0.0, 8.0, -0.0, 0.0) * 4


def trace(by: Method, after: Sequence[float], before: Sequence[float] = BEFORE) -> Trace:
    tokens = tuple(
        Token(n, f" w{n}", (one,), (two,))
        for n, (one, two) in enumerate(zip(before, after, strict=True))
    )
    dial = Dial("late", 7, 0.5 if by in ("add", "clamp") else 0.0, by, "all")
    return Trace(Request("A cat sat.", (dial,)), tokens, (-1.0,) * len(tokens), "length")


def four(clamped: float = 11.0) -> Four:
    """As the engine does it: add keeps the 8 on top of 10, clamp does not, the others end at 0."""
    rows = {
        "add": [value + 10 for value in BEFORE],
        "clamp": [clamped if value > 0 else 10.0 for value in BEFORE],
        "ablate": [0.0] * len(BEFORE),
        "project": [-0.0] * len(BEFORE),
    }
    about = Detected(load_concepts()["cats"], Detector("late", 7, 0.99))
    return Four(about, tuple(method.edited(trace(each, rows[each])) for each in METHODS))


def test_the_numbers_tell_all_four() -> None:
    made = four()
    assert made.tells
    assert [method.guess(each) for each in made.replies] == list(METHODS)
    assert [each.touched for each in made.replies] == [16, 16, 4, 16]
    add = made.replies[0]
    assert (add.own, add.lit, add.dark, add.kept) == (8.0, 18.0, 10.0, 1.0)


def test_a_prompt_whose_numbers_do_not_tell_is_left_out() -> None:
    assert not four(clamped=17.0).tells


def test_tokens_out_of_reach_are_left_out() -> None:
    after = (math.nan, 2.0, 2.0)
    reply = method.edited(trace("clamp", after, (math.nan, 0.0, -0.0)))
    assert (reply.tokens, reply.before, reply.after) == ((" w1", " w2"), (0.0, 0.0), (2.0, 2.0))
    assert str(reply.before[1]) == "0.0"
    assert not reply.enough


def test_each_method_is_asked_about_once_in_one_order_of_options() -> None:
    dealt = method.questions(four(), 1, 0.5, random.Random(3))
    assert sorted(str(each.solution) for each in dealt) == ["0", "1", "2", "3"]
    assert len({each.question.options for each in dealt}) == 1
    for each in dealt:
        assert isinstance(each.solution, int) and each.guess == each.solution
        name = SAY(each.question.options[each.solution]).split(":")[0]
        assert SAY(each.why).lower().startswith(name)
        assert name not in SAY(each.question.ask)
        before, after = (e for e in each.question.exhibits if isinstance(e, Strip))
        assert before.top == after.top == 18.0
        assert before.values == tuple(value + 0.0 for value in BEFORE)


def test_the_prompt_is_the_beginning_of_a_text() -> None:
    assert method.opening("One. Two! Three.") == "One. Two!"
    assert len(method.opening("word " * 90).split()) == method.WORDS
