"""The kind `shared`: a topic that no feature has to itself, and the set that finds it together.

An SAE with room for more cuts a feature into several (Bricken et al., Towards Monosemanticity,
2023), and where a special one fires a general one may stay silent (Chanin et al., A is for
Absorption, 2024). Which features belong together is guessed by the words on which they fire most,
as the atlas has them, and measured in unseen sentences. Knows no feature and no topic by name.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from itertools import islice
from string import ascii_uppercase
from typing import ClassVar, Literal

from pydantic import Field

from playground.atlas.cards import Hit
from playground.concepts.concepts import Concept
from playground.errors import AuthorError
from playground.levels.dealing.candidates import mixed, named
from playground.levels.dealing.passages import cuts, lacking, plain
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Portrait,
    Question,
    Sealed,
    shuffled,
)
from playground.levels.dealing.separating import Separation
from playground.levels.dealing.sets import members, sets
from playground.levels.intervals import difference
from playground.levels.judging import Bench, LabelledText
from playground.levels.level import Group
from playground.levels.schema import Pick
from playground.messages import Line, Message

FEATURES = 5  # on the table
OWN = 3  # of them, at least, that fire on a word of the topic
MOST = 3  # in a set
FIRES = 0.2  # share of a feature's highest activation from which on it has found a sentence
WORDS = (3, 12)  # of a sentence
ABOUT, OTHERS = 60, 30  # sentences that are read
EACH = 3  # of a text about the topic, at most
GLANCED = 20, 10  # of them are read first
AT_HAND = 12  # tables of which the one that promises most is read
PROMISE, PROMISED = 0.08, 2  # of AUROC, and sentences: a lead in those that is worth reading more
FEWEST = 10  # sentences about the topic with fewer of which nothing is asked
SEARCHED = 60  # words of a topic by which features are looked for
HITS = 3  # features of one word
LUCKY = 0.25  # share of all sets that may count as right
NAMES = tuple(ascii_uppercase[:FEATURES])
Asked = Literal["partner", "set"]
_WORD = re.compile(r"[^\W\d_]+")


class SharedLevel(AskLevel):
    """rounds: topics, each with one question. asks: what is asked, in turn: the `partner` of the
    best single feature, which finds most of what that one misses; or the whole `set`."""

    word: ClassVar[str] = "shared"
    group: ClassVar[Group] = "comparing"
    asks: tuple[Asked, ...] = Field(default=("set",), min_length=1)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        sites = [each for each in self.sites if each in bench.engine.sites]
        shelf_of = cache(partial(WordShelf.of, bench))  # of a site, once it is wanted
        # Of a language or a manner no sentence can be said to be about it.
        topics = [each for each in named(self, bench) if bench.concept(each).kind == "topic"]
        pairs = [(name, site) for site in sites for name in mixed(topics, rng)]
        rng.shuffle(pairs)
        laid = (lay(bench, name, shelf_of(site), rng) for name, site in pairs)
        tables = Tables(bench, (table for table in laid if table is not None))
        taken = set[str]()
        for number in range(self.rounds):
            ask = self.asks[number % len(self.asks)]
            for table, glance in tables.likely(ask):
                if table.concept.name in taken:
                    continue
                sealed = asked(ask, table.measured(bench, glance))
                if sealed is not None:
                    taken.add(table.concept.name)
                    yield sealed
                    break
            else:
                wanted = f"{self.rounds} topics that several features share, so that a set of them "
                raise AuthorError(lacking(self, wanted + "is clearly better than the best", number))


class Tables:
    """What may be asked about, in the order in which it promises most."""

    def __init__(self, bench: Bench, coming: Iterator["Laid"]) -> None:
        self._bench = bench
        self._coming = coming
        self._waiting = list[Laid]()
        self._unlikely = list[tuple[Laid, Spread]]()

    def likely(self, ask: Asked) -> Iterator[tuple["Laid", "Spread"]]:
        """Those that promise an answer at a glance, of some at a time first what the words let hope
        for most; then what promised none. Each with what was glanced."""
        while self._fill():
            table = max(self._waiting, key=lambda each: lead(ask, each.foreseen))
            self._waiting.remove(table)
            glance = table.glanced(self._bench)
            if promising(ask, glance):
                yield table, glance
            else:
                self._unlikely.append((table, glance))
        yield from self._unlikely

    def _fill(self) -> bool:
        self._waiting += islice(self._coming, AT_HAND - len(self._waiting))
        return bool(self._waiting)


def promising(ask: Asked, spread: "Spread") -> bool:
    return lead(ask, spread) >= (PROMISE if ask == "set" else PROMISED)


def lead(ask: Asked, spread: "Spread") -> float:
    """Of the best set on the best feature alone, AUROC; or of the best partner on the next one, in
    sentences."""
    if ask == "set":
        return spread.sets[spread.best].auroc - spread.sets[spread.single].auroc
    first, second, *_ = sorted(spread.caught.values(), reverse=True)
    return first - second


# -- what lies on the table ------------------------------------------------------------------------
@dataclass(frozen=True)
class WordShelf:
    """The features of one site by the word on which each fires most, in lower case; those that fire
    more often first. highest: of each the strongest activation."""

    site: str
    by_word: Mapping[str, Sequence[Hit]]
    highest: Mapping[int, float]

    @classmethod
    def of(cls, bench: Bench, site: str) -> "WordShelf":
        highest, by_word = bench.atlas.maxima(site), defaultdict[str, list[Hit]](list)
        for hit in bench.atlas.search("", site, limit=len(highest)):
            if hit.top and highest[hit.index] > 0:
                by_word[plain(hit.top[0])].append(hit)
        rows = {word: sorted(hits, key=often_first) for word, hits in by_word.items()}
        return cls(site, rows, highest)

    def sharing(self, concept: Concept) -> list[Hit]:
        """Features that fire most on a word of the topic: one of each word first, then those that
        share one; of either those that fire more often first."""
        known = dict.fromkeys(word.lower() for word in concept.words[:SEARCHED])
        rows = [self.by_word.get(word, ())[:HITS] for word in known]
        first = sorted((row[0] for row in rows if row), key=often_first)
        more = sorted((hit for row in rows for hit in row[1:]), key=often_first)
        return list(dict.fromkeys((*first, *more)))


def often_first(hit: Hit) -> float:
    return -hit.frac_nonzero


@dataclass(frozen=True)
class Spread:
    """Some features of one site and what each reaches in unseen sentences, in shares of its highest
    activation. about, others: of each feature, one value a sentence."""

    concept: Concept
    picks: tuple[Pick, ...]
    about: tuple[tuple[float, ...], ...]
    others: tuple[tuple[float, ...], ...]

    def of(self, chosen: int) -> Separation:
        """A set finds what any of its features finds: the highest value counts."""
        about, others = (
            [max(each) for each in zip(*(rows[n] for n in members(chosen)), strict=True)]
            for rows in (self.about, self.others)
        )
        return Separation.of(about, others)

    @cached_property
    def sets(self) -> dict[int, Separation]:
        return {each: self.of(each) for each in sets(len(self.picks), MOST)}

    @property
    def single(self) -> int:
        """The best feature alone, as a set of one."""
        return max((1 << n for n in range(len(self.picks))), key=lambda one: self.sets[one].auroc)

    @property
    def best(self) -> int:
        """The best set; of equals the smallest."""
        return max(self.sets, key=lambda one: (round(self.sets[one].auroc, 6), -one.bit_count()))

    @property
    def right(self) -> frozenset[int]:
        """Sets that are clearly better than the best single feature, and not clearly worse than
        the best set."""
        best, single = self.sets[self.best], self.sets[self.single]
        return frozenset(
            chosen
            for chosen, each in self.sets.items()
            if each.lead(single).low > 0 and best.lead(each).low <= 0
        )

    def found(self, feature: int) -> frozenset[int]:
        """The sentences about the topic that a feature finds."""
        return frozenset(n for n, value in enumerate(self.about[feature]) if value >= FIRES)

    @cached_property
    def missed(self) -> frozenset[int]:
        """The sentences about the topic that the best feature alone does not find."""
        (alone,) = members(self.single)
        return frozenset(range(len(self.about[0]))) - self.found(alone)

    @cached_property
    def caught(self) -> Mapping[int, int]:
        """How many of those each other feature finds."""
        others = [n for n in range(len(self.picks)) if 1 << n != self.single]
        return {n: len(self.found(n) & self.missed) for n in others}


@dataclass(frozen=True)
class Laid:
    """Features of one site and the sentences that they are going to be measured in."""

    concept: Concept
    site: str
    hits: tuple[Hit, ...]
    highest: tuple[float, ...]
    own: tuple[str, ...]
    others: tuple[str, ...]

    @cached_property
    def foreseen(self) -> Spread:
        """In the first sentences, if a feature fires where the word stands on which it fires most;
        nothing is read for it."""
        about, beside = (
            [set(_WORD.findall(each.lower())) for each in some[:most]]
            for some, most in zip((self.own, self.others), GLANCED, strict=True)
        )
        words = [plain(hit.top[0]) for hit in self.hits]
        picks = tuple(Pick(self.site, hit.index) for hit in self.hits)
        found = tuple(tuple(float(word in each) for each in about) for word in words)
        strange = tuple(tuple(float(word in each) for each in beside) for word in words)
        return Spread(self.concept, picks, found, strange)

    def glanced(self, bench: Bench) -> Spread:
        """In the first sentences alone."""
        own, others = GLANCED
        return self._read(bench, self.own[:own], self.others[:others])

    def measured(self, bench: Bench, glance: Spread) -> Spread:
        """In all of them. glance: in the first ones, which are not read again."""
        own, others = GLANCED
        rest = self._read(bench, self.own[own:], self.others[others:])
        about, beside = (
            tuple((*some, *more) for some, more in zip(one, other, strict=True))
            for one, other in ((glance.about, rest.about), (glance.others, rest.others))
        )
        return Spread(self.concept, rest.picks, about, beside)

    def _read(self, bench: Bench, own: tuple[str, ...], others: tuple[str, ...]) -> Spread:
        texts = [*own, *others]
        read = bench.engine.read(texts, self.site) if texts else []
        peaks = [reading.features.peaks() for reading in read]
        rows = [
            tuple(each.get(hit.index, 0.0) / highest for each in peaks)
            for hit, highest in zip(self.hits, self.highest, strict=True)
        ]
        picks = tuple(Pick(self.site, hit.index) for hit in self.hits)
        about, beside = (
            tuple(row[: len(own)] for row in rows),
            tuple(row[len(own) :] for row in rows),
        )
        return Spread(self.concept, picks, about, beside)


def lay(bench: Bench, name: str, shelf: WordShelf, rng: random.Random) -> Laid | None:
    """None where too few features share the topic, or too few sentences have it."""
    concept = bench.concept(name)
    related = shelf.sharing(concept)
    if len(related) < OWN:
        return None
    hits = related[: FEATURES - 1]
    for other in mixed([each for each in bench.atlas.concepts() if each != name], rng):
        if len(hits) == FEATURES:
            break
        strange = [e for e in shelf.sharing(bench.concept(other)) if e not in (*related, *hits)]
        hits += strange[:1]
    own = sentences(bench.texts(name, about=True), concept, rng, about=True)
    others = sentences(bench.texts(name, about=False), concept, rng, about=False)
    if len(hits) < FEATURES or len(own) < FEWEST or len(others) < FEWEST:
        return None
    rng.shuffle(hits)
    highest = tuple(shelf.highest[hit.index] for hit in hits)
    return Laid(concept, shelf.site, tuple(hits), highest, own, others)


def sentences(
    texts: Sequence[LabelledText], concept: Concept, rng: random.Random, about: bool
) -> tuple[str, ...]:
    """In a random order: some of each text that hold a word of the topic, or one that does not."""
    found, most = dict[str, None](), ABOUT if about else OTHERS
    for each in rng.sample(texts, len(texts)):
        if len(found) >= most:
            break
        pieces = cuts(each.text, *WORDS)
        whole = [one for one in pieces if not any(part in one and part != one for part in pieces)]
        fitting = [one for one in whole if bool(concept.pattern.search(one)) == about]
        chosen = rng.sample(fitting, min(EACH if about else 1, len(fitting)))
        found.update(dict.fromkeys(chosen))
    return tuple(found)[:most]


# -- questions -------------------------------------------------------------------------------------
def asked(ask: Asked, spread: Spread) -> Sealed | None:
    """None where the sentences do not decide."""
    return whole(spread) if ask == "set" else partner(spread)


def portraits(spread: Spread, told: bool = False) -> tuple[Portrait, ...]:
    return tuple(
        Portrait(pick, told, Message("shared.feature", name=name))
        for name, pick in zip(NAMES, spread.picks, strict=False)
    )


def whole(spread: Spread) -> Sealed | None:
    right, best, single = spread.right, spread.best, spread.single
    if best not in right or len(right) > LUCKY * len(spread.sets):
        return None
    shown = [*(1 << n for n in range(len(spread.picks))), best]
    rows = tuple((joined(each), 100 * spread.sets[each].auroc) for each in shown)
    lead = spread.sets[best].lead(spread.sets[single])
    why = Message(
        "shared.why",
        topic=spread.concept.message,
        best=joined(best),
        area=100 * spread.sets[best].auroc,
        single=joined(single),
        alone=100 * spread.sets[single].auroc,
        low=100 * lead.low,
        high=100 * lead.high,
        about=len(spread.about[0]),
        others=len(spread.others[0]),
        sets=len(spread.sets),
    )
    bars = Bars(rows, Message("shared.unit"), 100.0, Message("shared.bars"))
    question = Question(
        Message("shared.ask", topic=spread.concept.message),
        "set",
        portraits(spread),
        NAMES[: len(spread.picks)],
        most=MOST,
    )
    return Sealed(question, best, single, why, (bars, *portraits(spread, told=True)), right)


def joined(chosen: int) -> Line:
    return Message("questions.set", them=tuple(NAMES[n] for n in members(chosen)))


def partner(spread: Spread) -> Sealed | None:
    """Which other finds most of what the best single feature misses."""
    (alone,) = members(spread.single)
    missed, caught, rest = spread.missed, spread.caught, list(spread.caught)
    first, second, *_ = sorted(rest, key=lambda n: -caught[n])
    if difference(caught[first], len(missed), caught[second], len(missed)).low <= 0:
        return None
    rows: list[tuple[Line, float]] = [(NAMES[n], float(caught[n])) for n in rest]
    why = Message(
        "shared.caught",
        topic=spread.concept.message,
        alone=NAMES[alone],
        about=len(spread.about[0]),
        missed=len(missed),
        best=NAMES[first],
        caught=caught[first],
        second=caught[second],
        fires=FIRES,
    )
    bars = Bars(
        tuple(rows), Message("shared.sentences"), float(len(missed)), Message("shared.holes")
    )
    question = Question(
        Message("shared.partner", topic=spread.concept.message, alone=NAMES[alone]),
        "choose",
        portraits(spread),
        tuple(NAMES[n] for n in rest),
    )
    place = rest.index(first)
    loudest = max(rest, key=lambda n: len(spread.found(n)))
    reveal = (bars, *portraits(spread, told=True))
    return Sealed(question, place, rest.index(loudest), why, reveal, frozenset({place}))
