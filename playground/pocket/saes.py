"""Trains the pocket SAEs with sae-lens' own trainer on block outputs, and measures them."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sae_lens import (
    SAE,
    BatchTopKTrainingSAE,
    BatchTopKTrainingSAEConfig,
    LoggingConfig,
    MatryoshkaBatchTopKTrainingSAE,
    MatryoshkaBatchTopKTrainingSAEConfig,
)
from sae_lens.config import SAETrainerConfig
from sae_lens.training.sae_trainer import SAETrainer
from torch.nn.functional import cross_entropy
from tqdm import tqdm
from transformers import LlamaForCausalLM

from playground.pocket.rows import Rows, within_texts
from playground.pocket.train import IGNORED, read_model

SAMPLES_PER_STEP = 2048
FIGURE_ROWS = 160  # held-out rows that the figures are measured on


@dataclass(frozen=True)
class SaeRecipe:
    """One SAE: after which block (from 0), how wide, how many features a token on average."""

    layer: int
    width: int = 2048
    k: float = 48
    groups: tuple[int, ...] = (256, 768)  # inner Matryoshka groups; none gives plain BatchTopK
    samples: int = 2_500_000
    learning_rate: float = 1e-3
    seed: int = 0


RECIPES = {
    "early": SaeRecipe(layer=1),
    "middle": SaeRecipe(layer=2, k=60),
    "late": SaeRecipe(layer=3, k=88),
}


@dataclass(frozen=True)
class Figures:
    """l0: features a token; variance_explained: fraction; loss_*: nats a token of the model as it
    is, with the SAE's reconstruction spliced in, with the mean instead; loss_recovered: share
    between mean and model; dead: share."""

    l0: float
    variance_explained: float
    loss_model: float
    loss_spliced: float
    loss_mean: float
    loss_recovered: float
    dead: float


@torch.inference_mode()
def activations(
    model: LlamaForCausalLM, rows: np.ndarray, layers: list[int]
) -> dict[int, torch.Tensor]:
    """Block outputs without beginning-of-text tokens; no text sees the one before it in its row.

    rows: [n, window + 1] ids -> {layer: [tokens, d] float16}
    """
    bos = model.config.bos_token_id
    assert isinstance(bos, int)
    wanted: dict[int, list[torch.Tensor]] = {layer: [] for layer in layers}
    kept: dict[int, torch.Tensor] = {}
    hooks = [
        model.model.layers[layer].register_forward_hook(
            lambda _m, _i, out, layer=layer: kept.update({layer: out})  # pyright: ignore
        )
        for layer in layers
    ]
    try:
        for batch in tqdm(np.array_split(rows, max(1, len(rows) // 32)), desc="activations"):
            ids = torch.from_numpy(batch[:, :-1].astype(np.int64))
            with torch.autocast("cpu", dtype=torch.bfloat16):
                model.model(input_ids=ids, attention_mask=within_texts(ids, bos), use_cache=False)
            used = ids != bos
            for layer in layers:
                wanted[layer].append(kept[layer][used].to(torch.float16))
    finally:
        for hook in hooks:
            hook.remove()
    return {layer: torch.cat(parts) for layer, parts in wanted.items()}


def shuffled(pool: torch.Tensor, scale: float, seed: int) -> Iterator[torch.Tensor]:
    """Endless batches [SAMPLES_PER_STEP, d], each token once a pass. Raises ValueError for a pool
    smaller than one batch."""
    if len(pool) < SAMPLES_PER_STEP:
        raise ValueError(f"{len(pool)} tokens of residuals; a batch has {SAMPLES_PER_STEP}")
    generator = torch.Generator().manual_seed(seed)
    while True:
        order = torch.randperm(len(pool), generator=generator)
        for start in range(0, len(pool) - SAMPLES_PER_STEP + 1, SAMPLES_PER_STEP):
            yield pool[order[start : start + SAMPLES_PER_STEP]].float() * scale


def train(pool: torch.Tensor, recipe: SaeRecipe, out: Path) -> None:
    """Trains one SAE on residuals [tokens, d] and writes it in sae-lens format to `out`."""
    torch.manual_seed(recipe.seed)
    width = pool.shape[1]
    sample = pool[:: max(1, len(pool) // 100_000)].float()
    # sae-lens' recipes expect tokens of norm sqrt(d)
    scale = float(width**0.5 / sample.norm(dim=1).mean())
    shared: dict[str, Any] = dict(
        d_in=width, d_sae=recipe.width, k=recipe.k, normalize_activations="none"
    )
    if recipe.groups:
        sae = MatryoshkaBatchTopKTrainingSAE(
            MatryoshkaBatchTopKTrainingSAEConfig(
                **shared,
                matryoshka_widths=[*recipe.groups, recipe.width],
            )
        )
    else:
        sae = BatchTopKTrainingSAE(BatchTopKTrainingSAEConfig(**shared))
    sae.b_dec.data = sample.mean(0) * scale
    steps = recipe.samples // SAMPLES_PER_STEP
    SAETrainer(
        cfg=SAETrainerConfig(
            total_training_samples=recipe.samples,
            train_batch_size_samples=SAMPLES_PER_STEP,
            lr=recipe.learning_rate,
            lr_end=0.0,
            lr_decay_steps=steps // 3,
            lr_warm_up_steps=min(100, steps // 10),
            dead_feature_window=200,
            checkpoint_path=None,
            logger=LoggingConfig(log_to_wandb=False),
        ),
        sae=sae,
        data_provider=shuffled(pool, scale, recipe.seed),
    ).fit()
    sae.fold_activation_norm_scaling_factor(scale)
    sae.cfg.metadata.hook_name = f"blocks.{recipe.layer}.hook_resid_post"
    sae.cfg.metadata.hf_hook_name = f"model.layers.{recipe.layer}"
    sae.cfg.metadata.model_name = "pocket"
    sae.cfg.metadata.prepend_bos = True
    sae.save_inference_model(out)


@torch.inference_mode()
def figures(model: LlamaForCausalLM, sae: SAE, layer: int, rows: np.ndarray) -> Figures:
    """Measures an SAE on held-out rows [n, window + 1]; first tokens are left as they are."""
    pool = activations(model, rows, [layer])[layer].float()
    mean = pool.mean(0)
    encoded = sae.encode(pool)
    residue = (pool - sae.decode(encoded)).pow(2).sum()

    def loss(replace: str) -> float:
        return float(np.mean([spliced_loss(model, sae, layer, mean, part, replace)
                              for part in np.array_split(rows, 5)]))  # fmt: skip

    plain, spliced, ablated = loss("nothing"), loss("sae"), loss("mean")
    return Figures(
        l0=float((encoded > 0).sum(1).float().mean()),
        variance_explained=float(1 - residue / (pool - mean).pow(2).sum()),
        loss_model=plain,
        loss_spliced=spliced,
        loss_mean=ablated,
        loss_recovered=(ablated - spliced) / (ablated - plain),
        dead=float((encoded > 0).any(0).logical_not().float().mean()),
    )


def spliced_loss(
    model: LlamaForCausalLM,
    sae: SAE,
    layer: int,
    mean: torch.Tensor,
    rows: np.ndarray,
    replace: str,
) -> float:
    """Next-token loss (nats), the block's output left alone, reconstructed or made its mean."""
    ids = torch.from_numpy(rows.astype(np.int64))
    seen, bos = ids[:, :-1], model.config.bos_token_id
    assert isinstance(bos, int)
    first = (seen == bos).unsqueeze(-1)

    def splice(_module: torch.nn.Module, _inputs: object, out: torch.Tensor) -> torch.Tensor:
        if replace == "nothing":
            return out
        new = sae.decode(sae.encode(out)) if replace == "sae" else mean.expand_as(out)
        return torch.where(first, out, new.to(out.dtype))

    hook = model.model.layers[layer].register_forward_hook(splice)
    try:
        logits = model(
            input_ids=seen, attention_mask=within_texts(seen, bos), use_cache=False
        ).logits
    finally:
        hook.remove()
    target = ids[:, 1:].clone()
    target[target == bos] = IGNORED
    return float(cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=-100))


def train_all(work: Path, recipes: dict[str, SaeRecipe] = RECIPES, rows: int = 7500) -> None:
    """Trains what is missing under `work/saes`, measures all, writes `work/saes.json`."""
    model = read_model(work / "model")
    data = Rows.read(work, "train").ids
    held_out = Rows.read(work, "held_out").ids[:FIGURE_ROWS]
    missing = {n: r for n, r in recipes.items() if not (work / "saes" / n / "cfg.json").exists()}
    if missing:
        pools = activations(
            model, np.asarray(data[:rows]), sorted({r.layer for r in missing.values()})
        )
        for name, recipe in missing.items():
            partial = work / "saes" / f"{name}.partial"
            train(pools[recipe.layer], recipe, partial)
            partial.rename(work / "saes" / name)
    report = {}
    for name, recipe in recipes.items():
        sae = SAE.load_from_disk(work / "saes" / name)
        report[name] = {
            "recipe": asdict(recipe),
            "figures": asdict(figures(model, sae, recipe.layer, held_out)),
        }
        print(name, report[name]["figures"])
    (work / "saes.json").write_text(json.dumps(report, indent=1))
