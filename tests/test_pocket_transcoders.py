"""Transcoders of a tiny model, trained from nothing: what is kept is what sae-lens reads."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sae_lens import SAE

from playground.circuits import gate, notes
from playground.circuits.records import GraphScores
from playground.engine.text import Text
from playground.pocket import export, feature_notes, together, train, transcoders
from playground.pocket import tokenizer as bpe
from playground.pocket.rows import Rows
from tests import circuit_parts
from tests.test_pocket_train import TINY

RECIPE = transcoders.TranscoderRecipe(
    width=48, k=4, samples=30_720, pool=6_000, passes=2, batch=512, warm_up=5, dead_after=10
)
TUNING = together.TuningRecipe(steps=30, rows=4, k=4, warm_up=3)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("pocket")
    preset = replace(TINY, window=48, documents=600, cycles=TINY.cycles[:1])
    train.train(made, preset, compile_model=False)
    together.train_all(made, RECIPE, TUNING)
    return made


def test_one_for_every_block_loads_in_sae_lens_and_here_and_they_agree(work: Path) -> None:
    made = transcoders.read(work / "transcoders")
    assert len(made) == TINY.layers
    x = torch.randn(32, TINY.hidden)
    for layer, ours in enumerate(made):
        theirs = SAE.load_from_disk(work / "transcoders" / f"layer-{layer}", dtype="float32")
        assert theirs.cfg.architecture() == "jumprelu_transcoder"
        reads, writes = ours.metadata.reads, ours.metadata.writes
        assert (reads.layer, reads.path, reads.side) == (layer, "mlp", "input")
        assert (writes.layer, writes.path, writes.side) == (layer, "mlp", "output")
        with torch.inference_mode():
            torch.testing.assert_close(ours.encode(x), theirs.encode(x), atol=1e-4, rtol=1e-3)
            expected = theirs.decode(theirs.encode(x))
            torch.testing.assert_close(ours.reconstruct(x), expected, atol=1e-4, rtol=1e-3)


def test_they_explain_more_than_the_mean_does_and_the_figures_say_so(work: Path) -> None:
    told = json.loads((work / "transcoders.json").read_text())["figures"]
    model, made = train.read_model(work / "model"), transcoders.read(work / "transcoders")
    rows = np.asarray(Rows.read(work, "held_out").ids[: transcoders.FIGURE_ROWS])
    for layer, (sae, pool) in enumerate(zip(made, transcoders.pools(model, rows), strict=True)):
        wrote = pool.wrote.float()
        missed = (wrote - sae.reconstruct(pool.read.float())).square().sum()
        share = 1 - missed / (wrote - wrote.mean(0)).square().sum()
        assert told[f"layer_{layer}_variance_explained"] == pytest.approx(float(share), abs=1e-3)
        assert 0.1 < share < 1
        assert 0 < told[f"layer_{layer}_l0"] < 12
    assert told["loss_model"] < told["loss_spliced"] < told["loss_model"] + 3


def test_inputs_and_outputs_of_mlps_leave_beginnings_out(work: Path) -> None:
    model, rows = train.read_model(work / "model"), np.asarray(Rows.read(work, "train").ids[:10])
    pool = transcoders.pools(model, rows)[0]
    assert len(pool.read) == len(pool.wrote) == (rows[:, :-1] != 0).sum()
    with torch.no_grad():
        wrote = model.get_submodule("model.layers.0.mlp")(pool.read.float())
    torch.testing.assert_close(wrote, pool.wrote.float(), atol=2e-3, rtol=2e-2)


def test_the_rate_rises_stays_and_falls() -> None:
    recipe = replace(RECIPE, warm_up=10, fall=0.4)
    rates = [transcoders.rate_at(recipe, step, 100) for step in (0, 4, 30, 80, 99)]
    assert rates == pytest.approx([0.1, 0.5, 1.0, 0.5, 0.025])


def test_a_pool_smaller_than_a_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="10 tokens"):
        next(transcoders.batches(10, 32, torch.Generator()))


def test_features_are_described_and_a_bad_gate_is_refused(
    work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_notes, "LEAST", GraphScores(0.0, 0.0))
    feature_notes.finish(work)
    known = notes.read(work / "transcoders")
    assert len(known) == TINY.layers * RECIPE.width
    told = max(known.values(), key=lambda note: note.peak)
    assert told.texts[0].value == pytest.approx(told.peak, rel=1e-3)
    assert told.texts[0].token in told.fires or len(told.fires) == feature_notes.FIRES
    words = " ".join([told.texts[0].before, told.texts[0].token, told.texts[0].after]).split()
    assert len(words) <= feature_notes.BEFORE + feature_notes.AFTER + 1
    assert 0 < told.share < 1 and len(told.promotes) == feature_notes.PROMOTES
    figures = json.loads((work / "transcoders.json").read_text())["figures"]
    assert 0 < figures["replacement"] < 1 and 0 < figures["completeness"] < 1
    monkeypatch.setattr(feature_notes, "LEAST", GraphScores(1.0, 1.0))
    with pytest.raises(ValueError, match="is asked of"):
        feature_notes.finish(work)


def test_a_whole_graph_of_it_adds_up(work: Path) -> None:
    model = train.read_model(work / "model")
    text = Text(bpe.load(work / "model"), first="bos")
    traced = gate.whole(model, text, transcoders.read(work / "transcoders"), gate.GATE[0])
    size = np.abs(traced.graph.wanted).max()
    assert np.abs(traced.graph.off).max() <= 1e-4 * size


def test_export_copies_them(work: Path, tmp_path: Path) -> None:
    target = tmp_path / "transcoders"
    stale = target / "layer-9" / "old.json"
    stale.parent.mkdir(parents=True)
    stale.write_text("{}")
    export.fresh_transcoders(work / "transcoders", target)
    assert not stale.exists()
    assert {path.name for path in target.iterdir()} == {
        notes.FILE, *(f"layer-{layer}" for layer in range(TINY.layers)),
    }  # fmt: skip
    parts = export.transcoder_parts(work)
    assert [part.folder for part in parts] == ["pocket/transcoders"]
    assert parts[0].figures["width"] == RECIPE.width
    export.fresh_transcoders(tmp_path / "nowhere", target)  # what is there stays
    assert (target / notes.FILE).exists() and not export.transcoder_parts(tmp_path)


def test_tuned_together_they_say_more_nearly_what_the_model_says(tmp_path: Path) -> None:
    model = circuit_parts.model(tmp_path / "model", 2)
    circuit_parts.transcoders(tmp_path / "alone", 2, "jumprelu_transcoder")
    rows = np.random.default_rng(0).integers(2, circuit_parts.VOCABULARY, (64, 17))
    rows[:, 0] = 0
    recipe = together.TuningRecipe(steps=40, rows=8, k=8, warm_up=3)
    mlps = [block.get_submodule("mlp") for block in model.model.layers]
    before = {name: each.clone() for name, each in model.named_parameters()}
    together.tune(model, rows, tmp_path / "alone", tmp_path / "tuned", recipe)
    apart = list[float]()
    for name in ("alone", "tuned"):
        made = [
            together.SplicedMlp(mlp, tmp_path / name / f"layer-{layer}", recipe)
            for layer, mlp in enumerate(mlps)
        ]
        with torch.no_grad():
            ids = torch.from_numpy(rows[:, :-1])
            apart.append(float(together.losses(model, made, ids)[0]))
    assert apart[1] < 0.9 * apart[0]
    assert [block.get_submodule("mlp") for block in model.model.layers] == mlps
    for name, each in model.named_parameters():
        torch.testing.assert_close(each, before[name], rtol=0, atol=0)


def test_a_tuning_that_was_stopped_goes_on_to_the_same_end(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, rows = replace(TUNING, steps=6), np.asarray(Rows.read(work, "train").ids[:40])
    model = train.read_model(work / "model")
    monkeypatch.setattr(together, "KEPT_EVERY", 2)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    together.tune(model, rows, work / "transcoders-alone", whole, recipe)
    left, real = iter(range(5)), together.losses

    def losses(*given: Any) -> Any:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return real(*given)

    monkeypatch.setattr(together, "losses", losses)
    with pytest.raises(KeyboardInterrupt):
        together.tune(model, rows, work / "transcoders-alone", parts, recipe)
    assert not parts.exists()
    monkeypatch.setattr(together, "losses", real)
    together.tune(model, rows, work / "transcoders-alone", parts, recipe)
    for one, two in zip(transcoders.read(whole), transcoders.read(parts), strict=True):
        torch.testing.assert_close(one.weights.W_enc, two.weights.W_enc)
        torch.testing.assert_close(one.weights.threshold, two.weights.threshold)
    assert not (work / "transcoders-alone" / together.STATE).exists()
