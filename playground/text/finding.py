"""Finding pages by words: a name first, whatever its ending, then what a page says. Knows no page's
text but as words.

Words are compared by their stems (Porter, Snowball, 2001; the `snowballstemmer` package), Russian
and English ones each by their own rules.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import Lock
from typing import Protocol

import snowballstemmer

LONGEST = 100  # characters of a query that are read
SHORTEST = 3  # letters that may stand for the beginning of a word
WORD = re.compile(r"[\w/]+")
CYRILLIC = re.compile("[а-я]")
# Places where a query was found, best first.
WHOLE, NAMED, MEANT, SAID = range(4)


class Stemming(Protocol):
    def stemWord(self, word: str) -> str: ...


@cache
def stemmer(language: str) -> Stemming:
    return snowballstemmer.stemmer(language)


ONE_AT_A_TIME = Lock()  # a stemmer keeps the word it is at


@lru_cache(20_000)
def stem(word: str) -> str:
    with ONE_AT_A_TIME:
        return stemmer("russian" if CYRILLIC.search(word) else "english").stemWord(word)


def words_of(text: str) -> list[str]:
    """In lower case; a hyphen parts words, «ё» is «е»."""
    return WORD.findall(text.lower().replace("ё", "е"))


def stems_of(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in words_of(text))


@dataclass(frozen=True)
class Findable:
    """One page as the search sees it. names: the words of its title, then of every other name;
    said: how often each stem stands in its text."""

    names: tuple[tuple[str, ...], ...]
    first: frozenset[str]
    said: dict[str, int]
    length: int  # of the text, in words

    @classmethod
    def of(cls, names: Sequence[str], first: str, text: str) -> "Findable":
        said: dict[str, int] = {}
        stems = stems_of(text)
        for each in stems:
            said[each] = said.get(each, 0) + 1
        return cls(
            tuple(tuple(words_of(name)) for name in names),
            frozenset(stems_of(first)),
            said,
            len(stems),
        )


def rank(page: Findable, query: str) -> tuple[int, float] | None:
    """How well a page answers, low first; None: not at all. The last word may be unfinished."""
    asked = words_of(query[:LONGEST])
    if not asked:
        return None
    stems = [stem(word) for word in asked]
    for place, name in enumerate(page.names):
        if [stem(word) for word in name] == stems:
            return WHOLE, place
    named = [len(name) for name in page.names if all(begins(name, word) for word in asked)]
    if named:
        return NAMED, min(named)
    every = {word for name in page.names for word in name}
    places = [
        MEANT if each in page.first or begins(every, word) else SAID
        for word, each in zip(asked, stems, strict=True)
        if each in page.first or begins(every, word) or each in page.said
    ]
    if len(places) < len(asked):
        return None
    often = sum(page.said.get(each, 0) for each in stems) / max(page.length, 1)
    return max(places), -often


def begins(name: Sequence[str] | set[str], word: str) -> bool:
    """Whether a word of a name has the same stem, or goes on from what was typed."""
    root = stem(word)
    return any(
        stem(each) == root or (len(word) >= SHORTEST and each.startswith(word)) for each in name
    )
