"""Tunes the transcoders of all blocks together, in the model: each alone is good at what the MLP
reads, but what they miss adds up when all stand in the model at once.

What the model says next is learned from the model as it is (Braun et al., Identifying Functionally
Important Features with End-to-End Sparse Dictionary Learning, 2024; Karvonen, Revisiting End-To-End
Sparse Autoencoder Training, 2025); what each MLP writes stays a goal beside it, so that each keeps
telling of its own MLP. How many features fire stays as it was. The model itself is not changed.
"""

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.functional import kl_div
from tqdm import tqdm
from transformers import LlamaForCausalLM

from playground.pocket import transcoders
from playground.pocket.rows import Rows, within_texts
from playground.pocket.train import read_model
from playground.pocket.transcoders import TranscoderRecipe

WEIGHTS = "sae_weights.safetensors"
STATE = "together.pt"  # beside the transcoders: where a run that is stopped goes on
KEPT_EVERY = 20  # steps


@dataclass(frozen=True)
class TuningRecipe:
    """rate: by what share of its usual size a weight may change in a step; own: weight of the share
    of the variance that each transcoder misses of its MLP, beside the divergence in nats."""

    steps: int = 2400
    rows: int = 4  # a step
    k: int = 40  # features a token on average
    rate: float = 0.03
    warm_up: int = 10  # steps
    fall: float = 0.6  # last share of the steps
    own: float = 1.0
    seed: int = 0


ALONE, TOGETHER = TranscoderRecipe(), TuningRecipe()


class SplicedMlp(nn.Module):
    """A transcoder in the place of an MLP; where a text begins, the MLP itself."""

    def __init__(self, mlp: nn.Module, folder: Path, recipe: TuningRecipe) -> None:
        super().__init__()
        self.mlp, self.recipe = mlp, recipe
        kept = {name: each.float() for name, each in load_file(folder / WEIGHTS).items()}
        self.threshold = float(kept.pop("threshold")[0])
        self.weights = nn.ParameterDict({name: nn.Parameter(each) for name, each in kept.items()})
        self.first = torch.empty(0)  # bool [rows, window]: where texts begin
        self.wrote = torch.empty(0)

    def forward(self, x: Tensor) -> Tensor:
        """By as many features as the recipe says; by those above the threshold where nothing is
        learned. x: [rows, window, d]"""
        own = self.weights
        pre = (x @ own["W_enc"] + own["b_enc"]).relu()
        if torch.is_grad_enabled():
            cut = transcoders.cut_of(pre.detach()[~self.first], self.recipe.k)
            self.threshold += (float(cut) - self.threshold) * 0.05
        else:
            cut = self.threshold
        self.wrote = (pre * (pre > cut)) @ own["W_dec"] + own["b_dec"]
        return torch.where(self.first[..., None], self.mlp(x).detach(), self.wrote)

    def sizes(self) -> dict[str, float]:
        """What is usual of each weight."""
        usual = {name: float(each.detach().square().mean().sqrt())
                 for name, each in self.weights.items()}  # fmt: skip
        return usual | {"b_enc": self.threshold}

    def save(self, source: Path, folder: Path) -> None:
        """As it was read from `source`, float16."""
        folder.mkdir(parents=True)
        shutil.copyfile(source / "cfg.json", folder / "cfg.json")
        weights = {name: each.detach() for name, each in self.weights.items()}
        width = len(weights["b_enc"])
        weights["threshold"] = torch.full((width,), self.threshold)
        halves = {name: each.half().contiguous() for name, each in weights.items()}
        save_file(halves, folder / WEIGHTS)


@contextmanager
def spliced(model: LlamaForCausalLM, made: Sequence[SplicedMlp]) -> Iterator[None]:
    """While it lasts, these stand in the place of the MLPs."""
    with ExitStack() as back:
        for block, each in zip(model.model.layers, made, strict=True):
            back.callback(setattr, block, "mlp", each.mlp)
            block.mlp = each
        yield


def tune(
    model: LlamaForCausalLM, rows: np.ndarray, source: Path, out: Path, recipe: TuningRecipe
) -> None:
    """Reads the transcoders in `source`/layer-N and writes them to `out`, whole or not at all; a
    run that was stopped goes on. rows: [n, window + 1] ids"""
    for each in model.parameters():
        each.requires_grad_(False)
    mlps = [block.get_submodule("mlp") for block in model.model.layers]
    made = [SplicedMlp(mlp, source / f"layer-{layer}", recipe) for layer, mlp in enumerate(mlps)]
    groups = [
        {"params": [each.weights[name]], "usual": size}
        for each in made
        for name, size in each.sizes().items()
    ]
    optimizer = torch.optim.Adam(groups, betas=(0.9, 0.99))
    order = np.random.default_rng(recipe.seed).permutation(len(rows))
    begun = resumed(source / STATE, made, optimizer)
    with tqdm(total=recipe.steps, initial=begun, desc="together") as bar:
        for step in range(begun, recipe.steps):
            places = order.take(range(step * recipe.rows, (step + 1) * recipe.rows), mode="wrap")
            ids = torch.from_numpy(rows[np.sort(places), :-1].astype(np.int64))
            rate = recipe.rate * share_of_rate(recipe, step)
            for group in optimizer.param_groups:
                group["lr"] = rate * group["usual"]
            told, missed = losses(model, made, ids)
            optimizer.zero_grad()
            (told + recipe.own * missed).backward()
            optimizer.step()
            bar.update()
            bar.set_postfix_str(f"{float(told.detach()):.3f} nats, {float(missed.detach()):.3f}")
            if (step + 1) % KEPT_EVERY == 0:
                keep(source / STATE, made, optimizer, step + 1)
    partial = out.with_name(f"{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for layer, each in enumerate(made):
        each.save(source / f"layer-{layer}", partial / f"layer-{layer}")
    partial.rename(out)
    (source / STATE).unlink(missing_ok=True)


def keep(path: Path, made: Sequence[SplicedMlp], optimizer: torch.optim.Adam, step: int) -> None:
    """Whole or not at all."""
    partial = path.with_suffix(".partial")
    weights = [each.weights.state_dict() for each in made]
    thresholds = [each.threshold for each in made]
    torch.save((step, weights, thresholds, optimizer.state_dict()), partial)
    partial.rename(path)


def resumed(path: Path, made: Sequence[SplicedMlp], optimizer: torch.optim.Adam) -> int:
    """Steps that are done."""
    if not path.exists():
        return 0
    step, weights, thresholds, state = torch.load(path, weights_only=True)
    for each, own, threshold in zip(made, weights, thresholds, strict=True):
        each.weights.load_state_dict(own)
        each.threshold = threshold
    optimizer.load_state_dict(state)
    return int(step)


def losses(
    model: LlamaForCausalLM, made: Sequence[SplicedMlp], ids: Tensor
) -> tuple[Tensor, Tensor]:
    """How far what all of them together say next is from what the model says, nats a token; the
    share of the variance of its MLPs' outputs that they miss, on average. ids: [rows, window]"""
    bos = model.config.bos_token_id
    assert isinstance(bos, int)
    mask, text = within_texts(ids, bos), ids != bos
    wrote = list[Tensor]()
    with torch.no_grad(), ExitStack() as hooks:
        for each in made:
            hooks.callback(
                each.mlp.register_forward_hook(lambda _m, _in, out: wrote.append(out[text])).remove
            )
        wanted = model(input_ids=ids, attention_mask=mask, use_cache=False).logits[text]
    for each in made:
        each.first = ~text
    with spliced(model, made):
        logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits[text]
    told = kl_div(
        logits.log_softmax(-1), wanted.log_softmax(-1), reduction="batchmean", log_target=True
    )
    missed = [
        (each.wrote[text] - own).square().sum() / (own - own.mean(0)).square().sum()
        for each, own in zip(made, wrote, strict=True)
    ]
    return told, torch.stack(missed).mean()


def share_of_rate(recipe: TuningRecipe, step: int) -> float:
    left = (recipe.steps - step) / (recipe.fall * recipe.steps)
    return min(1.0, (step + 1) / recipe.warm_up, left)


def train_all(
    work: Path, recipe: TranscoderRecipe = ALONE, tuning: TuningRecipe = TOGETHER
) -> None:
    """Trains each under `work/transcoders-alone`, then tunes all of them under `work/transcoders`,
    unless they are there; measures them, writes `work/transcoders.json`."""
    model, rows = read_model(work / "model"), Rows.read(work, "train").ids
    alone, out = work / "transcoders-alone", work / "transcoders"
    if not alone.exists() and not out.exists():
        partial = work / "transcoders-alone.partial"
        shutil.rmtree(partial, ignore_errors=True)  # of a run that was stopped
        transcoders.train(model, rows, recipe, partial)
        partial.rename(alone)
    if not out.exists():
        tune(model, rows, alone, out, tuning)
    held_out = np.asarray(Rows.read(work, "held_out").ids[: transcoders.FIGURE_ROWS])
    figures = transcoders.figures(model, transcoders.read(out), held_out)
    together = {f"together_{name}": value for name, value in asdict(tuning).items()}
    report = {"recipe": asdict(recipe) | together, "figures": figures}
    (work / "transcoders.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    print("transcoders", figures)
