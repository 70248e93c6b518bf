"""Giving memory back to the system that is a file's own pages, unchanged: who wants them again
reads them again, so that weights which are packed elsewhere are not kept twice.

Linux alone tells what memory is (proc(5), smaps); elsewhere nothing is given back. Knows no models.
"""

import ctypes
import mmap
from collections.abc import Iterable, Iterator
from pathlib import Path

from torch import Tensor

SMAPS = Path("/proc/self/smaps")
# Pages of a mapping that are no longer its file's: they were written to.
CHANGED = ("Anonymous:", "Swap:")


def give_back(tensors: Iterable[Tensor]) -> None:
    """Has the system let go of their pages where it can be had again from a file."""
    spans = [(each.data_ptr(), each.data_ptr() + each.nbytes) for each in tensors]
    for start, stop in unchanged():
        inside = [(max(start, a), min(stop, b)) for a, b in spans if a < stop and start < b]
        for a, b in inside:
            first, last = -(-a // mmap.PAGESIZE) * mmap.PAGESIZE, b // mmap.PAGESIZE * mmap.PAGESIZE
            if first < last:
                libc = ctypes.CDLL(None)
                libc.madvise(
                    ctypes.c_void_p(first), ctypes.c_size_t(last - first), mmap.MADV_DONTNEED
                )


def unchanged() -> Iterator[tuple[int, int]]:
    """Where in this process's memory files lie as they are, each from its first address to its
    end."""
    if not SMAPS.exists():
        return
    span, clean = (0, 0), False
    for line in SMAPS.read_text().splitlines():
        name, *words = line.split()
        if not name.endswith(":"):  # the first line of a mapping; its last word is the file
            span = parsed(name)
            clean = len(words) == 5 and words[4].startswith("/")
        elif name in CHANGED and words[0] != "0":
            clean = False
        elif name == "VmFlags:" and clean:  # the last line
            yield span


def parsed(span: str) -> tuple[int, int]:
    start, stop = (int(each, 16) for each in span.split("-"))
    return start, stop
