"""What a caller holds while its rows are generated: tokens as they come, then the traces.

Knows nothing of the model; a driver feeds it, any thread reads it.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from time import monotonic

from playground.engine.batch import Row
from playground.engine.client import Client
from playground.engine.records import InLine, Request, Token, Trace
from playground.engine.workload import WorkCount
from playground.errors import PlaygroundError

BEAT = 1.0  # seconds between two looks at a place in line


class LocalStream:
    """Implements Stream."""

    def __init__(
        self,
        requests: Sequence[Request],
        prompts: Sequence[list[int]],
        client: Client,
        stir: Callable[[], None],
        place: Callable[[Client], InLine],
        count: WorkCount,
    ) -> None:
        """prompts: token ids, beginning of text included; stir wakes the driver, whose count it
        is, and place is where a client stands there."""
        self.rows = [
            Row(request, prompt, self.emit, client)
            for request, prompt in zip(requests, prompts, strict=True)
        ]
        self._places = {row: place for place, row in enumerate(self.rows)}
        self._running = len(self.rows)
        self._stir = stir
        self._client = client
        self._place = place
        self._count = count
        self._began = monotonic()
        self._moved = threading.Event()  # there is a token, or there will be none
        self._events: SimpleQueue[list[tuple[int, Token]] | None] = SimpleQueue()
        self._settled = threading.Event()
        self._traces: list[Trace] = []
        self._error: PlaygroundError | None = None

    @property
    def started(self) -> bool:
        return self._moved.is_set()

    def in_line(self) -> Iterator[InLine]:
        """Once a second, until there is a token or there will be none."""
        while not self._moved.wait(BEAT):
            yield self._place(self._client)

    def __iter__(self) -> Iterator[tuple[int, Token]]:
        """(row, token) as they come. Leaving the loop early cancels the rest. Raises EngineError if
        the worker failed, AbandonedError if the client has left."""
        try:
            while (event := self._events.get()) is not None:
                yield from event
        finally:
            self.cancel()
        self._events.put(None)  # a second loop ends at once
        if self._error is not None:
            raise self._error

    def traces(self) -> list[Trace]:
        """Waits for all rows; one trace a row, in request order. Raises EngineError if the worker
        failed, AbandonedError if the client has left."""
        self._settled.wait()
        if self._error is not None:
            raise self._error
        return self._traces

    def cancel(self) -> None:
        """Stops the rows that still run; they keep the tokens that they have."""
        for row in self.rows:
            row.cancelled = True
        self._stir()

    # The rest is for the driver.

    def emit(self, tokens: Sequence[tuple[Row, Token]]) -> None:
        """Those of one step at once: each that comes wakes the reader."""
        self._count.tokens += len(tokens)
        if not self._moved.is_set():
            self._moved.set()
            self._count.first(monotonic() - self._began)
        self._events.put([(self._places[row], token) for row, token in tokens])

    def row_ended(self) -> bool:
        """Counts one row that has its `finish`; true when it was the last one."""
        self._running -= 1
        if self._running == 0:
            self._moved.set()
            self._events.put(None)
        return self._running == 0

    def settle(self, logprobs: Sequence[Sequence[float]]) -> None:
        """All is known. logprobs: of each row's tokens, undialled."""
        self._traces = [
            Trace(row.request, tuple(row.tokens), tuple(each), row.finish or "cancelled")
            for row, each in zip(self.rows, logprobs, strict=True)
        ]
        self._settled.set()
        if not self.rows:
            self._moved.set()
            self._events.put(None)

    def fail(self, error: PlaygroundError) -> None:
        """Ends the stream with an error, which every reader of it gets."""
        for row in self.rows:
            row.cancelled = True
        self._error = error
        self._moved.set()
        self._events.put(None)
        self._settled.set()
