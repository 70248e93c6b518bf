"""What changing nodes does when the model is truly run: a graph proposes, a run decides. Knows no
graph and no engine."""

from collections.abc import Collection, Mapping, Sequence

import torch
from torch import Tensor

from playground.circuits.anatomy import Anatomy, Edits, KeptStates, Passed
from playground.circuits.records import AttentionHead, BlockHalf, NodeChange
from playground.circuits.tracing import Tracer

Cell = tuple[int, int]  # a state: block, counted from 0, after which; position


def pushes(tracer: Tracer, changes: Sequence[NodeChange]) -> Mapping[int, Tensor]:
    """What the changes add to the outputs of MLPs, by block. [T, d]"""
    found = dict[int, Tensor]()
    for change in changes:
        node = change.node
        own = found.setdefault(node.layer, torch.zeros_like(tracer.passed.embedded))
        row = tracer.saes[node.layer].weights.W_dec[node.index].float()
        own[node.position] += (change.to - node.value) * row
    return found


def run(tracer: Tracer, changes: Sequence[NodeChange]) -> Passed:
    """The model itself, in which the MLPs write what they write and the change: all behind it is
    worked out anew."""
    added = pushes(tracer, changes)

    def edit(layer: int, read: Tensor, wrote: Tensor) -> Tensor:
        return wrote + added[layer] if layer in added else wrote

    return tracer.anatomy.run(tracer.passed.ids, Edits(mlp=edit))


def patched(anatomy: Anatomy, base: KeptStates, cells: Mapping[Cell, KeptStates]) -> Tensor:
    """With states of other prompts of the same length, each cell's as its prompt has it. Logits of
    the last token, [vocabulary]"""
    start = min(position for _, position in cells)

    def edit(layer: int, after: Tensor) -> Tensor:
        own = [position for block, position in cells if block == layer]
        if own:
            after = after.clone()
        for position in own:
            after[position - start] = cells[layer, position].after[layer, position]
        return after

    return anatomy.rerun(base, min(block for block, _ in cells), start, Edits(after=edit))


def headless(
    anatomy: Anatomy, base: KeptStates, choices: Sequence[Collection[AttentionHead]]
) -> Tensor:
    """With heads that read nothing but where the text begins, as a head does that has nothing to
    do; a run for each choice of heads, side by side. Logits of the last token, [choices,
    vocabulary]"""
    first = [min((each.layer for each in heads), default=len(anatomy) - 1) for heads in choices]
    order = sorted(range(len(choices)), key=first.__getitem__)

    def edit(layer: int, pattern: Tensor) -> Tensor:
        """pattern: of those that have begun, [runs, heads, rows, T]"""
        pattern = pattern.clone()
        for row, choice in enumerate(order[: len(pattern)]):
            if own := [each.head for each in choices[choice] if each.layer == layer]:
                pattern[row, own] = 0
                pattern[row, own, :, 0] = 1
        return pattern

    begins = [first[choice] for choice in order]
    found = anatomy.reruns(base, begins, 1, Edits(patterns=edit))
    return found[torch.tensor(order).argsort()]


def skipped(anatomy: Anatomy, base: KeptStates, half: BlockHalf) -> Tensor:
    """Without what one half of a block adds to the last token. Logits of that token,
    [vocabulary]"""

    def attention(layer: int, added: Tensor) -> Tensor:
        return torch.zeros_like(added) if BlockHalf(layer, "attention") == half else added

    def mlp(layer: int, read: Tensor, wrote: Tensor) -> Tensor:
        return torch.zeros_like(wrote) if BlockHalf(layer, "mlp") == half else wrote

    edits = Edits(mlp=mlp, attention=attention)
    return anatomy.rerun(base, half.layer, len(base.ids) - 1, edits)


def replaced(tracer: Tracer, layers: Collection[int]) -> Passed:
    """With transcoders in the place of some MLPs; where the text begins nothing is replaced."""

    def edit(layer: int, read: Tensor, wrote: Tensor) -> Tensor:
        if layer not in layers:
            return wrote
        made = tracer.saes[layer].reconstruct(read).float()
        made[: tracer.lead] = wrote[: tracer.lead]
        return made

    return tracer.anatomy.run(tracer.passed.ids, Edits(mlp=edit))


def frozen(tracer: Tracer, changes: Sequence[NodeChange]) -> Passed:
    """The linear model that the graph tells of: its patterns, scales and MLPs as they were."""
    mlp_out = tracer.passed.mlp_out.clone()
    for layer, added in pushes(tracer, changes).items():
        mlp_out[layer] += added
    return tracer.anatomy.frozen(tracer.passed, tracer.passed.embedded, mlp_out)
