"""How often rules of thumb win the rounds of a level that asks, and how often they may by luck.

Deals nothing.
"""

import weakref
from collections import Counter
from collections.abc import Mapping, Sequence
from math import comb

from playground.levels.dealing import thumb
from playground.levels.dealing.questions import AskLevel, Sealed, mark, summed
from playground.levels.judging import Bench

SELDOM = 0.05  # share of rounds that a rule may win
DOUBT = 0.001  # chance at which so many wins are luck no more: dozens of rules try each level

_COUNTED = weakref.WeakKeyDictionary[Bench, Counter[str]]()


def won(level: AskLevel, bench: Bench, dealt: Sequence[Sealed]) -> dict[str, int]:
    """1 for each rule that wins this round, else 0. None where texts are to be written."""
    known = words(bench)
    sheets = thumb.answered(dealt, lambda word: known[word])
    found = dict[str, int]()
    for rule, sheet in sheets.items():
        marks = tuple(mark(level, bench, *each) for each in zip(dealt, sheet, strict=True))
        found[rule] = int(summed(level, dealt, marks).won)
    return found


def together(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """Wins of each rule in the rounds of both."""
    return {rule: one.get(rule, 0) + other.get(rule, 0) for rule in dict.fromkeys((*one, *other))}


def most(deals: int) -> int:
    """So many of so many rounds a rule may win that would win one in twenty: more would hardly
    happen by chance, as the binomial distribution has it."""
    return next(wins for wins in range(deals + 1) if at_least(wins + 1, deals) < DOUBT)


def at_least(wins: int, of: int) -> float:
    """The chance of so many wins or more."""
    ways = range(wins, of + 1)
    return sum(comb(of, n) * SELDOM**n * (1 - SELDOM) ** (of - n) for n in ways)


def words(bench: Bench) -> Counter[str]:
    """How often each stands in the texts that grade, in lower case; counted once."""
    if bench not in _COUNTED:
        names = bench.atlas.concepts()
        texts = (each.text for name in names for each in bench.texts(name, about=True))
        _COUNTED[bench] = Counter(word for text in texts for word in thumb.spoken(text))
    return _COUNTED[bench]
