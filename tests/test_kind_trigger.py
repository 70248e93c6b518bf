from typing import cast

import pytest

from playground.atlas.atlas import Atlas
from playground.errors import AuthorError
from playground.levels.dealing import questions
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds.trigger import TriggerLevel, giveaways, used
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
    assert used(["cat", "cats"], "Cats like a CAT, not a catapult") == ["cats", "cat"]


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
