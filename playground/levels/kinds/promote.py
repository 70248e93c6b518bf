"""The kind `promote`: tell from the texts in which a feature fires which word it makes likelier.

The lists are direct logits: Bricken et al., Towards Monosemanticity (2023), read features by them.
Nothing of the card is shown but its texts, for the lists themselves stand on it.
"""

import random
from collections.abc import Iterator
from typing import ClassVar

from pydantic import Field

from playground.errors import AuthorError
from playground.levels.dealing.passages import (
    Subject,
    detectors,
    lacking,
    legible,
    quoted,
    same_stem,
    top_texts,
    words_of,
)
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Portrait,
    Question,
    Sealed,
    Strip,
    even,
    shuffled,
)
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Message


class PromoteLevel(AskLevel):
    """rounds: features, each with one question; options: words, one of which is right."""

    word: ClassVar[str] = "promote"
    group: ClassVar[Group] = "reading"
    options: int = Field(default=4, ge=2, le=6)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        places = even(self.rounds, self.options, rng)
        whole = whole_words(bench)
        subjects = filter(legible, detectors(self, bench, rng))
        for number, place in enumerate(places):
            for subject in subjects:
                hidden = [each for each in said(subject, whole) if each not in shown(subject)]
                wrong = self._wrong(bench, subject, whole, rng) if hidden else []
                if len(wrong) == self.options - 1:
                    yield sealed(subject, hidden[0], wrong, place)
                    break
            else:
                wanted = f"{self.rounds} features that make a word of their own concept likelier"
                raise AuthorError(lacking(self, wanted, number))

    def _wrong(
        self, bench: Bench, subject: Subject, whole: frozenset[str], rng: random.Random
    ) -> list[str]:
        """What features of other concepts make likelier at the same site, a word of each: one that
        does not stand in their texts, as the right one is, lest the rarest word be right."""
        assert subject.concept is not None
        barred = shown(subject) | {token.strip() for token in subject.card.pos_str}
        found = list[str]()
        for other in detectors(self, bench, rng):
            if len(found) == self.options - 1:
                break
            if other.concept == subject.concept or other.pick.site != subject.pick.site:
                continue
            there = barred | shown(other)
            fitting = (
                word
                for word in said(other, whole)
                if word not in there and not subject.concept.pattern.search(word)
            )
            word = next(fitting, None)
            if word is not None:
                found.append(word)
                barred.add(word)
        return found


# -- words -----------------------------------------------------------------------------------------
def whole_words(bench: Bench) -> frozenset[str]:
    """Those of the held-out texts: a token that is none of them may be the piece of a word."""
    return frozenset(
        word
        for name in bench.atlas.concepts()
        for text in bench.texts(name, about=True)
        for word in words_of(text.text)
    )


def said(subject: Subject, whole: frozenset[str]) -> list[str]:
    """The words of its own concept that a feature makes likelier, the strongest first."""
    concept = subject.concept
    words = (token[1:] for token in subject.card.pos_str if token.startswith(" "))
    return [word for word in words if word in whole and concept and concept.pattern.search(word)]


def shown(subject: Subject) -> set[str]:
    """Words that stand in the texts of the question: none of them may be an option."""
    return set[str]().union(*(words_of("".join(each.tokens)) for each in top_texts(subject.card)))


# -- the question ----------------------------------------------------------------------------------
def sealed(subject: Subject, word: str, wrong: list[str], place: int) -> Sealed:
    options = (*wrong[:place], word, *wrong[place:])
    card, measured = subject.card, subject.card.measured
    rank = card.pos_str.index(f" {word}")
    texts = tuple(
        Strip(each.tokens, each.values, card.peak, "" if number else Message("promote.texts"))
        for number, each in enumerate(top_texts(card))
    )
    rows = zip(map(quoted, card.pos_str), card.pos_values, strict=True)
    assert subject.concept is not None
    return Sealed(
        question=Question(Message("promote.ask"), "choose", texts, options),
        solution=place,
        guess=likeliest(options, subject),
        why=Message(
            "promote.why_measured" if measured else "promote.why",
            topic=subject.concept.message,
            word=quoted(word),
            rank=rank + 1,
            rise=card.pos_values[rank],
            count=len(card.pos_str),
        ),
        reveal=(
            Bars(
                tuple(rows),
                Message("promote.unit_measured" if measured else "promote.unit"),
                card.pos_values[0],
                Message("promote.bars_measured" if measured else "promote.bars"),
            ),
            Portrait(subject.pick, named=True),
        ),
        right=frozenset({place}),
    )


def likeliest(options: tuple[str, ...], subject: Subject) -> int:
    """Of who trusts first looks: an option that looks like a word of the texts, else the first."""
    seen = shown(subject)
    alike = (n for n, each in enumerate(options) if any(same_stem(each, word) for word in seen))
    return next(alike, 0)
