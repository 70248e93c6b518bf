"""What a card says of each feature: density, histograms, examples, direct logits, neighbours, a
name.

Knows nothing of how activations were gathered or of steering.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from playground.atlas import labels, tables
from playground.atlas.naming import SELECT, Evidence, Fit, Name, named
from playground.atlas.pushes import Pushes
from playground.atlas.tally import FINE, STRATA, Keeper, Tally
from playground.atlas.windows import Window, plain
from playground.concepts.concepts import Concept, spoken
from playground.concepts.overlap import Runs
from playground.engine.text import BROKEN, Text
from playground.models.sae import Sae
from playground.text.words import Words

TOP_EXAMPLES = 8
INTERVALS, EXAMPLES_AN_INTERVAL = 5, 2
TOP_LOGITS = 10
NEAREST = 10
CONCEPTS_A_CARD = 8
TOP_TOKENS = 5
NEVER = Name(labels.DEAD, "dead", 0, 0, 0.0)


class Spelled:
    """Tokens as cards show them, and in plain form: without their spaces, in lower case."""

    def __init__(self, text: Text, size: int) -> None:
        """size: of the vocabulary."""
        self.pieces = [text.piece(number) for number in range(size)]
        names: dict[str, int] = {}
        of_token = [names.setdefault(plain(each), len(names)) for each in self.pieces]
        self.names, self.of_token = list(names), np.array(of_token)
        self.places = names
        self._text = text
        self._numbers: dict[str, int] = {}

    @property
    def shown(self) -> list[str]:
        """Pieces that examples refer to by number."""
        return list(self._numbers)

    def number(self, piece: str) -> int:
        return self._numbers.setdefault(piece, len(self._numbers))

    def spelt(self, ids: Sequence[int], values: Sequence[float]) -> tuple[list[str], list[float]]:
        """Tokens as they read, and what a feature does there; tokens that spell one character stand
        as one, with the highest of their values."""
        pieces, highest = [self.pieces[each] for each in ids], list(values)
        if any(BROKEN in each for each in pieces):
            spelt = self._text.spelt(ids)
            ends = np.cumsum([0, *(each.tokens for each in spelt)]).tolist()
            pieces = [each.text for each in spelt]
            highest = [max(values[ends[n] : ends[n + 1]]) for n in range(len(spelt))]
        return pieces, highest


# -- examples --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Histogram:
    """A feature's histogram while it grew: FINE bars from 0 to `top`; `highest`: its largest
    value.
    """

    heights: np.ndarray  # [FINE]
    top: float
    highest: float

    def below(self, value: float) -> float:
        """How many values are at most this; within a bar they are taken as spread evenly."""
        if value >= self.highest:
            return float(self.heights.sum())
        edges = np.linspace(0, self.top or 1.0, FINE + 1)
        return float(np.interp(value, edges, np.concatenate([[0], np.cumsum(self.heights)])))

    def shown(self) -> list[int]:
        """tables.BARS bars from 0 to `highest`, with the same sum."""
        below = [self.below(each) for each in np.linspace(0, self.highest, tables.BARS + 1)]
        return np.diff(np.round(below)).astype(int).tolist()

    def share(self, low: float, high: float) -> float:
        """Of the values from low to high. 0..1; low and high are values, so it is above 0"""
        between = max(1.0, self.below(high) - self.below(low))
        return float(between / max(1, self.heights.sum()))


class Kept:
    """A tally on the processor, read feature by feature."""

    def __init__(self, tally: Tally) -> None:
        self.tokens = tally.tokens
        self.seen = tally.seen.cpu().numpy()
        self.fires: np.ndarray = tally.fires.cpu().numpy()
        self._bars = tally.bars.cpu().numpy()
        self._range, self._highest = tally.range.cpu().numpy(), tally.highest.cpu().numpy()
        self._strongest, self._sampled = entries(tally.strongest), entries(tally.sampled)
        self._named = entries(tally.named)

    def bars(self, row: int) -> Histogram:
        return Histogram(self._bars[row], float(self._range[row]), float(self._highest[row]))

    def strongest(self, row: int) -> dict[str, np.ndarray]:
        """Examples, strongest first; each name's entries beside each other."""
        return sorted_rows(self._strongest, slice(row, row + 1))

    def sampled(self, row: int) -> dict[str, np.ndarray]:
        """Examples of every strength, in a random order."""
        return sorted_rows(self._sampled, slice(row * STRATA, (row + 1) * STRATA))

    def named(self, row: int) -> dict[str, np.ndarray]:
        """Firing tokens by chance."""
        return sorted_rows(self._named, slice(row, row + 1))


def entries(keeper: Keeper) -> dict[str, np.ndarray]:
    payload = {name: each.cpu().numpy() for name, each in keeper.payload.items()}
    return payload | {"key": keeper.keys.cpu().numpy()}


def sorted_rows(kept: Mapping[str, np.ndarray], rows: slice) -> dict[str, np.ndarray]:
    """Entries of some rows, highest key first, without the empty places."""
    keys = kept["key"][rows].ravel()
    order = np.argsort(-keys, kind="stable")[: int((keys > -np.inf).sum())]
    return {
        name: each[rows].reshape(len(keys), *each.shape[2:])[order] for name, each in kept.items()
    }


@dataclass(frozen=True)
class Example:
    """A text on a card. low, high: the interval of activation that it was drawn from; share: of
    the firing tokens in it."""

    window: Window
    values: Sequence[float]
    source: int
    low: float
    high: float
    share: float


def seen(found: Mapping[str, np.ndarray], place: int, spelled: Spelled) -> Example:
    """One entry of a keeper, not yet of an interval."""
    length, at = int(found["length"][place]), int(found["at"][place])
    pieces, values = spelled.spelt(
        found["tokens"][place][:length].tolist(), found["values"][place][:length].tolist()
    )
    # Where tokens were joined the maximum is that of what stands there now.
    peak = at if len(pieces) == length else int(np.argmax(values))
    around = Window(tuple(pieces), peak, int(found["place"][place]) + at, values[peak])
    return Example(around, values, int(found["source"][place]), 0.0, 0.0, 0.0)


def examples(kept: Kept, row: int, spelled: Spelled, graded: Runs) -> list[Example]:
    """The strongest first, then some of every interval, strong ones before weak ones. No two are
    the same, and none has a run of words of a graded text."""
    top, sampled = kept.strongest(row), kept.sampled(row)
    if not len(top["key"]):
        return []
    bars, said = kept.bars(row), set[str]()

    def drawn(found: Mapping[str, np.ndarray], wanted: int) -> list[Example]:
        """Such as share no run with one before them first, of equals the strongest."""
        told, others = list[tuple[int, Example]](), list[tuple[int, Example]]()
        alike = Runs()
        for place in range(len(found["key"])):
            each = seen(found, place, spelled)
            text = each.window.text
            if text not in said and not graded.shared(text):
                (others if alike.shared(text) else told).append((place, each))
                said.add(text)
                alike.add(text)
        chosen = sorted([*told, *others][:wanted], key=lambda one: one[0])
        return [each for _, each in chosen]

    def within(made: Sequence[Example], low: float, high: float) -> list[Example]:
        low = min([low, *(each.window.value for each in made)])
        share = bars.share(low, high)
        return [replace(each, low=low, high=high, share=share) for each in made]

    strongest = drawn(top, TOP_EXAMPLES)
    lowest = min((each.window.value for each in strongest), default=bars.highest)
    made = within(strongest, lowest, bars.highest)
    for n in reversed(range(INTERVALS)):
        low, high = bars.highest * n / INTERVALS, bars.highest * (n + 1) / INTERVALS
        inside = (sampled["peak"] > low) & (sampled["peak"] <= high)
        some = drawn({name: each[inside] for name, each in sampled.items()}, EXAMPLES_AN_INTERVAL)
        made += within(some, low, high)
    return made


def columns(made: Sequence[Example], spelled: Spelled) -> dict[str, list]:
    """The example columns of a card row."""
    return {
        "example_lengths": [len(each.values) for each in made],
        "example_tokens": [spelled.number(p) for each in made for p in each.window.pieces],
        "example_values": [value for each in made for value in each.values],
        "example_peaks": [each.window.peak for each in made],
        "example_from": [each.low for each in made],
        "example_to": [each.high for each in made],
        "example_shares": [each.share for each in made],
        "example_sources": [each.source for each in made],
    }


# -- what names are made of ------------------------------------------------------------------------
def evidence(
    kept: Kept, row: int, told: "Portrayed", shown: Sequence[Example], pushed: Sequence[str]
) -> Evidence:
    """shown: the examples of the card; pushed: the tokens that the feature makes likelier."""
    sampled = kept.sampled(row)
    spread = [seen(sampled, n, told.spelled).window for n in range(len(sampled["key"]))]
    best = np.argsort(-told.scores.chosen_by[:, row], kind="stable")[:CONCEPTS_A_CARD]
    fits = [
        Fit(
            told.concepts[c],
            float(told.scores.chosen_by[c, row]),
            float(told.scores.contrast[c, row]),
        )
        for c in best
    ]
    top = [each.window for each in shown if each.high == kept.bars(row).highest][:TOP_EXAMPLES]
    return Evidence(top, spread, fits, pushed, partial(used, kept, row, told.spelled))


def used(kept: Kept, row: int, spelled: Spelled, token: str) -> float:
    """The share of a token's uses on which a feature fires, 0..1. token: in plain form"""
    place, named = spelled.places.get(token, -1), kept.named(row)
    if place < 0 or not len(named["id"]):
        return 0.0
    own = spelled.of_token[named["id"]] == place
    uses = kept.seen[spelled.of_token[: len(kept.seen)] == place].sum()
    return min(1.0, float(own.mean() * kept.fires[row] / max(1, uses)))


def top_tokens(named: Mapping[str, np.ndarray], spelled: Spelled) -> list[str]:
    """The tokens that most of a feature's activation is on, in plain form."""
    if not len(named["id"]):
        return []
    places, own = np.unique(spelled.of_token[named["id"]], return_inverse=True)
    mass = np.bincount(own, named["value"])
    best = np.argsort(-mass, kind="stable")[:TOP_TOKENS]
    return [each for n in best if BROKEN not in (each := spelled.names[places[n]])]


# -- the rows of a site ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Nearest:
    indices: Tensor  # [features, NEAREST]
    values: Tensor


@dataclass(frozen=True)
class Scores:
    """How well each feature tells each concept, [concepts, features] each: on *select* against all
    others and against near ones, and on *grade*."""

    chosen_by: np.ndarray
    contrast: np.ndarray
    reported: np.ndarray


@dataclass(frozen=True)
class Portrayed:
    """What the cards of a site are made of, besides what fired.

    features: those that get a card, in order, which is that of scores too; graded: runs of words
    that no card shows.
    """

    site: str
    sae: Sae
    pushes: Pushes
    features: Sequence[int]
    spelled: Spelled
    scores: Scores
    concepts: Sequence[Concept] = field(repr=False)
    graded: Runs = field(repr=False)


def portraits(
    kept: Kept, told: Portrayed, near: Nearest
) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    """Card row and index row of every feature, in order."""
    row = 0
    for part, logits in told.pushes.blocks(told.features):
        for feature, values in zip(part, logits, strict=True):
            pushed = logit_row(values, told.spelled.pieces)
            card, entry = portrait(feature, row, kept, told, pushed["pos_str"])
            neighbours = {
                "near": near.indices[row].tolist(),
                "near_cosines": [round(each, 4) for each in near.values[row].tolist()],
            }
            yield card | pushed | neighbours, entry
            row += 1


def portrait(
    feature: int, row: int, kept: Kept, told: Portrayed, pushed: Sequence[str]
) -> tuple[dict[str, object], dict[str, object]]:
    """The part of a card row that is about firing and meaning, and the index row. row: of the
    feature in the tally; pushed: the tokens that it makes likelier.
    """
    bars, fires = kept.bars(row), bool(kept.fires[row])
    shown = examples(kept, row, told.spelled, told.graded)
    name = named(evidence(kept, row, told, shown, pushed)) if fires else NEVER
    best = np.argsort(-told.scores.chosen_by[:, row], kind="stable")[:CONCEPTS_A_CARD]
    concepts = [
        (told.concepts[c], round(float(told.scores.reported[c, row]), 4)) for c in best if fires
    ]
    share = float(kept.fires[row] / max(1, kept.tokens))
    label = labels.kept(name.label) if name else ""
    card: dict[str, object] = {
        "index": feature,
        "maxActApprox": bars.highest,
        "frac_nonzero": share,
        "freq_heights": bars.shown(),
        "label": label,
        "made": name.made if name else "",
        "fits": name.fits if name else 0,
        "of": name.of if name else 0,
        "share": name.share if name else 0.0,
        "concepts": [concept.name for concept, _ in concepts],
        "aurocs": [value for _, value in concepts],
    }
    able = [spoken(told.concepts[c]) for c in best if told.scores.chosen_by[c, row] >= SELECT]
    entry: dict[str, object] = {
        "site": told.site,
        "index": feature,
        "label": label,
        "english": Words()(name.label) if name else "",
        "top": top_tokens(kept.named(row), told.spelled),
        "pushed": [plain(each) for each in pushed],
        "concepts": able if fires else [],
        "score": float(told.scores.chosen_by[best[0], row]) if fires and len(best) else 0.0,
        "frac_nonzero": share,
    }
    return card | columns(shown, told.spelled), entry


def logit_row(logits: Tensor, spelled: Sequence[str]) -> dict[str, Any]:
    """No tokens where the place has no direct logits. logits: [vocabulary]"""
    count = min(TOP_LOGITS, len(logits)) if logits.any() else 0
    top, bottom = logits.topk(count), (-logits).topk(count)
    low, high = float(logits.min()), float(logits.max())
    bars = np.histogram(logits.numpy(), tables.BARS, (low, high if high > low else low + 1))[0]
    return {
        "pos_str": [spelled[i] for i in top.indices.tolist()],
        "pos_values": [round(each, 4) for each in top.values.tolist()],
        "neg_str": [spelled[i] for i in bottom.indices.tolist()],
        "neg_values": [round(-each, 4) for each in bottom.values.tolist()],
        "logits_heights": bars.tolist(),
        "logits_from": low,
        "logits_to": high if high > low else low + 1,
    }


def nearest(sae: Sae, features: Sequence[int]) -> Nearest:
    """Of each feature those whose decoder rows point the same way, by cosine; itself left out."""
    rows = sae.unit_rows(features).cpu()
    numbers = torch.tensor(list(features))
    indices, values = list[Tensor](), list[Tensor]()
    for start in range(0, len(rows), 1024):
        cosines = rows[start : start + 1024] @ rows.T
        own = torch.arange(len(cosines))
        cosines[own, own + start] = -2
        top = cosines.topk(min(NEAREST, len(rows) - 1))
        indices.append(numbers[top.indices])
        values.append(top.values)
    return Nearest(torch.cat(indices), torch.cat(values))
