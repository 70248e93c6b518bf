"""What labelled texts do at every site, summed up text by text in one pass: mean state, highest
activation of each feature, highest and lowest of each MLP neuron.

Knows nothing of concepts or labels.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from playground.engine.llama import path_to_read
from playground.engine.paths import left_padded
from playground.engine.protocol import Engine
from playground.engine.sites import block_at, device_of, layout_of
from playground.engine.text import Text
from playground.models.points import Point
from playground.models.sae import Sae

CONTEXT = 256  # tokens of a text that are read, what stands first included
PASS_TOKENS = 2048  # padded tokens a pass


@dataclass(frozen=True, eq=False)
class Digest:
    """One text at one site. A token with nothing before it is left out of all. mean: of the states
    where the SAE writes, over its `tokens`; features, peaks: which fire, and the highest activation
    of each; highest, lowest: of each neuron of the block, none in a model without neurons that are
    the same for all tokens."""

    tokens: int
    mean: np.ndarray  # [d_out]
    features: np.ndarray  # [those that fire]
    peaks: np.ndarray  # [those that fire]
    highest: np.ndarray  # [neurons]
    lowest: np.ndarray  # [neurons]


Digests = Mapping[str, Mapping[str, Digest]]  # by site, by text


def surveyed(engine: Engine, texts: Sequence[str]) -> Digests:
    """Each text once; between two passes the engine does what else is wanted of it."""
    found: dict[str, dict[str, Digest]] = {site: {} for site in engine.sites}
    for part in groups(list(dict.fromkeys(texts))):

        def work(
            model: PreTrainedModel, saes: Mapping[str, Sae], text: Text, part: Sequence[str] = part
        ) -> dict[str, list[Digest]]:
            return digested(model, saes, text, part)

        for site, digests in engine.lend(work).items():
            found[site].update(zip(part, digests, strict=True))
    return found


def groups(texts: Sequence[str]) -> Iterator[list[str]]:
    """Of like length, few enough for one pass; a token has two letters at least, on average."""
    kept, longest = list[str](), 0
    for text in sorted(texts, key=len):
        longest = max(longest, min(CONTEXT, len(text) // 2 + 1))
        if kept and longest * (len(kept) + 1) > PASS_TOKENS:
            yield kept
            kept, longest = [], min(CONTEXT, len(text) // 2 + 1)
        kept.append(text)
    if kept:
        yield kept


@torch.inference_mode()
def digested(
    model: PreTrainedModel, saes: Mapping[str, Sae], text: Text, texts: Sequence[str]
) -> dict[str, list[Digest]]:
    """Of every site, in the order given."""
    device, lead = device_of(model), len(text.lead)
    ids = [text.with_start(each)[:CONTEXT] for each in texts]
    padded, positions = left_padded(ids, text.fill, device)
    width, last = padded.shape[1], max(sae.metadata.layer for sae in saes.values())
    path = path_to_read(model, [each.metadata.writes for each in saes.values()])
    seen = dict[tuple[str, str], Tensor]()
    with ExitStack() as stack:
        for site, sae in saes.items():
            for name, point in places(model, sae).items():

                def keep(hidden: Tensor, key: tuple[str, str] = (site, name)) -> None:
                    seen[key] = hidden

                for handle in path.attach(point, keep):
                    stack.callback(handle.remove)
        path.forward(padded, positions, 0, Point(last))
    spans = [slice(width - len(each) + max(1, lead), width) for each in ids]
    return {
        site: [digest(sae, seen, site, row, span) for row, span in enumerate(spans)]
        for site, sae in saes.items()
    }


def places(model: PreTrainedModel, sae: Sae) -> dict[str, Point]:
    at = sae.metadata
    found = {"reads": at.reads, "writes": at.writes}
    last = layout_of(model).mlp_last
    if last in dict(block_at(model, at.layer).named_modules()):
        found["neurons"] = Point(at.layer, "module", last, "input")
    return found


def digest(
    sae: Sae, seen: Mapping[tuple[str, str], Tensor], site: str, row: int, span: slice
) -> Digest:
    states = seen[site, "writes"][row, span].float()
    acts = sae.encode(seen[site, "reads"][row, span]).float()
    highest = acts.amax(0) if len(acts) else acts.new_zeros(sae.width)
    fires = highest.nonzero()[:, 0]
    none = np.zeros(0, dtype=np.float32)
    high = low = none
    if (site, "neurons") in seen and len(acts):
        neurons = seen[site, "neurons"][row, span].float()
        high, low = neurons.amax(0).cpu().numpy(), neurons.amin(0).cpu().numpy()
    mean = states.mean(0) if len(states) else states.new_zeros(sae.d_out)
    return Digest(
        len(states), mean.cpu().numpy(), fires.cpu().numpy(), highest[fires].cpu().numpy(),
        high, low,
    )  # fmt: skip
