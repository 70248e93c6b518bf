"""A sparse autoencoder or transcoder: activations of its features and the directions they write.

Reads folders that sae-lens 6 writes and computes what sae-lens computes, without its seconds of
imports. It knows nothing of prompts, positions, models or dials.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast, get_args

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from playground.errors import EngineError
from playground.models import points
from playground.models.points import Point

# sae-lens' name of an inference architecture -> the rule of firing. A gated SAE is a jumprelu one
# with other numbers; a skip transcoder's skip adds to what it writes, not to what its features do.
FIRING = {
    "standard": "standard",
    "gated": "jumprelu",
    "jumprelu": "jumprelu",
    "topk": "topk",
    "transcoder": "standard",
    "skip_transcoder": "standard",
    "jumprelu_transcoder": "jumprelu",
    "jumprelu_skip_transcoder": "jumprelu",
}
Scaling = Literal["none", "layer_norm", "constant_norm_rescale"]
# sae-lens folds these two into the weights when training ends or a release is loaded; where that
# has not happened it encodes the input as it is, and so does this.
FOLDED = ("expected_average_only_in", "covariance_whitening")
EPSILON = 1e-5  # of the layer norm, as sae-lens has it


@dataclass(frozen=True)
class SaeMetadata:
    """reads, writes: the same place but for a transcoder. model: whose activations it was trained
    on, as the SAE's own file says, empty where it does not."""

    hook_name: str
    reads: Point
    writes: Point
    model: str = ""
    neuronpedia: str = ""  # model/source

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

    def prepare(self, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """What the encoder's linear part takes, and the token's scale: the length that one unit of
        activation times its row norm has (None: 1). x: [..., d_in] float32; [..., d_in], [...,
        1]"""
        if self.rule.scaling == "none":
            return x, None
        scaled, scale = scaled_by(self.rule.scaling, self._centre(x))
        return scaled, scale if self.rule.scales_output else None

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
            x, _ = scaled_by(self.rule.scaling, x)
        return x - self.weights.b_dec if self.rule.subtract_b_dec else x

    @staticmethod
    def _fire(pre: Tensor, threshold: Tensor | None) -> Tensor:
        return pre.relu() if threshold is None else pre.relu() * (pre > threshold)


def scaled_by(scaling: Scaling, x: Tensor) -> tuple[Tensor, Tensor]:
    """The input as the SAE was trained on it, and what it was divided by. x: [..., d_in]; [...,
    d_in], [..., 1]"""
    if scaling == "layer_norm":
        x = x - x.mean(dim=-1, keepdim=True)
        deviation = x.std(dim=-1, keepdim=True)
        return x / (deviation + EPSILON), deviation
    length = x.norm(dim=-1, keepdim=True) / x.shape[-1] ** 0.5
    return x / length, length


def load(folder: Path | str, device: str = "cpu", dtype: torch.dtype = torch.float32) -> Sae:
    """Reads cfg.json and sae_weights.safetensors. Raises EngineError when the folder holds no SAE
    that can be steered with."""
    folder = Path(folder)
    config = config_of(folder)
    check_config(str(folder), config)
    file = folder / "sae_weights.safetensors"
    if not file.exists():
        raise EngineError(f"{folder}: the weights are missing: there is no {file.name} in it.")
    try:
        stored = load_file(file, device=device)
    except (SafetensorError, OSError) as error:
        raise EngineError(f"{file} is damaged ({error}); copy or download it again.") from error
    return made_of(str(folder), config, stored, dtype)


def config_of(folder: Path) -> dict[str, Any]:
    """Reads cfg.json alone. Raises EngineError when there is none."""
    if not (folder / "cfg.json").exists():
        raise EngineError(f"{folder} is no SAE folder: there is no cfg.json in it.")
    try:
        config = json.loads((folder / "cfg.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise EngineError(f"{folder}/cfg.json is damaged: {error}.") from error
    if not isinstance(config, dict):
        raise EngineError(f"{folder}/cfg.json is damaged: it holds no table.")
    return config


def check_config(name: str, config: Mapping[str, Any]) -> None:
    """Raises EngineError, which begins with `name`, for an SAE that cannot be steered with."""
    architecture = config.get("architecture")
    if architecture not in FIRING:
        raise EngineError(
            f"{name}: architecture {architecture!r} cannot be steered with; there are "
            f"{', '.join(FIRING)} (as sae-lens 6 saves them for inference)."
        )
    normalised = config.get("normalize_activations") or "none"
    if normalised not in (*get_args(Scaling), *FOLDED):
        raise EngineError(
            f"{name}: the SAE normalises its input by {normalised!r}; there are "
            f"{', '.join((*get_args(Scaling), *FOLDED))}."
        )
    about = config.get("metadata") or {}
    if about.get("hook_head_index") is not None:
        raise EngineError(
            f"{name}: the SAE reads head {about['hook_head_index']} alone; only whole points can "
            "be steered."
        )


def made_of(
    name: str, config: Mapping[str, Any], stored: Mapping[str, Tensor], dtype: torch.dtype
) -> Sae:
    """An SAE of what sae-lens keeps in cfg.json and in the weights; `name` is for errors. Raises
    EngineError when they do not fit each other."""
    check_config(name, config)
    architecture, about = str(config["architecture"]), config.get("metadata") or {}
    metadata = placed(name, architecture, about)
    stored = ungated(stored) if architecture == "gated" else stored
    wanted = [each.name for each in fields(Weights)]
    if FIRING[architecture] != "jumprelu":
        wanted.remove("threshold")
    if missing := [each for each in wanted if each not in stored]:
        raise EngineError(f"{name}: the weights lack {', '.join(missing)}.")
    weights = Weights(**{each: stored[each].to(dtype) for each in wanted})
    check_shapes(name, weights, config)
    transcodes = "transcoder" in architecture
    scaling = config.get("normalize_activations") or "none"
    rule = Rule(
        FIRING[architecture],
        bool(config.get("apply_b_dec_to_input", True)) and not transcodes,
        int(config.get("k") or 0),
        bool(config.get("rescale_acts_by_decoder_norm", False)),
        "none" if scaling in FOLDED else cast(Scaling, scaling),
        not transcodes,
    )
    options = about.get("model_from_pretrained_kwargs") or {}
    return Sae(weights, rule, metadata, bool(options.get("center_writing_weights", False)))


def placed(name: str, architecture: str, about: Mapping[str, Any]) -> SaeMetadata:
    """Where the SAE reads and writes. The Hugging Face name says more where both are given: not
    every TransformerLens point is the output of a module."""
    hook_name = about.get("hf_hook_name") or about.get("hook_name")
    if not hook_name:
        raise EngineError(f"{name}: cfg.json names no hook_name, so its place is unknown.")
    out = about.get("hf_hook_name_out") or about.get("hook_name_out")
    if "transcoder" in architecture and not out:
        raise EngineError(
            f"{name}: cfg.json names no hook_name_out, so where it writes is unknown."
        )
    made = SaeMetadata.at(str(hook_name))
    return replace(
        made,
        writes=points.parse(str(out)) if out else made.writes,
        model=str(about.get("model_name") or ""),
        neuronpedia=str(about.get("neuronpedia_id") or ""),
    )


def ungated(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A gated SAE's weights as a jumprelu one's. It fires where x.w + b_gate > 0 and then gives
    relu(x.w exp(r) + b_mag): with pre the latter, that is pre > b_mag - b_gate exp(r)."""
    needed = {"W_enc", "W_dec", "b_dec", "b_gate", "b_mag", "r_mag"}
    if not needed <= stored.keys():
        return dict(stored)
    gain = stored["r_mag"].exp()
    return {
        "W_enc": stored["W_enc"] * gain,
        "b_enc": stored["b_mag"],
        "threshold": stored["b_mag"] - stored["b_gate"] * gain,
        "W_dec": stored["W_dec"],
        "b_dec": stored["b_dec"],
    }


def check_shapes(name: str, weights: Weights, config: Mapping[str, Any]) -> None:
    if weights.W_enc.dim() != 2 or weights.W_dec.dim() != 2:
        raise EngineError(f"{name}: encoder and decoder are no tables of numbers.")
    (d_in, width), d_out = weights.W_enc.shape, weights.W_dec.shape[1]
    shapes = {"b_enc": [width], "W_dec": [width, d_out], "b_dec": [d_out]}
    if weights.threshold is not None:
        shapes["threshold"] = [width]
    for each, shape in shapes.items():
        found = list(getattr(weights, each).shape)
        if found != shape:
            raise EngineError(
                f"{name}: {each} has the shape {found}; with an encoder of {d_in} x {width} it "
                f"would be {shape}."
            )
    told = config.get("d_in", d_in), config.get("d_sae", width)
    if told != (d_in, width):
        raise EngineError(
            f"{name}: cfg.json tells of {told[0]} numbers and {told[1]} features, the weights have "
            f"{d_in} and {width}."
        )
