"""The one thread that does the model's work, for callers on any other.

Knows no texts and no players: it is given rows and jobs, and the scheduler says whose turn it is.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic
from typing import TypeVar

import torch

from playground.engine import core
from playground.engine.batch import Batch, Row
from playground.engine.client import GONE, Client
from playground.engine.records import InLine
from playground.engine.scheduler import TRIPLE, Scheduler
from playground.engine.stream import LocalStream
from playground.engine.workload import WorkCount, Workload
from playground.errors import AbandonedError, EngineError, PlaygroundError

T = TypeVar("T")
PACE = 24  # rows by whose ends the pace is known
REST = 60.0  # seconds after which twice as many rows are tried, where memory was short


@dataclass(eq=False)
class Job:
    """Work between two steps, a short pass at a time. run: does the next pass, raises nothing and
    says whether there are more; abandon: is called instead, with the reason."""

    client: Client
    run: Callable[[], bool]
    abandon: Callable[[PlaygroundError], None]
    cancelled: bool = False


class Worker:
    """Its lock is held to put things into line and to look at the line, never while the model
    works."""

    def __init__(self, batch: Batch, seats: int) -> None:
        self.batch = batch
        self._seats = seats
        self._more_at = 0.0  # when more rows are tried again
        self._lines = Scheduler[Row, Job](seats)
        self._streams = dict[Row, LocalStream]()  # of rows that have not ended
        self._wake = threading.Condition()
        self._closed = False
        self.count = WorkCount()
        self._endings = deque[float](maxlen=PACE)  # when the last rows ended
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
        self._thread.start()

    @property
    def healthy(self) -> bool:
        return self._thread.is_alive() and not self._closed

    def place(self, client: Client) -> InLine:
        """Where a client stands whose first row has no token yet."""
        with self._wake:
            ahead, ended = self._lines.ahead(client), tuple(self._endings)
        since = monotonic() - ended[0] if len(ended) == PACE else 0.0
        return InLine(ahead, ahead * TRIPLE * since / PACE if since else None)

    @property
    def workload(self) -> Workload:
        with self._wake:
            rows, jobs = len(self._lines.rows), len(self._lines.jobs)
            late = {row.client for row, stream in self._streams.items() if not stream.started}
        running = min(rows, len(self.batch.rows))
        owners = {client.owner for client in late if client.owner is not None}
        return self.count.workload(running, rows - running, jobs, len(owners))

    @property
    def idle(self) -> bool:
        """Whether nothing is left of anything that was asked for."""
        with self._wake:
            return not (self._lines or self._streams or self.batch.rows)

    def start(self, stream: LocalStream, client: Client) -> None:
        """Raises BusyError where too much waits."""
        with self._wake:
            self._refuse(client)
            if not stream.rows:
                stream.settle([])
                return
            self._lines.admit(client)
            for row in stream.rows:
                self._streams[row] = stream
                self._lines.add_row(row)
            self._wake.notify()

    def submit(self, client: Client, work: Callable[[], T]) -> "Future[T]":
        """Has `work` done between two steps; an error of it is the future's, as EngineError."""
        done: Future[T] = Future()

        def run() -> bool:
            try:
                done.set_result(work())
            except Exception as error:
                done.set_exception(engine_error(error))
            return False

        with self._wake:
            self._refuse(client)
            self._lines.add_job(Job(client, run, done.set_exception))
            self._wake.notify()
        return done

    def settle(self, stream: LocalStream, client: Client) -> None:
        """Has a stream scored whose rows were written elsewhere. Raises as `start`, but for
        BusyError."""
        with self._wake:
            self._refuse(client)
            self._lines.add_job(Job(client, self._settling(stream), stream.fail))
            self._wake.notify()

    def stir(self) -> None:
        """Has the worker look for rows that nobody waits for any more."""
        with self._wake:
            self._wake.notify()

    def close(self) -> None:
        """What is on its way ends with an EngineError. A second call does nothing."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _refuse(self, client: Client) -> None:
        if self._closed:
            raise EngineError("The engine is closed.")
        if client.left.is_set():
            raise AbandonedError(GONE)

    # What follows runs on the worker's thread.

    def _work(self) -> None:
        try:
            with torch.inference_mode():
                while self._wait():
                    try:
                        self._sweep()
                        self._pass()
                        self._write()
                    # The worker's own fault, or a way out of the thread that somebody's work took:
                    # who waits must not for ever, and who comes next is to be served.
                    except BaseException as error:
                        logging.getLogger(__name__).exception("The engine begins anew")
                        self.count.restarts += 1
                        self._give_up(engine_error(error))
        finally:
            with self._wake:
                self._closed = True
            self._give_up(EngineError("The engine was closed."))
            self.batch.hooks.remove()

    def _wait(self) -> bool:
        """Sleeps until there is something to do; false once the engine is closed."""
        with self._wake:
            while not (self._closed or self._lines):
                self._wake.wait()
            return not self._closed

    def _sweep(self) -> None:
        """Lets go of what nobody waits for any more."""
        with self._wake:
            rows, jobs = self._lines.forsaken()
        self.batch.drop(rows)
        for job in jobs:
            job.abandon(AbandonedError(GONE))
        for row in rows:
            row.finish = "cancelled"
            if row.client.left.is_set() and row in self._streams:
                self._streams[row].fail(AbandonedError(GONE))
            self._settle_after(row)

    def _pass(self) -> None:
        with self._wake:
            job = self._lines.job(monotonic())
        if job is None:
            return
        began = monotonic()
        more = job.run()
        with self._wake:
            self._lines.worked(job, began, monotonic(), more)

    def _write(self) -> None:
        """A token more for the rows whose turn it is; where the device's memory is too short for so
        many, for half as many."""
        try:
            self._grow()
            self._seat()
            self._step()
            return
        except torch.OutOfMemoryError as error:
            told = engine_error(error)
            told.__cause__ = None  # with it, all that the failed pass held would stay
        self._shrink(told)

    def _shrink(self, error: EngineError) -> None:
        """Lets go of all that rows hold of the device: they begin again, fewer at once. One alone
        for which there is no room ends with the error."""
        with self._wake:
            seated, rows = self._lines.seated(), self._lines.rows
            self._lines.seats = max(1, len(seated) // 2)
        self._more_at = monotonic() + REST
        self.batch.clear()
        for row in rows:
            row.begin_again()
        if self.batch.device.type == "cuda":
            torch.cuda.empty_cache()
        logging.getLogger(__name__).warning(
            "Memory is too short for %d rows at once; %d are tried", len(seated), self._lines.seats
        )
        if len(seated) == 1:
            self._fail(seated, error)

    def _grow(self) -> None:
        if self._lines.seats < self._seats and monotonic() >= self._more_at:
            with self._wake:
                self._lines.seats = min(self._seats, 2 * self._lines.seats)
            self._more_at = monotonic() + REST

    def _seat(self) -> None:
        """Parks, resumes and lets in, so that those sit in the batch whose turn it is; as many new
        ones at once as one pass holds."""
        with self._wake:
            seated = self._lines.seated()
        self.batch.park([row for row in self.batch.rows if row not in seated])
        coming = [row for row in seated if row not in self.batch.rows]
        self.batch.resume([row for row in coming if row.parked is not None])
        new = [row for row in coming if row not in self.batch.rows]
        if not new:
            return
        joining = core.in_one_pass(self.batch, new)
        try:
            finished = self.batch.join(joining)
        except torch.OutOfMemoryError:
            raise
        except Exception as error:
            self._fail(joining, engine_error(error))
        else:
            self._ended(finished)

    def _step(self) -> None:
        if not self.batch.rows:
            return
        try:
            finished = self.batch.step()
        except torch.OutOfMemoryError:
            raise
        except Exception as error:
            self._fail(self.batch.clear(), engine_error(error))
        else:
            self._ended(finished)

    def _ended(self, rows: Sequence[Row]) -> None:
        with self._wake:
            for row in rows:
                self._lines.ended(row)
        self.count.replies += len(rows)
        self._endings.extend([monotonic()] * len(rows))
        for row in rows:
            self._settle_after(row)

    def _settle_after(self, row: Row) -> None:
        """A row has its `finish`; after the last one of a stream its replies are scored, as a job
        of its own."""
        stream = self._streams.pop(row, None)
        if stream is not None and stream.row_ended():
            with self._wake:
                self._lines.add_job(Job(row.client, self._settling(stream), stream.fail))

    def _settling(self, stream: LocalStream) -> Callable[[], bool]:
        """Gives a stream its traces, a pass a call."""
        scorer = core.Scorer(self.batch, stream.rows)

        def run() -> bool:
            try:
                more = scorer.step()
            except Exception as error:
                stream.fail(engine_error(error))
                return False
            if not more:
                stream.settle(scorer.logprobs)
            return more

        return run

    def _fail(self, rows: Sequence[Row], error: EngineError) -> None:
        """Ends the streams of these rows; their other rows leave as if cancelled."""
        self.count.failures += 1
        with self._wake:
            for row in rows:
                self._lines.ended(row)
        for row in rows:
            stream = self._streams.pop(row, None)
            if stream is not None:
                stream.fail(error)

    def _give_up(self, error: EngineError) -> None:
        """Ends everything that runs and waits."""
        with self._wake:
            jobs, streams = self._lines.clear(), set(self._streams.values())
            self._streams.clear()
        for job in jobs:
            job.abandon(error)
        for stream in streams:
            stream.fail(error)
        self.batch.clear()


def engine_error(error: BaseException) -> EngineError:
    """What a caller is told of an error on the worker."""
    if isinstance(error, EngineError):
        return error
    told = EngineError(f"The engine failed: {type(error).__name__}: {error}")
    told.__cause__ = error
    return told
