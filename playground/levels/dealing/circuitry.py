"""Graphs of unseen texts whose next word the model is right about and not too sure of, so that
little may take it away; and what a feature of a circuit is called. Knows no kind and no screen.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import TYPE_CHECKING

import numpy as np

from playground.circuits.influence import forecasts, influence, normal, published
from playground.circuits.notes import Note
from playground.circuits.records import Asked, Graph, Node, NodeChange, Ran
from playground.levels.dealing.passages import quoted
from playground.levels.dealing.questions import AskLevel
from playground.levels.dealing.spoken import SureText, beginnings
from playground.levels.judging import Bench
from playground.messages import Message

if TYPE_CHECKING:  # torch is slow to import
    from playground.circuits.circuits import Circuits, Traced

UNSURE = (0.35, 0.8)  # the model's probability of its answer
NEXT = 2  # next words that a graph has to have, the answer and a rival
MATTERING = 40  # features of most influence, of which some are run
RUN = 16  # of those, the ones that a graph thinks most of
LEAST = 1e-9


def told(note: Note, node: Node) -> Message:
    """By the token that it fires on, and the next token that it writes for."""
    if not note.fires or not note.promotes:
        return Message("circuits.nameless", index=node.index)
    return Message(
        "circuits.feature", fires=quoted(note.fires[0]), promotes=quoted(note.promotes[0])
    )


@dataclass(frozen=True, eq=False)
class TracedText:
    """A text, what the model says next, and the graph of that."""

    own: SureText
    circuits: "Circuits"
    traced: "Traced"

    @property
    def graph(self) -> Graph:
        return self.traced.graph

    @cached_property
    def words(self) -> tuple[int, ...]:
        """Places of the next words, the likeliest first."""
        return tuple(sorted(map(int, self.graph.logits), key=lambda n: -self.graph.nodes[n].value))

    @property
    def answer(self) -> int:
        return self.words[0]

    @property
    def rival(self) -> int:
        return self.words[1]

    def piece(self, place: int) -> str:
        """A next word as it reads inside a text."""
        return self.traced.piece(self.graph.nodes[place].index)

    def word(self, place: int) -> Message:
        return quoted(self.piece(place))

    def token(self, node: Node) -> Message:
        """The one on which a node stands."""
        return quoted(self.graph.tokens[node.position])

    def name(self, node: Node) -> Message:
        return told(self.circuits.note(node), node)

    def points(self, place: int) -> float:
        """A next word's logit, less the mean of all."""
        return float(self.graph.wanted[self.graph.row_of[place]])

    def pushed(self, sources: Sequence[int]) -> float:
        """What some nodes add directly to the answer, less what they add to its rival, in points:
        the graph's estimate."""
        rows = self.graph.row_of
        edges = self.graph.edges[:, list(sources)]
        return float((edges[rows[self.answer]] - edges[rows[self.rival]]).sum())

    def said(self, ran: Ran) -> Message:
        """What a run goes on with."""
        return quoted(self.traced.piece(ran.answer))

    def same(self, ran: Ran) -> bool:
        """Whether a run goes on with the answer."""
        return ran.answer == self.graph.nodes[self.answer].index

    def share(self, ran: Ran, place: int | None = None) -> float:
        """What a run makes of a next word's probability, or of the answer's."""
        node = self.graph.nodes[self.answer if place is None else place]
        return float(ran.chances[node.index])

    def lost(self, ran: Ran) -> float:
        """Nats of the answer's log-probability."""
        return log(self.own.chance) - log(max(LEAST, self.share(ran)))

    def without(self, nodes: Sequence[Node]) -> Ran:
        """The model itself with some features off."""
        return self.circuits.run(self.traced, [NodeChange(node) for node in nodes])

    @cached_property
    def mattering(self) -> "tuple[Expected, ...]":
        """The features by which the lead of the answer over its rival hangs, as the graph has it:
        those that carry it most first."""
        graph = self.graph
        shares = influence(normal(published(graph)), graph.targets, graph.chances, graph.blocks + 1)
        known = [n for n in map(int, graph.targets) if graph.nodes[n].kind == "feature"]
        some = sorted(known, key=lambda n: (-shares[n], n))[:MATTERING]
        moved = forecasts(graph, some)
        found = [Expected.of(self, graph.nodes[n], moved[:, place]) for place, n in enumerate(some)]
        return tuple(sorted(found, key=lambda each: each.lead))


@dataclass(frozen=True, eq=False)
class Expected:
    """What a graph expects of a text without one feature. moved: points of each next word, by its
    place; lead: of the answer over its rival, below zero where it would lose some."""

    node: Node
    moved: Mapping[int, float]
    lead: float

    @classmethod
    def of(cls, text: TracedText, node: Node, found: np.ndarray) -> "Expected":
        """found: the change of each node. [nodes]"""
        moved = {place: float(found[place]) for place in text.words}
        return cls(node, moved, moved[text.answer] - moved[text.rival])


def traced(
    level: AskLevel, bench: Bench, rng: random.Random, cap: int, sure: tuple[float, float] = UNSURE
) -> Iterator[TracedText]:
    """One a text, no answer twice. cap: features of a graph that are asked about; sure: how likely
    the answer is. Raises AuthorError for a model without transcoders."""
    circuits, said = bench.circuits, set[str]()
    for own in beginnings(level, bench, rng, said, sure):
        said.add(own.run.said.strip())
        text = TracedText(own, circuits, circuits.graph(Asked(own.text, cap=cap)))
        if len(text.words) >= NEXT and text.graph.nodes[text.answer].index == own.run.answer:
            yield text
