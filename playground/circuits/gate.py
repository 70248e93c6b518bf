"""How much of a model its transcoders explain: the scores of whole graphs on prompts that never
change. Knows no engine."""

from collections.abc import Sequence
from statistics import mean

import torch
from transformers import PreTrainedModel

from playground.circuits.anatomy import Anatomy
from playground.circuits.circuits import Traced, asking, graph_of
from playground.circuits.influence import scores
from playground.circuits.records import GraphScores
from playground.circuits.tracing import Tracer
from playground.engine.text import Text
from playground.models.sae import Sae

ALL = 100_000  # features: whatever a prompt has
# Never changed, so that figures can be compared.
GATE = (
    "On Monday Tom and Lily went to the", "The cat sat on the windowsill and began to",
    "Dear diary, today I saw a", "Question: What does a train run on?\nAnswer: A train runs on",
    "Mia held the lamp tight and whispered,", "The old sailor looked at the sea and said,",
    "Yesterday Ben found a little dragon in the", "She opened the box, and in it lay a",
    "The knight took his sword and rode to the", "At the bakery there was a smell of warm",
    "Nora put on her coat, because it was very", "The robot could not find its own",
    "In the garden the bees flew from flower to", "Otto and Ruby played football in the",
    "The ghost floated through the wall of the old", "One morning the farmer saw that his",
    "Leo wanted to buy a book, but he had no", "The astronaut looked out of the window at the",
    "It was so dark that Max could not see his own", "Zoe baked a cake for her best",
)  # fmt: skip
LEAST = GraphScores(replacement=0.45, completeness=0.75)


def whole(
    model: PreTrainedModel, text: Text, made: Sequence[Sae], prompt: str, cap: int = ALL
) -> Traced:
    """The graph of a prompt, without an engine."""
    ids = text.with_start(prompt)
    with torch.inference_mode():
        tracer = Tracer(Anatomy(model), made, ids, len(text.lead))
        rows = asking(tracer, cap, lambda work: work())
    graph = graph_of(prompt, [text.piece(each) for each in ids], tracer, rows)
    return Traced(graph, tracer, text)


def gate(model: PreTrainedModel, text: Text, made: Sequence[Sae]) -> GraphScores:
    """The scores of the graphs of GATE, on average."""
    found = [scores(whole(model, text, made, prompt).graph) for prompt in GATE]
    return GraphScores(
        mean(each.replacement for each in found), mean(each.completeness for each in found)
    )
