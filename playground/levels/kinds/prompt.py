"""The kind `prompt`: reach with words alone what a dial reaches, and see what each costs.

AxBench (Wu et al. 2025) has prompting ahead of every steering method that it compares; a prompt is
the baseline that a dial has to beat.
"""

import random
import re
from collections.abc import Iterator, Sequence
from math import ceil
from typing import ClassVar

from pydantic import Field

from playground.atlas.calibrate import FRESH_PROMPTS
from playground.concepts.concepts import Concept, Score, find, score_replies
from playground.engine.records import TEMPERATURE, Dial, Request, Sampling, Trace
from playground.levels.dealing import candidates, passages
from playground.levels.dealing.bans import used
from playground.levels.dealing.candidates import Steered
from playground.levels.dealing.demands import Demand, Wanted
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    CountedReplies,
    Exhibit,
    Graded,
    Question,
    Reply,
    Sealed,
    shuffled,
)
from playground.levels.intervals import wilson
from playground.levels.judging import Bench
from playground.levels.kinds.trigger import giveaways, ordinary
from playground.levels.level import Group
from playground.messages import Message

STEERS = 0.75  # share of replies that the atlas' recipe brings on its concept, to be asked about
LEAST = 0.6  # of the dial's replies here; with fewer there is nothing to reach
FIRST_SEED = 7_000  # apart from the seeds of calibration and of the other kinds
TRIED = 4  # texts in the search for a solution
_SENTENCE = re.compile(r"[^.!?…]+[.!?…]*")


class PromptLevel(AskLevel):
    """words: of the text that is written; replies: that a dial and a text are judged by; tokens: of
    one reply; ban: the words that stand most often in texts about the concept may not be used."""

    word: ClassVar[str] = "prompt"
    group: ClassVar[Group] = "steering"
    rounds: int = Field(default=3, ge=1, le=6)
    words: int = Field(default=20, ge=3, le=40)
    replies: int = Field(default=10, ge=8, le=24)
    tokens: int = Field(default=32, ge=16, le=96)
    temperature: float = Field(default=TEMPERATURE, ge=0, le=2)
    ban: bool = False

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """One question a concept. Raises AuthorError where too few dials reach enough, or no text
        of *show* reaches as much."""
        rng, asked = shuffled(seed, self.id), 0
        for about in candidates.steered(self, bench, rng, along=True):
            if about.point.effect < STEERS:
                continue
            if made := self._question(bench, about, rng, tried=asked > 0):
                yield made
                asked += 1
                if asked == self.rounds:
                    return
        what = "a dial, and a text that brings the concept into as many replies"
        raise candidates.too_few(self, self.rounds, what, asked)

    def _question(
        self, bench: Bench, about: Steered, rng: random.Random, tried: bool
    ) -> Sealed | None:
        """None where the dial reaches too little here, or no text that was found as much. tried:
        whether a text is tried before it is taken for a solution; the first question must not
        keep anybody waiting, and two of three are enough."""
        concept = about.concept
        own = [each.text for each in bench.texts(concept.name, True, "show")]
        banned = giveaways(concept, own) if self.ban else ()
        if not own or (self.ban and not banned):
            return None
        traces = self._written(bench, "", about.recipe.dial())
        score = score_replies(concept, traces, bench.usual)
        hits = on(score)
        if hits < LEAST * self.replies:
            return None
        wanted = Wanted(
            concept.name, ceil(wilson(hits, self.replies).low * self.replies), self.replies, hits,
            score.damage, devoted(concept, traces),
        )  # fmt: skip
        pieces = [p for p in self._pieces(concept, own, banned, rng) if find(concept, p)]
        found = (
            self._solution(bench, concept, wanted, pieces) if tried else next(iter(pieces), None)
        )
        if found is None:
            return None
        ask = Message(
            "prompt.ask_banned" if banned else "prompt.ask",
            topic=concept.message,
            dial=hits,
            count=self.replies,
            hits=wanted.hits,
            **({"banned": banned} if banned else {}),
        )
        return Sealed(
            question=Question(
                ask, "write", (shown(concept, traces, "prompt.dial_replies"),), words=self.words
            ),
            solution=found,
            guess=listed(concept, self.words),
            why=Message("prompt.found", text=found),
            reveal=(),
            demand=Demand(banned=banned, example=found, wanted=wanted),
        )

    def grade(self, bench: Bench, sealed: Sealed, text: str) -> Graded:
        demand = sealed.demand
        assert demand is not None and demand.wanted is not None
        if not text.strip():
            return Graded(False, Message("prompt.nothing"))
        if found := used(demand.banned, text, ordinary(bench)):
            words = tuple(Message("common.quoted", text=word) for word in found)
            return Graded(False, Message("prompt.used", words=words, count=len(found)))
        wanted, concept = demand.wanted, bench.concept(demand.wanted.concept)
        traces = self._written(bench, text)
        score = score_replies(concept, traces, bench.usual)
        right = on(score) >= wanted.hits
        why = Message(
            "prompt.reached" if right else "prompt.missed",
            topic=concept.message,
            found=on(score),
            count=wanted.of,
            hits=wanted.hits,
            dial=wanted.dial,
        )
        evidence = (
            *compared(concept, traces, score, wanted),
            shown(concept, traces, "prompt.own_replies"),
        )
        return Graded(right, why, evidence, near=on(score) / self.replies)

    def _written(self, bench: Bench, text: str, *dials: Dial) -> list[Trace]:
        """Replies to neutral beginnings, behind a text of the player's or under a dial. What is
        said behind a text is the same in every question: it is written once."""
        wanted = [
            Request(
                f"{text.strip()} {beginning}".strip(),
                dials,
                Sampling(self.temperature, max_tokens=self.tokens, seed=FIRST_SEED + number),
                plain=True,
            )
            for number, beginning in enumerate(beginnings(self.replies))
        ]
        return bench.engine.generate(wanted).traces() if dials else bench.written(wanted)

    def _pieces(
        self, concept: Concept, texts: Sequence[str], banned: Sequence[str], rng: random.Random
    ) -> list[str]:
        """Short pieces of texts of *show* without banned words; first those with most of the
        concept's others."""
        pieces = [piece for text in texts for piece in passages.cuts(text, 3, self.words)]
        allowed = [piece for piece in dict.fromkeys(pieces) if not used(banned, piece)]
        rng.shuffle(allowed)
        return sorted(allowed, key=lambda piece: -len(find(concept, piece)))

    def _solution(
        self, bench: Bench, concept: Concept, wanted: Wanted, pieces: Sequence[str]
    ) -> str | None:
        """The first piece that reaches what is wanted."""
        for piece in pieces[:TRIED]:
            score = score_replies(concept, self._written(bench, piece), bench.usual)
            if on(score) >= wanted.hits:
                return piece
        return None


def listed(concept: Concept, words: int) -> str:
    """Words of the concept one after the other, as many as may be written: a sign may be two."""
    return " ".join(" ".join(concept.words).split()[:words]) or concept.title


def beginnings(count: int) -> list[str]:
    return [FRESH_PROMPTS[place % len(FRESH_PROMPTS)] for place in range(count)]


def on(score: Score) -> int:
    """How many replies are on the concept."""
    return sum(each.on for each in score.replies)


def devoted(concept: Concept, traces: Sequence[Trace]) -> float:
    """Share of the sentences of all replies in which a sign of the concept stands, 0..1."""
    sentences = [each for trace in traces for each in _SENTENCE.findall(trace.text) if each.strip()]
    return sum(bool(concept.pattern.search(each)) for each in sentences) / max(1, len(sentences))


# -- what is shown ---------------------------------------------------------------------------------
def shown(concept: Concept, traces: Sequence[Trace], key: str) -> CountedReplies:
    """All of them, as they were counted: those with most signs of the concept first."""
    found = [(each, tuple(find(concept, each.text))) for each in traces]
    ordered = sorted(found, key=lambda each: -len(each[1]))
    return CountedReplies(
        tuple(Reply(each.request.prompt, each.text) for each, _ in ordered),
        tuple(signs for _, signs in ordered),
        tuple(len(signs) >= concept.at_least for _, signs in ordered),
        Message(key, count=len(traces)),
    )


def compared(
    concept: Concept, traces: Sequence[Trace], score: Score, wanted: Wanted
) -> tuple[Exhibit, ...]:
    """Words and dial side by side: replies on the concept, how much of them is about it, damage."""
    words, dial = Message("prompt.words"), Message("prompt.dial")
    hits = ((words, float(on(score))), (dial, float(wanted.dial)))
    share = ((words, 100 * devoted(concept, traces)), (dial, 100 * wanted.devoted))
    harm = ((words, score.damage), (dial, wanted.damage))
    hundred = Message("common.of_100")
    return (
        Bars(hits, Message("prompt.replies"), float(wanted.of), Message("prompt.hits_bars")),
        Bars(share, Message("prompt.sentences"), 100.0, Message("prompt.share_bars")),
        Bars(harm, hundred, 100.0, Message("prompt.harm_bars")),
    )
