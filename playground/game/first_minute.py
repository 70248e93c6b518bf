"""The first thing on the home page: a text that the model writes, and a few dials that change it.
What it wrote at some positions stands in a file, so that nobody waits for it; anywhere else the
model writes at once. Knows no Gradio.
"""

from base64 import b64decode, b64encode
from collections.abc import Generator
from pathlib import Path
from threading import Event
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from playground.engine.client import Client
from playground.engine.records import (
    NO_FEATURE,
    Dial,
    InLine,
    Method,
    Request,
    Sampling,
    Scope,
    Vector,
)
from playground.errors import AuthorError, PlayerError
from playground.game.share import MAX_SEED
from playground.levels.dealing.triples import Began, Said
from playground.levels.judging import Bench
from playground.messages import Message
from playground.store.records import PlayerId
from playground.store.shared import Shared

FORMAT = 1
NUMBERS = np.dtype("<f4")
STEP = 0.05  # between two positions of a dial
TEXTS = 256  # kept
LINKS = "links"  # for whom the model writes what a link shows


class FirstPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RecordedText(FirstPart):
    """What the model wrote with a dial at a position, to the prompt and with the seed of the
    file."""

    at: Annotated[float, Field(ge=-1, le=1)]
    text: str


class ConceptPush(FirstPart):
    """Along a concept's direction: of a feature, or the difference of means of its texts. strength:
    at each of the sites where the dial stands at 1, in units of the usual residual there. ways: the
    direction at each site as `packed` writes it, so that no texts have to be read for it; none for
    a feature."""

    concept: str
    sites: Annotated[tuple[str, ...], Field(min_length=1)]
    feature: int = NO_FEATURE
    ways: tuple[str, ...] = ()
    method: Method = "add"
    scope: Scope = "reply"
    strength: float

    @model_validator(mode="after")
    def pointing(self) -> Self:
        if len(self.ways) != (len(self.sites) if self.feature == NO_FEATURE else 0):
            raise ValueError("give either a feature or a way at each of the sites")
        return self

    def dials(self, at: float = 1.0) -> tuple[Dial, ...]:
        """As the engine takes it; none at 0."""
        strength = round(at * self.strength, 4)
        if not strength:
            return ()
        if self.feature != NO_FEATURE:
            return (Dial(self.sites[0], self.feature, strength, self.method, self.scope),)
        return tuple(
            Dial.along(site, unpacked(self.concept, way), strength, self.method, self.scope)
            for site, way in zip(self.sites, self.ways, strict=True)
        )


def packed(direction: Vector) -> str:
    """Where it points: float32 of unit length, in base64."""
    values = np.array(direction.values, dtype=NUMBERS)
    return b64encode((values / np.linalg.norm(values)).astype(NUMBERS).tobytes()).decode()


def unpacked(name: str, way: str) -> Vector:
    return Vector(name, tuple(np.frombuffer(b64decode(way), dtype=NUMBERS).tolist()))


class FirstDial(ConceptPush):
    """prompt: what is said to the model, or how the text begins. replies, hits: written with the
    dial at 1, and those of them that were on the concept and undamaged; untouched: of as many
    without a dial those that were on the concept. recorded: from -1 to 1, in order."""

    prompt: str
    replies: int
    hits: int
    untouched: int
    recorded: tuple[RecordedText, ...]

    @property
    def topic(self) -> Message:
        return Message(f"concepts.{self.concept}")

    @model_validator(mode="after")
    def whole(self) -> Self:
        places = [each.at for each in self.recorded]
        if places != sorted({*places}) or not {-1.0, 0.0, 1.0} <= {*places}:
            raise ValueError("recorded: positions in order, -1, 0 and 1 among them")
        return self


class Heat(FirstPart):
    """How every text of the page is sampled."""

    temperature: float
    top_p: float
    tokens: int

    def request(self, prompt: str, dials: tuple[Dial, ...], seed: int) -> Request:
        sampling = Sampling(self.temperature, self.top_p, self.tokens, seed)
        return Request(prompt, dials, sampling)


class FirstMinuteFile(Heat):
    """model: the weights that wrote what is recorded. seed: of that. dials: the first is turned
    when the page opens."""

    format: Literal[1] = FORMAT
    model: str
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)]
    dials: Annotated[tuple[FirstDial, ...], Field(min_length=1)]

    @property
    def by_features(self) -> bool:
        """Whether its dials are features, and not directions of whole texts."""
        return self.dials[0].feature != NO_FEATURE

    def dial(self, concept: str) -> FirstDial:
        """PlayerError for one that it has not."""
        for each in self.dials:
            if each.concept == concept:
                return each
        raise PlayerError("first.no_dial")


def load(path: Path) -> FirstMinuteFile:
    """Raises AuthorError naming the file."""
    try:
        return FirstMinuteFile.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise AuthorError(f"{path}: the first minute cannot be read: {error}") from error


class FirstMinute:
    """Safe to call from any thread."""

    def __init__(self, bench: Bench, file: FirstMinuteFile | None) -> None:
        """file: None for a model that has none."""
        self._bench = bench
        self.file = file
        self._texts = Shared[tuple[str, float, int], str](TEXTS)  # that were written for a link

    def checked(self, concept: str, at: float, seed: int) -> FirstDial:
        """The dial of a concept. at: -1 to 1. PlayerError for a dial, a position or a seed that
        there is not."""
        if self.file is None:
            raise PlayerError("first.no_dial")
        dial = self.file.dial(concept)
        if not -1 <= at <= 1 or not 0 <= seed <= MAX_SEED:  # also refuses NaN
            raise PlayerError("first.no_place")
        return dial

    def text(self, concept: str, at: float, seed: int) -> str:
        """All of it, as it was recorded, or as it is written when it is first asked for. Raises as
        `checked`."""
        dial = self.checked(concept, at, seed)
        assert self.file is not None
        heat = self.file
        if seed == heat.seed:
            for each in dial.recorded:
                if each.at == at:
                    return each.text

        def written(left: Event) -> str:
            bench = self._bench.on_behalf(Client(LINKS, "deal", left))
            (trace,) = bench.engine.generate(
                [heat.request(dial.prompt, dial.dials(at), seed)]
            ).traces()
            return trace.text

        return self._texts.get((concept, at, seed), written, Event())

    def write(
        self, player: PlayerId, concept: str, at: float, seed: int
    ) -> Generator[Began | InLine | Said, None, None]:
        """Began, InLine while it waits, then token by token. Raises as `checked`."""
        dial = self.checked(concept, at, seed)
        assert self.file is not None
        bench = self._bench.on_behalf(Client(str(player), "reply", here=True))
        asked = self.file.request(dial.prompt, dial.dials(at), seed)
        stream = bench.engine.generate([asked])
        try:
            yield Began(asked.prompt, asked.dials, ("steered",))
            yield from stream.in_line()
            for _, token in stream:
                yield Said("steered", token)
        finally:
            stream.cancel()
