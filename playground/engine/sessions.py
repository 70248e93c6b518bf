"""Graphs on ONNX Runtime, fed from torch's memory and writing into it, without a copy.

Knows nothing of what the graphs compute but the names of what goes in and comes out.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import onnxruntime
import torch
from onnx import ModelProto
from torch import Tensor

from playground.engine.graph import Segment

DTYPES = {torch.float32: np.float32, torch.int32: np.int32}


@dataclass(frozen=True)
class Call:
    """A run of a segment over a part of a stack [rows, tokens, width]. kept: the columns of these
    rows, [2 x blocks, rows, heads, capacity, width]; lengths: the last position of each row,
    [rows] int32; total: the largest of these plus one, [1] int32."""

    rows: slice
    tokens: slice
    kept: Tensor
    lengths: Tensor
    total: Tensor

    @staticmethod
    def of(rows: slice, tokens: slice, kept: Tensor, lengths: Sequence[int]) -> "Call":
        last = torch.tensor(lengths, dtype=torch.int32)
        return Call(rows, tokens, kept, last, last.max()[None] + 1)


class Session:
    """One graph."""

    def __init__(self, model: ModelProto) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.inter_op_num_threads = 1
        # A thread that spins while it waits would take the time of whoever else computes.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def bound(
        self, inputs: Mapping[str, Tensor], outputs: Mapping[str, Tensor]
    ) -> Callable[[], None]:
        """What runs it over that memory, which the caller keeps; all of it contiguous."""
        binding = self._session.io_binding()
        for name, tensor in inputs.items():
            binding.bind_input(name, *place_of(tensor))
        for name, tensor in outputs.items():
            binding.bind_output(name, *place_of(tensor))
        return partial(self._session.run_with_iobinding, binding)

    def run(self, inputs: Mapping[str, Tensor], outputs: Mapping[str, Tensor]) -> None:
        self.bound(inputs, outputs)()


def place_of(tensor: Tensor) -> tuple[str, int, type, list[int], int]:
    """A tensor's memory as ONNX Runtime is told of it."""
    assert tensor.is_contiguous()
    return "cpu", 0, DTYPES[tensor.dtype], list(tensor.shape), tensor.data_ptr()


class RunningSegment:
    def __init__(self, segment: Segment) -> None:
        self.start, self.end, self._blocks = segment.start, segment.end, segment.blocks
        self._session = Session(segment.model)
        self.gives = tuple(each.name for each in segment.model.graph.output)

    def bound(
        self, call: Call, values: Sequence[Tensor], made: Sequence[Tensor],
        more: Mapping[str, Tensor],
    ) -> Callable[[], None]:  # fmt: skip
        """What runs it. values: what comes over the first cut, stacks of which the call's part is
        read; made: what goes over the last one, stacks of which it is written; more: outputs by
        name, where they are wanted. The caller keeps them."""
        part = call.rows, call.tokens
        inputs = {
            f"{name}.in": each[part] for name, each in zip(self.start.values, values, strict=True)
        }
        outputs = {name: each[part] for name, each in zip(self.end.values, made, strict=True)}
        outputs |= {name: each[part] for name, each in more.items()}
        if self._blocks:
            inputs |= {"lengths": call.lengths, "total": call.total}
        for block in self._blocks:
            for shift, name in enumerate(("key", "value")):
                columns = call.kept[2 * block + shift]
                inputs[f"{name}{block}"] = outputs[f"{name}s{block}"] = columns
        return self._session.bound(inputs, outputs)
