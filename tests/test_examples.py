from collections import Counter

import pytest

from playground.concepts import examples
from playground.concepts.concepts import load_concepts, present
from playground.errors import AuthorError
from playground.pocket.grammar import load

LEAST = 30  # texts of a concept, and to hold against them
LEAST_OF_A_PART = 6
NAMES = sorted(examples.named())


@pytest.mark.parametrize("name", NAMES)
def test_texts_are_about_their_concept_and_contrasts_are_not(name: str) -> None:
    concept = load_concepts()[name]
    own, others = examples.texts(name), examples.contrast(concept)
    assert len(own) >= LEAST and len(others) >= LEAST
    assert len({*own, *others}) == len(own) + len(others)
    # One word tells a sentence; a reply needs several.
    assert sum(bool(concept.pattern.search(text)) for text in own) >= 0.8 * len(own)
    assert not any(present(concept, text) for text in others)


def test_everyday_texts_are_about_no_concept() -> None:
    texts = examples.texts(examples.EVERYDAY)
    assert len(set(texts)) >= LEAST
    topics = [each for each in load_concepts().values() if each.kind == "topic"]
    found = Counter(each.name for each in topics for text in texts if present(each, text))
    assert not found.keys() & load().topics.keys()
    # Telephones and colours are of everyday life; such a text is held against no such concept.
    assert max(found.values(), default=0) <= 1


def test_a_behaviour_is_held_against_texts_without_a_trace_of_it() -> None:
    hedging, snow = load_concepts()["hedging"], load_concepts()["snow"]
    assert not [text for text in examples.contrast(hedging) if hedging.pattern.search(text)]
    assert examples.shows(hedging, "Perhaps it rains.") and not present(
        hedging, "Perhaps it rains."
    )
    assert not examples.shows(snow, "It smelled of snow.")


def test_a_concept_without_texts_is_named() -> None:
    with pytest.raises(AuthorError, match=r"zebras\.txt: missing"):
        examples.texts("zebras")


def test_a_text_belongs_to_one_part_whatever_its_spaces() -> None:
    text = "The tabby cat stretched on the windowsill."
    assert examples.part_of(text) == examples.part_of(f"  {text.upper()}\n")
    found = [examples.part_of(each) for each in ("one", "two", "three", "six")]
    assert found == ["grade", "select", "grade", "grade"]


def test_parts_are_as_large_as_their_shares() -> None:
    texts = [f"text {n}" for n in range(6_000)]
    counts = Counter(map(examples.part_of, texts))
    assert sum(examples.SHARES.values()) == pytest.approx(1)
    for part, share in examples.SHARES.items():
        assert counts[part] / len(texts) == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize("name", [*NAMES, examples.EVERYDAY])
def test_every_file_has_texts_of_every_part(name: str) -> None:
    counts = Counter(map(examples.part_of, examples.texts(name)))
    assert min(counts[part] for part in examples.SHARES) >= LEAST_OF_A_PART
