"""The card of a feature that the atlas has none of, measured when somebody asks for it: wide SAEs
have more features than are measured beforehand.

It is made by what makes the atlas' cards, of fewer texts: those that the model's levels are judged
on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from transformers import PreTrainedModel

from playground.atlas import atlas, features, ranking, tables
from playground.atlas.cards import Card
from playground.atlas.features import NEAREST, Kept, Logits, Nearest, Spelled, Told
from playground.atlas.harvest import CONTEXT, Reader
from playground.atlas.tally import Tally
from playground.engine.protocol import Engine
from playground.engine.text import Text
from playground.models.sae import Sae

ROWS = 8192  # decoder rows that are compared at once
AT_ONCE = 40  # texts that are read between two steps of the engine
SOURCE = tables.SOURCES.index(tables.LABELLED)


@dataclass(frozen=True)
class Known:
    """texts: each once. about: of each concept, which of them are about it, [concepts, texts].
    titles: of the concepts, in that order."""

    texts: Sequence[str]
    about: np.ndarray
    titles: Mapping[str, str]

    @staticmethod
    def of(
        labelled: Mapping[str, Sequence[tuple[str, bool]]], titles: Mapping[str, str], most: int
    ) -> "Known":
        """labelled: by concept, texts and whether they are about it; concepts take turns until
        there are `most` texts."""
        places = dict[str, int]()
        for turn in range(max(map(len, labelled.values()), default=0)):
            for own in labelled.values():
                if turn < len(own) and len(places) < most:
                    places.setdefault(own[turn][0], len(places))
        about = np.zeros((len(labelled), len(places)), dtype=bool)
        for row, own in enumerate(labelled.values()):
            about[row, [places[text] for text, is_about in own if is_about and text in places]] = 1
        return Known(tuple(places), about, {name: titles[name] for name in labelled})


def measure(engine: Engine, known: Known, site: str, feature: int) -> Card:
    """In steps between which the engine does what else is wanted of it."""
    tally = engine.lend(lambda model, saes, text: Tally(1, 0, saes[site].weights.W_dec.device))
    highest = list[np.ndarray]()
    for at in range(0, len(known.texts), AT_ONCE):
        texts = known.texts[at : at + AT_ONCE]

        def step(
            model: PreTrainedModel,
            saes: Mapping[str, Sae],
            text: Text,
            texts: Sequence[str] = texts,
        ) -> np.ndarray:
            room = CONTEXT - len(text.lead)
            ids = [text.ids(each)[:room] for each in texts]
            reader = Reader(model, {site: saes[site]}, text.lead)
            reader.take(ids, {site: tally}, {site: [feature]}, SOURCE)
            return reader.peaks(ids, site, [feature]).highest

        highest.append(engine.lend(step))
    aurocs = ranking.auroc_table(np.concatenate(highest), known.about)
    return engine.lend(
        lambda model, saes, text: drawn(
            Told(
                site=site,
                sae=saes[site],
                logits=Logits(model, saes[site]),
                features=[feature],
                spelled=Spelled(text, model.config.get_text_config().vocab_size),
                aurocs=aurocs,
                titles=known.titles,
            ),
            tally,
        )
    )


def drawn(told: Told, tally: Tally) -> Card:
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
