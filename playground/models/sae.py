"""A sparse autoencoder or transcoder: activations of its features, the directions they write, and
what all of them write together.

Computes what sae-lens computes, without its seconds of imports. It knows nothing of files, prompts,
positions, models or dials; `sae_files.py` reads it from a folder.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal, NamedTuple

import torch
from torch import Tensor

from playground.errors import EngineError
from playground.models import points
from playground.models.points import Point

Scaling = Literal["none", "layer_norm", "constant_norm_rescale"]
EPSILON = 1e-5  # of the layer norm, as sae-lens has it


@dataclass(frozen=True)
class SaeMetadata:
    """reads, writes: the same place but for a transcoder. model: whose activations it was trained
    on, as the SAE's own file says, empty where it does not. prepend_bos: whether the texts that it
    was trained on stood behind a first token; a text is read for it the same way."""

    hook_name: str
    reads: Point
    writes: Point
    model: str = ""
    neuronpedia: str = ""  # model/source
    prepend_bos: bool = True

    @property
    def layer(self) -> int:
        """The block (from 0) that the SAE writes in or after."""
        return self.writes.layer

    @staticmethod
    def at(hook_name: str) -> "SaeMetadata":
        """Of an SAE that reads and writes at one place."""
        return SaeMetadata(hook_name, points.parse(hook_name), points.parse(hook_name))


class Affine(NamedTuple):
    """The encoder of n features as one map of what `prepare` gives: pre = x @ columns + bias, an
    activation is pre where pre > max(0, threshold) and 0 elsewhere."""

    columns: Tensor  # [d_in, n]
    bias: Tensor  # [n]
    threshold: Tensor  # [n]


@dataclass(frozen=True)
class Weights:
    """As sae-lens names and stores them."""

    W_enc: Tensor  # [d_in, width]
    b_enc: Tensor  # [width]
    W_dec: Tensor  # [width, d_out]
    b_dec: Tensor  # [d_out]
    threshold: Tensor | None = None  # [width], jumprelu only
    W_skip: Tensor | None = None  # [d_out, d_in], skip transcoders only


@dataclass(frozen=True)
class Rule:
    """How an input becomes activations."""

    firing: str  # standard, jumprelu or topk
    subtract_b_dec: bool = False  # from the input
    k: int = 0  # topk: how many features a token has
    rescaled: bool = False  # topk: activations are lengths already, decoder rows count as units
    scaling: Scaling = "none"  # of the input, token by token
    scales_output: bool = True  # false: a transcoder does not undo the scaling of its input


class Sae:
    """Activations are in the SAE's own units; times `row_norms` (and the token's scale, where the
    SAE scales its input) they are lengths at the place where it writes."""

    def __init__(
        self, weights: Weights, rule: Rule, metadata: SaeMetadata, centred: bool = False
    ) -> None:
        """centred: whether the model that it was trained on had the mean over d_model removed from
        all that is added to the residual (TransformerLens' center_writing_weights)."""
        self.weights = weights
        self.rule = rule
        self.metadata = metadata
        # Which of the two that concerns: what it reads, what stands where it writes.
        self.centred = centred and metadata.reads.kind in points.CENTRED
        self.writes_centred = centred and metadata.writes.kind in points.CENTRED
        self.width, self.d_out = weights.W_dec.shape
        self.d_in = len(weights.W_enc)
        # Rows are divided when they are asked for: a wide SAE's unit rows would take its decoder's
        # memory once more.
        self._lengths = torch.cat([part.float().norm(dim=-1) for part in weights.W_dec.split(8192)])

    @staticmethod
    def without_features(layer: int, d_model: int) -> "Sae":
        """What stands for an SAE after a block (from 0) that nobody has trained one for: a place
        for directions, with features to none."""
        weights = Weights(
            W_enc=torch.zeros(d_model, 0), b_enc=torch.zeros(0),
            W_dec=torch.zeros(0, d_model), b_dec=torch.zeros(d_model),
        )  # fmt: skip
        return Sae(weights, Rule("standard"), SaeMetadata.at(f"blocks.{layer}.hook_resid_post"))

    @property
    def row_norms(self) -> Tensor:
        """Length of one unit of each feature's activation where it writes, float32. [width]"""
        return torch.ones_like(self._lengths) if self.rule.rescaled else self._lengths

    @property
    def subset_is_exact(self) -> bool:
        """Whether an activation depends on the feature's own pre-activation only (not in a topk
        SAE, where features compete)."""
        return self.rule.firing != "topk"

    @property
    def in_place(self) -> bool:
        """Whether it reads where it writes: a transcoder does not."""
        return self.metadata.reads == self.metadata.writes

    def to(self, device: torch.device | str) -> "Sae":
        """The same SAE on another device; itself where it is there already."""
        if self.weights.W_dec.device == torch.device(device):
            return self
        moved = {
            each.name: value.to(device)
            for each in fields(Weights)
            if (value := getattr(self.weights, each.name)) is not None
        }
        centred = self.centred or self.writes_centred
        return Sae(Weights(**moved), self.rule, self.metadata, centred)

    def encode(self, x: Tensor) -> Tensor:
        """Activations of what stands at the place it reads, in the SAE's dtype. x: [..., d_in];
        [..., width]"""
        weights = self.weights
        pre = self._input(x) @ weights.W_enc + weights.b_enc
        if self.rule.firing != "topk":
            return self._fire(pre, weights.threshold)
        if self.rule.rescaled:
            pre = pre * weights.W_dec.norm(dim=-1)
        top = pre.topk(self.rule.k, dim=-1, sorted=False)
        return torch.zeros_like(pre).scatter_(-1, top.indices, top.values.relu())

    def encode_features(self, x: Tensor, features: Sequence[int]) -> Tensor:
        """encode(x)[..., features], without the other features where that is exact. x: [..., d_in];
        [..., n]"""
        chosen = list(features)
        if not self.subset_is_exact:
            return self.encode(x)[..., chosen]
        weights = self.weights
        pre = self._input(x) @ weights.W_enc[:, chosen] + weights.b_enc[chosen]
        threshold = weights.threshold
        return self._fire(pre, None if threshold is None else threshold[chosen])

    def decode(self, acts: Tensor, x: Tensor) -> Tensor:
        """What features of these activations write together, decoder bias included, in the SAE's
        dtype; where the input is scaled, the scaling of `x` is undone. x: what was encoded, [...,
        d_in]; acts: [..., width]; [..., d_out]"""
        weights = self.weights
        if self.rule.rescaled:
            acts = acts / self._lengths.to(acts.dtype)
        written = acts @ weights.W_dec + weights.b_dec
        if self.rule.scaling == "none" or not self.rule.scales_output:
            return written
        scaled = scaled_by(self.rule.scaling, self._centre(x).to(weights.W_enc.dtype))
        return written * scaled.scale + scaled.shift

    def skip(self, x: Tensor) -> Tensor | None:
        """What goes past the features of a skip transcoder, None for any other SAE. x: [..., d_in],
        as it is read, unscaled; [..., d_out]"""
        skip = self.weights.W_skip
        return None if skip is None else self._centre(x).to(skip.dtype) @ skip.T

    def reconstruct(self, x: Tensor) -> Tensor:
        """What it takes for the values where it writes, having read x: sae-lens' `forward`. Without
        their mean where `writes_centred`. x: [..., d_in]; [..., d_out]"""
        written, skipped = self.decode(self.encode(x), x), self.skip(x)
        return written if skipped is None else written + skipped

    def prepare(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """What the encoder's linear part takes, and the token's scale: the length that one unit of
        activation times its row norm has (None: 1). x: [..., d_in] float32; [..., d_in], [...,
        1]"""
        if self.rule.scaling == "none":
            return x, None
        scaled = scaled_by(self.rule.scaling, self._centre(x))
        return scaled.x, scaled.scale if self.rule.scales_output else None

    def affine(self, features: Sequence[int]) -> Affine:
        """The encoder of `features` with centring and decoder bias folded in, float32. Raises
        EngineError where features compete (`subset_is_exact` is false)."""
        if not self.subset_is_exact:
            raise EngineError("A feature of a topk SAE has no encoder of its own.")
        weights, chosen = self.weights, list(features)
        columns, bias = weights.W_enc[:, chosen].float(), weights.b_enc[chosen].float()
        if self.rule.subtract_b_dec:
            bias = bias - weights.b_dec.float() @ columns
        if self.centred:  # (x - mean x) . w is x . (w - mean w)
            columns = columns - columns.mean(dim=0)
        threshold = torch.zeros_like(bias)
        if weights.threshold is not None:
            threshold = weights.threshold[chosen].float().clamp_min(0)
        return Affine(columns, bias, threshold)

    def unit_rows(self, features: Sequence[int]) -> Tensor:
        """Unit decoder rows, float32. [n, d_out]"""
        chosen = list(features)
        rows = self.weights.W_dec[chosen].float()
        return rows / self._lengths[chosen].clamp_min(1e-12)[:, None]

    def _centre(self, x: Tensor) -> Tensor:
        if not self.centred:
            return x
        x = x.float()
        return x - x.mean(dim=-1, keepdim=True)

    def _input(self, x: Tensor) -> Tensor:
        x = self._centre(x).to(self.weights.W_enc.dtype)
        if self.rule.scaling != "none":
            x = scaled_by(self.rule.scaling, x).x
        return x - self.weights.b_dec if self.rule.subtract_b_dec else x

    @staticmethod
    def _fire(pre: Tensor, threshold: Tensor | None) -> Tensor:
        return pre.relu() if threshold is None else pre.relu() * (pre > threshold)


class Scaled(NamedTuple):
    """An input as the SAE was trained on it; the input itself is x * scale + shift (but for
    EPSILON)."""

    x: Tensor  # [..., d_in]
    scale: Tensor  # [..., 1]
    shift: Tensor  # [..., 1]


def scaled_by(scaling: Scaling, x: Tensor) -> Scaled:
    """x: [..., d_in]"""
    if scaling == "layer_norm":
        mean = x.mean(dim=-1, keepdim=True)
        x = x - mean
        deviation = x.std(dim=-1, keepdim=True)
        return Scaled(x / (deviation + EPSILON), deviation, mean)
    length = x.norm(dim=-1, keepdim=True) / x.shape[-1] ** 0.5
    return Scaled(x / length, length, torch.zeros_like(length))
