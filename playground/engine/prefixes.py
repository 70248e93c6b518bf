"""Keys and values of prompts that have been read, so that what begins alike is read once: the rows
of a triple, the next attempt, the next message of a talk. Bounded in bytes; what was not asked for
longest goes first. Knows no model.
"""

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor

SHORTEST = 2  # tokens
BYTES = 192 << 20


class Prefixes:
    def __init__(self, most: int = BYTES) -> None:
        """most: bytes that are kept."""
        self._most = most
        self._kept: OrderedDict[tuple[int, ...], Tensor] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._kept)

    def find(self, ids: Sequence[int]) -> Tensor | None:
        """The columns of the longest beginning that is known, [2 x blocks, heads, columns, width].
        A last token alone is not left over: a pass over one token rounds otherwise than one over
        several, and what is kept must not be heard."""
        best, length = None, 0
        for known in self._kept:
            alike = common(known, ids)
            if alike > length:
                best, length = known, alike
        if length == len(ids) - 1:
            length -= 1
        if best is None or length < SHORTEST:
            return None
        self._kept.move_to_end(best)
        return self._kept[best][:, :, :length]

    def keep(self, ids: Sequence[int], columns: Tensor) -> None:
        """columns: of all of these tokens, [2 x blocks, heads, columns, width]. A beginning of them
        that was kept is so no longer by itself."""
        key, size = tuple(ids), columns.nbytes
        if len(key) < SHORTEST or size > self._most:
            return
        for known in [each for each in self._kept if common(each, key) == len(each)]:
            self._forget(known)
        self._kept[key] = columns
        self.size += size
        while self.size > self._most:
            self._forget(next(iter(self._kept)))

    def clear(self) -> None:
        self._kept.clear()
        self.size = 0

    def _forget(self, key: tuple[int, ...]) -> None:
        self.size -= self._kept.pop(key).nbytes


def common(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two texts begin with alike."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
