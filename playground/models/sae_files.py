"""SAEs on disk: reads folders as sae-lens keeps them (version 6, and 3 to 5) and those of two other
libraries (other_saes), and says what is wrong with a folder. Knows no model."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, cast, get_args

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from playground.errors import EngineError
from playground.models import other_saes, points
from playground.models.other_saes import Library
from playground.models.sae import Rule, Sae, SaeMetadata, Scaling, Weights

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
    # sae-lens has none of these; sparsify has.
    "topk_transcoder": "topk",
    "topk_skip_transcoder": "topk",
}
# sae-lens folds these two into the weights when training ends or a release is loaded; where that
# has not happened it encodes the input as it is, and so does this.
FOLDED = ("expected_average_only_in", "covariance_whitening")
# What version 3 to 5 of sae-lens called what is called otherwise since, and what belongs into
# `metadata`, which they had not.
RENAMED = {
    "hook_point": "hook_name",
    "hook_point_head_index": "hook_head_index",
    "activation_fn_str": "activation_fn",
}
ABOUT = (
    "hook_name", "hook_head_index", "model_name", "model_from_pretrained_kwargs", "prepend_bos",
    "neuronpedia_id", "sae_lens_version",
)  # fmt: skip


def load(folder: Path | str, device: str = "cpu", dtype: torch.dtype = torch.float32) -> Sae:
    """Reads config and weights. Raises EngineError when the folder holds no SAE that can be steered
    with."""
    folder = Path(folder)
    library = found_in(folder)
    config = config_of(folder, library)
    check_config(str(folder), config)
    if library != "sae-lens":
        return made_of(str(folder), config, other_saes.stored_in(folder, library, device), dtype)
    file = folder / "sae_weights.safetensors"
    if not file.exists():
        raise EngineError(f"{folder}: the weights are missing: there is no {file.name} in it.")
    try:
        stored = load_file(file, device=device)
    except (SafetensorError, OSError) as error:
        raise EngineError(f"{file} is damaged ({error}); copy or download it again.") from error
    return made_of(str(folder), config, stored, dtype)


def found_in(folder: Path) -> Library:
    """Whose files a folder has."""
    names = [each.name for each in folder.iterdir()] if folder.is_dir() else []
    return other_saes.library_of(names)


def config_of(folder: Path, library: Library | None = None) -> dict[str, Any]:
    """The config alone, as sae-lens 6 has it. library: whose it is, where the weights are not there
    to tell. Raises EngineError when there is none."""
    library = library or found_in(folder)
    if library != "sae-lens":
        return other_saes.config_of(folder, library)
    if not (folder / "cfg.json").exists():
        raise EngineError(f"{folder} is no SAE folder: there is no cfg.json in it.")
    config = other_saes.table(folder / "cfg.json")
    return config if "metadata" in config else of_version_6(str(folder), config)


def of_version_6(name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """A config of sae-lens 3 to 5 as sae-lens 6 reads it. Raises EngineError for one that it would
    read as another SAE than was trained."""
    told = {RENAMED.get(key, key): value for key, value in config.items()}
    told["metadata"] = {key: told[key] for key in ABOUT if key in told}
    told.setdefault("architecture", "standard")
    fires, options = told.get("activation_fn") or "relu", told.get("activation_fn_kwargs") or {}
    if fires == "topk" and options.get("k"):
        told |= {"architecture": "topk", "k": options["k"]}
    elif fires not in ("relu", told["architecture"]):
        raise EngineError(
            f"{name}: features fire by {fires!r}; there are relu, and topk with its k."
        )
    if told.get("finetuning_scaling_factor"):
        raise EngineError(
            f"{name}: finetuned activations of old versions of sae-lens are not read."
        )
    if isinstance(told.get("normalize_activations"), bool):
        told["normalize_activations"] = (
            "expected_average_only_in" if told["normalize_activations"] else "none"
        )
    return told


def check_config(name: str, config: Mapping[str, Any]) -> None:
    """Raises EngineError, which begins with `name`, for an SAE that cannot be steered with."""
    architecture = config.get("architecture")
    if architecture not in FIRING:
        raise EngineError(
            f"{name}: architecture {architecture!r} cannot be steered with; there are "
            f"{', '.join(FIRING)} (as sae-lens saves them for inference)."
        )
    if FIRING[architecture] == "topk" and int(config.get("k") or 0) < 1:
        raise EngineError(f"{name}: a topk SAE has to say how many features a token has (k).")
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
    if "skip" not in architecture:
        wanted.remove("W_skip")
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
        prepend_bos=about.get("prepend_bos") is not False,
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
    if weights.W_skip is not None:
        shapes["W_skip"] = [d_out, d_in]
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
