"""What an attention head writes, read as next words: its direct effect on the logits (Elhage et
al., A Mathematical Framework for Transformer Circuits, 2021). A head that looks at a word and
writes for the same word copies it.

It is an estimate: what later blocks make of it is left out, and the final norm's scale is held.
Knows no engine.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import linear

from playground.circuits.anatomy import Anatomy, KeptStates
from playground.circuits.records import AttentionHead


def writes(
    anatomy: Anatomy, states: KeptStates, looks: Tensor, heads: Sequence[AttentionHead]
) -> Tensor:
    """What each head adds to the logits of the token that comes next, less the mean of all tokens.
    looks: where each head looks from the last token on, [blocks, heads, tokens]; [heads that were
    asked about, vocabulary]"""
    scale = anatomy.scale(states.after[-1][-1:])  # [1, 1]
    group = anatomy.heads // anatomy.key_heads
    wrote = list[Tensor]()
    for each in heads:
        block = anatomy.blocks[each.layer]
        x = states.after[each.layer - 1] if each.layer else states.embedded
        normed = x * anatomy.scale(x) * block.attn_gain
        values = linear(normed, block.v).view(len(x), anatomy.key_heads, anatomy.width)
        read = looks[each.layer, each.head] @ values[:, each.head // group]  # [width]
        own = slice(each.head * anatomy.width, (each.head + 1) * anatomy.width)
        wrote.append(block.o[:, own] @ read)
    logits = linear(torch.stack(wrote) * scale * anatomy.final_gain, anatomy.unembed)
    return logits - logits.mean(-1, keepdim=True)
