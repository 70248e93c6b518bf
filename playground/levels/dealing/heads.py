"""Attention heads as levels ask about them: where each looks from the last token of a text, what
the answer loses without it, and what it is called before and after the answer.

Knows no kind.
"""

from collections.abc import Collection, Sequence
from math import log

import numpy as np

from playground.circuits.records import AttentionHead
from playground.levels.dealing.questions import Cell, Grid
from playground.levels.dealing.spoken import SureText
from playground.messages import Line, Message

LETTERS = "ABCD"
TOKENS = 2  # of each head, that it looks at most: columns of a map
LEAST = 1e-9


def all_heads(looks: np.ndarray) -> list[AttentionHead]:
    """looks: [blocks, heads, tokens]"""
    return [AttentionHead(*each) for each in np.ndindex(looks.shape[:2])]


def row(looks: np.ndarray, head: AttentionHead) -> np.ndarray:
    """Where a head looks from the last token. [tokens]"""
    return looks[head.layer, head.head]


def hardest(looks: np.ndarray, head: AttentionHead) -> float:
    """The largest number of a head on its map, the beginning apart."""
    return float(row(looks, head)[1:].max(initial=0))


def lost(own: SureText, heads: Sequence[AttentionHead]) -> dict[AttentionHead, float]:
    """Nats of the answer's log-probability that go when each head is silenced by itself."""
    runs = own.patching.headless(own.run, [[each] for each in heads])
    losses = (log(own.chance) - log(max(LEAST, own.share(ran))) for ran in runs)
    return dict(zip(heads, losses, strict=True))


def named(number: int) -> Message:
    """Without block and number: who has seen a head once would not look at what it does here."""
    return Message("fetch.lettered", letter=LETTERS[number])


def whole_name(head: AttentionHead) -> Message:
    return Message("fetch.head", block=head.layer + 1, head=head.head + 1)


def chart(
    own: SureText, options: Sequence[AttentionHead], also: Collection[int], caption: Line
) -> Grid:
    """Where each head looks from the last token on: the beginning, and what any of them looks at
    most. also: further positions that it tells of."""
    looks = own.run.looks
    most = [np.argsort(-row(looks, each)[1:], kind="stable")[:TOKENS] + 1 for each in options]
    columns = sorted({*also, *(int(at) for each in most for at in each)})
    rows = tuple(
        (named(n), tuple(Cell("", float(row(looks, each)[at])) for at in (0, *columns)))
        for n, each in enumerate(options)
    )
    heads = (Message("fetch.start"), *map(own.token, columns))
    return Grid(heads, rows, Message("fetch.corner"), caption)


def loudest(heads: Grid) -> int:
    """The head that somebody takes who looks for the largest number of a map, the beginning
    apart."""
    most = [max(cell.share for cell in cells[1:]) for _, cells in heads.rows]
    return most.index(max(most))
