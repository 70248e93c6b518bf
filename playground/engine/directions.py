"""Directions that need no SAE: what two sets of texts differ in, on the mean. Knows no concepts."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from transformers import PreTrainedModel

from playground.engine.hooks import attach
from playground.engine.protocol import Engine
from playground.engine.records import Vector
from playground.engine.sites import device_of, tap
from playground.engine.text import Text
from playground.models.sae import Sae


def difference_of_means(
    engine: Engine, site: str, about: Sequence[str], others: Sequence[str], name: str = "difference"
) -> Vector:
    """From the mean state of `others` to that of `about` where the site's SAE writes: over all
    tokens of all texts but those with nothing before them."""

    def work(model: PreTrainedModel, saes: Mapping[str, Sae], text: Text) -> tuple[float, ...]:
        found = [mean_state(model, saes[site], text, texts) for texts in (about, others)]
        return tuple((found[0] - found[1]).tolist())

    return Vector(name, engine.lend(work))


@torch.inference_mode()
def mean_state(model: PreTrainedModel, sae: Sae, text: Text, texts: Sequence[str]) -> Tensor:
    """Float32, on the CPU. [d_out]"""
    seen, lead = list[Tensor](), text.lead if sae.metadata.prepend_bos else ()
    handles = attach(tap(model, sae.metadata.writes), seen.append)
    first, total, count = max(1, len(lead)), torch.zeros(sae.d_out), 0
    try:
        for each in texts:
            ids = [*lead, *text.ids(each)]
            model(input_ids=torch.tensor([ids], device=device_of(model)), logits_to_keep=1)
            states = seen.pop()[0, first:].float().cpu()
            total, count = total + states.sum(0), count + len(states)
    finally:
        for handle in handles:
            handle.remove()
    return total / max(1, count)
