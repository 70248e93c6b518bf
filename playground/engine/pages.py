"""Giving memory back to the system that can be read again from its file, so that weights which are
packed elsewhere are not kept twice.

Linux alone is told; elsewhere the system finds out by itself what is not used. Knows no models.
"""

import ctypes
import mmap
import sys
from collections.abc import Iterable

from torch import Tensor

PAGEOUT = 21  # MADV_PAGEOUT, linux/mman.h: nothing is lost, whatever kind of memory it is


def give_back(tensors: Iterable[Tensor]) -> None:
    """Has the system let go of their pages. Where it does not know how, they stay."""
    if not sys.platform.startswith("linux"):
        return
    system = ctypes.CDLL(None, use_errno=True)
    for each in tensors:
        start = -(-each.data_ptr() // mmap.PAGESIZE) * mmap.PAGESIZE
        stop = (each.data_ptr() + each.nbytes) // mmap.PAGESIZE * mmap.PAGESIZE
        if start < stop:
            system.madvise(
                ctypes.c_void_p(start), ctypes.c_size_t(stop - start), ctypes.c_int(PAGEOUT)
            )
