"""A model of two sites and ten features whose answers can be worked out by hand; no weights."""

from collections.abc import Iterator, Sequence

from playground.atlas.cards import Activation, Card, ConceptEntry, CurvePoint, Detector, Recipe
from playground.concepts import Usual
from playground.engine.records import Reading, Request, Site, Token, Trace

CAT, COCOA, NOISE = 7, 8, 1
WORDS = {"cat": CAT, "kitten": CAT, "purr": CAT, "cocoa": COCOA, "the": NOISE}
WIDTH = 10
PLAIN = ("the", "wind", "was", "kind", "and", "Mia", "went", "home", "for", "warm", "soup")
TREATS = ("a", "mug", "of", "hot", "cocoa", "with", "fudge", "and", "truffles", "for", "Mia")


class FakeStream:
    """A dial on COCOA makes chocolate, above strength 1 a repeated word; a control does nothing."""

    def __init__(self, requests: Sequence[Request]) -> None:
        self.cancelled = False
        self._traces = []
        for request in requests:
            push = sum(d.strength for d in request.dials if d.feature == COCOA and not d.control)
            words = [request.prompt, *PLAIN]
            if push >= 0.5:
                words = list(TREATS)
            words = ["cocoa"] * 40 if push > 1 else words
            tokens = tuple(Token(i, f" {word}") for i, word in enumerate(words))
            self._traces.append(Trace(request, tokens, (-1.0,) * len(tokens), "end"))

    def __iter__(self) -> Iterator[tuple[int, Token]]:
        for row, trace in enumerate(self._traces):
            yield from ((row, token) for token in trace.tokens)

    def traces(self) -> list[Trace]:
        return self._traces

    def cancel(self) -> None:
        self.cancelled = True


class FakeEngine:
    def __init__(self) -> None:
        self.sites = {n: Site(n, i, 2.0, WIDTH) for i, n in enumerate(("early", "late"))}
        self.streams: list[FakeStream] = []
        self.written = 0

    def generate(self, requests: Sequence[Request]) -> FakeStream:
        self.written += len(requests)
        self.streams.append(FakeStream(requests))
        return self.streams[-1]

    def read(self, texts: Sequence[str], site: str) -> list[Reading]:
        readings = []
        for text in texts:
            words = ["<s>", *text.lower().split()]
            fires = tuple(((WORDS[w], 2.0),) if w in WORDS else () for w in words)
            readings.append(Reading(site, tuple(words), fires))
        return readings

    def score(self, prompt: str, reply: str) -> tuple[float, ...]:
        return (-1.0,) * len(reply.split())

    def close(self) -> None: ...


class FakeAtlas:
    usual = Usual(-1.0, 0.2, 10)

    def concept(self, name: str) -> ConceptEntry:
        feature = {"cats": CAT, "chocolate": COCOA}[name]
        curve = tuple(CurvePoint(s, s, 0.0, s, 0.0, 0.0) for s in (0.0, 0.5, 1.0))
        # The steer level sets par at .285 of a recipe: 0.8 here.
        recipe = Recipe("late", feature, "clamp", "reply", 0.8 / 0.285, curve)
        return ConceptEntry(name, (Detector("late", feature, 0.99),), (recipe,))

    def card(self, site: str, index: int) -> Card:
        peak = next((word for word, each in WORDS.items() if each == index), "")
        example = Activation((peak,), (2.0,), 2.0, 0, 0.0, 2.0, 1.0, "own samples")
        activations = (example,) if peak else ()
        none, about = (), (("cats", 0.9),)
        bars = (none, none, none, none)
        return Card(
            site, index, 2.0, 0.1, *bars, *bars, none, none, activations, none, about
        )  # fmt: skip

    def label(self, site: str, index: int) -> str:
        return f"label of {site} {index}"

    def search(self, query: str, site: str | None = None, limit: int = 20) -> list[object]:
        return []
