"""The kind `forecast`: what will the model say when a feature is taken away?

An attribution graph (Ameisen et al., Circuit Tracing, 2025) forecasts it: attention and norms held,
every feature on its slope. The player reads the forecast, the model is run without the feature, and
only the run counts. Where the two part, the answer says so.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import ClassVar, Literal

from pydantic import Field

from playground.circuits.records import Ran
from playground.levels.dealing.circuitry import RUN, Expected, TracedText, traced
from playground.levels.dealing.fairness import FairTerms, first_of_each
from playground.levels.dealing.passages import whole_words
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Question,
    Sealed,
    even,
    shuffled,
)
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Line, Message

Asks = Literal["feature", "word"]
OPTIONS = 4
LETTERS = "ABCD"
LOOKED_AT = 40  # texts for one question
CAP = 200  # features of a graph that are asked about
CLEAR = 1.25  # how many times as likely as the next one the word of a run has to be
SPARED = 0.4  # share of what the answer loses without the right feature that it may without another
COSTS = 0.3  # nats that it loses without that, at least
LOUD = 6  # features that write most for the answer, and are run, too
MOVES = 0.2  # points that a graph thinks a feature moves the lead by, at least
FULL = 100.0  # per cent, of a full bar


class ForecastLevel(AskLevel):
    """rounds: texts, each with one question; asks: about what, in turn: without which of four
    features the answer is lost, or what is said without one."""

    word: ClassVar[str] = "forecast"
    group: ClassVar[Group] = "measuring"
    asks: tuple[Asks, ...] = Field(default=("word",), min_length=1)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        places = even(self.rounds, OPTIONS, rng)
        known = whole_words(bench)
        coming = (Weighed(each, known) for each in traced(self, bench, rng, CAP))
        asks = [DEALT[self.asks[n % len(self.asks)]] for n in range(self.rounds)]
        wanted = zip(asks, places, FairTerms.of(self.rounds, rng), strict=True)
        questions = (
            map(partial(ask, place=place, terms=terms, rng=rng), islice(coming, LOOKED_AT))
            for ask, place, terms in wanted
        )
        yield from first_of_each(self, questions, "texts whose next word hangs on one feature")


@dataclass(frozen=True, eq=False)
class Weighed:
    """A text and its features, each with a run without it when it is asked for. known: words that
    an option may be."""

    text: TracedText
    known: frozenset[str]
    runs: dict[str, Ran] = field(default_factory=dict)  # by the key of the node that is off

    def ran(self, each: Expected) -> Ran:
        if each.node.key not in self.runs:
            self.runs[each.node.key] = self.text.without([each.node])
        return self.runs[each.node.key]

    @property
    def tried(self) -> list[Expected]:
        """Those that the graph thinks most of, either way."""
        some = [e for e in self.text.mattering if abs(e.lead) >= MOVES]
        return sorted(some, key=lambda each: -abs(each.lead))[:RUN]

    @property
    def loud(self) -> list[Expected]:
        """Those that the graph has write most for the answer, whatever they write for its rival."""
        return sorted(self.text.mattering, key=lambda e: e.moved[self.text.answer])[:LOUD]

    @property
    def words(self) -> list[int]:
        """Next words that can be read, the likeliest first."""
        return [n for n in self.text.words if self.text.piece(n).strip() in self.known]

    def clear(self, ran: Ran) -> bool:
        """Whether one word is well ahead of all others."""
        best = sorted(ran.chances, reverse=True)[:2]
        return bool(best[0] >= CLEAR * best[1])

    def foreseen(self, each: Expected) -> int:
        """The word that the graph expects without a feature."""
        return max(self.text.words, key=lambda n: self.text.points(n) + each.moved[n])

    def described(self, each: Expected, letter: str = "") -> Message:
        node, text = each.node, self.text
        about = {"name": text.name(node), "block": node.layer + 1, "token": text.token(node)}
        if letter:
            return Message("forecast.lettered", letter=letter, **about)
        return Message("forecast.feature", **about)


# -- the questions ---------------------------------------------------------------------------------
def word(own: Weighed, place: int, terms: FairTerms, rng: random.Random) -> Sealed | None:
    """One feature goes: what is said then? Where a first look is to be wrong, another word than
    now."""
    text, words = own.text, own.words[:OPTIONS]
    if len(words) < OPTIONS or words[0] != text.answer:
        return None
    found = {text.graph.nodes[n].index: n for n in words}
    for each in own.tried:
        ran = own.ran(each)
        right = found.get(ran.answer)
        if right is None or (right != text.answer) != terms.trap or not own.clear(ran):
            continue
        # What helps the answer along when it goes is no question.
        fits = terms.met(own.foreseen(each) == right, right == text.answer)
        if fits and each.lead < 0:
            others = [n for n in words if n != right]
            rng.shuffle(others)
            return said(own, each, [*others[:place], right, *others[place:]], place)
    return None


def said(own: Weighed, each: Expected, options: Sequence[int], place: int) -> Sealed:
    """options: next words; place: of the one that is said without the feature."""
    text, ran, right = own.text, own.ran(each), options[place]
    names = tuple(map(text.word, options))
    now = [text.points(n) for n in options]
    moved = [each.moved[n] for n in options]
    chances = [FULL * text.share(ran, n) for n in options]
    foreseen = own.foreseen(each)
    share = text.share(ran, right)
    if right == text.answer:
        why = Message("forecast.why_stays", word=text.own.word, before=text.own.chance, share=share)
    else:
        why = Message(
            "forecast.why_turned", word=text.word(right), share=share, answer=text.own.word
        )
    return Sealed(
        Question(
            Message("forecast.ask_word", word=text.own.word, feature=own.described(each)),
            "choose",
            (
                text.own.strip(Message("forecast.marked"), each.node.position),
                Bars(rows(names, now), Message("forecast.points"), max(map(abs, now)),
                     Message("forecast.now")),
                Bars(rows(names, moved), Message("forecast.points"), max(map(abs, moved)),
                     Message("forecast.moved")),
            ),
            names,
        ),
        solution=place,
        guess=options.index(text.answer),
        why=Message("common.two", first=why, second=verdict(text, foreseen, right == foreseen)),
        reveal=(Bars(rows(names, chances), Message("forecast.share_unit"), FULL,
                     Message("forecast.found")),),
        right=frozenset({place}),
    )  # fmt: skip


def feature(own: Weighed, place: int, terms: FairTerms, rng: random.Random) -> Sealed | None:
    """Four features: without which one is the answer lost?"""
    text = own.text
    if text.piece(text.rival).strip() not in own.known:
        return None
    lost = [
        each for each in own.tried
        if not text.same(own.ran(each)) and text.lost(own.ran(each)) >= COSTS
    ]  # fmt: skip
    if not lost:
        return None
    best = max(lost, key=lambda each: text.lost(own.ran(each)))
    most = SPARED * text.lost(own.ran(best))
    kept = [
        e
        for e in dict.fromkeys((*own.tried, *own.loud))
        if text.same(own.ran(e)) and text.lost(own.ran(e)) <= most
    ]
    if len(kept) < OPTIONS - 1:
        return None
    # One that writes much for the answer, and as much for its rival.
    kept.sort(key=lambda each: each.moved[text.answer])
    wrong = [kept[0], *rng.sample(kept[1:], OPTIONS - 2)]
    rng.shuffle(wrong)
    sealed, foreseen = missed(own, [*wrong[:place], best, *wrong[place:]], place)
    return sealed if terms.met(foreseen == place, sealed.guess == place) else None


def missed(own: Weighed, options: Sequence[Expected], place: int) -> tuple[Sealed, int]:
    """options: features; place: of the one without which the answer is lost. With the place of the
    one that the graph expects."""
    text, best = own.text, options[place]
    gives = {n: [-each.moved[n] for each in options] for n in (text.answer, text.rival)}
    top = max(abs(value) for each in gives.values() for value in each)
    names = tuple(Message("forecast.letter", letter=letter) for letter in LETTERS)
    shown = tuple(
        Bars(rows(names, gives[n]), Message("forecast.points"), top,
             Message("forecast.gives", word=text.word(n)))
        for n in (text.answer, text.rival)
    )  # fmt: skip
    lead = text.points(text.answer) - text.points(text.rival)
    losses = [text.lost(own.ran(each)) for each in options]
    foreseen = min(range(OPTIONS), key=lambda n: options[n].lead)
    guess = max(range(OPTIONS), key=lambda n: gives[text.answer][n])
    why = Message(
        "forecast.why_feature", letter=LETTERS[place], feature=own.described(best),
        word=text.own.word, other=text.said(own.ran(best)), share=text.share(own.ran(best)),
    )  # fmt: skip
    agreed = Message("forecast.held")
    if foreseen != place:
        agreed = Message("forecast.failed_feature", letter=LETTERS[foreseen])
    sealed = Sealed(
        Question(
            Message("forecast.ask_feature", word=text.own.word, rival=text.word(text.rival),
                    lead=lead, share=text.own.chance),
            "choose",
            (text.own.strip(Message("forecast.text")), *shown),
            tuple(own.described(each, letter)
                  for each, letter in zip(options, LETTERS, strict=True)),
        ),
        solution=place,
        guess=guess,
        why=Message("common.two", first=why, second=agreed),
        reveal=(Bars(rows(names, losses), Message("forecast.nats"), max(losses),
                     Message("forecast.costs", word=text.own.word)),),
        right=frozenset({place}),
    )  # fmt: skip
    return sealed, foreseen


DEALT: dict[Asks, Callable[..., Sealed | None]] = {
    "feature": feature,
    "word": word,
}


def rows(names: Sequence[Line], values: Sequence[float]) -> tuple[tuple[Line, float], ...]:
    return tuple(zip(names, values, strict=True))


def verdict(text: TracedText, foreseen: int, held: bool) -> Message:
    """Whether the graph had it right, too."""
    if held:
        return Message("forecast.held")
    return Message("forecast.failed_word", word=text.word(foreseen))
