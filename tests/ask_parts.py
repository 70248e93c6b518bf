"""A level that asks a question of every form, for the tests of its screen."""

from collections.abc import Iterator, Sequence

from playground.atlas.cards import CurvePoint
from playground.engine.records import Dial, Request
from playground.errors import PlayerError
from playground.levels.dealing.demands import Bound, Demand
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Cell,
    Doses,
    Exhibit,
    Graded,
    Grid,
    Pillars,
    Portrait,
    Question,
    Reply,
    Sealed,
    Strip,
)
from playground.levels.judging import Bench
from playground.levels.schema import Goal, Hints, Learned, Pick, Stars
from playground.levels.shelf import Chapter, Shelf
from playground.text.words import Words
from tests.fake_model import COCOA

WORDS = Words.load()
EVIL = '<b onclick="x">&'
CURVE = tuple(
    CurvePoint(s, e, 20 * s, e / 2, e / 9, 5 * s)
    for s, e in ((0.0, 0.0), (0.5, 0.6), (1.0, 0.8), (1.5, 0.3))
)
TOKENS = (" The", " kitten", " slept", " on", " the", " sill", ",\n", "and", " purred", ".")
VALUES = (0.0, 6.1, 0.4, 0.0, 0.0, 0.0, 0.0, 0.0, 3.2, 0.0)
CARD = Pick("late", COCOA)
EVERY: tuple[Exhibit, ...] = (
    Strip(TOKENS, VALUES, caption="A strip"),
    Reply("Once upon a time", " there was a cat who wanted cocoa.", "Reply A"),
    Reply("Once upon a time", " there was a train that was late.", "Reply B"),
    Doses(CURVE, 0.75, "Its dose-response"),
    Bars((("before", 4.2), ("after", -1.05)), "activation units", 5.0, "Mean activation"),
    Grid(
        ("after “to”",),
        (("block 1", (Cell(" run", 0.21),)), ("block 2", (Cell(" purr", 0.974, marked=True),))),
        "stopped after",
        "What it would say",
    ),
    Pillars((" the", " kitten"), (2.31, -0.4), 4.0, "nats", (0,), "What it costs"),
    Portrait(CARD, caption="The feature, without its name"),
)


class Quiz(AskLevel):
    """One question of every form."""

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        strip = Strip(TOKENS, caption="Click the token on which you expect the most.")
        choose = Question("Which reply was steered?", "choose", EVERY, ("reply A", "reply B"))
        token = Question("Where does it fire most?", "token", (strip, EVERY[-1]))
        write = Question("Write a text on which it fires.", "write", EVERY[-1:], words=8)
        named = (Portrait(CARD, named=True),)
        why = f"Round {seed}: it says cocoa."
        yield Sealed(choose, 0, 1, why, named, frozenset({0}))
        yield Sealed(token, 1, 8, "It peaks there.", EVERY[:1], frozenset({1}))
        yield Sealed(write, "a cat", "a dog", demand=Demand(fires=Bound(CARD, 1.0)))

    def grade(self, bench: Bench, sealed: Sealed, text: str) -> Graded:
        right = "cat" in text
        return Graded(right, "It peaks at 6.1." if right else "It stays silent.", EVERY[:1])

    def probe(self, sealed: Sealed, prompt: str) -> Sequence[Request]:
        if "wrong" in prompt:
            raise PlayerError("Not that.")
        return Request(prompt), Request(prompt, (Dial("late", COCOA, 0.6),))


def level(probes: int = 2) -> Quiz:
    return Quiz(
        id="quiz",
        kind="spot",
        title="A quiz & more",
        brief="Look at the evidence, then say what you think.",
        concept="cats",
        difficulty=2,
        minutes=3,
        rounds=3,
        probes=probes,
        goals=(Goal(measure="right", at_least=2, says="At least 2 right"),),
        stars=Stars(measure="right", two=2.5, three=3),
        hints=Hints(nudge="Look.", method="Compare.", answer="All is in the cards."),
        win="You see what it sees.",
        learned=Learned(text="Evidence first.", words=("feature",), source="A paper"),
    )


def shelf(asking: AskLevel) -> Shelf:
    chapter = Chapter(slug="asking", title="Asking", blurb="Questions.", levels=(asking.id,))
    return Shelf((chapter,), (asking,))
