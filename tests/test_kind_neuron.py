from collections import Counter
from dataclasses import replace
from typing import cast

import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.rivals import Gap, Rivals, Telling
from playground.errors import AuthorError
from playground.levels.dealing.questions import Strip
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds.neuron import ANSWERS, NeuronLevel
from playground.text.words import Words
from tests.fake_model import COCOA, FakeEngine
from tests.kind_parts import fields
from tests.test_kind_beat import RivalAtlas
from tests.test_rivals import TELLING

SAY = Words().said
CATS = replace(TELLING, neuron=2, sign=1)  # it hums on every word
SWEET = replace(
    TELLING, concept="chocolate", features=(COCOA, 1), neuron=1, sign=1,
    neuron_gap=Gap(-0.2, -0.3, -0.1),
)  # fmt: skip
TEXTS = {
    "cats": ("the kitten began to purr again", "a cat sat by the lamp"),
    "chocolate": ("a mug of hot cocoa for Mia", "more cocoa for her and Leo"),
}
OTHER = ("the wind was kind and warm", "on Monday Mia went home early")


def bench(*telling: Telling) -> Bench:
    texts = {
        name: [
            *(LabelledText(text, True, "show") for text in own),
            *(LabelledText(text, False, "show") for text in OTHER),
        ]
        for name, own in TEXTS.items()
    }
    return Bench(FakeEngine(), cast(Atlas, RivalAtlas(Rivals(telling))), texts)


def level(rounds: int = 2, **more: object) -> NeuronLevel:
    page = {**fields("neuron", rounds, 1, 2, 3), "sites": ["early", "late"], **more}
    return NeuronLevel.model_validate(page)


def test_both_watch_the_same_texts_of_show() -> None:
    cats = next(each for each in level().deal(bench(CATS, SWEET), 0) if "cats" in SAY(each.why))
    assert isinstance(cats.solution, int)
    place, sort = ANSWERS[cats.solution]
    assert sort == "feature"
    strips = [each for each in cats.question.exhibits if isinstance(each, Strip)]
    assert len(strips) == 8
    feature, neuron = strips[4 * place :][:4], strips[4 - 4 * place :][:4]
    assert [each.tokens for each in feature] == [each.tokens for each in neuron]
    assert sorted(" ".join(each.tokens) for each in feature[:2]) == sorted(TEXTS["cats"])
    assert max(max(each.values) for each in feature[2:]) == 0.0
    assert {value for each in neuron for value in each.values} == {0.5}
    assert "So the feature is cleaner, by 20 to 38 pairs of 100" in SAY(cats.why)


def test_a_neuron_may_win() -> None:
    sweet = next(
        each for each in level().deal(bench(CATS, SWEET), 0) if "chocolate" in SAY(each.why)
    )
    assert isinstance(sweet.solution, int)
    assert ANSWERS[sweet.solution][1] == "neuron"
    assert "So here the neuron is cleaner, by 10 to 30 pairs" in SAY(sweet.why)


def test_the_letter_of_the_feature_is_drawn() -> None:
    places = Counter(
        each.solution for seed in range(12) for each in level().deal(bench(CATS, SWEET), seed)
    )
    assert set(places) == {0, 1, 2, 3}


def test_no_answer_is_right_much_more_often_than_another() -> None:
    many = [replace(CATS, concept=name) for name in ("cats", "chocolate")]
    for seed in range(6):
        (one, two) = level().deal(bench(*many), seed)
        assert {one.solution, two.solution} == {0, 2}


def test_what_nobody_wins_clearly_is_not_asked() -> None:
    even = replace(SWEET, neuron_gap=Gap(0.0, -0.1, 0.1))
    with pytest.raises(AuthorError, match=r"needs 2 concepts with a feature and a neuron .* has 1"):
        next(level().deal(bench(CATS, even), 0))


def test_the_same_seed_asks_the_same() -> None:
    made = bench(CATS, SWEET)
    assert list(level().deal(made, 3)) == list(level().deal(made, 3))
