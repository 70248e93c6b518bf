"""The kind `swap`: two texts differ in one word; of which one state does the whole answer hang?

Activation patching (Vig et al. 2020; Meng et al., Locating and Editing Factual Associations in GPT,
2022): one state of the second text is put into a run of the first, and everything behind it is
worked out anew. Every option was run.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import ClassVar

from playground.levels.dealing.fairness import first_of_each
from playground.levels.dealing.moments import shown_blocks
from playground.levels.dealing.questions import (
    AskLevel,
    Cell,
    Grid,
    Question,
    Sealed,
    even,
    shuffled,
)
from playground.levels.dealing.spoken import Variants, Waiting, variants
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.messages import Message

OPTIONS = 4
LOOKED_AT = 25  # pairs for one question

Place = tuple[int, int]  # block, position


class SwapLevel(AskLevel):
    """rounds: pairs of texts, each with one question."""

    word: ClassVar[str] = "swap"
    group: ClassVar[Group] = "comparing"

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        rng = shuffled(seed, self.id)
        places = even(self.rounds, OPTIONS, rng)
        coming = Waiting(tried(variants(self, bench, rng, 2), rng), LOOKED_AT)
        questions = (
            coming.tried(partial(asked, place=place, rng=rng, early=number % 2 == 0))
            for number, place in enumerate(places)
        )
        needed = "pairs of texts that one state turns into each other"
        yield from first_of_each(self, questions, needed)


@dataclass(frozen=True, eq=False)
class TriedPair:
    """A pair, and which single states turned its answer: of every block, or of some of a
    deep model, at the token that differs, at another one behind it, and at the last one."""

    pair: Variants
    other: int
    flips: dict[Place, bool]


def tried(coming: Iterator[Variants], rng: random.Random) -> Iterator[TriedPair]:
    for pair in coming:
        if between := range(pair.at + 1, pair.last):
            other = rng.choice(between)
            cells = product(shown_blocks(pair.one.run.blocks), (pair.at, other, pair.last))
            yield TriedPair(pair, other, {cell: pair.flips(*cell) for cell in cells})


def asked(tried: TriedPair, place: int, rng: random.Random, early: bool) -> Sealed | None:
    """early: whether the right one is to be at the word that differs, or at the end of the text."""
    pair, flips, last = tried.pair, tried.flips, tried.pair.last
    wanted = pair.at if early else last
    right = [
        cell
        for cell, flipped in flips.items()
        if flipped and cell[1] == wanted and (early or cell[0] < pair.one.run.blocks - 1)
    ]
    # Two options at either place, so that how many there are says nothing.
    quiet = {
        at: [each for each, flipped in flips.items() if not flipped and each[1] == at]
        for at in (pair.at, last)
    }
    need = {at: 1 if at == wanted else 2 for at in quiet}
    if not right or any(len(quiet[at]) < need[at] for at in quiet):
        return None
    best = rng.choice(right)
    wrong = [cell for at in quiet for cell in rng.sample(quiet[at], need[at])]
    rng.shuffle(wrong)
    options = [*wrong[:place], best, *wrong[place:]]
    first, second = pair.one.word, pair.two.word
    return Sealed(
        Question(
            Message("swap.ask", one=first, two=second),
            "choose",
            (
                pair.one.strip(Message("swap.one", word=first), pair.at),
                pair.two.strip(Message("swap.two", word=second), pair.at),
            ),
            tuple(told(pair, cell) for cell in options),
        ),
        solution=place,
        guess=next(n for n, cell in enumerate(options) if cell[1] == pair.at),
        why=Message("swap.why", one=first, two=second, where=told(pair, best)),
        reveal=(chart(pair, flips, tried.other),),
        right=frozenset({place}),
    )


def told(pair: Variants, cell: Place) -> Message:
    block, at = cell
    where = "swap.cell_last" if at == pair.last else "swap.cell"
    return Message(where, block=block + 1, token=pair.one.token(at))


def chart(pair: Variants, flips: dict[Place, bool], other: int) -> Grid:
    """Every state that was tried, and whether it turned the answer."""
    columns = (pair.at, other, pair.last)
    blocks = shown_blocks(pair.one.run.blocks)
    rows = tuple(
        (
            Message("lens.after", block=block + 1),
            tuple(Cell("", float(flips[block, at]), flips[block, at]) for at in columns),
        )
        for block in reversed(blocks)
    )
    heads = tuple(map(pair.one.token, columns))
    return Grid(heads, rows, Message("swap.corner"), Message("swap.chart"))
