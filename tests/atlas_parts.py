"""A tiny random model with random SAEs on disk, and a small build of its atlas."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playground.atlas import build
from playground.atlas.calibrate import Plan
from playground.atlas.folders import Folders
from playground.pocket.corpus import documents
from tests.engine_models import SITES, model, save_sae, tokenizer

CONCEPTS = ("cats", "pirate", "quiz", "russian")
PLAN = Plan(
    tokens=10, screen_tokens=8, screen_replies=1, screen_strengths=(0.8,), keep=1,
    variant_replies=1, refine=1, refine_replies=1, refine_factors=(0.7,), confirm=1,
    confirm_replies=2, curve_replies=2,
)  # fmt: skip
SETTINGS = build.Settings(
    seed=0, documents=48, each_concept=4, samples=12, concepts=CONCEPTS, plan=PLAN
)


@dataclass(frozen=True)
class Short:
    """A document cut to a length that the tiny model reads quickly."""

    text: str
    concepts: frozenset[str]


def short_documents(seed: int, count: int) -> Iterator[Short]:
    for document in documents(seed, count):
        yield Short(document.text[:90], document.concepts)


def save_parts(folder: Path) -> Folders:
    """Writes model, tokenizer and SAEs; the atlas' folder is not made yet."""
    model("llama").save_pretrained(folder / "model")
    tokenizer().save_pretrained(folder / "model")
    for name, layer in SITES.items():
        save_sae(folder / "saes" / name, layer, "batchtopk")
    return Folders(folder / "model", folder / "saes", folder / "atlas")


def built(folders: Folders, settings: build.Settings = SETTINGS) -> None:
    build.Builder(folders, short_documents, settings).run()
