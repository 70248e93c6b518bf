"""A model of two sites and ten features whose answers can be worked out by hand; no weights."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from typing import Self, TypeVar

import numpy as np

from playground.atlas.background import Background
from playground.atlas.cards import Activation, Card, ConceptEntry, CurvePoint, Detector, Recipe
from playground.atlas.controls import Peer
from playground.atlas.rivals import Rivals
from playground.atlas.tables import BARS
from playground.concepts.damage import Usual
from playground.engine.client import HOUSE, Client
from playground.engine.records import (
    Device,
    Fired,
    InLine,
    Lens,
    Place,
    Reading,
    Request,
    Site,
    Spliced,
    States,
    Token,
    Trace,
)
from playground.engine.workload import Workload
from playground.messages import Line

T = TypeVar("T")
CAT, COCOA, NOISE = 7, 8, 1
WORDS = {"cat": CAT, "kitten": CAT, "purr": CAT, "cocoa": COCOA, "the": NOISE}
WIDTH = 10
AXES = (CAT, COCOA)  # of a state: 1 on a word of that feature, and a third that is 1 everywhere
PLAIN = ("the", "wind", "was", "kind", "and", "Mia", "went", "home", "for", "warm", "soup")
TREATS = ("a", "mug", "of", "hot", "cocoa", "with", "fudge", "and", "truffles", "for", "Mia")

PETS = ("her", "kitten", "began", "to", "purr", "while", "the", "cat", "licked", "one", "paw")


def written(request: Request) -> list[str]:
    """What the model says: a dial on COCOA makes chocolate, one on CAT cats, both make both, too
    much of either a repeated word. A prompt with cocoa begs for it, unless a dial of 0 or below
    holds it down. A control does nothing."""
    turned = {d.feature: d.strength for d in request.dials if d.control is None}
    if any(abs(strength) > 1 for strength in turned.values()):
        return ["cocoa" if turned.get(COCOA, 0) >= 0 else "the"] * 40
    sweet = turned.get(COCOA, 1.0 if "cocoa" in request.prompt else 0.0) >= 0.5
    furry = turned.get(CAT, 0.0) >= 0.5
    if sweet or furry:
        return [*(TREATS if sweet else ()), *(PETS if furry else ())]
    return ["some" if "cocoa" in request.prompt else request.prompt, *PLAIN]


class FakeStream:
    def __init__(self, requests: Sequence[Request]) -> None:
        self.cancelled = False
        self._traces = []
        for request in requests:
            words = written(request)
            tokens = tuple(Token(i, f" {word}") for i, word in enumerate(words))
            self._traces.append(Trace(request, tokens, (-1.0,) * len(tokens), "end"))

    def in_line(self) -> Iterator[InLine]:
        return iter(())

    def __iter__(self) -> Iterator[tuple[int, Token]]:
        for row, trace in enumerate(self._traces):
            yield from ((row, token) for token in trace.tokens)

    def traces(self) -> list[Trace]:
        return self._traces

    def cancel(self) -> None:
        self.cancelled = True


class FakeEngine:
    device: Device = "cpu"
    client = HOUSE
    healthy = True
    system = None
    workload = Workload()

    def __init__(self) -> None:
        self.sites = {n: Site(n, i, 2.0, WIDTH) for i, n in enumerate(("early", "late"))}
        self.streams: list[FakeStream] = []

    @property
    def written(self) -> int:
        """Replies, for all clients."""
        return sum(len(stream.traces()) for stream in self.streams)

    def on_behalf(self, client: Client) -> Self:
        """Writes into the list of the engine that it comes from."""
        view = copy(self)
        view.client = client
        return view

    def ready(self) -> None: ...

    def check(self) -> None: ...

    def fitted(self, request: Request) -> Request:
        return request

    def generate(self, requests: Sequence[Request]) -> FakeStream:
        self.streams.append(FakeStream(requests))
        return self.streams[-1]

    def read(self, texts: Sequence[str], site: str) -> list[Reading]:
        readings = []
        for text in texts:
            words = text.lower().split()
            fires = tuple(((WORDS[w], 2.0),) if w in WORDS else () for w in words)
            readings.append(Reading(site, tuple(words), Fired.of(fires)))
        return readings

    def reread(self, request: Request, reply: str, site: str) -> Reading:
        return self.read([reply], site)[0]

    def lens(self, texts: Sequence[str], last: int, end: bool = False) -> list[Lens]:
        raise NotImplementedError("there are no blocks")

    def spliced(self, texts: Sequence[str], site: str, floor: bool = False) -> list[Spliced]:
        raise NotImplementedError("there is no SAE")

    def states(self, texts: Sequence[str], site: str, place: Place = "written") -> list[States]:
        """Neurons are the same numbers, but the third hums all the time at a half."""
        hum, read = 1.0 if place == "written" else 0.5, list[States]()
        for text in texts:
            words = text.lower().split()
            rows = [[*(float(WORDS.get(w) == axis) for axis in AXES), hum] for w in words]
            read.append(States(tuple(words), np.array(rows, dtype=np.float32)))
        return read

    def score(self, prompt: str, reply: str) -> tuple[float, ...]:
        return (-1.0,) * len(reply.split())

    def lend(self, work: Callable[..., T]) -> T:
        raise NotImplementedError("there is no model")

    def close(self) -> None: ...


class FakeAtlas:
    meta = {"documents": 1234, "samples": 567}
    usual = Usual((-1.0,), 1.0, 0.2, 10)
    rivals = Rivals()

    def concepts(self) -> tuple[str, ...]:
        return ("cats", "chocolate")

    def concept(self, name: str) -> ConceptEntry:
        feature = {"cats": CAT, "chocolate": COCOA}[name]
        curve = tuple(CurvePoint(s, s, 0.0, s, 0.0, 0.0) for s in (0.0, 0.5, 1.0))
        # The steer level sets par at that of the recipe.
        recipe = Recipe("late", feature, "clamp", "opening", 0.8, curve)
        return ConceptEntry(name, (Detector("late", feature, 0.99),), (recipe,))

    def everything(self, site: str) -> None:
        """Nobody kept it."""

    def card(self, site: str, index: int) -> Card:
        peak = next((word for word, each in WORDS.items() if each == index), "")
        example = Activation((peak,), (2.0,), 2.0, 0, 0.0, 2.0, 1.0, "own samples")
        activations = (example,) if peak else ()
        none, about = (), (("cats", 0.9),)
        bars = (none, none, none, none)
        return Card(
            site, index, 2.0, 0.1, *bars, *bars, none, none, activations, none, about
        )  # fmt: skip

    def peers(self, site: str) -> tuple[Peer, ...]:
        return tuple(Peer(n, 0.1, frozenset()) for n in self.features(site))

    def maxima(self, site: str) -> Mapping[int, float]:
        return self.background(site).maxima

    def background(self, site: str) -> Background:
        """Each fires on a token in ten, as high as ever."""
        heights = np.zeros((16, BARS))
        heights[:, -1] = 1000
        return Background.of(range(16), np.full(16, 2.0), np.full(16, 0.1), heights)

    def features(self, site: str) -> tuple[int, ...]:
        return tuple(range(10))

    def has(self, site: str, index: int) -> bool:
        return index in range(10)

    def label(self, site: str, index: int) -> Line:
        return f"label of {site} {index}"

    def search(self, query: str, site: str | None = None, limit: int = 20) -> list[object]:
        return []
