"""SAEs of the releases that sae-lens knows, by release and id; its import takes seconds, so nothing
here is imported before a release is asked for."""

import importlib
import pickle
import warnings
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from huggingface_hub import try_to_load_from_cache
from safetensors import SafetensorError

from playground.errors import AuthorError, EngineError
from playground.models import files, hub, sae_files
from playground.models.sae import Sae

DIRECTORY = "sae_lens.loading.pretrained_saes_directory"
LOADERS = "sae_lens.loading.pretrained_sae_loaders"
# The directory's short names of models -> Hugging Face ids; it writes most of them out.
HUB_IDS = {
    "gpt2-small": "openai-community/gpt2",
    "pythia-70m-deduped": "EleutherAI/pythia-70m-deduped",
    "mistral-7b": "mistralai/Mistral-7B-v0.1",
    "gemma-2b": "google/gemma-2b",
    "gemma-2b-it": "google/gemma-2b-it",
    "gemma-2-2b": "google/gemma-2-2b",
    "gemma-2-9b": "google/gemma-2-9b",
    "gemma-2-9b-it": "google/gemma-2-9b-it",
    "gemma-2-27b": "google/gemma-2-27b",
    "qwen3-0.6b": "Qwen/Qwen3-0.6B",
    "qwen3-1.7b": "Qwen/Qwen3-1.7B",
    "qwen3-4b": "Qwen/Qwen3-4B",
    "qwen3-8b": "Qwen/Qwen3-8B",
    "qwen3-14b": "Qwen/Qwen3-14B",
}
NEAR = 3  # names that an error offers


def quietly(name: str) -> ModuleType:
    """Its import warns of its own imports."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


def loaders() -> ModuleType:
    """sae-lens asks the network for the shapes in a file even where it has the file; this looks
    into the file first."""
    module = quietly(LOADERS)
    asking = module.get_safetensors_tensor_shapes
    if asking.__module__ == __name__:
        return module

    def shapes(repo_id: str, filename: str) -> dict[str, list[int]]:
        here = try_to_load_from_cache(repo_id, filename)
        if not isinstance(here, str):
            return asking(repo_id, filename)
        return {name: each["shape"] for name, each in files.header(Path(here)).items()}

    module.get_safetensors_tensor_shapes = shapes  # pyright: ignore[reportAttributeAccessIssue]
    return module


def releases() -> dict[str, Any]:
    """sae-lens' own records (PretrainedSAELookup) by release."""
    found: dict[str, Any] = quietly(DIRECTORY).get_pretrained_saes_directory()
    return found


def record(release: str, id: str) -> Any:
    """The record of a release that has this id. Raises AuthorError offering the nearest names."""
    known = releases()
    if release not in known:
        raise AuthorError(
            f"sae-lens has no release {release!r}; {nearest(release, list(known))} (there are "
            f"{len(known)} releases; an SAE of your own is named by its folder)"
        )
    ids = list(known[release].saes_map)
    if id not in ids:
        raise AuthorError(
            f"release {release} has no SAE {id!r}; {nearest(id, ids)} (there are {len(ids)})"
        )
    return known[release]


def nearest(asked: str, known: list[str]) -> str:
    near = get_close_matches(asked, known, NEAR, 0.3) or known[:NEAR]
    return f"the nearest are {', '.join(near)}"


def first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".")


def trained_on(release: str, id: str) -> str:
    """Hugging Face id of the model whose activations the SAE was trained on. The directory says it,
    not the SAE's own file: some loaders write another model into that."""
    model: str = record(release, id).model
    if release == "gemma-scope-9b-it-res":  # the directory names the base model by mistake
        model = "gemma-2-9b-it"
    return HUB_IDS.get(model, model)


def config_of(release: str, id: str) -> dict[str, Any]:
    """What cfg.json of a folder would say; fetches that and no weights. Raises AuthorError for an
    unknown name, and for what goes wrong on the hub."""
    found, module, name = record(release, id), loaders(), f"{release}/{id}"
    try:
        with hub.told(found.repo_id), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            told: dict[str, Any] = module.load_sae_config_from_huggingface(release, id)
    except (ValueError, LookupError) as error:
        raise EngineError(
            f"{name}: sae-lens cannot read its config ({first_line(error)})"
        ) from error
    return told


def missing(release: str, id: str) -> int:
    """Bytes of its files that are not in the Hugging Face cache. Raises AuthorError."""
    found = record(release, id)
    return hub.missing_below(found.repo_id, found.saes_map[id])


def load(release: str, id: str, device: str = "cpu", dtype: torch.dtype = torch.float32) -> Sae:
    """Downloads it, or reads it from the Hugging Face cache; sae-lens' loaders unpickle weights
    only, never code. Raises AuthorError for an unknown name and for what goes wrong on the hub,
    EngineError for an SAE that cannot be steered with."""
    found, name = record(release, id), f"{release}/{id}"
    loaders()
    try:
        with hub.told(found.repo_id), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of model_from_pretrained_kwargs, read below
            made = quietly("sae_lens").SAE.from_pretrained(
                release, id, device=device, dtype=str(dtype).removeprefix("torch.")
            )
    except (SafetensorError, pickle.UnpicklingError, ValueError, LookupError) as error:
        raise EngineError(
            f"{name}: its files cannot be read ({first_line(error)}); delete "
            f"{hub.folder_of(found.repo_id)} and run it again"
        ) from error
    config = made.cfg.to_dict()
    # What the directory says is lost on the way where the SAE's own file is of the sixth version.
    told = (found.config_overrides or {}).get("model_from_pretrained_kwargs")
    about = config["metadata"] | {
        "model_name": trained_on(release, id),
        "neuronpedia_id": found.neuronpedia_id.get(id),
    }
    if told:
        about["model_from_pretrained_kwargs"] = told
    return sae_files.made_of(name, config | {"metadata": about}, made.state_dict(), dtype)
