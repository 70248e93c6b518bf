"""Pieces of held-out texts and what one feature does in them: what levels that ask are made of."""

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from playground.atlas import labels
from playground.atlas.cards import Activation, Card, Detector
from playground.concepts.concepts import Concept
from playground.levels.dealing.questions import AskLevel, Strip
from playground.levels.judging import Bench, LabelledText
from playground.levels.schema import Pick
from playground.messages import Line, Message

GOOD = 0.9  # AUROC from which on a feature is asked about
LEGIBLE = 0.5  # share of a card's top texts in which a word of the concept stands
TOP_TEXTS = 6  # of the strongest interval, as many as a card shows without being unfolded
SHORTEST_WORD = 4  # letters; shorter words join any two texts
STEM = 4  # letters that two words have to share
_ENDS = re.compile(r"[.!?…][\"'”»)]*\s+|\n+")
_WORD = re.compile(r"[^\W\d_]+")
_SPELT = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")  # with what joins two of them


# -- features to ask about -------------------------------------------------------------------------
@dataclass(frozen=True)
class Subject:
    """A feature to ask about. concept: what it detects, with auroc 0..1; none for a feature that
    was labelled by the words that it fires on."""

    pick: Pick
    card: Card
    concept: Concept | None = None
    auroc: float = 0.0

    @property
    def highest(self) -> float:
        """The largest activation over all texts that the atlas was built from."""
        return self.card.maxActApprox


def detectors(level: AskLevel, bench: Bench, rng: random.Random) -> Iterator[Subject]:
    """Good detectors of the level's concepts (of all, if it names none) that the atlas has, no
    feature twice: one a concept in a random order, then each concept's next."""
    known = bench.atlas.concepts()
    names = [each for each in level.concepts or known if each in known]
    rng.shuffle(names)
    left = {name: usable(level, bench, name, rng) for name in names}
    taken = set[Pick]()
    while any(left.values()):
        for name in names:
            if not left[name]:
                continue
            detector = left[name].pop()
            pick = Pick(detector.site, detector.feature)
            card = bench.atlas.card(pick.site, pick.feature)
            if pick not in taken and card.maxActApprox > 0 and card.activations:
                taken.add(pick)
                yield Subject(pick, card, bench.concept(name), detector.auroc)


def legible(subject: Subject) -> bool:
    """A reader of the card can tell what it detects: most top texts have a word of the concept.
    Some good detectors fail this, whose name says a part of the concept, such as one word."""
    if subject.concept is None:
        return False
    shown = ["".join(each.tokens) for each in top_texts(subject.card)]
    said = sum(bool(subject.concept.pattern.search(text)) for text in shown)
    return said >= LEGIBLE * len(shown)


def usable(level: AskLevel, bench: Bench, name: str, rng: random.Random) -> list[Detector]:
    sites = [site for site in level.sites if site in bench.engine.sites]
    found = [
        each
        for each in bench.atlas.concept(name).detectors
        if each.sure >= GOOD
        and each.site in sites
        and labels.holds(bench.atlas.label(each.site, each.feature), name)
    ]
    rng.shuffle(found)
    return found


def lacking(level: AskLevel, wanted: str, found: int) -> str:
    """What an AuthorError says when a level cannot be dealt. wanted: after "the level needs"."""
    topics = ", ".join(level.concepts) or "any concept"
    return (
        f"level {level.id}: needs {wanted}; this model's atlas has {found} that fit among the "
        f"detectors (AUROC {GOOD:g} or more) of {topics} at {', '.join(level.sites)}"
    )


def top_texts(card: Card) -> tuple[Activation, ...]:
    """The texts that a card shows first."""
    strongest = max((each.binMax, each.binMin) for each in card.activations)
    shown = [each for each in card.activations if (each.binMax, each.binMin) == strongest]
    return tuple(shown[:TOP_TEXTS])


def peak_tokens(card: Card) -> Counter[str]:
    """The tokens on which the top texts peak, in plain form."""
    return Counter(plain(each.tokens[each.maxValueTokenIndex]) for each in top_texts(card))


def peak_words(card: Card) -> frozenset[str]:
    """The words in which the top texts peak, of a piece the whole one, in lower case."""
    return frozenset(
        word_at(each.tokens, each.maxValueTokenIndex).lower() for each in top_texts(card)
    )


def plain(token: str) -> str:
    """A token as a reader compares it: without the space before it, in lower case."""
    return token.strip().lower()


def quoted(token: str) -> Message:
    """A token in a sentence."""
    if not token.strip():
        return Message("common.line_break" if "\n" in token else "common.space")
    return Message("common.quoted", text=token.strip())


def spelt(tokens: Sequence[str], place: int) -> Message:
    """A token of a text in a sentence; a piece of a word with the word, for “ate” alone could be a
    word of its own."""
    said, word = quoted(tokens[place]), word_at(tokens, place)
    if word == tokens[place].strip():
        return said
    return Message("common.piece", piece=said, word=Message("common.quoted", text=word))


def word_at(tokens: Sequence[str], place: int) -> str:
    """The word that a token is a piece of; what is no piece of one is itself."""
    start = sum(map(len, tokens[:place]))
    piece = tokens[place].strip()
    first = start + tokens[place].find(piece)
    for match in _SPELT.finditer("".join(tokens)):
        if piece and match.start() <= first and first + len(piece) <= match.end():
            return match.group()
    return piece


# -- passages --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Passage:
    """A short text and one feature in it. tokens: without the mark of the beginning; values: in
    activation units, measured on this very text."""

    text: str
    tokens: tuple[str, ...]
    values: tuple[float, ...]

    @property
    def peak(self) -> float:
        return max(self.values, default=0.0)

    @property
    def place(self) -> int:
        """Of the token with the highest activation."""
        return self.values.index(self.peak)

    def strip(self, top: float, caption: Line = "") -> Strip:
        """With its activations; top: what takes the full colour."""
        return Strip(self.tokens, self.values, top, caption)

    def bare(self, caption: Line = "") -> Strip:
        """Without them."""
        return Strip(self.tokens, caption=caption)


def read(bench: Bench, pick: Pick, texts: Sequence[str]) -> list[Passage]:
    """One passage a text, in order."""
    if not texts:
        return []
    return [
        Passage(
            text,
            reading.tokens,
            reading.features.trail(pick.feature),
        )
        for text, reading in zip(texts, bench.engine.read(texts, pick.site), strict=True)
    ]


def cuts(text: str, least: int, most: int) -> list[str]:
    """All runs of whole sentences or lines that have from `least` to `most` words."""
    bounds = [0, *(match.end() for match in _ENDS.finditer(text)), len(text)]
    pieces = [
        text[start:stop].strip() for n, start in enumerate(bounds) for stop in bounds[n + 1 :]
    ]
    return [each for each in dict.fromkeys(pieces) if least <= len(each.split()) <= most]


def unseen(texts: Iterable[LabelledText], card: Card, rng: random.Random) -> list[str]:
    """The texts that the card shows no piece of, in a random order: the player is to judge what
    nobody has shown yet."""
    shown = ["".join(each.tokens).strip() for each in card.activations]
    made = list(
        dict.fromkeys(each.text for each in texts if not any(part in each.text for part in shown))
    )
    rng.shuffle(made)
    return made


def one_cut(
    texts: Iterable[LabelledText], card: Card, least: int, most: int, rng: random.Random
) -> list[str]:
    """A random piece of each unseen text that has one of so many words, in a random order."""
    found = (cuts(text, least, most) for text in unseen(texts, card, rng))
    return list(dict.fromkeys(rng.choice(pieces) for pieces in found if pieces))


# -- words -----------------------------------------------------------------------------------------
def whole_words(bench: Bench) -> frozenset[str]:
    """All that stand in the texts that grade, as they are spelt there: what no piece of a word is
    among."""
    known = set[str]()
    for name in bench.atlas.concepts():
        for about in (True, False):
            for each in bench.texts(name, about):
                known.update(_WORD.findall(each.text))
    return frozenset(known)


def words_of(text: str) -> set[str]:
    """Words of at least four letters, in lower case."""
    return {word for word in _WORD.findall(text.lower()) if len(word) >= SHORTEST_WORD}


def salient(card: Card, others: Sequence[str]) -> dict[str, float]:
    """Words by how typical they are of a card's top texts: the share of these texts that has the
    word less the share of `others`, 0..1. Words that are no more frequent here are left out."""
    here = [words_of("".join(each.tokens)) for each in top_texts(card)]
    there = [words_of(text) for text in others]
    shares = {
        word: sum(word in each for each in here) / len(here)
        - sum(word in each for each in there) / max(1, len(there))
        for word in sorted(set[str]().union(*here))
    }
    return {word: share for word, share in shares.items() if share > 0}


def same_stem(one: str, other: str) -> bool:
    """As bird and birds."""
    return min(len(one), len(other)) >= STEM and (one.startswith(other) or other.startswith(one))


def opening(text: str, count: int) -> str:
    """The first words of a text, on one line."""
    words = text.split()
    return " ".join(words[:count]) + ("…" if len(words) > count else "")
