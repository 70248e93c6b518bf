"""Sentences that levels and the game make, told in another language.

They make them in English, from patterns such as "You got {right} of {count} right."; a file per
language has a translation for each pattern. So a sentence is recognized by its pattern, and what
stood in its gaps is put into the translation. Knows no level and no screen.
"""

import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from playground import tomlfile
from playground.text.language import SOURCE, Language, sibling
from playground.text.titles import titles

FILE = Path(__file__).with_name("sayings.toml")  # only its siblings exist: English is the key
# Gaps that hold English which has a translation too; in all others stands a number, a word of the
# player or of the model, or a text in the right language already.
TOLD = frozenset({
    "before", "best", "dialled", "dials", "evidence", "first", "label", "less", "misled", "mood",
    "others", "place", "second", "site", "sites", "token", "topic", "what",
})  # fmt: skip
JOINTS = re.compile(r"( and at | and | or |, )")  # between what a gap lists
NUMBER = r"[-+−]?(?:\d[\d,]*(?:\.\d+)?|nan|inf)(?:e[-+]?\d+)?%?"

KEPT = 4096  # sentences whose translation is remembered


@dataclass(frozen=True)
class Saying:
    """weight: letters that are given; among several patterns that fit, the fullest is meant.
    closed: it ends with given letters, so that another saying may follow."""

    pattern: re.Pattern[str]
    translation: str
    weight: int
    closed: bool


@dataclass(frozen=True)
class Translation:
    """weight: of the sayings that it is made of."""

    text: str
    weight: int


class Sayings:
    """Call it with an English sentence; what it does not know comes back as it was."""

    def __init__(
        self, patterns: Mapping[str, str] | None = None, titles: Mapping[str, str] | None = None
    ) -> None:
        """patterns: translations by English patterns; titles: of concepts, likewise."""
        self.patterns = patterns or {}
        self._titles = titles or {}
        # Within a sentence a concept is written small (names of languages are not).
        small = {title.lower(): text.lower() for title, text in self._titles.items()}
        known = {**small, **self._titles, **self.patterns}
        made = [saying(english, text) for english, text in known.items()]
        self._sayings = sorted(made, key=lambda each: -each.weight)
        self._known = lru_cache(KEPT)(self._find)

    @classmethod
    def load(cls, language: Language) -> "Sayings":
        """Raises AuthorError for a file that is no TOML."""
        if language == SOURCE:
            return cls()
        file = tomlfile.read(sibling(FILE, language))
        return cls(
            file["sayings"],
            {
                english.alone: titles(language)[name].alone
                for name, english in titles(SOURCE).items()
            },
        )

    def __call__(self, text: str) -> str:
        found = self._known(text)
        return found.text if found else text

    def _find(self, text: str) -> Translation | None:
        """Of all ways to read a text the one that leaves least to gaps."""
        found = [*self._wholly(text), *self._in_parts(text), *self._listed(text)]
        return max(found, key=lambda each: each.weight, default=None)

    def _wholly(self, text: str) -> Iterator[Translation]:
        for each in self._sayings:
            if found := each.pattern.fullmatch(text):
                yield self._filled(each, found)

    def _in_parts(self, text: str) -> Iterator[Translation]:
        """One saying after the other."""
        for each in self._sayings:
            found = each.pattern.match(text) if each.closed else None
            if found and 0 < found.end() < len(text) and text[found.end()] == " ":
                rest = self._known(text[found.end() :].lstrip())
                if rest:
                    yield joined([self._filled(each, found), Translation(" ", 0), rest])

    def _listed(self, text: str) -> Iterator[Translation]:
        """Sayings with an "and" or a comma between them; of phrases only, not of sentences."""
        pieces = [] if text.endswith(".") else JOINTS.split(text)
        parts = [self._known(piece) for piece in pieces if piece != text]
        known = [part for part in parts if part]
        if known and len(known) == len(parts):
            yield joined(known)

    def _filled(self, saying: Saying, found: re.Match[str]) -> Translation:
        gaps = {name: self._gap(name, value) for name, value in found.groupdict("").items()}
        text = saying.translation.format(**{name: gap.text for name, gap in gaps.items()})
        # What a gap explains counts, but less than what needs no gap.
        return Translation(text, saying.weight + sum(gap.weight for gap in gaps.values()) // 2)

    def _gap(self, name: str, value: str) -> Translation:
        if name not in TOLD:
            return Translation(value, 0)
        told = self._known(value.strip())
        if told is None:
            return Translation("".join(map(self, JOINTS.split(value))), 0)
        return Translation(value[: len(value) - len(value.lstrip())] + told.text, told.weight)


def joined(parts: Sequence[Translation]) -> Translation:
    return Translation("".join(part.text for part in parts), sum(part.weight for part in parts))


def saying(english: str, translation: str) -> Saying:
    """A pattern as what recognizes it: a gap with a number format holds a number, any other a
    text; the same gap again holds the same."""
    made, weight, seen = "", 0, set[str]()
    for given, name, spec, _ in string.Formatter().parse(english):
        made += re.escape(given)
        weight += len(given)
        if name is None:
            continue
        gap = NUMBER if spec else ".*?"
        made += f"(?P={name})" if name in seen else f"(?P<{name}>{gap})"
        seen.add(name)
    closed = not english.endswith("}")
    return Saying(re.compile(made, re.DOTALL), translation, weight, closed)
