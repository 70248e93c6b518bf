import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sae_lens import SAE

from playground import assets
from playground.models.sae_files import load as load_sae
from playground.pocket import export, saes, train
from playground.pocket.rows import Rows
from tests.test_pocket_train import TINY

WINDOW = 48
RECIPES = {
    "early": saes.SaeRecipe(layer=0, width=64, k=4, groups=(16,), samples=20_480),
    "middle": saes.SaeRecipe(layer=1, width=64, k=4, groups=(), samples=20_480),
    "late": saes.SaeRecipe(layer=1, width=32, k=2, groups=(8,), samples=20_480),
}


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with three SAEs, trained from nothing."""
    made = tmp_path_factory.mktemp("pocket")
    preset = replace(TINY, window=WINDOW, documents=600, cycles=TINY.cycles[:1])
    train.train(made, preset, compile_model=False)
    saes.train_all(made, RECIPES, rows=200)
    return made


@pytest.mark.parametrize("site", list(RECIPES))
def test_an_sae_loads_in_sae_lens_and_in_the_engine_and_they_agree(work: Path, site: str) -> None:
    theirs, ours = SAE.load_from_disk(work / "saes" / site), load_sae(work / "saes" / site)
    assert theirs.cfg.architecture() == "jumprelu"
    assert (ours.metadata.layer, ours.width) == (RECIPES[site].layer, RECIPES[site].width)
    x = torch.randn(32, 16)
    with torch.inference_mode():
        torch.testing.assert_close(ours.encode(x), theirs.encode(x), atol=1e-5, rtol=1e-4)


def test_figures_are_what_they_are_called(work: Path) -> None:
    report = json.loads((work / "saes.json").read_text())
    model = train.read_model(work / "model")
    rows = Rows.read(work, "held_out").ids[: saes.FIGURE_ROWS]
    for site, recipe in RECIPES.items():
        told = saes.Figures(**report[site]["figures"])
        pool = saes.activations(model, rows, [recipe.layer])[recipe.layer].float()
        sae = SAE.load_from_disk(work / "saes" / site)
        with torch.inference_mode():
            encoded = sae.encode(pool)
            error = (pool - sae.decode(encoded)).pow(2).sum() / (pool - pool.mean(0)).pow(2).sum()
        assert told.l0 == pytest.approx((encoded > 0).sum(1).float().mean().item(), rel=1e-3)
        assert told.variance_explained == pytest.approx(1 - error.item(), abs=1e-3)
        assert 0 < told.variance_explained < 1 and 0 <= told.dead < 1
        plain = train.held_out_loss(model, work, count=saes.FIGURE_ROWS)  # in bfloat16
        assert told.loss_model == pytest.approx(plain, abs=0.02)
        between = (told.loss_mean - told.loss_spliced) / (told.loss_mean - told.loss_model)
        assert told.loss_recovered == pytest.approx(between)


def test_what_is_there_is_not_trained_again(work: Path) -> None:
    weights = work / "saes" / "early" / "sae_weights.safetensors"
    before = weights.stat().st_mtime_ns
    saes.train_all(work, {"early": RECIPES["early"]}, rows=200)
    assert weights.stat().st_mtime_ns == before


def test_beginnings_of_text_are_left_out(work: Path) -> None:
    rows = Rows.read(work, "train").ids[:10]
    pool = saes.activations(train.read_model(work / "model"), rows, [0])[0]
    assert len(pool) == (rows[:, :-1] != 0).sum()


def test_residuals_do_not_see_the_text_before(work: Path) -> None:
    model, bos = train.read_model(work / "model"), 0
    behind = [bos, 9, 10, 11, 12, 1, 13]
    rows = np.array([[bos, 20, 21, 1, *behind], [bos, 30, 31, 1, *behind]])
    first, second = saes.activations(model, rows, [1])[1].reshape(2, -1, 16)
    own = len(behind) - 2  # without its beginning and without what only is predicted
    torch.testing.assert_close(first[-own:], second[-own:])
    assert not torch.equal(first[0], second[0])


def test_too_few_residuals_are_refused() -> None:
    with pytest.raises(ValueError, match="10 tokens of residuals"):
        next(saes.shuffled(torch.zeros(10, 4), 1.0, seed=0))


def test_export_copies_and_seals(work: Path, tmp_path: Path) -> None:
    saes.train_all(work, RECIPES, rows=200)
    (work / "model.json").write_text(json.dumps({"parameters": 5, "loss": {"5-gram": 1.23456}}))
    stale = tmp_path / "pocket" / "model" / "old.json"
    stale.parent.mkdir(parents=True)
    stale.write_text("{}")
    export.export(work, tmp_path)
    manifest = assets.verify(tmp_path)
    assert set(manifest.parts) == {"pocket/model", *(f"pocket/saes/{site}" for site in RECIPES)}
    assert manifest.parts["pocket/model"].figures == {"parameters": 5, "loss_5_gram": 1.2346}
    assert manifest.parts["pocket/model"].recipe.endswith("with a preset of its own")
    assert not stale.exists()


def test_the_manifest_names_the_preset(tmp_path: Path) -> None:
    told = json.dumps({"preset": asdict(train.PRESETS["long"]), "log": []})
    (tmp_path / "train.json").write_text(told)
    assert export.recipe(tmp_path) == "python -m playground.pocket train --preset long"
