"""SAEs of the releases that sae-lens knows, by release and id; its import takes seconds, so nothing
here is imported before a release is asked for."""

import importlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from types import ModuleType
from typing import Any

import torch
from huggingface_hub import hf_hub_download
from safetensors import safe_open

from playground import sae
from playground.errors import AuthorError
from playground.sae import Sae

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


def trained_on(release: str, id: str) -> str:
    """Hugging Face id of the model whose activations the SAE was trained on. The directory says it,
    not the SAE's own file: some loaders write another model into that."""
    model: str = record(release, id).model
    if release == "gemma-scope-9b-it-res":  # the directory names the base model by mistake
        model = "gemma-2-9b-it"
    return HUB_IDS.get(model, model)


def load(release: str, id: str, device: str = "cpu", dtype: torch.dtype = torch.float32) -> Sae:
    """Downloads it, or reads it from the Hugging Face cache. Raises AuthorError for an unknown
    name, EngineError for an SAE that cannot be steered with; errors of the hub pass through."""
    found, name = record(release, id), f"{release}/{id}"
    with warnings.catch_warnings(), shapes_from_cache():
        warnings.simplefilter("ignore")  # of model_from_pretrained_kwargs, read below
        made = quietly("sae_lens").SAE.from_pretrained(
            release, id, device=device, dtype=str(dtype).removeprefix("torch.")
        )
    config = made.cfg.to_dict()
    # What the directory says is lost on the way where the SAE's own file is of the sixth version.
    told = (found.config_overrides or {}).get("model_from_pretrained_kwargs")
    about = config["metadata"] | {
        "model_name": trained_on(release, id),
        "neuronpedia_id": found.neuronpedia_id.get(id),
    }
    if told:
        about["model_from_pretrained_kwargs"] = told
    return sae.made_of(name, config | {"metadata": about}, made.state_dict(), dtype)


@contextmanager
def shapes_from_cache() -> Iterator[None]:
    """sae-lens asks the hub for the shapes of Gemma Scope 2's tensors without looking into the
    cache, so that these SAEs would not load offline. Within, the file itself is read."""
    loaders, name = quietly(LOADERS), "get_safetensors_tensor_shapes"
    theirs = getattr(loaders, name)

    def shapes(repo_id: str, filename: str) -> dict[str, list[int]]:
        with safe_open(hf_hub_download(repo_id, filename), "pt") as file:
            return {key: list(file.get_slice(key).get_shape()) for key in file.keys()}  # noqa: SIM118

    setattr(loaders, name, shapes)
    try:
        yield
    finally:
        setattr(loaders, name, theirs)
