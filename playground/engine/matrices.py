"""How the matrix products of a graph hold their weights: in as few bits as hold them exactly.

A model that was stored in blocks of 32 numbers (GGUF's Q4_1 and Q8_0) and then written out as
float32 has lost nothing, and can be packed again to the same numbers; of any other model the
weights stay float32. What is rounded in the packed product is its other side: each 32 numbers of
an activation to 8 bits with one scale, which a token of giant norm cannot spoil for the others
(`MatMulNBits` of ONNX Runtime, accuracy level 4). Knows no model.
"""

from dataclasses import dataclass

import numpy as np

BLOCK = 32
EXACTLY = 1e-6  # of a matrix's largest number: what float32 itself rounds off
PEEK = 64  # rows that already tell most matrices which are not in blocks


@dataclass(frozen=True)
class Exact:
    """weight: [out, in] float32"""

    weight: np.ndarray


@dataclass(frozen=True)
class InBlocks:
    """weight = scales (codes - middle) + lows, block by block. bits: 4 or 8; codes: [out, blocks,
    bytes] uint8, two of 4 bits in a byte, the lower one first, middle 8 or 128; scales: [out,
    blocks] float32; lows: [out, blocks] float32, None where all are 0."""

    bits: int
    codes: np.ndarray
    scales: np.ndarray
    lows: np.ndarray | None

    @property
    def shape(self) -> tuple[int, int]:
        return self.codes.shape[0], self.codes.shape[1] * BLOCK


Matrix = Exact | InBlocks


def held(weight: np.ndarray) -> Matrix:
    """weight: [out, in] float32"""
    if weight.shape[1] % BLOCK:
        return Exact(weight)
    for pack in (in_four, in_eight):
        if pack(weight[:PEEK]) is not None and (packed := pack(weight)) is not None:
            return packed
    return Exact(weight)


def in_four(weight: np.ndarray) -> InBlocks | None:
    """From the least number of each block on in 15 equal steps; None where that is not exact.
    weight: [out, in] float32"""
    blocks = weight.reshape(len(weight), -1, BLOCK)
    least = blocks.min(-1)
    scales = (blocks.max(-1) - least) / np.float32(15)
    scales[scales == 0] = 1
    steps = (blocks - least[..., None]) / scales[..., None]
    codes = np.rint(steps)
    if not exact(np.abs(steps - codes) * scales[..., None], weight):
        return None
    codes = codes.astype(np.uint8)
    packed = codes[..., 0::2] | codes[..., 1::2] << 4
    return InBlocks(4, packed, scales, least + 8 * scales)


def in_eight(weight: np.ndarray) -> InBlocks | None:
    """In 255 equal steps around 0; None where that is not exact. weight: [out, in] float32"""
    blocks = weight.reshape(len(weight), -1, BLOCK)
    scales = np.abs(blocks).max(-1) / np.float32(127)
    scales[scales == 0] = 1
    steps = blocks / scales[..., None]
    codes = np.rint(steps)
    if not exact(np.abs(steps - codes) * scales[..., None], weight):
        return None
    return InBlocks(8, (codes + 128).astype(np.uint8), scales, None)


def exact(off: np.ndarray, weight: np.ndarray) -> bool:
    return bool(off.max(initial=0.0) <= EXACTLY * np.abs(weight).max(initial=0.0))
