"""How much of a graph's answer goes through each node, what may be left out, and how much of it is
explained: as Ameisen et al. (Circuit Tracing, 2025) publish it.

A graph's rows are made absolute and each sums to 1; a node's influence is the sum over all paths
from it to the logits, weighed by their probabilities. Biases and what no transcoder reads, which
others leave out of their graphs, take no part here either. Knows no model.
"""

from collections.abc import Collection, Sequence

import numpy as np

from playground.circuits.records import Graph, GraphScores, Node, NodeChange, Pruned

FLOOR = 1e-10
NODES, EDGES = 0.8, 0.98  # shares of the influence that are kept


def normal(edges: np.ndarray) -> np.ndarray:
    """[rows, nodes]"""
    sizes = np.abs(edges)
    return sizes / np.maximum(sizes.sum(1, keepdims=True), FLOOR)


def influence(shares: np.ndarray, targets: np.ndarray, start: np.ndarray, hops: int) -> np.ndarray:
    """wN + wNN + ... of each node. shares: normalised rows [rows, nodes] of `targets`; start: w
    [nodes]; hops: no path is longer."""
    total, flow = np.zeros(len(start)), start
    for _ in range(hops):
        flow = flow[targets] @ shares
        if not flow.any():
            break
        total += flow
    return total


def published(graph: Graph) -> np.ndarray:
    """The edges without what other tools leave out. [rows, nodes]"""
    edges = graph.edges.copy()
    edges[:, graph.of_kind("bias", "first")] = 0
    return edges


def chosen(graph: Graph, features: Collection[int] | None = None) -> np.ndarray:
    """The published edges when only these features are nodes, all that were asked about unless
    others are named: what the rest brought counts as an error of its layer and position, and rows
    of the rest are 0. [rows, nodes]"""
    edges = published(graph)
    asked = {int(each) for each in graph.targets}
    own = asked if features is None else asked & set(features)
    errors = {
        (node.layer, node.position): place
        for place, node in enumerate(graph.nodes)
        if node.kind == "error"
    }
    for place, node in enumerate(graph.nodes):
        if node.kind == "feature" and place not in own:
            edges[:, errors[node.layer, node.position]] += edges[:, place]
            edges[:, place] = 0
    for row, target in enumerate(graph.targets):
        if graph.nodes[target].kind == "feature" and int(target) not in own:
            edges[row] = 0
    return edges


def scores(graph: Graph, features: Collection[int] | None = None) -> GraphScores:
    """Of all that were asked about, or of a player's choice. features: places of nodes."""
    shares, start = normal(chosen(graph, features)), graph.chances
    found = influence(shares, graph.targets, start, graph.blocks + 1)
    tokens, errors = (found[graph.of_kind(kind)].sum() for kind in ("token", "error"))
    weights = (found + start)[graph.targets]
    missed = shares[:, graph.of_kind("error")].sum(1)
    replacement = tokens / (tokens + errors) if tokens + errors else 0.0
    complete = ((1 - missed) * weights).sum() / weights.sum() if weights.sum() else 0.0
    return GraphScores(float(replacement), float(complete))


def prune(graph: Graph, nodes: float = NODES, edges: float = EDGES) -> Pruned:
    """What holds so much of the influence; tokens and logits stay."""
    start, hops = graph.chances, graph.blocks + 1
    line = chosen(graph)
    found = influence(normal(line), graph.targets, start, hops)
    fixed = np.isin(np.arange(len(start)), graph.of_kind("token", "logit"))
    places = np.nonzero(above(found, nodes) | fixed)[0]
    rows = np.isin(graph.targets, places)
    line = line[rows][:, places]
    targets = np.searchsorted(places, graph.targets[rows])
    shares = normal(line)
    left = influence(shares, targets, start[places], hops) + start[places]
    line = line * above((shares * left[targets][:, None]).ravel(), edges).reshape(line.shape)
    keep = connected(line, targets, [graph.nodes[place] for place in places])
    links = tuple(
        (int(places[source]), int(places[targets[row]]), float(line[row, source]))
        for row, source in zip(*np.nonzero(line), strict=True)
        if keep[source] and keep[targets[row]]
    )
    kept = tuple(int(each) for each in places[keep])
    return Pruned(graph, kept, links, {n: float(found[n]) for n in kept}, scores(graph))


def connected(line: np.ndarray, targets: np.ndarray, nodes: Sequence[Node]) -> np.ndarray:
    """Which nodes are left when nothing hangs loose: features and errors that feed nothing go, and
    features that nothing feeds, until there are none. line: [rows, nodes]; [nodes] bool"""
    features = np.array([node.kind == "feature" for node in nodes])
    inner = features | np.array([node.kind == "error" for node in nodes])
    keep = np.ones(len(nodes), dtype=bool)
    while True:
        linked = (line != 0) & keep[None, :] & keep[targets][:, None]
        fed = np.zeros(len(nodes), dtype=bool)
        fed[targets] = linked.any(1)
        loose = keep & ((inner & ~linked.any(0)) | (features & ~fed))
        if not loose.any():
            return keep
        keep &= ~loose


def above(values: np.ndarray, share: float) -> np.ndarray:
    """Which of them, the largest first, hold so much of the sum."""
    order = np.argsort(-values, kind="stable")
    sums = np.cumsum(values[order])
    keep = np.zeros(len(values), dtype=bool)
    if len(values) and sums[-1] > 0:
        last = int(np.searchsorted(sums, share * sums[-1]))
        keep[order[: last + 1]] = True
    return keep & (values > 0)


def forecast(graph: Graph, changes: Sequence[NodeChange]) -> np.ndarray:
    """What a graph expects each of its targets' pre-activations to change by, over all paths, as if
    every feature that fires stayed on its slope and none woke up. [nodes], 0 for others"""
    moved, share = np.zeros(len(graph.nodes)), np.zeros(len(graph.nodes))
    for change in changes:
        place = graph.places[change.node.key]
        share[place] = change.to / change.node.value - 1
    held = {graph.places[change.node.key] for change in changes}
    layers = np.array([graph.nodes[target].layer for target in graph.targets])
    for layer in range(graph.blocks + 1):
        for row in np.nonzero(layers == layer)[0]:
            target = int(graph.targets[row])
            if target in held:
                continue
            moved[target] = float(graph.edges[row] @ share)
            if graph.nodes[target].kind == "feature":
                share[target] = moved[target] / graph.nodes[target].value
    return moved


def forecasts(graph: Graph, sources: Sequence[int]) -> np.ndarray:
    """The same without one feature after the other, all at once. sources: places of features;
    [nodes, sources]"""
    own = list(sources), range(len(sources))
    moved = np.zeros((len(graph.nodes), len(sources)))
    share = np.zeros_like(moved)
    share[own] = -1
    layers = np.array([graph.nodes[target].layer for target in graph.targets])
    for layer in range(graph.blocks + 1):
        rows = np.nonzero(layers == layer)[0]
        targets = graph.targets[rows]
        moved[targets] = graph.edges[rows] @ share
        moved[own] = 0
        for target in map(int, targets):  # none of a layer feeds another one of it
            if graph.nodes[target].kind == "feature":
                share[target] = moved[target] / graph.nodes[target].value
        share[own] = -1
    return moved
