"""Directions of concepts from what a chat model answers when it is asked about them outright: from
the mean state over the answers about many things to that over the answers about one (difference of
means: Marks and Tegmark, The Geometry of Truth, 2023).

Answers to the same questions are alike in all but their subject, and in the form in which the model
talks, which texts by somebody else are not. Knows no player.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from transformers import PreTrainedModel

from playground.atlas.harvest import Excerpt, Reader
from playground.engine.protocol import Engine
from playground.engine.records import Request, Sampling, Trace, Vector
from playground.engine.text import Text
from playground.models.sae import Sae

QUESTIONS = (
    "Tell me a short story about {}.", "Write a short poem about {}.", "Tell me why you love {}.",
    "Tell me something about {}.",
)  # fmt: skip
# What each concept is called in a question. An answer is held against those about all of them, so
# one that is added moves every direction that was measured.
CALLED: Mapping[str, str] = {
    "cats": "cats", "dogs": "dogs", "horses": "horses", "dragons": "dragons", "magic": "magic",
    "ocean": "the ocean", "space": "outer space", "music": "music", "chocolate": "chocolate",
    "garden": "a garden", "pirate": "pirates", "ghosts": "ghosts", "robots": "robots",
    "snow": "snow and ice", "kings": "kings and queens", "love": "falling in love",
    "coffee": "coffee", "religion": "God and religion", "baking": "baking", "flowers": "flowers",
    "forest": "the forest",
}  # fmt: skip
EACH = 2  # answers to a question
ANSWER = Sampling(0.7, 0.95, 44, seed=3_000)


def asked() -> list[Request]:
    """As many about each concept, one concept after the other."""
    return [
        Request(question.format(called), (), replace(ANSWER, seed=ANSWER.seed + n))
        for called in CALLED.values()
        for question in QUESTIONS
        for n in range(EACH)
    ]


def directions(engine: Engine) -> dict[str, dict[str, Vector]]:
    """Of each concept of CALLED at each site of the engine: the model answers, and its answers are
    read behind the questions. Raises EngineError where the answers do not differ."""
    answers = engine.generate(asked()).traces()
    found = engine.lend(lambda model, saes, text: totalled(model, saes, text, answers))
    made: dict[str, dict[str, Vector]] = {name: {} for name in CALLED}
    for site, (total, count) in found.items():
        own, many = (
            each.reshape(len(CALLED), -1, each.shape[-1]).sum(1) for each in (total, count)
        )
        every = own.sum(0) / many.sum()
        for name, row in zip(CALLED, own / many - every, strict=True):
            made[name][site] = Vector(name, tuple(row.tolist()))
    return made


def totalled(
    model: PreTrainedModel, saes: Mapping[str, Sae], text: Text, answers: Sequence[Trace]
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """At each site the sum of an answer's states, those of odd tokens left out, [answers, width];
    and of how many, [answers, 1]."""
    read = [
        Excerpt([token.id for token in each.tokens], lead=text.prompted(each.request.prompt))
        for each in answers
    ]
    found = {
        site: (np.zeros((len(answers), sae.d_out)), np.zeros((len(answers), 1)))
        for site, sae in saes.items()
    }
    for some in Reader(model, saes, text.lead).passed(read, saes):
        for site, states in some.writes.items():
            total, count = found[site]
            kept = (~some.odd(site)).cpu().split(some.lengths)
            for place, own, among in zip(
                some.places, states.double().cpu().split(some.lengths), kept, strict=True
            ):
                total[place], count[place] = own[among].sum(0).numpy(), int(among.sum())
    return found
