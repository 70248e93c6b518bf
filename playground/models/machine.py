"""What this machine has: the device that a model goes on, and whether it fits there.

Knows sizes only, no model. Free memory is what is free now, not what is built in.
"""

import gc
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import torch

from playground.errors import AuthorError

GIB = 2**30
# How much a container may use, and uses; psutil tells of the whole machine.
CGROUP = Path("/sys/fs/cgroup")
LIMIT, USED, STAT = CGROUP / "memory.max", CGROUP / "memory.current", CGROUP / "memory.stat"
SHARE = 0.85  # of a GPU's free memory that weights may take when a model is spread; replies, too


@dataclass(frozen=True)
class Room:
    """Free bytes. gpus: of each CUDA device."""

    memory: int
    gpus: tuple[int, ...] = ()


@dataclass(frozen=True)
class Placement:
    """device: of the whole model; or, where it is `spread`, how much each part of the machine
    takes, as accelerate wants it."""

    device: str
    spread: Mapping[int | str, int] = field(default_factory=dict)
    note: str = ""


def device_for(asked: str) -> str:
    """Raises AuthorError for a device that this machine has not."""
    there = devices()
    if asked == "auto":
        return there[0]
    if asked not in there:
        raise AuthorError(
            f"device {asked!r}: PyTorch finds none on this machine; there is {', '.join(there)} "
            "(PLAYGROUND_DEVICE=auto takes the best)"
        )
    return asked


def devices() -> list[str]:
    """Those there are, the best first."""
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [*(name for name, there in found.items() if there), "cpu"]


def room() -> Room:
    free = psutil.virtual_memory().available
    if LIMIT.is_file() and USED.is_file() and (limit := LIMIT.read_text().strip()).isdigit():
        used = int(USED.read_text()) - reclaimable()
        free = min(free, max(0, int(limit) - used))
    gpus = range(torch.cuda.device_count()) if torch.cuda.is_available() else ()
    if gpus:
        gc.collect()
        torch.cuda.empty_cache()  # what torch keeps of a model that is gone counts as taken
    return Room(free, tuple(torch.cuda.mem_get_info(gpu)[0] for gpu in gpus))


def reclaimable() -> int:
    """Bytes of files that the system has kept in a container's memory and gives up when asked."""
    told = STAT.read_text().split() if STAT.is_file() else []
    return int(told[told.index("inactive_file") + 1]) if "inactive_file" in told else 0


def place(what: str, needed: int, saes: int, device: str, room: Room) -> Placement:
    """Where a model of so many bytes goes; `saes` bytes go beside its blocks. More than one GPU
    holds is spread over all GPUs and the CPU. Raises AuthorError where it fits nowhere."""
    whole = needed + saes
    free = room.gpus[0] if device == "cuda" and room.gpus else room.memory
    if device == "cuda" and saes > room.memory:  # they pass through main memory
        raise AuthorError(too_large(f"the SAEs of {what}", saes, device, room))
    if whole <= free:
        return Placement(device)
    shares = {gpu: max(0, int(each * SHARE) - saes) for gpu, each in enumerate(room.gpus)}
    if device != "cuda" or needed > sum(shares.values()) + room.memory:
        raise AuthorError(too_large(what, whole, device, room))
    return Placement(
        device,
        {**shares, "cpu": room.memory},
        f"{what} does not fit one GPU: a part of it is kept elsewhere, so it writes slowly.",
    )


def processes(wanted: int, free: int) -> int:
    """As many of the wanted processes as fit into so many free bytes, each as large as this one
    is; one in any case."""
    return max(1, min(wanted, free // psutil.Process().memory_info().rss))


def too_large(what: str, needed: int, device: str, room: Room) -> str:
    gpus = f"GPU: {', '.join(gib(each) for each in room.gpus)}; " if device == "cuda" else ""
    return (
        f"{what}: model and SAEs need {gib(needed)} of memory, and there are {gpus}"
        f"{gib(room.memory)} of main memory free; close other programs, or take a smaller model "
        "(`python -m playground models` lists them)"
    )


def gib(count: int) -> str:
    return f"{count / GIB:.1f} GiB"
