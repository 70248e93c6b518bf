"""The rules by which replies are judged to be on a concept, on texts that were written for it and
on texts that were not. Those that pocket's corpus knows are tested there, on its documents."""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest

from playground.concepts import examples
from playground.concepts.concepts import FOLDER, Concept, load_concepts, present
from playground.pocket.grammar import load

TOGETHER = 3  # texts that are as long as a reply
KNOWN = load_concepts()
NEW = sorted(KNOWN.keys() - set(load().concepts()))
BEHAVIOURS = [name for name in NEW if KNOWN[name].kind == "behaviour"]
SUBJECTS = [name for name in NEW if KNOWN[name].kind != "behaviour"]
REPLIES = tomllib.loads((Path(__file__).parent / "fixtures" / "replies.toml").read_text("utf-8"))
FOUND, MISTAKEN = 0.9, 0.04  # share of replies at least, and of others at most


def replies(texts: Sequence[str]) -> list[str]:
    return ["\n".join(texts[n : n + TOGETHER]) for n in range(0, len(texts), TOGETHER)]


def share(concept: Concept, texts: Sequence[str]) -> float:
    return sum(present(concept, text) for text in texts) / len(texts)


def near(name: str) -> set[str]:
    """What is easily taken for it, told by either side."""
    told = examples.load_all()
    return {name, *told[name].near, *(other for other in told if name in told[other].near)}


def test_there_are_enough_of_them() -> None:
    assert len(KNOWN) >= 120 and len(BEHAVIOURS) >= 20 and len(SUBJECTS) >= 45
    assert set(NEW) <= examples.named(), "each has texts"


@pytest.mark.parametrize("name", NEW)
def test_replies_about_it_are_found(name: str) -> None:
    assert share(KNOWN[name], replies(examples.texts(name))) >= FOUND


@pytest.mark.parametrize("name", SUBJECTS)
def test_replies_about_something_else_are_not(name: str) -> None:
    others = sorted(examples.named() - near(name) - set(BEHAVIOURS) | {examples.EVERYDAY})
    told = [text for other in others for text in replies(examples.texts(other))]
    assert share(KNOWN[name], told) <= MISTAKEN


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_a_behaviour_is_told_from_replies_that_come_near_it(name: str) -> None:
    assert len(REPLIES[name]["on"]) >= 2 and len(REPLIES[name]["off"]) >= 2
    assert [text for text in REPLIES[name]["on"] if not present(KNOWN[name], text)] == []
    assert [text for text in REPLIES[name]["off"] if present(KNOWN[name], text)] == []


def test_behaviours_are_written_about_many_things() -> None:
    """Else a feature of a topic would pass for one of the behaviour."""
    topics = [each for each in KNOWN.values() if each.kind == "topic"]
    for name in BEHAVIOURS:
        texts = examples.texts(name)
        for topic in topics:
            assert share(topic, texts) <= 0.2, (name, topic.name)


def test_no_text_is_of_two_concepts() -> None:
    seen = dict[str, str]()
    for name, each in examples.load_all().items():
        for text in each.texts:
            plain = re.sub(r"\W+", " ", text.lower()).strip()
            assert seen.setdefault(plain, name) == name, (name, seen[plain], text)


def test_every_concept_is_called_something_in_russian() -> None:
    titles = tomllib.loads((FOLDER.parent / "concepts.ru.toml").read_text("utf-8"))["titles"]
    assert titles.keys() == KNOWN.keys()
