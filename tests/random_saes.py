"""Random SAEs of every kind, written to disk by sae-lens itself, and what sae-lens says of them."""

import importlib
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

K = 8  # features that a top-k SAE lets fire
# Our short name -> sae-lens' class, and what its config needs. Where sae-lens has no class of that
# kind for inference, its training class is saved for inference, as a training run does.
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "standard": ("StandardSAE", {}),
    "gated": ("GatedSAE", {}),
    "topk": ("TopKSAE", {"k": K}),
    "rescaled": ("TopKSAE", {"k": K, "rescale_acts_by_decoder_norm": True}),
    "batchtopk": ("BatchTopKTrainingSAE", {"k": K}),
    "matryoshka": ("MatryoshkaBatchTopKTrainingSAE", {"k": K}),
    "jumprelu": ("JumpReLUSAE", {}),
    "transcoder": ("Transcoder", {}),
    "skip_transcoder": ("SkipTranscoder", {}),
    "jumprelu_transcoder": ("JumpReLUTranscoder", {}),
    "jumprelu_skip_transcoder": ("JumpReLUSkipTranscoder", {}),
}
# A gated SAE's gate and its magnitude have to disagree often, or one would do for the other.
SIZES = {"b_gate": 1.0, "b_mag": 1.0, "r_mag": 0.5}
TRAINED = ("batchtopk", "matryoshka")  # kept as jumprelu
# What sae-lens can do to an input. Two of them it folds into the weights when training ends.
SCALINGS = (
    "none",
    "layer_norm",
    "constant_norm_rescale",
    "expected_average_only_in",
    "covariance_whitening",
)


@dataclass(frozen=True)
class Recipe:
    """hook_name, hook_name_out: in the SAE's file; a transcoder has both. scaling: of the input;
    folded: into the weights, where sae-lens does that. centred: trained on GPT-2's residual without
    its mean. heads: the file says that the input comes by heads."""

    hook_name: str
    kind: str = "jumprelu"
    hook_name_out: str = ""
    scaling: str = "none"
    folded: bool = True
    b_dec: bool = True
    width: int = 32
    features: int = 64
    seed: int = 0
    centred: bool = False
    heads: bool = False

    @property
    def transcodes(self) -> bool:
        return "transcoder" in self.kind


def sae_lens() -> ModuleType:
    """Its import warns of its own imports, and a warning is an error here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("sae_lens")


def made(recipe: Recipe) -> Any:
    """The SAE as an object of sae-lens; its decoder rows have all lengths but one."""
    lens, (name, needs) = sae_lens(), KINDS[recipe.kind]
    about: dict[str, Any] = {"hook_name": recipe.hook_name}
    needs = {"d_in": recipe.width, "d_sae": recipe.features,
             "normalize_activations": recipe.scaling,
             "apply_b_dec_to_input": recipe.b_dec and not recipe.transcodes} | needs  # fmt: skip
    if recipe.transcodes:
        about["hook_name_out"] = recipe.hook_name_out
        needs["d_out"] = recipe.width
    if recipe.kind == "matryoshka":
        needs["matryoshka_widths"] = [10, recipe.features]
    if recipe.heads:
        needs["reshape_activations"] = "hook_z"
    needs["metadata"] = lens.saes.sae.SAEMetadata(**about)
    sae = getattr(lens, name)(getattr(lens, name + "Config")(**needs))
    torch.manual_seed(100 + recipe.seed)
    with torch.no_grad():
        for key, parameter in sae.named_parameters():
            size = SIZES.get(key, 0.1 if key.startswith("b_") else 0.3)
            parameter.copy_(torch.randn_like(parameter) * size)
        if "jumprelu" in recipe.kind:
            sae.threshold.abs_()
        if recipe.kind in TRAINED:
            sae.topk_threshold.fill_(0.4)
        if recipe.folded:
            fold(sae, recipe)
    return sae


def fold(sae: Any, recipe: Recipe) -> None:
    """What training does at its end."""
    if recipe.scaling == "expected_average_only_in":
        sae.fold_activation_norm_scaling_factor(1.7)
    if recipe.scaling == "covariance_whitening":
        mixing = torch.eye(recipe.width) + 0.1 * torch.randn(recipe.width, recipe.width)
        sae.fold_activation_whitening(
            0.2 * torch.randn(recipe.width), mixing, torch.linalg.inv(mixing)
        )


def save(folder: Path, recipe: Recipe) -> Path:
    sae = made(recipe)
    (sae.save_inference_model if recipe.kind in TRAINED else sae.save_model)(folder)
    if recipe.centred:
        about = json.loads((folder / "cfg.json").read_text())
        options = {"center_writing_weights": True}
        about["metadata"]["model_from_pretrained_kwargs"] = options
        (folder / "cfg.json").write_text(json.dumps(about))
    return folder


def theirs(folder: Path) -> Any:
    """The SAE of a folder as sae-lens loads it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it reminds of center_writing_weights
        return sae_lens().SAE.load_from_disk(folder).requires_grad_(False)


def contribution(sae: Any, seen: Tensor, feature: int) -> Tensor:
    """What the feature adds to what sae-lens decodes, scaling undone. seen: what the SAE reads,
    [..., d_in] or by heads; [..., d_out]"""
    acts = sae.encode(seen)
    alone = torch.zeros_like(acts)
    alone[..., feature] = acts[..., feature]
    with_it = sae.decode(alone)
    sae.encode(seen)  # decoding has used up the scale that encoding left
    added = with_it - sae.decode(torch.zeros_like(acts))
    return added.flatten(-2) if sae.hook_z_reshaping_mode else added
