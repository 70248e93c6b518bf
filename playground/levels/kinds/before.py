"""The kind `before`: does a feature fire on the words of its topic, or before they are written?

A model reads ahead in order to write: features of later blocks stand for what is about to be said
(Gurnee et al., Finding Neurons in a Haystack, 2023; Lindsey et al., On the Biology of a Large
Language Model, 2025, for words that a poem is going to rhyme on). Which of both a feature does is
guessed from its card and counted in unseen passages; knows no feature and no topic by name.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

from pydantic import Field

from playground.atlas.cards import Card
from playground.concepts.concepts import Concept
from playground.errors import AuthorError
from playground.levels.dealing.passages import (
    Passage,
    Subject,
    cuts,
    detectors,
    lacking,
    plain,
    read,
    spelt,
)
from playground.levels.dealing.questions import (
    AskLevel,
    Portrait,
    Question,
    Sealed,
    even,
    shuffled,
)
from playground.levels.intervals import Interval, difference, wilson
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Message

AHEAD = 3  # tokens after the brightest one within which a word of the topic has to begin
FIRES = 0.4  # share of the feature's highest activation from which on a passage counts
WORDS = (9, 44)  # of a passage
READ = 14  # passages of one feature, each of another text
MOSTLY = 0.35  # share of a card's texts that has to speak for one side before anything is read
SHOWN = 3  # passages that the answer shows
AS_GOOD = 0.9  # of a passage's maximum: a token that counts as right too
MOST_RIGHT = 2  # of them; with more there is nothing to find
Asked = Literal["when", "where"]
ON, SOON = 0, 1  # the options of `when`
OPTIONS = (Message("before.on"), Message("before.soon", ahead=AHEAD))


class BeforeLevel(AskLevel):
    """rounds: features, each with one question. asks: what is asked, in turn: `when` it fires, on a
    word of its topic or before it; `where` in a text it fires most."""

    word: ClassVar[str] = "before"
    group: ClassVar[Group] = "reading"
    asks: tuple[Asked, ...] = Field(default=("when",), min_length=1)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        asked = [self.asks[number % len(self.asks)] for number in range(self.rounds)]
        sides = even(self.rounds, len(OPTIONS), rng)
        supply = Supply(self, bench, rng)
        for number, (ask, side) in enumerate(zip(asked, sides, strict=True)):
            for found in supply.of(side if ask == "when" else SOON):
                sealed = when(found) if ask == "when" else where(found)
                if sealed is not None:
                    yield sealed
                    break
            else:
                wanted = f"{self.rounds} features of which it is clear whether they fire on the "
                raise AuthorError(lacking(self, wanted + "words of their topic or before", number))


# -- what is counted -------------------------------------------------------------------------------
@dataclass(frozen=True)
class Spoken:
    """Where the words of a topic stand in a text. tokens: that are part of one; starts: on which
    one begins."""

    tokens: frozenset[int]
    starts: frozenset[int]

    @classmethod
    def of(cls, concept: Concept, tokens: Sequence[str]) -> "Spoken":
        text = "".join(tokens)
        spans = [match.span() for match in concept.pattern.finditer(text)]
        inside, starts, at = set[int](), set[int](), 0
        for place, token in enumerate(tokens):
            # The space in front of a word is no part of it.
            begin, end = at + len(token) - len(token.lstrip()), at + len(token)
            at = end
            for start, stop in spans:
                start += len(text[start:stop]) - len(text[start:stop].lstrip())
                if begin < stop and start < end and begin < end:
                    inside.add(place)
                    if begin <= start:
                        starts.add(place)
        return cls(frozenset(inside), frozenset(starts))

    def soon(self, place: int) -> int | None:
        """Where the next word of the topic begins, if it does so shortly after a token that is
        none of its own."""
        if place in self.tokens:
            return None
        return next((n for n in range(place + 1, place + 1 + AHEAD) if n in self.starts), None)


@dataclass(frozen=True)
class Foresight:
    """A feature and what it did in unseen passages about its topic, of those in which it fires.
    silent, followed: tokens like the bright ones on which it was silent, and how many of them a
    word of the topic followed as soon."""

    subject: Subject
    concept: Concept
    on: tuple[Passage, ...]
    ahead: tuple[Passage, ...]
    apart: tuple[Passage, ...]
    silent: int
    followed: int

    @property
    def fired(self) -> int:
        return len(self.on) + len(self.ahead) + len(self.apart)

    @cached_property
    def share(self) -> Interval:
        """Of the passages in which it fires on a word of its topic or before one, how many are of
        the second sort."""
        return wilson(len(self.ahead), len(self.on) + len(self.ahead))

    @cached_property
    def lift(self) -> Interval:
        """How much likelier such a word is after it has fired than after the same tokens else."""
        return difference(len(self.ahead), self.fired, self.followed, self.silent)

    @property
    def side(self) -> int | None:
        """None where the passages do not decide, or it mostly fires far from any such word."""
        if len(self.apart) > len(self.on) + len(self.ahead):
            return None
        if self.share.low > 0.5 and self.lift.low > 0:
            return SOON
        return ON if self.share.high < 0.5 else None

    def fits(self, passage: Passage) -> bool:
        """Whether a player can be asked for its brightest token and what comes after it."""
        bright = bright_places(passage)
        return (
            len(bright) <= MOST_RIGHT
            and passage.place > 0
            and all(
                passage.tokens[place].strip()
                and Spoken.of(self.concept, passage.tokens).soon(place)
                for place in bright
            )
        )


def bright_places(passage: Passage) -> frozenset[int]:
    return frozenset(n for n, v in enumerate(passage.values) if v >= AS_GOOD * passage.peak)


def promises(card: Card, concept: Concept) -> int | None:
    """Which side the card speaks for, on the texts that everybody may see."""
    sides = list[int | None]()
    for each in card.activations:
        if each.maxValue >= FIRES * card.maxActApprox:
            spoken = Spoken.of(concept, each.tokens)
            place = each.maxValueTokenIndex
            soon = SOON if spoken.soon(place) is not None else None
            sides.append(ON if place in spoken.tokens else soon)
    side = max((ON, SOON), key=sides.count)
    clear = sides.count(side) > 2 * sides.count(1 - side)
    return side if clear and sides.count(side) >= MOSTLY * len(sides) else None


def counted(bench: Bench, subject: Subject, rng: random.Random) -> Foresight:
    """Reads the beginnings of unseen texts that hold a word of the topic."""
    assert subject.concept is not None
    concept, pieces = subject.concept, list[str]()
    for each in bench.texts(concept.name, about=True):
        # From the text's own beginning: what is to come hangs on all that was read before.
        begins = [cut for cut in cuts(each.text, *WORDS) if each.text.lstrip().startswith(cut)]
        if begins and concept.pattern.search(longest := max(begins, key=len)):
            pieces.append(longest)
    unlike = list(dict.fromkeys(pieces))
    chosen = rng.sample(unlike, min(READ, len(unlike)))
    return sorted_out(subject, concept, read(bench, subject.pick, chosen))


def sorted_out(subject: Subject, concept: Concept, passages: Sequence[Passage]) -> Foresight:
    on, ahead, apart = list[Passage](), list[Passage](), list[Passage]()
    fired = [each for each in passages if each.peak >= FIRES * subject.highest > 0]
    bright = {plain(each.tokens[each.place]) for each in fired}
    silent = followed = 0
    for each in passages:
        spoken = Spoken.of(concept, each.tokens)
        for place, (token, value) in enumerate(zip(each.tokens, each.values, strict=True)):
            if value == 0 and plain(token) in bright and place not in spoken.tokens:
                silent += 1
                followed += spoken.soon(place) is not None
        if each in fired:
            soon = ahead if spoken.soon(each.place) is not None else apart
            (on if each.place in spoken.tokens else soon).append(each)
    return Foresight(subject, concept, tuple(on), tuple(ahead), tuple(apart), silent, followed)


class Supply:
    """Features of either side, each read when it is wanted, and each asked about once."""

    def __init__(self, level: AskLevel, bench: Bench, rng: random.Random) -> None:
        self._bench, self._rng = bench, rng
        self._coming = detectors(level, bench, rng)
        self._waiting: dict[int, list[Subject]] = {ON: [], SOON: []}

    def of(self, side: int) -> Iterator[Foresight]:
        while True:
            while not self._waiting[side]:
                subject = next(self._coming, None)
                if subject is None:
                    return
                self._sort(subject)
            found = counted(self._bench, self._waiting[side].pop(0), self._rng)
            if found.side == side:
                yield found

    def _sort(self, subject: Subject) -> None:
        assert subject.concept is not None
        if not subject.concept.words:
            return  # a form, such as that of a poem, has no words to stand before
        if (side := promises(subject.card, subject.concept)) is not None:
            self._waiting[side].append(subject)


# -- questions -------------------------------------------------------------------------------------
def counts(found: Foresight) -> Message:
    """What was measured, as a sentence."""
    said = Message(
        "before.why", topic=found.concept.message, ahead=AHEAD, fired=found.fired,
        on=len(found.on), soon=len(found.ahead), apart=len(found.apart),
    )  # fmt: skip
    if found.side != SOON:
        return said
    beside = Message("before.beside", silent=found.silent, followed=found.followed, ahead=AHEAD)
    return Message("common.two", first=said, second=beside)


def when(found: Foresight) -> Sealed:
    side, subject = found.side, found.subject
    assert side is not None
    strips = [
        passage.strip(subject.highest, "" if number else Message("before.measured"))
        for number, passage in enumerate((found.on, found.ahead)[side][:SHOWN])
    ]
    return Sealed(
        question=Question(
            Message("before.when", topic=found.concept.message),
            "choose",
            (Portrait(subject.pick, caption=Message("questions.hidden")),),
            OPTIONS,
        ),
        solution=side,
        guess=ON,
        why=counts(found),
        reveal=(*strips, Portrait(subject.pick, named=True)),
        right=frozenset({side}),
    )


def where(found: Foresight) -> Sealed | None:
    """None where no passage is clear enough."""
    passage = next(filter(found.fits, found.ahead), None)
    if passage is None:
        return None
    soon = Spoken.of(found.concept, passage.tokens).soon(passage.place)
    assert soon is not None
    bright, word = (spelt(passage.tokens, place) for place in (passage.place, soon))
    told = Message("before.peak", token=bright, peak=passage.peak, word=word)
    return Sealed(
        question=Question(
            Message("before.where"),
            "token",
            (
                passage.bare(Message("before.strip")),
                Portrait(found.subject.pick, caption=Message("questions.hidden")),
            ),
        ),
        solution=passage.place,
        guess=soon,
        why=Message("common.two", first=told, second=counts(found)),
        reveal=(
            passage.strip(found.subject.highest, Message("before.measured")),
            Portrait(found.subject.pick, named=True),
        ),
        right=bright_places(passage),
    )
