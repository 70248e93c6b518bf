"""SAEs for SmolLM2 go under assets/, beside all that lies there already."""

import json
from pathlib import Path

import pytest

from playground import assets
from playground.errors import AuthorError
from playground.smollm2.export import export

TOLD = {"recipe": {"layer": 16, "groups": [4, 8]}, "figures": {"l0": 23.79256, "tokens": 10}}


def trained(folder: Path, site: str) -> None:
    (folder / site).mkdir(parents=True)
    for name in ("cfg.json", "sae_weights.safetensors"):
        (folder / site / name).write_text(site)
    (folder / site / "trained.json").write_text(json.dumps(TOLD))


def test_what_was_trained_is_listed_beside_what_was_there(tmp_path: Path) -> None:
    work, out = tmp_path / "saes", tmp_path / "assets"
    (out / "other").mkdir(parents=True)
    (out / "other" / "file").write_text("kept")
    assets.publish(out, [assets.Asset(folder="other", recipe="by hand", licence="MIT")])
    trained(work, "early")
    with pytest.raises(AuthorError, match=r"late/trained\.json: missing; train with"):
        export(work, ("early", "late"), out)
    trained(work, "late")
    (out / "smollm2" / "atlas").mkdir(parents=True)
    (out / "smollm2" / "atlas" / "meta.json").write_text("{}")
    export(work, ("early", "late"), out)
    parts = assets.verify(out).parts
    wanted = {"other", "smollm2/saes/early", "smollm2/saes/late", "smollm2/atlas"}
    assert set(parts) == wanted
    assert parts["smollm2/saes/late"].figures == {
        "layer": 16, "groups": "[4, 8]", "l0": 23.7926, "tokens": 10
    }  # fmt: skip
    assert set(parts["smollm2/saes/late"].files) == {
        "smollm2/saes/late/cfg.json", "smollm2/saes/late/sae_weights.safetensors"
    }  # fmt: skip
