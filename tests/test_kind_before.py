"""The kind `before`: what is counted, what decides, and what is asked."""

from dataclasses import replace
from typing import Any, cast

import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.cards import Activation, Card, ConceptEntry, Detector
from playground.concepts.concepts import load_concepts
from playground.engine.records import Fired, Reading
from playground.errors import AuthorError
from playground.levels.dealing.passages import Passage, Subject
from playground.levels.dealing.questions import Portrait, Sealed, Strip
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds.before import (
    AHEAD,
    ON,
    SOON,
    BeforeLevel,
    Spoken,
    promises,
    sorted_out,
)
from playground.levels.schema import Pick
from playground.text.words import Words
from scripts.ahead import counts
from tests.fake_model import FakeAtlas, FakeEngine
from tests.kind_parts import fields

SAY = Words().said
CATS = load_concepts()["cats"]
WORD, AHEAD_OF = 3, 4  # features: of the word itself, and of the token before it
NAMES = ("Max", "Mia", "Ben", "Leo", "Zoe", "Tom", "Ann", "Sam", "Rosa", "Otto")
TEXTS = [f"{name} came home and gave the kitten some of the soup." for name in NAMES]


class Ahead(FakeEngine):
    """WORD fires on "kitten", AHEAD_OF on the token in front of it."""

    def read(self, texts: Any, site: str) -> list[Reading]:
        readings = []
        for text in texts:
            first, *others = text.split(" ")
            tokens = (first, *(f" {each}" for each in others))
            fires = [
                ((WORD, 2.0),) if "kitten" in token else ((AHEAD_OF, 2.0),) if "kitten" in after
                else ()
                for token, after in zip(tokens, (*tokens[1:], ""), strict=True)
            ]  # fmt: skip
            readings.append(Reading(site, tokens, Fired.of(fires)))
        return readings


class AheadAtlas(FakeAtlas):
    """Cats have both features; their cards show where they fire."""

    def concepts(self) -> tuple[str, ...]:
        return ("cats",)

    def concept(self, name: str) -> ConceptEntry:
        both = tuple(Detector("late", feature, 0.99) for feature in (WORD, AHEAD_OF))
        return replace(super().concept("cats"), detectors=both)

    def card(self, site: str, index: int) -> Card:
        tokens, at = (" saw", " the", " kitten", "."), 2 if index == WORD else 1
        values = tuple(2.0 * (n == at) for n in range(len(tokens)))
        example = Activation(tokens, values, 2.0, at, 1.0, 2.0, 1.0, "own samples")
        return replace(super().card(site, index), activations=(example,) * 3)


def bench() -> Bench:
    texts = [LabelledText(text, True) for text in TEXTS]
    return Bench(Ahead(), cast(Atlas, AheadAtlas()), {"cats": texts})


def level(rounds: int = 2, **more: object) -> BeforeLevel:
    return BeforeLevel.model_validate({**fields("before", rounds, 1, 1, 2), **more})


def subject(feature: int) -> Subject:
    card = AheadAtlas().card("late", feature)
    return Subject(Pick("late", feature), card, CATS, 0.99)


def test_where_the_words_of_a_topic_stand() -> None:
    spoken = Spoken.of(CATS, (" My", " kit", "ten", " and", " the", " old", " big", " cat", "."))
    assert spoken.tokens == {1, 2, 7}
    assert spoken.starts == {1, 7}
    assert [spoken.soon(place) for place in (0, 1, 3, 4, 8)] == [1, None, None, 7, None]
    assert AHEAD == 7 - 4


def test_a_card_speaks_for_a_side_if_most_of_its_texts_do() -> None:
    assert promises(subject(WORD).card, CATS) == ON
    assert promises(subject(AHEAD_OF).card, CATS) == SOON
    torn = replace(
        subject(WORD).card,
        activations=subject(WORD).card.activations[:1] + subject(AHEAD_OF).card.activations[:1],
    )
    assert promises(torn, CATS) is None
    assert promises(replace(torn, activations=()), CATS) is None


def passages(feature: int, texts: list[str]) -> list[Passage]:
    read = Ahead().read(texts, "late")
    return [
        Passage(text, each.tokens, each.features.trail(feature))
        for text, each in zip(texts, read, strict=True)
    ]


def test_what_stands_before_is_counted_beside_the_same_token_without_it() -> None:
    found = sorted_out(subject(AHEAD_OF), CATS, passages(AHEAD_OF, TEXTS))
    assert (len(found.on), len(found.ahead), len(found.apart)) == (0, 10, 0)
    assert (found.silent, found.followed) == (10, 0)  # "the" before "soup"
    assert found.side == SOON and found.lift.low > 0.5
    assert sorted_out(subject(WORD), CATS, passages(WORD, TEXTS)).side == ON


def test_a_word_that_follows_anyway_is_no_promise() -> None:
    """Of a feature that fires on one "the" of two, both of which stand before a kitten."""
    found = sorted_out(subject(AHEAD_OF), CATS, passages(AHEAD_OF, TEXTS))
    assert replace(found, followed=10).side is None


def test_who_mostly_fires_elsewhere_is_on_neither_side() -> None:
    found = sorted_out(subject(WORD), CATS, passages(WORD, TEXTS))
    assert replace(found, apart=found.on).side == ON
    assert replace(found, apart=found.on + found.on[:1]).side is None


def test_few_passages_decide_nothing() -> None:
    found = sorted_out(subject(AHEAD_OF), CATS, passages(AHEAD_OF, TEXTS[:3]))
    assert found.share.low < 0.5 and found.side is None


def test_the_question_names_the_topic_and_tells_the_counts() -> None:
    dealt = list(level().deal(bench(), 1))
    by_feature = {sealed.question.exhibits[0].pick.feature: sealed for sealed in hidden(dealt)}
    assert by_feature[WORD].solution == ON and by_feature[AHEAD_OF].solution == SOON
    ahead = by_feature[AHEAD_OF]
    assert "cats" in SAY(ahead.question.ask)
    assert "In 10 unseen passages" in SAY(ahead.why) and "before one in 10" in SAY(ahead.why)
    assert "of 10 on which it was silent, 0 had such a word" in SAY(ahead.why)
    assert list(level().deal(bench(), 1)) == dealt


def hidden(dealt: list[Sealed]) -> list[Any]:
    for sealed in dealt:
        (portrait,) = sealed.question.exhibits
        assert isinstance(portrait, Portrait) and not portrait.named
    return dealt


def test_the_brightest_token_is_right_and_the_word_is_the_trap() -> None:
    (sealed,) = level(1, asks=("where",)).deal(bench(), 0)
    strip = sealed.question.exhibits[0]
    assert isinstance(strip, Strip) and not strip.values
    assert isinstance(sealed.solution, int) and isinstance(sealed.guess, int)
    assert strip.tokens[sealed.solution] == " the" and strip.tokens[sealed.guess] == " kitten"
    assert sealed.right == {sealed.solution}


def test_without_a_feature_that_is_ahead_nothing_is_asked() -> None:
    with pytest.raises(AuthorError, match="level example: needs 2 features"):
        list(level(2, asks=("where",)).deal(bench(), 0))


def test_the_handbooks_counts_tell_tokens_on_a_word_before_one_and_like_the_bright_ones() -> None:
    """Bright on a "the" before a kitten and on a kitten; silent on two, one of them before one."""
    one = Passage(
        "", (" the", " kitten", " saw", " the", " old", " kitten", "."), (2, 0, 0, 0, 0, 1, 0)
    )
    other = Passage("", (" the", " train", " left", "."), (0.0, 0.1, 0.0, 0.0))
    assert counts([one, other], CATS, 2.0) == {"ahead": 1, "on": 1, "silent": 1, "followed": 1}
