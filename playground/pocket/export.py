"""Puts a trained pocket model, its SAEs, transcoders and texts under assets/, with a manifest.

The atlas is built from there into assets/pocket/atlas by `python -m playground.atlas build`; then
export once more seals it.
"""

import json
from dataclasses import asdict
from pathlib import Path

from playground import assets
from playground.circuits import notes
from playground.pocket.train import PRESETS
from playground.settings import ASSETS

LICENCE = "Apache-2.0"
SITES = ("early", "middle", "late")


def export(work: Path, out: Path = ASSETS) -> None:
    """Copies what `work` holds and seals `out/pocket`; the atlas is taken as it lies there."""
    root = out / "pocket"
    assets.fresh(work / "model", root / "model", ("*.safetensors", "*.json"))
    for site in SITES:
        assets.fresh(
            work / "saes" / site, root / "saes" / site, ("cfg.json", "sae_weights.safetensors")
        )
    fresh_transcoders(work / "transcoders", root / "transcoders")
    assets.publish(out, parts(work, root))


def fresh_transcoders(source: Path, target: Path) -> None:
    """A folder a block, and what is known of their features; those that were there stay where
    `work` has none."""
    if source.exists():
        assets.fresh(source, target, (notes.FILE,))
        for each in source.glob("layer-*"):
            assets.fresh(each, target / each.name, ("cfg.json", "sae_weights.safetensors"))


def parts(work: Path, root: Path) -> list[assets.Asset]:
    model = json.loads((work / "model.json").read_text())
    saes = json.loads((work / "saes.json").read_text())
    made = [
        assets.Asset(
            folder="pocket/model", recipe=recipe(work), licence=LICENCE, figures=assets.flat(model),
        ),
    ]  # fmt: skip
    for site in SITES:
        figures = assets.flat({**saes[site]["recipe"], **saes[site]["figures"]})
        made.append(
            assets.Asset(
                folder=f"pocket/saes/{site}", recipe="python -m playground.pocket saes",
                licence=LICENCE, figures=figures,
            )
        )  # fmt: skip
    made += transcoder_parts(work)
    if (root / "atlas").exists():
        made += [
            assets.Asset(folder=folder, recipe="make atlas", licence=LICENCE)
            for folder in ("pocket/atlas", "pocket/texts.parquet")
        ]
    return made


def transcoder_parts(work: Path) -> list[assets.Asset]:
    """None where `work` has none."""
    if not (work / "transcoders.json").exists():
        return []
    told = json.loads((work / "transcoders.json").read_text())
    return [
        assets.Asset(
            folder="pocket/transcoders", recipe="python -m playground.pocket transcoders",
            licence=LICENCE, figures=assets.flat({**told["recipe"], **told["figures"]}),
        )
    ]  # fmt: skip


def recipe(work: Path) -> str:
    """The command that trained `work/model`, as `work/train.json` tells."""
    used = json.loads((work / "train.json").read_text())["preset"]
    for name, preset in PRESETS.items():
        if json.loads(json.dumps(asdict(preset))) == used:
            return f"python -m playground.pocket train --preset {name}"
    return "python -m playground.pocket train, with a preset of its own"
