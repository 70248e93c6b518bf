"""What a plain text has to stand behind for a model to read it well: measured, where the registry
does not say it.

Some models have learnt that a text begins behind one certain token, and guess badly without it;
which, neither their tokenizer nor their config says reliably. Knows no SAEs.
"""

import math
from collections.abc import Sequence

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from playground.engine.sites import device_of
from playground.engine.text import BOS, NOTHING, Text

# Plain enough for every model that writes English; of this project, so no model has learnt it.
TEXTS = (
    "The train was late, so they sat down on a bench by the old clock and talked about the "
    "weather. A woman with a red umbrella asked them for the time.",
    "In the morning the shop opens at nine, and people come to buy bread, milk and the paper. On "
    "Sundays it stays closed.",
    "Water boils at one hundred degrees at sea level, and at a lower temperature in the mountains, "
    "where the air is thin.",
    "My brother moved to the city last year because he had found a new job there. He calls every "
    "week and tells us how he is.",
)
CLEARLY = 0.1  # nats a token that another beginning has to save before it is taken
GUESSING = (
    0.8  # of ln(vocabulary): from here on a model knows no English, and its loss says nothing
)
CANDIDATES = 8


def measured(model: PreTrainedModel, tokenizer: PreTrainedTokenizerFast) -> str:
    """`bos`, `none` or a token's name: the beginning-of-text token, or nothing where there is none,
    unless the model reads clearly better behind something else."""
    usual = NOTHING if tokenizer.bos_token_id is None else BOS
    names = [usual, NOTHING, *sorted(map(str, tokenizer.all_special_tokens))]
    losses = dict[tuple[int, ...], tuple[float, str]]()
    for name in dict.fromkeys(names):
        text = Text(tokenizer, first=name)
        if text.lead not in losses and len(losses) < CANDIDATES:
            losses[text.lead] = loss(model, [text.ids(each) for each in TEXTS], text.lead), name
    plain, (least, best) = losses[Text(tokenizer, first=usual).lead][0], min(losses.values())
    knows = least < GUESSING * math.log(model.config.get_text_config().vocab_size)
    return best if knows and least < plain - CLEARLY else usual


@torch.inference_mode()
def loss(model: PreTrainedModel, texts: Sequence[list[int]], lead: tuple[int, ...]) -> float:
    """Nats a token, over all but the first of each text: nothing could be said of that without
    anything before it."""
    device, total, count = device_of(model), 0.0, 0
    for ids in texts:
        logits = model(torch.tensor([[*lead, *ids]], device=device)).logits[0, len(lead) : -1]
        asked = torch.tensor(ids[1:], device=logits.device)
        total += float(torch.nn.functional.cross_entropy(logits.float(), asked, reduction="sum"))
        count += len(asked)
    return total / count
