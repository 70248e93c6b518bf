"""An engine whose model is elsewhere, in replicas that come and go. What was being written by one
that is lost another writes again, from its beginning: rows are seeded, so what was shown already is
not shown twice.

Knows nothing of how a replica is reached, and nothing of players or levels.
"""

import logging
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from copy import copy
from threading import Event, Lock, Thread
from typing import Any, Protocol, Self, TypeVar, cast

from transformers import PreTrainedModel

from playground.engine.client import GONE, HOUSE, Client
from playground.engine.protocol import Engine
from playground.engine.reception import Ask, Asker, Came, Ended, LostError, Piece
from playground.engine.records import (
    Device,
    InLine,
    Lens,
    Place,
    Reading,
    Request,
    Site,
    Spliced,
    States,
    Token,
)
from playground.engine.stream import LocalStream
from playground.engine.text import Text
from playground.engine.worker import engine_error
from playground.engine.workload import WorkCount, Workload
from playground.errors import AbandonedError, EngineError, PlaygroundError
from playground.models.sae import Sae

TRIES = 4  # times that something is asked anew of another replica, the first time included
T = TypeVar("T")


class Fleet(Protocol):
    """Replicas of one engine; which of them takes what is its own affair. Raises LostError."""

    @property
    def alive(self) -> bool: ...

    def ask(self, asker: Asker, left: Event, what: Ask, values: tuple[Any, ...]) -> object:
        """As a Reception answers. AbandonedError once `left` is set."""
        ...

    def write(
        self, asker: Asker, left: Event, requests: tuple[Request, ...]
    ) -> Generator[Piece, None, None]:
        """As a Reception writes; closing it lets go of the rows."""
        ...


class Following:
    """A stream on its way."""

    def __init__(self, requests: Sequence[Request], client: Client, count: WorkCount) -> None:
        self.client = client
        self.line = InLine(0)
        prompts = [[] for _ in requests]  # where the model is they are spelt
        self.stream = LocalStream(
            requests, prompts, client, lambda: None, lambda _: self.line, count
        )

    @property
    def gone(self) -> bool:
        """Whether nobody waits for it."""
        return self.client.left.is_set() or all(row.cancelled for row in self.stream.rows)


class AwayEngine:
    """Implements Engine. A thread of its own follows each stream. What was cancelled has no
    traces: they end in AbandonedError."""

    def __init__(self, fleet: Fleet, near: Engine, sites: Mapping[str, Site] | None = None) -> None:
        """near: the same model in this process, for what borrows the model itself (`lend`). sites:
        as they are; None where a replica has to be asked."""
        self._fleet, self._near = fleet, near
        self._known: dict[Ask, object] = {} if sites is None else {"sites": dict(sites)}
        self._client = HOUSE
        self._lock = Lock()
        self._following = set[Following]()  # that have not ended
        self._closed = Event()
        self._count = WorkCount()

    # -- asking
    def _ask(self, what: Ask, *values: object) -> Any:
        """Asks again where a replica is lost: nothing that is asked changes anything. Raises what
        the engine refuses it with."""
        for _ in range(TRIES):
            self._refuse_closed()
            try:
                told = self._fleet.ask(Asker.of(self._client), self._client.left, what, values)
            except LostError as error:
                self._lost(error)
                continue
            if isinstance(told, PlaygroundError):
                raise told
            return told
        raise all_lost()

    def _once(self, what: Ask) -> Any:
        """What stays as it is."""
        if what not in self._known:
            self._known[what] = self._ask(what)
        return self._known[what]

    def _refuse_closed(self) -> None:
        if self._closed.is_set():
            raise EngineError("The engine is closed.")

    def _lost(self, error: LostError) -> None:
        logging.getLogger(__name__).warning("a replica is lost, another one begins anew: %s", error)
        with self._lock:
            self._count.restarts += 1

    @property
    def sites(self) -> dict[str, Site]:
        return dict(self._once("sites"))

    @property
    def device(self) -> Device:
        return cast(Device, self._once("device"))

    @property
    def system(self) -> str | None:
        return self._once("system")

    @property
    def notes(self) -> tuple[str, ...]:
        """How the model runs there, a sentence each."""
        return self._once("notes")

    @property
    def client(self) -> Client:
        return self._client

    @property
    def healthy(self) -> bool:
        return self._fleet.alive and not self._closed.is_set()

    @property
    def workload(self) -> Workload:
        """Of what was asked from here: the replicas may work for others, too."""
        with self._lock:
            rows = sum(len(each.stream.rows) for each in self._following)
            late = {each.client.owner for each in self._following if not each.stream.started}
            return self._count.workload(rows, 0, 0, len(late - {None}))

    def on_behalf(self, client: Client) -> Self:
        view = copy(self)  # all else is the same for everybody, and none of it is set again
        view._client = client
        return view

    def ready(self) -> None:
        self._ask("ready")

    def check(self) -> None:
        self._ask("check")

    def fitted(self, request: Request) -> Request:
        return self._ask("fitted", request)

    def read(self, texts: Sequence[str], site: str) -> list[Reading]:
        return self._ask("read", tuple(texts), site)

    def reread(self, request: Request, reply: str, site: str) -> Reading:
        return self._ask("reread", request, reply, site)

    def lens(self, texts: Sequence[str], last: int, end: bool = False) -> list[Lens]:
        return self._ask("lens", tuple(texts), last, end)

    def spliced(self, texts: Sequence[str], site: str, floor: bool = False) -> list[Spliced]:
        return self._ask("spliced", tuple(texts), site, floor)

    def states(self, texts: Sequence[str], site: str, place: Place = "written") -> list[States]:
        return self._ask("states", tuple(texts), site, place)

    def score(self, prompt: str, reply: str) -> tuple[float, ...]:
        return self._ask("score", prompt, reply)

    def lend(self, work: Callable[[PreTrainedModel, Mapping[str, Sae], Text], T]) -> T:
        """What borrows the model keeps its tensors, so that it is done here."""
        self._refuse_closed()
        return self._near.on_behalf(self._client).lend(work)

    # -- writing
    def generate(self, requests: Sequence[Request]) -> LocalStream:
        """Starts rows where the fleet sends them. A request that cannot be served is refused by
        the stream."""
        client, following = self._client, Following(requests, self._client, self._count)
        if client.left.is_set():
            raise AbandonedError(GONE)
        if not requests:
            following.stream.settle([])
            return following.stream
        with self._lock:
            self._refuse_closed()
            self._following.add(following)
        Thread(target=self._follow, args=(following,), name="away", daemon=True).start()
        return following.stream

    def close(self) -> None:
        """The replicas go on: others may use them."""
        with self._lock:
            self._closed.set()
            ended = list(self._following)
        for each in ended:
            each.stream.fail(EngineError("The engine was closed."))
        self._near.close()

    # What follows runs on a stream's own thread.

    def _follow(self, following: Following) -> None:
        asker, left = Asker.of(following.client), following.client.left
        asked = tuple(row.request for row in following.stream.rows)
        try:
            for _ in range(TRIES):
                try:
                    with closing(self._fleet.write(asker, left, asked)) as pieces:
                        self._feed(following, pieces)
                    return
                except LostError as error:
                    if following.gone:
                        raise AbandonedError(GONE) from error
                    self._lost(error)
            raise all_lost()
        except Exception as error:  # whoever waits is told, whatever it is
            told = error if isinstance(error, PlaygroundError) else engine_error(error)
            with self._lock:
                self._count.failures += isinstance(told, EngineError)
            if not self._closed.is_set():
                following.stream.fail(told)
        finally:
            with self._lock:
                self._following.discard(following)

    def _feed(self, following: Following, pieces: Iterator[Piece]) -> None:
        rows = following.stream.rows
        came = [list[Token]() for _ in rows]
        for piece in pieces:
            if following.gone:
                raise AbandonedError(GONE)
            match piece:
                case PlaygroundError():
                    raise piece
                case InLine():
                    following.line = piece
                case Came(tokens):
                    for place, token in tokens:
                        came[place].append(token)
                    self._show(following.stream, came)
                case Ended():
                    self._end(following.stream, came, piece)
                    return
        raise LostError("the replies have no end")

    def _show(self, stream: LocalStream, came: Sequence[Sequence[Token]]) -> None:
        """What is more than was shown before, by whichever replica."""
        new = [
            (row, token)
            for row, all_of_it in zip(stream.rows, came, strict=True)
            for token in all_of_it[len(row.tokens) :]
        ]
        for row, token in new:
            row.tokens.append(token)
        if new:
            with self._lock:
                stream.emit(new)

    def _end(self, stream: LocalStream, came: Sequence[list[Token]], end: Ended) -> None:
        """What is judged is what one replica wrote, from the first token to the last."""
        with self._lock:
            self._count.replies += len(stream.rows)
        for row, tokens, finish in zip(stream.rows, came, end.finishes, strict=True):
            row.tokens, row.finish = tokens, finish
        stream.settle(end.logprobs)
        for _ in stream.rows:
            stream.row_ended()


def all_lost() -> EngineError:
    return EngineError(f"{TRIES} replicas were lost one after the other while they worked on it.")
