from playground.engine.records import Fired, Reading
from playground.levels.dealing import questions
from playground.levels.judging import Bench, examine
from playground.levels.kinds.split import Pool, SplitLevel, sentences, told

LEVEL = {
    "id": "split-pairs",
    "kind": "split",
    "title": "Look-alikes",
    "brief": "Tell them apart.",
    "concept": "cats",
    "rounds": 1,
    "difficulty": 4,
    "minutes": 6,
    "goals": [{"measure": "right", "at_least": 2, "says": "Both are told apart."}],
    "stars": {"measure": "right", "two": 2, "three": 3},
    "hints": {"nudge": "n", "method": "m", "answer": "a"},
    "win": "Won.",
    "learned": {"text": "t", "words": ["feature"], "source": "s"},
}


def pool() -> Pool:
    """Feature 0 fires in texts a and b, 1 in a and c, 2 in d; 10 units are the most of each."""
    texts = ("a", "b", "c", "d")
    fires = (((0, 8.0), (1, 5.0)), ((0, 6.0), (1, 0.5)), ((1, 9.0),), ((2, 9.0),))
    readings = [
        Reading("late", (text,), Fired.of((own,))) for text, own in zip(texts, fires, strict=True)
    ]
    return Pool(texts, examine((False,) * 4, readings), dict.fromkeys(range(3), 10.0))


def test_look_alikes_share_some_texts() -> None:
    assert pool().look_alikes(0, {}) == [1]
    assert pool().look_alikes(2, {0: 0.9}) == []


def test_a_text_tells_apart_only_with_a_clear_gap() -> None:
    assert told(pool(), 0, 1) == "b"
    assert told(pool(), 1, 0) == "c"
    assert told(pool(), 0, 2) == "a"  # the widest gap
    assert told(pool(), 2, 2) is None


def test_sentences_are_short_and_do_not_overlap() -> None:
    text = "The old cat sat down. It was a warm day! Then we all went home again."
    assert list(sentences(text, 25)) == [
        "The old cat sat down.",
        "It was a warm day!",
        "Then we all went home again.",
    ]
    assert not list(sentences(text, 4))


def test_the_shipped_model_has_look_alikes(shipped: Bench) -> None:
    change = {
        "rounds": 2,
        "goals": [{"measure": "right", "at_least": 3, "says": "Three texts work."}],
        "stars": {"measure": "right", "two": 3, "three": 4},
    }
    level = SplitLevel.model_validate(LEVEL | change)
    first, second, *_ = tuple(level.deal(shipped, 0))
    assert first.question.exhibits == second.question.exhibits
    assert not questions.mark(level, shipped, first, second.solution).right
    assert not questions.mark(level, shipped, second, None).right
