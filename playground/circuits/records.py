"""What an attribution graph is made of: records only, no torch. Knows no model."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

Half = Literal["attention", "mlp"]
Kind = Literal["feature", "error", "bias", "first", "token", "logit"]
CAP = 1500  # features that are asked about
EVERYWHERE = -1  # the position of what has none


@dataclass(frozen=True)
class Node:
    """feature: an active feature of the transcoder of block `layer`; error: what that transcoder
    missed; bias: its decoder bias, at all positions; first: what the MLP wrote where the text
    begins, which no feature explains; token: an embedding; logit: a next token, less the mean of
    all. index: the feature's number, the token's id, 0 for others. value: activation of a feature,
    probability of a logit, 1 for others."""

    kind: Kind
    layer: int
    position: int
    index: int = 0
    value: float = 1.0

    @property
    def key(self) -> str:
        """Short, and the same whatever else is in the graph: `f.2.7.311`."""
        return f"{self.kind[0]}.{self.layer}.{self.position}.{self.index}"


@dataclass(frozen=True)
class Asked:
    """A graph to be made. also: tokens that it has as logits whatever the model thinks of them;
    cap: features that are asked about, the rest counts as errors."""

    prompt: str
    also: tuple[str, ...] = ()
    cap: int = CAP


@dataclass(frozen=True)
class NodeChange:
    """A feature at its position is set to an activation: 0 ablates it, its own changes nothing."""

    node: Node
    to: float = 0.0


@dataclass(frozen=True)
class AttentionHead:
    """An attention head, both counted from 0."""

    layer: int
    head: int


@dataclass(frozen=True)
class BlockHalf:
    """What stands in a block one after the other: its attention, then its MLP. layer: from 0."""

    layer: int
    part: Half


@dataclass(frozen=True, eq=False)
class Ran:
    """What a true run came to. chances: of each next token, [vocabulary]; values: the
    pre-activations of the nodes that were watched."""

    chances: np.ndarray
    values: tuple[float, ...] = ()

    @property
    def answer(self) -> int:
        return int(self.chances.argmax())


@dataclass(frozen=True, eq=False)
class Graph:
    """The direct effects on the nodes that were asked about: an edge is what a source adds to a
    target's pre-activation through the residual stream and frozen attention, by no other MLP.

    tokens: of the prompt, as they read, the first ones no text; nodes: all, in the order features,
    errors, firsts, biases, tokens, logits. targets: places of nodes in the order of the rows; edges
    [targets, nodes] float32; own: what a target has without any source, its encoder's bias; wanted:
    its pre-activation as the model's own pass has it.
    """

    prompt: str
    ids: tuple[int, ...]
    tokens: tuple[str, ...]
    blocks: int
    nodes: tuple[Node, ...]
    targets: np.ndarray  # [targets] int
    edges: np.ndarray  # [targets, nodes]
    own: np.ndarray  # [targets]
    wanted: np.ndarray  # [targets]

    @cached_property
    def row_of(self) -> dict[int, int]:
        """The row of a node, for those that were asked about."""
        return {int(node): row for row, node in enumerate(self.targets)}

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of a node by its key."""
        return {node.key: place for place, node in enumerate(self.nodes)}

    def of_kind(self, *kinds: Kind) -> np.ndarray:
        """Places, in order."""
        return np.array([n for n, node in enumerate(self.nodes) if node.kind in kinds], dtype=int)

    @property
    def logits(self) -> np.ndarray:
        return self.of_kind("logit")

    @property
    def chances(self) -> np.ndarray:
        """Of each node: the probability of a logit, 0 of all others."""
        chances = np.zeros(len(self.nodes))
        for place in self.logits:
            chances[place] = self.nodes[place].value
        return chances

    @property
    def off(self) -> np.ndarray:
        """What the sum of a row misses of its target's pre-activation. [targets]"""
        return self.edges.sum(1, dtype=np.float64) + self.own - self.wanted

    def inputs(self, place: int) -> Iterator[tuple[int, float]]:
        """Sources and edges of a target, strongest first; nothing for a node nobody asked about."""
        row = self.row_of.get(place)
        if row is None:
            return
        line = self.edges[row]
        for source in np.argsort(-np.abs(line), kind="stable"):
            if line[source] == 0:
                return
            yield int(source), float(line[source])

    def outputs(self, place: int) -> Iterator[tuple[int, float]]:
        """Targets and edges of a source, strongest first."""
        column = self.edges[:, place]
        for row in np.argsort(-np.abs(column), kind="stable"):
            if column[row] == 0:
                return
            yield int(self.targets[row]), float(column[row])


@dataclass(frozen=True)
class GraphScores:
    """As published with circuit tracing: replacement, the share of all influence on the logits that
    comes from tokens and not from errors; completeness, the share of the inputs of all nodes, by
    their influence, that are no errors. 0..1"""

    replacement: float
    completeness: float


@dataclass(frozen=True, eq=False)
class Pruned:
    """What is left of a graph. kept: places of nodes; links: (source, target, edge); influence: of
    each kept node, by its place; scores: of the graph before anything was left out."""

    graph: Graph
    kept: tuple[int, ...]
    links: tuple[tuple[int, int, float], ...]
    influence: dict[int, float]
    scores: GraphScores
