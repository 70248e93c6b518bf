"""Keys and values of the rows of a running batch, in one buffer that a graph appends to in place.

A row's columns begin at 0, and each row has its own number of them. Knows nothing of tokens, dials
or requests.
"""

import torch
from torch import Tensor

FIRST_ROWS, FIRST_COLUMNS = 4, 128  # sizes of a fresh buffer; both double


class Columns:
    """`lengths[i]` is how many columns row i has."""

    def __init__(self, blocks: int, heads: int, width: int) -> None:
        """heads, width: of keys."""
        self._shape = (2 * blocks, 0, heads, 0, width)
        self.lengths: list[int] = []
        # [2 x blocks, row capacity, heads, column capacity, width]: keys and values of block b at
        # 2b and 2b + 1. Memory that no row has come to is never touched.
        self.buffer = torch.empty(self._shape)

    def reserve(self, rows: int, columns: int) -> None:
        """Makes room for so many rows of so many columns at most."""
        wanted = (rows, columns)
        capacity = (self.buffer.shape[1], self.buffer.shape[3])
        if all(have >= want for have, want in zip(capacity, wanted, strict=True)):
            return
        first = (FIRST_ROWS, FIRST_COLUMNS)
        sizes = (
            doubled(max(pair), want) for *pair, want in zip(capacity, first, wanted, strict=True)
        )
        count, _, heads, _, width = self._shape
        rows, columns = sizes
        made = torch.empty(count, rows, heads, columns, width)
        for row, length in enumerate(self.lengths):
            made[:, row, :, :length] = self.buffer[:, row, :, :length]
        self.buffer = made

    def add(self, kept: Tensor | None = None) -> int:
        """Appends a row, which begins with the columns that are given; returns its place. There has
        to be room."""
        row = len(self.lengths)
        self.lengths.append(0)
        if kept is not None:
            self.put(row, kept)
        return row

    def put(self, row: int, kept: Tensor) -> None:
        """Gives a row its first columns. kept: [2 x blocks, heads, columns, width]"""
        self.buffer[:, row, :, : kept.shape[2]] = kept
        self.lengths[row] = kept.shape[2]

    def copied(self, row: int) -> Tensor:
        """A row's columns. [2 x blocks, heads, columns, width]"""
        return self.buffer[:, row, :, : self.lengths[row]].clone()

    def drop(self, row: int) -> None:
        """Removes a row by moving the last one into its place."""
        last = len(self.lengths) - 1
        if row != last:
            length = self.lengths[last]
            self.buffer[:, row, :, :length] = self.buffer[:, last, :, :length]
            self.lengths[row] = length
        self.lengths.pop()
        if not self.lengths:
            self.reset()

    def reset(self) -> None:
        self.lengths = []
        self.buffer = torch.empty(self._shape)


def doubled(size: int, needed: int) -> int:
    while size < needed:
        size *= 2
    return size
