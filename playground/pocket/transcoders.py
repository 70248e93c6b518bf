"""Trains a transcoder for the MLP of every block of pocket, all at once, and measures them.

A transcoder reads what an MLP reads and says what it writes through sparse features (Dunefsky et
al., Transcoders Find Interpretable LLM Feature Circuits, 2024). BatchTopK (Bussmann et al. 2024)
with the auxiliary loss of Gao et al. (2024) for features that do not fire. sae-lens has the form in
which they are kept, and no trainer of it. Knows nothing of graphs.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from tqdm import tqdm
from transformers import LlamaForCausalLM

from playground.models import sae_files
from playground.models.sae import Sae
from playground.pocket.rows import within_texts
from playground.pocket.train import IGNORED

FIGURE_ROWS = 160  # held-out rows that the figures are measured on
AT_ONCE = 16  # rows that the model reads together
RULES = {"architecture": "jumprelu_transcoder", "normalize_activations": "none",
         "apply_b_dec_to_input": False, "reshape_activations": "none", "dtype": "float16",
         "device": "cpu"}  # fmt: skip


@dataclass(frozen=True)
class TranscoderRecipe:
    """k: features a token on average; samples: tokens that are learned from, of which so many are
    held at a time (pool), and each so often (passes); aux: weight of the loss of features that have
    been silent for `dead_after` steps."""

    width: int = 1024
    k: int = 40
    samples: int = 900_000
    pool: int = 120_000
    passes: int = 3
    batch: int = 1024
    learning_rate: float = 1.5e-3
    warm_up: int = 50  # steps
    fall: float = 0.4  # last share of the steps
    dead_after: int = 150  # steps
    aux: float = 1 / 32
    seed: int = 0


# -- what the MLPs read and write ------------------------------------------------------------------
@dataclass(frozen=True)
class MlpPool:
    """What one MLP read and wrote, token by token. [tokens, d] float16"""

    read: Tensor
    wrote: Tensor


@torch.no_grad()
def pools(model: LlamaForCausalLM, rows: np.ndarray) -> list[MlpPool]:
    """Of every block, without beginnings of texts; no text sees the one before it in its row. rows:
    [n, window + 1] ids"""
    bos = model.config.bos_token_id
    assert isinstance(bos, int)
    kept: list[list[tuple[Tensor, Tensor]]] = [[] for _ in model.model.layers]
    used = torch.empty(0)

    def keep(layer: int) -> Callable[[nn.Module, tuple[Tensor], Tensor], None]:
        def hook(_module: nn.Module, inputs: tuple[Tensor], out: Tensor) -> None:
            kept[layer].append((inputs[0][used].half(), out[used].half()))

        return hook

    with ExitStack() as hooks:
        for layer, block in enumerate(model.model.layers):
            mlp = block.get_submodule("mlp")
            hooks.callback(mlp.register_forward_hook(keep(layer)).remove)
        for part in np.array_split(rows, max(1, len(rows) // AT_ONCE)):
            ids = torch.from_numpy(part[:, :-1].astype(np.int64))
            used = ids != bos
            model.model(input_ids=ids, attention_mask=within_texts(ids, bos), use_cache=False)
    return [MlpPool(*map(torch.cat, zip(*each, strict=True))) for each in kept]


def batches(pool: int, size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Places of a pool, each once. Raises ValueError for a pool smaller than one batch."""
    if pool < size:
        raise ValueError(f"{pool} tokens; a batch has {size}")
    order = torch.randperm(pool, generator=generator)
    for start in range(0, pool - size + 1, size):
        yield order[start : start + size]


# -- one transcoder --------------------------------------------------------------------------------
class Student:
    """One transcoder while it learns, on inputs of length sqrt(d) and targets of variance 1; its
    decoder rows are units."""

    def __init__(self, pool: MlpPool, recipe: TranscoderRecipe, generator: torch.Generator) -> None:
        """Each feature begins as one token of the pool: it fires on what the MLP read there, and
        writes what it wrote."""
        self.recipe = recipe
        read, wrote = pool.read.float(), pool.wrote.float()
        width = read.shape[1]
        centre = wrote.mean(0)
        self.reads = float(width**0.5 / read.norm(dim=1).mean())
        self.writes = float((wrote.numel() / (wrote - centre).square().sum()) ** 0.5)
        tokens = torch.randperm(len(read), generator=generator)[: recipe.width]
        encoder = unit(read[tokens] - read.mean(0))
        self.W_enc = nn.Parameter((encoder / width**0.5 * 2).T.contiguous())
        self.b_enc = nn.Parameter(torch.zeros(recipe.width))
        self.W_dec = nn.Parameter(unit(wrote[tokens] - centre))
        self.b_dec = nn.Parameter(centre * self.writes)
        self.silent = torch.zeros(recipe.width, dtype=torch.long)  # steps
        self.threshold = 0.0
        self.optimizer = torch.optim.Adam(
            [self.W_enc, self.b_enc, self.W_dec, self.b_dec], lr=recipe.learning_rate
        )

    def step(self, read: Tensor, wrote: Tensor, rate: float) -> float:
        """read, wrote: [batch, d] as they are in the model; rate: share of the learning rate. The
        share of the variance that it missed."""
        x, target = read.float() * self.reads, wrote.float() * self.writes
        pre = (x @ self.W_enc + self.b_enc).relu()
        cut = cut_of(pre.detach(), self.recipe.k)
        acts = pre * (pre > cut)
        missed = target - acts @ self.W_dec - self.b_dec
        variance = (target - target.mean(0)).square().sum()
        loss = missed.square().sum() / variance
        dead = (self.silent > self.recipe.dead_after).nonzero()[:, 0]
        total = loss + self.recipe.aux * self._revived(x, missed.detach(), dead, variance)
        self.optimizer.zero_grad()
        total.backward()
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.learning_rate * rate
        self.optimizer.step()
        with torch.no_grad():
            self.W_dec.copy_(unit(self.W_dec))
            self.silent += 1
            self.silent[(acts > 0).any(0)] = 0
            self.threshold += (float(cut) - self.threshold) * (0.02 if self.threshold else 1)
        return float(loss.detach())

    def _revived(self, x: Tensor, missed: Tensor, dead: Tensor, variance: Tensor) -> Tensor | float:
        """What is missed, told by those that have long been silent."""
        if not len(dead):
            return 0.0
        pre = (x @ self.W_enc[:, dead] + self.b_enc[dead]).relu()
        best = pre.topk(min(len(dead), self.recipe.k), dim=1)
        acts = torch.zeros_like(pre).scatter(1, best.indices, best.values)
        return (missed - acts @ self.W_dec[dead]).square().sum() / variance

    @torch.no_grad()
    def save(self, folder: Path, layer: int) -> None:
        """As sae-lens keeps a JumpReLUTranscoder, for what stands in the model; float16."""
        width = self.recipe.width
        weights = {
            "W_enc": self.W_enc * self.reads,
            "b_enc": self.b_enc,
            "W_dec": self.W_dec / self.writes,
            "b_dec": self.b_dec / self.writes,
            "threshold": torch.full((width,), self.threshold),
        }
        about = {
            "model_name": "pocket", "prepend_bos": True,
            "hook_name": f"blocks.{layer}.mlp.hook_in",
            "hf_hook_name": f"model.layers.{layer}.mlp.input",
            "hook_name_out": f"blocks.{layer}.hook_mlp_out",
            "hf_hook_name_out": f"model.layers.{layer}.mlp.output",
        }  # fmt: skip
        d_in, d_out = len(self.W_enc), self.W_dec.shape[1]
        sizes = {"d_in": d_in, "d_sae": width, "d_out": d_out}
        folder.mkdir(parents=True)
        told = json.dumps({**RULES, **sizes, "metadata": about}, indent=1)
        (folder / "cfg.json").write_text(told, encoding="utf-8")
        halves = {name: each.half().contiguous() for name, each in weights.items()}
        save_file(halves, folder / "sae_weights.safetensors")


def unit(rows: Tensor) -> Tensor:
    return rows / rows.norm(dim=1, keepdim=True).clamp_min(1e-8)


def cut_of(pre: Tensor, k: int) -> Tensor:
    """What k features a token on average are above; told by every fourth token. pre: [batch,
    width]"""
    some = pre[::4]
    return some.flatten().kthvalue(some.numel() - k * len(some)).values.clamp_min(1e-6)


# -- all of them -----------------------------------------------------------------------------------
def train(
    model: LlamaForCausalLM, rows: np.ndarray, recipe: TranscoderRecipe, out: Path
) -> list[Sae]:
    """One for every block, written to `out`/layer-N; what one call has to hold in memory does not
    grow with the samples. rows: [n, window + 1] ids"""
    generator = torch.Generator().manual_seed(recipe.seed)
    a_pool = max(1, recipe.pool // (rows.shape[1] - 1))
    count = -(-recipe.samples // (recipe.passes * a_pool * (rows.shape[1] - 1))) + 1
    starts = [n * a_pool % max(1, len(rows) - a_pool + 1) for n in range(count)]
    steps, done, students = recipe.samples // recipe.batch, 0, list[Student]()
    with tqdm(total=steps, desc="transcoders") as bar:
        for start in starts:
            held = pools(model, np.asarray(rows[start : start + a_pool]))
            students = students or [Student(each, recipe, generator) for each in held]
            size, often = len(held[0].read), range(recipe.passes)
            for places in chain(*(batches(size, recipe.batch, generator) for _ in often)):
                rate = rate_at(recipe, done, steps)
                missed = [
                    student.step(pool.read[places], pool.wrote[places], rate)
                    for student, pool in zip(students, held, strict=True)
                ]
                done += 1
                bar.update()
                if done % 20 == 0:
                    bar.set_postfix_str(" ".join(f"{each:.3f}" for each in missed))
                if done == steps:
                    break
            if done == steps:
                break
    for layer, student in enumerate(students):
        student.save(out / f"layer-{layer}", layer)
    return read(out)


def rate_at(recipe: TranscoderRecipe, step: int, steps: int) -> float:
    """Share of the learning rate: it rises, stays and falls to zero."""
    left = (steps - step) / (recipe.fall * steps)
    return min(1.0, (step + 1) / recipe.warm_up, left)


def read(folder: Path) -> list[Sae]:
    """First block first."""
    count = len(list(folder.glob("layer-*")))
    return [sae_files.load(folder / f"layer-{layer}") for layer in range(count)]


# -- figures ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class TranscoderFigures:
    """Of one block: features a token, share of the variance explained, share of features that
    never fired."""

    l0: float
    variance_explained: float
    dead: float


@torch.no_grad()
def figures(model: LlamaForCausalLM, made: Sequence[Sae], rows: np.ndarray) -> dict[str, object]:
    """Of each block, and the loss in nats a token with every MLP's output replaced at once; first
    tokens are left as they are. rows: held-out, [n, window + 1]"""
    told = dict[str, object]()
    for layer, (sae, pool) in enumerate(zip(made, pools(model, rows), strict=True)):
        acts, wrote = sae.encode(pool.read.float()), pool.wrote.float()
        missed = (wrote - sae.decode(acts, pool.read)).square().sum()
        own = TranscoderFigures(
            l0=float((acts > 0).sum(1).float().mean()),
            variance_explained=float(1 - missed / (wrote - wrote.mean(0)).square().sum()),
            dead=float((acts > 0).any(0).logical_not().float().mean()),
        )
        told |= {f"layer_{layer}_{name}": value for name, value in asdict(own).items()}
    plain, spliced = loss(model, (), rows), loss(model, made, rows)
    return told | {"loss_model": plain, "loss_spliced": spliced}


def loss(model: LlamaForCausalLM, made: Sequence[Sae], rows: np.ndarray) -> float:
    """Nats a token, of the model with these in the place of its MLPs."""
    bos = model.config.bos_token_id
    assert isinstance(bos, int)
    first = torch.empty(0)

    def splice(sae: Sae) -> Callable[[nn.Module, tuple[Tensor], Tensor], Tensor]:
        return lambda _m, inputs, out: torch.where(first, out, sae.reconstruct(inputs[0]))

    told = list[float]()
    with ExitStack() as hooks:
        for sae, block in zip(made, model.model.layers, strict=False):
            mlp = block.get_submodule("mlp")
            hooks.callback(mlp.register_forward_hook(splice(sae)).remove)
        for part in np.array_split(rows, max(1, len(rows) // AT_ONCE)):
            ids = torch.from_numpy(part.astype(np.int64))
            seen, target = ids[:, :-1], ids[:, 1:].clone()
            first = (seen == bos).unsqueeze(-1)
            target[target == bos] = IGNORED
            mask = within_texts(seen, bos)
            logits = model(input_ids=seen, attention_mask=mask, use_cache=False).logits
            told.append(float(cross_entropy(logits.flatten(0, 1), target.flatten())))
    return float(np.mean(told))
