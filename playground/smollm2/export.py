"""Puts SAEs that were trained for SmolLM2 under assets/, and lists them in the manifest with the
atlas that was built from there."""

import json
from collections.abc import Sequence
from pathlib import Path

from playground import assets
from playground.errors import AuthorError
from playground.settings import ASSETS

LICENCE = "Apache-2.0"
RECIPE = "make smollm2 TEXT=FILE"
SHIPPED = ("cfg.json", "sae_weights.safetensors")


def export(saes: Path, sites: Sequence[str], out: Path = ASSETS) -> None:
    """saes: with a folder a site. Raises AuthorError where one was not trained."""
    root, made = out / "smollm2", list[assets.Asset]()
    for site in sites:
        told = saes / site / "trained.json"
        if not told.is_file():
            raise AuthorError(f"{told}: missing; train with `python -m playground.smollm2 saes`")
        assets.fresh(saes / site, root / "saes" / site, SHIPPED)
        known = json.loads(told.read_text(encoding="utf-8"))
        figures = assets.flat(known["recipe"] | known["figures"])
        made.append(asset(f"smollm2/saes/{site}", figures))
    folders = ("smollm2/atlas", "smollm2/texts.parquet")
    made += [asset(each, {}) for each in folders if (out / each).exists()]
    assets.publish(out, made)


def asset(folder: str, figures: dict[str, float | int | str]) -> assets.Asset:
    return assets.Asset(folder=folder, recipe=RECIPE, licence=LICENCE, figures=figures)
