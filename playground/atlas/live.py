"""The card of a feature that the atlas has none of, measured when somebody asks for it: wide SAEs
have more features than are measured beforehand.

It is made by what makes the atlas' cards, of fewer texts: those that are kept for the levels. It
shows those of *show*, is named by those of *select*, and its figures are of *grade*.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import islice, zip_longest

import numpy as np
import torch
from transformers import PreTrainedModel

from playground.atlas import atlas, features, ranking, tables
from playground.atlas.cards import Card
from playground.atlas.features import NEAREST, Kept, Nearest, Portrayed, Spelled
from playground.atlas.harvest import CONTEXT, Excerpt, Peaks, Reader
from playground.atlas.hiding import GradedRuns
from playground.atlas.pushes import Logits
from playground.atlas.sources import Labelled
from playground.atlas.tally import Tally
from playground.concepts.concepts import Concept
from playground.concepts.examples import part_of
from playground.concepts.overlap import Runs
from playground.engine.protocol import Engine
from playground.engine.text import Text
from playground.models.sae import Sae

ROWS = 8192  # decoder rows that are compared at once
AT_ONCE = 40  # texts that are read between two steps of the engine
PEAKS = [each.name for each in fields(Peaks)]
SOURCE = tables.SOURCES.index(tables.LABELLED)


@dataclass(frozen=True)
class Known:
    """labelled: each text once, of all parts; concepts: those that it is judged on, in order."""

    labelled: Labelled
    concepts: Sequence[Concept]

    @staticmethod
    def of(
        texts: Mapping[str, Sequence[tuple[str, bool]]],
        concepts: Mapping[str, Concept],
        most: int,
    ) -> "Known":
        """texts: by concept, and whether they are about it; concepts, parts, and texts about it and
        others take turns until there are `most`."""
        groups = dict[tuple[str, str, bool], list[str]]()
        for name, own in texts.items():
            for text, is_about in own:
                groups.setdefault((name, part_of(text), is_about), []).append(text)
        turns = (text for turn in zip_longest(*groups.values()) for text in turn if text)
        places = {text: n for n, text in enumerate(islice(dict.fromkeys(turns), most))}
        about = np.zeros((len(texts), len(places)), dtype=bool)
        used = np.zeros_like(about)
        for row, own in enumerate(texts.values()):
            for text, is_about in own:
                if text in places:
                    about[row, places[text]], used[row, places[text]] = is_about, True
        labelled = Labelled(list(places), about, used, used)
        return Known(labelled, [concepts[name] for name in texts])


def measure(engine: Engine, known: Known, site: str, feature: int) -> Card:
    """In steps between which the engine does what else is wanted of it."""
    labelled, graded = known.labelled, Runs(known.labelled.graded())
    shown = labelled.of("show")
    tally = engine.lend(lambda model, saes, text: Tally(1, 0, saes[site].weights.W_dec.device))
    found = list[Peaks]()
    for at in range(0, len(labelled.texts), AT_ONCE):

        def step(
            model: PreTrainedModel, saes: Mapping[str, Sae], text: Text, at: int = at
        ) -> Peaks:
            room = CONTEXT - len(text.lead)
            ids = [text.ids(each)[:room] for each in labelled.texts[at : at + AT_ONCE]]
            reader = Reader(model, {site: saes[site]}, text.lead)
            pieces = [Excerpt(each) for n, each in enumerate(ids, at) if shown[n]]
            hiding = GradedRuns(text, graded)
            reader.take(pieces, {site: tally}, {site: [feature]}, SOURCE, hiding)
            return reader.peaks(ids, {site: [feature]})[site]

        found.append(engine.lend(step))
    peaks = Peaks(*(np.concatenate([vars(each)[name] for each in found]) for name in PEAKS))
    scores = ranking.site_scores(peaks, labelled, np.ones(1))
    card = engine.lend(
        lambda model, saes, text: drawn(
            Portrayed(
                site=site,
                sae=saes[site],
                pushes=Logits(model, saes[site]),
                features=[feature],
                spelled=Spelled(text, model.config.get_text_config().vocab_size),
                scores=scores.of([0]),
                concepts=known.concepts,
                graded=graded,
            ),
            tally,
        )
    )
    counts = {each.name: labelled.counts(row) for row, each in enumerate(known.concepts)}
    return replace(card, graded=tuple(counts[name] for name, _ in card.concepts))


def drawn(told: Portrayed, tally: Tally) -> Card:
    near = nearest(told.sae, told.features[0])
    row, _ = next(features.portraits(Kept(tally), told, near))
    return atlas.card_of(told.site, row, told.spelled.shown)


def nearest(sae: Sae, feature: int) -> Nearest:
    """Among all features of the SAE; the feature itself left out."""
    own = sae.unit_rows([feature])[0]
    parts = (range(at, min(at + ROWS, sae.width)) for at in range(0, sae.width, ROWS))
    cosines = torch.cat([sae.unit_rows(part) @ own for part in parts])
    cosines[feature] = -2
    top = cosines.topk(min(NEAREST, sae.width - 1))
    return Nearest(top.indices[None].cpu(), top.values[None].cpu())
