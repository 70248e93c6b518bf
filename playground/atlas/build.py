"""Builds an atlas in stages; a stage whose files are complete is skipped, so a build that was
stopped goes on.

What is made on the way lies in a folder beside the atlas (OUT.work) and may be thrown away
afterwards.
"""

import hashlib
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from playground.atlas import calibrate, labels, plane, ranking, stretches, tables
from playground.atlas.atlas import entry_of, usual_from
from playground.atlas.calibrator import Calibrator
from playground.atlas.cards import ConceptEntry
from playground.atlas.features import Kept, Portrayed, Spelled, nearest, portraits
from playground.atlas.folders import Folders, Opening, sums_of
from playground.atlas.harvest import Harvest, Reader, Stretch, pieces
from playground.atlas.hiding import GradedRuns
from playground.atlas.pushes import Pushes, measured, pushes_of, word_tokens
from playground.atlas.ranking import SiteScores
from playground.atlas.scoring import Scoring
from playground.atlas.sources import Corpus, shipped
from playground.concepts.concepts import Concept, load_concepts
from playground.concepts.damage import Usual, usual_of
from playground.concepts.examples import SHARES
from playground.concepts.overlap import Runs
from playground.engine.loading import open_engine
from playground.engine.records import Sampling, Trace
from playground.errors import AuthorError
from playground.models import machine

NORM_TEXTS = 256
SAMPLE_SEED = 500_000
SAMPLES_AT_ONCE = 100
LABELLED_TOKENS = 1024  # of a labelled text; a longer one is cut
FEATURES = 16_384  # of one site that get cards
SITES = 3  # that have so many; of more sites each has fewer


@dataclass(frozen=True)
class BuildSettings:
    """Everything that decides an atlas besides the model, its SAEs and the texts.

    tokens: read of the corpus at most, and of chats likewise; samples: of the model's own texts,
    which are read too; chats: a file of the model's replies to messages.
    """

    seed: int = 0
    tokens: int = 2_000_000
    samples: int = 500
    features: int = FEATURES
    concepts: tuple[str, ...] = ()  # empty: all there are
    chats: str = ""
    recipes: str = ""  # folder of an atlas whose settings are taken instead of searching
    search: bool = True  # for recipes; else the atlas has features and no more
    searched: tuple[str, ...] = ()  # the concepts that recipes are searched for; empty: all
    plan: calibrate.Plan = field(default_factory=calibrate.Plan)


def cards_a_site(sites: int) -> int:
    """How many features of each site get cards, so that the atlas stays as large with many."""
    return FEATURES * SITES // max(SITES, sites)


def quick(settings: BuildSettings) -> BuildSettings:
    """The same build with few texts and replies: every file is there, its figures are rough."""
    plan = calibrate.Plan(
        tokens=48, screen_tokens=32, screen_replies=2, screen_strengths=(0.5, 0.8), keep=4,
        keep_replies=3, vary=2, variant_replies=4, refine=1, refine_replies=5,
        refine_factors=(0.7,), confirm=1, confirm_replies=8, least=0.2, curve_replies=4,
        controls=2, control_replies=2, place_replies=6, rung_replies=5,
    )  # fmt: skip
    return replace(settings, tokens=min(settings.tokens, 50_000), samples=40, plan=plan)


class Builder:
    """One build. Raises AuthorError when the folders or an unfinished build do not fit."""

    def __init__(
        self, opening: Opening, folders: Folders, corpus: Corpus, settings: BuildSettings
    ) -> None:
        self.opening, self.folders = opening, folders
        self.corpus, self.settings = corpus, settings
        known = load_concepts()
        for name in settings.concepts:
            if name not in known:
                raise AuthorError(f"no concept {name!r}; there are {', '.join(known)}")
        wanted = settings.concepts or corpus.concepts(known)
        self.concepts: dict[str, Concept] = {name: known[name] for name in known if name in wanted}
        self.labelled = corpus.labelled(self.concepts)
        parts = opening()
        self.model, self.saes, self.text = parts.model, parts.saes, parts.text()
        self.sums, self.first = sums_of(parts), parts.first
        self._claim()
        self.reader = Reader(self.model, self.saes, self.text.lead)
        self.norms = self._norms()
        self.engine = open_engine(parts, self.norms)

    def run(self, workers: int = 1) -> None:
        """workers: processes that search recipes; the files are the same for any number."""
        try:
            usual = self.usual()
            scores = self.scored()
            self.described(scores)
            entries = self.calibrated(scores, usual, workers)
            self.finish(usual, entries)
        finally:
            self.engine.close()

    def _claim(self) -> None:
        """An unfinished build goes on only with what it began with."""
        told = {name: (each.at_least, each.pattern.pattern) for name, each in self.concepts.items()}
        concepts = hashlib.sha256(repr(told).encode()).hexdigest()
        texts = hashlib.sha256(repr(self.labelled.texts).encode()).hexdigest()
        settings = asdict(self.settings) | {"concepts": concepts, "texts": texts}
        inputs = {"sums": self.sums, "first": self.first, "settings": settings}
        inputs |= {"corpus": self.corpus.name}
        path = self._work("inputs.json")
        if not path.exists():
            tables.write_json(path, inputs)
        elif tables.read_json(path) != as_json(inputs):
            raise AuthorError(
                f"{self.folders.work}: a build of another model, seed or plan lies here; "
                "remove the folder or name another with --out"
            )

    # -- stage 1: norms, and what is usual ---------------------------------------------------------
    def _norms(self) -> dict[str, float]:
        path = self._work("norms.json")
        if not path.exists():
            first = islice(self.corpus.texts(self.concepts)(0), NORM_TEXTS)
            lead = len(self.text.lead)
            ids = [each.ids for text in first for each in pieces(self.text.ids(text), lead)[:1]]
            tables.write_json(path, self.reader.norms(ids))
        norms = tables.read_json(path)
        return {site: norms[site] for site in self.saes}

    def usual(self) -> Usual:
        """Own samples from neutral beginnings at the default sampling; also texts to harvest."""
        path = self._work("samples.json")
        if not path.exists():
            seed, count = SAMPLE_SEED + 1_000 * self.settings.seed, self.settings.samples
            tokens = Sampling().max_tokens
            requests = calibrate.requests_of((), count, seed, tokens, calibrate.ANY_PROMPTS)
            traces = list[Trace]()
            for start in tqdm(range(0, count, SAMPLES_AT_ONCE), desc="own samples"):
                some = requests[start : start + SAMPLES_AT_ONCE]
                traces += self.engine.generate(some).traces()
            samples = [
                {"prompt": trace.request.prompt, "ids": [token.id for token in trace.tokens]}
                for trace in traces
            ]
            tables.write_json(path, {"usual": asdict(usual_of(traces)), "samples": samples})
        return usual_from(tables.read_json(path)["usual"])

    # -- stage 2: which feature goes with which concept --------------------------------------------
    def scored(self) -> dict[str, SiteScores]:
        room = LABELLED_TOKENS - len(self.text.lead)
        judged = self.labelled.among("select", "grade")
        ids = [self.text.ids(text)[:room] for text in judged.texts]
        missing = [site for site in self.saes if not self._work(f"scores-{site}.npz").exists()]
        scoring = Scoring(self.reader, judged, self.norms)
        for sites in scoring.together(missing):
            for site, (found, fires) in scoring.of(sites, ids).items():
                chosen = ranking.chosen_features(found, fires, self.settings.features)
                tables.write_json(self._work(f"features-{site}.json"), chosen)
                whole = vars(self._with_logits(site, found, chosen))
                tables.write_arrays(self._work(f"scores-{site}.npz"), whole)
        scores: dict[str, SiteScores] = {}
        for site in self.saes:
            with np.load(self._work(f"scores-{site}.npz")) as arrays:
                scores[site] = SiteScores(**arrays)
        return scores

    def _with_logits(self, site: str, scores: SiteScores, chosen: Sequence[int]) -> SiteScores:
        words = [word_tokens(self.text, concept) for concept in self.concepts.values()]
        fit = ranking.logit_fit(self._pushes(site), words, chosen, self.saes[site].width)
        return replace(scores, logits=fit)

    def _pushes(self, site: str) -> Pushes:
        sae = self.saes[site]
        file = self._work(f"pushes-{site}.npy")
        return pushes_of(self.model, sae, self.reader.path, self.norms[site], self.text, file)

    # -- stage 3: cards, from a stream of texts ----------------------------------------------------
    def described(self, scores: Mapping[str, SiteScores]) -> None:
        """Writes the cards and index rows of each site."""
        if all(self._work(f"index-{site}.json").exists() for site in self.saes):
            return
        chosen = {site: tables.read_json(self._work(f"features-{site}.json")) for site in self.saes}
        graded = Runs(self.labelled.graded())
        hiding = GradedRuns(self.text, graded)
        reading = Harvest(self.reader, chosen, self.settings.seed, self.folders.work, hiding)
        reading.run(self._stretches())
        vocabulary = self.model.config.get_text_config().vocab_size
        spelled = Spelled(self.text, vocabulary)
        rows = dict[str, list[dict[str, object]]]()
        for site, sae in self.saes.items():
            told = Portrayed(
                site=site,
                sae=sae,
                pushes=self._pushes(site),
                features=chosen[site],
                spelled=spelled,
                scores=scores[site].of(chosen[site]),
                concepts=list(self.concepts.values()),
                graded=graded,
            )
            rows[site] = []
            made = portraits(Kept(reading.tallies[site]), told, nearest(sae, chosen[site]))
            bar = tqdm(made, f"cards, {site}", len(chosen[site]), unit="card")
            cards = noting(bar, rows[site])
            path = self._work(tables.cards_name(site))
            tables.write_rows(path, tables.CARD_SCHEMA, cards, tables.CARDS_A_GROUP)
        # All sites share the numbers of pieces, so that none is complete before all are.
        tables.write_json(self._work(tables.PIECES), spelled.shown)
        for site, index in rows.items():
            tables.write_json(self._work(f"index-{site}.json"), labels.set_apart(index))

    def _stretches(self) -> list[Stretch]:
        settings = self.settings
        corpus = stretches.corpus(
            self.corpus.texts(self.concepts), self.text, settings.tokens, self.corpus.source
        )
        own = stretches.samples(self._work("samples.json"), self.text, settings.samples)
        if not settings.chats:
            return [corpus, own]
        return [corpus, own, stretches.chats(Path(settings.chats), self.text, settings.tokens)]

    def _work(self, name: str) -> Path:
        return self.folders.work / name

    # -- stage 4: detectors and recipes ------------------------------------------------------------
    def calibrated(
        self, scores: Mapping[str, SiteScores], usual: Usual, workers: int
    ) -> list[ConceptEntry]:
        missing = [name for name in self.concepts if not self._entry(name).exists()]
        done = len(self.concepts) - len(missing)
        bar = tqdm(total=len(self.concepts), initial=done, desc="recipes", unit="concept")
        workers = machine.processes(workers, machine.room().memory)
        calibrator = self.calibrator(scores, usual)
        self._keep_everything(calibrator)
        if workers > 1 and len(missing) > 1 and self.settings.search:
            started = (self.opening, self.folders, self.corpus, self.settings, scores, usual)
            context = multiprocessing.get_context("spawn")  # torch does not survive a fork
            with ProcessPoolExecutor(workers, context, _start, (workers, *started)) as pool:
                for _ in pool.map(_calibrate, missing):
                    bar.update()
        else:
            for name in missing:
                self.calibrate(name, calibrator)
                bar.update()
        return [entry_of(tables.read_json(self._entry(name))) for name in self.concepts]

    def _keep_everything(self, calibrator: Calibrator) -> None:
        path = self._work(tables.EVERYTHING)
        if self.settings.search and self.settings.plan.directions and not path.exists():
            tables.write_json(path, {s: each.tolist() for s, each in calibrator.every.items()})

    def calibrator(self, scores: Mapping[str, SiteScores], usual: Usual) -> Calibrator:
        index = {site: tables.read_json(self._work(f"index-{site}.json")) for site in self.saes}
        return Calibrator(self.engine, self.saes, self.settings.plan, usual, scores, index)

    def calibrate(self, name: str, calibrator: Calibrator) -> None:
        """Searches what steers one concept and writes its entry."""
        settings = self.settings
        searched = settings.search and (not settings.searched or name in settings.searched)
        atlas = Path(settings.recipes) if settings.recipes else None
        place = list(self.concepts).index(name)
        entry = calibrator.entry(self.concepts[name], place, searched, atlas)
        tables.write_json(self._entry(name), asdict(entry))

    def _entry(self, name: str) -> Path:
        return self.folders.work / "concepts" / f"{name}.json"

    # -- stage 5: the files ------------------------------------------------------------------------
    def finish(self, usual: Usual, entries: Sequence[ConceptEntry]) -> None:
        """meta.json comes last: an atlas with it is complete."""
        out = self.folders.out
        index = [
            row for site in self.saes for row in tables.read_json(self._work(f"index-{site}.json"))
        ]
        tables.write_rows(out / tables.INDEX, tables.INDEX_SCHEMA, index)
        tables.copy(self._work(tables.PIECES), out / tables.PIECES)
        if self._work(tables.EVERYTHING).exists():
            tables.copy(self._work(tables.EVERYTHING), out / tables.EVERYTHING)
        carded = {
            site: [row["index"] for row in index if row["site"] == site] for site in self.saes
        }
        planes = {
            s: plane.of_sae(sae, carded[s], self.settings.seed) for s, sae in self.saes.items()
        }
        plane.write(out / tables.PLANE, planes)
        tables.write_json(out / tables.CONCEPTS, [asdict(entry) for entry in entries])
        texts = shipped(self.labelled, list(self.concepts), self.settings.seed)
        tables.write_rows(self.folders.texts, tables.TEXTS_SCHEMA, texts)
        for site in self.saes:
            tables.copy(self._work(tables.cards_name(site)), out / tables.cards_name(site))
        tables.write_json(
            out / tables.META,
            {
                "format": tables.FORMAT,
                "seed": self.settings.seed,
                "usual": asdict(usual),
                "sums": self.sums,
                "first": self.first,
                "documents": len(self.labelled.texts),
                "shares": dict(SHARES),
                "graded": {
                    name: self.labelled.counts(row) for row, name in enumerate(self.concepts)
                },
                "corpus": self.corpus.name,
                "samples": self.settings.samples,
                "sites": {
                    site: {
                        "layer": sae.metadata.layer,
                        "point": sae.metadata.writes.name,
                        "reads": self.engine.sites[site].reads,
                        "width": sae.width,
                        "norm": self.norms[site],
                        "measured": measured(self.model, sae),
                        "neuronpedia": sae.metadata.neuronpedia,
                    }
                    for site, sae in self.saes.items()
                },
            },
        )


# -- recipes in several processes ------------------------------------------------------------------
_calibrate_here: Callable[[str], None]  # set once in each worker process


def _start(
    workers: int,
    opening: Opening,
    folders: Folders,
    corpus: Corpus,
    settings: BuildSettings,
    scores: Mapping[str, SiteScores],
    usual: Usual,
) -> None:
    global _calibrate_here
    torch.set_num_threads(max(1, torch.get_num_threads() // workers))
    builder = Builder(opening, folders, corpus, settings)
    _calibrate_here = partial(builder.calibrate, calibrator=builder.calibrator(scores, usual))


def _calibrate(name: str) -> None:
    _calibrate_here(name)


# -- small parts ---------------------------------------------------------------------------------
def noting(
    portraits: Iterable[tuple[dict[str, object], dict[str, object]]],
    index: list[dict[str, object]],
) -> Iterator[dict[str, object]]:
    """Card rows, one by one; their index rows go to `index`."""
    for card, entry in portraits:
        index.append(entry)
        yield card


def as_json(data: object) -> object:
    """As it would come back from a JSON file: tuples are lists there."""
    if isinstance(data, Mapping):
        return {key: as_json(value) for key, value in data.items()}
    return [as_json(each) for each in data] if isinstance(data, (list, tuple)) else data
