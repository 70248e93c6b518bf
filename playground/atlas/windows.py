"""A text around the token on which a feature peaks, as a reader sees it: words and signs, and which
of them the peak is on. Knows nothing of features or names.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

UNIT = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]+|_+|\n+")
LINE_BREAK = "\n"
ENDS_SENTENCE = re.compile(r"[.!?…]['\"”’»)]*$")


@dataclass(frozen=True)
class Window:
    """pieces: tokens as they read; peak: place of the maximum among them; place: of the maximum in
    its document, in tokens from 0; value: there, in activation units."""

    pieces: tuple[str, ...]
    peak: int
    place: int
    value: float

    @cached_property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def part(self) -> str:
        """The token itself, without spaces."""
        return plain(self.pieces[self.peak])

    @cached_property
    def units(self) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
        """What comes before, the word or sign of the peak, what comes after; as they stand."""
        start = len("".join(self.pieces[: self.peak]))
        piece = self.pieces[self.peak]
        start += len(piece) - len(piece.lstrip(" "))
        stop = max(start + 1, start + len(piece.strip(" ")))
        found = [(match.group(), *match.span()) for match in UNIT.finditer(self.text)]
        own = [n for n, (_, begin, end) in enumerate(found) if begin < stop and end > start]
        if not own:
            return (), self.text[start:stop].strip(), ()
        before = tuple(unit for unit, _, _ in found[: own[0]])
        after = tuple(unit for unit, _, _ in found[own[-1] + 1 :])
        return before, " ".join(found[n][0] for n in own), after

    @property
    def raw(self) -> str:
        return self.units[1]

    @property
    def word(self) -> str:
        """In lower case; line breaks are one."""
        return lower(self.raw)

    @property
    def before(self) -> str:
        return lower(self.units[0][-1]) if self.units[0] else ""

    @property
    def after(self) -> str:
        return lower(self.units[2][0]) if self.units[2] else ""

    def phrase(self, back: int, on: int) -> tuple[str, ...]:
        """So many units before and after the peak's, with it; empty where the text has not as
        many."""
        before, word, after = self.units
        if len(before) < back or len(after) < on:
            return ()
        return tuple(map(lower, (*before[len(before) - back :], word, *after[:on])))

    @property
    def without(self) -> str:
        """The text without the word of the peak."""
        before, _, after = self.units
        return " ".join((*before, *after))

    @property
    def opens_sentence(self) -> bool:
        """The peak's word is the first of a sentence or line."""
        before = self.units[0]
        return bool(before) and bool(ENDS_SENTENCE.search(before[-1]) or "\n" in before[-1])


def lower(unit: str) -> str:
    return LINE_BREAK if unit and not unit.strip("\n") else unit.lower()


def plain(piece: str) -> str:
    """A token as names have it: without spaces, in lower case."""
    return piece.strip(" ").lower()


def window(pieces: Sequence[str], values: Sequence[float], peak: int, place: int) -> Window:
    return Window(tuple(pieces), peak, place, values[peak])
