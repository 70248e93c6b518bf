"""A sparse autoencoder of the residual stream: activations of its features and the directions they
write.

Reads folders that sae-lens 6 writes and computes what sae-lens computes, without its seconds of
imports. It knows nothing of prompts, positions or dials.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor

from playground.errors import EngineError

ARCHITECTURES = ("standard", "jumprelu", "topk")
TRANSFORMER_LENS_SITE = re.compile(r"^blocks\.(\d+)\.hook_resid_(pre|post)$")
MODULE_SITE = re.compile(r"(?:^|\.)(?:layers|h)\.(\d+)(?:\.output)?$")


def layer_of(hook_name: str) -> int:
    """The block (from 0) after which a hook name stands: `blocks.3.hook_resid_post` and
    `model.layers.3` give 3.

    `hook_resid_pre` of a block is the residual after the block before it. Raises EngineError for
    any other point.
    """
    if match := TRANSFORMER_LENS_SITE.match(hook_name):
        layer = int(match[1]) - (match[2] == "pre")
        if layer >= 0:
            return layer
    elif match := MODULE_SITE.search(hook_name):
        return int(match[1])
    raise EngineError(
        f"The SAE reads {hook_name!r}; only the residual stream after a block can be steered "
        "(blocks.N.hook_resid_post, or a module path such as model.layers.N)."
    )


@dataclass(frozen=True)
class SaeMetadata:
    hook_name: str
    layer: int  # counts blocks from 0; the SAE reads after that block


class Affine(NamedTuple):
    """The encoder of n features as one map of the raw residual: pre = x @ columns + bias, an
    activation is pre where pre > max(0, threshold) and 0 elsewhere."""

    columns: Tensor  # [d_model, n]
    bias: Tensor  # [n]
    threshold: Tensor  # [n]


@dataclass(frozen=True)
class Weights:
    """As sae-lens names and stores them."""

    W_enc: Tensor  # [d_model, width]
    b_enc: Tensor  # [width]
    W_dec: Tensor  # [width, d_model]
    b_dec: Tensor  # [d_model]
    threshold: Tensor | None = None  # [width], jumprelu only


@dataclass(frozen=True)
class Rule:
    """How pre-activations become activations."""

    architecture: str  # one of ARCHITECTURES
    subtract_b_dec: bool = False  # from the input
    k: int = 0  # topk: how many features a token has
    rescaled: bool = False  # topk: activations are lengths already, decoder rows count as units


class Sae:
    """Activations are in the SAE's own units; times `row_norms` they are residual lengths."""

    def __init__(
        self, weights: Weights, rule: Rule, metadata: SaeMetadata, centred: bool = False
    ) -> None:
        """centred: whether it was trained on a residual with its mean over d_model removed
        (TransformerLens' center_writing_weights)."""
        self.weights = weights
        self.rule = rule
        self.metadata = metadata
        self.centred = centred
        self.width, self.d_model = weights.W_dec.shape
        rows = weights.W_dec.float()
        self._lengths = rows.norm(dim=-1)  # [width]
        self._units = rows / self._lengths.clamp_min(1e-12)[:, None]  # [width, d_model]

    @property
    def row_norms(self) -> Tensor:
        """Residual length of one unit of each feature's activation, float32. [width]"""
        return torch.ones_like(self._lengths) if self.rule.rescaled else self._lengths

    @property
    def subset_is_exact(self) -> bool:
        """Whether an activation depends on the feature's own pre-activation only (not in a topk
        SAE, where features compete)."""
        return self.rule.architecture != "topk"

    def encode(self, x: Tensor) -> Tensor:
        """Activations of raw residuals, in the SAE's dtype. x: [..., d_model]; [..., width]"""
        weights = self.weights
        pre = self._input(x) @ weights.W_enc + weights.b_enc
        if self.rule.architecture != "topk":
            return self._fire(pre, weights.threshold)
        if self.rule.rescaled:
            pre = pre * weights.W_dec.norm(dim=-1)
        top = pre.topk(self.rule.k, dim=-1, sorted=False)
        return torch.zeros_like(pre).scatter_(-1, top.indices, top.values.relu())

    def encode_features(self, x: Tensor, features: Sequence[int]) -> Tensor:
        """encode(x)[..., features], without the other features where that is exact. x: [...,
        d_model]; [..., n]"""
        chosen = list(features)
        if not self.subset_is_exact:
            return self.encode(x)[..., chosen]
        weights = self.weights
        pre = self._input(x) @ weights.W_enc[:, chosen] + weights.b_enc[chosen]
        threshold = weights.threshold
        return self._fire(pre, None if threshold is None else threshold[chosen])

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
        """Unit decoder rows, float32. [n, d_model]"""
        return self._units[list(features)]

    def _input(self, x: Tensor) -> Tensor:
        if self.centred:
            x = x.float()
            x = x - x.mean(dim=-1, keepdim=True)
        x = x.to(self.weights.W_enc.dtype)
        return x - self.weights.b_dec if self.rule.subtract_b_dec else x

    @staticmethod
    def _fire(pre: Tensor, threshold: Tensor | None) -> Tensor:
        return pre.relu() if threshold is None else pre.relu() * (pre > threshold)


def load(folder: Path | str, device: str = "cpu", dtype: torch.dtype = torch.float32) -> Sae:
    """Reads cfg.json and sae_weights.safetensors. Raises EngineError when the folder holds no SAE
    that can be steered with."""
    folder = Path(folder)
    if not (folder / "cfg.json").exists():
        raise EngineError(f"{folder} is no SAE folder: there is no cfg.json in it.")
    config = json.loads((folder / "cfg.json").read_text())
    architecture, normalised = config.get("architecture"), config.get("normalize_activations")
    if architecture not in ARCHITECTURES:
        raise EngineError(
            f"{folder}: architecture {architecture!r} cannot be steered with; there are "
            f"{', '.join(ARCHITECTURES)} (as sae-lens 6 saves them for inference)."
        )
    if normalised not in (None, "none"):
        raise EngineError(
            f"{folder}: the SAE normalises its input ({normalised}); only 'none' is supported. "
            "Fold the normalisation into its weights and save it again."
        )
    about = config.get("metadata") or {}
    # The Hugging Face name says more where both are given: not every TransformerLens point is
    # the output of a module.
    hook_name = about.get("hf_hook_name") or about.get("hook_name")
    if not hook_name:
        raise EngineError(f"{folder}: cfg.json names no hook_name, so its place is unknown.")
    stored = load_file(folder / "sae_weights.safetensors", device=device)
    names = [each.name for each in fields(Weights) if each.name in stored]
    rule = Rule(
        architecture,
        bool(config.get("apply_b_dec_to_input", True)),
        int(config.get("k") or 0),
        bool(config.get("rescale_acts_by_decoder_norm", False)),
    )
    options = about.get("model_from_pretrained_kwargs") or {}
    return Sae(
        Weights(**{name: stored[name].to(dtype) for name in names}),
        rule,
        SaeMetadata(hook_name, layer_of(hook_name)),
        bool(options.get("center_writing_weights", False)),
    )
