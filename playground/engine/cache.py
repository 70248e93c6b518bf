"""Keys and values of the running batch, in buffers that rows join and leave without the others
being copied.

All rows end at one column, padded on the left. Knows nothing of tokens, dials or requests.
"""

from copy import copy
from typing import Any, cast

import torch
from torch import Tensor
from transformers import PreTrainedConfig
from transformers.cache_utils import Cache, CacheLayerMixin, DynamicLayer, LinearAttentionLayer

FIRST_ROWS, FIRST_COLUMNS = 4, 128  # sizes of a fresh buffer; both double


class RowLayer(CacheLayerMixin):
    """One block's keys and values. Sliding attention is left to the mask, so every layer keeps all
    columns."""

    is_sliding = False

    def __init__(self, owner: "RowCache", keys: Tensor, values: Tensor) -> None:
        super().__init__()
        self.owner = owner
        self.keys, self.values = keys, values  # [row capacity, heads, column capacity, head width]
        self.is_initialized = True

    def lazy_initialization(self, key_states: Tensor, value_states: Tensor) -> None:
        """Nothing to do: the buffers exist from the start."""

    def update(
        self, key_states: Tensor, value_states: Tensor, *args: object, **kwargs: object
    ) -> tuple[Tensor, Tensor]:
        """Writes one new column for every row and returns all of them. key_states: [rows, heads, 1,
        head width]"""
        owner, (keys, values) = self.owner, stored(self)
        rows, begin, end = len(key_states), owner.end - owner.width, owner.end + 1
        keys[:rows, :, end - 1 : end] = key_states
        values[:rows, :, end - 1 : end] = value_states
        return keys[:rows, :, begin:end], values[:rows, :, begin:end]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        return self.owner.width + query_length, 0

    def get_seq_length(self) -> int:
        return self.owner.width

    def get_max_length(self) -> int:
        return -1


class RowCache:
    """`lengths[i]` is how many columns, counted from the right, belong to row i."""

    def __init__(self) -> None:
        self.lengths: list[int] = []
        self.end = 0  # the column that the next token is written to
        self.cache: Cache | None = None  # what the model is given; None while there are no rows

    @property
    def width(self) -> int:
        return max(self.lengths, default=0)

    def join(self, prompt: Cache, lengths: list[int]) -> None:
        """Appends the rows of a finished prompt pass, left-padded to a common length."""
        rows, columns = len(self.lengths) + len(lengths), prompt.get_seq_length()
        if self.cache is None:
            self._fresh(prompt, rows, columns)
        elif rows > self._capacity(0) or columns > self.end:
            self._lay_out(rows, max(columns, self.width) + 1)
        start, stop = len(self.lengths), self.end
        for ours, theirs in zip(layers_of(self.cache), layers_of(prompt), strict=True):
            for mine, new in zip(stored(ours), stored(theirs), strict=True):
                mine[start:rows, :, stop - columns : stop] = new
        if start:  # a fresh cache has the states of its first prompts already
            for ours, theirs in zip(states_of(self.cache), states_of(prompt), strict=True):
                keep(
                    ours,
                    [torch.cat(pair) for pair in zip(states(ours), states(theirs), strict=True)],
                )
        self.lengths += lengths

    def reserve(self) -> None:
        """Makes sure that there is a column for the next token."""
        if self.end == self._capacity(2):
            self._lay_out(len(self.lengths), self.width + 1)

    def advance(self) -> None:
        """After a pass: every row has one more column."""
        self.end += 1
        self.lengths = [length + 1 for length in self.lengths]

    def drop(self, row: int) -> int:
        """Removes a row by moving the last one into its place; returns the row that moved (itself
        if it was last)."""
        last = len(self.lengths) - 1
        if last == 0:
            self.reset()
            return 0
        if row != last:
            begin = self.end - self.lengths[last]
            for layer in self._layers():
                for buffer in stored(layer):
                    buffer[row, :, begin : self.end] = buffer[last, :, begin : self.end]
        for layer in states_of(self.cache):
            for state in states(layer):
                state[row] = state[last]
            keep(layer, [state[:last] for state in states(layer)])
        self.lengths[row] = self.lengths[last]
        self.lengths.pop()
        return last

    def copied(self, row: int) -> Cache:
        """What `join` takes to put the row back after it was dropped."""
        begin, layers = self.end - self.lengths[row], list[Any]()
        assert self.cache is not None
        for layer in self.cache.layers:
            if isinstance(layer, LinearAttentionLayer):
                layers.append(alone := copy(layer))
                alone.conv_states = dict(layer.conv_states)
                alone.recurrent_states = dict(layer.recurrent_states)
                keep(alone, [state[row : row + 1].clone() for state in states(layer)])
            else:
                layers.append(alone := DynamicLayer())
                alone.update(*(each[row : row + 1, :, begin : self.end] for each in stored(layer)))
        return Cache(layers=layers)

    def reset(self) -> None:
        self.lengths, self.end, self.cache = [], 0, None

    def _layers(self) -> list[RowLayer]:
        return cast(list[RowLayer], layers_of(self.cache))

    def _capacity(self, dimension: int) -> int:
        return stored(self._layers()[0])[0].shape[dimension]

    def _fresh(self, prompt: Cache, rows: int, columns: int) -> None:
        shape = (doubled(FIRST_ROWS, rows), doubled(FIRST_COLUMNS, columns + FIRST_COLUMNS // 2))
        self.cache = Cache(
            layers=[
                layer
                if isinstance(layer, LinearAttentionLayer)
                else RowLayer(self, *(zeros(each, shape) for each in stored(layer)))
                for layer in prompt.layers
            ]
        )
        self.end = columns

    def _lay_out(self, rows: int, columns: int) -> None:
        """Copies what is in use into new buffers: `columns` - 1 columns for what is there and for
        the longest prompt, and room behind them."""
        shape = (doubled(self._capacity(0), rows), doubled(FIRST_COLUMNS, 2 * columns))
        used, width, end = len(self.lengths), self.width, columns - 1
        # All are made before one is put in place: a lack of memory must not leave half of them.
        made = [tuple(zeros(each, shape) for each in stored(layer)) for layer in self._layers()]
        for layer, new in zip(self._layers(), made, strict=True):
            for old, fresh in zip(stored(layer), new, strict=True):
                fresh[:used, :, end - width : end] = old[:used, :, self.end - width : self.end]
            layer.keys, layer.values = new
        self.end = end


def prompt_cache(config: PreTrainedConfig) -> Cache:
    """An empty cache for a pass over prompts, which keeps all columns of every layer."""
    kinds = getattr(config.get_text_config(), "layer_types", None) or ()
    if "linear_attention" not in kinds:
        return Cache(layer_class_to_replicate=DynamicLayer)
    return Cache(
        layers=[
            LinearAttentionLayer() if kind == "linear_attention" else DynamicLayer()
            for kind in kinds
        ]
    )


def layers_of(cache: Cache | None) -> list[object]:
    """Those with keys and values, which grow by a column a token."""
    layers = [] if cache is None else cache.layers
    return [layer for layer in layers if not isinstance(layer, LinearAttentionLayer)]


def states_of(cache: Cache | None) -> list[LinearAttentionLayer]:
    """Those of linear attention, which keep a state of one size instead."""
    layers = [] if cache is None else cache.layers
    return [layer for layer in layers if isinstance(layer, LinearAttentionLayer)]


def states(layer: LinearAttentionLayer) -> list[Tensor]:
    """Its state and that of its convolution. [rows, ...]"""
    return [cast(Tensor, layer.conv_states[0]), cast(Tensor, layer.recurrent_states[0])]


def keep(layer: LinearAttentionLayer, new: list[Tensor]) -> None:
    layer.conv_states[0], layer.recurrent_states[0] = new


def stored(layer: object) -> tuple[Tensor, Tensor]:
    """Keys and values of a layer; a prompt pass has filled them."""
    filled = cast(CacheLayerMixin, layer)
    return cast(Tensor, filled.keys), cast(Tensor, filled.values)


def doubled(size: int, needed: int) -> int:
    while size < needed:
        size *= 2
    return size


def zeros(like: Tensor, shape: tuple[int, int]) -> Tensor:
    """Zero, not empty: attention gives padding no weight, but 0 times a stray nan is nan."""
    return like.new_zeros(shape[0], like.shape[1], shape[1], like.shape[3])
