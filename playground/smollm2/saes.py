"""Trains SAEs on harvested residuals: Matryoshka BatchTopK (Bussmann et al., arXiv:2412.06410 and
arXiv:2503.17547), inner groups first, so that broad features are not split away.

A trainer of our own beside sae-lens': of every token only the features that fire take part in
reconstructions and in gradients of weights, which on two cores is a fraction of the time of dense
products. What it writes is a JumpReLU SAE in sae-lens' own format.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import save_file
from scipy.sparse import csr_matrix
from torch import Tensor
from tqdm import tqdm

from playground.atlas.harvest import GIANT
from playground.smollm2.harvest import Shard

BATCH = 1024  # tokens: few tokens want many small steps
SAMPLED = 512  # rows of a batch that its threshold is taken from
EARLY = 2  # first tokens of a piece of prose, which are unlike all others
BETAS, EPSILON = (0.9, 0.999), 1e-8
RESAMPLED = (0.15, 0.3, 0.45)  # of training: when features that were silent since begin anew
REMEMBERED = 0.99  # of the threshold, a step


@dataclass(frozen=True)
class SaePlan:
    """One SAE. layer: after which block (from 0); k: features a token on average, in the end;
    groups: inner Matryoshka groups; passes: how often each token is seen."""

    layer: int
    width: int = 2048
    k: float = 24
    groups: tuple[int, ...] = (512, 1536)
    passes: float = 5.0
    learning_rate: float = 8e-4
    seed: int = 0


class Sparse(NamedTuple):
    """What fires of one group in a batch, token after token. starts: of each token's features,
    [tokens + 1]; tokens, features: counted from the group's first; acts: [firing]"""

    starts: np.ndarray
    tokens: Tensor
    features: Tensor
    acts: Tensor

    def matrix(self, values: Tensor, width: int) -> csr_matrix:
        """[tokens, width] with these values."""
        parts = values.numpy(), self.features.numpy(), self.starts
        return csr_matrix(parts, shape=(len(self.starts) - 1, width))


@dataclass
class Adam:
    """Of one tensor (Kingma and Ba, arXiv:1412.6980), in place."""

    of: Tensor
    first: Tensor = field(init=False)
    second: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.first, self.second = torch.zeros_like(self.of), torch.zeros_like(self.of)

    def step(self, gradient: Tensor, rate: float, number: int) -> None:
        """number: from 1"""
        one, two = BETAS
        self.first.lerp_(gradient, 1 - one)
        self.second.mul_(two).addcmul_(gradient, gradient, value=1 - two)
        size = rate / (1 - one**number)
        root = (self.second / (1 - two**number)).sqrt_().add_(EPSILON)
        self.of.addcdiv_(self.first, root, value=-size)


class Trained:
    """An SAE that is being trained; decoder rows have length 1. Tokens are scaled to a mean norm of
    sqrt(d_model)."""

    def __init__(self, recipe: SaePlan, mean: Tensor) -> None:
        """mean: of the scaled tokens, [d_model]"""
        made = torch.Generator().manual_seed(recipe.seed)
        rows = torch.randn(recipe.width, len(mean), generator=made)
        self.recipe, self.threshold = recipe, 0.0
        self.decoder = rows / rows.norm(dim=1, keepdim=True)  # [width, d_model]
        self.encoder = self.decoder.clone()  # [width, d_model]
        self.bias = torch.zeros(recipe.width)
        self.centre = mean.clone()
        self._adams = [Adam(each) for each in self._tensors]
        bounds = [0, *recipe.groups, recipe.width]
        self.parts = [slice(a, b) for a, b in zip(bounds, bounds[1:], strict=False)]

    @property
    def _tensors(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        return self.decoder, self.encoder, self.bias, self.centre

    def pre(self, x: Tensor) -> Tensor:
        return torch.addmm(self.bias, x - self.centre, self.encoder.T)

    def fire(self, pre: Tensor, threshold: float) -> list[Sparse]:
        """Of each group."""
        made = list[Sparse]()
        for part in self.parts:
            own = pre[:, part]
            tokens, features = (own > threshold).nonzero(as_tuple=True)
            counts = tokens.bincount(minlength=len(pre)).numpy()
            starts = np.concatenate([[0], counts.cumsum()])
            made.append(Sparse(starts, tokens, features, own[tokens, features]))
        return made

    def written(self, fired: Sequence[Sparse]) -> list[Tensor]:
        """What each group adds, [tokens, d_model]."""
        made = list[Tensor]()
        for part, own in zip(self.parts, fired, strict=True):
            matrix = own.matrix(own.acts, part.stop - part.start)
            made.append(torch.from_numpy(matrix @ self.decoder[part].numpy()))
        return made

    def step(self, x: Tensor, k: float, rate: float, number: int) -> tuple[float, list[Sparse]]:
        """One step on a batch [tokens, d_model]; share of the variance left over, what fired. The
        loss is the mean over the groups of what they and all before them leave over."""
        pre = self.pre(x)
        threshold = threshold_for(pre, k)
        self.threshold = (
            threshold if number == 1
            else REMEMBERED * self.threshold + (1 - REMEMBERED) * threshold
        )  # fmt: skip
        fired = self.fire(pre, threshold)
        errors, so_far = list[Tensor](), self.centre - x
        for each in self.written(fired):
            so_far = so_far + each
            errors.append(so_far)
        factor = 2 / (len(x) * len(errors))
        # A group is in its own reconstruction and in all larger ones.
        pulls, pull = list[Tensor](), torch.zeros_like(x)
        for error in reversed(errors):
            pull = pull + error * factor
            pulls.insert(0, pull)
        self._update(x, fired, pulls, rate, number)
        left = errors[-1].pow(2).sum() / (x - x.mean(0)).pow(2).sum()
        return float(left), fired

    def _update(
        self, x: Tensor, fired: Sequence[Sparse], pulls: Sequence[Tensor], rate: float, number: int
    ) -> None:
        decoder, encoder = torch.empty_like(self.decoder), torch.empty_like(self.encoder)
        bias, shifted = torch.zeros_like(self.bias), (x - self.centre).numpy()
        for part, own, pull in zip(self.parts, fired, pulls, strict=True):
            width = part.stop - part.start
            acts, by_token = own.matrix(own.acts, width), pull.numpy()
            decoder[part] = torch.from_numpy(acts.T @ by_token)
            wanted = (pull @ self.decoder[part].T)[own.tokens, own.features]
            pushed = own.matrix(wanted, width)
            encoder[part] = torch.from_numpy(pushed.T @ shifted)
            bias[part].index_add_(0, own.features, wanted)
        # What a row would gain in length is taken away again below: it is no gain.
        decoder -= (decoder * self.decoder).sum(1, keepdim=True) * self.decoder
        centre = pulls[0].sum(0) - bias @ self.encoder
        gradients = decoder, encoder, bias, centre
        for adam, gradient in zip(self._adams, gradients, strict=True):
            adam.step(gradient, rate, number)
        self.decoder /= self.decoder.norm(dim=1, keepdim=True)

    def begin_anew(self, silent: Tensor, x: Tensor, seed: int) -> None:
        """Features that never fire look at what tokens are reconstructed worst (Bricken et al.,
        Towards Monosemanticity, 2023). silent: [n]"""
        error = x - self.centre - sum(self.written(self.fire(self.pre(x), self.threshold)))
        made = torch.Generator().manual_seed(seed)
        chance = error.norm(dim=1) ** 2
        chosen = error[torch.multinomial(chance, len(silent), generator=made)]
        rows = chosen / chosen.norm(dim=1, keepdim=True)
        self.decoder[silent] = rows
        self.encoder[silent] = rows
        self.bias[silent] = 0
        for adam in self._adams[:3]:
            adam.first[silent] = 0
            adam.second[silent] = 0


def threshold_for(pre: Tensor, k: float) -> float:
    """Above which a token has k features on average; never below 0."""
    some = pre[:: max(1, len(pre) // SAMPLED)]
    kept = int(k * len(some))
    values = some.flatten()
    return max(0.0, float(values.kthvalue(len(values) - kept).values))


@dataclass(frozen=True)
class Residuals:
    """Residuals of one site. scale: brings their mean norm to sqrt(d_model)."""

    residual: np.ndarray  # [tokens, d_model] float16
    scale: float
    mean: Tensor  # scaled, [d_model]

    @staticmethod
    def read(files: Sequence[Path], site: int) -> "Residuals":
        """site: its place among those of the harvest. Tokens of giant norm and the first of a piece
        of prose are left out: nothing is to be learnt from them. Raises ValueError where there
        are no shards."""
        if not files:
            raise ValueError("There are no shards to train on; harvest first.")
        parts = list[np.ndarray]()
        for file in files:
            shard = Shard.read(file)
            own = shard.residual[site]
            if file.name.startswith("prose"):
                own = own[after_first(shard.lengths)]
            norms = np.linalg.norm(own.astype(np.float32), axis=1)
            parts.append(own[norms < GIANT * np.median(norms)])
        residual = np.concatenate(parts)
        sample = torch.from_numpy(residual[:: max(1, len(residual) // 50_000)]).float()
        scale = float(sample.shape[1] ** 0.5 / sample.norm(dim=1).mean())
        return Residuals(residual, scale, sample.mean(0) * scale)

    def batches(self, seed: int, steps: int) -> Iterator[Tensor]:
        """[BATCH, d_model], each token once a pass."""
        random, order = np.random.default_rng(seed), np.empty(0, dtype=np.int64)
        for _ in range(steps):
            if len(order) < BATCH:
                order = np.concatenate([order, random.permutation(len(self.residual))])
            own, order = order[:BATCH], order[BATCH:]
            yield torch.from_numpy(self.residual[own]).float() * self.scale


def after_first(lengths: np.ndarray) -> np.ndarray:
    places = np.concatenate([np.arange(each) for each in lengths])
    return places >= EARLY


@torch.inference_mode()
def train(pool: Residuals, recipe: SaePlan) -> Trained:
    sae = Trained(recipe, pool.mean)
    steps = max(1, int(recipe.passes * len(pool.residual)) // BATCH)
    anew = {int(share * steps) for share in RESAMPLED}
    spoke = torch.zeros(recipe.width, dtype=torch.bool)
    bar = tqdm(pool.batches(recipe.seed, steps), total=steps, desc=f"SAE after {recipe.layer}")
    for number, x in enumerate(bar, 1):
        done = number / steps
        k = recipe.k * max(1.0, 2.5 - 7.5 * done)  # what begins broad becomes sparse
        rate = recipe.learning_rate * min(1, number / (0.05 * steps + 1), 3 * (1 - done) + 0.01)
        left, fired = sae.step(x, k, rate, number)
        for part, own in zip(sae.parts, fired, strict=True):
            spoke[part][own.features] = True
        if number in anew:
            silent = (~spoke).nonzero()[:, 0]
            if len(silent):
                sae.begin_anew(silent, x, number)
            bar.write(f"after {recipe.layer}: {len(silent)} of {recipe.width} began anew")
            spoke.zero_()
        if math.isnan(left):
            raise FloatingPointError(f"The loss is no number after {number} steps.")
        bar.set_postfix(explained=f"{1 - left:.3f}", refresh=False)
    return sae


@dataclass(frozen=True)
class HeldOutFigures:
    """On tokens that it was not trained on. l0: features a token; variance_explained, dead: shares;
    median_density: share of the tokens that the median feature fires on."""

    l0: float
    variance_explained: float
    dead: float
    median_density: float
    tokens: int


@torch.inference_mode()
def figures(sae: Trained, pool: Residuals, scale: float) -> HeldOutFigures:
    """scale: that it was trained with"""
    counts, left, total, firing = torch.zeros(sae.recipe.width), 0.0, 0.0, 0
    mean = torch.from_numpy(pool.residual).float().mean(0) * scale
    for start in range(0, len(pool.residual), BATCH):
        x = torch.from_numpy(pool.residual[start : start + BATCH]).float() * scale
        fired = sae.fire(sae.pre(x), sae.threshold)
        error = x - sae.centre - sum(sae.written(fired))
        left += float(error.pow(2).sum())
        total += float((x - mean).pow(2).sum())
        for part, own in zip(sae.parts, fired, strict=True):
            counts[part] += own.features.bincount(minlength=part.stop - part.start)
            firing += len(own.features)
    tokens = len(pool.residual)
    return HeldOutFigures(
        firing / tokens, 1 - left / total, float((counts == 0).float().mean()),
        float(counts.median() / tokens), tokens,
    )  # fmt: skip


def write(sae: Trained, scale: float, folder: Path, model: str, told: HeldOutFigures) -> None:
    """In sae-lens' format, float16, for residuals as they are: unscaled, decoder rows of the length
    that one unit of activation has."""
    layer = sae.recipe.layer
    # What fires is unchanged when input, bias and threshold shrink together.
    tensors = {
        "W_enc": sae.encoder.T * 1.0,
        "b_enc": sae.bias / scale,
        "W_dec": sae.decoder * 1.0,
        "b_dec": sae.centre / scale,
        "threshold": torch.full_like(sae.bias, sae.threshold / scale),
    }
    folder.mkdir(parents=True, exist_ok=True)
    halves = {name: each.half().contiguous() for name, each in tensors.items()}
    save_file(halves, folder / "sae_weights.safetensors")
    config = {
        "architecture": "jumprelu", "d_in": len(sae.centre), "d_sae": sae.recipe.width,
        "dtype": "float16", "device": "cpu", "apply_b_dec_to_input": True,
        "normalize_activations": "none",
        "metadata": {
            "hook_name": f"blocks.{layer}.hook_resid_post",
            "hf_hook_name": f"model.layers.{layer}",
            "model_name": model, "prepend_bos": True,
        },
    }  # fmt: skip
    (folder / "cfg.json").write_text(json.dumps(config, indent=1) + "\n")
    report = {"recipe": asdict(sae.recipe), "figures": asdict(told)}
    (folder / "trained.json").write_text(json.dumps(report, indent=1) + "\n")
