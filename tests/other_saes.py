"""Random SAEs as sparsify and dictionary_learning write them, and what those libraries compute with
them, written again from their sources: stand-ins, for neither is installed here."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

D, WIDTH, K = 576, 2304, 64  # of SmolLM2-135M, and of an SAE that others made for it


@dataclass(frozen=True)
class Weighty:
    """Random weights: encoder and decoder rows of all lengths, [WIDTH, D] each."""

    encoder: Tensor
    bias: Tensor
    decoder: Tensor
    centre: Tensor
    skip: Tensor

    @staticmethod
    def drawn(seed: int = 0, width: int = WIDTH) -> "Weighty":
        draw = torch.Generator().manual_seed(seed)

        def some(*shape: int) -> Tensor:
            return torch.randn(*shape, generator=draw)

        lengths = 0.5 + torch.rand(width, 1, generator=draw)
        rows = torch.nn.functional.normalize(some(width, D), dim=-1) * lengths
        return Weighty(0.2 * some(width, D), 0.1 * some(width), rows, some(D), 0.1 * some(D, D))


def topk(pre: Tensor, k: int) -> Tensor:
    """Of what is left of the negative, the k strongest."""
    found = pre.relu().topk(k, dim=-1)
    return torch.zeros_like(pre).scatter(-1, found.indices, found.values)


# -- sparsify --------------------------------------------------------------------------------------
def save_sparsify(run: Path, place: str, weights: Weighty, **config: Any) -> Path:
    """A run's folder, with the folder of one place in it."""
    folder = run / place
    folder.mkdir(parents=True)
    told = {
        "activation": "topk", "expansion_factor": 4, "normalize_decoder": True, "num_latents": 0,
        "k": K, "multi_topk": False, "skip_connection": False, "transcode": False, "d_in": D,
    }  # fmt: skip
    (folder / "cfg.json").write_text(json.dumps(told | config))
    (run / "config.json").write_text(json.dumps({"model": "HuggingFaceTB/SmolLM2-135M"}))
    tensors = {
        "encoder.weight": weights.encoder, "encoder.bias": weights.bias, "W_dec": weights.decoder,
        "b_dec": weights.centre,
    }  # fmt: skip
    if config.get("skip_connection"):
        tensors["W_skip"] = weights.skip
    save_file(tensors, folder / "sae.safetensors")
    return folder


def sparsify(weights: Weighty, x: Tensor, transcode: bool = False, skip: bool = False):
    """Activations and what is decoded of them."""
    seen = x if transcode else x - weights.centre
    acts = topk(seen @ weights.encoder.T + weights.bias, K)
    out = acts @ weights.decoder + weights.centre
    return acts, out + x @ weights.skip.T if skip else out


# -- dictionary_learning ---------------------------------------------------------------------------
def save_dictionary(folder: Path, kind: str, weights: Weighty, **trainer: Any) -> Path:
    folder.mkdir(parents=True)
    told = {
        "trainer_class": "ATrainer", "dict_class": kind, "activation_dim": D, "dict_size": WIDTH,
        "k": K, "layer": 15, "lm_name": "HuggingFaceTB/SmolLM2-135M",
        "submodule_name": "resid_post_layer_15",
    }  # fmt: skip
    buffer = {"d_submodule": D, "io": "out", "ctx_len": 128} | trainer.pop("buffer", {})
    (folder / "config.json").write_text(json.dumps({"trainer": told | trainer, "buffer": buffer}))
    torch.save(tensors_of(kind, weights), folder / "ae.pt")
    return folder


def tensors_of(kind: str, weights: Weighty) -> dict[str, Tensor]:
    if kind in ("JumpReluAutoEncoder", "MatryoshkaBatchTopKSAE"):
        made = {
            "W_enc": weights.encoder.T.contiguous(), "b_enc": weights.bias,
            "W_dec": weights.decoder, "b_dec": weights.centre,
        }  # fmt: skip
        if kind == "JumpReluAutoEncoder":
            return made | {"threshold": weights.bias.abs() * 4}
        more = {"k": torch.tensor(K), "group_sizes": torch.tensor([256, WIDTH - 256])}
        return made | more | {"threshold": torch.tensor(3.5)}
    made = {
        "encoder.weight": weights.encoder, "encoder.bias": weights.bias,
        "decoder.weight": weights.decoder.T.contiguous(),
    }  # fmt: skip
    if kind == "AutoEncoder":
        return made | {"bias": weights.centre}
    return made | {
        "b_dec": weights.centre, "k": torch.tensor(K), "threshold": torch.tensor(3.5),
    }  # fmt: skip


def dictionary(kind: str, weights: Weighty, x: Tensor) -> tuple[Tensor, Tensor]:
    """Activations and what is decoded of them, as its classes do it by default."""
    if kind == "JumpReluAutoEncoder":
        pre = x @ weights.encoder.T + weights.bias
        lengths = weights.decoder.norm(dim=-1)
        acts = (pre * (pre > weights.bias.abs() * 4)).relu() * lengths
        return acts, (acts / lengths) @ weights.decoder + weights.centre
    pre = ((x - weights.centre) @ weights.encoder.T + weights.bias).relu()
    if kind == "AutoEncoderTopK":
        acts = topk(pre, K)
    else:
        acts = pre if kind == "AutoEncoder" else pre * (pre > 3.5)
    return acts, acts @ weights.decoder + weights.centre
