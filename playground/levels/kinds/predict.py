"""The kind `predict`: before anything is measured, say which unseen texts a feature fires in.

Predicting a feature's activations from what is known of it is how explanations of features are
scored (Bills et al. 2023, Language models can explain neurons in language models).
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from playground.errors import AuthorError
from playground.levels.dealing.passages import (
    Passage,
    Subject,
    detectors,
    lacking,
    legible,
    one_cut,
    opening,
    peak_tokens,
    peak_words,
    plain,
    read,
    salient,
    spelt,
    top_texts,
    words_of,
)
from playground.levels.dealing.questions import AskLevel, Bars, Portrait, Question, Sealed, shuffled
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Message

WORDS = (9, 32)  # of a text
TOKENS = range(10, 41)
FIRES, SILENT = 0.2, 0.05  # shares of the feature's highest activation; between them: not asked
CLEAR = 0.5  # the strongest reaches at least this share of the feature's highest
AHEAD = 0.9  # the second strongest reaches at most this share of the strongest
FEWEST = 2  # texts of either sort
OWN, NEAR, FAR = 16, 12, 6  # passages that are read: on the concept, most and least alike others
OTHER_TOPICS = 8  # concepts beside the feature's own whose texts may be near misses
NEAR_POOL = 2  # near misses are drawn from so many times as are needed
OPENING = 7  # words by which a text is named
TELLING = 4  # letters of a bright token that says something by itself
ALIKE = 2.0  # likeness from which on a text is taken for one that fires without such a token
OPTIONS = (Message("predict.fires"), Message("predict.silent"))


class PredictLevel(AskLevel):
    """rounds: questions: one a text, and which of the texts is the strongest."""

    word: ClassVar[str] = "predict"
    group: ClassVar[Group] = "reading"

    rounds: int = Field(default=7, ge=6, le=10)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        count = self.rounds - 1
        firing = rng.randint(FEWEST, count - FEWEST)
        tried = 0
        for subject in filter(legible, detectors(self, bench, rng)):
            tried += 1
            texts = chosen(measured(bench, subject, rng), subject, count, firing, rng)
            if texts:
                yield from sealed(subject, texts)
                return
        wanted = f"a feature with {firing} texts in which it fires and {count - firing} without"
        raise AuthorError(lacking(self, f"{wanted} (none was found)", tried))


# -- texts -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Measured:
    """A passage of one feature."""

    passage: Passage
    about: bool  # from a text about the feature's concept
    likeness: float  # how much it reads like the card's top texts; from 1 on alike at first look
    hint: str = ""  # a word in it that may mislead: of the concept, or one on which they peak
    peaks: int = 0  # how many of the top texts peak on a token of it


def measured(bench: Bench, subject: Subject, rng: random.Random) -> list[Measured]:
    """Unseen passages: about the feature's concept, and about other topics, of these the ones
    that read most like its top texts and some that do not."""
    assert subject.concept is not None
    name = subject.concept.name
    own = one_cut(bench.texts(name, about=True), subject.card, *WORDS, rng)[:OWN]
    strange = one_cut(bench.strangers(name), subject.card, *WORDS, rng)
    topics = [each for each in bench.atlas.concepts() if each != name]
    for topic in rng.sample(topics, min(OTHER_TOPICS, len(topics))):
        strange += one_cut(bench.texts(topic, about=True), subject.card, *WORDS, rng)
    typical = salient(subject.card, strange)
    strange.sort(key=lambda text: -alike(text, subject, typical)[0])
    others = [each for each in dict.fromkeys(strange[:NEAR] + strange[-FAR:]) if each not in own]
    peaks = peak_tokens(subject.card)
    return [
        Measured(
            passage,
            n < len(own),
            *alike(passage.text, subject, typical),
            sum(peaks[token] for token in {plain(token) for token in passage.tokens}),
        )
        for n, passage in enumerate(read(bench, subject.pick, own + others))
        if len(passage.tokens) in TOKENS
    ]


def alike(text: str, subject: Subject, typical: dict[str, float]) -> tuple[float, str]:
    """How much a text reads like a card's top texts, and the first word that would make a player
    think so. Words of the concept and words on which the top texts peak count 1, others by how
    typical of the top texts they are."""
    assert subject.concept is not None
    peaks = peak_tokens(subject.card)
    words = words_of(text)
    named = [match.group().strip() for match in subject.concept.pattern.finditer(text)]
    strong = {word.lower() for word in named} | (words & peaks.keys())
    likeness = len(strong) + sum(typical.get(word, 0.0) for word in sorted(words - strong))
    return likeness, next(iter(named), "") or min(words & peak_words(subject.card), default="")


def chosen(
    found: Sequence[Measured], subject: Subject, count: int, firing: int, rng: random.Random
) -> list[Measured]:
    """`firing` texts in which the feature fires, one clearly most, and silent ones, half of them
    near misses; empty where there are too few."""
    fires = [e for e in found if e.about and e.passage.peak >= FIRES * subject.highest]
    silent = [e for e in found if e.passage.peak <= SILENT * subject.highest]
    strong = clear_first(fires, subject, firing)
    if not strong or len(silent) < count - firing:
        return []
    near = max(1, (count - firing) // 2)
    silent.sort(key=lambda each: -each.likeness)
    misses = rng.sample(silent[: NEAR_POOL * near], min(near, len(silent)))
    others = [each for each in silent if each not in misses]
    texts = strong + misses + rng.sample(others, count - firing - len(misses))
    rng.shuffle(texts)
    return texts if len({opening(each.passage.text, OPENING) for each in texts}) == count else []


def clear_first(fires: Sequence[Measured], subject: Subject, count: int) -> list[Measured]:
    """So many of these: one that fires clearly, the others all weaker; empty where none is so."""
    for first in fires:
        peak = first.passage.peak
        weaker = [each for each in fires if each.passage.peak <= AHEAD * peak]
        if peak >= CLEAR * subject.highest and len(weaker) >= count - 1:
            return [first, *weaker[: count - 1]]
    return []


# -- questions -------------------------------------------------------------------------------------
def sealed(subject: Subject, texts: Sequence[Measured]) -> tuple[Sealed, ...]:
    hidden = Portrait(subject.pick, caption=Message("questions.hidden"))
    named = Portrait(subject.pick, named=True)
    hopes = [(each.peaks, each.likeness) for each in texts]
    each_text = [
        one(number, len(texts), each, subject, guess=0 if looks_right(each, subject) else 1)
        for number, each in enumerate(texts, 1)
    ]
    peaks = [each.passage.peak for each in texts]
    best = peaks.index(max(peaks))
    names = tuple(
        Message("predict.named", number=n, text=opening(each.passage.text, OPENING))
        for n, each in enumerate(texts, 1)
    )
    strips = [e.passage.bare(Message("predict.text", number=n)) for n, e in enumerate(texts, 1)]
    most = Sealed(
        question=Question(
            Message("predict.ask_most", count=len(texts)),
            "choose",
            (*strips, hidden),
            options=names,
        ),
        solution=best,
        guess=hopes.index(max(hopes)),
        why=Message(
            "predict.why_most",
            number=best + 1,
            peak=peaks[best],
            token=spelt(texts[best].passage.tokens, texts[best].passage.place),
            second=sorted(peaks)[-2],
        ),
        reveal=(
            Bars(
                tuple(zip(names, peaks, strict=True)),
                Message("common.units"),
                subject.highest,
                Message("predict.peaks"),
            ),
            named,
        ),
        right=frozenset({best}),
    )
    return (*each_text, most)


def looks_right(each: Measured, subject: Subject) -> bool:
    """What a player would say who looks for the words that are bright on the card; where only small
    words are, for words of its subject."""
    bright = {token for token in peak_tokens(subject.card) if len(token) >= TELLING}
    tokens = {plain(token) for token in each.passage.tokens}
    return bool(bright & tokens) or each.likeness >= (ALIKE if bright else 1)


def one(number: int, count: int, each: Measured, subject: Subject, guess: int) -> Sealed:
    passage = each.passage
    fires = passage.peak >= FIRES * subject.highest
    right = 0 if fires else 1
    return Sealed(
        question=Question(
            Message("predict.ask", number=number, count=count),
            "choose",
            (
                passage.bare(Message("predict.text", number=number)),
                Portrait(subject.pick, caption=Message("questions.hidden")),
            ),
            options=OPTIONS,
        ),
        solution=right,
        guess=guess,
        why=why_fires(passage, subject) if fires else why_silent(each, subject),
        reveal=(passage.strip(subject.highest, Message("predict.measured")),),
        right=frozenset({right}),
    )


def why_fires(passage: Passage, subject: Subject) -> Message:
    return Message(
        "predict.why_fires",
        token=spelt(passage.tokens, passage.place),
        peak=passage.peak,
        share=100 * passage.peak / subject.highest,
        highest=subject.highest,
        bound=100 * FIRES,
    )


def why_silent(each: Measured, subject: Subject) -> Message:
    """With a sentence on the word that made a silent text look like one that fires."""
    assert subject.concept is not None
    said = Message("predict.why_silent", peak=each.passage.peak, highest=subject.highest)
    if not each.hint:
        return said
    shown = set[str]().union(*(words_of("".join(e.tokens)) for e in top_texts(subject.card)))
    misled = Message("predict.related", word=each.hint, topic=subject.concept.message)
    if each.hint.lower() in shown:
        misled = Message("predict.shared", word=each.hint)
    return Message("common.two", first=said, second=misled)
