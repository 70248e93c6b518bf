"""Features of unseen texts that hang on one feature of an earlier token, as true runs find them,
and features beside that one which are missed much less. Knows no kind.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from playground.circuits.records import Asked, Node, NodeChange
from playground.errors import PlayerError
from playground.levels.dealing.circuitry import told
from playground.levels.dealing.moments import pieces
from playground.levels.dealing.passages import quoted
from playground.levels.dealing.questions import AskLevel
from playground.levels.judging import Bench
from playground.messages import Message

if TYPE_CHECKING:  # torch is slow to import
    from playground.circuits.circuits import Circuits, Traced

WORDS = (10, 22)  # of a text
BLOCKS = (1, 2, 3)  # of features that are asked about, from 0
RARE = 0.03  # share of all tokens on which such a feature fires, at most
HIGH = 0.3  # share of its peak that it reaches here, at least
BEFORE = 4  # tokens that stand in front of it, at least
WATCHED = 40  # such features of a text
LIKELY = 0.25  # share of its activation that the largest arrow brings, to be looked at
TRIED = 4  # sources with the largest arrows that are run
LOOKED = 5  # features of such a text that are looked at
TAKES = 0.4  # share of its activation that goes without the right source, at least
SPARED = 0.4  # share of that which goes without any other, at most
BESIDE = 6  # others of each sort that are run


@dataclass(frozen=True)
class FeedSource:
    """A feature of an earlier token. arrow: what it adds to the later one's input directly, in
    activation units, estimated; lost: the share of the later one's activation that goes without it,
    executed. 1: all of it"""

    node: Node
    arrow: float
    lost: float

    @property
    def unit(self) -> float:
        """What one unit of its activation adds."""
        return self.arrow / self.node.value


@dataclass(frozen=True, eq=False)
class Feeding:
    """A feature, the one that feeds it, and others that clearly do not."""

    text: "NamedText"
    target: Node
    best: FeedSource
    calm: tuple[FeedSource, ...]


@dataclass(frozen=True, eq=False)
class NamedText:
    """A text, and its features as they can be told of."""

    circuits: "Circuits"
    traced: "Traced"

    @property
    def lead(self) -> int:
        return len(self.traced.text.lead)

    @property
    def tokens(self) -> tuple[str, ...]:
        return self.traced.graph.tokens[self.lead :]

    @cached_property
    def known(self) -> dict[int, Node]:
        """Features of which it is known on what they fire and what they write for, by place."""
        nodes, found = self.traced.graph.nodes, dict[int, Node]()
        for place in map(int, self.traced.graph.of_kind("feature")):
            note = self.circuits.note(nodes[place])
            if note.fires and note.promotes:
                found[place] = nodes[place]
        return found

    @cached_property
    def striking(self) -> list[int]:
        """Those that fire seldom, and high here."""
        found = list[int]()
        for place, node in self.known.items():
            note = self.circuits.note(node)
            late = node.position >= self.lead + BEFORE and node.layer in BLOCKS
            if late and 0 < note.share <= RARE and node.value >= HIGH * note.peak:
                found.append(place)
        return found

    def name(self, node: Node) -> Message:
        return told(self.circuits.note(node), node)

    def token(self, node: Node) -> Message:
        return quoted(self.traced.graph.tokens[node.position])

    def lost(self, target: int, source: int) -> float:
        """The share of a feature's activation that goes without another."""
        nodes = self.traced.graph.nodes
        left = self.circuits.left(self.traced, [NodeChange(nodes[source])])
        return 1 - float(left[target]) / nodes[target].value


def feedings(level: AskLevel, bench: Bench, rng: random.Random) -> Iterator[Feeding]:
    """One a text at most. Raises AuthorError for a model without transcoders."""
    circuits = bench.circuits
    for text in pieces(level, bench, WORDS, rng):
        try:
            traced = circuits.graph(Asked(text, cap=0))
        except PlayerError:  # too long
            continue
        yield from islice(found(NamedText(circuits, traced), rng), 1)


def found(text: NamedText, rng: random.Random) -> Iterator[Feeding]:
    targets = rng.sample(text.striking, min(WATCHED, len(text.striking)))
    if not targets:
        return
    arrows = dict(zip(targets, text.circuits.arrows(text.traced, targets), strict=True))
    nodes = text.traced.graph.nodes
    shares = {
        target: max((row[n] for n in earlier(text, target)), default=0.0) / nodes[target].value
        for target, row in arrows.items()
    }
    likely = [target for target in targets if shares[target] >= LIKELY]
    for target in sorted(likely, key=lambda place: -shares[place])[:LOOKED]:
        if feeding := fed(text, target, arrows[target]):
            yield feeding


def earlier(text: NamedText, target: int) -> list[int]:
    """Places of what may feed a feature from another token."""
    own = text.known[target]
    return [
        place
        for place, node in text.known.items()
        if node.layer < own.layer and node.position < own.position
    ]


def fed(text: NamedText, target: int, arrows: np.ndarray) -> Feeding | None:
    """None where no single feature takes enough of it. arrows: into the target, [nodes]"""
    nodes, some = text.traced.graph.nodes, earlier(text, target)
    some.sort(key=lambda place: -arrows[place])

    def sourced(places: Sequence[int]) -> list[FeedSource]:
        return [
            FeedSource(nodes[place], float(arrows[place]), text.lost(target, place))
            for place in places
        ]

    likely = sourced(some[:TRIED])
    best = max(likely, key=lambda each: each.lost, default=None)
    if best is None or best.lost < TAKES:
        return None
    rest = some[TRIED:]
    beside = (
        sorted(rest, key=lambda place: -nodes[place].value)[:BESIDE],
        sorted(rest, key=lambda place: -arrows[place] / nodes[place].value)[:BESIDE],
        sorted(rest, key=lambda place: (-nodes[place].position, -arrows[place]))[:BESIDE],
    )
    others = sourced(list(dict.fromkeys(place for each in beside for place in each)))
    calm = tuple(each for each in (*likely, *others) if each.lost <= SPARED * best.lost)
    return Feeding(text, nodes[target], best, calm)
