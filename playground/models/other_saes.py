"""SAEs as two other libraries keep them on disk, told as sae-lens tells its own: sparsify of
EleutherAI (its class `SparseCoder`), and dictionary_learning of Marks, Karvonen and Mueller (its
`dictionary.py` and `trainers`). sae-lens' own loaders of both are for some of its releases: that of
sparsify takes every place of a block for the residual after it.

Knows no model, and not what becomes of what is told (sae_files).
"""

import json
import pickle
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Literal

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from playground.errors import EngineError

Library = Literal["sae-lens", "sparsify", "dictionary_learning"]
# The files of each: config, weights.
FILES: dict[Library, tuple[str, str]] = {
    "sae-lens": ("cfg.json", "sae_weights.safetensors"),
    "sparsify": ("cfg.json", "sae.safetensors"),
    "dictionary_learning": ("config.json", "ae.pt"),
}
# dictionary_learning's classes -> what sae-lens calls them. A batch top-k SAE is kept with the
# threshold that it has at work.
CLASSES = {
    "AutoEncoder": "standard",
    "AutoEncoderTopK": "topk",
    "BatchTopKSAE": "jumprelu",
    "MatryoshkaBatchTopKSAE": "jumprelu",
    "JumpReluAutoEncoder": "jumprelu",
}
# Of sparsify's config, what makes another function of an SAE, and what it has to be.
PLAIN: dict[str, object] = {
    "activation": "topk",
    "signed": False,
    "embed_skip": False,
    "gram_lookup": False,
}
HOOKPOINT = re.compile(r"^(?:.+\.)?(?:layers|h)\.\d+(?:\.\w+)*$")
EMBEDDING = "embed_tokens"
RESIDUAL = re.compile(r"^resid_post_layer_(\d+)$")


def library_of(names: Collection[str]) -> Library:
    """Whose files a folder has, by their names; sae-lens' where nothing says another."""
    for library, files in FILES.items():
        if {*files} <= {*names}:
            return library
    return "sae-lens"


def table(file: Path) -> dict[str, Any]:
    """A JSON file that holds one. Raises EngineError."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EngineError(f"{file} is damaged: {error}.") from error
    if not isinstance(found, dict):
        raise EngineError(f"{file} is damaged: it holds no table.")
    return found


# -- sparsify --------------------------------------------------------------------------------------
def of_sparsify(folder: Path) -> dict[str, Any]:
    """Its config; the folder's name is the place (`layers.16`, `layers.16.mlp`), as sparsify has
    it. Raises EngineError for an SAE that computes something else than top-k, or has no place."""
    told, place = table(folder / "cfg.json"), folder.name
    for key, plain in PLAIN.items():
        if (found := told.get(key, plain)) != plain:
            raise EngineError(
                f"{folder}: an SAE of sparsify with {key} = {found!r} is not read; there is "
                f"{key} = {plain!r}."
            )
    if place != EMBEDDING and not HOOKPOINT.match(place):
        raise EngineError(
            f"{folder}: sparsify names the folder after the place, such as layers.16 or "
            f"layers.16.mlp; {place!r} is none, so give the folder its name back."
        )
    transcodes, skips = bool(told.get("transcode")), bool(told.get("skip_connection"))
    if skips and not transcodes:
        raise EngineError(f"{folder}: an SAE of sparsify with a skip connection is not read.")
    if missing := [each for each in ("d_in", "k") if each not in told]:
        raise EngineError(f"{folder}/cfg.json lacks {', '.join(missing)}.")
    hook = "hook_embed" if place == EMBEDDING else place
    about: dict[str, Any] = {"hook_name": hook, "model_name": trained_on(folder.parent)}
    if transcodes:
        about |= {"hook_name": f"{place}.input", "hook_name_out": f"{place}.output"}
    kind = "topk_skip_transcoder" if skips else "topk_transcoder" if transcodes else "topk"
    width = told.get("num_latents") or told["d_in"] * told.get("expansion_factor", 32)
    return {
        "architecture": kind, "d_in": told["d_in"], "d_sae": width, "k": told["k"],
        "apply_b_dec_to_input": True, "normalize_activations": "none", "metadata": about,
    }  # fmt: skip


def trained_on(run: Path) -> str:
    """The model that a run of sparsify names beside its SAEs, empty where it does not."""
    told = table(run / "config.json") if (run / "config.json").is_file() else {}
    return str(told.get("model") or "")


def named_by_sparsify(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Its tensors by sae-lens' names: encoders are rows there, [width, d_in]."""
    names = {"encoder.bias": "b_enc"}
    made = {names.get(key, key): value for key, value in stored.items()}
    if "encoder.weight" in made:
        made["W_enc"] = made.pop("encoder.weight").T
    return made


# -- dictionary_learning ---------------------------------------------------------------------------
def of_dictionary_learning(folder: Path) -> dict[str, Any]:
    """Its config. Raises EngineError for a dictionary of another class, or another place than the
    residual after a block."""
    told = table(folder / "config.json")
    trainer, buffer = told.get("trainer"), told.get("buffer") or {}
    if not isinstance(trainer, dict) or not isinstance(buffer, dict):
        raise EngineError(f"{folder}/config.json has no table of the trainer's settings.")
    kind = trainer.get("dict_class")
    if kind not in CLASSES:
        raise EngineError(
            f"{folder}: a dictionary of the class {kind!r} is not read; there are "
            f"{', '.join(CLASSES)}."
        )
    layer, place = trainer.get("layer"), trainer.get("submodule_name")
    named = RESIDUAL.match(str(place)) if place else None
    beside = place and not (named and int(named[1]) == layer)
    if beside or not isinstance(layer, int) or buffer.get("io", "out") != "out":
        raise EngineError(
            f"{folder}: stands at {place!r} ({buffer.get('io', 'out')}) of layer {layer!r}; of "
            "dictionary_learning only SAEs of the residual after a block are read "
            "(resid_post_layer_N, out)."
        )
    if buffer.get("rescale_acts"):
        raise EngineError(f"{folder}: its activations were rescaled, and nobody says by what.")
    return {
        "architecture": CLASSES[kind],
        "d_in": trainer.get("activation_dim"), "d_sae": trainer.get("dict_size"),
        "k": trainer.get("k", 0) if CLASSES[kind] == "topk" else 0,
        "apply_b_dec_to_input": kind != "JumpReluAutoEncoder", "normalize_activations": "none",
        "metadata": {
            "hook_name": f"blocks.{layer}.hook_resid_post",
            "model_name": trainer.get("lm_name") or "",
        },
    }  # fmt: skip


def named_by_dictionary_learning(stored: Mapping[str, Tensor], kind: str) -> dict[str, Tensor]:
    """Its tensors by sae-lens' names; kind: the class. A jumprelu one says its activations in
    lengths, times those of its decoder rows: here they go into the encoder, and the rows are
    units."""
    names = {"encoder.bias": "b_enc", "bias": "b_dec"}
    made = {names.get(key, key): value for key, value in stored.items()}
    for ours, theirs in (("W_enc", "encoder.weight"), ("W_dec", "decoder.weight")):
        if theirs in made:
            made[ours] = made.pop(theirs).T
    if "threshold" in made and "W_dec" in made:
        made["threshold"] = made["threshold"].expand(len(made["W_dec"]))
    if kind == "JumpReluAutoEncoder" and {"W_enc", "b_enc", "threshold", "W_dec"} <= made.keys():
        lengths = made["W_dec"].norm(dim=-1)
        made |= {name: made[name] * lengths for name in ("W_enc", "b_enc", "threshold")}
        made["W_dec"] = made["W_dec"] / lengths[:, None]
    return made


# -- both ------------------------------------------------------------------------------------------
def config_of(folder: Path, library: Library) -> dict[str, Any]:
    """As sae-lens 6 would have it in cfg.json. Raises EngineError."""
    return of_sparsify(folder) if library == "sparsify" else of_dictionary_learning(folder)


def stored_in(folder: Path, library: Library, device: str = "cpu") -> dict[str, Tensor]:
    """The tensors by sae-lens' names. Pickled ones are read as numbers alone, never as code. Raises
    EngineError for a damaged file."""
    file = folder / FILES[library][1]
    try:
        if library == "sparsify":
            return named_by_sparsify(load_file(file, device=device))
        stored = torch.load(file, map_location=device, weights_only=True)
    except (SafetensorError, OSError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise EngineError(
            f"{file} is damaged, or holds more than numbers ({reason}); copy or download it again."
        ) from error
    if not isinstance(stored, dict):
        raise EngineError(f"{file} holds no tensors by their names.")
    tensors = {str(key): value for key, value in stored.items() if isinstance(value, Tensor)}
    kind = table(folder / FILES[library][0])["trainer"]["dict_class"]
    return named_by_dictionary_learning(tensors, str(kind))
