import pytest

from playground.concepts import examples
from playground.concepts.concepts import load_concepts, present
from playground.errors import AuthorError

LEAST = 30  # texts of a concept, and to hold against them
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
    assert not [(each.name, text) for each in topics for text in texts if present(each, text)]


def test_a_concept_without_texts_is_named() -> None:
    with pytest.raises(AuthorError, match=r"zebras\.txt: missing"):
        examples.texts("zebras")
