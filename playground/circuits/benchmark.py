"""`python -m playground.circuits.benchmark`: whether graphs of pocket add up, how much of it they
explain, how often a true run agrees with an edge, how long they take and what memory.

Speed is also told as a ratio to autograd, one backward pass a row, within the same run. What the
transcoders are by themselves stands in assets/MANIFEST.toml.
"""

import random
import resource
import time
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
import torch
from scipy.stats import spearmanr

from playground.circuits import truth
from playground.circuits.anatomy import Passed
from playground.circuits.circuits import Traced, transcoders
from playground.circuits.gate import GATE, gate, whole
from playground.circuits.records import CAP, NodeChange
from playground.circuits.tracing import Tracer
from playground.engine.loading import Parts, open_parts
from playground.models.sae import Sae
from playground.settings import shipped

TEXT = (
    "On Monday Tom and Lily went to the old bakery, because the baker had promised them a warm "
    "cake with a little sugar cat on top of it and"
)
ROWS = 30  # random targets of each of ten prompts; rows that autograd is timed on
EDGES = 12  # of each of ten prompts that are run


def adding_up(graphs: Sequence[Traced]) -> float:
    """The largest difference between a row's sum and its pre-activation, as a share of the largest
    pre-activation."""
    rng, worst = np.random.default_rng(0), 0.0
    for each in graphs:
        rows = rng.choice(len(each.graph.targets), ROWS, replace=False)
        size = np.abs(each.graph.wanted).max()
        worst = max(worst, float(np.abs(each.graph.off[rows]).max() / size))
    return worst


def agreeing(graphs: Sequence[Traced]) -> tuple[float, float, int]:
    """Of the strongest inputs of the answer: how many edges have the sign of what a run finds
    without the source, the rank correlation of both, and of how many."""
    said, found, rng = list[float](), list[float](), random.Random(0)
    for each in graphs:
        graph, tracer = each.graph, each.tracer
        answer = int(max(graph.logits, key=lambda place: graph.nodes[place].value))
        strong = [
            (source, edge)
            for source, edge in graph.inputs(answer)
            if graph.nodes[source].kind == "feature"
        ][: 4 * EDGES]
        before = tracer.wanted(answer)
        for source, edge in rng.sample(strong, EDGES):
            passed = truth.run(tracer, [NodeChange(graph.nodes[source])])
            said.append(-edge)
            found.append(tracer.wanted(answer, passed) - before)
    signs = np.mean(np.sign(said) == np.sign(found))
    correlation: Any = spearmanr(said, found)
    return float(signs), float(correlation.statistic), len(said)


def outside(passed: Passed) -> Passed:
    """Of tensors that a gradient can go through."""
    own = {each.name: getattr(passed, each.name) for each in fields(passed)}
    return replace(passed, **{n: v.clone() for n, v in own.items() if isinstance(v, torch.Tensor)})


def by_autograd(tracer: Tracer, targets: Sequence[int]) -> float:
    """Seconds a row, each a backward pass through the frozen model."""
    begun = time.perf_counter()
    with torch.inference_mode(False), torch.enable_grad():
        base = outside(tracer.passed)
        mlp_out = base.mlp_out.clone().requires_grad_()
        for target in targets:
            node = tracer.nodes[target]
            passed = tracer.anatomy.frozen(base, base.embedded.clone(), mlp_out)
            if node.kind == "logit":
                value = passed.logits[node.position, node.index] - passed.logits[-1].mean()
            else:
                column = tracer.saes[node.layer].weights.W_enc[:, node.index]
                value = passed.mlp_in[node.layer, node.position] @ column
            if value.requires_grad:
                torch.autograd.grad(value, mlp_out, allow_unused=True)
    return (time.perf_counter() - begun) / len(targets)


def timed(parts: Parts, made: Sequence[Sae]) -> str:
    """A graph of 1,500 targets beside autograd; memory beyond what was taken before."""
    whole(parts.model, parts.text(), made, GATE[0], 200)  # a warm start
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    found = whole(parts.model, parts.text(), made, TEXT, CAP)
    seconds = time.perf_counter() - begun
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    graph = found.graph
    row = by_autograd(found.tracer, [int(each) for each in graph.targets[:: CAP // ROWS]])
    return (
        f"{len(graph.ids)} tokens, {len(graph.nodes)} nodes, {len(graph.targets)} rows: "
        f"{seconds:.1f} s, {grown:.0f} MiB more; autograd would take "
        f"{row * len(graph.targets) / seconds:.1f} times as long"
    )


def main() -> None:
    settings = shipped()
    parts = open_parts(settings)
    folder = parts.chosen.card.transcoders
    assert folder is not None
    made, text = transcoders(settings.assets / folder), parts.text()
    told = gate(parts.model, text, made)
    print(f"20 prompts: replacement {told.replacement:.3f}, completeness {told.completeness:.3f}")
    with torch.inference_mode():
        graphs = [whole(parts.model, text, made, prompt) for prompt in GATE[::2]]
        print(f"largest gap of {10 * ROWS} row sums: {adding_up(graphs):.1e} of their size")
        signs, rank, count = agreeing(graphs)
        print(
            f"{count} edges into answers, run: sign right {signs:.0%}, rank correlation {rank:.2f}"
        )
    print(timed(parts, made))


if __name__ == "__main__":
    main()
