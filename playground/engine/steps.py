"""A step of the running batch as it is laid out ahead: every graph is bound to memory that the next
step uses again, so that a step is a few calls. Knows nothing of dials, nor of who listens.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from playground.engine.columns import doubled
from playground.engine.graph import EMBEDDED, Cut
from playground.engine.sessions import Call, RunningSegment, Session


class Scratch:
    """Memory that is the same for the same name until more rows come."""

    def __init__(self) -> None:
        self._stacks = dict[object, Tensor]()

    def of(
        self, name: object, rows: int, *shape: int, dtype: torch.dtype = torch.float32
    ) -> Tensor:
        """[rows, ...]"""
        known = self._stacks.get(name)
        if known is None or len(known) < rows:
            known = self._stacks[name] = torch.zeros(doubled(1, rows), *shape, dtype=dtype)
        return known[:rows]


@dataclass(frozen=True, eq=False)
class StepPart:
    """A graph of a step. made: what crosses its end; more: what else was asked of it; [rows, 1,
    width] each."""

    end: Cut
    run: Callable[[], None]
    made: list[Tensor]
    more: Mapping[str, Tensor]


class DecodeStep:
    """embedded: what the first part reads, [rows, 1, width]; positions: [rows, 1] int64; logits:
    what `head` writes, [rows, 1, vocabulary]."""

    def __init__(
        self, segments: Sequence[RunningSegment], head: Session, kept: Tensor, scratch: Scratch,
        widths: tuple[int, int], more: Mapping[str, int],
    ) -> None:  # fmt: skip
        """kept: the columns of its rows, [2 x blocks, rows, heads, capacity, width]; widths: of the
        residual and of the logits; more: the outputs that are wanted, and how wide they are."""
        rows, (width, vocabulary) = kept.shape[1], widths
        self.positions = scratch.of("positions", rows, 1, dtype=torch.int64)
        lengths = scratch.of("lengths", rows, dtype=torch.int32)
        total = scratch.of("total", 1, dtype=torch.int32)
        self._lengths, self._total = lengths.numpy(), total.numpy()
        self._positions = self.positions.numpy()
        call = Call(slice(0, rows), slice(0, 1), kept, lengths, total)
        self.embedded = scratch.of(EMBEDDED, rows, 1, width)
        values, self.parts = [self.embedded], list[StepPart]()
        for each in segments:
            ends = range(len(each.end.values))
            made = [scratch.of((each.end, place), rows, 1, width) for place in ends]
            wanted = {
                name: scratch.of(name, rows, 1, more[name]) for name in each.gives if name in more
            }
            self.parts.append(
                StepPart(each.end, each.bound(call, values, made, wanted), made, wanted)
            )
            values = made
        self.logits = scratch.of("logits", rows, 1, vocabulary)
        self.head = head.bound({"residual": values[0]}, {"logits": self.logits})

    def stand(self, at: Sequence[int]) -> None:
        """Where its rows are; of more rows than these the others are at 0."""
        self._lengths[len(at) :] = 0
        self._lengths[: len(at)] = self._positions[: len(at), 0] = at
        self._total[0] = max(at) + 1
