"""SAEs beside each other by what they are for: how many concepts have a feature that tells their
texts from others, chosen on *select* and graded on *grade*, and how rarely features fire. The
concepts' texts are read once and kept.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from playground.atlas import ranking
from playground.atlas.harvest import GIANT, Excerpt, Peaks, Reader
from playground.atlas.sources import Labelled, OpenCorpus
from playground.concepts.concepts import load_concepts
from playground.engine.loading import Parts
from playground.models import sae_files
from playground.models.sae import Sae

TEXTS = "concepts.npz"
SURE, FAIR = 0.95, 0.9  # AUROC on *grade* of the feature that was best on *select*
ROW = "{:<24} {:>6} {:>6} {:>7} {:>6} {:>8} {:>9} {:>8} {:>9}"
HEADS = ("SAE", "width", "L0", "explain", "dead", "density", f">={SURE}", f">={FAIR}", "concepts")


@dataclass(frozen=True)
class ConceptTexts:
    """residual: [sites, tokens, d_model] float16, texts end to end."""

    residual: np.ndarray
    lengths: np.ndarray
    labelled: Labelled

    def peaks(self, sae: Sae, site: int) -> np.ndarray:
        """The maximum of each feature over each text; on a giant token nothing fires.
        [texts, features]"""
        x = torch.from_numpy(self.residual[site]).float()
        norms = x.norm(dim=1)
        x[norms > GIANT * norms.median()] = 0
        parts = [sae.encode(own).amax(0) for own in x.split(self.lengths.tolist())]
        return torch.stack(parts).numpy()


def labelled() -> Labelled:
    corpus = OpenCorpus(None)
    known = load_concepts()
    names = corpus.concepts(known)
    return corpus.labelled({name: known[name] for name in sorted(names)})


@torch.inference_mode()
def read(parts: Parts, layers: Sequence[int], file: Path) -> None:
    """Writes what stands after some blocks while the concepts' texts are read."""
    texts, text = labelled().texts, parts.text()
    saes = {str(layer): Sae.without_features(layer, parts.model.config.hidden_size)
            for layer in layers}  # fmt: skip
    reader = Reader(parts.model, saes, text.lead)
    held = dict[int, np.ndarray]()
    for each in reader.passed([Excerpt(text.ids(one)) for one in texts]):
        stacked = torch.stack([each.writes[str(layer)] for layer in layers]).half()
        for place, own in zip(each.places, stacked.split(each.lengths, 1), strict=True):
            held[place] = own.numpy()
    ordered = [held[place] for place in range(len(texts))]
    lengths = [own.shape[1] for own in ordered]
    np.savez(
        file, residual=np.concatenate(ordered, 1), lengths=np.array(lengths), texts=np.array(texts)
    )


def kept(file: Path) -> ConceptTexts | None:
    """None where the texts were not read yet, or are others now."""
    if not file.exists():
        return None
    with np.load(file) as held:
        now = labelled()
        if held["texts"].tolist() != now.texts:
            return None
        return ConceptTexts(held["residual"], held["lengths"], now)


@torch.inference_mode()
def rows(work: Path, texts: ConceptTexts, sites: Sequence[str]) -> Iterator[str]:
    """A line for each SAE below `work`."""
    yield ROW.format(*HEADS)
    known = texts.labelled
    select, grade = known.used & known.of("select"), known.used & known.of("grade")
    for folder in sorted(each.parent for each in work.glob("*/*/trained.json")):
        if folder.name not in sites:
            continue
        told = json.loads((folder / "trained.json").read_text())["figures"]
        sae = sae_files.load(folder)
        peaks = Peaks(texts.peaks(sae, sites.index(folder.name)), np.zeros(0))
        chosen = ranking.own_aurocs(peaks.highest, known.about, select).argmax(1)
        graded = ranking.own_aurocs(peaks.highest, known.about, grade)
        best = graded[np.arange(len(chosen)), chosen]
        yield ROW.format(
            f"{folder.parent.name}/{folder.name}", sae.width, f"{told['l0']:.1f}",
            f"{told['variance_explained']:.3f}", f"{told['dead']:.3f}",
            f"{100 * told['median_density']:.3f}%", int((best >= SURE).sum()),
            int((best >= FAIR).sum()), len(best),
        )  # fmt: skip
