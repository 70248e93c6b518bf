"""The driver for a GPU that is lent for seconds: replies that a visitor waits for are written in a
process that is forked from this one, and in which alone the GPU is there.

Who lends marks what needs the GPU: the package `spaces`, on Hugging Face's ZeroGPU. What goes into
the process and what comes out is pickled; of what it does with its memory nothing is seen here.
Knows nothing of Gradio or players.

Source: spaces 0.51.3; Hugging Face, Spaces ZeroGPU (huggingface/hub-docs, 2026-08).
"""

import importlib
import logging
import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from contextvars import copy_context
from copy import deepcopy
from dataclasses import dataclass
from threading import Lock, Thread
from time import monotonic

import torch
from cachetools import TTLCache
from torch import nn
from transformers import PreTrainedModel

from playground.engine import core
from playground.engine.batch import Batch, Row
from playground.engine.client import GONE, Client
from playground.engine.paths import HuggingFacePath
from playground.engine.records import Finish, InLine, Request, Token
from playground.engine.scheduler import OWN_ROWS
from playground.engine.stream import LocalStream
from playground.engine.text import Text
from playground.engine.worker import Worker
from playground.engine.workload import WorkCount, Workload
from playground.errors import AbandonedError, BusyError, EngineError, PlayerError, PlaygroundError
from playground.models.sae import Sae

PIECES = 12  # a second, at most, that come out of the process
# How long a call may take is said beforehand, and more than is left of a visitor's day is refused.
# Roomy guesses, in seconds: what is not used is given back when the call ends.
BEGINNING, A_TOKEN, A_GIGABYTE = 3.0, 0.06, 0.5
LONGEST = 60  # seconds
REST = 600  # seconds in which a visitor whom nothing was lent asks for no more
VISITORS = 10_000  # who are remembered for so long
CANCELLED: Finish = "cancelled"
NONE_LEFT = "ZeroGPU quota exceeded"  # the title of that refusal


@dataclass(frozen=True)
class Portion:
    """What has come since the last one. tokens: (row, token, its natural log-probability as
    dialled). The last piece also has how each row ended, and the log-probabilities of all its
    tokens under the undialled model."""

    tokens: tuple[tuple[int, Token, float], ...]
    ends: tuple[Finish, ...] = ()
    logprobs: tuple[tuple[float, ...], ...] = ()


class Borrower:
    """What the process finds in its memory when it is forked. Its first call brings the weights to
    the GPU, where they stay for those after it."""

    def __init__(
        self,
        model: PreTrainedModel,
        saes: Mapping[str, Sae],
        norms: Mapping[str, float],
        text: Text,
        seats: int,
    ) -> None:
        """model: nothing is hooked to it yet. seats: rows of one step."""
        # Modules of its own around the same weights: what this process hooks to the model later,
        # and may have there in the moment of a fork, is not to be heard on the GPU.
        self._model = deepcopy(model, {id(each): each for each in model.parameters()})
        self._saes, self._norms, self._text, self._seats = dict(saes), norms, text, seats
        self._bytes = sum(each.nbytes for each in model.parameters())
        self._batch: Batch | None = None

    def cost(self, requests: Sequence[Request], prompts: Sequence[list[int]]) -> int:
        """Seconds that `write` may take for the same."""
        longest = max(each.sampling.max_tokens for each in requests)
        steps = math.ceil(len(requests) / self._seats) * longest
        begins = BEGINNING + A_GIGABYTE * self._bytes / 1e9
        return min(LONGEST, math.ceil(begins + A_TOKEN * steps))

    def write(
        self, requests: Sequence[Request], prompts: Sequence[list[int]]
    ) -> Generator[Portion, None, None]:
        """prompts: token ids, beginning of text included. In the process."""
        if self._batch is None:
            self._batch = self._on_gpu()
        yield from self._pieces(self._batch, requests, prompts)

    def _on_gpu(self) -> Batch:
        device = "cuda" if torch.cuda.is_available() else "cpu"
        nn.Module.to(self._model, device)  # the model's own `to` is typed for other callers
        saes = {name: sae.to(device) for name, sae in self._saes.items()}
        path = HuggingFacePath(self._model)
        return core.batch_on(self._model, path, saes, self._norms, self._text, self._seats)

    @torch.inference_mode()
    def _pieces(
        self, batch: Batch, requests: Sequence[Request], prompts: Sequence[list[int]]
    ) -> Iterator[Portion]:
        new = list[tuple[int, Token, float]]()

        def emit(tokens: Sequence[tuple[Row, Token]]) -> None:
            new.extend((places[row], token, row.logprobs[-1]) for row, token in tokens)

        rows = [
            Row(request, prompt, emit) for request, prompt in zip(requests, prompts, strict=True)
        ]
        places, given = {row: place for place, row in enumerate(rows)}, -math.inf
        with closing(core.written(batch, rows, self._seats)) as steps:
            for _ in steps:
                if monotonic() - given >= 1 / PIECES:
                    yield Portion(tuple(new))
                    new.clear()
                    given = monotonic()
        scorer = core.Scorer(batch, rows)
        while scorer.step():
            pass
        ends: list[Finish] = [row.finish or CANCELLED for row in rows]
        yield Portion(tuple(new), tuple(ends), tuple(map(tuple, scorer.logprobs)))


class Lender:
    """A driver beside the worker, for visitors who wait for a reply themselves: what is lent is
    counted on the visitor whose request runs in the context that asks. A thread of its own follows
    each call."""

    def __init__(self, borrower: Borrower, worker: Worker) -> None:
        """worker: of the same model, which scores what was cut off."""
        spaces = importlib.import_module("spaces")
        self._write = spaces.GPU(borrower.write, duration=borrower.cost)
        self._worker = worker
        self._lock = Lock()
        self._streams = dict[LocalStream, Client]()  # that have not ended
        self._resting = TTLCache[str | None, bool, float](VISITORS, REST)
        self._closed = False
        self.count = WorkCount()

    @property
    def workload(self) -> Workload:
        with self._lock:
            rows = sum(len(stream.rows) for stream in self._streams)
            late = {client.owner for stream, client in self._streams.items() if not stream.started}
            return self.count.workload(rows, 0, 0, len(late))

    def takes(self, client: Client) -> bool:
        """Whether what this client asks for is written here."""
        with self._lock:
            return client.here and client.owner not in self._resting

    def place(self, client: Client) -> InLine:
        """Who lends knows the line, and does not tell it."""
        return InLine(0, fetching=True)

    def stir(self) -> None:
        """Nothing sleeps: a stream is looked at whenever a piece comes."""

    def start(self, stream: LocalStream, client: Client) -> None:
        """Raises BusyError where too much of the owner's is being written, EngineError when it is
        closed."""
        if not stream.rows:
            stream.settle([])
            return
        with self._lock:
            if self._closed:
                raise EngineError("The engine is closed.")
            theirs = [each for each, asks in self._streams.items() if asks.owner == client.owner]
            if (rows := sum(len(each.rows) for each in theirs)) >= OWN_ROWS:
                raise BusyError("busy.own", rows=rows)
            self._streams[stream] = client
        run = copy_context().run
        Thread(target=run, args=(self._follow, stream, client), name="lent", daemon=True).start()

    def close(self) -> None:
        """What is on its way ends with an EngineError."""
        with self._lock:
            self._closed, streams = True, list(self._streams)
        for each in streams:
            each.fail(EngineError("The engine was closed."))

    # What follows runs on a stream's own thread.

    def _follow(self, stream: LocalStream, client: Client) -> None:
        pieces = self._write(
            [row.request for row in stream.rows], [row.prompt for row in stream.rows]
        )
        try:
            self._feed(stream, client, pieces)
        except PlaygroundError as error:
            stream.fail(error)
        except Exception as error:  # of whatever kind: it lends, and runs, outside of this process
            gone = all(row.cancelled for row in stream.rows)  # and then who lends may fail, too
            told = AbandonedError(GONE) if gone else self._refused(client, error)
            if not all(row.finish for row in stream.rows):
                stream.fail(told)
        finally:
            pieces.close()
            with self._lock:
                del self._streams[stream]

    def _feed(self, stream: LocalStream, client: Client, pieces: Iterator[Portion]) -> None:
        """To the end of the pieces, also where all is there: only then the process is free."""
        whole = False
        for piece in pieces:
            if client.left.is_set():
                raise AbandonedError(GONE)
            if self._closed:
                return
            self._take(stream, piece)
            if piece.ends:
                stream.settle(piece.logprobs)
                whole = True
            elif all(row.cancelled for row in stream.rows):
                self._end(stream, [CANCELLED for _ in stream.rows])
                self._worker.settle(stream, client)
                return
        if not whole:
            raise RuntimeError("the process ended before its replies did")

    def _take(self, stream: LocalStream, piece: Portion) -> None:
        for place, token, logprob in piece.tokens:
            stream.rows[place].tokens.append(token)
            stream.rows[place].logprobs.append(logprob)
        if piece.tokens:
            with self._lock:
                stream.emit([(stream.rows[place], token) for place, token, _ in piece.tokens])
        if piece.ends:
            self._end(stream, piece.ends)

    def _end(self, stream: LocalStream, ends: Sequence[Finish]) -> None:
        with self._lock:
            self.count.replies += len(ends)
        for row, finish in zip(stream.rows, ends, strict=True):
            row.finish = finish
            stream.row_ended()

    def _refused(self, client: Client, error: Exception) -> PlayerError:
        """What a learner is told of it; the worker writes for this visitor from now on."""
        title = str(getattr(error, "title", type(error).__name__))
        logging.getLogger(__name__).warning("no GPU was lent: %s: %s", title, error)
        with self._lock:
            self.count.failures += 1
            self._resting[client.owner] = True
        return PlayerError(
            "lent.none_left" if title == NONE_LEFT else "lent.failed", minutes=REST // 60
        )
