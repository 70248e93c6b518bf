from dataclasses import replace
from typing import cast

from playground.atlas.atlas import Atlas
from playground.atlas.cards import Activation, Card, ConceptEntry, Detector
from playground.concepts.concepts import load_concepts
from playground.engine.records import Fired, Reading
from playground.levels.dealing import questions
from playground.levels.judging import Bench, examine
from playground.levels.kinds.split import Pool, SplitLevel, alike, look_alikes, sentences, told
from tests.fake_model import FakeAtlas, FakeEngine

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


def pool(*alone: float) -> Pool:
    """Feature 0 fires in texts a and b, 1 in a and c, 2 in d; 10 units are the most of each.
    alone: what 0 reaches in further texts, in all of which 1 fires as well."""
    texts = ("a", "b", "c", "d", *(f"e{n}" for n in range(len(alone))))
    fires = [((0, 8.0), (1, 5.0)), ((0, 6.0), (1, 0.5)), ((1, 9.0),), ((2, 9.0),)]
    fires += [((0, value), (1, 9.0)) for value in alone]
    readings = [
        Reading("late", (text,), Fired.of((own,))) for text, own in zip(texts, fires, strict=True)
    ]
    held_out = examine((False,) * len(texts), readings)
    return Pool(texts, held_out, dict.fromkeys(range(3), 10.0))


def test_a_text_tells_apart_only_with_a_clear_gap() -> None:
    assert told(pool(), 0, 1) == "b"
    assert told(pool(), 1, 0) == "c"
    assert told(pool(), 0, 2) == "a"  # the widest gap
    assert told(pool(), 2, 2) is None


def test_a_pair_that_hardly_ever_parts_is_not_asked_about() -> None:
    assert told(pool(9.0, 9.0), 0, 1) == "b"  # one of four in which 0 fires
    assert told(pool(9.0, 9.0, 9.0), 0, 1) is None  # one of five


def card(index: int, *texts: str) -> Card:
    """Peaks on the last word of each text."""
    shown = []
    for text in texts:
        tokens = tuple(f" {word}" for word in text.split())
        last = len(tokens) - 1
        shown.append(Activation(tokens, (0.0,) * last + (2.0,), 2.0, last, 1.0, 2.0, 1.0, "own"))
    return replace(FakeAtlas().card("late", index), activations=tuple(shown))


def test_a_pair_looks_alike_on_its_cards() -> None:
    cats = load_concepts()["cats"]
    kittens = card(2, "my kitten slept", "a kitten sat", "the red lamp")
    purrs = card(3, "the old cat meowed", "her whiskers twitched")
    ocean = card(4, "the wide ocean", "a ball of wool")
    assert alike(cats, kittens, purrs)  # both show cats
    assert not alike(cats, kittens, ocean)
    assert alike(cats, ocean, card(5, "a wild ocean", "sheep with wool"))  # the same words
    assert not alike(cats, card(6), ocean)


class Paired(FakeAtlas):
    """Cats have two detectors at one site; of the neighbours one looks like them."""

    def concept(self, name: str) -> ConceptEntry:
        detectors = tuple(Detector("late", feature, 0.99) for feature in (2, 3))
        return ConceptEntry(name, detectors, ())

    def card(self, site: str, index: int) -> Card:
        text = "a ball of wool" if index == 4 else "the old cat meowed"
        near = (4, 5, 2) if index == 2 else ()
        return replace(
            card(index, text), topkCosSimIndices=near, topkCosSimValues=(0.5, 0.4, 0.3)[: len(near)]
        )


def test_look_alikes_are_other_detectors_and_neighbours_the_nearest_first() -> None:
    bench = Bench(FakeEngine(), cast(Atlas, Paired()), {})
    found = look_alikes(bench, load_concepts()["cats"], Paired().card("late", 2))
    assert [each.index for each in found] == [5, 3]


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
    assert questions.mark(level, shipped, first, first.solution).right
    assert not questions.mark(level, shipped, first, second.solution).right
    assert questions.mark(level, shipped, first, second.solution).key == first.solution
    assert not questions.mark(level, shipped, second, None).right
