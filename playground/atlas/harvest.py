"""Runs texts through a model, site by site: what fires in them, and what is kept of that.

Knows nothing of concepts, labels or steering. Texts come as a stream; what is in memory does not
grow with it.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from tqdm import tqdm
from transformers import PreTrainedModel

from playground.atlas import tables
from playground.atlas.tally import FREE, Tally, Texts
from playground.engine.hooks import Hooks, SiteHook
from playground.engine.llama import path_to_read
from playground.engine.paths import left_padded
from playground.engine.sites import device_of
from playground.models.points import Point
from playground.models.sae import Sae

CONTEXT = 256  # tokens of a piece that goes through the model, what stands first included
PASS_TOKENS = 4096  # padded tokens a pass
PASS_NUMBERS = 1 << 25  # activations at once
BUFFER = 256  # pieces that are put in order of length before they go through
SAVE_SECONDS = 300.0  # what a build that is stopped loses at most
# Times the median norm of the tokens beside it. A few tokens take a state that is dozens of times
# as large and is like no other's, whatever they say (Sun et al., Massive Activations in Large
# Language Models, arXiv:2402.17762): on them nothing is taken to fire.
GIANT = 10.0


@dataclass(frozen=True)
class Peaks:
    """Per text and feature. highest: the maximum over tokens (0 where silent); mean: over the
    text's tokens.
    """

    highest: np.ndarray  # [texts, features]
    mean: np.ndarray  # [texts, features]

    @staticmethod
    def zeros(texts: int, features: int) -> "Peaks":
        shape = (texts, features)
        return Peaks(np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32))

    def put(self, places: Sequence[int], acts: Sequence[Tensor]) -> None:
        """Writes texts at their places; one without a token stays silent. acts: [tokens, features]
        each"""
        filled = [n for n, part in enumerate(acts) if len(part)]
        if filled:
            at = [places[n] for n in filled]
            self.highest[at] = torch.stack([acts[n].amax(0) for n in filled]).cpu().numpy()
            self.mean[at] = torch.stack([acts[n].mean(0) for n in filled]).cpu().numpy()


@dataclass(frozen=True)
class Excerpt:
    """A part of a document that fits a pass. ids: without what stands first; offset: how many
    tokens of the document came before it; lead: what stands first here, where it is not what stands
    before all texts (a reply stands behind its prompt)."""

    ids: Sequence[int]
    offset: int = 0
    lead: Sequence[int] | None = None


class Hiding(Protocol):
    """Which tokens of a piece may not be shown together (Texts.hidden), counted from its first."""

    def __call__(self, ids: Sequence[int]) -> Sequence[int]: ...


def nothing_hidden(ids: Sequence[int]) -> Sequence[int]:
    return [FREE] * len(ids)


@dataclass(frozen=True)
class Pass:
    """Some texts that went through together. places: of each in what was given; reads, writes: of
    each site what its SAE reads and what stands where it writes, [tokens, width], texts end to
    end; ids beside them. firsts: of the tokens, those before which there is nothing, [tokens].
    """

    places: list[int]
    reads: dict[str, Tensor]
    writes: dict[str, Tensor]
    ids: Tensor
    lengths: list[int]
    firsts: Tensor

    def odd(self, site: str) -> Tensor:
        """Tokens whose state is like no other's: nothing before them, or of giant norm. [tokens]"""
        norms = self.reads[site].float().norm(dim=-1)
        firsts = self.firsts.to(norms.device)
        usual = norms[~firsts]
        return firsts | (norms > GIANT * usual.median()) if len(usual) else firsts

    def parts(self, width: int) -> Iterator[tuple[slice, slice]]:
        """(texts, tokens) of parts whose activations fit in memory at once."""
        budget = max(1, PASS_NUMBERS // width)
        ends = np.cumsum([0, *self.lengths])
        first = 0
        for text in range(1, len(ends)):
            last = text == len(ends) - 1
            if last or ends[text + 1] - ends[first] > budget:
                yield slice(first, text), slice(int(ends[first]), int(ends[text]))
                first = text


class Reader:
    """Passes of whole texts through the undialled model. For each SAE a text stands behind what
    its SAE was trained behind, which is left out of all that it gives.
    """

    def __init__(
        self, model: PreTrainedModel, saes: Mapping[str, Sae], lead: Sequence[int]
    ) -> None:
        """lead: what stands first, for the SAEs that want anything there."""
        self.model = model.eval()
        self.saes = dict(saes)
        self.lead = list(lead)
        self.device = device_of(model)
        points = [sae.metadata for sae in self.saes.values()]
        self.path = path_to_read(model, [each for at in points for each in (at.reads, at.writes)])

    def passes(self, texts: Sequence[Sequence[int]], sites: Iterable[str] = ()) -> Iterator[Pass]:
        """All texts, in groups of like length; twice where some of the SAEs want nothing first and
        others do. texts: token ids without what stands first; sites: all if none is named.
        """
        return self.passed([Excerpt(each) for each in texts], sites)

    def passed(self, texts: Sequence[Excerpt], sites: Iterable[str] = ()) -> Iterator[Pass]:
        """The same of texts that may stand behind something of their own."""
        names = list(sites) or list(self.saes)
        for wanted in (True, False):
            some = [name for name in names if self.saes[name].metadata.prepend_bos is wanted]
            if some:
                usual = self.lead if wanted else []
                leads = [usual if each.lead is None else list(each.lead) for each in texts]
                yield from self._passes(texts, some, leads)

    def _passes(
        self, texts: Sequence[Excerpt], names: Sequence[str], leads: Sequence[Sequence[int]]
    ) -> Iterator[Pass]:
        # SiteHook records without steering; its norm is never used here.
        hooks = Hooks({
            name: SiteHook(self.model, self.path, self.saes[name], 1.0, 1) for name in names
        })  # fmt: skip
        whole = [[*lead, *each.ids] for lead, each in zip(leads, texts, strict=True)]
        try:
            for run in runs(whole):
                yield self._pass(hooks, run, [whole[i] for i in run], [len(leads[i]) for i in run])
        finally:
            hooks.remove()

    def _pass(
        self, hooks: Hooks, places: list[int], texts: Sequence[Sequence[int]], leads: Sequence[int]
    ) -> Pass:
        ids, positions = left_padded(texts, 0, self.device)
        kept = positions >= torch.tensor(leads, device=self.device)[:, None]
        last = max(site.sae.metadata.layer for site in hooks.sites.values())
        with ExitStack() as stack, torch.inference_mode():
            sites = {name: stack.enter_context(hooks.recording(name)) for name in hooks.sites}
            self.path.forward(ids, positions, 0, Point(last))
            for name, site in sites.items():
                site.check(name)
            reads = {name: real_of(site.recorded, kept) for name, site in sites.items()}
            writes = {
                name: reads[name] if site.sae.in_place else real_of(site.written, kept)
                for name, site in sites.items()
            }
        own = [len(each) - lead for each, lead in zip(texts, leads, strict=True)]
        return Pass(places, reads, writes, ids[kept], own, (positions == 0)[kept])

    def norms(self, texts: Sequence[Sequence[int]]) -> dict[str, float]:
        """Median norm, over the tokens of the texts, of what stands where each SAE writes; centred
        where the SAE wants it. A token with nothing before it, whose state is like no other's, is
        left out.
        """
        norms: dict[str, list[Tensor]] = {name: [] for name in self.saes}
        for each in self.passes(texts):
            for name, x in each.writes.items():
                x = x.float()
                if self.saes[name].writes_centred:
                    x = x - x.mean(dim=-1, keepdim=True)
                norms[name].append(x.norm(dim=-1)[~each.firsts.to(x.device)])
        return {name: round(float(torch.cat(parts).median()), 5) for name, parts in norms.items()}

    def peaks(
        self, texts: Sequence[Sequence[int]], chosen: Mapping[str, Sequence[int]]
    ) -> dict[str, Peaks]:
        """Of every text, in the order given. chosen: the features of each site."""
        made = {site: Peaks.zeros(len(texts), len(each)) for site, each in chosen.items()}
        for each in self.passes(texts, chosen):
            for site in each.reads.keys() & chosen.keys():
                giant = each.odd(site) & ~each.firsts.to(each.reads[site].device)
                for among, tokens in each.parts(self.saes[site].width):
                    with torch.inference_mode():
                        x = each.reads[site][tokens]
                        acts = encoded(self.saes[site], x, chosen[site]).float()
                        acts[giant[tokens]] = 0
                        made[site].put(each.places[among], acts.split(each.lengths[among]))
        return made

    def take(
        self,
        texts: Sequence[Excerpt],
        tallies: Mapping[str, Tally],
        chosen: Mapping[str, Sequence[int]],
        source: int,
        hiding: Hiding = nothing_hidden,
    ) -> None:
        """Adds what fires in these texts to the tallies. chosen: the features of each. On a token
        with nothing before it nothing is taken to fire: it is there by where the text was cut; nor
        on one of giant norm.
        """
        hidden = [torch.tensor(hiding(each.ids), dtype=torch.long) for each in texts]
        for each in self.passed(texts, tallies):
            for name, tally in tallies.items():
                sae, odd = self.saes[name], each.odd(name)
                for among, tokens in each.parts(sae.width):
                    starts = torch.tensor([0, *np.cumsum(each.lengths[among])])
                    own = each.places[among]
                    ends = [hidden[n] + start for n, start in zip(own, starts, strict=False)]
                    batch = Texts(
                        each.ids[tokens].to(tally.device),
                        starts.to(tally.device),
                        source,
                        torch.tensor([texts[n].offset for n in own]).to(tally.device),
                        torch.cat(ends).to(tally.device),
                    )
                    with torch.inference_mode():
                        acts = encoded(sae, each.reads[name][tokens], chosen[name])
                        acts[odd[tokens].to(acts.device)] = 0
                        tally.take(acts, batch)


def encoded(sae: Sae, x: Tensor, features: Sequence[int]) -> Tensor:
    """Activations of some features, or of all. x: [tokens, d_model]; [tokens, features]"""
    whole = len(features) == sae.width
    return sae.encode(x) if whole else sae.encode_features(x, features)


def real_of(hidden: Tensor | None, kept: Tensor) -> Tensor:
    """Of the text's own tokens. hidden: [rows, positions, width]; [tokens, width]"""
    assert hidden is not None, "the pass went by the site"
    return hidden[kept.to(hidden.device)]


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


def pieces(ids: Sequence[int], lead: int, context: int = CONTEXT) -> list[Excerpt]:
    """A text in pieces that fit a pass. ids, and what comes of them: without what stands first,
    which takes up `lead` tokens."""
    room = context - lead
    return [Excerpt(list(ids[at : at + room]), at) for at in range(0, len(ids), room)]


# -- a stream of texts -----------------------------------------------------------------------------
@dataclass(frozen=True)
class Stretch:
    """Texts of one source: their pieces text by text, and how many tokens of them are read at
    most. source: place in tables.SOURCES.
    """

    texts: Callable[[int], Iterator[list[Excerpt]]]  # from the n-th text on
    tokens: int
    source: int


class Harvest:
    """Tallies of all sites over a stream, saved now and then, so that a stopped build goes on."""

    def __init__(
        self,
        reader: Reader,
        chosen: Mapping[str, Sequence[int]],
        seed: int,
        folder: Path,
        hiding: Hiding = nothing_hidden,
    ) -> None:
        self.reader, self.chosen, self.seed, self.folder = reader, chosen, seed, folder
        self.hiding = hiding
        self.tallies = {
            name: Tally(len(features), seed, reader.saes[name].weights.W_dec.device)
            for name, features in chosen.items()
        }
        self.done = 0  # stretches
        self.texts = 0  # of the stretch that is being read
        self.tokens = 0  # likewise
        self._resume()

    def run(self, stretches: Sequence[Stretch]) -> None:
        for number, stretch in enumerate(stretches):
            if number < self.done:
                continue
            self._stretch(stretch)
            self.done, self.texts, self.tokens = number + 1, 0, 0
            self.save()

    def _stretch(self, stretch: Stretch) -> None:
        bar = tqdm(
            total=stretch.tokens, initial=self.tokens, unit="token", unit_scale=True,
            desc=f"reading {tables.SOURCES[stretch.source]}",
        )  # fmt: skip
        saved = time.monotonic()
        buffer = list[Excerpt]()
        for text in stretch.texts(self.texts):
            self.texts += 1
            buffer += text
            if len(buffer) >= BUFFER:
                self._flush(buffer, stretch, bar)
                if time.monotonic() - saved > SAVE_SECONDS:
                    self.save()
                    saved = time.monotonic()
            if self.tokens >= stretch.tokens:
                break
        self._flush(buffer, stretch, bar)
        bar.close()

    def _flush(self, buffer: list[Excerpt], stretch: Stretch, bar: tqdm) -> None:
        if buffer:
            self.reader.take(buffer, self.tallies, self.chosen, stretch.source, self.hiding)
            read = sum(len(each.ids) for each in buffer)
            self.tokens += read
            bar.update(read)
            buffer.clear()

    # Two generations: while one is written the other is whole.
    def save(self) -> None:
        old = read_place(self.folder)
        turn = 1 - int(old["turn"]) if old else 0
        for name, tally in self.tallies.items():
            target = self.folder / f"tally-{name}-{turn}.safetensors"
            tables.whole(target, lambda path, kept=tally: save_file(kept.state(), path))
        place = {"turn": turn, "done": self.done, "texts": self.texts, "tokens": self.tokens}
        tables.write_json(self.folder / "reading.json", place)

    def _resume(self) -> None:
        place = read_place(self.folder)
        if place is None:
            return
        for name in self.tallies:
            state = load_file(self.folder / f"tally-{name}-{place['turn']}.safetensors")
            self.tallies[name] = Tally.restored(state, self.seed, self.tallies[name].device)
        self.done, self.texts, self.tokens = place["done"], place["texts"], place["tokens"]


def read_place(folder: Path) -> dict[str, int] | None:
    """Where a stopped reading stands, or None at its beginning."""
    path = folder / "reading.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
