from typing import cast

import pytest

from playground.atlas.atlas import Atlas
from playground.errors import AuthorError
from playground.levels.dealing import questions
from playground.levels.dealing.bans import used
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds.trigger import TriggerLevel, giveaways, ordinary
from playground.text.words import Words
from tests.fake_model import FakeAtlas, FakeEngine

SAY = Words().said

TEXTS = {
    "cats": [
        LabelledText("a cat and a cat saw the kitten", True),
        LabelledText("a cat sat in the sun", True),
        LabelledText("we heard a purr at home", True),
        LabelledText("the train left at noon", False),
    ]
}
LEVEL = {
    "id": "trigger-cats",
    "kind": "trigger",
    "title": "Without the word",
    "brief": "Fire it.",
    "concept": "cats",
    "concepts": ["cats"],
    "rounds": 1,
    "difficulty": 2,
    "minutes": 4,
    "goals": [{"measure": "right", "at_least": 1, "says": "It fires."}],
    "stars": {"measure": "right", "two": 1, "three": 2},
    "hints": {"nudge": "n", "method": "m", "answer": "a"},
    "win": "Won.",
    "learned": {"text": "t", "words": ["feature"], "source": "s"},
}


@pytest.fixture
def bench() -> Bench:
    return Bench(FakeEngine(), cast(Atlas, FakeAtlas()), TEXTS)


def test_giveaways_bring_their_forms(bench: Bench) -> None:
    banned = giveaways(bench.concept("cats"), [text.text for text in TEXTS["cats"][:3]])
    assert banned[0] == "cat"
    assert {"cats", "kitten", "kittens", "purr", "purring"} <= set(banned)
    assert "paw" not in banned
    assert used(["cat", "cats"], "Cats like a CAT, not a catapult") == ["cat", "cats"]


@pytest.mark.parametrize(
    "text",
    [
        "the cat1 sat",
        "the cat_ sat",
        "the 2cat sat",
        "the CAT's sat",
        "a cat-like thing",
        "the thecatsat down",
        "the xcat sat",
        "the cаt sat",  # a Cyrillic letter
        "the саt sat",
        "the cατ sat",  # Greek ones
        "the c\u200bat sat",  # no width
        "the c\u00adat sat",  # a soft hyphen
        "the ｃａｔ sat",  # of full width
        "the cát sat",
        "the c\u0338at sat",  # struck through
        "the c4t sat",
        "the c@t sat",
    ],
)
def test_a_ban_cannot_be_walked_round(text: str) -> None:
    assert "cat" in used(["cat", "cats"], text, lambda word: word in ("scatter", "catapult"))


@pytest.mark.parametrize("text", ["scatter it", "a catapult", "the c at home", "we met 4 of them"])
def test_an_ordinary_word_is_free(text: str) -> None:
    assert used(["cat", "met4"], text, lambda word: word in ("scatter", "catapult")) == []


def test_what_is_ordinary_is_told_by_the_texts() -> None:
    texts = {"cats": [*TEXTS["cats"], LabelledText("they scatter the corn", True)]}
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), texts)
    known = ordinary(bench)
    assert known("scatter") and not known("thecatsat")


def test_a_banned_word_and_silence_lose(bench: Bench) -> None:
    texts = {"cats": [*TEXTS["cats"], LabelledText("one more purr for us", True)]}
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {"cats": texts["cats"][:2] * 3})
    level = TriggerLevel.model_validate(LEVEL | {"banned": ["sun"]})
    # "cat" and "kitten" are banned, and nothing else in these texts fires.
    with pytest.raises(AuthorError, match="trigger-cats: needs 1 concepts"):
        tuple(level.deal(bench, 0))


def test_what_fires_without_the_words_wins() -> None:
    texts = [LabelledText("a cat with a tail and a paw is a cat with a tail and a paw", True)] * 3
    texts.append(LabelledText("we heard a purr at home", True))
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {"cats": texts})
    level = TriggerLevel.model_validate(LEVEL)
    (sealed,) = tuple(level.deal(bench, 0))
    assert sealed.solution == "we heard a purr at home"
    assert questions.mark(level, bench, sealed, sealed.solution).right
    broken = questions.mark(level, bench, sealed, "a purr of the Cat")
    assert not broken.right and "“cat”" in SAY(broken.why)
    silent = questions.mark(level, bench, sealed, "a train")
    assert not silent.right and "silent" in SAY(silent.why)
    assert not questions.mark(level, bench, sealed, None).right


def test_the_shipped_model_can_be_triggered(shipped: Bench) -> None:
    change = {
        "concepts": (),
        "rounds": 3,
        "goals": [{"measure": "right", "at_least": 2, "says": "Two fire."}],
        "stars": {"measure": "right", "two": 3, "three": 4},
    }
    level = TriggerLevel.model_validate(LEVEL | change)
    one, two = (tuple(level.deal(shipped, seed)) for seed in (0, 1))
    assert [each.question for each in one] != [each.question for each in two]
    features = [each.question.exhibits for each in one]
    assert len(set(features)) == len(features)
