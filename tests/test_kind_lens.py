"""Levels about the logit lens, on a fake model of four blocks that is certain of few words."""

import random
from collections.abc import Sequence
from typing import Any, cast

import pytest

from playground.atlas.atlas import Atlas
from playground.engine.records import Alternative, Lens
from playground.errors import AuthorError
from playground.levels.dealing import moments
from playground.levels.dealing.questions import Grid, Reply, Sealed
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds.lens import LensLevel, MomentPool, shown_blocks
from playground.text.words import Words
from tests.fake_model import FakeAtlas, FakeEngine
from tests.kind_parts import fields

SAY = Words().said
# After which of the four blocks the word leads, and what leads where it does not.
LEADS = {
    "kitten": ("ynyy", "window"),
    "purple": ("yyyy", "window"),
    "carried": ("nnny", "table"),
    "winter": ("nnyy", "chair"),
    "lantern": ("nnny", "candle"),
    "harbour": ("yyyy", "candle"),
    "cousin": ("nnyy", "uncle"),
    "garden": ("yyyy", "forest"),
    "meadow": ("nnny", "forest"),
}
CLEAR = ("was", "saw")  # what it has a clear guess at, and is not certain of
HEAD = "On a day like any other we all went out to see what there was and saw one"


class LensEngine(FakeEngine):
    """tie: how likely the second guess is."""

    tie = 0.1

    def lens(self, texts: Sequence[str], last: int, end: bool = False) -> list[Lens]:
        return [self._read(text, last) for text in texts]

    def _read(self, text: str, last: int) -> Lens:
        tokens = tuple(f" {word}" for word in text.split(" "))
        answers = (*tokens[1:], " end")
        guesses, chances = list[tuple[Any, ...]](), list[tuple[float, ...]]()
        for block in range(4):
            row = [self._guess(answer, block) for answer in answers]
            guesses.append(tuple(each for each, _ in row)[-last:])
            chances.append(tuple(chance for _, chance in row)[-last:])
        return Lens(tokens[-last:], answers[-last:], tuple(guesses), tuple(chances))

    def _guess(self, answer: str, block: int) -> tuple[tuple[Alternative, ...], float]:
        word = answer.strip()
        if word not in LEADS:
            sure = 0.7 if word in CLEAR else 0.3
            return (Alternative(answer, sure), Alternative(" so", 0.2)), sure
        leads, other = LEADS[word]
        if leads[block] == "y":
            return (Alternative(answer, 0.9), Alternative(f" {other}", self.tie)), 0.9
        return (Alternative(f" {other}", 0.8), Alternative(answer, self.tie)), self.tie


class Unsure(LensEngine):
    tie = 0.7


def level(rounds: int = 1, *asks: str, **more: object) -> LensLevel:
    page = {**fields("lens", rounds, rounds, rounds, rounds + 1), "asks": asks or ("settles",)}
    return LensLevel.model_validate({**page, **more})


def bench(*words: str, engine: type[LensEngine] = LensEngine) -> Bench:
    texts = [LabelledText(f"{HEAD} {word} there by the red old door", True) for word in words]
    return Bench(engine(), cast(Atlas, FakeAtlas()), {"cats": texts, "chocolate": ()})


def dealt(asks: str, *words: str, rounds: int = 1) -> list[Sealed]:
    return list(level(rounds, asks).deal(bench(*words), 0))


def test_a_word_settles_where_it_leads_for_good() -> None:
    (sealed,) = dealt("settles", "kitten")
    assert list(map(SAY, sealed.question.options)) == [f"after block {n}" for n in (1, 2, 3, 4)]
    assert (sealed.solution, sealed.guess, sealed.right) == (2, 0, {2})
    text, chart = sealed.question.exhibits
    assert isinstance(text, Reply) and text.prompt == HEAD
    assert isinstance(chart, Grid)
    assert list(map(SAY, chart.columns)) == ["“there”", "“was”", "“and”", "“saw”", "“one”"]
    last = [cells[-1] for _, cells in chart.rows]
    assert [each.word for each in last] == [" kitten", " window", " kitten", " kitten"]
    assert not any(cell.marked for _, cells in chart.rows for cell in cells)
    (shown,) = sealed.reveal
    assert isinstance(shown, Grid)
    assert [cells[-1].marked for _, cells in shown.rows] == [True, False, True, True]
    assert SAY(sealed.why) == (
        "“kitten” leads from block 3 of 4 on, with 90%, and ends at 90%. "
        "One block earlier “window” led, with 80%."
    )


def test_what_leads_from_the_first_block_on_is_no_question_of_settling() -> None:
    with pytest.raises(AuthorError, match="level example: needs 1 texts .* there were 0"):
        dealt("settles", "purple", "harbour")


def test_halfway_it_says_what_leads_there_and_not_its_answer() -> None:
    (sealed,) = dealt("early", "carried")
    assert isinstance(sealed.solution, int) and isinstance(sealed.guess, int)
    options = list(map(SAY, sealed.question.options))
    assert options[sealed.solution] == "“table”"
    assert options[sealed.guess] == "“carried”"
    # What it would have said after other tokens of the text.
    assert {*options} - {"“table”", "“carried”"} == {"“was”", "“saw”"}
    assert SAY(sealed.why) == (
        "After block 2 it was “table”, with 80%. The whole model says “carried”, with 90%."
    )


def test_the_earliest_word_is_two_blocks_ahead_of_the_others() -> None:
    (sealed,) = dealt("earliest", "carried", "purple", "winter", "meadow", "lantern")
    assert isinstance(sealed.solution, int)
    options = list(map(SAY, sealed.question.options))
    assert options[sealed.solution] == f"{HEAD} [purple]"
    assert len(set(options)) == 4
    curves, _ = sealed.reveal
    assert isinstance(curves, Grid)
    names = [SAY(name) for name, _ in curves.rows]
    assert names[sealed.solution] == "“purple”"
    assert [cell.share for cell in curves.rows[sealed.solution][1]] == [0.9] * 4


def test_a_curve_belongs_to_one_text_and_not_to_words_like_it() -> None:
    words = ("carried", "purple", "harbour", "lantern", "meadow", "garden", "winter")
    for sealed in dealt("curve", *words):
        (shown,) = sealed.question.exhibits
        assert isinstance(shown, Grid) and isinstance(sealed.solution, int)
        ((name, cells),) = shown.rows
        assert SAY(name) == "this word"
        curves = sealed.reveal[0]
        assert isinstance(curves, Grid)
        same = [n for n, (_, row) in enumerate(curves.rows) if row == cells]
        assert same == [sealed.solution]


def test_a_text_is_asked_about_once() -> None:
    text = "on that day we all went and saw a kitten carried there by the red door"
    fake = Bench(
        LensEngine(),
        cast(Atlas, FakeAtlas()),
        {"cats": [LabelledText(text, True)], "chocolate": ()},
    )
    pool = MomentPool(moments.moments(level(), fake, random.Random(0)), random.Random(0), 1)
    words = {each.word for each in moments.moments(level(), fake, random.Random(0))}
    assert words == {"kitten", "carried"}
    assert pool.take(lambda each: each.word == "carried") is not None
    assert pool.take(lambda each: True) is None


def test_two_that_are_nearly_as_likely_are_no_question() -> None:
    with pytest.raises(AuthorError, match="makes up its mind about clearly; there were 0"):
        list(level(1).deal(bench("kitten", "carried", engine=Unsure), 0))


def test_moments_stand_before_whole_words_of_which_the_model_is_certain() -> None:
    (lens,) = LensEngine().lens([f"{HEAD} kitten there by the red old door"], 12)
    text = f" {HEAD} kitten there by the red old door".removeprefix(" ")
    found = list(moments.of(text, lens))
    assert [(each.word, each.text, each.settled, each.first) for each in found] == [
        ("kitten", HEAD, 2, 0)
    ]
    assert found[0].source == text
    (piece,) = LensEngine().lens([f"{HEAD} kitten s by the red old door"], 12)
    broken = tuple("s" if token == " s" else token for token in piece.tokens)
    joined = Lens(broken, piece.answers, piece.guesses, piece.chances)
    assert list(moments.of(f"{HEAD} kittens by the red old door", joined)) == []


def test_a_deep_model_shows_eight_of_its_blocks_and_the_last() -> None:
    assert shown_blocks(6) == [0, 1, 2, 3, 4, 5]
    assert shown_blocks(30) == [3, 7, 10, 14, 18, 21, 25, 29]


def test_the_same_seed_asks_the_same() -> None:
    fake = bench(*LEADS)
    for asks in ("settles", "early", "earliest"):
        rounds = [list(level(2, asks).deal(fake, seed)) for seed in (0, 1, 0)]
        assert rounds[0] == rounds[2] != rounds[1]
