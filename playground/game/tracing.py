"""Walking through circuits of the model: what fed a node, what it feeds, what happens when it is
changed. What a graph estimates and what a run found stand apart everywhere. Knows no player."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from playground.circuits import files
from playground.circuits.files import Stranger
from playground.circuits.influence import forecast
from playground.circuits.notes import Note
from playground.circuits.records import Asked, Graph, GraphScores, Node, NodeChange, Ran
from playground.engine.client import Client
from playground.errors import PlayerError
from playground.levels.dealing.circuitry import told
from playground.levels.dealing.passages import quoted
from playground.levels.judging import Bench
from playground.messages import Line, Message
from playground.store.records import PlayerId

if TYPE_CHECKING:  # torch is slow to import
    from playground.circuits.circuits import Circuits, Say, Traced

SHOWN = 40  # nodes of a picture, at most
WAYS = 8  # of a list
WORDS = 5  # next tokens that are told
GROUPED = 12  # nodes of a group, at most
MOST = 4.0  # times its activation that a feature is set to, at most


@dataclass(frozen=True)
class Spot:
    """A node as it is shown. share: of all influence on what comes next, 0..1."""

    key: str
    node: Node
    name: Line
    share: float


@dataclass(frozen=True)
class Way:
    """An edge to walk along. weight: what the source adds to the target; share: of all that the
    target gets, by size, 0..1; negative: it holds the target down."""

    spot: Spot
    weight: float
    share: float


@dataclass(frozen=True)
class Guessed:
    """A next token: its probability before and after a change, as a run found them, and by how much
    its logit moved: as the graph forecast it, as the run found it (less the mean of all)."""

    token: str
    before: float
    after: float
    forecast: float
    found: float


@dataclass(frozen=True)
class NodesTried:
    """What a change came to. names: of what was changed; times: its activation; agreed: of the
    next tokens with a forecast, how many moved in the direction that it said."""

    names: tuple[Line, ...]
    times: float
    rows: tuple[Guessed, ...]
    said: tuple[tuple[str, float], ...]  # the likeliest next tokens before, with their probability
    now: tuple[tuple[str, float], ...]  # and after
    agreed: int


@dataclass(frozen=True)
class EdgeTried:
    """What switching a source off did to a target: as its edge says it, and as a run found it."""

    source: str
    target: str
    forecast: float
    found: float


@dataclass(frozen=True, eq=False)
class Walk:
    """A prompt that can be walked through."""

    traced: "Traced"
    spots: tuple[Spot, ...]  # what matters most, tokens and logits with it
    links: tuple[tuple[str, str, float], ...]  # between these, (source, target, weight)
    scores: GraphScores

    @property
    def graph(self) -> Graph:
        return self.traced.graph


class Tracing:
    """May be used from any thread."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    @property
    def offered(self) -> bool:
        return self._bench.traces

    def on_behalf(self, player: PlayerId, left: Event) -> "Tracing":
        """left: set when the player's page waits no longer."""
        return Tracing(self._bench.on_behalf(Client(str(player), "deal", left)))

    @property
    def _circuits(self) -> "Circuits":
        if not self._bench.traces:
            raise PlayerError("circuits.none")
        return self._bench.circuits

    def walk(self, prompt: str, say: "Say | None" = None) -> Walk:
        """Traces a prompt, or finds it traced. Raises PlayerError for one that is too long."""
        circuits = self._circuits
        asked = Asked(prompt)
        traced = circuits.graph(asked) if say is None else circuits.graph(asked, say)
        pruned, graph = traced.pruned, traced.graph
        ranked = sorted(pruned.kept, key=lambda place: -pruned.influence[place])
        inner = [n for n in ranked if graph.nodes[n].kind in ("feature", "error")]
        ends = [n for n in pruned.kept if graph.nodes[n].kind in ("token", "logit")]
        chosen = {*inner[: max(0, SHOWN - len(ends))], *ends}
        places = [place for place in pruned.kept if place in chosen]
        keys = {place: graph.nodes[place].key for place in places}
        links = tuple(
            (keys[source], keys[target], weight)
            for source, target, weight in pruned.links
            if source in keys and target in keys
        )
        return Walk(traced, tuple(self.spot(traced, n) for n in places), links, pruned.scores)

    def spot(self, traced: "Traced", place: int) -> Spot:
        node = traced.graph.nodes[place]
        share = traced.pruned.influence.get(place, 0.0)
        return Spot(node.key, node, self.name(traced, node), share)

    def name(self, traced: "Traced", node: Node) -> Line:
        """In a few words; a feature by a token that it fires on and one that it writes for."""
        piece = traced.piece
        if node.kind == "logit":
            return Message("circuits.logit", token=quoted(piece(node.index)), share=node.value)
        if node.kind == "token":
            return Message("circuits.token", token=quoted(piece(node.index)))
        if node.kind == "feature":
            return told(self._circuits.note(node), node)
        if node.kind == "error":
            here = quoted(traced.graph.tokens[node.position])
            return Message("circuits.error", block=node.layer + 1, token=here)
        if node.kind == "first":
            return Message("circuits.first", block=node.layer + 1)
        return Message("circuits.bias", block=node.layer + 1)

    def note(self, node: Node) -> Note:
        return self._circuits.note(node)

    def place(self, walk: Walk, key: str) -> int:
        """PlayerError for a node that this graph has not."""
        place = walk.graph.places.get(key)
        if place is None:
            raise PlayerError("circuits.no_node", node=key[:40])
        return place

    def inputs(self, walk: Walk, place: int, most: int = WAYS) -> list[Way]:
        """What feeds a node, strongest first."""
        row = walk.graph.row_of.get(place)
        if row is None:
            return []
        total = float(abs(walk.graph.edges[row]).sum()) or 1.0
        found = zip(range(most), walk.graph.inputs(place), strict=False)
        return [
            Way(self.spot(walk.traced, source), weight, abs(weight) / total)
            for _, (source, weight) in found
        ]

    def outputs(self, walk: Walk, place: int, most: int = WAYS) -> list[Way]:
        """What a node feeds, by its share of what that gets."""
        graph, found = walk.graph, list[tuple[int, float, float]]()
        for target, weight in graph.outputs(place):
            total = float(abs(graph.edges[graph.row_of[target]]).sum()) or 1.0
            found.append((target, weight, abs(weight) / total))
        found.sort(key=lambda each: -each[2] * (traced_share(walk, each[0]) + 1e-9))
        return [Way(self.spot(walk.traced, n), weight, share) for n, weight, share in found[:most]]

    # -- true runs ---------------------------------------------------------------------------------
    def tries(self, walk: Walk, keys: Sequence[str], times: float) -> NodesTried:
        """Runs the model with some features at so many times their activation. Raises PlayerError
        where there is nothing to change, or too much."""
        graph = walk.graph
        nodes = [graph.nodes[self.place(walk, key)] for key in dict.fromkeys(keys)]
        if not nodes or any(node.kind != "feature" for node in nodes):
            raise PlayerError("circuits.features_only")
        if len(nodes) > GROUPED or not -MOST <= times <= MOST:
            raise PlayerError("circuits.too_much", count=GROUPED, times=MOST)
        changes = [NodeChange(node, times * node.value) for node in nodes]
        logits = [int(each) for each in graph.logits]
        expected = forecast(graph, changes)
        before = self._circuits.run(walk.traced, [], logits)
        after = self._circuits.run(walk.traced, changes, logits)
        piece = walk.traced.piece
        rows = tuple(
            Guessed(
                piece(graph.nodes[place].index), float(before.chances[graph.nodes[place].index]),
                float(after.chances[graph.nodes[place].index]), float(expected[place]),
                after.values[n] - before.values[n],
            )
            for n, place in enumerate(logits)
        )  # fmt: skip
        return NodesTried(
            tuple(self.name(walk.traced, node) for node in nodes), times, rows,
            words_of(walk, before), words_of(walk, after),
            sum(row.forecast * row.found > 0 for row in rows),
        )  # fmt: skip

    def edge(self, walk: Walk, source: str, target: str) -> EdgeTried:
        """Switches a feature off in the model itself and looks at a target of its."""
        graph = walk.graph
        places = self.place(walk, source), self.place(walk, target)
        node = graph.nodes[places[0]]
        row = graph.row_of.get(places[1])
        if node.kind != "feature" or row is None:
            raise PlayerError("circuits.features_only")
        before = self._circuits.run(walk.traced, [], [places[1]])
        after = self._circuits.run(walk.traced, [NodeChange(node)], [places[1]])
        found = after.values[0] - before.values[0]
        return EdgeTried(source, target, -float(graph.edges[row, places[0]]), found)

    def heads(self, walk: Walk, source: str, target: str) -> list[tuple[int, int, float]]:
        """The attention heads that carry most of an edge: block and head, both from 0, and what the
        edge loses without it."""
        places = self.place(walk, source), self.place(walk, target)
        if places[1] not in walk.graph.row_of:
            raise PlayerError("circuits.features_only")
        lost = self._circuits.heads(walk.traced, places[1], places[0])
        flat = sorted(
            ((layer, head, float(lost[layer, head])) for layer, head in indices(lost.shape)),
            key=lambda each: -abs(each[2]),
        )
        return [each for each in flat[:3] if each[2]]

    # -- files -------------------------------------------------------------------------------------
    def exported(self, walk: Walk) -> str:
        """As Neuronpedia and circuit-tracer read it."""
        slug = re.sub(r"[^a-z0-9]+", "-", walk.graph.prompt.lower()).strip("-")[:60] or "prompt"
        circuits = self._circuits
        told = files.exported(
            walk.traced.pruned, self._bench.model, slug, circuits.note, walk.traced.piece
        )
        return json.dumps(told, ensure_ascii=False)

    @staticmethod
    def opened(packed: str) -> Stranger:
        """A file as a browser packs it (files.unpacked). PlayerError for what is no graph."""
        return files.imported(files.unpacked(packed))


def words_of(walk: Walk, ran: Ran) -> tuple[tuple[str, float], ...]:
    best = (-ran.chances).argsort()[:WORDS]
    return tuple((walk.traced.piece(int(n)), float(ran.chances[n])) for n in best)


def indices(shape: tuple[int, ...]) -> list[tuple[int, int]]:
    return [(layer, head) for layer in range(shape[0]) for head in range(shape[1])]


def traced_share(walk: Walk, place: int) -> float:
    """Of a node's influence on what comes next."""
    node = walk.graph.nodes[place]
    return 1.0 if node.kind == "logit" else walk.traced.pruned.influence.get(place, 0.0)
