"""Unseen beginnings of texts whose next word the model is sure of, and pairs of such that differ in
one word: what levels are made of in which states or heads of a run are changed.

Knows no features and no kind.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.circuits.records import Ran
from playground.errors import AuthorError, EngineError, PlayerError
from playground.levels.dealing.moments import Moment, of, pieces, read
from playground.levels.dealing.passages import quoted
from playground.levels.dealing.questions import AskLevel, Strip
from playground.levels.judging import Bench
from playground.messages import Line, Message

if TYPE_CHECKING:  # torch is slow to import
    from playground.circuits.patching import Patching, PlainRun

WORDS = (12, 40)  # of a text
TRIES = 6  # words that are tried in the place of others, a text
CLEAR = 0.6  # probability of what the changed text is gone on with, at least
NAME = re.compile(r"(?<=[a-z,] )(?<![Oo]n )([A-Z][a-z]+)\b")  # in a sentence, and no day's


@dataclass(frozen=True, eq=False)
class SureText:
    """A text, and the next word that the model is sure of."""

    text: str
    patching: "Patching"
    run: "PlainRun"

    @property
    def word(self) -> Message:
        return quoted(self.run.said)

    @property
    def chance(self) -> float:
        return float(self.run.chances[self.run.answer])

    def share(self, ran: Ran) -> float:
        """What another run makes of the word's probability."""
        return float(ran.chances[self.run.answer])

    def token(self, at: int) -> Message:
        return quoted(self.run.tokens[at])

    def strip(self, caption: Line, at: int | None = None) -> Strip:
        """The text as the model reads it. at: the position that is coloured, among all tokens."""
        tokens = self.run.tokens[self.run.lead :]
        values = tuple(float(at == self.run.lead + n) for n in range(len(tokens)))
        return Strip(tokens, values, 1.0, caption)


def spoken(level: AskLevel, bench: Bench, rng: random.Random) -> Iterator[SureText]:
    """One a text, no word twice. Raises AuthorError for a model whose parts nobody has
    described."""
    patching, said = bench.patching, set[str]()
    for text, lens in read(bench, pieces(level, bench, WORDS, rng)):
        found = [moment for moment in of(text, lens) if moment.word not in said]
        if found and (own := again(level, patching, rng.choice(found))):
            said.add(own.run.said.strip())
            yield own


def again(level: AskLevel, patching: "Patching", moment: Moment) -> SureText | None:
    """None where the text is too long, or the model that reads nothing behind it says something
    else."""
    try:
        own = SureText(moment.text, patching, patching.read(moment.text))
    except PlayerError:
        return None
    except EngineError as error:
        raise AuthorError(f"level {level.id}: {error}") from error
    return own if own.run.said.strip() == moment.word else None


# -- one word apart --------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class TextPair:
    """Two texts that differ in one token, and are gone on with differently. at: where they
    differ."""

    one: SureText
    two: SureText
    at: int

    @property
    def length(self) -> int:
        return len(self.one.run.ids)

    def flips(self, block: int, position: int) -> bool:
        """Whether the first text is gone on with like the second, when only one state comes from
        that: after a block (from 0), at a position."""
        cells = [(block, position)]
        ran = self.one.patching.patched(self.one.run, self.two.run, cells)
        return self.two.share(ran) > self.one.share(ran)


def pairs(level: AskLevel, bench: Bench, rng: random.Random) -> Iterator[TextPair]:
    """One a text: a name of another text in the place of one, or a word that was said elsewhere in
    the place of the word that is said again."""
    pool = list[str]()
    for one in spoken(level, bench, rng):
        words = telling(one)
        own = [word for word in words if f" {word}" in one.text]
        tries = [(a, b) for a in own for b in pool if a != b and a[0].isupper() == b[0].isupper()]
        pair = changed(one, rng.sample(tries, min(TRIES, len(tries))))
        pool += [word for word in words if word not in pool]
        if pair:
            yield pair


def telling(one: SureText) -> list[str]:
    """Names, and the word that comes next: what that may hang on when it stands in the text."""
    names = [found.group(1) for found in NAME.finditer(one.text)]
    return list(dict.fromkeys([*names, one.run.said.strip()]))


def changed(one: SureText, tries: Sequence[tuple[str, str]]) -> TextPair | None:
    """The first that is gone on with differently. tries: a word of the text, and what is to stand
    there."""
    for own, other in tries:
        text = re.sub(rf"(?<= ){own}\b", other, one.text)
        try:
            two = SureText(text, one.patching, one.patching.read(text))
        except PlayerError:  # too long
            continue
        at, said = differing(one.run.ids, two.run.ids), two.run.said
        word = said[:1] == " " and said[1:].isalpha()
        if len(at) == 1 and word and two.run.answer != one.run.answer and two.chance >= CLEAR:
            return TextPair(one, two, at[0])
    return None


def differing(one: Sequence[int], two: Sequence[int]) -> list[int]:
    """Positions; none where the texts are not equally long."""
    if len(one) != len(two):
        return []
    return [at for at, (a, b) in enumerate(zip(one, two, strict=True)) if a != b]
