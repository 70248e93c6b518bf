"""Builds an atlas in stages; a stage whose files are complete is skipped, so a build that was
stopped goes on.

What is made on the way lies in a folder beside the atlas (OUT.work) and may be thrown away
afterwards.
"""

import hashlib
import multiprocessing
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from tqdm import tqdm
from transformers import AutoTokenizer

from playground.atlas import calibrate, ranking, tables
from playground.atlas.cards import ConceptEntry, Recipe
from playground.atlas.features import Corpus, Logits, Told, portraits
from playground.atlas.folders import Folders, load_parts, sums_of
from playground.atlas.harvest import Reader, gather, harvest, peaks
from playground.atlas.ranking import SiteScores
from playground.atlas.store import entry_of
from playground.concepts import Concept, Usual, load_concepts, usual_of
from playground.engine.local import LocalEngine
from playground.engine.records import Sampling, Trace
from playground.engine.text import Text
from playground.errors import AuthorError

DOCUMENT_SEED = 3  # the pocket model was trained and held out with 1 and 2
POOL = 5  # documents written for each one kept, so that rare concepts can be topped up
SAMPLE_SEED = 500_000
TEXTS_A_CONCEPT = 24  # held-out texts shipped for levels, of each sort


class LabelledDocument(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def concepts(self) -> frozenset[str]: ...


Documents = Callable[[int, int], Iterable[LabelledDocument]]  # (seed, count) -> documents


@dataclass(frozen=True)
class Settings:
    """Everything that decides an atlas besides the model and its SAEs."""

    seed: int = 0
    documents: int = 2400  # at least; topped up to `each_concept` documents of every concept
    each_concept: int = 60
    samples: int = 500
    concepts: tuple[str, ...] = ()  # empty: all there are
    plan: calibrate.Plan = field(default_factory=calibrate.Plan)


def quick(settings: Settings) -> Settings:
    """The same build with few texts and replies: every file is there, its figures are rough."""
    plan = calibrate.Plan(
        tokens=32, screen_tokens=24, screen_replies=1, screen_strengths=(0.8,), keep=1,
        variant_replies=1, refine=1, refine_replies=2, refine_factors=(0.7,), confirm=1,
        confirm_replies=3, curve_replies=3,
    )  # fmt: skip
    return replace(settings, documents=400, each_concept=8, samples=40, plan=plan)


@dataclass(frozen=True)
class Read:
    """What stage 2 leaves: all texts as tokens, the documents first, and the chunks of what
    fired in them.
    """

    corpus: Corpus
    named: list[frozenset[str]]  # concepts of each document
    texts: list[str]  # of each document
    chunks: list[Path]


class Builder:
    """One build. Raises AuthorError when the folders or an unfinished build do not fit."""

    def __init__(self, folders: Folders, documents: Documents, settings: Settings) -> None:
        self.folders, self.documents, self.settings = folders, documents, settings
        known = load_concepts()
        for name in settings.concepts:
            if name not in known:
                raise AuthorError(f"no concept {name!r}; there are {', '.join(known)}")
        self.concepts: dict[str, Concept] = {
            name: known[name] for name in known if name in (settings.concepts or known)
        }
        self.sums = sums_of(folders)
        self._claim()
        self.model, self.text, self.saes = load_parts(folders)
        self.reader = Reader(self.model, self.saes)
        self.norms = self._norms()
        tokenizer = AutoTokenizer.from_pretrained(folders.model, local_files_only=True)
        self.engine = LocalEngine(self.model, tokenizer, self.saes, self.norms)

    def run(self, workers: int = 1) -> None:
        """workers: processes that search recipes; the files are the same for any number."""
        try:
            usual = self.usual()
            read = self.read()
            labels = ranking.label_table(read.named, self.concepts)
            scores = self.described(read, labels)
            entries = self.calibrated(scores, usual, workers)
            self.finish(usual, read, entries)
        finally:
            self.engine.close()

    def _claim(self) -> None:
        """An unfinished build goes on only with what it began with."""
        told = {name: (each.at_least, each.pattern.pattern) for name, each in self.concepts.items()}
        concepts = hashlib.sha256(repr(told).encode()).hexdigest()
        settings = asdict(self.settings) | {"concepts": concepts}
        inputs = {"sums": self.sums, "settings": settings}
        path = self._work("inputs.json")
        if path.exists() and tables.read_json(path) != as_json(inputs):
            raise AuthorError(
                f"{self.folders.work}: a build of another model, seed or plan lies here; "
                "remove the folder or choose another --out"
            )
        tables.write_json(path, inputs)

    # -- stage 1: norms, and what is usual ---------------------------------------------------------
    def _norms(self) -> dict[str, float]:
        path = self._work("norms.json")
        if not path.exists():
            written = self.documents(DOCUMENT_SEED + self.settings.seed, 256)
            ids = [self.text.with_start(document.text) for document in written]
            tables.write_json(path, self.reader.norms(ids))
        norms = tables.read_json(path)
        return {site: norms[site] for site in self.saes}

    def usual(self) -> Usual:
        """Own samples from neutral beginnings at the default sampling; also texts to harvest."""
        path = self._work("samples.json")
        if not path.exists():
            seed, count = SAMPLE_SEED + 1_000 * self.settings.seed, self.settings.samples
            requests = calibrate.requests_of((), count, seed, Sampling().max_tokens)
            traces = list[Trace]()
            for start in tqdm(range(0, count, 100), desc="own samples", unit="100"):
                traces += self.engine.generate(requests[start : start + 100]).traces()
            samples = [
                {"prompt": trace.request.prompt, "ids": [token.id for token in trace.tokens]}
                for trace in traces
            ]
            tables.write_json(path, {"usual": asdict(usual_of(traces)), "samples": samples})
        return Usual(**tables.read_json(path)["usual"])

    # -- stage 2: what fires in documents and own samples ------------------------------------------
    def read(self) -> Read:
        settings = self.settings
        pool = self.documents(DOCUMENT_SEED + settings.seed, POOL * settings.documents)
        kept = topped_up(pool, settings.documents, settings.each_concept, self.concepts)
        ids = [self.text.with_start(document.text) for document in kept]
        samples = tables.read_json(self._work("samples.json"))["samples"]
        ids += [self.text.with_start(each["prompt"]) + each["ids"] for each in samples]
        chunks = harvest(self.reader, ids, self.folders.work / "firing")
        tokens = [self.text.texts(each[1:]) for each in ids]
        corpus = Corpus.of(tokens, [0] * len(kept) + [1] * len(samples))
        named = [document.concepts for document in kept]
        return Read(corpus, named, [document.text for document in kept], chunks)

    # -- stage 3: cards, and which feature goes with which concept ---------------------------------
    def described(self, read: Read, labels: np.ndarray) -> dict[str, SiteScores]:
        scores: dict[str, SiteScores] = {}
        for site in self.saes:
            path = self._work(f"scores-{site}.npz")
            if not path.exists():
                tables.write_arrays(path, vars(self._describe(site, read, labels)))
            with np.load(path) as arrays:
                scores[site] = SiteScores(**arrays)
        return scores

    def _describe(self, site: str, read: Read, labels: np.ndarray) -> SiteScores:
        """Writes the cards and index rows of a site; returns its scores."""
        sae = self.saes[site]
        firing = gather(read.chunks, site, sae.width)
        logits = Logits(self.model, sae)
        words = [word_tokens(self.text, concept) for concept in self.concepts.values()]
        lengths = sae.row_norms.cpu().numpy() / self.norms[site]
        fit = ranking.logit_fit(logits, words)
        scores = ranking.site_scores(peaks(firing, labels.shape[1]), labels, lengths, fit)
        vocabulary = range(self.model.config.get_text_config().vocab_size)
        spelled = [self.text.piece(n) for n in vocabulary]
        titles = {name: spoken(concept) for name, concept in self.concepts.items()}
        told = Told(site, sae, logits, spelled, scores.reported, titles, self.settings.seed)
        made = portraits(firing, read.corpus, told)
        cards = self._work(tables.cards_name(site))
        tables.write_rows(cards, tables.CARD_SCHEMA, made.cards, tables.CARDS_A_GROUP)
        tables.write_json(self._work(f"index-{site}.json"), made.index)
        return scores

    def _work(self, name: str) -> Path:
        return self.folders.work / name

    # -- stage 4: detectors and recipes ------------------------------------------------------------
    def calibrated(
        self, scores: Mapping[str, SiteScores], usual: Usual, workers: int
    ) -> list[ConceptEntry]:
        missing = [name for name in self.concepts if not self._entry(name).exists()]
        done = len(self.concepts) - len(missing)
        bar = tqdm(total=len(self.concepts), initial=done, desc="recipes", unit="concept")
        if workers > 1 and len(missing) > 1:
            started = (self.folders, self.documents, self.settings, scores, usual)
            context = multiprocessing.get_context("spawn")  # torch does not survive a fork
            with ProcessPoolExecutor(workers, context, _start, (workers, *started)) as pool:
                for _ in pool.map(_calibrate, missing):
                    bar.update()
        else:
            plain = calibrate.baseline(self.engine, self.settings.plan)
            for name in missing:
                self.calibrate(name, scores, usual, plain)
                bar.update()
        return [entry_of(tables.read_json(self._entry(name))) for name in self.concepts]

    def calibrate(
        self,
        name: str,
        scores: Mapping[str, SiteScores],
        usual: Usual,
        plain: Sequence[Trace],
    ) -> None:
        """Searches one concept's recipe and writes its entry."""
        plan, concept = self.settings.plan, self.concepts[name]
        place = list(self.concepts).index(name)
        recipes: tuple[Recipe, ...] = ()
        search = calibrate.Search(self.engine, concept, usual, plan)
        best = search.best(ranking.candidates(scores, place))
        if best is not None:
            recipes = (calibrate.recipe(self.engine, concept, usual, best, plain, plan),)
        entry = ConceptEntry(name, ranking.detectors(scores, place), recipes)
        tables.write_json(self._entry(name), asdict(entry))

    def _entry(self, name: str) -> Path:
        return self.folders.work / "concepts" / f"{name}.json"

    # -- stage 5: the files ------------------------------------------------------------------------
    def finish(self, usual: Usual, read: Read, entries: Sequence[ConceptEntry]) -> None:
        """meta.json comes last: an atlas with it is complete."""
        out = self.folders.out
        index = [
            row for site in self.saes for row in tables.read_json(self._work(f"index-{site}.json"))
        ]
        tables.write_rows(out / tables.INDEX, tables.INDEX_SCHEMA, index)
        tables.write_json(out / tables.PIECES, read.corpus.pieces)
        tables.write_json(out / tables.CONCEPTS, [asdict(entry) for entry in entries])
        if not self.folders.texts.exists():  # it lies outside the atlas and may be another's
            tables.write_rows(self.folders.texts, tables.TEXTS_SCHEMA, self.texts(read))
        for site in self.saes:
            tables.copy(self._work(tables.cards_name(site)), out / tables.cards_name(site))
        tables.write_json(
            out / tables.META,
            {
                "format": tables.FORMAT,
                "seed": self.settings.seed,
                "usual": asdict(usual),
                "sums": self.sums,
                "documents": len(read.texts),
                "samples": self.settings.samples,
                "sites": {
                    site: {
                        "layer": sae.metadata.layer,
                        "width": sae.width,
                        "norm": self.norms[site],
                    }
                    for site, sae in self.saes.items()
                },
            },
        )

    def texts(self, read: Read) -> list[dict[str, object]]:
        """Labelled texts for levels, of the half that chose no detector; the shorter ones, because
        a player reads them.
        """
        labels = ranking.label_table(read.named, self.concepts)
        reporting = np.flatnonzero(~ranking.halves(labels))
        rng = np.random.default_rng(self.settings.seed)
        rows = list[dict[str, object]]()
        for name, own in zip(self.concepts, labels, strict=True):
            for about in (True, False):
                pool = reporting[own[reporting] == about]
                drawn = rng.permutation(pool)[: 2 * TEXTS_A_CONCEPT]
                shortest = sorted(drawn, key=lambda n: (len(read.texts[n].split()), n))
                for n in sorted(shortest[:TEXTS_A_CONCEPT]):
                    rows.append({"concept": name, "about": about, "text": read.texts[n]})
        return rows


# -- recipes in several processes ------------------------------------------------------------------
_calibrate_here: Callable[[str], None]  # set once in each worker process


def _start(
    workers: int,
    folders: Folders,
    documents: Documents,
    settings: Settings,
    scores: Mapping[str, SiteScores],
    usual: Usual,
) -> None:
    global _calibrate_here
    torch.set_num_threads(max(1, torch.get_num_threads() // workers))
    builder = Builder(folders, documents, settings)
    plain = calibrate.baseline(builder.engine, settings.plan)
    _calibrate_here = partial(builder.calibrate, scores=scores, usual=usual, plain=plain)


def _calibrate(name: str) -> None:
    _calibrate_here(name)


# -- small parts ---------------------------------------------------------------------------------
def as_json(data: object) -> object:
    """As it would come back from a JSON file: tuples are lists there."""
    if isinstance(data, Mapping):
        return {key: as_json(value) for key, value in data.items()}
    return [as_json(each) for each in data] if isinstance(data, (list, tuple)) else data


def topped_up(
    pool: Iterable[LabelledDocument], count: int, each: int, concepts: Iterable[str]
) -> list[LabelledDocument]:
    """The first `count` of a pool, and those later ones that carry a concept seen fewer than
    `each` times.
    """
    kept, seen = list[LabelledDocument](), dict.fromkeys(concepts, 0)
    for document in pool:
        own = document.concepts & seen.keys()
        if len(kept) < count or any(seen[name] < each for name in own):
            kept.append(document)
            for name in own:
                seen[name] += 1
        if len(kept) >= count and min(seen.values(), default=each) >= each:
            break
    return kept


def word_tokens(text: Text, concept: Concept) -> list[int]:
    """First tokens of the concept's words as they stand inside a text; none for a concept told
    by a pattern.
    """
    return sorted({text.ids(" " + word)[0] for word in concept.words})


def spoken(concept: Concept) -> str:
    """A title inside a sentence; names of languages keep their capital."""
    return concept.title if concept.kind == "language" else concept.title.lower()
