"""The rows of an attribution graph: what each source adds to a target's pre-activation, walked from
the target down through frozen attention, as Ameisen et al. (Circuit Tracing, 2025) do it.

Knows no engine: it is handed a model and its transcoders, and works out as many rows as it is asked
for.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from playground.circuits.anatomy import Anatomy, Passed
from playground.circuits.records import EVERYWHERE, Node
from playground.models.sae import Sae

LOGIT_SHARE, LOGITS = 0.95, 10  # the fewest next tokens that hold this share, and at most so many


@dataclass(frozen=True, eq=False)
class Layer:
    """The active features of one transcoder, by position. spans: where each position's begin and
    end; wrote: what each writes, [n, d]; error: what all of them and the bias miss, [T, d], 0 where
    no feature is asked for."""

    spans: tuple[tuple[int, int], ...]
    positions: Tensor  # [n]
    indices: Tensor  # [n]
    values: Tensor  # [n]
    wrote: Tensor  # [n, d]
    error: Tensor  # [T, d]


def explained(sae: Sae, read: Tensor, wrote: Tensor, lead: int) -> Layer:
    """What a transcoder says of one MLP. read, wrote: [T, d]; lead: so many first tokens are no
    text, and left alone."""
    acts = sae.encode(read).float()
    acts[:lead] = 0
    positions, indices = acts.nonzero(as_tuple=True)
    values = acts[positions, indices]
    bounds = torch.searchsorted(positions, torch.arange(len(read) + 1)).tolist()
    error = wrote - sae.decode(acts, read).float()
    if (skipped := sae.skip(read)) is not None:
        error = error - skipped
    error[:lead] = 0
    rows = values[:, None] * sae.weights.W_dec[indices].float()
    return Layer(tuple(zip(bounds, bounds[1:], strict=False)), positions, indices, values, rows,
                 error)  # fmt: skip


class Tracer:
    """One prompt: its nodes, and rows of edges for any of them."""

    def __init__(
        self, anatomy: Anatomy, saes: Sequence[Sae], ids: Sequence[int], lead: int,
        also: Sequence[int] = (),
    ) -> None:  # fmt: skip
        """saes: of every block; lead: how many of the first tokens are no text; also: tokens that
        are logits of the graph whatever the model thinks of them."""
        self.anatomy, self.saes, self.lead = anatomy, saes, lead
        self.passed = anatomy.run(ids)
        pairs = zip(saes, self.passed.mlp_in, self.passed.mlp_out, strict=True)
        self.layers = [explained(sae, read, wrote, lead) for sae, read, wrote in pairs]
        self.starts = np.cumsum([0, *(len(each.values) for each in self.layers)]).tolist()
        self.nodes = tuple(self._nodes(also))
        kinds = np.array([node.kind for node in self.nodes])
        self._at = {kind: int((kinds == kind).argmax()) for kind in ("error", "first", "bias")}
        self._tokens = int((kinds == "token").argmax())

    def _nodes(self, also: Sequence[int]) -> list[Node]:
        blocks, tokens = range(len(self.layers)), range(len(self.passed.ids))
        made = [
            Node("feature", block, *each)
            for block in blocks
            for each in zip(
                self.layers[block].positions.tolist(), self.layers[block].indices.tolist(),
                self.layers[block].values.tolist(), strict=True,
            )
        ]  # fmt: skip
        made += [Node("error", block, at) for block in blocks for at in tokens[self.lead :]]
        made += [Node("first", block, 0) for block in blocks]
        made += [Node("bias", block, EVERYWHERE) for block in blocks]
        made += [Node("token", 0, at, id) for at, id in enumerate(self.passed.ids)]
        chances = self.passed.logits[-1].softmax(-1)
        best = chances.topk(LOGITS)
        need = int((best.values.cumsum(0) < LOGIT_SHARE).sum()) + 1
        said = list(dict.fromkeys([*best.indices[:need].tolist(), *also]))
        last = len(self.passed.ids) - 1
        return made + [Node("logit", len(blocks), last, id, float(chances[id])) for id in said]

    @property
    def features(self) -> int:
        """The first so many nodes are features."""
        return self.starts[-1]

    def wanted(self, place: int, passed: Passed | None = None) -> float:
        """A target's pre-activation in a pass; of a logit, less the mean of all."""
        node, passed = self.nodes[place], passed or self.passed
        if node.kind == "logit":
            logits = passed.logits[node.position]
            return float(logits[node.index] - logits.mean())
        weights = self.saes[node.layer].weights
        read = passed.mlp_in[node.layer, node.position]
        return float(read @ weights.W_enc[:, node.index] + weights.b_enc[node.index])

    def fired(self, passed: Passed) -> np.ndarray:
        """Activations in a pass of the features that are nodes, in their order. [features]"""
        pairs = zip(self.saes, passed.mlp_in, self.layers, strict=True)
        acts = [sae.encode(read)[own.positions, own.indices] for sae, read, own in pairs]
        return torch.cat(acts).float().numpy()

    def own(self, place: int) -> float:
        """What a target has without any source."""
        node = self.nodes[place]
        if node.kind == "logit":
            return 0.0
        return float(self.saes[node.layer].weights.b_enc[node.index])

    def wish(self, place: int) -> Tensor:
        """What a target wants of the residual that it is read from, at its position. [d]"""
        node, passed = self.nodes[place], self.passed
        if node.kind == "logit":
            unembed = self.anatomy.unembed
            row = unembed[node.index] - unembed.mean(0)
            return row * self.anatomy.final_gain * passed.final_scale[node.position]
        column = self.saes[node.layer].weights.W_enc[:, node.index]
        scale = passed.mlp_scales[node.layer, node.position]
        return column * self.anatomy.blocks[node.layer].mlp_gain * scale

    def rows(self, targets: Sequence[int], blind: Tensor | None = None) -> np.ndarray:
        """Edges from all nodes. blind: [blocks, rows, heads], 0 where a row does without a head.
        [rows, nodes] float32"""
        order = sorted(range(len(targets)), key=lambda n: -self.nodes[targets[n]].layer)
        nodes = [self.nodes[targets[n]] for n in order]
        tokens = max(node.position for node in nodes) + 1
        gradient = torch.zeros(len(order), tokens, len(self.anatomy.final_gain))
        edges = torch.zeros(len(order), len(self.nodes))
        seen, blocks = 0, len(self.layers)
        heads = torch.ones(blocks, len(order), self.anatomy.heads)
        if blind is not None:
            heads = blind[:, order]
        for layer in range(blocks, -1, -1):
            while seen < len(order) and nodes[seen].layer == layer:
                gradient[seen, nodes[seen].position] = self.wish(targets[order[seen]])
                seen += 1
            live = gradient[:seen]
            if layer < blocks and seen:
                live += self.anatomy.backwards(layer, self.passed, live, heads[layer, :seen])
            if layer and seen:
                self._read(layer - 1, live, edges[:seen])
        embedded = self.passed.embedded[:tokens]
        edges[:, self._tokens : self._tokens + tokens] = (gradient * embedded).sum(-1)
        found = torch.empty_like(edges)
        found[order] = edges
        return found.numpy()

    def _read(self, layer: int, live: Tensor, edges: Tensor) -> None:
        """What an MLP wrote; then what a skip passes on. live: [n, T, d]; edges: [n, nodes]"""
        own, tokens, lead = self.layers[layer], live.shape[1], self.lead
        for position, (start, end) in enumerate(own.spans[:tokens]):
            if end > start:
                span = slice(self.starts[layer] + start, self.starts[layer] + end)
                edges[:, span] = live[:, position] @ own.wrote[start:end].T
        texts = len(self.passed.ids) - lead
        at = self._at["error"] + layer * texts
        if tokens > lead:
            missed = torch.einsum("btd,td->bt", live[:, lead:], own.error[lead:tokens])
            edges[:, at : at + tokens - lead] = missed
        wrote = self.passed.mlp_out[layer, :lead]
        first = torch.einsum("btd,td->b", live[:, :lead], wrote[:tokens])
        edges[:, self._at["first"] + layer] = first
        weights = self.saes[layer].weights
        edges[:, self._at["bias"] + layer] = live[:, lead:].sum(1) @ weights.b_dec
        if weights.W_skip is not None:
            scales = self.passed.mlp_scales[layer, lead:tokens]
            live[:, lead:] += (live[:, lead:] @ weights.W_skip) * scales * self._gain(layer)

    def missed(self, layers: Collection[int]) -> float:
        """How long what some transcoders miss is beside what their MLPs wrote, over all tokens of
        the text. 0..1 and more"""
        errors, wrote = 0.0, 0.0
        for layer in layers:
            errors += float(self.layers[layer].error[self.lead :].norm(dim=-1).sum())
            wrote += float(self.passed.mlp_out[layer, self.lead :].norm(dim=-1).sum())
        return errors / wrote

    def _gain(self, layer: int) -> Tensor:
        return self.anatomy.blocks[layer].mlp_gain

    def heads(self, target: int, source: int) -> np.ndarray:
        """What an edge loses without each head. [blocks, heads]"""
        blocks, heads = len(self.layers), self.anatomy.heads
        blind = torch.ones(blocks, blocks * heads, heads)
        for layer in range(blocks):
            for head in range(heads):
                blind[layer, layer * heads + head, head] = 0
        whole = self.rows([target])[0, source]
        without = self.rows([target] * (blocks * heads), blind)[:, source]
        return (whole - without).reshape(blocks, heads)
