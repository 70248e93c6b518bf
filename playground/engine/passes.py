"""Passes over whole texts: what fires in them, what states the model is in, how likely they are.
Dials are turned in one alone, which reads a reply again. Called by the worker only."""

from array import array
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from playground.engine.batch import Batch
from playground.engine.paths import left_padded
from playground.engine.records import GIANT, Dial, Fired, Place, Reading, States
from playground.engine.sites import block_at, layout_of
from playground.engine.text import Spelt
from playground.errors import EngineError
from playground.models.points import Point
from playground.models.sae import Sae

# Padded tokens that one pass may hold. Replies wait for it: on a CPU, which needs 1.5 ms a token
# even for a small model, a long pass would make every learner wait for seconds.
PASS_TOKENS = {"cpu": 256}
PASS_TOKENS_ELSEWHERE = 8192
PASS_NUMBERS = 1 << 25  # logits or activations that one pass may hold


def in_passes(lengths: Sequence[int], numbers: int, device: torch.device) -> list[range]:
    """Cuts texts, in order, into runs that fit one pass. numbers: how many each token costs (its
    logits, say)."""
    tokens = PASS_TOKENS.get(device.type, PASS_TOKENS_ELSEWHERE)
    budget = max(1, min(tokens, PASS_NUMBERS // numbers))
    runs, start, widest = list[range](), 0, 0
    for place, length in enumerate(lengths):
        if place > start and max(widest, length) * (place + 1 - start) > budget:
            runs.append(range(start, place))
            start, widest = place, 0
        widest = max(widest, length)
    if lengths:
        runs.append(range(start, len(lengths)))
    return runs


def score(batch: Batch, pairs: Sequence[tuple[list[int], list[int]]]) -> list[tuple[float, ...]]:
    """Natural log-probability of each reply token given what is before it. pairs: (prompt, reply)
    token ids; a prompt has one token at least."""
    texts = [prompt + reply for prompt, reply in pairs]
    keep = 1 + max(len(reply) for _, reply in pairs)
    ids, positions = left_padded(texts, batch.text.fill, batch.device)
    logits = batch.path.forward(ids, positions, keep, blind=True)
    # The state before a token predicts it; replies end at the last column.
    asked = ids[:, 1 - keep :] if keep > 1 else ids[:, :0]
    predicted = logits[:, -keep:-1]
    chosen = predicted.gather(-1, asked[:, :, None])[:, :, 0] - predicted.logsumexp(-1)
    return [
        tuple(row[len(row) - len(reply) :])
        for row, (_, reply) in zip(chosen.tolist(), pairs, strict=True)
    ]


def read(batch: Batch, texts: Sequence[list[int]], lead: int, site: str, sae: Sae) -> list[Reading]:
    """What fires on each token. texts: token ids, each with `lead` in front that are no text and
    carry nothing."""
    ids, positions = left_padded(texts, batch.text.fill, batch.device)
    with batch.hooks.recording(site) as hook:
        batch.path.forward(ids, positions, 0, sae.metadata.writes)
        assert hook.recorded is not None
        real = positions >= lead
        counts, features, values = fired(hook.recorded[real], sae)
    # One row a real token, text after text.
    ends = [0, *counts.cumsum(0).tolist()]
    readings, at = [], 0
    for text in texts:
        own = ends[at : at + len(text) - lead + 1]
        at += len(text) - lead
        part = slice(own[0], own[-1])
        packed = Fired(
            array("i", features[part].numpy().tobytes()),
            array("f", values[part].numpy().tobytes()),
            [end - own[0] for end in own[1:]],
        )
        spelt = batch.text.spelt(text[lead:])
        readings.append(Reading(site, pieces(spelt), packed.joined(sizes(spelt))))
    return readings


def reread(
    batch: Batch, prompt: list[int], reply: list[int], dials: Sequence[Dial], site: str, sae: Sae
) -> Reading:
    """What fires in a reply behind its prompt, with these dials turned on it as they were when it
    was written, pushes included; `odd` are the tokens whose state is longer than GIANT times the
    median of the reply's."""
    place, hooks = len(batch.rows), batch.hooks
    try:
        hooks.write(place, dials, len(prompt))
        with hooks.recording(site) as hook:
            batch.path.reread(prompt, reply, batch.text.fill, batch)
            assert hook.recorded is not None
            states = hook.recorded[0, -len(reply) :]
    finally:
        hooks.clear(place, 1)
    lengths = states.float().norm(dim=-1)
    giants = (lengths > GIANT * lengths.median()).cpu()
    counts, features, values = fired(states, sae)
    heard = ~giants.repeat_interleave(counts)
    packed = Fired(
        array("i", features[heard].numpy().tobytes()),
        array("f", values[heard].numpy().tobytes()),
        (counts * ~giants).cumsum(0).tolist(),
    )
    spelt = batch.text.spelt(reply)
    last = np.cumsum(sizes(spelt)) - 1
    whole = [n for n, (end, size) in enumerate(zip(last, sizes(spelt), strict=True))
             if giants[end - size + 1 : end + 1].all()]  # fmt: skip
    return Reading(site, pieces(spelt), packed.joined(sizes(spelt)), frozenset(whole))


def pieces(spelt: Sequence[Spelt]) -> tuple[str, ...]:
    return tuple(each.text for each in spelt)


def sizes(spelt: Sequence[Spelt]) -> list[int]:
    """How many tokens spell each."""
    return [each.tokens for each in spelt]


def states(
    batch: Batch, texts: Sequence[list[int]], lead: int, site: str, sae: Sae, place: Place
) -> list[States]:
    """What stands at a place on each token. texts: token ids, each with `lead` in front that are no
    text. Raises EngineError for a model without one set of MLP neurons for all tokens."""
    ids, positions = left_padded(texts, batch.text.fill, batch.device)
    hidden = at_place(batch, ids, positions, site, sae, place)
    made = list[States]()
    for row, text in zip(hidden.float().cpu().numpy(), texts, strict=True):
        own = text[lead:]
        spelt = batch.text.spelt(own)
        last = np.cumsum(sizes(spelt)) - 1
        values = row[len(row) - len(own) :][last]
        made.append(States(pieces(spelt), values, 0 if lead else 1))
    return made


def at_place(
    batch: Batch, ids: Tensor, positions: Tensor, site: str, sae: Sae, place: Place
) -> Tensor:
    """[rows, positions, width]"""
    if place == "written":
        with batch.hooks.recording(site) as hook:
            batch.path.forward(ids, positions, 0, sae.metadata.writes)
            assert hook.written is not None
            return hook.written
    last = layout_of(batch.model).mlp_last
    parts = dict(block_at(batch.model, sae.metadata.layer).named_modules())
    if last not in parts:
        raise EngineError(
            f"The MLP of block {sae.metadata.layer} has no {last}: its neurons are not the same "
            "for all tokens, so none of them can be looked at."
        )
    seen = list[Tensor]()
    layer = sae.metadata.layer
    handles = batch.path.attach(Point(layer, "module", last, "input"), seen.append)
    try:
        batch.path.forward(ids, positions, 0, Point(layer))
    finally:
        for handle in handles:
            handle.remove()
    return seen[0]


def fired(hidden: Tensor, sae: Sae) -> tuple[Tensor, Tensor, Tensor]:
    """How many features fire on each token, [tokens]; which, int32, and how strongly, float32:
    token after token, the strongest of each first. hidden: [tokens, d_model]; on the CPU."""
    size = max(1, PASS_NUMBERS // (4 * max(1, sae.width)))
    parts = list[tuple[Tensor, Tensor, Tensor]]()
    for part in hidden.split(size):
        acts = sae.encode(part).float()
        tokens, features = (acts > 0).nonzero(as_tuple=True)
        values = acts[tokens, features]
        order = values.argsort(descending=True, stable=True)
        order = order[tokens[order].argsort(stable=True)]
        counts = tokens.bincount(minlength=len(part))
        parts.append((counts.cpu(), features[order].int().cpu(), values[order].cpu()))
    counts, features, values = (torch.cat(each) for each in zip(*parts, strict=True))
    return counts, features, values
