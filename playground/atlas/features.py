"""What a card says of each feature: density, histograms, examples, direct logits, neighbours, a
label.

Knows nothing of how activations were harvested or of steering.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm
from transformers import PreTrainedModel

from playground.atlas import tables
from playground.atlas.harvest import Firing
from playground.sae import Sae

SNIPPET = 24  # tokens of an example
BEFORE_PEAK = 15  # of them before the maximum
TOP_EXAMPLES = 8
INTERVALS, EXAMPLES_AN_INTERVAL = 5, 2
TOP_LOGITS = 10
NEAREST = 10
CONCEPT_AUROC = 0.9  # from here on a feature is labelled by its concept
ONE_TOKEN, FEW_TOKENS = (
    0.5,
    0.6,
)  # share of all activation that names a feature by its token, by three
CONCEPTS_A_CARD = 8
TOP_TOKENS = 5
LOGIT_ROWS = 256  # features at once; a whole vocabulary each
EXAMPLE_COLUMNS = [name for name in tables.CARD_SCHEMA.names if name.startswith("example_")]


@dataclass(frozen=True)
class Corpus:
    """The texts that were read, without their first tokens, end to end.

    numbers: of each token, its place in pieces; sources: of each text, its place in tables.SOURCES.
    """

    numbers: np.ndarray  # [tokens]
    pieces: list[str]
    sources: list[int]

    @staticmethod
    def of(texts: Sequence[Sequence[str]], sources: Sequence[int]) -> "Corpus":
        places: dict[str, int] = {}
        numbers = [places.setdefault(piece, len(places)) for text in texts for piece in text]
        return Corpus(np.array(numbers, dtype=np.int32), list(places), list(sources))


@dataclass(frozen=True)
class Words:
    """Tokens as labels name them: without their spaces, in lower case, whole words apart from
    parts.
    """

    names: list[str]
    of_token: np.ndarray  # [tokens]; place in names, doubled, and 1 more for a whole word

    @staticmethod
    def of(corpus: Corpus) -> "Words":
        places: dict[str, int] = {}
        place = [places.setdefault(each.strip(" ").lower(), len(places)) for each in corpus.pieces]
        begins = np.array([each[:1] == " " or each[:1].isupper() for each in corpus.pieces])
        goes_on = np.array([each[:1].isalpha() for each in corpus.pieces])[corpus.numbers]
        # A word is whole when it begins with its token and the next one does not carry it on.
        whole = begins[corpus.numbers] & ~np.append(goes_on[1:], False)
        return Words(list(places), 2 * np.array(place, dtype=np.int32)[corpus.numbers] + whole)


class Logits:
    """What a unit step along a decoder row adds to each token's logit, the final norm's weight
    included.
    """

    def __init__(self, model: PreTrainedModel, sae: Sae) -> None:
        head = model.get_output_embeddings()
        assert isinstance(head, torch.nn.Linear)
        gain = final_norm_weight(model)
        self._head = head.weight.detach().float()
        self._head = self._head if gain is None else self._head * gain.float()
        self._sae = sae
        self.features = sae.width

    def blocks(self) -> Iterator[tuple[range, Tensor]]:
        """Some features and their logits, [features, vocabulary], until all were there."""
        for start in range(0, self.features, LOGIT_ROWS):
            part = range(start, min(self.features, start + LOGIT_ROWS))
            yield part, (self._sae.unit_rows(part).to(self._head.device) @ self._head.T).cpu()


def final_norm_weight(model: PreTrainedModel) -> Tensor | None:
    """The gain of the last norm; Gemma stores it less one."""
    base = model.base_model
    for name in ("norm", "ln_f", "final_layer_norm"):
        if name in dict(base.named_children()):
            weight = base.get_submodule(name).get_parameter("weight").detach()
            return weight + 1 if "Gemma" in type(model).__name__ else weight
    return None


# -- examples --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Column:
    """One feature: where it fires and how strongly, and its strongest token of each text."""

    tokens: np.ndarray  # [fires], rising
    values: np.ndarray  # [fires]
    peaks: np.ndarray  # [texts in which it fires], places in tokens


def column(firing: Firing, feature: int) -> Column:
    span = slice(*firing.acts.indptr[feature : feature + 2])
    tokens: np.ndarray = firing.acts.indices[span]
    values: np.ndarray = firing.acts.data[span]
    texts = firing.text_of[tokens]
    strongest = np.lexsort((tokens, -values, texts))  # by text, strongest first
    first = np.flatnonzero(np.diff(texts[strongest], prepend=-1))
    return Column(tokens, values, strongest[first])


@dataclass(frozen=True)
class Draw:
    """Examples of one interval: places in a column's tokens, more than are wanted (twins are
    thrown out).
    """

    places: np.ndarray
    low: float
    high: float
    wanted: int


def draws(found: Column, rng: np.random.Generator) -> list[Draw]:
    """The strongest first, then some of every interval, strong ones before weak ones."""
    values = found.values[found.peaks]
    if not len(values):
        return []
    order = np.argsort(-values, kind="stable")
    top, rest = order[: 2 * TOP_EXAMPLES], order[TOP_EXAMPLES:]
    highest = float(values[order[0]])
    lowest = float(values[order[:TOP_EXAMPLES][-1]])
    made = [Draw(found.peaks[top], lowest, highest, TOP_EXAMPLES)]
    for n in reversed(range(INTERVALS)):
        low, high = highest * n / INTERVALS, highest * (n + 1) / INTERVALS
        inside = rest[(values[rest] > low) & (values[rest] <= high)]
        places = found.peaks[rng.permutation(inside)[: 2 * EXAMPLES_AN_INTERVAL]]
        made.append(Draw(places, low, high, EXAMPLES_AN_INTERVAL))
    return made


@dataclass(frozen=True)
class Window:
    """An example: tokens start..stop of a text around the maximum `at`, counted over all texts."""

    text: int
    at: int
    start: int
    stop: int
    peak: float


def windows(
    firing: Firing, found: Column, corpus: Corpus, draw: Draw, seen: set[bytes]
) -> list[Window]:
    """As many as are wanted, none alike; `seen` grows by them."""
    taken = list[Window]()
    for place in draw.places:
        at = int(found.tokens[place])
        text = int(firing.text_of[at])
        begin, end = int(firing.starts[text]), int(firing.starts[text + 1])
        start = max(begin, min(at - BEFORE_PEAK, end - SNIPPET))
        stop = min(end, start + SNIPPET)
        twin = corpus.numbers[start:stop].tobytes()
        if twin not in seen and len(taken) < draw.wanted:
            seen.add(twin)
            taken.append(Window(text, at, start, stop, float(found.values[place])))
    return taken


def examples(
    firing: Firing, found: Column, corpus: Corpus, rng: np.random.Generator
) -> dict[str, list]:
    """The example columns of a card row."""
    row: dict[str, list] = {name: [] for name in EXAMPLE_COLUMNS}
    seen: set[bytes] = set()
    for draw in draws(found, rng):
        taken = windows(firing, found, corpus, draw, seen)
        low = min([draw.low, *(each.peak for each in taken)])
        share = float(((found.values >= low) & (found.values <= draw.high)).mean())
        for each in taken:
            values = np.zeros(each.stop - each.start, dtype=np.float32)
            inside = slice(*np.searchsorted(found.tokens, (each.start, each.stop)))
            values[found.tokens[inside] - each.start] = found.values[inside]
            row["example_lengths"].append(len(values))
            row["example_tokens"] += corpus.numbers[each.start : each.stop].tolist()
            # Half precision is enough to draw, and its round numbers compress well.
            row["example_values"] += values.astype(np.float16).astype(np.float32).tolist()
            row["example_peaks"].append(each.at - each.start)
            row["example_from"].append(low)
            row["example_to"].append(draw.high)
            row["example_shares"].append(share)
            row["example_sources"].append(corpus.sources[each.text])
    return row


# -- labels ----------------------------------------------------------------------------------------
def token_label(found: Column, words: Words) -> tuple[str, list[str]]:
    """A label from the tokens that a feature fires on ('' where they are many), and its top
    tokens.
    """
    if not len(found.tokens):
        return "", []
    mass = np.bincount(words.of_token[found.tokens], found.values, 2 * len(words.names))
    best = [n for n in np.argsort(-mass, kind="stable")[:TOP_TOKENS] if mass[n] > 0]
    ranked = [words.names[n // 2] for n in best]
    shares = mass[best] / mass.sum()
    if shares[0] >= ONE_TOKEN:
        return named(ranked[0], whole=bool(best[0] % 2)), ranked
    if shares[:3].sum() >= FEW_TOKENS:
        return " or ".join(map(quoted, dict.fromkeys(ranked[:3]))), ranked
    return "", ranked


def named(token: str, whole: bool) -> str:
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
class Portraits:
    """Card rows and index rows of a site, in order of the features."""

    cards: list[dict[str, object]]
    index: list[dict[str, object]]


@dataclass(frozen=True)
class Told:
    """What the cards of a site are made of, besides the texts.

    spelled: text of each vocabulary entry; aurocs: [concepts, features], concepts in the order of
    titles.
    """

    site: str
    sae: Sae
    logits: Logits
    spelled: Sequence[str]
    aurocs: np.ndarray
    titles: Mapping[str, str]
    seed: int


def portraits(firing: Firing, corpus: Corpus, told: Told) -> Portraits:
    near, words = nearest(told.sae), Words.of(corpus)
    cards, index = list[dict[str, object]](), list[dict[str, object]]()
    bar = tqdm(total=told.sae.width, desc=f"cards, {told.site}", unit="card")
    for part, logits in told.logits.blocks():
        for feature, row in zip(part, logits, strict=True):
            found = column(firing, feature)
            pushed = logit_row(row, told.spelled)
            rng = np.random.default_rng([told.seed, sum(told.site.encode()), feature])
            seen = examples(firing, found, corpus, rng) | {
                "near": near.indices[feature].tolist(),
                "near_cosines": [round(each, 4) for each in near.values[feature].tolist()],
            }
            card, entry = portrait(feature, found, len(corpus.numbers), told, words, pushed)
            cards.append(card | pushed | seen)
            index.append(entry)
            bar.update()
    bar.close()
    return Portraits(cards, index)


def portrait(
    feature: int, found: Column, tokens: int, told: Told, words: Words, pushed: Mapping[str, Any]
) -> tuple[dict[str, object], dict[str, object]]:
    """The part of a card row that is about firing and meaning, and the index row. tokens: of all
    texts.
    """
    names, fires = list(told.titles), len(found.tokens) > 0
    best = np.argsort(-told.aurocs[:, feature], kind="stable")[:CONCEPTS_A_CARD]
    concepts = [(names[c], round(float(told.aurocs[c, feature]), 4)) for c in best if fires]
    by_token, top = token_label(found, words)
    descriptions, types = ["never fires here"], ["dead"]
    if fires:
        descriptions, types = explanations(concepts, told.titles, by_token, pushed["pos_str"])
    high = float(found.values.max()) if fires else 0.0
    share = len(found.tokens) / max(1, tokens)
    card: dict[str, object] = {
        "index": feature,
        "maxActApprox": high,
        "frac_nonzero": share,
        "freq_heights": np.histogram(found.values, tables.BARS, (0, high or 1.0))[0].tolist(),
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
    """logits: [vocabulary]"""
    count = min(TOP_LOGITS, len(logits))
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


@dataclass(frozen=True)
class Nearest:
    indices: Tensor  # [features, NEAREST]
    values: Tensor


def nearest(sae: Sae) -> Nearest:
    """The features whose decoder rows point the same way, by cosine; itself left out."""
    rows = sae.unit_rows(range(sae.width)).cpu()
    indices, values = list[Tensor](), list[Tensor]()
    for start in range(0, sae.width, 1024):
        cosines = rows[start : start + 1024] @ rows.T
        own = torch.arange(len(cosines))
        cosines[own, own + start] = -2
        top = cosines.topk(min(NEAREST, sae.width - 1))
        indices.append(top.indices)
        values.append(top.values)
    return Nearest(torch.cat(indices), torch.cat(values))
