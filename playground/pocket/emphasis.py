"""Which characters of a document hang on its topic or mood, so that training can count them more.

Knows topics, moods and documents, nothing of tokens or models.
"""

import re
from functools import cache

from playground.pocket.corpus import Document
from playground.pocket.grammar import Grammar, Topic
from playground.pocket.writer import WORD

OWNERS = ("his", "her", "my")


@cache
def fillings(topic: Topic) -> tuple[str, ...]:
    """What the topic puts into slots, lower-case, without articles."""
    phrases = [*topic.finds, *topic.who, *topic.places, topic.noun]
    for pair in topic.doings:
        for doing in pair:
            phrases += [doing.replace("{his}", owner) for owner in OWNERS]
    return tuple({re.sub(r"^(an?|some|the) ", "", phrase).lower() for phrase in phrases})


def spans(document: Document, grammar: Grammar) -> list[tuple[int, int]]:
    """Half-open character ranges.

    The fillings of slots, and the own words of the text's topics and moods.
    """
    text = document.text.lower()
    found: list[tuple[int, int]] = []
    for name in document.concepts & grammar.topics.keys():
        topic = grammar.topics[name]
        for phrase in fillings(topic):
            start = text.find(phrase)
            while start >= 0:
                found.append((start, start + len(phrase)))
                start = text.find(phrase, start + 1)
        found += [m.span() for m in WORD.finditer(text) if m.group() in topic.words]
    for name in document.concepts & grammar.moods.keys():
        words = grammar.moods[name].words
        found += [m.span() for m in WORD.finditer(text) if m.group() in words]
    return found
