"""Opens an atlas and answers: a card, a search, a concept. Read-only; `build.py` writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from heapq import nsmallest
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from playground.atlas import labels, rivals, tables
from playground.atlas.background import COLUMNS, NONE, Background
from playground.atlas.cards import (
    UNLABELLED,
    Activation,
    Card,
    ConceptEntry,
    Explanation,
    Hit,
    Neuronpedia,
    Support,
)
from playground.atlas.controls import Peer
from playground.atlas.imported import Imported
from playground.atlas.plane import Plane, read_plane
from playground.atlas.rivals import Rivals
from playground.concepts.damage import Usual
from playground.engine.records import Site
from playground.errors import AuthorError, PlayerError
from playground.messages import Line

CARDS_KEPT = 256
# How a search hit ranks, best first: what the query was found in.
EXACT_LABEL, WHOLE_WORD, IN_LABEL, IN_CONCEPT, IN_NEURONPEDIA, IN_TOKENS = range(6)
NOTHING: Mapping[str, str] = {}
_ENTRY = TypeAdapter(ConceptEntry)


@dataclass(frozen=True)
class Entry:
    """A feature as search sees it, all in lower case."""

    hit: Hit
    label: str
    concepts: str
    tokens: str
    score: float
    topics: frozenset[str]  # the concepts one by one
    told: str = ""  # by Neuronpedia


class Atlas:
    """One model's atlas, safe on several threads. A card reads in under 5 ms, a search in 50."""

    def __init__(
        self,
        folder: Path,
        meta: Mapping[str, Any],
        pieces: list[str],
        concepts: dict[str, ConceptEntry],
        entries: dict[str, list[Entry]],
        imported: Mapping[str, Imported],
        sources: Mapping[str, str],
    ) -> None:
        self._folder = folder
        self._meta = meta
        self._imported = imported
        self._sources = sources
        self._pieces = pieces
        self._concepts = concepts
        self._entries = entries
        carded = [site for site, each in entries.items() if each]
        self._files = {site: open_parquet(folder / tables.cards_name(site)) for site in carded}
        # An SAE may have more features than got cards, so a feature's number is not its row.
        self._rows = {
            site: {each.hit.index: row for row, each in enumerate(known)}
            for site, known in entries.items()
        }
        self._lock = Lock()  # a Parquet file has one reader at a time
        self._card = lru_cache(CARDS_KEPT)(self._read_card)
        self._background = cache(self._read_background)
        self._peers = cache(self._told_peers)
        self._rivals = cache(lambda: rivals.read(folder))

    @classmethod
    def open(cls, folder: Path, sources: Mapping[str, str] = NOTHING) -> "Atlas":
        """sources: by site, where Neuronpedia shows the SAE (MODEL/SOURCE), if anybody knows.

        Raises AuthorError naming the file that is missing or damaged.
        """
        meta = tables.read_json(folder / tables.META)
        if meta.get("format") != tables.FORMAT:
            raise AuthorError(
                f"{folder / tables.META}: format {meta.get('format')} instead of {tables.FORMAT}; "
                "build the atlas anew"
            )
        pieces = tables.read_json(folder / tables.PIECES)
        path = folder / tables.CONCEPTS
        try:
            concepts = {each["concept"]: entry_of(each) for each in tables.read_json(path)}
        except (KeyError, TypeError, ValidationError) as error:
            raise AuthorError(f"{path}: damaged: {error}") from error
        by_layer = sorted(meta["sites"], key=lambda site: (meta["sites"][site]["layer"], site))
        entries = read_index(folder / tables.INDEX, by_layer)
        found = {site: Imported.open(folder, site) for site in by_layer}
        imported = {site: each for site, each in found.items() if each}
        entries |= {site: told(entries[site], each) for site, each in imported.items()}
        own = {site: about.get("neuronpedia", "") for site, about in meta["sites"].items()}
        known = {site: sources.get(site) or own[site] for site in by_layer}
        return cls(folder, meta, pieces, concepts, entries, imported, known)

    @property
    def sites(self) -> tuple[str, ...]:
        return tuple(self._entries)

    def everything(self, site: str) -> np.ndarray | None:
        """The mean state over texts of all concepts, [width]; None where nobody kept it."""
        path = self._folder / tables.EVERYTHING
        known = tables.read_json(path) if path.is_file() else {}
        return np.asarray(known[site], dtype=np.float32) if site in known else None

    def plane(self, site: str) -> Plane | None:
        """The features with cards in two dimensions; None where nobody laid them out."""
        return read_plane(self._folder, site, len(self.features(site)))

    def hits(self, site: str) -> tuple[Hit, ...]:
        """All features that have cards, in their order; PlayerError: no such site."""
        self._check(site)
        return tuple(each.hit for each in self._entries[site])

    @property
    def norms(self) -> dict[str, float]:
        """Median residual norm of each site; strengths are fractions of it."""
        return {site: float(about["norm"]) for site, about in self._meta["sites"].items()}

    @property
    def places(self) -> dict[str, Site]:
        """The sites as the engine has them; earlier atlases do not say where a transcoder reads."""
        return {
            site: Site(
                site, each["layer"], float(each["norm"]), each["width"], each["point"],
                each.get("reads", each["point"]),
            )
            for site, each in self._meta["sites"].items()
        }  # fmt: skip

    @property
    def usual(self) -> Usual:
        return usual_from(self._meta["usual"])

    @property
    def meta(self) -> Mapping[str, Any]:  # seed, sums of model and SAEs, counts
        return self._meta

    def card(self, site: str, index: int) -> Card:
        """Raises PlayerError for a site or feature that does not exist, or that has no card."""
        self._row(site, index)
        return self._card(site, index)

    def label(self, site: str, index: int) -> Line:
        row = self._row(site, index)
        return self._entries[site][row].hit.label

    def has(self, site: str, index: int) -> bool:
        """Whether this feature has a card."""
        return index in self._rows.get(site, ())

    def features(self, site: str) -> tuple[int, ...]:
        """Those that have cards, in order; PlayerError: no such site."""
        self._check(site)
        return tuple(self._rows[site])

    def peers(self, site: str) -> tuple[Peer, ...]:
        """Every feature with a card, as a control is drawn; PlayerError: no such site."""
        self._check(site)
        return self._peers(site)

    def maxima(self, site: str) -> Mapping[int, float]:
        """Maximum activation over all texts read, of each feature that has a card; PlayerError."""
        return self.background(site).maxima

    def background(self, site: str) -> Background:
        """How often each feature with a card fires, and how high; PlayerError: no such site."""
        self._check(site)
        return self._background(site)

    def search(self, query: str, site: str | None = None, limit: int = 20) -> list[Hit]:
        """Features whose label, concepts, explanations on Neuronpedia or top tokens hold the query,
        label matches first; a number finds its feature; an empty query gives those that tell a
        concept best. Raises PlayerError for an unknown site.
        """
        if site is not None and site not in self._entries:
            raise PlayerError("errors.no_site", site=site, known=self.sites)
        wanted = query.strip().lower()
        pool = [e for name in self._entries if site in (None, name) for e in self._entries[name]]
        ranked = [
            (rank, -e.score, n) for n, e in enumerate(pool) if (rank := rank_of(wanted, e)) >= 0
        ]
        return [pool[n].hit for _, _, n in nsmallest(max(0, limit), ranked)]

    def concept(self, name: str) -> ConceptEntry:
        """Raises AuthorError for a concept that was not measured on this model."""
        if name not in self._concepts:
            raise AuthorError(
                f"this model's atlas has no concept {name!r}; it has {', '.join(self._concepts)}"
            )
        return self._concepts[name]

    def concepts(self) -> tuple[str, ...]:
        return tuple(self._concepts)

    @property
    def rivals(self) -> Rivals:
        """How probes, means and neurons do beside the features; empty where nobody has measured
        it. Raises AuthorError for a damaged file."""
        return self._rivals()

    def _check(self, site: str) -> None:
        if site not in self._entries:
            raise PlayerError("errors.no_site", site=site, known=self.sites)

    def _row(self, site: str, index: int) -> int:
        """Where a feature stands in the files."""
        self._check(site)
        row, last = self._rows[site].get(index), self._meta["sites"][site]["width"] - 1
        if not 0 <= index <= last:
            raise PlayerError("errors.no_feature", feature=index, site=site, last=last)
        if row is None:
            count, total = len(self._rows[site]), last + 1
            raise PlayerError("errors.no_card", feature=index, site=site, count=count, total=total)
        return row

    def _told_peers(self, site: str) -> tuple[Peer, ...]:
        own = self._entries[site]
        return tuple(Peer(each.hit.index, each.hit.frac_nonzero, each.topics) for each in own)

    def _read_background(self, site: str) -> Background:
        if site not in self._files:
            return NONE
        try:
            with self._lock:
                return Background.read(self._files[site].read(COLUMNS, use_threads=False))
        except (OSError, pa.ArrowException, LookupError, ValueError) as error:
            raise AuthorError(f"{tables.cards_name(site)}: damaged: {error}") from error

    def _read_card(self, site: str, index: int) -> Card:
        group, row = divmod(self._rows[site][index], tables.CARDS_A_GROUP)
        try:
            with self._lock:
                rows = self._files[site].read_row_group(group, use_threads=False)
            card = card_of(site, rows.slice(row, 1).to_pylist()[0], self._pieces)
        except (OSError, pa.ArrowException, LookupError, ValueError) as error:
            name = tables.cards_name(site)
            raise AuthorError(f"{name}: damaged at feature {index}: {error}") from error
        return replace(
            card,
            neuronpedia=self.neuronpedia(site, card.index),
            apart=self._entries[site][self._row(site, index)].hit.apart,
            measured=self._meta["sites"][site].get("measured", False),
            graded=tuple(self.graded(name) for name, _ in card.concepts),
        )

    def graded(self, concept: str) -> tuple[int, int]:
        """How many texts of *grade* about a concept, and how many others, its AUROC rests on."""
        about, others = self._meta["graded"].get(concept, (0, 0))
        return about, others

    def neuronpedia(self, site: str, feature: int) -> Neuronpedia | None:
        """Where it is shown there, and what was imported of that; None for an SAE that is not."""
        if site in self._imported:
            return self._imported[site].of(feature)
        source = self._sources[site]
        return Neuronpedia(source, feature) if source else None


def rank_of(wanted: str, entry: Entry) -> int:
    """Place of a hit, low first; -1: no hit. wanted: lower case."""
    if wanted == entry.label or wanted == str(entry.hit.index):
        return EXACT_LABEL
    if wanted in entry.label:
        words = "".join(c if c.isalnum() else " " for c in entry.label).split()
        return WHOLE_WORD if wanted in words else IN_LABEL
    if wanted in entry.concepts:
        return IN_CONCEPT
    if wanted in entry.told:
        return IN_NEURONPEDIA
    return IN_TOKENS if wanted in entry.tokens else -1


def usual_from(data: Mapping[str, Any]) -> Usual:
    """As `dataclasses.asdict` wrote it."""
    return Usual(**{**data, "profile": tuple(data["profile"])})


# -- from rows to records --------------------------------------------------------------------------
def open_parquet(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except FileNotFoundError as error:
        raise AuthorError(
            f"{path}: missing; build it with `python -m playground.atlas build`"
        ) from error
    except (OSError, pa.ArrowException) as error:
        raise AuthorError(f"{path}: damaged: {error}") from error


def read_index(path: Path, sites: Sequence[str]) -> dict[str, list[Entry]]:
    """Features of each site, in order. Raises AuthorError naming the file."""
    entries: dict[str, list[Entry]] = {site: [] for site in sites}
    try:
        rows = open_parquet(path).read().to_pylist()
        for row in rows:
            label, apart = (labels.label(row[name]) for name in ("label", "apart"))
            hit = Hit(
                row["site"], row["index"], label or UNLABELLED, tuple(row["top"]),
                row["frac_nonzero"], apart=apart,
            )  # fmt: skip
            topics = frozenset[str](row["concepts"])
            english, concepts, tokens = (
                each.lower()
                for each in (row["english"], " ".join(row["concepts"]), " ".join(row["top"]))
            )
            entry = Entry(hit, english, concepts, tokens, row["score"], topics)
            entries[hit.site].append(entry)
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise AuthorError(f"{path}: damaged: {error}") from error
    return entries


def told(entries: list[Entry], imported: Imported) -> list[Entry]:
    """The same, found by what Neuronpedia says of them too."""
    texts = imported.texts()
    return [
        replace(
            each,
            told="\n".join(texts[each.hit.index]).lower(),
            hit=replace(each.hit, told=tuple(texts[each.hit.index])),
        )
        if each.hit.index in texts
        else each
        for each in entries
    ]


def card_of(site: str, row: Mapping[str, Any], pieces: list[str]) -> Card:
    bars, high = tables.BARS, row["maxActApprox"]
    label = labels.label(row["label"])
    low_logit, width = row["logits_from"], (row["logits_to"] - row["logits_from"]) / bars
    return Card(
        site=site,
        index=row["index"],
        maxActApprox=high,
        frac_nonzero=row["frac_nonzero"],
        pos_str=tuple(row["pos_str"]),
        pos_values=tuple(row["pos_values"]),
        neg_str=tuple(row["neg_str"]),
        neg_values=tuple(row["neg_values"]),
        freq_hist_data_bar_heights=tuple(map(float, row["freq_heights"])),
        freq_hist_data_bar_values=tuple(high * (i + 0.5) / bars for i in range(bars)),
        logits_hist_data_bar_heights=tuple(map(float, row["logits_heights"])),
        logits_hist_data_bar_values=tuple(low_logit + width * (i + 0.5) for i in range(bars)),
        topkCosSimIndices=tuple(row["near"]),
        topkCosSimValues=tuple(row["near_cosines"]),
        activations=examples_of(row, pieces),
        explanations=(Explanation(label, row["made"]),) if label else (),
        concepts=tuple(zip(row["concepts"], row["aurocs"], strict=True)),
        support=Support(row["fits"], row["of"], row["share"]) if row["of"] else None,
    )


def examples_of(row: Mapping[str, Any], pieces: list[str]) -> tuple[Activation, ...]:
    examples, start = list[Activation](), 0
    for n, length in enumerate(row["example_lengths"]):
        stop = start + length
        values = tuple(row["example_values"][start:stop])
        peak = row["example_peaks"][n]
        examples.append(
            Activation(
                tokens=tuple(pieces[number] for number in row["example_tokens"][start:stop]),
                values=values,
                maxValue=values[peak],
                maxValueTokenIndex=peak,
                binMin=row["example_from"][n],
                binMax=row["example_to"][n],
                binContains=row["example_shares"][n],
                dataSource=labels.SOURCES[tables.SOURCES[row["example_sources"][n]]],
            )
        )
        start = stop
    return tuple(examples)


def entry_of(data: Mapping[str, Any]) -> ConceptEntry:
    """A ConceptEntry as `dataclasses.asdict` wrote it."""
    return _ENTRY.validate_python(data)
