"""What stands before an engine in another process: it takes what was asked of the game there, and
gives back answers that can be sent. Knows no network; who carries the words is replicas.py.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Event
from time import monotonic
from typing import Any, Literal, TypeAlias

from playground.engine.client import Client, Work
from playground.engine.protocol import Engine, Stream
from playground.engine.records import Finish, InLine, Request, Token
from playground.errors import PlaygroundError

PIECES = 12  # a second and stream, at most
# What can be asked from afar: of an Engine, its methods and attributes whose answers are records.
Ask = Literal[
    "check", "device", "fitted", "lens", "notes", "read", "ready", "reread", "score", "sites",
    "spliced", "states", "system",
]  # fmt: skip


@dataclass(frozen=True)
class Asker:
    """What is told of a client: owner and work as a Client has them."""

    owner: str | None
    work: Work

    @staticmethod
    def of(client: Client) -> "Asker":
        return Asker(client.owner, client.work)


@dataclass(frozen=True)
class Came:
    """Tokens that have come since the last piece: (row, token) each."""

    tokens: tuple[tuple[int, Token], ...]


@dataclass(frozen=True)
class Ended:
    """How each row ended, and the natural log-probabilities of its tokens under the undialled
    model."""

    finishes: tuple[Finish, ...]
    logprobs: tuple[tuple[float, ...], ...]


# The place in line until something comes; then tokens; the end, or why there is none. None is a
# sign of life.
Piece: TypeAlias = InLine | Came | Ended | PlaygroundError | None


class LostError(Exception):
    """The process that was asked is gone."""


class Reception:
    """Any number of threads."""

    def __init__(self, engine: Engine, notes: Sequence[str] = ()) -> None:
        """notes: on how the model runs here, a sentence each."""
        self._engine, self._notes = engine, tuple(notes)

    @property
    def healthy(self) -> bool:
        return self._engine.healthy

    def answer(self, asker: Asker, left: Event, what: Ask, values: tuple[Any, ...]) -> object:
        """What the engine says to it, or the refusal. left: set when nobody waits any more."""
        if what == "notes":
            return self._notes
        try:
            asked = getattr(self._on_behalf(asker, left), what)
            return asked(*values) if callable(asked) else asked
        except PlaygroundError as error:
            return error

    def write(self, asker: Asker, left: Event, requests: tuple[Request, ...]) -> Iterator[Piece]:
        """Rows to their end. Closing it lets go of them."""
        try:
            stream = self._on_behalf(asker, left).generate(requests)
            try:
                yield from stream.in_line()
                yield from packed(stream)
                traces = stream.traces()
            finally:
                stream.cancel()
            finishes: tuple[Finish, ...] = tuple(each.finish for each in traces)
            yield Ended(finishes, tuple(each.logprobs for each in traces))
        except PlaygroundError as error:
            yield error

    def _on_behalf(self, asker: Asker, left: Event) -> Engine:
        return self._engine.on_behalf(Client(asker.owner, asker.work, left))


def packed(stream: Stream) -> Iterator[Came]:
    """All tokens, the first at once: to send each by itself would cost more than to write it."""
    new, given = list[tuple[int, Token]](), -math.inf
    for each in stream:
        new.append(each)
        if monotonic() - given >= 1 / PIECES:
            yield Came(tuple(new))
            new.clear()
            given = monotonic()
    if new:
        yield Came(tuple(new))
