"""Runs texts through a model and keeps what fires, site by site; then gathers it feature by
feature.

Knows nothing of concepts, labels or steering. What fires is kept on disk in chunks, so that only
one site's is in memory.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.sparse import csc_matrix
from torch import Tensor
from tqdm import tqdm
from transformers import PreTrainedModel

from playground.atlas import tables
from playground.engine.hooks import Hooks, SiteHook
from playground.sae import Sae

TEXTS_A_CHUNK = 256
PASS_TOKENS = 4096  # padded tokens a pass


@dataclass(frozen=True)
class Firing:
    """What fired at one site: `acts` in the SAE's units, [tokens, features]; token t of all
    texts end to end.
    """

    acts: csc_matrix
    text_of: np.ndarray  # [tokens], the text that each token stands in
    starts: np.ndarray  # [texts + 1], its first token; the last entry is the number of tokens

    @property
    def texts(self) -> int:
        return len(self.starts) - 1


@dataclass(frozen=True)
class Peaks:
    """Per text and feature. highest: the maximum over tokens (0 where silent); mean: over the
    text's tokens.
    """

    highest: np.ndarray  # [texts, features]
    mean: np.ndarray  # [texts, features]


class Reader:
    """Passes of whole texts through the undialled model; the beginning-of-text token is left out
    of all it gives.
    """

    def __init__(self, model: PreTrainedModel, saes: dict[str, Sae]) -> None:
        self.model = model.eval()
        self.saes = saes
        self.device = next(model.parameters()).device

    def residuals(self, texts: Sequence[Sequence[int]]) -> tuple[dict[str, Tensor], list[int]]:
        """Residuals of each site, [tokens, d_model], texts end to end. texts: token ids, all
        with the same start.
        """
        lengths = [len(each) for each in texts]
        ids = torch.zeros(len(texts), max(lengths), dtype=torch.long, device=self.device)
        for row, each in enumerate(texts):
            ids[row, : len(each)] = torch.tensor(each)
        place = torch.arange(ids.shape[1], device=self.device)
        real = place < torch.tensor(lengths, device=self.device)[:, None]
        kept = real & (place > 0)
        # SiteHook records without steering; its norm is never used here.
        hooks = Hooks({name: SiteHook(self.model, sae, 1.0, 1) for name, sae in self.saes.items()})
        try:
            with ExitStack() as stack, torch.inference_mode():
                sites = {name: stack.enter_context(hooks.recording(name)) for name in self.saes}
                self.model(input_ids=ids, attention_mask=real, use_cache=False, logits_to_keep=1)
                found = {name: recorded(site)[kept] for name, site in sites.items()}
        finally:
            hooks.remove()
        return found, [length - 1 for length in lengths]

    def norms(self, texts: Sequence[Sequence[int]]) -> dict[str, float]:
        """Median residual norm of each site over the tokens of the texts; centred where the SAE
        wants it.
        """
        norms: dict[str, list[Tensor]] = {name: [] for name in self.saes}
        for run in runs(texts):
            found, _ = self.residuals([texts[i] for i in run])
            for name, x in found.items():
                x = x.float()
                if self.saes[name].centred:
                    x = x - x.mean(dim=-1, keepdim=True)
                norms[name].append(x.norm(dim=-1))
        return {name: round(float(torch.cat(parts).median()), 5) for name, parts in norms.items()}

    def firing(self, texts: Sequence[Sequence[int]]) -> dict[str, np.ndarray]:
        """Arrays SITE_tokens, SITE_features, SITE_values of what fires, and lengths, texts end
        to end in order.
        """
        lengths = np.array([len(each) - 1 for each in texts])
        starts = np.concatenate([[0], np.cumsum(lengths)])
        parts: dict[str, list[np.ndarray]] = {}
        for run in runs(texts):
            found, _ = self.residuals([texts[i] for i in run])
            tokens = np.concatenate([np.arange(starts[i], starts[i + 1]) for i in run])
            for name, x in found.items():
                with torch.inference_mode():
                    acts = self.saes[name].encode(x).float()
                    at, features = (acts > 0).nonzero(as_tuple=True)
                    values = acts[at, features]
                parts.setdefault(f"{name}_tokens", []).append(tokens[at.cpu().numpy()])
                parts.setdefault(f"{name}_features", []).append(features.cpu().numpy())
                parts.setdefault(f"{name}_values", []).append(values.cpu().numpy())
        kinds = {"tokens": np.int32, "features": np.int32, "values": np.float32}
        arrays = {
            key: np.concatenate(each).astype(kinds[key.rpartition("_")[2]])
            for key, each in parts.items()
        }
        return arrays | {"lengths": lengths.astype(np.int32)}


def recorded(hook: SiteHook) -> Tensor:
    assert hook.recorded is not None, "the pass went by the site"
    return hook.recorded


def runs(texts: Sequence[Sequence[int]]) -> list[list[int]]:
    """Places of texts that go through together: of like length, few enough for one pass."""
    order = sorted(range(len(texts)), key=lambda i: (len(texts[i]), i))
    groups: list[list[int]] = []
    for place in order:
        if groups and len(texts[place]) * (len(groups[-1]) + 1) <= PASS_TOKENS:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def harvest(reader: Reader, texts: Sequence[Sequence[int]], folder: Path) -> list[Path]:
    """Chunks of what fires, as files; those that are there already are kept."""
    paths = []
    starts = range(0, len(texts), TEXTS_A_CHUNK)
    for number, start in enumerate(tqdm(starts, desc="what fires", unit="chunk")):
        path = folder / f"chunk-{number:04d}.npz"
        if not path.exists():
            tables.write_arrays(path, reader.firing(texts[start : start + TEXTS_A_CHUNK]))
        paths.append(path)
    return paths


def gather(paths: Sequence[Path], site: str, width: int) -> Firing:
    """All chunks of one site as columns of features."""
    tokens, features, values, lengths = [], [], [], []
    total = 0
    for path in paths:
        with np.load(path) as chunk:
            tokens.append(chunk[f"{site}_tokens"].astype(np.int64) + total)
            features.append(chunk[f"{site}_features"])
            values.append(chunk[f"{site}_values"])
            lengths.append(chunk["lengths"])
            total += int(chunk["lengths"].sum())
    joined = np.concatenate(lengths)
    acts = csc_matrix(
        (np.concatenate(values), (np.concatenate(tokens), np.concatenate(features))),
        shape=(total, width),
    )
    acts.sort_indices()
    text_of = np.repeat(np.arange(len(joined)), joined)
    return Firing(acts, text_of, np.concatenate([[0], np.cumsum(joined)]))


def peaks(firing: Firing, texts: int) -> Peaks:
    """Maximum and mean over the tokens of each of the first `texts` texts."""
    width = len(firing.acts.indptr) - 1
    highest = np.zeros((firing.texts, width), dtype=np.float32)
    mean = np.zeros_like(highest)
    if firing.acts.nnz:
        text_of = firing.text_of[firing.acts.indices]
        features = np.repeat(np.arange(width), np.diff(firing.acts.indptr))
        key = features.astype(np.int64) * firing.texts + text_of
        first = np.flatnonzero(np.diff(key, prepend=-1))  # tokens rise within a column, so keys do
        at = text_of[first], features[first]
        highest[at] = np.maximum.reduceat(firing.acts.data, first)
        mean[at] = np.add.reduceat(firing.acts.data, first)
    lengths = np.diff(firing.starts).clip(min=1)
    return Peaks(highest[:texts], (mean / lengths[:, None])[:texts])
