"""Passes that look inside the model: what it would say after each block (the logit lens,
nostalgebraist 2020), and what a text costs it when an SAE's version of a site takes the place of
the real one (as in Gao et al. 2024, Scaling and evaluating sparse autoencoders). Called by the
worker only.

Knows nothing of dials, levels or players.
"""

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from playground.engine.batch import Batch
from playground.engine.hooks import Swap, after_blocks
from playground.engine.paths import left_padded
from playground.engine.records import Alternative, Lens, Spliced
from playground.engine.sites import blocks_of, layout_of
from playground.engine.text import Spelt
from playground.models.sae import Sae

GUESSES = 5  # likeliest tokens that are told of each block and token


# -- the logit lens --------------------------------------------------------------------------------
class Head:
    """From a residual to the log-probabilities of the next token, as the model itself does it."""

    def __init__(self, model: PreTrainedModel) -> None:
        self._norm = model.get_submodule(layout_of(model).norm)
        head = model.get_output_embeddings()
        assert isinstance(head, nn.Module)
        self._head = head
        self._cap: float | None = getattr(
            model.config.get_text_config(), "final_logit_softcapping", None
        )

    def __call__(self, hidden: Tensor) -> Tensor:
        """hidden: [n, d_model], its own dtype; [n, vocabulary] float32"""
        logits: Tensor = self._head(self._norm(hidden))
        if self._cap is not None:
            logits = torch.tanh(logits / self._cap) * self._cap
        return logits.float().log_softmax(-1)


def lens(
    batch: Batch, texts: Sequence[list[int]], lead: int, last: int, end: bool = False
) -> list[Lens]:
    """texts: token ids, each with `lead` in front that are no text. last: how many tokens of each
    text are read, at most; end: after the last block alone."""
    ids, positions = left_padded(texts, batch.text.fill, batch.device)
    with after_blocks(batch.path, len(blocks_of(batch.model))) as streams:
        batch.path.forward(ids, positions, 0)
    spelt = [batch.text.spelt(text[lead:])[-last:] for text in texts]
    rows = [row for row, each in enumerate(spelt) for _ in each]
    columns = [column for each in spelt for column in ends(each)]
    head, piece = Head(batch.model), batch.text.piece
    read = [stream[rows, columns] for stream in (streams[-1:] if end else streams)]
    said = head(read[-1]).argmax(-1)
    guesses, chances = list[list[tuple[Alternative, ...]]](), list[list[float]]()
    for hidden in read:
        logs = head(hidden)
        chances.append(logs.gather(-1, said.to(logs.device)[:, None])[:, 0].exp().tolist())
        best = logs.topk(GUESSES)
        pairs = zip(best.indices.tolist(), best.values.exp().tolist(), strict=True)
        guesses.append([
            tuple(Alternative(piece(id), share) for id, share in zip(*pair, strict=True))
            for pair in pairs
        ])  # fmt: skip
    answers = [piece(id) for id in said.tolist()]
    stops = [0, *accumulate(map(len, spelt))]
    return [
        Lens(
            tuple(token.text for token in each),
            tuple(answers[start : start + len(each)]),
            tuple(tuple(block[start : start + len(each)]) for block in guesses),
            tuple(tuple(block[start : start + len(each)]) for block in chances),
        )
        for each, start in zip(spelt, stops, strict=False)
    ]


def ends(spelt: Sequence[Spelt]) -> list[int]:
    """The column of the last token of each, counted from the end of the row: -1 is the last."""
    behind = accumulate((each.tokens for each in reversed(spelt)), initial=0)
    return [-1 - after for after, _ in zip(behind, spelt, strict=False)][::-1]


# -- what the SAE misses ---------------------------------------------------------------------------
def spliced(
    batch: Batch, texts: Sequence[list[int]], lead: int, site: str, sae: Sae, floor: bool
) -> list[Spliced]:
    """texts: token ids, each with `lead` in front that are no text and are left as they are. floor:
    whether also with nothing there."""
    ids, positions = left_padded(texts, batch.text.fill, batch.device)
    kept = (positions < max(1, lead))[:, :, None]

    def rewritten(written: Tensor, read: Tensor) -> Tensor:
        return torch.where(kept.to(written.device), written, version(sae, written, read))

    def wiped(written: Tensor, read: Tensor) -> Tensor:
        return torch.where(kept.to(written.device), written, 0.0)

    swaps = (None, rewritten, *((wiped,) if floor else ()))
    costs = [paid(batch, ids, positions, site, swap) for swap in swaps]
    found = list[Spliced]()
    for row, text in enumerate(texts):
        spelt = batch.text.spelt(text[lead:])
        own = [cost[row][cost.shape[1] - len(text) + lead :].tolist() for cost in costs]
        grouped = (together(each, spelt) for each in own)
        found.append(Spliced(site, tuple(each.text for each in spelt), *grouped))
    return found


def version(sae: Sae, written: Tensor, read: Tensor) -> Tensor:
    """What the SAE makes of it, in its dtype. written, read: [rows, positions, d]"""
    made = sae.reconstruct(read).float()
    if sae.writes_centred:  # it knows nothing of the mean
        made = made + written.float().mean(-1, keepdim=True)
    return made.to(written.dtype)


def paid(batch: Batch, ids: Tensor, positions: Tensor, site: str, swap: Swap | None) -> Tensor:
    """Minus the log-probability of each token given those before it; 0 for the first. [rows,
    positions]"""
    if swap is None:
        logits = batch.path.forward(ids, positions, ids.shape[1])
    else:
        with batch.hooks.swapping(site, swap):
            logits = batch.path.forward(ids, positions, ids.shape[1])
    logs = logits[:, :-1].log_softmax(-1)
    told = -logs.gather(-1, ids[:, 1:, None].to(logs.device))[:, :, 0]
    cost = nn.functional.pad(told, (1, 0))
    return cost.masked_fill((positions < 1).to(cost.device), 0.0).cpu()


def together(values: Sequence[float], spelt: Sequence[Spelt]) -> tuple[float, ...]:
    """Added up over the tokens that spell one character."""
    stops = list(accumulate((each.tokens for each in spelt), initial=0))
    return tuple(sum(values[a:b]) for a, b in zip(stops, stops[1:], strict=False))
