"""What silencing each attention head would do to the answer, estimated for all of them by one
backward pass: attribution patching (Nanda, Attribution Patching, 2023; Kramár et al., AtP*, 2024),
the slope of the answer times the change of what the head adds.

It is an estimate: attention and MLPs behind the head are taken to be straight. Knows no engine.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import linear

from playground.circuits.anatomy import Anatomy, Edits, Passed


def silenced(anatomy: Anatomy, ids: Sequence[int], answer: int) -> Tensor:
    """Nats that the log-probability of `answer` as the next token would change by, were a head made
    to read the beginning of the text alone, as truth.headless runs it. [L, heads]"""
    with torch.inference_mode(False), torch.enable_grad():
        added = list[Tensor]()

        def edit(layer: int, written: Tensor) -> Tensor:
            added.append(torch.zeros_like(written).requires_grad_())
            return written + added[layer]

        passed = anatomy.run(ids, Edits(attention=edit))
        wanted = passed.logits[-1].log_softmax(-1)[answer]
        slopes = torch.autograd.grad(wanted, added)  # of these alone, not of the model's weights
    with torch.no_grad():
        return torch.stack([heads(anatomy, passed, *each) for each in enumerate(slopes)])


def heads(anatomy: Anatomy, passed: Passed, layer: int, slope: Tensor) -> Tensor:
    """Of one block. slope: of what its attention adds, [T, d]; [heads]"""
    block, tokens = anatomy.blocks[layer], len(passed.ids)
    x = passed.after[layer - 1] if layer else passed.embedded
    normed = x * passed.attn_scales[layer] * block.attn_gain
    values = linear(normed, block.v).view(tokens, anatomy.key_heads, anatomy.width)
    values = values.repeat_interleave(anatomy.heads // anatomy.key_heads, dim=1)
    read = torch.einsum("hts,shw->thw", passed.patterns[layer], values)
    wanted = (slope @ block.o).view(tokens, anatomy.heads, anatomy.width)
    return ((values[:1] - read) * wanted).sum((0, 2))
