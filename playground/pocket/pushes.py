"""Pushes while training: some texts are read with the residual stream moved towards their subject.

A large model takes a push on its residual stream in its stride. One of six blocks has no redundancy
to do that with: its grammar breaks before its subject turns. So in its last cycle it meets pushes
in training: in some texts, at one of the sites, along the direction in which the mean residual of
that subject differs from the mean of all, blurred with noise. It learns that such a push speaks of
the subject and is no reason to drop the grammar. The SAEs come later and know nothing of this.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from transformers import LlamaForCausalLM

from playground.pocket.rows import NOTHING, Rows, within_texts

LAYERS = (1, 2, 3)  # the blocks after which the SAEs will read
ROWS = 384  # that directions are measured on
MEASURE_EVERY = 250  # steps
LATEST = 16  # tokens of a text at most before its push begins; mostly far fewer, while it is open
SHORT, LONG = 0.6, 0.4  # share of pushes that let go again; the rest go on to the end of the text
SHORT_TOKENS = (6, 16)
STRENGTHS = {"short": (0.15, 1.0), "long": (0.05, 0.4)}  # median residual norms
BLUR = 1.2  # length of the noise beside the unit direction, at most
MOOD = 0.25  # share of pushes towards the mood where a text has topic and mood


@dataclass(frozen=True)
class Directions:
    """unit: [layers, subjects, d], zero for a subject that was not read; norms: [layers]."""

    unit: torch.Tensor
    norms: torch.Tensor


class TrainingPushes:
    """Hooks of one model in training; a model in evaluation is not pushed."""

    def __init__(self, model: LlamaForCausalLM, subjects: int, rows: int, window: int) -> None:
        self.model, self.subjects = model, subjects
        width = model.config.hidden_size
        self.blocks = [model.model.layers[layer] for layer in LAYERS]
        device = next(model.parameters()).device
        self.handles = []
        for block in self.blocks:
            empty = torch.zeros(rows, window, width, device=device)
            block.register_buffer("push", empty, persistent=False)
            self.handles.append(block.register_forward_hook(pushed))
        self.directions: Directions | None = None

    def draw(self, data: Rows, chosen: np.ndarray, share: float, step: int) -> None:
        """Decides which of the chosen rows' texts are pushed in this step, and where."""
        for block in self.blocks:
            block.push.zero_()  # pyright: ignore[reportCallIssue]
        if not share:
            return
        if self.directions is None or step % MEASURE_EVERY == 0:
            self.directions = directions(self.model, data, self.subjects)
        rng = np.random.default_rng(step)
        for row, (ids, about) in enumerate(zip(data.ids[chosen], data.about[chosen], strict=True)):
            starts = np.flatnonzero(ids[:-1] == self.model.config.bos_token_id)
            for begin, end in zip(starts, [*starts[1:], len(ids) - 1], strict=True):
                if rng.random() < share:
                    self.push(rng, row, int(begin), int(end), about[begin])

    def push(
        self, rng: np.random.Generator, row: int, begin: int, end: int, about: np.ndarray
    ) -> None:
        assert self.directions is not None
        known = [int(each) for each in about if each != NOTHING]
        if not known:
            return
        subject = known[-1] if rng.random() < MOOD else known[0]
        site = int(rng.integers(len(LAYERS)))
        first = begin + 1 + int(LATEST * rng.random() ** 2)
        short = rng.random() < SHORT
        last = min(end, first + int(rng.integers(*SHORT_TOKENS))) if short else end
        unit = self.directions.unit[site, subject]
        noise = torch.from_numpy(rng.standard_normal(len(unit)).astype(np.float32)).to(unit.device)
        blurred = unit + rng.random() * BLUR * noise / noise.norm()
        strength = rng.uniform(*STRENGTHS["short" if short else "long"])
        step = strength * self.directions.norms[site] * blurred / blurred.norm()
        self.blocks[site].push[row, first:last] = step  # pyright: ignore[reportIndexIssue]

    def close(self) -> None:
        for handle, block in zip(self.handles, self.blocks, strict=True):
            handle.remove()
            del block.push


def pushed(block: nn.Module, _given: object, out: torch.Tensor) -> torch.Tensor | None:
    return out + block.push if block.training else None  # pyright: ignore


@torch.no_grad()
def directions(model: LlamaForCausalLM, rows: Rows, subjects: int) -> Directions:
    """Mean residual of each subject's tokens less the mean of all, of length one."""
    bos, device = model.config.bos_token_id, next(model.parameters()).device
    assert isinstance(bos, int)
    shape = (len(LAYERS), subjects + 1, model.config.hidden_size)  # the last gathers the rest
    sums, counts = torch.zeros(shape, device=device), torch.zeros(subjects + 1, device=device)
    lengths: list[torch.Tensor] = []
    training = model.training
    model.eval()
    for batch in np.array_split(np.arange(min(ROWS, len(rows.ids))), 24):
        ids = torch.from_numpy(rows.ids[batch, :-1].astype(np.int64)).to(device)
        about = torch.from_numpy(rows.about[batch, :-1].astype(np.int64)).to(device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            states = model.model(
                input_ids=ids, attention_mask=within_texts(ids, bos), use_cache=False,
                output_hidden_states=True,
            ).hidden_states  # fmt: skip
        used = ids != bos
        read = torch.stack([states[layer + 1][used].float() for layer in LAYERS])
        lengths.append(read.norm(dim=-1))
        for kind in range(about.shape[-1]):
            which = about[..., kind][used].clamp(max=subjects)
            sums.index_add_(1, which, read)
            counts.index_add_(0, which, torch.ones_like(which, dtype=counts.dtype))
    model.train(training)
    means = sums / counts.clamp(min=1)[None, :, None]
    centre = sums.sum(1, keepdim=True) / counts.sum()
    apart = (means - centre)[:, :subjects] * (counts[:subjects] > 0)[None, :, None]
    unit = apart / apart.norm(dim=-1, keepdim=True).clamp(min=1e-6)
    return Directions(unit, torch.cat(lengths, 1).median(1).values)
