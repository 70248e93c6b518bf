"""The only file that registers hooks: one for good at each site, driven by buffers that are written
in place.

Knows rows, positions and dials; nothing of tokens, sampling or threads. Only the engine's worker
calls it.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from playground.engine.records import MAX_DIALS, Dial
from playground.engine.steer import Edited, Slots, edit, scope_of
from playground.sae import Sae


@dataclass(frozen=True)
class Placed:
    """A dial in a slot: its place in the request, and what must be known of it without asking the
    device."""

    number: int
    scope: range
    projects: bool


class SiteHook:
    """Edits, or records, the residual after one block."""

    def __init__(self, block: nn.Module, sae: Sae, norm: float, max_rows: int) -> None:
        device = next(block.parameters()).device
        self.sae = sae
        self.norm = norm
        self.slots = Slots.empty(max_rows, MAX_DIALS, sae.d_model, device)
        self.placed: list[list[Placed]] = [[] for _ in range(max_rows)]
        self.recording = False
        self.recorded: Tensor | None = None  # [rows, positions, d_model]
        self.edited: Edited | None = None  # of the last pass, None if no dial was in scope
        self._positions: Tensor | None = (
            None  # [rows, positions], None while nothing is to be edited
        )
        self._window: tuple[int, int] | None = None
        self._view: Slots | None = None
        self._project = False
        self._handle = block.register_forward_hook(self._after_block)

    def remove(self) -> None:
        self._handle.remove()

    def write(self, row: int, dials: Sequence[tuple[int, Dial]], prompt_length: int) -> None:
        """Puts the dials (place in the request, dial) of this site on a row."""
        self._window = None
        for slot, (number, dial) in enumerate(dials):
            scope = scope_of(dial, prompt_length)
            self.slots.write(row, slot, dial, self.sae, self.norm, scope)
            self.placed[row].append(Placed(number, scope, dial.method == "project"))

    def clear(self, start: int, rows: int) -> None:
        self._window = None
        self.slots.clear(start, rows)
        for row in range(start, start + rows):
            self.placed[row] = []

    def move(self, source: int, target: int) -> None:
        self._window = None
        self.slots.move(source, target)
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
        self._positions = positions

    def disarm(self) -> None:
        self._positions = self.edited = None

    def _after_block(
        self, module: nn.Module, args: object, output: Tensor | tuple
    ) -> Tensor | tuple | None:
        hidden = output[0] if isinstance(output, tuple) else output
        if self.recording:
            self.recorded = hidden
        if self._positions is None or self._view is None:
            return None
        encode = None if self.sae.subset_is_exact else self.sae.encode
        self.edited = edit(hidden, self._view, self._positions, encode, self._project)
        if isinstance(output, tuple):
            return (self.edited.hidden, *output[1:])
        return self.edited.hidden


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
        """Within, the site's `recorded` is the residual of the last pass."""
        site = self.sites[name]
        site.recording = True
        try:
            yield site
        finally:
            site.recording = False
            site.recorded = None

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
