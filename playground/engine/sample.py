"""Choosing tokens for all rows at once: temperature, top-p, and random numbers that depend on a
row's seed, the place in its reply and the token, and on nothing else.

Gumbel-max: the token with the largest log-probability plus noise is a sample. Rows of one seed hear
the same noise step by step, so their texts part only where their distributions do. The noise of a
token is worked out for it alone (SplitMix64's mixing, Steele et al., Fast splittable pseudorandom
number generators, 2014), so that of a vocabulary only the likeliest tokens are looked at, wherever
the nucleus is among them.
"""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

ALTERNATIVES = 5
CANDIDATES = 64  # likeliest tokens among which a nucleus mostly lies
NO_LIMIT = 2.0  # top_p that no rounded sum of probabilities reaches
GREEDY = 1e-9  # top_p of which the nucleus is the likeliest token
# Of the noise, all modulo 2 ** 64.
STEP, TOKEN = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1342543DE82EF95)
MIXING = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)), (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)  # fmt: skip
LAST, TOP, LOW = np.uint64(31), np.uint64(41), np.uint64(0x7FFFFF)


class Choice(NamedTuple):
    ids: Tensor  # [rows]
    logprobs: Tensor  # [rows], natural log, at temperature 1
    alternatives: Tensor  # [rows, ALTERNATIVES] ids, likeliest first
    probabilities: Tensor  # [rows, ALTERNATIVES], at temperature 1


class Drawing(NamedTuple):
    """Of each row; [rows]. top_p: GREEDY for one that takes the likeliest token, NO_LIMIT for one
    that may take any; seeds, steps: int64, a step is a token of the reply."""

    temperature: Tensor
    top_p: Tensor
    seeds: Tensor
    steps: Tensor

    def of(self, rows: Tensor) -> "Drawing":
        return Drawing(*(each[rows] for each in self))


def gumbel(seeds: Tensor, steps: Tensor, ids: Tensor) -> Tensor:
    """Noise of tokens. seeds, steps: [rows] int64; ids: [rows, n] int64; [rows, n] float32"""
    told = [each.numpy(force=True).view(np.uint64) for each in (seeds, steps, ids)]
    keys = mixed(mixed(told[0]) + told[1] * STEP)
    bits = mixed(keys[:, None] + told[2] * TOKEN)
    # 23 bits and a half, which float32 holds exactly: never 0, never 1.
    uniform = torch.from_numpy((bits >> TOP & LOW).astype(np.float32)).to(ids.device)
    return uniform.add_(0.5).mul_(2.0**-23).log_().neg_().log_().neg_()


def mixed(x: np.ndarray) -> np.ndarray:
    """Every bit of the result hangs on every bit of x, uint64."""
    for shift, factor in MIXING:
        x = (x ^ x >> shift) * factor
    return x ^ x >> LAST


def pick(logits: Tensor, best: Tensor, drawing: Drawing) -> Tensor:
    """Samples each row. logits: [rows, vocabulary]; best: the likeliest, in order, [rows, n];
    [rows]"""
    scaled = (logits / drawing.temperature[:, None]).log_softmax(-1)
    near = scaled.gather(-1, best)
    kept = nucleus(near.exp(), drawing.top_p)
    scores = near + gumbel(drawing.seeds, drawing.steps, best)
    place = scores.masked_fill_(~kept, -torch.inf).argmax(-1, keepdim=True)
    ids = best.gather(-1, place)[:, 0]
    if best.shape[-1] < logits.shape[-1] and (wide := kept[:, -1]).any():
        rows = wide.nonzero()[:, 0]
        ids[rows] = pick_of_all(scaled[rows], drawing.of(rows))
    return ids


def pick_of_all(scaled: Tensor, drawing: Drawing) -> Tensor:
    """Where the nucleus goes beyond the candidates. scaled: log-probabilities at the rows'
    temperatures, [rows, vocabulary]; [rows]"""
    ids = torch.arange(scaled.shape[-1], device=scaled.device).expand(len(scaled), -1)
    scores = scaled + gumbel(drawing.seeds, drawing.steps, ids)
    if (drawing.top_p < NO_LIMIT).any():
        ordered, order = scaled.sort(-1, descending=True)
        kept = torch.zeros_like(scores, dtype=torch.bool)
        kept.scatter_(-1, order, nucleus(ordered.exp(), drawing.top_p))
        scores.masked_fill_(~kept, -torch.inf)
    return scores.argmax(-1)


def nucleus(ordered: Tensor, top_p: Tensor) -> Tensor:
    """The likeliest tokens up to and including the one that brings their sum to top_p. ordered:
    probabilities, the highest first, [rows, n]; top_p: [rows]; [rows, n] bool"""
    return ordered.cumsum(-1) - ordered < top_p[:, None]


def choose(logits: Tensor, drawing: Drawing | None) -> Choice:
    """logits: [rows, vocabulary] float32; drawing: None where every row takes the likeliest
    token."""
    logprobs = logits.log_softmax(-1)
    best = logprobs.topk(min(CANDIDATES, logits.shape[-1]), dim=-1)
    ids = best.indices[:, 0] if drawing is None else pick(logits, best.indices, drawing)
    chosen = logprobs.gather(-1, ids[:, None])[:, 0]
    few = slice(None), slice(ALTERNATIVES)
    return Choice(ids, chosen, best.indices[few], best.values[few].exp())
