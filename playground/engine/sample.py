"""Choosing tokens for all rows at once: temperature, top-p, and random numbers that depend on a
row's seed only.

Gumbel-max: the token with the largest log-probability plus noise is a sample. Rows of one seed draw
the same noise step by step, so their texts part only where their distributions do.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor

ALTERNATIVES = 5
NO_LIMIT = 2.0  # top_p that no rounded sum of probabilities reaches


class Choice(NamedTuple):
    ids: Tensor  # [rows]
    logprobs: Tensor  # [rows], natural log, at temperature 1
    alternatives: Tensor  # [rows, ALTERNATIVES] ids, likeliest first
    probabilities: Tensor  # [rows, ALTERNATIVES], at temperature 1


def gumbel(generators: Sequence[Generator | None], vocabulary: int, device: torch.device) -> Tensor:
    """Noise for one step; rows without a generator (temperature 0) get none. [rows, vocabulary]"""
    uniform = torch.empty(len(generators), vocabulary, device=device)
    for row, generator in zip(uniform, generators, strict=True):
        if generator is None:
            row.fill_(0.5)
        else:
            row.uniform_(generator=generator)
    return uniform.log_().neg_().log_().neg_()


def pick(scaled: Tensor, noise: Tensor, top_p: Tensor | None) -> Tensor:
    """Samples each row. scaled: logits over temperature; top_p: [rows], None where no row limits
    it. [rows]"""
    scores = scaled + noise
    ids = scores.argmax(-1)
    if top_p is None:
        return ids
    # A winner over all tokens that lies in the nucleus is the winner of the nucleus: only the
    # others need a sort.
    probabilities = scaled.softmax(-1)
    above = probabilities > probabilities.gather(-1, ids[:, None])
    outside = (probabilities * above).sum(-1) >= top_p
    if outside.any():
        redo = outside.nonzero()[:, 0]
        kept = nucleus(probabilities[redo], top_p[redo])
        ids[redo] = scores[redo].masked_fill(~kept, -torch.inf).argmax(-1)
    return ids


def nucleus(probabilities: Tensor, top_p: Tensor) -> Tensor:
    """The likeliest tokens up to and including the one that brings their sum to top_p. [rows,
    vocabulary] bool"""
    ordered = probabilities.sort(-1, descending=True).values
    before = ordered.cumsum(-1) - ordered
    last = (before < top_p[:, None]).sum(-1, keepdim=True) - 1
    return probabilities >= ordered.gather(-1, last.clamp_min(0))


def choose(
    logits: Tensor, temperature: Tensor | None, top_p: Tensor | None, noise: Tensor | None
) -> Choice:
    """logits: [rows, vocabulary] float32; temperature, top_p: [rows]; temperature and noise None:
    all rows greedy."""
    logprobs = logits.log_softmax(-1)
    if temperature is None or noise is None:
        ids = logprobs.argmax(-1)
    else:
        ids = pick(logprobs / temperature[:, None], noise, top_p)
    best = logprobs.topk(min(ALTERNATIVES, logits.shape[-1]), dim=-1)
    chosen = logprobs.gather(-1, ids[:, None])[:, 0]
    return Choice(ids, chosen, best.indices, best.values.exp())
