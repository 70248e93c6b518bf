"""Moments of unseen texts in which the model is nearly certain of the next word, and what it would
have said there after each of its blocks: what levels about the logit lens are made of.

Knows no features.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from playground.engine.records import Alternative, Lens
from playground.levels.dealing.passages import cuts
from playground.levels.dealing.questions import AskLevel
from playground.levels.judging import Bench

WORDS = (10, 26)  # of a text
LAST = 12  # its tokens that are read: a head of 50,000 tokens after 30 blocks is no small thing
AT_ONCE = 3  # texts
SURE = 0.8  # the whole model's probability of its answer
AHEAD = 1.5  # how many times as likely as the next one a leader has to be, to be one
SHOWN = 5  # tokens of a map
ROWS = 8  # of a map, at most; of a deeper model it shows some of the blocks
LETTERS = 3  # that a word has at least


@dataclass(frozen=True)
class Moment:
    """A text that breaks off where the model is nearly certain of the next word, and right. source:
    the text as it goes on; place: of the last token before it breaks off, in the lens."""

    text: str
    source: str
    lens: Lens
    place: int

    @property
    def word(self) -> str:
        return self.lens.answers[self.place].strip()

    @property
    def chances(self) -> tuple[float, ...]:
        """Of the word, after each block."""
        return tuple(block[self.place] for block in self.lens.chances)

    @property
    def guesses(self) -> tuple[tuple[Alternative, ...], ...]:
        """After each block, the likeliest first."""
        return tuple(block[self.place] for block in self.lens.guesses)

    @cached_property
    def leads(self) -> tuple[bool, ...]:
        """After which blocks the word is the likeliest."""
        answer = self.lens.answers[self.place]
        return tuple(guesses[0].text == answer for guesses in self.guesses)

    @property
    def first(self) -> int:
        """The first block, counted from 0, after which the word leads."""
        return self.leads.index(True)

    @property
    def settled(self) -> int:
        """The first block, counted from 0, from which on the word leads to the end."""
        return max((n + 1 for n, leads in enumerate(self.leads) if not leads), default=0)

    @property
    def clear(self) -> bool:
        """Whether nobody could say that the word led elsewhere: where it settles and just before,
        the leader is well ahead."""
        blocks = {self.settled, max(0, self.settled - 1)}
        return all(ahead(self.guesses[block]) for block in blocks)


def ahead(guesses: Sequence[Alternative]) -> bool:
    return guesses[0].probability >= AHEAD * guesses[1].probability


def shown_blocks(count: int) -> list[int]:
    """Blocks, from 0, that a map has rows of: all, or some with the last among them."""
    rows = min(count, ROWS)
    return [round((row + 1) * count / rows) - 1 for row in range(rows)]


def moments(level: AskLevel, bench: Bench, rng: random.Random) -> Iterator[Moment]:
    """Clear ones, text by text and no word twice, in a random order."""
    taken = set[str]()
    for text, lens in read(bench, pieces(level, bench, WORDS, rng)):
        found = [each for each in of(text, lens) if each.clear]
        for each in rng.sample(found, len(found)):
            if each.word not in taken:
                taken.add(each.word)
                yield each


def pieces(
    level: AskLevel, bench: Bench, words: tuple[int, int], rng: random.Random
) -> Iterator[str]:
    """A beginning of each text on the level's concepts, or on any, concept by concept; none of
    those that are languages. From the middle of a text the model would have to guess what was
    before. words: least and most."""
    names = [
        name
        for name in level.concepts or bench.atlas.concepts()
        if bench.concept(name).kind != "language"
    ]
    rng.shuffle(names)
    left = {name: [each.text for each in bench.texts(name, about=True)] for name in names}
    for texts in left.values():
        rng.shuffle(texts)
    while any(left.values()):
        for name in names:
            while left[name]:
                text = left[name].pop()
                if found := [each for each in cuts(text, *words) if text.startswith(each)]:
                    yield rng.choice(found)
                    break


def read(bench: Bench, texts: Iterator[str], end: bool = False) -> Iterator[tuple[str, Lens]]:
    """end: what the whole model says is enough."""
    while some := list(islice(texts, AT_ONCE)):
        yield from zip(some, bench.engine.lens(some, LAST, end), strict=True)


def of(text: str, lens: Lens, sure: tuple[float, float] = (SURE, 1.0)) -> Iterator[Moment]:
    """The moments of a text, before whole words only: a space stands before one, no letter behind
    it. sure: the model's probability of its answer, at least and at most."""
    low, high = sure
    tokens = lens.tokens
    for place in range(SHOWN - 1, len(tokens) - 2):
        word, behind = tokens[place + 1], tokens[place + 2]
        rest = "".join(tokens[place + 1 :])
        if (
            lens.answers[place] == word
            and low <= lens.chances[-1][place] <= high
            and word[:1] == " "
            and word[1:].isalpha()
            and len(word) > LETTERS
            and not behind[:1].isalpha()
            and text.endswith(rest)
        ):
            yield Moment(text.removesuffix(rest), text, lens, place)
