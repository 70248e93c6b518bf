"""Attribution graphs on random Llamas of the real architecture: all that they say is checked
against the model, against autograd, and against what can be worked out by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import GPT2Config, GPT2LMHeadModel

from playground.circuits import truth
from playground.circuits.anatomy import Anatomy, Edits
from playground.circuits.attribution import silenced
from playground.circuits.circuits import asking, graph_of
from playground.circuits.influence import (
    above,
    forecast,
    forecasts,
    influence,
    normal,
    prune,
    scores,
)
from playground.circuits.records import AttentionHead, Graph, NodeChange
from playground.circuits.tracing import Tracer
from playground.errors import EngineError
from tests import circuit_parts
from tests.circuit_parts import IDS, LEAD, by_hand

T = TypeVar("T")
KINDS = ("jumprelu_transcoder", "jumprelu_skip_transcoder", "transcoder")


@pytest.fixture(scope="module", params=KINDS)
def tracer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tracer:
    return circuit_parts.tracer(tmp_path_factory.mktemp("model"), kind=request.param)


@pytest.fixture(scope="module")
def whole(tracer: Tracer) -> Graph:
    with torch.no_grad():
        return graph_of("", [str(each) for each in IDS], tracer, asking(tracer, 10_000, run))


def run(work: Callable[[], T]) -> T:
    return work()


def scale_of(values: np.ndarray) -> float:
    return float(np.abs(values).max())


def test_a_pass_says_what_the_model_says(tmp_path: Path) -> None:
    model = circuit_parts.model(tmp_path / "model", 16)
    with torch.no_grad():
        own = Anatomy(model).run(IDS).logits
        theirs = model(torch.tensor([IDS])).logits[0]
    torch.testing.assert_close(own, theirs, atol=1e-4, rtol=1e-4)


def test_a_model_of_another_class_is_refused() -> None:
    with pytest.raises(EngineError, match="GPT2LMHeadModel"):
        Anatomy(GPT2LMHeadModel(GPT2Config(n_layer=1, n_embd=8, n_head=2, vocab_size=9)))


def test_every_row_sums_to_its_pre_activation(whole: Graph) -> None:
    """With what stands first, biases and errors: nothing is left."""
    assert len(whole.targets) > 200
    assert np.abs(whole.off).max() <= 1e-4 * scale_of(whole.wanted)


def test_edges_are_the_gradients_of_the_frozen_model(tracer: Tracer, whole: Graph) -> None:
    base = tracer.passed
    mlp_out = base.mlp_out.clone().requires_grad_()
    embedded = base.embedded.clone().requires_grad_()
    skips = any(sae.weights.W_skip is not None for sae in tracer.saes)
    for row in range(0, len(whole.targets), 25):
        place = int(whole.targets[row])
        passed = tracer.anatomy.frozen(base, embedded, mlp_out)
        node = tracer.nodes[place]
        if node.kind == "logit":
            value = passed.logits[node.position, node.index] - passed.logits[node.position].mean()
        else:
            column = tracer.saes[node.layer].weights.W_enc[:, node.index]
            value = passed.mlp_in[node.layer, node.position] @ column
        direct, at_tokens = torch.autograd.grad(value, (mlp_out, embedded), allow_unused=True)
        expected = (at_tokens * base.embedded).sum(-1)
        tokens = whole.edges[row, whole.of_kind("token")]
        if not skips:  # a skip passes more on than the frozen MLPs do
            assert np.abs(tokens - expected.numpy()).max() <= 1e-5 * scale_of(whole.edges)
            errors = torch.stack([each.error for each in tracer.layers])
            missed = (direct * errors).sum(-1)[:, LEAD:].flatten().numpy()
            own = whole.edges[row, whole.of_kind("error")]
            assert np.abs(own - missed).max() <= 1e-5 * scale_of(whole.edges)


def test_doubling_a_source_moves_the_targets_by_the_edges(tracer: Tracer, whole: Graph) -> None:
    if any(sae.weights.W_skip is not None for sae in tracer.saes):
        pytest.skip("a skip's way is not among the frozen outputs of MLPs")
    rng = np.random.default_rng(0)
    for source in rng.choice(whole.of_kind("feature"), 25, replace=False):
        node = tracer.nodes[source]
        moved = truth.frozen(tracer, [NodeChange(node, 2 * node.value)])
        for row in rng.choice(len(whole.targets), 12, replace=False):
            place = int(whole.targets[row])
            change = tracer.wanted(place, moved) - tracer.wanted(place)
            assert change == pytest.approx(whole.edges[row, source], abs=1e-3)


def test_a_row_does_not_hang_on_who_is_beside_it(tracer: Tracer) -> None:
    with torch.no_grad():
        together = tracer.rows([tracer.features - 1, 3, len(tracer.nodes) - 1])
        alone = tracer.rows([3])
    np.testing.assert_allclose(together[1], alone[0], atol=1e-4)


def test_a_feature_set_to_its_own_value_changes_nothing(tracer: Tracer) -> None:
    node = tracer.nodes[5]
    with torch.no_grad():
        same = truth.run(tracer, [NodeChange(node, node.value)])
        gone = truth.run(tracer, [NodeChange(node)])
    assert torch.equal(same.logits, tracer.passed.logits)
    assert not torch.equal(gone.logits, tracer.passed.logits)


def test_what_an_edge_loses_without_a_head_is_what_that_head_carries(tracer: Tracer) -> None:
    """From the block just below, all ways but the residual itself lead through one layer's
    heads."""
    below, above_it = (next(n for n, node in enumerate(tracer.nodes) if node.layer == layer
                            and node.kind == "feature" and node.position == at)
                       for layer, at in ((1, 2), (2, 6)))  # fmt: skip
    with torch.no_grad():
        lost = tracer.heads(above_it, below)
        edge = tracer.rows([above_it])[0, below]
    assert lost[2].sum() == pytest.approx(edge, abs=1e-4)
    assert np.abs(lost[:2]).max() <= 1e-6


def test_patching_every_cell_gives_the_other_prompt(tracer: Tracer) -> None:
    other = [*IDS[:3], 21, *IDS[4:]]
    with torch.no_grad():
        theirs = tracer.anatomy.run(other)
        for cells in ([(1, position) for position in range(len(IDS))], [(2, len(IDS) - 1)]):
            patched = truth.patched(
                tracer.anatomy, tracer.passed.states, dict.fromkeys(cells, theirs.states)
            )
            torch.testing.assert_close(patched, theirs.logits[-1])


def test_a_run_from_the_middle_is_the_whole_run_with_the_same_edits(tracer: Tracer) -> None:
    """What stands before a block and a position need not be worked out again."""
    with torch.no_grad():
        other = tracer.anatomy.run([*IDS[:3], 21, *IDS[4:]])

        def edit(layer: int, after: Tensor) -> Tensor:
            after = after.clone()
            for block, position in ((1, 4), (2, 6)):
                if layer == block:
                    after[position] = other.after[block, position]
            return after

        whole = tracer.anatomy.run(IDS, Edits(after=edit)).logits[-1]
        part = truth.patched(
            tracer.anatomy,
            tracer.passed.states,
            {(1, 4): other.states, (2, 6): other.states},
        )
    torch.testing.assert_close(part, whole)


def test_a_head_that_is_taken_away_reads_the_beginning_alone(tracer: Tracer) -> None:
    def without(*heads: AttentionHead) -> Tensor:
        """The whole run."""

        def edit(layer: int, pattern: Tensor) -> Tensor:
            pattern = pattern.clone()
            pattern[[each.head for each in heads if each.layer == layer]] = torch.eye(len(IDS))[0]
            return pattern

        return tracer.anatomy.run(IDS, Edits(patterns=edit)).logits[-1]

    late, two = [AttentionHead(2, 3)], [AttentionHead(1, 2), AttentionHead(2, 0)]
    choices = late, two, [AttentionHead(0, 1)]  # side by side, the last begins first
    with torch.no_grad():
        found = truth.headless(tracer.anatomy, tracer.passed.states, choices)
        for run, heads in zip(found, choices, strict=True):
            torch.testing.assert_close(run, without(*heads))


def test_an_attribution_is_the_slope_of_silencing_a_head(tracer: Tracer) -> None:
    anatomy, head = tracer.anatomy, 2
    answer = int(tracer.passed.logits[-1].argmax())

    def said(layer: int, share: float) -> float:
        """With so much of its attention moved to the beginning."""

        def edit(block: int, pattern: Tensor) -> Tensor:
            if block != layer:
                return pattern
            pattern, first = pattern.clone(), torch.eye(pattern.shape[-1])[0]
            pattern[head] += share * (first - pattern[head])
            return pattern

        logits = anatomy.run(circuit_parts.IDS, Edits(patterns=edit)).logits[-1]
        return float(logits.double().log_softmax(-1)[answer])

    found = silenced(anatomy, circuit_parts.IDS, answer)
    for layer in range(len(anatomy)):
        slope = (said(layer, 0.003) - said(layer, -0.003)) / 0.006
        assert slope == pytest.approx(float(found[layer, head]), rel=0.02, abs=0.01)


def test_replacing_the_mlps_leaves_out_their_errors(tracer: Tracer) -> None:
    with torch.no_grad():
        replaced = truth.replaced(tracer, {0})
    expected = tracer.passed.mlp_out[0] - tracer.layers[0].error
    torch.testing.assert_close(replaced.mlp_out[0], expected, atol=1e-4, rtol=1e-4)


def test_what_transcoders_miss_is_told_beside_what_mlps_write(tracer: Tracer) -> None:
    missed = tracer.missed([0, 2])
    errors, wrote = 0.0, 0.0
    for layer in (0, 2):
        for at in range(LEAD, len(IDS)):
            errors += float(torch.linalg.vector_norm(tracer.layers[layer].error[at]))
            wrote += float(torch.linalg.vector_norm(tracer.passed.mlp_out[layer, at]))
    assert missed == pytest.approx(errors / wrote, rel=1e-4)


def test_the_forecast_of_one_step_is_the_edge(whole: Graph) -> None:
    highest = [n for n in whole.of_kind("feature") if whole.nodes[n].layer == 2]
    source = highest[0]
    moved = forecast(whole, [NodeChange(whole.nodes[source])])
    for target in whole.logits:
        assert moved[target] == pytest.approx(-whole.edges[whole.row_of[target], source], rel=1e-4)


def test_forecasts_at_once_are_those_one_by_one(whole: Graph) -> None:
    sources = [int(each) for each in whole.of_kind("feature")[::15]]
    together = forecasts(whole, sources)
    for column, source in enumerate(sources[:6]):
        alone = forecast(whole, [NodeChange(whole.nodes[source])])
        np.testing.assert_allclose(together[:, column], alone, atol=1e-4)


def test_fewer_rows_are_those_of_most_influence(tracer: Tracer, whole: Graph) -> None:
    with torch.no_grad():
        some = asking(tracer, 20, run)
    logits = len(whole.logits)
    assert len(some.targets) == logits + 20
    start = whole.chances
    found = influence(normal(whole.edges), whole.targets, start, whole.blocks + 1)
    features = whole.of_kind("feature")
    chosen = [place for place in some.targets if place in set(features.tolist())]
    assert found[chosen].sum() > 2 * found[np.argsort(-found[features])[-20:]].sum()


# -- by hand ---------------------------------------------------------------------------------------
def test_influence_is_the_sum_over_all_paths() -> None:
    graph = by_hand()
    found = influence(normal(graph.edges), graph.targets, graph.chances, 3)
    # logit: 3/4 b, 1/4 high; b: 1/2 a, 1/2 second; a: 1/2 first, 1/2 low
    assert found[[1, 3, 0, 9, 8, 2]].tolist() == [0.75, 0.25, 0.375, 0.375, 0.1875, 0.1875]


def test_scores_are_as_published() -> None:
    graph = by_hand()
    found = scores(graph)
    tokens, errors = 0.375 + 0.1875, 0.25 + 0.1875
    assert found.replacement == pytest.approx(tokens / (tokens + errors))
    # weights: logit 1, b .75, a .375; of their inputs 3/4, all, 1/2 are no errors
    assert found.completeness == pytest.approx((0.75 + 0.75 + 0.1875) / 2.125)


def test_what_a_choice_leaves_out_is_an_error() -> None:
    graph = by_hand()
    assert scores(graph, {0, 1}) == scores(graph)
    without = scores(graph, {1})  # a's part of b counts as the error of a's layer
    assert without.replacement == pytest.approx(0.375 / (0.375 + 0.375 + 0.25))


def test_pruning_keeps_what_is_connected() -> None:
    graph = by_hand()
    pruned = prune(graph, nodes=0.5, edges=1.0)
    names = {graph.nodes[place].key for place in pruned.kept}
    assert {"l.2.1.5", "f.1.1.7", "t.0.0.11", "t.0.1.12"} <= names
    assert "e.0.1.0" not in names
    assert all(source in pruned.kept and target in pruned.kept
               for source, target, _ in pruned.links)  # fmt: skip
    assert prune(graph, 1.0, 1.0).scores == scores(graph)


def test_the_largest_hold_the_share() -> None:
    assert above(np.array([1.0, 5.0, 0.0, 4.0]), 0.8).tolist() == [False, True, False, True]
    assert not above(np.zeros(3), 0.8).any()


def test_inputs_and_outputs_come_strongest_first() -> None:
    graph = by_hand()
    assert list(graph.inputs(10)) == [(1, 3.0), (3, 1.0)]
    assert list(graph.outputs(0)) == [(1, 2.0)]
    assert list(graph.inputs(8)) == []
