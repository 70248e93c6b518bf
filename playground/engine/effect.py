"""What a push along a direction does to the next token, measured: the direction is added on the
last token of a few neutral beginnings, and the change of each token's log-probability is averaged.

Where many blocks come behind a place, what a direction says straight to the vocabulary (direct.py)
tells little of what it does. Called while the model's engine does nothing else. Knows no SAE.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor

from playground.engine.paths import Path, Untouched
from playground.models.points import Point

ROWS = 48  # directions that are tried at once
STRENGTH = 0.5  # residual norms
# Tokens that are less likely than this, in nats, count as this: a rare piece of a word that was
# next to impossible and is a little less so would stand first otherwise.
FLOOR = -16.0


class Effect:
    def __init__(
        self, path: Path, point: Point, norm: float, beginnings: Sequence[Sequence[int]], fill: int
    ) -> None:
        """point: where the push is added; norm: of the residual there; beginnings: token ids, with
        all that stands first, each of two tokens at least."""
        self._path, self._point, self._norm = path, point, norm
        self._beginnings, self._fill = [list(each) for each in beginnings], fill

    @torch.inference_mode()
    def of(self, rows: Tensor) -> Tensor:
        """The mean change of each token's natural log-probability. rows: unit directions,
        [n, d_model]; [n, vocabulary] float32"""
        total: Tensor | None = None
        for ids in self._beginnings:
            with self._read(ids) as kept:
                plain = self._after(kept, ids, torch.zeros_like(rows[:1]))
                parts = [self._after(kept, ids, part) for part in rows.split(ROWS)]
            change = torch.cat(parts) - plain
            total = change if total is None else total + change
        assert total is not None, "no beginnings"
        return total / len(self._beginnings)

    @contextmanager
    def _read(self, ids: Sequence[int]) -> Iterator[object]:
        """The columns of all tokens but the last."""
        with self._path.begin([list(ids[:-1])], self._fill, Untouched()):
            pass
        kept = self._path.copied(0)
        self._path.drop(0)
        yield kept

    def _after(self, kept: object, ids: Sequence[int], rows: Tensor) -> Tensor:
        """Log-probabilities of the next token, each row pushed along its own. [n, vocabulary]"""
        pushes = (self._norm * STRENGTH * rows)[:, None]
        for _ in rows:
            self._path.put(kept)
        handles = self._path.attach(self._point, lambda x: x + pushes.to(x.device, x.dtype))
        try:
            count = len(rows)
            with self._path.step([ids[-1]] * count, [len(ids) - 1] * count, Untouched()) as logits:
                return logits.log_softmax(-1).clamp_min(FLOOR).cpu()
        finally:
            for handle in handles:
                handle.remove()
            self._path.reset()
