"""Circuits of the model that is played: graphs of prompts, and true runs of what they propose. It
borrows the model from its engine for one short pass at a time, so that the game goes on meanwhile.

Knows no players and no levels.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from threading import Event
from typing import NamedTuple, TypeVar

import numpy as np
from transformers import PreTrainedModel

from playground.circuits import notes, truth
from playground.circuits.anatomy import Anatomy, Passed
from playground.circuits.influence import influence, normal, prune
from playground.circuits.notes import Note
from playground.circuits.records import Asked, Graph, Node, NodeChange, Pruned, Ran
from playground.circuits.tracing import Tracer
from playground.engine.protocol import Engine
from playground.engine.records import check_whole
from playground.engine.text import Text
from playground.errors import AbandonedError, PlayerError
from playground.models import sae_files
from playground.models.sae import Sae
from playground.store.shared import Shared

MAX_TOKENS = 64  # of a prompt, with what stands first
AT_ONCE = 96  # rows of one pass
RANKED = 5  # passes between two looks at what matters most by now

GONE = "Nobody waits for this graph any more."

T = TypeVar("T")
Say = Callable[[int, int], None]  # rows that are done, and at most to come


def hush(done: int, most: int) -> None:
    """Says nothing of how far it is."""


class Begun(NamedTuple):
    tracer: Tracer
    text: Text  # safe on any thread


@dataclass(frozen=True, eq=False)
class Traced:
    """A graph, and what is needed to run what it proposes."""

    graph: Graph
    tracer: Tracer
    text: Text

    def piece(self, token: int) -> str:
        """A token as it reads inside a text."""
        return self.text.piece(token)

    @cached_property
    def pruned(self) -> Pruned:
        return prune(self.graph)


Remembered = Shared[tuple[Path, Asked], Traced]


@lru_cache(maxsize=2)
def transcoders(folder: Path) -> tuple[Sae, ...]:
    """Of every block, the first one first. Raises EngineError for a damaged one."""
    count = len([each for each in folder.glob("layer-*") if each.is_dir()])
    return tuple(sae_files.load(folder / f"layer-{layer}") for layer in range(count))


class Circuits:
    """May be used from any thread."""

    def __init__(self, engine: Engine, folder: Path, graphs: Remembered) -> None:
        """folder: with the transcoders, layer-0 and so on. graphs: everybody's."""
        self._engine, self._folder, self._graphs = engine, folder, graphs

    def graph(self, asked: Asked, say: Say = hush) -> Traced:
        """The graph of a prompt, made once whoever asks. Raises PlayerError for a prompt that is
        empty or too long, AbandonedError when the engine's client leaves."""
        ids, lead, also = self._ids(asked)

        def made(left: Event) -> Traced:
            return self._made(asked, ids, lead, also, say, left)

        return self._graphs.get((self._folder, asked), made, self._engine.client.left)

    def note(self, node: Node) -> Note:
        """What is known of a feature."""
        known = notes.read(self._folder)
        return known.get((node.layer, node.index)) or notes.blank(node.layer, node.index)

    def run(
        self, traced: Traced, changes: Sequence[NodeChange], watched: Sequence[int] = ()
    ) -> Ran:
        """The model itself with these changes, everything behind them worked out anew. watched:
        places of features and logits."""
        return self._ran(traced, lambda tracer: truth.run(tracer, changes), watched)

    def replaced(self, traced: Traced, layers: Collection[int]) -> Ran:
        """With transcoders in the place of the MLPs of some blocks."""
        return self._ran(traced, lambda tracer: truth.replaced(tracer, layers))

    def left(self, traced: Traced, changes: Sequence[NodeChange]) -> np.ndarray:
        """What the same run leaves of the activations of all features of the graph. [features]"""
        tracer = traced.tracer
        return self._with(lambda: tracer.fired(truth.run(tracer, changes)))

    def arrows(self, traced: Traced, targets: Sequence[int]) -> np.ndarray:
        """Rows of edges of nodes, whether the graph was asked about them or not. [targets,
        nodes]"""
        return self._with(lambda: traced.tracer.rows(targets))

    def missed(self, traced: Traced, layers: Collection[int]) -> float:
        """How long what some transcoders miss is beside what their MLPs wrote. 0..1 and more"""
        return self._with(lambda: traced.tracer.missed(layers))

    def heads(self, traced: Traced, target: int, source: int) -> np.ndarray:
        """What an edge loses without each attention head. [blocks, heads]"""
        return self._with(lambda: traced.tracer.heads(target, source))

    # -- what follows runs in steps on the engine's thread -----------------------------------------
    def _ids(self, asked: Asked) -> tuple[list[int], int, list[int]]:
        check_whole(asked.prompt)

        def spelt(text: Text) -> tuple[list[int], int, list[int]]:
            also = [text.ids(each)[0] for each in asked.also if each]
            return text.with_start(asked.prompt.rstrip(" ")), len(text.lead), also

        ids, lead, also = self._lent(spelt)
        if len(ids) <= lead:
            raise PlayerError("errors.no_prompt")
        if len(ids) > MAX_TOKENS:
            raise PlayerError("circuits.too_long", count=len(ids) - lead, limit=MAX_TOKENS - lead)
        return ids, lead, also

    def _made(
        self, asked: Asked, ids: list[int], lead: int, also: list[int], say: Say, left: Event
    ) -> Traced:  # fmt: skip
        saes = transcoders(self._folder)

        def begin(model: PreTrainedModel, _saes: Mapping[str, Sae], text: Text) -> Begun:
            return Begun(Tracer(Anatomy(model), saes, ids, lead, also), text)

        tracer, text = self._engine.lend(begin)
        rows = asking(tracer, asked.cap, lambda work: self._with(work), say, left)
        graph = graph_of(asked.prompt, [text.piece(each) for each in ids], tracer, rows)
        return Traced(graph, tracer, text)

    def _ran(
        self, traced: Traced, run: Callable[[Tracer], Passed], watched: Sequence[int] = ()
    ) -> Ran:
        tracer = traced.tracer

        def work() -> Ran:
            passed = run(tracer)
            chances = passed.logits[-1].softmax(-1).numpy()
            return Ran(chances, tuple(tracer.wanted(place, passed) for place in watched))

        return self._with(work)

    def _with(self, work: Callable[[], T]) -> T:
        """On the engine's thread, to which the model's tensors belong."""
        return self._engine.lend(lambda model, saes, text: work())

    def _lent(self, work: Callable[[Text], T]) -> T:
        return self._engine.lend(lambda model, saes, text: work(text))


# -- which rows ------------------------------------------------------------------------------------
@dataclass(frozen=True, eq=False)
class TracedRows:
    """targets: places of nodes; edges: [targets, nodes]"""

    targets: np.ndarray
    edges: np.ndarray


def asking(
    tracer: Tracer,
    cap: int,
    borrowed: Callable[[Callable[[], np.ndarray]], np.ndarray],
    say: Say = hush,
    left: Event | None = None,
) -> TracedRows:
    """Logits first, then the features of most influence by what is known so far, until there are
    `cap` of them or none has any. borrowed: has a pass done; left: ends it early."""
    logits = [place for place, node in enumerate(tracer.nodes) if node.kind == "logit"]
    most = len(logits) + min(cap, tracer.features)
    edges = np.zeros((most, len(tracer.nodes)), dtype=np.float32)
    targets = np.zeros(most, dtype=int)
    start = np.zeros(len(tracer.nodes))
    start[logits] = [tracer.nodes[place].value for place in logits]
    done, coming = 0, logits
    while coming and done < most:
        if left is not None and left.is_set():
            raise AbandonedError(GONE)
        part, coming = coming[:AT_ONCE], coming[AT_ONCE:]
        edges[done : done + len(part)] = borrowed(partial(tracer.rows, part))
        targets[done : done + len(part)] = part
        done += len(part)
        say(done, most)
        if not coming:
            known, hops = edges[:done], len(tracer.layers) + 1
            found = influence(normal(known), targets[:done], start, hops)[: tracer.features]
            found[targets[:done][targets[:done] < tracer.features]] = 0
            best = np.argsort(-found, kind="stable")[: min(RANKED * AT_ONCE, most - done)]
            # Those that stand near each other are walked together, so that a pass is no longer
            # than it has to be.
            coming = sorted(
                (int(each) for each in best if found[each] > 0),
                key=lambda place: tracer.nodes[place].position,
            )
    return TracedRows(targets[:done], edges[:done])


def graph_of(prompt: str, tokens: Sequence[str], tracer: Tracer, rows: TracedRows) -> Graph:
    """tokens: of the prompt, as they read."""
    return Graph(
        prompt, tracer.passed.ids, tuple(tokens), len(tracer.layers), tracer.nodes, rows.targets,
        rows.edges, np.array([tracer.own(each) for each in rows.targets]),
        np.array([tracer.wanted(each) for each in rows.targets]),
    )  # fmt: skip
