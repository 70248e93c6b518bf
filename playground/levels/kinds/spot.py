"""The kind `spot`: tell from a feature's card on which token of an unseen text it fires most."""

import random
import re
from collections.abc import Iterator
from itertools import chain
from typing import ClassVar

from playground.errors import AuthorError
from playground.levels.dealing.passages import (
    Passage,
    Subject,
    detectors,
    lacking,
    legible,
    one_cut,
    peak_tokens,
    plain,
    read,
    same_stem,
    spelt,
    top_texts,
)
from playground.levels.dealing.questions import AskLevel, Portrait, Question, Sealed, shuffled
from playground.levels.judging import Bench, LabelledText
from playground.levels.level import Group
from playground.levels.schema import Pick
from playground.messages import Message

TOKENS = range(20, 61)  # of a text
WORDS = (14, 44)  # which give about as many tokens
CLEAR = 0.5  # share of the feature's highest activation that a text must reach
AS_GOOD = 0.9  # of the text's maximum: a token that counts as right too
MOST_RIGHT = 3  # tokens; with more of them there is nothing to spot
READ_AT_ONCE = 8
WORD_EVERY = 3  # where a level leaves the concepts open, one round in so many is on a word
WORD_DRAWS = 150  # cards looked at until one is labelled by its word
WORD_RARE = 0.02  # share of tokens; a feature of a commoner word fires all over a text


class SpotLevel(AskLevel):
    """rounds: features, each with one text."""

    word: ClassVar[str] = "spot"
    group: ClassVar[Group] = "reading"

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        taken = set[Pick]()
        # Each source goes on where it stopped: a feature without a fitting text is passed over.
        topics = filter(legible, detectors(self, bench, rng))
        single = word_features(self, bench, rng)
        every = WORD_EVERY if not self.concepts else self.rounds + 1
        on_word = [number % every == every - 1 for number in range(self.rounds)]
        rng.shuffle(on_word)
        for number, word in enumerate(on_word):
            for subject in chain(single, topics) if word else topics:
                passage = None if subject.pick in taken else clear_passage(bench, subject, rng)
                taken.add(subject.pick)
                if passage is not None:
                    yield sealed(subject, passage)
                    break
            else:
                wanted = f"{self.rounds} features that fire clearly in an unseen text"
                raise AuthorError(lacking(self, wanted, number))


# -- features and texts ----------------------------------------------------------------------------
def word_features(level: AskLevel, bench: Bench, rng: random.Random) -> Iterator[Subject]:
    """Features at the level's sites that the atlas labels by one rare word, in a random order."""
    sites = [bench.engine.sites[name] for name in level.sites if name in bench.engine.sites]
    for _ in range(WORD_DRAWS if sites else 0):
        site = rng.choice(sites)
        card = bench.atlas.card(site.name, rng.choice(bench.atlas.features(site.name)))
        made = card.explanations[0].typeName if card.explanations else ""
        if made != "top-token" or card.frac_nonzero > WORD_RARE or not card.activations:
            continue
        if all(len(token) > 1 and token.isalpha() for token in peak_tokens(card)):
            yield Subject(Pick(card.site, card.index), card)


def texts_for(bench: Bench, subject: Subject) -> list[LabelledText]:
    """Held-out texts in which the feature may fire."""
    if subject.concept is not None:
        return list(bench.texts(subject.concept.name, about=True))
    words = "|".join(re.escape(word) for word in sorted(peak_tokens(subject.card)))
    pattern = re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    every = [text for name in bench.atlas.concepts() for text in bench.texts(name, about=True)]
    return [text for text in every if pattern.search(text.text)]


def clear_passage(bench: Bench, subject: Subject, rng: random.Random) -> Passage | None:
    """The first unseen piece of text in which the feature fires clearly on a few tokens."""
    pieces = one_cut(texts_for(bench, subject), subject.card, *WORDS, rng)
    for start in range(0, min(len(pieces), 3 * READ_AT_ONCE), READ_AT_ONCE):
        for passage in read(bench, subject.pick, pieces[start : start + READ_AT_ONCE]):
            if fits(passage, subject):
                return passage
    return None


def fits(passage: Passage, subject: Subject) -> bool:
    if len(passage.tokens) not in TOKENS or passage.peak < CLEAR * subject.highest:
        return False
    places = right_places(passage)
    if subject.concept is None:  # of many equal words nobody could tell which is meant
        peaks = peak_tokens(subject.card)
        if sum(plain(token) in peaks for token in passage.tokens) > MOST_RIGHT:
            return False
    # The first token is left out: without anything before it a model is in an odd state.
    return (
        len(places) <= MOST_RIGHT
        and 0 not in places
        and all(passage.tokens[place].strip() for place in places)
    )


def right_places(passage: Passage) -> frozenset[int]:
    return frozenset(
        place for place, value in enumerate(passage.values) if value >= AS_GOOD * passage.peak
    )


# -- the question ----------------------------------------------------------------------------------
def sealed(subject: Subject, passage: Passage) -> Sealed:
    hidden = Portrait(subject.pick, caption=Message("questions.hidden"))
    right = right_places(passage)
    return Sealed(
        question=Question(
            Message("spot.ask"), "token", (passage.bare(Message("spot.strip")), hidden)
        ),
        solution=passage.place,
        guess=likeliest(passage.tokens, subject),
        why=why(subject, passage, right),
        reveal=(
            passage.strip(subject.highest, Message("spot.reveal")),
            Portrait(subject.pick, named=True),
        ),
        right=right,
    )


def why(subject: Subject, passage: Passage, right: frozenset[int]) -> Message:
    said = Message(
        "spot.why",
        token=spelt(passage.tokens, passage.place),
        peak=passage.peak,
        highest=subject.highest,
        quiet=sum(value == 0 for value in passage.values),
        count=len(passage.tokens),
    )
    others = tuple(spelt(passage.tokens, place) for place in sorted(right - {passage.place}))
    if not others:
        return said
    return Message("common.two", first=said, second=Message("spot.also", others=others))


def likeliest(tokens: tuple[str, ...], subject: Subject) -> int:
    """A player's first guess: the token on which the card's texts peak too, best after the same
    token as there; else one of the concept's words; else the middle."""
    peaks = peak_tokens(subject.card)
    before = {
        (plain(each.tokens[each.maxValueTokenIndex - 1]), plain(each.tokens[place]))
        for each in top_texts(subject.card)
        if (place := each.maxValueTokenIndex) > 0
    }
    found = [place for place, token in enumerate(tokens) if peaks[plain(token)]]
    if found:
        return max(
            found,
            key=lambda n: (
                n > 0 and (plain(tokens[n - 1]), plain(tokens[n])) in before,
                peaks[plain(tokens[n])],
                -n,
            ),
        )
    for place, token in enumerate(tokens):
        if any(same_stem(plain(token), peak) for peak in peaks):
            return place
    if subject.concept is not None:
        words = " ".join(subject.concept.words).lower().split()
        for place, token in enumerate(tokens):
            if len(plain(token)) > 2 and plain(token) in words:
                return place
    return len(tokens) // 2
