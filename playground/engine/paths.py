"""The ways through a model: what the running batch, the passes over texts and the hooks need of
one, and which one is taken. All of an engine goes one way, what is played and what is measured.

This file holds the general way, Hugging Face's own forward, for every class of models and every
device; `llama.py` the fast one. Called by the worker only. Knows nothing of tokens, dials or
requests.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol, TypeVar

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.cache_utils import Cache

from playground.engine.cache import RowCache, prompt_cache
from playground.engine.sites import device_of, tap
from playground.engine.taps import Act, attach
from playground.models.points import Point

P = TypeVar("P")


class Handle(Protocol):
    def remove(self) -> None: ...


class Steer(Protocol):
    """What turns the dials of the rows while they are read."""

    def reaches(self, row: int, span: range) -> bool:
        """Whether any dial of a row meets these positions."""
        ...

    def over(
        self, start: int, spans: Sequence[range], positions: Tensor
    ) -> AbstractContextManager[None]:
        """Within, a pass over rows `start`... is edited. spans: each row's positions in this pass;
        positions: [rows, tokens], negative where no dial reaches."""
        ...

    def seen(self, ids: Tensor, positions: Tensor, last: bool) -> Tensor:
        """Positions of prompts as the dials see them. last: whether the last token of the pass is
        the prompt's last."""
        ...


class Untouched:
    """Implements Steer: no dial is turned."""

    def reaches(self, row: int, span: range) -> bool:
        return False

    def over(
        self, start: int, spans: Sequence[range], positions: Tensor
    ) -> AbstractContextManager[None]:
        return nullcontext()

    def seen(self, ids: Tensor, positions: Tensor, last: bool) -> Tensor:
        return positions


class Path(Protocol[P]):
    """A way through a model. Rows that have begun keep their columns (keys and values) in it, in
    the order in which they came. P: what is kept of a row that is parked."""

    @property
    def columns(self) -> Sequence[int]:
        """How many each row has."""
        ...

    def attach(self, point: Point, act: Act) -> Sequence[Handle]:
        """Raises EngineError for a place that the model has not."""
        ...

    def forward(
        self,
        ids: Tensor,
        positions: Tensor,
        keep: int,
        until: Point | None = None,
        blind: bool = False,
    ) -> Tensor:
        """Whole texts, left-padded. ids, positions: [rows, tokens], positions negative on padding;
        keep: the last tokens whose logits are wanted, [rows, keep, vocabulary] float32; until: the
        last place that is looked at, where no logits are; blind: nothing is looked at or written
        on the way, so that what is known already need not be read."""
        ...

    def begin(
        self, prompts: Sequence[list[int]], fill: int, steer: Steer
    ) -> AbstractContextManager[Tensor]:
        """Reads prompts, as rows behind those that are there; gives the logits after them, [rows,
        vocabulary] float32, while the hooks still know what they did there. After an error none of
        the rows is there."""
        ...

    def reread(self, prompt: list[int], reply: list[int], fill: int, steer: Steer) -> None:
        """Reads a reply behind its prompt, dials turned, as a row behind those that are there, of
        which nothing is left. The reply is the last that is looked at on the way, whole, at the end
        of one pass. prompt: one token at least."""
        ...

    def step(
        self, last: Sequence[int], at: Sequence[int], steer: Steer
    ) -> AbstractContextManager[Tensor]:
        """A token more for every row. last: the tokens; at: their positions. Gives logits as
        `begin` does."""
        ...

    def copied(self, row: int) -> P:
        """What `put` takes to put the row back after it was dropped."""
        ...

    def put(self, kept: P) -> None:
        """Appends a row that has been here before."""
        ...

    def drop(self, row: int) -> None:
        """The last row takes the place of one that leaves."""
        ...

    def reset(self) -> None:
        """Lets go of all rows, whatever state they are in."""
        ...


class HuggingFacePath:
    """Implements Path: the model's own forward, with hooks on its modules."""

    def __init__(self, model: PreTrainedModel) -> None:
        self.model = model
        self.cache = RowCache()
        self._device = device_of(model)

    @property
    def columns(self) -> Sequence[int]:
        return self.cache.lengths

    def attach(self, point: Point, act: Act) -> Sequence[Handle]:
        return attach(tap(self.model, point), act)

    def forward(
        self,
        ids: Tensor,
        positions: Tensor,
        keep: int,
        until: Point | None = None,
        blind: bool = False,
    ) -> Tensor:
        return self._forward(ids, positions, None, max(1, keep))

    @contextmanager
    def begin(self, prompts: Sequence[list[int]], fill: int, steer: Steer) -> Iterator[Tensor]:
        lengths = [len(prompt) for prompt in prompts]
        ids, positions = left_padded(prompts, fill, self._device)
        prompt = prompt_cache(self.model.config)
        spans, seen = [range(length) for length in lengths], steer.seen(ids, positions, True)
        with steer.over(len(self.columns), spans, seen):
            yield self._forward(ids, positions, prompt, 1)[:, -1]
        self.cache.join(prompt, lengths)

    def reread(self, prompt: list[int], reply: list[int], fill: int, steer: Steer) -> None:
        whole = [*prompt, *reply]
        ids, positions = left_padded([whole], fill, self._device)
        seen = positions.clone()
        seen[:, : len(prompt)] = steer.seen(
            ids[:, : len(prompt)], positions[:, : len(prompt)], True
        )
        with steer.over(len(self.columns), [range(len(whole))], seen):
            self._forward(ids, positions, None, 1)

    @contextmanager
    def step(self, last: Sequence[int], at: Sequence[int], steer: Steer) -> Iterator[Tensor]:
        self.cache.reserve()
        inputs = torch.tensor([last, at], device=self._device)[:, :, None]
        width, lengths = self.cache.width + 1, self.cache.lengths
        mask = None
        if min(lengths) < width - 1:
            blank = torch.tensor([width - 1 - length for length in lengths], device=self._device)
            mask = torch.arange(width, device=self._device) >= blank[:, None]
        spans = [range(each, each + 1) for each in at]
        with steer.over(0, spans, inputs[1]):
            logits = self.model(
                input_ids=inputs[0], position_ids=inputs[1], attention_mask=mask,
                past_key_values=self.cache.cache, use_cache=True, logits_to_keep=1,
            ).logits  # fmt: skip
            self.cache.advance()
            yield logits[:, -1].float()

    def copied(self, row: int) -> Cache:
        return self.cache.copied(row)

    def put(self, kept: Cache) -> None:
        self.cache.join(kept, [kept.get_seq_length()])

    def drop(self, row: int) -> None:
        self.cache.drop(row)

    def reset(self) -> None:
        self.cache.reset()

    def _forward(self, ids: Tensor, positions: Tensor, cache: Cache | None, keep: int) -> Tensor:
        padded = bool((positions[:, 0] < 0).any())
        return self.model(
            input_ids=ids, position_ids=positions.clamp_min(0), past_key_values=cache,
            attention_mask=positions >= 0 if padded else None,
            use_cache=cache is not None, logits_to_keep=keep,
        ).logits.float()  # fmt: skip


def left_padded(
    texts: Sequence[Sequence[int]], fill: int, device: torch.device
) -> tuple[Tensor, Tensor]:
    """ids and positions of texts that all end at the last column; padding has negative positions.
    [texts, tokens]"""
    width = max(map(len, texts))
    ids = torch.tensor([[fill] * (width - len(each)) + list(each) for each in texts], device=device)
    blank = torch.tensor([width - len(each) for each in texts], device=device)
    return ids, torch.arange(width, device=device) - blank[:, None]
