"""SAEs trained on GPT-2's residual without its mean, as TransformerLens has it when it centres the
weights that write: the one place where that library computes something else than Hugging Face."""

import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from torch import Tensor
from transformers import GPT2LMHeadModel

from tests.engine_models import save_model
from tests.parity.compare import (
    CLOSE,
    FEATURES,
    Cell,
    Game,
    compare,
    dials,
    expected_of,
    furthest,
    telling,
)
from tests.parity.paths import LENS_PATH, UNCENTRED, Independent, Push, quietly
from tests.parity.places import FAMILIES, LENS, Column
from tests.random_saes import Recipe, save, theirs

__all__ = ["CLOSE", "COLUMNS", "cells"]

GPT2 = FAMILIES[0]
# Every point where centring shows, a point where it does not (z), and more than one kind of SAE.
COLUMNS = {
    Column("resid_pre, block 0", "first"): "jumprelu",
    Column("resid_pre", "resid_pre"): "standard",
    Column("z", "z"): "jumprelu",
    Column("attn_out", "attn_out"): "gated",
    Column("resid_mid", "resid_mid"): "topk",
    Column("hook_mlp_in", "mlp_branch"): "jumprelu",
    Column("mlp_out", "mlp_out"): "batchtopk",
    Column("resid_post", "resid_post"): "standard",
    Column("ln2 > mlp_out", "mlp_normalized", "mlp_out"): "skip_transcoder",
    Column("resid_mid > mlp_out", "resid_mid", "mlp_out"): "transcoder",
}
WITH_MEAN = ("z", "mlp_normalized")  # what is read there has its mean in both libraries


def hooked_transformer(folder: Path) -> Any:
    """TransformerLens' own GPT-2 with the folder's weights, loaded as these SAEs want it."""
    model, lens = GPT2LMHeadModel.from_pretrained(folder).eval(), quietly("transformer_lens")
    config = model.config
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cfg = lens.HookedTransformerConfig(
            n_layers=config.n_layer, d_model=config.n_embd, n_heads=config.n_head,
            d_head=config.n_embd // config.n_head, d_mlp=4 * config.n_embd,
            n_ctx=config.n_positions, d_vocab=config.vocab_size, act_fn="gelu_new",
            eps=config.layer_norm_epsilon, normalization_type="LN", device="cpu",
            use_hook_mlp_in=True, use_attn_result=False,
        )  # fmt: skip
        made = lens.HookedTransformer(cfg)
        convert = quietly("transformer_lens.pretrained.weight_conversions").convert_gpt2_weights
        weights = convert(model, cfg)
        made.load_and_process_state_dict(
            {name: value.detach().clone() for name, value in weights.items()},
            fold_ln=False, center_writing_weights=True, center_unembed=False,
            fold_value_biases=False,
        )  # fmt: skip
    return made.eval().requires_grad_(False)


def name_of(place: str) -> str:
    return LENS[place].format(GPT2.layer)


def steered(lens: Any, ids: Tensor, column: Column, push: Push) -> Tensor:
    """Log-probabilities of TransformerLens' model, pushed by a hook of its own."""
    reads, writes = name_of(column.reads), name_of(column.writes or column.reads)
    seen = list[Tensor]()

    def write(value: Tensor, hook: object) -> Tensor:
        flat = value.flatten(2)[0]  # z comes by heads
        pushed = flat + push(flat if reads == writes else seen[-1], flat)
        return pushed.reshape(value.shape)

    hooks: list[tuple[str, Callable[..., object]]] = [(writes, write)]
    if reads != writes:
        hooks.insert(0, (reads, lambda value, hook: seen.append(value[0])))
    return lens.run_with_hooks(ids, fwd_hooks=hooks)[0].log_softmax(-1)


@cache
def cells() -> dict[Column, tuple[Cell, float]]:
    """Beside each cell: how far our log-probabilities are from those of TransformerLens' model
    (compare.furthest)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        save_model(folder / "model", GPT2.key)
        saes = {each: save(folder / each.site, recipe(each)) for each in COLUMNS}
        lens = hooked_transformer(folder / "model")
        with Game(folder / "model", {at.name: at for at in saes.values()}) as game:
            independent = Independent(folder / "model", GPT2, game.ids)
            _, found = lens.run_with_cache(independent.ids)
            return {each: cell(game, each, at, independent, lens, found)
                    for each, at in saes.items()}  # fmt: skip


def recipe(column: Column) -> Recipe:
    return Recipe(
        name_of(column.reads),
        COLUMNS[column],
        name_of(column.writes) if column.writes else "",
        features=FEATURES,
        centred=True,
        heads=column.reads == "z",
    )


def cell(
    game: Game, column: Column, folder: Path, independent: Independent, lens: Any, found: Any
) -> tuple[Cell, float]:
    read, places = found[name_of(column.reads)][0], (column.reads, column.writes or column.reads)
    made = compare(
        game, folder, independent, (read, LENS_PATH), places,
        centred=(places[0] not in WITH_MEAN, places[1] not in WITH_MEAN),
    )  # fmt: skip
    sae = theirs(folder)
    feature = telling(expected_of(sae, read))
    ours = game.logits(dials(folder.name, feature)).log_softmax(-1)
    far = furthest(
        ours, lambda push: steered(lens, independent.ids, column, push), sae, feature, UNCENTRED
    )
    return made, far
