"""Sites of a model that has no SAEs: after which blocks they stand, and how long the residual
usually is there. Knows no features.
"""

from collections.abc import Iterable, Mapping

import torch
from transformers import PreTrainedConfig, PreTrainedModel

from playground.engine.beginning import TEXTS
from playground.engine.hooks import after_blocks
from playground.engine.records import GIANT
from playground.engine.sites import device_of
from playground.engine.text import Text
from playground.errors import AuthorError
from playground.models.registry import ROLES, ModelCard
from playground.models.sae import Sae

# How deep a site stands where nobody says it: behind this share of the blocks.
DEPTHS: Mapping[str, float] = dict(zip(ROLES, (0.27, 0.54, 0.8), strict=True))


def blocks_of(card: ModelCard, count: int) -> dict[str, int]:
    """The block (from 0) after which each site stands, in the order in which the model passes them.
    count: blocks of the model. Raises AuthorError for one that it has not."""
    if beyond := [name for name, block in card.blocks.items() if not 0 <= block < count]:
        raise AuthorError(
            f"{card.title}: site {beyond[0]} is to stand after block {card.blocks[beyond[0]]}, and "
            f"the model has blocks 0 to {count - 1}"
        )
    if card.blocks:
        return dict(sorted(card.blocks.items(), key=lambda each: each[1]))
    found = dict[int, str]()
    for name, depth in DEPTHS.items():
        found.setdefault(int(depth * count), name)
    return {name: block for block, name in found.items()}


def sites(card: ModelCard, config: PreTrainedConfig) -> dict[str, Sae]:
    """What stands for the SAEs of a model that has none, by site. Raises AuthorError as
    blocks_of."""
    inner = config.get_text_config()
    blocks = blocks_of(card, int(inner.num_hidden_layers))
    return {
        name: Sae.without_features(block, int(inner.hidden_size)) for name, block in blocks.items()
    }


@torch.inference_mode()
def norms(model: PreTrainedModel, text: Text, blocks: Iterable[int]) -> dict[int, float]:
    """Median length of the residual after each of these blocks over the tokens of plain texts, the
    first position and giants left out."""
    wanted, lead = tuple(blocks), list(text.lead)
    lengths: dict[int, list[torch.Tensor]] = {block: [] for block in wanted}
    for each in TEXTS:
        ids = torch.tensor([[*lead, *text.ids(each)]], device=device_of(model))
        with after_blocks(model) as states:
            model(ids, use_cache=False, logits_to_keep=1)
        for block in wanted:
            lengths[block].append(states[block][0, max(1, len(lead)) :].float().norm(dim=-1).cpu())
    return {block: usual(torch.cat(found)) for block, found in lengths.items()}


def usual(lengths: torch.Tensor) -> float:
    """The median of those that are no giants. [tokens]"""
    return round(float(lengths[lengths <= GIANT * lengths.median()].median()), 5)
