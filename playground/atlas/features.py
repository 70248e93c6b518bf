"""What a card says of each feature: density, histograms, examples, direct logits, neighbours, a
label.

Knows nothing of how activations were gathered or of steering.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import PreTrainedModel

from playground.atlas import tables
from playground.atlas.tally import FINE, STRATA, Keeper, Tally
from playground.engine.direct import Direct
from playground.engine.text import BROKEN, Text
from playground.models.sae import Sae

TOP_EXAMPLES = 8
INTERVALS, EXAMPLES_AN_INTERVAL = 5, 2
TOP_LOGITS = 10
NEAREST = 10
CONCEPT_AUROC = 0.9  # from here on a feature is labelled by its concept
# Share of all activation that names a feature by its token, by three.
ONE_TOKEN, FEW_TOKENS = 0.5, 0.6
CONCEPTS_A_CARD = 8
TOP_TOKENS = 5
LOGIT_ROWS = 256  # features at once; a whole vocabulary each
EXAMPLE_COLUMNS = [name for name in tables.CARD_SCHEMA.names if name.startswith("example_")]


class Spelled:
    """Tokens as cards show them, and as labels name them: without their spaces, in lower case,
    whole words apart from parts.
    """

    def __init__(self, text: Text, size: int) -> None:
        """size: of the vocabulary."""
        self.pieces = [text.piece(number) for number in range(size)]
        names: dict[str, int] = {}
        of_token = [names.setdefault(each.strip(" ").lower(), len(names)) for each in self.pieces]
        self.names, self.of_token = list(names), np.array(of_token)
        # One more stands for the end of a text, -1.
        ends = ["", *self.pieces]
        self.begins = np.array([each[:1] == " " or each[:1].isupper() for each in self.pieces])
        self.goes_on = np.array([each[:1].isalpha() for each in ends[1:] + ends[:1]])
        self._text = text
        self._numbers: dict[str, int] = {}

    @property
    def shown(self) -> list[str]:
        """Pieces that examples refer to by number."""
        return list(self._numbers)

    def window(self, ids: Sequence[int], values: Sequence[float]) -> tuple[list[int], list[float]]:
        """A window of tokens as numbers of pieces, and what a feature does there; tokens that spell
        one character stand as one, with the highest of their values."""
        pieces, highest = [self.pieces[each] for each in ids], list(values)
        if any(BROKEN in each for each in pieces):
            spelt = self._text.spelt(ids)
            ends = np.cumsum([0, *(each.tokens for each in spelt)]).tolist()
            pieces = [each.text for each in spelt]
            highest = [max(values[ends[n] : ends[n + 1]]) for n in range(len(spelt))]
        return [self._numbers.setdefault(each, len(self._numbers)) for each in pieces], highest


class Logits:
    """What a unit step along a decoder row adds to each token's logit (engine/direct.py)."""

    def __init__(self, model: PreTrainedModel, sae: Sae) -> None:
        self._direct, self._sae = Direct(model, sae.metadata.writes), sae

    def blocks(self, features: Sequence[int]) -> Iterator[tuple[list[int], Tensor]]:
        """Some features and their logits, [features, vocabulary], until all were there."""
        for start in range(0, len(features), LOGIT_ROWS):
            part = list(features[start : start + LOGIT_ROWS])
            yield part, self._direct.logits(self._sae.unit_rows(part))


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
class ExampleDraw:
    """Examples of one interval, more than are wanted (twins are thrown out)."""

    found: Mapping[str, np.ndarray]
    low: float
    high: float
    wanted: int


def draws(kept: Kept, row: int) -> list[ExampleDraw]:
    """The strongest first, then some of every interval, strong ones before weak ones."""
    top, sampled = kept.strongest(row), kept.sampled(row)
    if not len(top["key"]):
        return []
    highest = kept.bars(row).highest
    lowest = float(top["peak"][:TOP_EXAMPLES][-1])
    made = [ExampleDraw(top, lowest, highest, TOP_EXAMPLES)]
    for n in reversed(range(INTERVALS)):
        low, high = highest * n / INTERVALS, highest * (n + 1) / INTERVALS
        inside = (sampled["peak"] > low) & (sampled["peak"] <= high)
        found = {name: each[inside] for name, each in sampled.items()}
        made.append(ExampleDraw(found, low, high, EXAMPLES_AN_INTERVAL))
    return made


def examples(kept: Kept, row: int, spelled: Spelled) -> dict[str, list]:
    """The example columns of a card row."""
    made: dict[str, list] = {name: [] for name in EXAMPLE_COLUMNS}
    bars, seen = kept.bars(row), set[bytes]()
    for draw in draws(kept, row):
        taken = list[int]()
        for place in range(len(draw.found["key"])):
            twin = draw.found["tokens"][place].tobytes()
            if twin not in seen and len(taken) < draw.wanted:
                seen.add(twin)
                taken.append(place)
        low = min([draw.low, *(float(draw.found["peak"][place]) for place in taken)])
        share = bars.share(low, draw.high)
        for place in taken:
            length = int(draw.found["length"][place])
            tokens, values = spelled.window(
                draw.found["tokens"][place][:length].tolist(),
                draw.found["values"][place][:length].tolist(),
            )
            made["example_lengths"].append(len(tokens))
            made["example_tokens"] += tokens
            made["example_values"] += values
            at = int(draw.found["at"][place])
            made["example_peaks"].append(at if len(tokens) == length else int(np.argmax(values)))
            made["example_from"].append(low)
            made["example_to"].append(draw.high)
            made["example_shares"].append(share)
            made["example_sources"].append(int(draw.found["source"][place]))
    return made


# -- labels ----------------------------------------------------------------------------------------
def token_label(named: Mapping[str, np.ndarray], spelled: Spelled) -> tuple[str, list[str]]:
    """A label from a sample of the tokens that a feature fires on ('' where they are many), and
    its top tokens.
    """
    if not len(named["id"]):
        return "", []
    # A word is whole when it begins with its token and the next one does not carry it on.
    whole = spelled.begins[named["id"]] & ~spelled.goes_on[named["next"]]
    places, own = np.unique(2 * spelled.of_token[named["id"]] + whole, return_inverse=True)
    mass = np.bincount(own, named["value"])
    best = np.argsort(-mass, kind="stable")[:TOP_TOKENS]
    ranked = [spelled.names[places[n] // 2] for n in best]
    shares = mass[best] / mass.sum()
    readable = not any(BROKEN in each for each in ranked[:3])
    if shares[0] >= ONE_TOKEN and ranked[0] and BROKEN not in ranked[0]:
        return named_by(ranked[0], whole=bool(places[best[0]] % 2)), ranked
    if shares[:3].sum() >= FEW_TOKENS and readable:
        return " or ".join(map(quoted, dict.fromkeys(ranked[:3]))), ranked
    return "", [each for each in ranked if BROKEN not in each]


def named_by(token: str, whole: bool) -> str:
    if token.isdecimal():
        return f"the number {quoted(token)}"
    if token and not token.strip():
        return "line breaks"
    if not any(c.isalpha() for c in token):
        return f"the sign {quoted(token)}"
    return f"the {'word' if whole else 'word part'} {quoted(token)}"


def quoted(token: str) -> str:
    return "line break" if token == "\n" else f"'{token.strip() or token}'"


def explanations(
    concepts: Sequence[tuple[str, float]],
    titles: Mapping[str, str],
    by_token: str,
    pushed: Sequence[str],
) -> tuple[list[str], list[str]]:
    """Descriptions and how each was made, the best first. concepts: (name, AUROC), best first."""
    made = []
    if concepts and concepts[0][1] >= CONCEPT_AUROC:
        made.append((titles[concepts[0][0]], "concept-auroc"))
    if by_token:
        made.append((by_token, "top-token"))
    said = list(dict.fromkeys(word.strip().lower() for word in pushed if word.strip()))[:3]
    if said:
        made.append(("makes " + ", ".join(map(quoted, said)) + " likelier", "top-logits"))
    return [each for each, _ in made], [each for _, each in made]


# -- the rows of a site ----------------------------------------------------------------------------
@dataclass(frozen=True)
class Nearest:
    indices: Tensor  # [features, NEAREST]
    values: Tensor


@dataclass(frozen=True)
class Told:
    """What the cards of a site are made of, besides what fired.

    features: those that get a card, in order; aurocs: [concepts, features], both in the order of
    titles and features.
    """

    site: str
    sae: Sae
    logits: Logits
    features: Sequence[int]
    spelled: Spelled
    aurocs: np.ndarray
    titles: Mapping[str, str] = field(repr=False)


def portraits(
    kept: Kept, told: Told, near: Nearest
) -> Iterator[tuple[dict[str, object], dict[str, object]]]:
    """Card row and index row of every feature, in order."""
    row = 0
    for part, logits in told.logits.blocks(told.features):
        for feature, values in zip(part, logits, strict=True):
            pushed = logit_row(values, told.spelled.pieces)
            seen = examples(kept, row, told.spelled) | {
                "near": near.indices[row].tolist(),
                "near_cosines": [round(each, 4) for each in near.values[row].tolist()],
            }
            card, entry = portrait(feature, row, kept, told, pushed["pos_str"])
            yield card | pushed | seen, entry
            row += 1


def portrait(
    feature: int, row: int, kept: Kept, told: Told, pushed: Sequence[str]
) -> tuple[dict[str, object], dict[str, object]]:
    """The part of a card row that is about firing and meaning, and the index row. row: of the
    feature in the tally; pushed: the tokens that it makes likelier.
    """
    names, fires = list(told.titles), bool(kept.fires[row])
    best = np.argsort(-told.aurocs[:, row], kind="stable")[:CONCEPTS_A_CARD]
    concepts = [(names[c], round(float(told.aurocs[c, row]), 4)) for c in best if fires]
    by_token, top = token_label(kept.named(row), told.spelled)
    descriptions, types = ["never fires here"], ["dead"]
    if fires:
        descriptions, types = explanations(concepts, told.titles, by_token, pushed)
    bars = kept.bars(row)
    share = float(kept.fires[row] / max(1, kept.tokens))
    card: dict[str, object] = {
        "index": feature,
        "maxActApprox": bars.highest,
        "frac_nonzero": share,
        "freq_heights": bars.shown(),
        "descriptions": descriptions,
        "description_types": types,
        "concepts": [name for name, _ in concepts],
        "aurocs": [value for _, value in concepts],
    }
    entry: dict[str, object] = {
        "site": told.site,
        "index": feature,
        "label": descriptions[0] if descriptions else "unlabelled",
        "top": top,
        "concepts": [told.titles[name] for name, value in concepts if value >= CONCEPT_AUROC],
        "score": concepts[0][1] if concepts else 0.0,
        "frac_nonzero": share,
    }
    return card, entry


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
