"""The kind `name`: choose what a feature is about, then prove it with texts of one's own.

A label is a hypothesis: it should say where a feature fires and where it does not.
"""

import random
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import ClassVar

from pydantic import Field

from playground.concepts.concepts import Concept, spoken
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
    quoted,
    read,
    top_texts,
    unseen,
    words_of,
)
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Graded,
    Portrait,
    Question,
    Sealed,
    Strip,
    shuffled,
)
from playground.levels.judging import Bench
from playground.levels.kinds.trigger import snippet
from playground.levels.level import Group

OPTIONS = 4
FITS_TOO = 0.7  # AUROC from which on a concept is no wrong name for a feature
SEEN = 1  # top texts that may have a word of a wrong name
MUST, MUST_NOT = 0.3, 0.1  # shares of the feature's highest activation
SURE = 1.5  # the reference keeps so far from these bounds
MEASURED_TEXTS = 4  # of either sort, for the proof of a name
OPENING = 6  # words by which a measured text is named
CUT = (6, 24)  # words of the reference's near miss
TEXTS_KEPT = 64  # written texts whose reading is remembered
ASK = "Which name fits this feature best?"
PORTRAIT = "The feature without its name. Look at what its top texts have in common."
WHY = (
    "Its name is “{topic}”: shown one unseen text of that sort and one of another, it fires more "
    "on the right one {right:.0f} times in 100 (a coin: 50). In the texts below it peaks at "
    "{own:.1f} activation units on average in that sort, and at {other:.1f} in the others."
)
ON, OFF = "{topic}: {text}", "another: {text}"
BARS = "The highest activation in texts that the card does not show"
ASK_FIRE = (
    "Prove it: write a text in which this feature fires. It must reach {need:.1f} activation "
    "units, {bound:.0f} % of its highest in all the texts of the atlas ({highest:.1f})."
)
ASK_MISS = (
    "Now a near miss: write a text that shares a word of at least four letters with one of the "
    "top texts shown, and in which the feature stays silent (under {need:.1f} activation units, "
    "{bound:.0f} % of its highest)."
)
EMPTY = "Nothing was written."
PEAK = "Your text peaks on {token}: {peak:.1f} activation units, {share:.0f} % of its highest."
NO_PEAK = "The feature stays silent in your text: 0 activation units."
ENOUGH, TOO_LITTLE = " {bound:.0f} % were needed.", " Not enough yet: {bound:.0f} % are needed."
QUIET, TOO_MUCH = (
    " It shares “{word}” with the top texts, so this is a near miss.",
    " Too much: it must stay under {bound:.0f} %.",
)
STRANGE = (
    " But no word of at least four letters is also in the top texts shown; take one, for example "
    "“{word}”."
)
READING = "Your text; full colour is the feature's highest activation."
GUESS_MISS = "On Sunday there was also talk of “{word}” in the kitchen."


class NameLevel(AskLevel):
    """rounds: features to name; the last one is then proven by two written texts. words: of one."""

    word: ClassVar[str] = "name"
    group: ClassVar[Group] = "naming"

    words: int = Field(default=30, ge=24, le=60)

    def deal(self, bench: Bench, seed: int) -> tuple[Sealed, ...]:
        rng = shuffled(seed, self.id)
        named = list[Sealed]()
        last: tuple[Sealed, ...] = ()  # the feature that texts are written for, asked at the end
        topics = set[str]()
        for subject in filter(well_named, detectors(self, bench, rng)):
            if last and len(named) == self.rounds - 1:
                break
            others = wrong_names(subject, bench, rng)
            if subject.card.label in topics or len(others) < OPTIONS - 1:
                continue
            question = naming(subject, others, bench, rng)
            written = () if last else written_questions(subject, bench, rng, self.words)
            if question is None or not (written or len(named) < self.rounds - 1):
                continue
            topics.add(subject.card.label)
            if written:
                last = (question, *written)
            else:
                named.append(question)
        if not last or len(named) < self.rounds - 1:
            wanted = f"{self.rounds} features whose names their top texts show"
            raise AuthorError(lacking(self, wanted, len(topics)))
        return (*named, *last)


# -- names -----------------------------------------------------------------------------------------
def well_named(subject: Subject) -> bool:
    """The label says what the feature detects, and the top texts show it."""
    assert subject.concept is not None
    return legible(subject) and subject.card.label.lower() == subject.concept.title.lower()


def wrong_names(subject: Subject, bench: Bench, rng: random.Random) -> list[Concept]:
    """Concepts that a near feature is named after, then any: none that the feature detects as
    well, and none that its top texts are about."""
    concepts = [bench.concept(name) for name in bench.atlas.concepts()]
    site, near = subject.pick.site, subject.card.topkCosSimIndices
    labels = {bench.atlas.label(site, feature).lower() for feature in near}
    rng.shuffle(concepts)
    concepts.sort(key=lambda concept: concept.title.lower() not in labels)
    fitting = {name for name, auroc in subject.card.concepts if auroc >= FITS_TOO}
    shown = ["".join(each.tokens) for each in top_texts(subject.card)]
    return [
        concept
        for concept in concepts
        if concept != subject.concept
        and concept.name not in fitting
        and sum(bool(concept.pattern.search(text)) for text in shown) <= SEEN
    ][: OPTIONS - 1]


def naming(
    subject: Subject, others: Sequence[Concept], bench: Bench, rng: random.Random
) -> Sealed | None:
    """The question after the name; none where the drawn texts do not bear it out."""
    assert subject.concept is not None
    topic, name = spoken(subject.concept), subject.concept.name
    names = [spoken(each) for each in others]
    right = rng.randrange(OPTIONS)
    names.insert(right, topic)
    own, other = (
        read(bench, subject.pick, unseen(texts, subject.card, rng)[:MEASURED_TEXTS])
        for texts in (bench.texts(name, about=True), bench.strangers(name))
    )
    if average(own) <= average(other):
        return None
    rows = [(ON.format(topic=topic, text=opening(e.text, OPENING)), e.peak) for e in own]
    rows += [(OFF.format(text=opening(e.text, OPENING)), e.peak) for e in other]
    why = WHY.format(topic=topic, right=100 * subject.auroc, own=average(own), other=average(other))
    hidden = Portrait(subject.pick, caption=PORTRAIT)
    return Sealed(
        question=Question(ASK, "choose", (hidden,), options=tuple(names)),
        solution=right,
        guess=names.index(likeliest([subject.concept, *others], subject)),
        why=why,
        reveal=(
            Bars(tuple(rows), "activation units", subject.highest, BARS),
            Portrait(subject.pick, named=True),
        ),
        right=frozenset({right}),
    )


def average(passages: Sequence[Passage]) -> float:
    return sum(each.peak for each in passages) / max(1, len(passages))


def likeliest(concepts: Sequence[Concept], subject: Subject) -> str:
    """What a player would choose who looks for words of each name in the texts that are shown: the
    name with words in most of them, then with most words; of equals the first in the alphabet."""
    shown = ["".join(each.tokens) for each in top_texts(subject.card)]

    def said(concept: Concept) -> tuple[int, int]:
        counts = [len(concept.pattern.findall(text)) for text in shown]
        return sum(count > 0 for count in counts), sum(counts)

    return spoken(max(sorted(concepts, key=lambda concept: concept.title), key=said))


# -- written proofs --------------------------------------------------------------------------------
def written_questions(
    subject: Subject, bench: Bench, rng: random.Random, words: int
) -> tuple[Sealed, ...]:
    """Both questions, or none where no text is known that answers them."""
    assert subject.concept is not None
    known = shown_words(subject)

    @lru_cache(TEXTS_KEPT)
    def reading(text: str) -> Passage:
        return read(bench, subject.pick, [text])[0]

    shown = ["".join(each.tokens).strip() for each in top_texts(subject.card)]
    strange = one_cut(bench.strangers(subject.concept.name), subject.card, *CUT, rng)
    fires = [text for text in shown if len(text.split()) <= words]
    misses = [text for text in strange if known & words_of(text)]
    firing = next((e for e in map(reading, fires) if e.peak >= SURE * MUST * subject.highest), None)
    silent = next(
        (e for e in map(reading, misses) if SURE * e.peak < MUST_NOT * subject.highest), None
    )
    if firing is None or silent is None:
        return ()
    word = max(sorted(known - peak_tokens(subject.card).keys() or known), key=len)
    hidden = (Portrait(subject.pick, caption=PORTRAIT),)
    asks = [
        ask.format(need=bound * subject.highest, bound=100 * bound, highest=subject.highest)
        for ask, bound in ((ASK_FIRE, MUST), (ASK_MISS, MUST_NOT))
    ]
    return (
        Sealed(
            question=Question(asks[0], "write", hidden, words=words),
            solution=firing.text,
            guess=snippet(top_texts(subject.card)[0], words),
            grade=lambda text: fired(text, subject, reading),
        ),
        Sealed(
            question=Question(asks[1], "write", hidden, words=words),
            solution=silent.text,
            guess=GUESS_MISS.format(word=word),
            grade=lambda text: missed(text, subject, reading, word),
        ),
    )


def shown_words(subject: Subject) -> set[str]:
    return set[str]().union(*(words_of("".join(e.tokens)) for e in top_texts(subject.card)))


def fired(text: str, subject: Subject, reading: Callable[[str], Passage]) -> Graded:
    """Grades a text in which the feature must fire."""
    if not text:
        return Graded(False, EMPTY)
    passage = reading(text)
    right = passage.peak >= MUST * subject.highest
    more = (ENOUGH if right else TOO_LITTLE).format(bound=100 * MUST)
    return Graded(right, said(passage, subject) + more, shown(passage, subject))


def missed(text: str, subject: Subject, reading: Callable[[str], Passage], example: str) -> Graded:
    """Grades a near miss. example: a word that the player could share."""
    if not text:
        return Graded(False, EMPTY)
    passage = reading(text)
    shared = words_of(text) & shown_words(subject)
    quiet = passage.peak < MUST_NOT * subject.highest
    if not quiet:
        more = TOO_MUCH.format(bound=100 * MUST_NOT)
    elif shared:
        more = QUIET.format(word=max(sorted(shared), key=len))
    else:
        more = STRANGE.format(word=example)
    return Graded(quiet and bool(shared), said(passage, subject) + more, shown(passage, subject))


def said(passage: Passage, subject: Subject) -> str:
    if passage.peak == 0:
        return NO_PEAK
    return PEAK.format(
        token=quoted(passage.tokens[passage.place]),
        peak=passage.peak,
        share=100 * passage.peak / subject.highest,
    )


def shown(passage: Passage, subject: Subject) -> tuple[Strip, ...]:
    return (passage.strip(subject.highest, READING),)
