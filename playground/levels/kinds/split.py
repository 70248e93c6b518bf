"""The kind `split`: two features that look alike; write the text that tells them apart.

Features that share most of their texts and part in a few are what Bricken et al., Towards
Monosemanticity (2023), describe as feature splitting.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import ClassVar

from pydantic import Field

from playground.atlas.cards import Activation, Card
from playground.concepts.concepts import Concept, spoken
from playground.engine.records import Reading
from playground.errors import PlayerError
from playground.levels.dealing import candidates, passages
from playground.levels.dealing.candidates import Detected
from playground.levels.dealing.demands import Bound, Demand
from playground.levels.dealing.questions import (
    AskLevel,
    Graded,
    Portrait,
    Question,
    Sealed,
    Strip,
    shuffled,
)
from playground.levels.judging import Bench, HeldOut, examine
from playground.levels.kinds.trigger import snippet
from playground.levels.level import Group
from playground.levels.schema import Pick
from playground.messages import Line, Message

FIRES, SILENT = 0.4, 0.2  # of a feature's strongest activation that the atlas has seen
HONEST = 0.25  # of the sentences in which one fires, the share in which the other is silent
SHOWING = 0.5  # of a card's top texts, the share that shows what both cards have in common
SHORTEST = 4  # words of a sentence to try
READ = 20  # sentences of one concept
COPIED = 3  # texts of each card, which a player may copy
SEARCHED = 24  # features that a search for the concept finds
TRIED = 4  # look-alikes of one feature, the nearest first
GUESSED = 4  # words that a player copies, so that little else comes along
NAMES = ("A", "B")


class SplitLevel(AskLevel):
    """rounds: pairs of look-alikes, with two questions each. words: of a text."""

    word: ClassVar[str] = "split"
    group: ClassVar[Group] = "naming"
    rounds: int = Field(ge=1, le=2)
    words: int = Field(default=25, ge=5, le=25)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """Two questions a pair. Raises AuthorError where too few features have a look-alike."""
        rng = shuffled(seed, self.id)
        taken = set[Pick]()
        for about in candidates.detected(self, bench, rng):
            if pair := self._pair(bench, about, taken, rng):
                taken |= {pair.sides[0].pick, pair.sides[1].pick}
                for one in range(len(NAMES)):
                    yield question(pair, one, self.words)
                if len(taken) == len(NAMES) * self.rounds:
                    return
        what = f"a detector (AUROC {candidates.GOOD_AUROC:g} or more) at {', '.join(self.sites)} "
        what += "and a look-alike that unseen sentences tell from it"
        raise candidates.too_few(self, self.rounds, what, len(taken) // len(NAMES))

    @property
    def count(self) -> int:
        return len(NAMES) * self.rounds

    def grade(self, bench: Bench, sealed: Sealed, text: str) -> Graded:
        demand = sealed.demand
        assert demand is not None and demand.fires is not None and demand.silent is not None
        if not text.strip():
            return Graded(False, Message("split.nothing"))
        try:
            (reading,) = bench.engine.read([text], demand.fires.pick.site)
        except PlayerError as error:  # nothing that the model can read
            return Graded(False, error.said)
        shown = [each.pick for each in sealed.question.exhibits if isinstance(each, Portrait)]
        strips = tuple(
            strip(reading, bench.atlas.card(*astuple(pick)), Message("split.strip", name=name))
            for name, pick in zip(NAMES, shown, strict=True)
        )
        one = shown.index(demand.fires.pick)
        peak, low = (max(strips[n].values, default=0.0) for n in (one, 1 - one))
        why = Message(
            "split.why",
            fires=NAMES[one],
            quiet=NAMES[1 - one],
            peak=peak,
            needed=demand.fires.units,
            other=low,
            allowed=demand.silent.units,
        )
        right = peak >= demand.fires.units and low < demand.silent.units
        near = min(1.0, peak / demand.fires.units) - min(1.0, low / demand.silent.units) / 2
        return Graded(right, why, strips, max(0.0, near))

    def _pair(
        self, bench: Bench, about: Detected, taken: set[Pick], rng: random.Random
    ) -> "Sides | None":
        """A detector and the nearest look-alike that sentences tell from it; None where there is
        none."""
        site, feature = about.detector.site, about.detector.feature
        if Pick(site, feature) in taken:
            return None
        card = bench.atlas.card(site, feature)
        rivals = [
            rival
            for rival in look_alikes(bench, about.concept, card)
            if Pick(site, rival.index) not in taken
        ]
        if not rivals:
            return None
        rivals = rivals[:TRIED]
        copied = [
            snippet(each, self.words)
            for shown in (card, *rivals)
            for each in passages.top_texts(shown)[:COPIED]
        ]
        texts = [*self._pieces(bench, about, rng), *copied]
        pool = Pool.read(bench, site, list(dict.fromkeys(texts)))
        return next(filter(None, (apart(card, rival, pool) for rival in rivals)), None)

    def _pieces(self, bench: Bench, about: Detected, rng: random.Random) -> list[str]:
        """Some sentences of unseen texts about a concept and of the ones kept beside them."""
        name = about.concept.name
        texts = [*bench.texts(name, about=True), *bench.texts(name, about=False)]
        cut = [single for each in texts for single in sentences(each.text, self.words)]
        unlike = list(dict.fromkeys(cut))
        return rng.sample(unlike, min(READ, len(unlike)))


def sentences(text: str, words: int) -> Iterator[str]:
    """The pieces of a text that hold no smaller piece."""
    pieces = passages.cuts(text, SHORTEST, words)
    for piece in pieces:
        if not any(other != piece and other in piece for other in pieces):
            yield piece


# -- look-alikes -----------------------------------------------------------------------------------
def look_alikes(bench: Bench, concept: Concept, card: Card) -> list[Card]:
    """Features of the same site whose cards look like this one, those with the nearest decoder rows
    first: neighbours, other detectors of the concept and what else a search for it finds, if both
    cards show what they share."""
    atlas, site = bench.atlas, card.site
    near = dict(zip(card.topkCosSimIndices, card.topkCosSimValues, strict=True))
    others = [each.feature for each in atlas.concept(concept.name).detectors if each.site == site]
    others += [hit.index for hit in atlas.search(spoken(concept), site, SEARCHED)]
    known = (each for each in (*near, *others) if each != card.index and atlas.has(site, each))
    rivals = [atlas.card(site, each) for each in dict.fromkeys(known)]
    found = [rival for rival in rivals if rival.maxActApprox > 0 and alike(concept, card, rival)]
    return sorted(found, key=lambda rival: -near.get(rival.index, 0.0))


def alike(concept: Concept, card: Card, rival: Card) -> bool:
    """Whether both cards show the concept in most of their texts, or peak on the same tokens."""
    if not card.activations or not rival.activations:
        return False
    tokens = passages.peak_tokens(card).keys() & passages.peak_tokens(rival).keys()

    def shows(each: Activation) -> bool:
        peak = passages.plain(each.tokens[each.maxValueTokenIndex])
        return peak in tokens

    def about(each: Activation) -> bool:
        return concept.pattern.search("".join(each.tokens)) is not None

    texts = [passages.top_texts(each) for each in (card, rival)]
    return any(
        all(sum(map(fits, own)) >= SHOWING * len(own) for own in texts) for fits in (shows, about)
    )


@dataclass(frozen=True)
class Pool:
    """Passages as one site reads them. tops: each feature's strongest activation, from the atlas;
    shares of a feature are fractions of it."""

    texts: tuple[str, ...]
    held_out: HeldOut
    tops: Mapping[int, float]

    @classmethod
    def read(cls, bench: Bench, site: str, texts: Sequence[str]) -> "Pool":
        readings = bench.engine.read(texts, site) if texts else []
        held_out = examine((False,) * len(texts), readings)
        return cls(tuple(texts), held_out, bench.atlas.maxima(site))

    def shares(self, feature: int) -> tuple[float, ...]:
        """One a passage, 0..1 and somewhat more."""
        top = self.tops.get(feature, 0.0)
        return tuple(peak / top if top > 0 else 0.0 for peak in self.held_out.peaks_of(feature))


@dataclass(frozen=True)
class Side:
    """One feature of a pair. only: a text on which it fires and the other is silent."""

    card: Card
    only: str

    @property
    def pick(self) -> Pick:
        return Pick(self.card.site, self.card.index)

    @property
    def needed(self) -> float:
        return FIRES * self.card.maxActApprox

    @property
    def allowed(self) -> float:
        return SILENT * self.card.maxActApprox


@dataclass(frozen=True)
class Sides:
    sides: tuple[Side, Side]


def apart(card: Card, rival: Card, pool: Pool) -> Sides | None:
    """Both with the sentence that shows each best alone; None where sentences that wake one of them
    hardly ever leave the other asleep: then no honest text could be asked for."""
    sides = list[Side]()
    for one, other in ((card, rival), (rival, card)):
        alone = told(pool, one.index, other.index)
        if alone is None:
            return None
        sides.append(Side(one, alone))
    return Sides((sides[0], sides[1]))


def told(pool: Pool, fires: int, silent: int) -> str | None:
    """The sentence with the widest gap between two features; None where those with a gap are
    fewer than HONEST of those in which the first fires."""
    shares = zip(pool.texts, pool.shares(fires), pool.shares(silent), strict=True)
    awake = [(high - low, text, low < SILENT) for text, high, low in shares if high >= FIRES]
    gaps = [(gap, text) for gap, text, alone in awake if alone]
    return max(gaps)[1] if gaps and len(gaps) >= HONEST * len(awake) else None


# -- questions -------------------------------------------------------------------------------------
def question(pair: Sides, one: int, words: int) -> Sealed:
    """one: the side that is to fire; the other is to stay silent."""
    side, other = pair.sides[one], pair.sides[1 - one]
    portraits = tuple(
        Portrait(each.pick, False, Message("split.portrait", name=name))
        for name, each in zip(NAMES, pair.sides, strict=True)
    )
    ask = Message(
        "split.ask",
        fires=NAMES[one],
        quiet=NAMES[1 - one],
        needed=side.needed,
        allowed=other.allowed,
    )
    return Sealed(
        question=Question(ask, "write", portraits, words=words),
        solution=side.only,
        guess=guess(side.card, other.card, words),
        why=Message("split.found", text=side.only),
        demand=Demand(Bound(side.pick, side.needed), Bound(other.pick, other.allowed)),
    )


def guess(card: Card, other: Card, words: int) -> str:
    """What is copied from the card: the end of its strongest text without words that make the
    other fire."""
    rivals = {passages.plain(each.tokens[each.maxValueTokenIndex]) for each in strong(other)}
    texts = [snippet(each, min(words, GUESSED)) for each in strong(card)]
    clear = [text for text in texts if not rivals & {word.lower() for word in text.split()}]
    return next(iter(clear or texts), "")


def strong(card: Card) -> list[Activation]:
    """The texts of a card in which the feature fires as a question asks for, strongest first."""
    firing = [each for each in card.activations if each.maxValue >= FIRES * card.maxActApprox]
    return sorted(firing, key=lambda each: -each.maxValue)


def strip(reading: Reading, card: Card, caption: Line) -> Strip:
    trail = reading.features.trail(card.index)
    return Strip(reading.tokens, trail, card.maxActApprox, caption)
