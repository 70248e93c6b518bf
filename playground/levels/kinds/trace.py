"""The kind `trace`: which feature of an earlier token feeds this one?

An arrow of an attribution graph (Ameisen et al., Circuit Tracing, 2025) is a product: how high a
feature fires, and what one unit of it adds to the other. Whoever looks at one of the two is often
wrong. The product is an estimate still; without each option the model was run, and what is right is
the one without which the later feature loses most.
"""

import random
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import combinations
from typing import ClassVar

from playground.circuits.records import Node
from playground.levels.dealing.fairness import first_of_each
from playground.levels.dealing.feeding import Feeding, FeedSource, feedings
from playground.levels.dealing.questions import (
    Answer,
    AskLevel,
    Bars,
    Question,
    Sealed,
    Strip,
    even,
    shuffled,
)
from playground.levels.dealing.spoken import Waiting
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Line, Message

OPTIONS = 4
LETTERS = "ABCD"
LOOKED_AT = 60  # texts for one question
LOOKS = 3  # first looks, each of which may be right in less than half of a round
MISLED = 4  # of so many questions the arrow may mislead in one
FULL = 100.0  # per cent, of a full bar


class TraceLevel(AskLevel):
    """rounds: texts, each with one question."""

    word: ClassVar[str] = "trace"
    group: ClassVar[Group] = "reading"
    misled: ClassVar[bool] = True

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        places = even(self.rounds, OPTIONS, rng)
        held = [n >= self.rounds // MISLED for n in range(self.rounds)]
        rng.shuffle(held)
        coming, lucky = Waiting(feedings(self, bench, rng), LOOKED_AT), [0] * LOOKS
        questions = (
            coming.tried(partial(asked, place=place, held=each, traps=self._traps(lucky), rng=rng))
            for place, each in zip(places, held, strict=True)
        )
        needed = "texts in which one feature feeds a later one"
        for sealed in first_of_each(self, questions, needed):
            for n, each in enumerate(self.looks(sealed)):
                lucky[n] += each in sealed.right
            yield sealed

    def _traps(self, lucky: Sequence[int]) -> tuple[bool, ...]:
        """Which looks have been right often enough."""
        return tuple(each >= (self.rounds - 1) // 2 for each in lucky)

    def looks(self, sealed: Sealed) -> Sequence[Answer]:
        """The nearest one, the one that fires highest, the one a unit of which adds most."""
        bars = [each for each in sealed.question.exhibits if isinstance(each, Bars)]
        return sealed.guess, *map(longest, bars)


def longest(bars: Bars) -> int:
    values = [value for _, value in bars.rows]
    return values.index(max(values))


# -- the question ----------------------------------------------------------------------------------
def asked(
    feeding: Feeding, place: int, held: bool, traps: Sequence[bool], rng: random.Random
) -> Sealed | None:
    """held: whether the largest arrow has to be right; traps: which looks have to be wrong."""
    wrong = chosen(feeding, held, rng)
    if wrong is None:
        return None
    best, target = feeding.best, feeding.target
    options = [*wrong[:place], best, *wrong[place:]]
    if any(trap and look == place for trap, look in zip(traps, looked(options), strict=True)):
        return None
    # In per cent of what the later feature has here.
    arrows = [FULL * each.arrow / target.value for each in options]
    unit = [FULL * each.unit / target.value for each in options]
    largest = arrows.index(max(arrows))
    verdict = Message("trace.held")
    if largest != place:
        verdict = Message("trace.failed", letter=LETTERS[largest])
    names = tuple(
        Message("trace.lettered", letter=letter, feature=named(feeding, each.node))
        for each, letter in zip(options, LETTERS, strict=True)
    )
    fires, lost = [each.node.value for each in options], [FULL * each.lost for each in options]
    return Sealed(
        Question(
            Message("trace.ask", feature=named(feeding, target), value=target.value),
            "choose",
            (
                strip(feeding),
                bars(fires, Message("trace.units"), Message("trace.fires")),
                bars(unit, Message("trace.each"), Message("trace.unit")),
            ),
            names,
        ),
        solution=place,
        guess=looked(options)[0],
        why=Message(
            "common.two",
            first=Message("trace.why", letter=LETTERS[place], lost=best.lost,
                          fires=best.node.value, unit=best.unit / target.value,
                          arrow=best.arrow / target.value),
            second=verdict,
        ),
        reveal=(
            bars(lost, Message("trace.lost_unit"), Message("trace.lost")),
            bars(arrows, Message("trace.points"), Message("trace.arrows")),
        ),
        right=frozenset({place}),
    )  # fmt: skip


def looked(options: Sequence[FeedSource]) -> tuple[int, int, int]:
    """What they answer who take the nearest one, the one that fires highest, the one a unit of
    which adds most."""
    every = range(len(options))
    return (
        max(every, key=lambda n: (options[n].node.position, options[n].node.layer)),
        max(every, key=lambda n: options[n].node.value),
        max(every, key=lambda n: options[n].unit),
    )


def chosen(feeding: Feeding, held: bool, rng: random.Random) -> list[FeedSource] | None:
    """Three that are wrong, of all sets one that misleads most looks."""
    fit = [each for each in feeding.calm if not held or each.arrow < feeding.best.arrow]
    sets = list(combinations(fit, OPTIONS - 1))
    rng.shuffle(sets)

    def misled(some: Sequence[FeedSource]) -> int:
        return sum(look > 0 for look in looked([feeding.best, *some]))

    most = max(sets, key=misled, default=None)
    return None if most is None else rng.sample(most, len(most))


# -- what is shown ---------------------------------------------------------------------------------
def strip(feeding: Feeding) -> Strip:
    """The text; the token on which the later feature fires is coloured."""
    tokens, at = feeding.text.tokens, feeding.target.position - feeding.text.lead
    return Strip(tokens, tuple(float(n == at) for n in range(len(tokens))), 1.0,
                 Message("trace.text"))  # fmt: skip


def bars(values: Sequence[float], unit: Line, caption: Line) -> Bars:
    names: list[Line] = [Message("trace.letter", letter=letter) for letter in LETTERS]
    top = max(abs(each) for each in values)
    return Bars(tuple(zip(names, values, strict=True)), unit, top, caption)


def named(feeding: Feeding, node: Node) -> Message:
    text = feeding.text
    return Message(
        "trace.feature", name=text.name(node), block=node.layer + 1, token=text.token(node)
    )
