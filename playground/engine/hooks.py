"""What is done at each site while the model computes, driven by buffers that are written in place.

Knows rows, positions and dials; nothing of tokens, sampling or threads. Only the engine's worker
calls it.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from playground.engine.paths import Path
from playground.engine.records import MAX_DIALS, Dial
from playground.engine.sites import device_of, tap
from playground.engine.steer import (
    Edited,
    Slots,
    edit,
    is_steady,
    scope_of,
    steady_push,
    terms_of,
)
from playground.errors import EngineError
from playground.models.points import Point
from playground.models.sae import Sae

# What takes the place of what stands where an SAE writes: of that, and of what it has read.
Swap = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Placed:
    """A dial in a slot: its place in the request, and what must be known of it without asking the
    device."""

    number: int
    scope: range
    projects: bool
    feels: bool
    steady: bool


class SiteHook:
    """Edits, or records, what stands at a site."""

    def __init__(self, model: nn.Module, path: Path, sae: Sae, norm: float, max_rows: int) -> None:
        """Raises EngineError when the model has no such place, or none that can be written."""
        writes = tap(model, sae.metadata.writes)
        if writes.gained is not None:
            raise EngineError(
                f"The SAE writes at {sae.metadata.writes.name}, which the model only passes on its "
                "way through a norm; there nothing can be added."
            )
        device = device_of(writes.module)
        self.sae = sae
        self.norm = norm
        self.slots = Slots.empty(max_rows, MAX_DIALS, sae, device)
        self.placed: list[list[Placed]] = [[] for _ in range(max_rows)]
        self.recording = False
        # Of the last pass, all pushes included: where the SAE reads, [rows, positions, d_in], and
        # where it writes, [rows, positions, d_out].
        self.recorded: Tensor | None = None
        self.written: Tensor | None = None
        self.edited: Edited | None = None  # of the last pass, None if no dial was in scope
        # [rows, positions], None while nothing is to be edited
        self._positions: Tensor | None = None
        self._window: tuple[int, int] | None = None
        self._view: Slots | None = None
        self._project = self._feels = self._steady = False
        self._push: Tensor | None = None  # of dials that are steady
        self._pushing: list[bool] = []  # which dials of which row it is made of, where it lasts
        self._seen: Tensor | None = None  # what a transcoder reads, until it writes
        self.swap: Swap | None = None
        self._handles = [*path.attach(sae.metadata.writes, self._at_writes)]
        if not sae.in_place:
            self._handles += path.attach(sae.metadata.reads, self._at_reads)

    def remove(self) -> None:
        for handle in self._handles:
            handle.remove()

    def check(self, name: str) -> None:
        """After a pass that was recorded. Raises EngineError unless the SAE fits its place."""
        at = self.sae.metadata
        for place, found, wanted in (
            (at.reads, self.recorded, self.sae.d_in),
            (at.writes, self.written, self.sae.d_out),
        ):
            if found is None:
                raise EngineError(f"Site {name}: the model never passes {place.name}.")
            if found.shape[-1] != wanted:
                raise EngineError(
                    f"The SAE of site {name} has width {wanted}; the model has {found.shape[-1]} "
                    f"at {place.name} of block {place.layer}."
                )

    def write(self, row: int, dials: Sequence[tuple[int, Dial]], prompt_length: int) -> None:
        """Puts the dials (place in the request, dial) of this site on a row."""
        self._window = None
        for slot, (number, dial) in enumerate(dials):
            scope = scope_of(dial, prompt_length)
            self.slots.write(row, slot, dial, self.sae, self.norm, scope)
            projects, feels = bool(terms_of(dial).projects), dial.vector is None
            self.placed[row].append(Placed(number, scope, projects, feels, is_steady(dial)))

    def clear(self, start: int, rows: int) -> None:
        self._window = None
        if any(self.placed[start : start + rows]):
            self.slots.clear(start, rows)
            self.placed[start : start + rows] = [[] for _ in range(rows)]

    def move(self, source: int, target: int) -> None:
        self._window = None
        if self.placed[source] or self.placed[target]:
            self.slots.move(source, target)
            self.slots.clear(source, 1)
        self.placed[target] = self.placed[source]
        self.placed[source] = []

    def arm(self, start: int, spans: Sequence[range], positions: Tensor) -> None:
        """Edits the next pass, over rows `start`..., if any dial's scope meets its row's span of
        positions."""
        rows = self.placed[start : start + len(spans)]
        if not any(
            placed.scope.start < span.stop and span.start < placed.scope.stop
            for span, row in zip(spans, rows, strict=True)
            for placed in row
        ):
            return
        if self._window != (start, len(spans)):
            self._window = (start, len(spans))
            self._view = self.slots.window(start, len(spans), max(map(len, rows)))
            self._project = any(placed.projects for row in rows for placed in row)
            self._feels = any(placed.feels for row in rows for placed in row)
            self._steady = all(placed.steady for row in rows for placed in row)
            self._push, self._pushing = None, []
        self._positions = positions.to(self.slots.first.device)
        if self._steady and self._view is not None:
            self._prepare(rows, self._view, self._positions)

    def _prepare(self, rows: Sequence[Sequence[Placed]], view: Slots, positions: Tensor) -> None:
        """From step to step the push stays, until a dial's scope begins or ends."""
        pushing = list[bool]()
        if positions.shape[1] == 1:
            at = positions[:, 0].tolist()
            pushing = [
                here in each.scope for here, row in zip(at, rows, strict=True) for each in row
            ]
        if not pushing or pushing != self._pushing:
            self._push, self._pushing = steady_push(view, positions), pushing

    def disarm(self) -> None:
        self._positions = self.edited = self._seen = None

    def _at_reads(self, hidden: Tensor) -> None:
        """A transcoder's input; its output comes later in the same pass."""
        hidden = hidden.to(self.slots.first.device)
        if self.recording:
            self.recorded = hidden
        if self._positions is not None or self.swap is not None:
            self._seen = hidden

    def _at_writes(self, hidden: Tensor) -> Tensor | None:
        # Of a model that is spread over devices it may come from the block before.
        hidden = hidden.to(self.slots.first.device)
        new = self._new(hidden)
        if self.recording:
            self.written = hidden if new is None else new
            if self.sae.in_place:
                self.recorded = self.written
        return new

    def _new(self, hidden: Tensor) -> Tensor | None:
        """What takes its place, if anything."""
        if self.swap is not None:
            return self.swap(hidden, hidden if self._seen is None else self._seen)
        if self._positions is None or self._view is None:
            return None
        seen = None if self._seen is None else self._seen.to(hidden.device)
        push = self._push if self._steady else None
        self.edited = edit(
            hidden, self._view, self._positions, self.sae, self._project, seen, self._feels, push
        )
        return self.edited.hidden


@contextmanager
def after_blocks(path: Path, blocks: int) -> Iterator[list[Tensor]]:
    """Within, the residual after each block of the last pass, in order, each [rows, positions,
    d_model]."""
    kept = list[Tensor]()
    handles = [each for block in range(blocks) for each in path.attach(Point(block), kept.append)]
    try:
        yield kept
    finally:
        for handle in handles:
            handle.remove()


@dataclass(frozen=True)
class Readout:
    """One row's dialled features on the last position of a pass, one number per dial, nan out of
    scope."""

    before: tuple[float, ...]
    after: tuple[float, ...]


class Hooks:
    """All sites of a model; a buffer row is a row of the running batch."""

    def __init__(self, sites: dict[str, SiteHook]) -> None:
        self.sites = sites

    def remove(self) -> None:
        for site in self.sites.values():
            site.remove()

    def write(self, row: int, dials: Sequence[Dial], prompt_length: int) -> None:
        for name, site in self.sites.items():
            here = [(number, dial) for number, dial in enumerate(dials) if dial.site == name]
            site.write(row, here, prompt_length)

    def clear(self, start: int, rows: int) -> None:
        for site in self.sites.values():
            site.clear(start, rows)

    def move(self, source: int, target: int) -> None:
        for site in self.sites.values():
            site.move(source, target)

    def reaches(self, row: int, span: range) -> bool:
        """Whether any dial of a row meets these positions."""
        return any(
            placed.scope.start < span.stop and span.start < placed.scope.stop
            for site in self.sites.values()
            for placed in site.placed[row]
        )

    @property
    def dialled_rows(self) -> int:
        """How many rows hold a dial at any site."""
        kept = zip(*(site.placed for site in self.sites.values()), strict=True)
        return sum(any(row) for row in kept)

    @contextmanager
    def steering(self, start: int, spans: Sequence[range], positions: Tensor) -> Iterator[None]:
        """Within, a pass over rows `start`... is edited as their dials say. spans: each row's
        positions in this pass; positions: [rows, positions], negative on padding."""
        try:
            for site in self.sites.values():
                site.arm(start, spans, positions)
            yield
        finally:
            for site in self.sites.values():
                site.disarm()

    @contextmanager
    def recording(self, name: str) -> Iterator[SiteHook]:
        """Within, the site's `recorded` is what the SAE read in the last pass, `written` what stood
        where it writes (the same, but for a transcoder)."""
        site = self.sites[name]
        site.recording = True
        try:
            yield site
        finally:
            site.recording = False
            site.recorded = site.written = None

    @contextmanager
    def swapping(self, name: str, swap: Swap) -> Iterator[None]:
        """Within, what stands where the site's SAE writes is what `swap` makes of it."""
        site = self.sites[name]
        site.swap = swap
        try:
            yield
        finally:
            site.swap = site._seen = None

    def readouts(self, start: int, dials: Sequence[int]) -> list[Readout]:
        """What the dialled features did on the last position of the pass; called within `steering`.
        dials: how many each row has."""
        values = [([math.nan] * count, [math.nan] * count) for count in dials]
        for site in self.sites.values():
            if site.edited is None:
                continue
            pairs = torch.stack((site.edited.before, site.edited.after)).tolist()
            for row, (before, after) in enumerate(values):
                for slot, placed in enumerate(site.placed[start + row]):
                    before[placed.number] = pairs[0][row][slot]
                    after[placed.number] = pairs[1][row][slot]
        return [Readout(tuple(before), tuple(after)) for before, after in values]
