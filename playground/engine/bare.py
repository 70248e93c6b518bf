"""Sites of a model that has no SAEs: after which blocks they stand. Knows no features."""

from collections.abc import Mapping

from transformers import PreTrainedConfig

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
