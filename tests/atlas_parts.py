"""A tiny random model with random SAEs on disk, and a small build of its atlas."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playground.atlas import build
from playground.atlas.calibrate import Plan
from playground.atlas.folders import Folders
from playground.atlas.sources import Corpus, DocumentCorpus
from playground.engine.loading import Parts, open_parts
from playground.pocket.corpus import documents
from playground.settings import Settings
from tests.engine_models import SITES, model, save_sae, tokenizer

CONCEPTS = ("cats", "pirate", "quiz", "russian")
PLAN = Plan(
    tokens=10, screen_tokens=8, screen_replies=1, screen_strengths=(0.8,), keep=1,
    keep_replies=1, vary=1, variant_replies=1, refine=1, refine_replies=1, refine_factors=(0.7,),
    confirm=1, confirm_replies=2, curve_replies=2, controls=2, control_replies=1, place_replies=1,
    rung_replies=1,
)  # fmt: skip
SETTINGS = build.BuildSettings(seed=0, tokens=100_000, samples=12, concepts=CONCEPTS, plan=PLAN)


@dataclass(frozen=True)
class Short:
    """A document cut to a length that the tiny model reads quickly."""

    text: str
    concepts: frozenset[str]


def short_documents(seed: int, count: int) -> Iterator[Short]:
    for document in documents(seed, count):
        yield Short(document.text[:90], document.concepts)


@dataclass(frozen=True)
class Made:
    """Where the parts lie, and where their atlas is written."""

    model: Path
    saes: Path
    folders: Folders

    @property
    def out(self) -> Path:
        return self.folders.out

    def asked(self) -> Settings:
        saes = tuple(f"{site}={self.saes / site}" for site in SITES)
        return Settings(device="cpu", model=str(self.model), saes=saes)

    def open(self) -> Parts:
        return open_parts(self.asked())


def save_parts(folder: Path) -> Made:
    """Writes model, tokenizer and SAEs; the atlas' folder is not made yet."""
    model("llama").save_pretrained(folder / "model")
    tokenizer().save_pretrained(folder / "model")
    for name, layer in SITES.items():
        save_sae(folder / "saes" / name, layer, "batchtopk")
    return Made(folder / "model", folder / "saes", Folders.at(folder / "atlas"))


CORPUS = DocumentCorpus(short_documents, 3, count=48, each=4)


def built(
    made: Made,
    settings: build.BuildSettings = SETTINGS,
    corpus: Corpus = CORPUS,
    folders: Folders | None = None,
) -> None:
    build.Builder(made.open, folders or made.folders, corpus, settings).run()
