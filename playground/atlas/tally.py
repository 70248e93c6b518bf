"""What is kept of a stream of activations, feature by feature: counts, histograms, the strongest
and some weaker examples.

Its size depends on the number of features alone, never on how much was read. Knows nothing of
models, texts or cards.
"""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

SNIPPET = 24  # tokens of an example at most
BEFORE_PEAK = 15  # of them before the maximum
FREE = 1 << 40  # stands for the end of a run that is nowhere
STRONGEST = 16  # examples kept of each feature, twice what a card shows: twins are thrown out
STRATA, A_STRATUM = 8, 3  # parts of a feature's range, examples kept of each
TOKENS = 64  # firing tokens kept of each feature, to name it by
FINE = 256  # bars of a histogram while it grows


class Keeper:
    """The `size` entries with the highest keys of every row, each with its payload."""

    def __init__(self, rows: int, size: int, payload: dict[str, Tensor]) -> None:
        """payload: for each name an empty entry, of the dtype and shape that are kept."""
        device = next(iter(payload.values())).device
        self.keys = torch.full((rows, size), -torch.inf, device=device)
        self.payload = {
            name: each.expand(rows, size, *each.shape).clone() for name, each in payload.items()
        }

    def wanted(self, rows: Tensor, keys: Tensor) -> Tensor:
        """Places of the offers that may get in, so that no payload is made for the others. [n]"""
        least = self.keys.amin(1)
        near = (keys > least[rows]).nonzero()[:, 0]
        # Of many offers to one row only the best `size` can stay.
        order = near[keys[near].argsort(descending=True, stable=True)]
        order = order[rows[order].argsort(stable=True)]
        return order[ranks(rows[order]) < self.keys.shape[1]]

    def offer(self, rows: Tensor, keys: Tensor, payload: dict[str, Tensor]) -> None:
        """rows, keys: [n]; payload: [n, ...] of each name. Rows may come several times."""
        order = rows.argsort(stable=True)
        rank = ranks(rows[order])
        for turn in range(int(rank.max()) + 1 if len(rank) else 0):
            each = order[rank == turn]  # a row at most once
            slot = self.keys[rows[each]].argmin(1)
            better = keys[each] > self.keys[rows[each], slot]
            each, slot = each[better], slot[better]
            self.keys[rows[each], slot] = keys[each]
            for name, kept in self.payload.items():
                kept[rows[each], slot] = payload[name][each].to(kept.dtype)


def ranks(rows: Tensor) -> Tensor:
    """Place of each entry within its run of equal rows. rows: sorted, [n]; [n]"""
    place = torch.arange(len(rows), device=rows.device)
    begins = torch.ones(len(rows), dtype=torch.bool, device=rows.device)
    begins[1:] = rows[1:] != rows[:-1]
    return place - torch.where(begins, place, 0).cummax(0).values if len(rows) else place


@dataclass(frozen=True)
class TextPeaks:
    """The strongest token of every feature in every text where it fires. [n] each"""

    features: Tensor
    texts: Tensor  # of the batch
    tokens: Tensor  # of the batch
    values: Tensor


def peaks_of(
    texts: Tensor, tokens: Tensor, features: Tensor, values: Tensor, count: int
) -> TextPeaks:
    """From what fired, in order of tokens. texts: each firing's own, below `count`; the first of
    equal tokens is taken."""
    group = features * count + texts
    order = values.argsort(descending=True, stable=True)
    order = order[group[order].argsort(stable=True)]
    first = order[ranks(group[order]) == 0]
    return TextPeaks(features[first], texts[first], tokens[first], values[first])


@dataclass(frozen=True)
class Texts:
    """A batch of texts end to end, without their first tokens. ids: [tokens]; starts: [texts + 1],
    the first token of each, the last entry being the number of tokens. offsets: how many tokens of
    its document came before each, [texts]. hidden: where the first run of words ends that begins
    at a token or after it and may not be shown, [tokens]; FREE where there is none."""

    ids: Tensor
    starts: Tensor
    source: int  # place in tables.SOURCES
    offsets: Tensor | None = None
    hidden: Tensor | None = None

    @property
    def text_of(self) -> Tensor:
        """The text of each token. [tokens]"""
        lengths = self.starts.diff()
        return torch.arange(len(lengths), device=lengths.device).repeat_interleave(lengths)


def windows(at: Tensor, text: Tensor, texts: Texts) -> tuple[Tensor, Tensor]:
    """First token and length of the longest piece around each token that shows no hidden run; of
    equally long ones that which has BEFORE_PEAK tokens before it, or nearly. at, text: [n]"""
    begin, end = texts.starts[text, None], texts.starts[text + 1, None]
    back = torch.arange(SNIPPET, device=at.device)
    start = at[:, None] - back  # [n, SNIPPET]
    stop = (start + SNIPPET).minimum(end)
    if texts.hidden is not None:
        stop = stop.minimum(texts.hidden[start.clamp_min(0)] - 1)
    fits = (start >= begin) & (stop > at[:, None])
    # A token is shown always, also one that spells a run of words by itself.
    length = torch.where(fits, stop - start, (back == 0).long())
    best = (length * 2 * SNIPPET - (back - BEFORE_PEAK).abs()).argmax(1, keepdim=True)
    return start.gather(1, best)[:, 0], length.gather(1, best)[:, 0]


class Tally:
    """Everything that a site's cards are made of, over the features it was made for."""

    def __init__(self, features: int, seed: int, device: torch.device | str = "cpu") -> None:
        def empty(dtype: torch.dtype, *shape: int) -> Tensor:
            return torch.zeros(shape, dtype=dtype, device=device)

        example = {
            "tokens": empty(torch.int32, SNIPPET), "values": empty(torch.float16, SNIPPET),
            "peak": empty(torch.float32), "at": empty(torch.uint8),
            "length": empty(torch.uint8), "source": empty(torch.uint8),
            "place": empty(torch.int32),  # of the first token in its document
        }  # fmt: skip
        token = {
            "id": empty(torch.int32), "next": empty(torch.int32), "value": empty(torch.float32)
        }  # fmt: skip
        self.features, self.seed, self.device = features, seed, device
        self.tokens = 0  # read
        self.batches = 0
        self.seen = empty(torch.int64, 0)  # how often each token was read; grows with its numbers
        self.fires = empty(torch.int64, features)
        self.highest = empty(torch.float32, features)
        self.range = empty(torch.float32, features)  # of bars and strata; doubled when outgrown
        self.bars = empty(torch.int32, features, FINE)
        self.strongest = Keeper(features, STRONGEST, example)
        self.sampled = Keeper(features * STRATA, A_STRATUM, example)
        self.named = Keeper(features, TOKENS, token)

    def take(self, acts: Tensor, texts: Texts) -> None:
        """One batch. acts: [tokens, features], beside texts.ids."""
        random = torch.Generator().manual_seed(self.seed * 1_000_003 + self.batches)
        self.batches += 1
        self.tokens += len(acts)
        counts = texts.ids.bincount(minlength=len(self.seen))
        counts[: len(self.seen)] += self.seen
        self.seen = counts
        tokens, features = acts.nonzero(as_tuple=True)
        values = acts[tokens, features].float()
        positive = values > 0
        tokens, features, values = tokens[positive], features[positive], values[positive]
        if not len(values):
            return
        self._grow(features, values)
        self.fires += features.bincount(minlength=self.features)
        cell = features * FINE + self._part(features, values, FINE)
        self.bars.view(-1).index_add_(0, cell, torch.ones_like(cell, dtype=torch.int32))
        self._name(tokens, features, values, texts, random)
        peaks = peaks_of(texts.text_of[tokens], tokens, features, values, len(texts.starts) - 1)
        self._show(self.strongest, peaks.features, peaks.values, peaks, acts, texts)
        strata = peaks.features * STRATA + self._part(peaks.features, peaks.values, STRATA)
        chance = torch.rand(len(strata), generator=random).to(strata.device)
        self._show(self.sampled, strata, chance, peaks, acts, texts)

    def _part(self, features: Tensor, values: Tensor, parts: int) -> Tensor:
        """Which of so many equal parts of the range a value lies in; a part holds its upper end."""
        part = (values / self.range[features] * parts).ceil().long() - 1
        return part.clamp(0, parts - 1)

    def _grow(self, features: Tensor, values: Tensor) -> None:
        """Doubles the range of each feature until its highest value fits."""
        found = torch.zeros_like(self.highest).scatter_reduce(0, features, values, "amax")
        self.highest = self.highest.maximum(found)
        self.range = torch.where(self.range > 0, self.range, found)
        while len(low := (self.highest > self.range).nonzero()[:, 0]):
            self.range[low] *= 2
            pairs = self.bars[low].view(len(low), FINE // 2, 2).sum(2)
            self.bars[low] = torch.cat([pairs, torch.zeros_like(pairs)], 1).int()
            self._merge(low)

    def _merge(self, low: Tensor) -> None:
        """Strata of these features pair up; of both the highest keys stay, so that each is still
        sampled evenly."""
        rows = (low[:, None] * STRATA + torch.arange(STRATA, device=low.device)).flatten()
        kept = self.sampled
        keys = kept.keys[rows]
        entries = {name: each[rows] for name, each in kept.payload.items()}
        kept.keys[rows] = -torch.inf
        target = rows - rows % STRATA + rows % STRATA // 2
        target = target[:, None].expand_as(keys)
        real = keys > -torch.inf
        if real.any():
            kept.offer(target[real], keys[real], {n: each[real] for n, each in entries.items()})

    def _name(
        self,
        tokens: Tensor,
        features: Tensor,
        values: Tensor,
        texts: Texts,
        random: torch.Generator,
    ) -> None:
        chance = torch.rand(len(values), generator=random).to(values.device)
        chosen = self.named.wanted(features, chance)
        at = tokens[chosen]
        # The text's last token has no next one: -1.
        after = torch.cat([texts.ids[1:], texts.ids.new_full((1,), -1)])
        after[texts.starts[1:] - 1] = -1
        payload = {"id": texts.ids[at], "next": after[at], "value": values[chosen]}
        self.named.offer(features[chosen], chance[chosen], payload)

    def _show(
        self,
        keeper: Keeper,
        rows: Tensor,
        keys: Tensor,
        peaks: TextPeaks,
        acts: Tensor,
        texts: Texts,
    ) -> None:
        chosen = keeper.wanted(rows, keys)
        at, text, feature = peaks.tokens[chosen], peaks.texts[chosen], peaks.features[chosen]
        start, length = windows(at, text, texts)
        step = torch.arange(SNIPPET, device=start.device)
        inside = step < length[:, None]
        span = (start[:, None] + step).clamp_max(len(acts) - 1)  # [n, SNIPPET]
        place = start - texts.starts[text]
        payload = {
            "tokens": texts.ids[span] * inside,
            "values": acts[span, feature[:, None]] * inside,
            "peak": peaks.values[chosen],
            "at": at - start,
            "length": length,
            "source": torch.full_like(at, texts.source),
            "place": place if texts.offsets is None else place + texts.offsets[text],
        }
        keeper.offer(rows[chosen], keys[chosen], payload)

    # -- to disk and back: a build goes on where it stopped --------------------------------------
    def state(self) -> dict[str, Tensor]:
        made = {
            "read": torch.tensor([self.tokens, self.batches]), "seen": self.seen,
            "fires": self.fires, "highest": self.highest, "range": self.range, "bars": self.bars,
        }  # fmt: skip
        for name in ("strongest", "sampled", "named"):
            keeper: Keeper = getattr(self, name)
            made[f"{name}.keys"] = keeper.keys
            made |= {f"{name}.{key}": each for key, each in keeper.payload.items()}
        return {name: each.contiguous().cpu() for name, each in made.items()}

    @classmethod
    def restored(
        cls, state: dict[str, Tensor], seed: int, device: torch.device | str = "cpu"
    ) -> Self:
        made = cls(len(state["fires"]), seed, device)
        made.tokens, made.batches = state["read"].tolist()
        for name in ("seen", "fires", "highest", "range", "bars"):
            setattr(made, name, state[name].to(device))
        for name in ("strongest", "sampled", "named"):
            keeper: Keeper = getattr(made, name)
            keeper.keys = state[f"{name}.keys"].to(device)
            keeper.payload = {key: state[f"{name}.{key}"].to(device) for key in keeper.payload}
        return made
