"""Texts whose next word the model is sure of and right about, and such that differ in one word:
what levels are made of in which states or heads of a run are changed. They are prompts of the
families that the model answers, and beginnings of unseen texts.

Knows no features and no kind.
"""

import random
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Generic, TypeVar

from playground.circuits.records import Ran
from playground.errors import AuthorError, EngineError, PlayerError
from playground.levels.dealing.families import PromptFamily, families
from playground.levels.dealing.moments import SURE, Moment, of, pieces, read
from playground.levels.dealing.passages import quoted
from playground.levels.dealing.questions import AskLevel, Sealed, Strip
from playground.levels.judging import Bench
from playground.messages import Line, Message

if TYPE_CHECKING:  # torch is slow to import
    from playground.circuits.patching import Patching, PlainRun

WORDS = (12, 40)  # of a text
TRIES = 6  # words that are tried in the place of others, a text
CLEAR = 0.6  # probability of what the changed text is gone on with, at least
KNOWN = 0.5  # the same of a family's prompt
READ = 150  # beginnings after which it is given up if fewer of them had a word that can be asked
RARE = 0.1  # about than this share
UNKNOWN = 3  # prompts of a family after which it is given up if the model answered none

T = TypeVar("T")
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
    """The families' prompts in turn, then one of each text, no word twice. Raises AuthorError for a
    model whose parts nobody has described."""
    said = set[str]()
    prompts = in_turn([answered(level, bench.patching, each, rng) for each in mixed(rng)])
    for own in chain(prompts, beginnings(level, bench, rng, said)):
        if own.run.said.strip() not in said:
            said.add(own.run.said.strip())
            yield own


def mixed(rng: random.Random) -> list[PromptFamily]:
    return rng.sample(families(), len(families()))


def answered(
    level: AskLevel, patching: "Patching", family: PromptFamily, rng: random.Random
) -> Iterator[SureText]:
    """Those prompts of a family that the model goes on with as it should, and likelier than with
    all else together."""
    known = 0
    for number, word in enumerate(rng.sample(tuple(family.words), len(family.words))):
        if number == UNKNOWN and not known:
            return
        own = understood(level, patching, family.text(word))
        if own and own.run.said.strip() == family.words[word] and own.chance >= KNOWN:
            known += 1
            yield own


def in_turn(sources: Iterable[Iterator[T]]) -> Iterator[T]:
    """One of each, then the next of each, to their ends."""
    waiting = deque(sources)
    while waiting:
        source = waiting.popleft()
        for found in source:
            yield found
            waiting.append(source)
            break


def beginnings(
    level: AskLevel, bench: Bench, rng: random.Random, said: Collection[str],
    sure: tuple[float, float] = (SURE, 1.0),
) -> Iterator[SureText]:  # fmt: skip
    """One a text; none any more where the model hardly answers any, so that nobody waits for ever.
    said: words that are not wanted any more; sure: how likely the model's answer is, at least and
    at most."""
    patching = bench.patching
    known = 0
    texts = read(bench, pieces(level, bench, WORDS, rng), end=True)
    for number, (text, lens) in enumerate(texts, 1):
        found = [moment for moment in of(text, lens, sure) if moment.word not in said]
        if found and (own := again(level, patching, rng.choice(found))):
            known += 1
            yield own
        elif number >= READ and known < RARE * number:
            return


def again(level: AskLevel, patching: "Patching", moment: Moment) -> SureText | None:
    """None where the model that reads nothing behind it says something else."""
    own = understood(level, patching, moment.text)
    return own if own and own.run.said.strip() == moment.word else None


def understood(level: AskLevel, patching: "Patching", text: str) -> SureText | None:
    """None where the text is too long. Raises AuthorError for a model whose parts nobody has
    described."""
    try:
        return SureText(text, patching, patching.read(text))
    except PlayerError:
        return None
    except EngineError as error:
        raise AuthorError(f"level {level.id}: {error}") from error


# -- one word apart --------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class Variants:
    """Texts that differ in one token, and are gone on with differently. at: where they differ."""

    texts: tuple[SureText, ...]
    at: int

    @property
    def one(self) -> SureText:
        return self.texts[0]

    @property
    def two(self) -> SureText:
        return self.texts[1]

    @property
    def last(self) -> int:
        """The position of the last token."""
        return len(self.one.run.ids) - 1

    def flips(self, block: int, position: int) -> bool:
        """Whether the first text is gone on with like the second, when only one state comes from
        that: after a block (from 0), at a position."""
        ran = self.one.patching.patched(self.one.run, {(block, position): self.two.run})
        return self.two.share(ran) > self.one.share(ran)


def variants(level: AskLevel, bench: Bench, rng: random.Random, count: int) -> Iterator[Variants]:
    """So many texts each time: prompts of one family, all families in turn; then of each text one
    with a name of another text in the place of one, or with a word that was said elsewhere in the
    place of the word that is said again."""
    prompts = (answered(level, bench.patching, each, rng) for each in mixed(rng))
    yield from in_turn([matching(each, count) for each in prompts])
    pool = list[str]()
    for one in beginnings(level, bench, rng, ()):
        words = telling(one)
        own = [word for word in words if f" {word}" in one.text]
        tries = [(a, b) for a in own for b in pool if a != b and a[0].isupper() == b[0].isupper()]
        some = rng.sample(tries, min(TRIES, len(tries)))
        yield from islice(matching(chain([one], changed(one, some)), count), 1)
        pool += [word for word in words if word not in pool]


def matching(coming: Iterator[SureText], count: int) -> Iterator[Variants]:
    """So many at a time that differ in the same token."""
    waiting = list[SureText]()
    for own in coming:
        at = {place for other in waiting if (place := apart(own, other)) is not None}
        waiting.append(own)
        for place in sorted(at):
            group = [own]
            for each in waiting:
                if len(group) < count and all(apart(each, other) == place for other in group):
                    group.append(each)
            if len(group) == count:
                texts = tuple(each for each in waiting if each in group)
                waiting = [each for each in waiting if each not in group]
                yield Variants(texts, place)
                break


def apart(one: SureText, other: SureText) -> int | None:
    """The position in which two texts differ that are gone on with differently."""
    at = differing(one.run.ids, other.run.ids)
    return at[0] if len(at) == 1 and one.run.answer != other.run.answer else None


def telling(one: SureText) -> list[str]:
    """Names, and the word that comes next: what that may hang on when it stands in the text."""
    names = [found.group(1) for found in NAME.finditer(one.text)]
    return list(dict.fromkeys([*names, one.run.said.strip()]))


def changed(one: SureText, tries: Iterable[tuple[str, str]]) -> Iterator[SureText]:
    """Those that are gone on with by a word. tries: a word of the text, and what is to stand
    there."""
    for own, other in tries:
        text = re.sub(rf"(?<= ){own}\b", other, one.text)
        try:
            two = SureText(text, one.patching, one.patching.read(text))
        except PlayerError:  # too long
            continue
        said = two.run.said
        if said[:1] == " " and said[1:].isalpha() and two.chance >= CLEAR:
            yield two


def differing(one: Sequence[int], two: Sequence[int]) -> list[int]:
    """Positions; none where the texts are not equally long."""
    if len(one) != len(two):
        return []
    return [at for at, (a, b) in enumerate(zip(one, two, strict=True)) if a != b]


# -- one after another -----------------------------------------------------------------------------
class Waiting(Generic[T]):
    """What comes to be asked about; what one question passes over waits for the next."""

    def __init__(self, coming: Iterator[T], most: int) -> None:
        """most: that are looked at anew for one question."""
        self._coming = coming
        self._most = most
        self._waiting = list[T]()

    def tried(self, asked: Callable[[T], Sealed | None]) -> Iterator[Sealed | None]:
        """What comes of asking about each in turn; what was asked about is gone."""
        for each in chain(tuple(self._waiting), self._anew()):
            sealed = asked(each)
            if sealed is not None:
                self._waiting.remove(each)
            yield sealed

    def _anew(self) -> Iterator[T]:
        for each in islice(self._coming, self._most):
            self._waiting.append(each)
            yield each
