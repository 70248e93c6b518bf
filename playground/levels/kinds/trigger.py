"""The kind `trigger`: make a feature fire without the words that give its concept away.

Texts that are written to contradict what a card seems to say are a way to test it: Bills et al.,
Language models can explain neurons in language models (2023), have a model write them.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from pydantic import Field

from playground.atlas.cards import Activation, Card
from playground.concepts.concepts import Concept
from playground.errors import PlayerError
from playground.levels.dealing import candidates, passages
from playground.levels.dealing.bans import counted, stands, used
from playground.levels.dealing.candidates import Detected
from playground.levels.dealing.demands import Bound, Demand
from playground.levels.dealing.passages import Passage
from playground.levels.dealing.questions import (
    AskLevel,
    Graded,
    Portrait,
    Question,
    Sealed,
    shuffled,
)
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.levels.schema import Pick, Text
from playground.messages import Message

NEEDED = 0.5  # of the strongest activation that the atlas has seen
GIVEAWAYS = 3  # words, each with its other forms in the concept's list
STEM = 4  # letters that two forms of a word share
BATCH, BATCHES = 12, 6  # passages read at once in the search for a solution, and how often
SHOWN_WORDS = 8  # of the concept, in a guess of somebody who writes what comes to mind


class TriggerLevel(AskLevel):
    """banned: words that no text of this level may hold, beside each concept's giveaways.
    show_labels: the card with its label, which says what to write about. words: of a text."""

    word: ClassVar[str] = "trigger"
    group: ClassVar[Group] = "naming"
    banned: tuple[Text, ...] = ()
    show_labels: bool = False
    words: int = Field(default=25, ge=5, le=25)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """One question a concept. Raises AuthorError when too few detectors can be fired so."""
        asked = 0
        for about in candidates.detected(self, bench, shuffled(seed, self.id)):
            if made := self._question(bench, about):
                yield made
                asked += 1
                if asked == self.rounds:
                    return
        what = f"a detector (AUROC {candidates.GOOD_AUROC:g} or more) at {', '.join(self.sites)} "
        what += "that some held-out text fires without the banned words"
        raise candidates.too_few(self, self.rounds, what, asked)

    def _question(self, bench: Bench, about: Detected) -> Sealed | None:
        """None where no held-out text wins, or where the concept has no list of words to ban."""
        pick = Pick(about.detector.site, about.detector.feature)
        card = bench.atlas.card(pick.site, pick.feature)
        texts = [each.text for each in bench.texts(about.concept.name, about=True)]
        banned = self._banned(about.concept, texts)
        needed = NEEDED * card.maxActApprox
        if not banned or needed <= 0:
            return None
        won = solution(bench, pick, needed, self._pieces(about.concept, texts, banned))
        if won is None:
            return None
        portrait = Portrait(pick, self.show_labels)
        ask = Message("trigger.ask", needed=needed, banned=banned)
        top = card.maxActApprox
        return Sealed(
            question=Question(ask, "write", (portrait,), words=self.words),
            solution=won.text,
            guess=guess(card, about.concept, banned, needed, self.words),
            why=Message("trigger.found", text=won.text, peak=won.peak, needed=needed),
            reveal=(won.strip(top, Message("trigger.works")),),
            demand=Demand(fires=Bound(pick, needed), banned=banned),
        )

    def grade(self, bench: Bench, sealed: Sealed, text: str) -> Graded:
        demand = sealed.demand
        assert demand is not None and demand.fires is not None
        pick, needed = demand.fires.pick, demand.fires.units
        if not text.strip():
            return Graded(False, Message("trigger.nothing"))
        try:
            (read,) = passages.read(bench, pick, [text])
        except PlayerError as error:  # nothing that the model can read
            return Graded(False, error.said)
        why = Message("trigger.silent", needed=needed)
        if read.peak > 0:
            token = passages.spelt(read.tokens, read.place)
            why = Message("trigger.peak", peak=read.peak, token=token, needed=needed)
            if len(passages.word_at(read.tokens, read.place)) < passages.SHORTEST_WORD:
                why = Message("common.two", first=why, second=Message("trigger.small"))
        if found := used(demand.banned, text, ordinary(bench)):
            words = tuple(Message("common.quoted", text=word) for word in found)
            more = Message("trigger.used", words=words, count=len(found))
            why = Message("common.two", first=why, second=more)
        strip = read.strip(needed / NEEDED, Message("trigger.reading"))
        near = 0.0 if found else min(1.0, read.peak / needed)
        return Graded(read.peak >= needed and not found, why, (strip,), near)

    def _banned(self, concept: Concept, texts: Sequence[str]) -> tuple[str, ...]:
        own = (word.lower() for word in self.banned)
        return tuple(dict.fromkeys((*giveaways(concept, texts), *own)))

    def _pieces(self, concept: Concept, texts: Sequence[str], banned: Sequence[str]) -> list[str]:
        """Short passages without banned words, those with most other words of the concept first."""
        pieces = [piece for text in texts for piece in passages.cuts(text, 3, self.words)]
        allowed = [piece for piece in dict.fromkeys(pieces) if not used(banned, piece)]
        return sorted(allowed, key=lambda piece: -len(used(concept.words, piece)))


# -- banned words ----------------------------------------------------------------------------------
def giveaways(concept: Concept, texts: Sequence[str]) -> tuple[str, ...]:
    """The words of the concept that stand most often in texts about it, each with its other forms
    in the concept's list; empty where the concept is told by a pattern."""
    counts = Counter(word for text in texts for word in counted(concept.words, text))
    banned = list[str]()
    ranked = sorted(counts, key=lambda word: (-counts[word], word))
    for _ in range(GIVEAWAYS):
        word = next((each for each in ranked if each not in banned), None)
        if word is not None:
            forms = sorted(each for each in concept.words if each.startswith(word[:STEM]))
            banned += [word, *(each for each in forms if each not in (word, *banned))]
    return tuple(banned)


def ordinary(bench: Bench) -> Callable[[str], bool]:
    """Whether a word stands by itself in any of the texts that the model's levels are made of."""

    def known(word: str) -> bool:
        names = bench.atlas.concepts()
        return any(stands(word, each.text) for name in names for each in bench.texts(name, True))

    return known


# -- answers ---------------------------------------------------------------------------------------
def solution(bench: Bench, pick: Pick, needed: float, pieces: Sequence[str]) -> Passage | None:
    """The best of the first pieces among which one is strong enough."""
    for start in range(0, min(len(pieces), BATCH * BATCHES), BATCH):
        read = passages.read(bench, pick, pieces[start : start + BATCH])
        best = max(read, key=lambda each: each.peak)
        if best.peak >= needed:
            return best
    return None


def guess(card: Card, concept: Concept, banned: Sequence[str], needed: float, words: int) -> str:
    """What is copied from the card: its strongest text that is allowed; else words to the topic."""
    strongest = sorted(card.activations, key=lambda each: -each.maxValue)
    for each in strongest:
        text = snippet(each, words)
        if each.maxValue >= needed and not used(banned, text):
            return text
    return " ".join([word for word in concept.words if word not in banned][:SHOWN_WORDS])


def snippet(activation: Activation, words: int) -> str:
    """At most so many words of a card's text, up to its strongest token and on if there is room."""
    count = len("".join(activation.tokens[: activation.maxValueTokenIndex + 1]).split())
    whole = "".join(activation.tokens).split()
    end = min(len(whole), max(words, count))
    return " ".join(whole[max(0, end - words) : end])
