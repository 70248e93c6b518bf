"""The kind `name`: choose what a feature is about, then prove it with texts of one's own.

A label is a hypothesis: it should say where a feature fires and where it does not.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field

from playground.atlas import labels
from playground.concepts.concepts import Concept
from playground.errors import AuthorError
from playground.levels.dealing.demands import Bound, Demand
from playground.levels.dealing.passages import (
    Passage,
    Subject,
    cuts,
    detectors,
    lacking,
    legible,
    one_cut,
    opening,
    peak_tokens,
    read,
    spelt,
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
    shuffled,
)
from playground.levels.intervals import difference
from playground.levels.judging import Bench
from playground.levels.kinds.trigger import snippet
from playground.levels.level import Group
from playground.levels.schema import Pick
from playground.messages import Line, Message

OPTIONS = 4
FITS_TOO = 0.7  # AUROC from which on a concept is no wrong name for a feature
SEEN = 1  # top texts that may have a word of a wrong name
FIRES = 0.1  # share of its highest from which on a feature counts as firing in a text
MUST, MUST_NOT = 0.3, 0.1  # shares of the feature's highest activation
SURE = 1.5  # the reference keeps so far from these bounds
AT_ONCE, MEASURED = 4, 12  # texts of either sort that bear a name out: a time, and at most
OPENING = 6  # words by which a measured text is named
CUT = (6, 24)  # words of the reference's near miss
PIECE = (8, 24)  # words of a measured text: as much of it as fits
WRITTEN = 2  # questions after the last name
GUESS_MISS = "On Sunday there was also talk of “{word}” in the kitchen."


class NameLevel(AskLevel):
    """rounds: features to name; the last one is then proven by two written texts. words: of one."""

    word: ClassVar[str] = "name"
    group: ClassVar[Group] = "naming"

    words: int = Field(default=30, ge=24, le=60)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        topics = set[Line]()
        asked = 0
        for subject in filter(well_named, detectors(self, bench, rng)):
            if subject.card.label in topics:
                continue
            others = wrong_names(subject, bench, rng)
            found = borne_out(subject, bench, rng) if len(others) == OPTIONS - 1 else None
            last = asked == self.rounds - 1
            written = written_questions(subject, bench, rng, self.words) if found and last else ()
            if found is None or (last and not written):
                continue
            topics.add(subject.card.label)
            asked += 1
            yield naming(subject, others, found, rng)
            if last:
                yield from written
                return
        wanted = f"{self.rounds} features whose names their top texts show"
        raise AuthorError(lacking(self, wanted, len(topics)))

    @property
    def count(self) -> int:
        return self.rounds + WRITTEN

    def grade(self, bench: Bench, sealed: Sealed, text: str) -> Graded:
        if not text:
            return Graded(False, Message("name.nothing"))
        demand = sealed.demand
        bound = demand and (demand.fires or demand.silent)
        assert demand is not None and bound is not None
        highest = bench.atlas.card(bound.pick.site, bound.pick.feature).maxActApprox
        (passage,) = read(bench, bound.pick, [text])
        right, more = asked_for(demand, passage)
        said = Message("name.no_peak")
        if passage.peak > 0:
            token, share = spelt(passage.tokens, passage.place), 100 * passage.peak / highest
            said = Message("name.peak", token=token, peak=passage.peak, share=share)
        strip = passage.strip(highest, Message("name.reading"))
        return Graded(right, Message("common.two", first=said, second=more), (strip,))


# -- names -----------------------------------------------------------------------------------------
def well_named(subject: Subject) -> bool:
    """The label says what the feature detects, and the top texts show it."""
    assert subject.concept is not None
    return legible(subject) and subject.card.label == labels.called(subject.concept.name)


def wrong_names(subject: Subject, bench: Bench, rng: random.Random) -> list[Concept]:
    """Hard ones first: concepts that near features are named after (of decoder rows), then those
    whose texts the feature fires in most after its own, then any. None that the feature detects as
    well, and none that its top texts are about."""
    concepts = [bench.concept(name) for name in bench.atlas.concepts()]
    site, near = subject.pick.site, subject.card.topkCosSimIndices
    beside = [
        bench.atlas.label(site, feature) for feature in near if bench.atlas.has(site, feature)
    ]
    stirred = [name for name, _ in subject.card.concepts]
    fitting = {name for name, auroc in subject.card.concepts if auroc >= FITS_TOO}
    shown = ["".join(each.tokens) for each in top_texts(subject.card)]

    def hard(concept: Concept) -> tuple[int, int]:
        label = labels.called(concept.name)
        return (
            beside.index(label) if label in beside else len(beside),
            stirred.index(concept.name) if concept.name in stirred else len(stirred),
        )

    rng.shuffle(concepts)
    return [
        concept
        for concept in sorted(concepts, key=hard)
        if concept != subject.concept
        and concept.name not in fitting
        and sum(bool(concept.pattern.search(text)) for text in shown) <= SEEN
    ][: OPTIONS - 1]


@dataclass(frozen=True)
class BorneOut:
    """What bears a name out. own, strange: pieces of unseen texts about the concept and about
    something else."""

    own: tuple[Passage, ...]
    strange: tuple[Passage, ...]


def borne_out(subject: Subject, bench: Bench, rng: random.Random) -> BorneOut | None:
    """Unseen texts in which the feature fires, and others in which it does not: some at a time
    until their shares are told apart; none where they are not."""
    assert subject.concept is not None
    name, card = subject.concept.name, subject.card
    about, beside = (
        [max(found, key=len) for text in unseen(texts, card, rng) if (found := cuts(text, *PIECE))]
        for texts in (bench.texts(name, about=True), bench.strangers(name))
    )
    own, strange = list[Passage](), list[Passage]()
    for start in range(0, MEASURED, AT_ONCE):
        part = slice(start, start + AT_ONCE)
        here, there = about[part], beside[part]
        if not here or not there:
            return None
        found = read(bench, subject.pick, [*here, *there])
        own += found[: len(here)]
        strange += found[len(here) :]
        hits, others = fired(own, subject), fired(strange, subject)
        if difference(hits, len(own), others, len(strange)).low > 0:
            return BorneOut(tuple(own), tuple(strange))
    return None


def fired(passages: Sequence[Passage], subject: Subject) -> int:
    """In how many of the texts the feature fires."""
    return sum(each.peak >= FIRES * subject.highest for each in passages)


def naming(
    subject: Subject, others: Sequence[Concept], found: BorneOut, rng: random.Random
) -> Sealed:
    """The question after the name."""
    assert subject.concept is not None
    topic = subject.concept.message
    options = [*others]
    right = rng.randrange(OPTIONS)
    options.insert(right, subject.concept)
    bars = [
        (Message("name.on", topic=topic, text=opening(e.text, OPENING)), e.peak) for e in found.own
    ]
    bars += [(Message("name.off", text=opening(e.text, OPENING)), e.peak) for e in found.strange]
    hidden = Portrait(subject.pick, caption=Message("name.portrait"))
    return Sealed(
        question=Question(
            Message("name.ask"),
            "choose",
            (hidden,),
            options=tuple(Message("name.option", topic=each.message) for each in options),
        ),
        solution=right,
        guess=options.index(likeliest([subject.concept, *others], subject)),
        why=Message(
            "name.held",
            topic=topic,
            right=100 * subject.auroc,
            own=fired(found.own, subject),
            of=len(found.own),
            other=fired(found.strange, subject),
            others=len(found.strange),
            bound=100 * FIRES,
        ),
        reveal=(
            Bars(tuple(bars), Message("common.units"), subject.highest, Message("name.bars")),
            Portrait(subject.pick, named=True),
        ),
        right=frozenset({right}),
    )


def likeliest(concepts: Sequence[Concept], subject: Subject) -> Concept:
    """What a player would choose who looks for words of each name in the texts that are shown: the
    name with words in most of them, then with most words; of equals the first in the alphabet."""
    shown = ["".join(each.tokens) for each in top_texts(subject.card)]

    def said(concept: Concept) -> tuple[int, int]:
        counts = [len(concept.pattern.findall(text)) for text in shown]
        return sum(count > 0 for count in counts), sum(counts)

    return max(sorted(concepts, key=lambda concept: concept.title), key=said)


# -- written proofs --------------------------------------------------------------------------------
def written_questions(
    subject: Subject, bench: Bench, rng: random.Random, words: int
) -> tuple[Sealed, ...]:
    """Both questions, or none where no text is known that answers them."""
    assert subject.concept is not None
    known = shown_words(subject)

    shown = ["".join(each.tokens).strip() for each in top_texts(subject.card)]
    strange = one_cut(bench.strangers(subject.concept.name), subject.card, *CUT, rng)
    fires = [text for text in shown if len(text.split()) <= words]
    misses = [text for text in strange if known & words_of(text)]
    loud, quiet = SURE * MUST * subject.highest, MUST_NOT * subject.highest / SURE
    firing = first(bench, subject.pick, fires, lambda each: each.peak >= loud)
    silent = first(bench, subject.pick, misses, lambda each: each.peak < quiet)
    if firing is None or silent is None:
        return ()
    word = max(sorted(known - peak_tokens(subject.card).keys() or known), key=len)
    hidden = (Portrait(subject.pick, caption=Message("name.portrait")),)
    highest = subject.highest
    fire = Message("name.ask_fire", need=MUST * highest, bound=100 * MUST, highest=highest)
    miss = Message("name.ask_miss", need=MUST_NOT * highest, bound=100 * MUST_NOT)
    return (
        Sealed(
            question=Question(fire, "write", hidden, words=words),
            solution=firing.text,
            guess=snippet(top_texts(subject.card)[0], words),
            demand=Demand(fires=Bound(subject.pick, MUST * highest)),
        ),
        Sealed(
            question=Question(miss, "write", hidden, words=words),
            solution=silent.text,
            guess=GUESS_MISS.format(word=word),
            demand=Demand(
                silent=Bound(subject.pick, MUST_NOT * highest),
                shared=tuple(sorted(known)),
                example=word,
            ),
        ),
    )


def shown_words(subject: Subject) -> set[str]:
    return set[str]().union(*(words_of("".join(e.tokens)) for e in top_texts(subject.card)))


def first(
    bench: Bench, pick: Pick, texts: Sequence[str], fits: Callable[[Passage], bool]
) -> Passage | None:
    """The first text that will do; they are read one after the other, as far as need be."""
    return next(filter(fits, (read(bench, pick, [text])[0] for text in texts)), None)


def asked_for(demand: Demand, passage: Passage) -> tuple[bool, Message]:
    """Whether the text does what it has to, and what to say of that."""
    if demand.fires is not None:
        right = passage.peak >= demand.fires.units
        return right, Message("name.enough" if right else "name.too_little", bound=100 * MUST)
    assert demand.silent is not None
    shared = words_of(passage.text) & set(demand.shared)
    if passage.peak >= demand.silent.units:
        return False, Message("name.too_much", bound=100 * MUST_NOT)
    if not shared:
        return False, Message("name.strange", word=demand.example)
    return True, Message("name.quiet", word=max(sorted(shared), key=len))
