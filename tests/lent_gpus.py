"""Stands in for `spaces`, the package by which ZeroGPU lends its GPUs. A call of what was marked
runs in a process forked from this one, on a thread of its own, and what goes in and comes out is
pickled; what it keeps in its memory only its next call sees; an error comes back as the name of its
class; a call that is closed stops where it yields next. There is no GPU in it.

Unlike the true one it goes on with a call only when the next piece is asked for, so that a test
knows how far it is."""

import os
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Event, Thread
from typing import Any

import gradio as gr
import torch

FORK = get_context("fork")
Task = Callable[..., Generator[Any, None, None]]


@dataclass
class Call:
    """seconds: that were asked for; process: that it ran in; left: closed before its end; over: set
    when the process is free again."""

    seconds: float
    process: int = 0
    pieces: int = 0
    left: bool = False
    over: Event = field(default_factory=Event)


@dataclass(eq=False)
class Forked:
    process: BaseProcess
    pipe: Connection

    @classmethod
    def of(cls, task: Task) -> "Forked":
        ours, theirs = FORK.Pipe()
        process = FORK.Process(target=child, args=(task, theirs), daemon=True)
        process.start()
        theirs.close()
        return cls(process, ours)

    def asked(self, sent: object) -> tuple[str, Any]:
        self.pipe.send(sent)
        try:
            return self.pipe.recv()
        except EOFError:
            raise gr.Error("GPU task aborted", title="ZeroGPU worker error") from None


def child(task: Task, pipe: Connection) -> None:
    torch.set_num_threads(1)  # the threads of the process that was forked are not here
    thread = Thread(target=work, args=(task, pipe))
    thread.start()
    thread.join()


def work(task: Task, pipe: Connection) -> None:
    while True:
        try:
            arguments = pipe.recv()
        except EOFError:
            return
        pipe.send(("begun", None))
        run = task(*arguments)
        while pipe.recv() == "next":
            try:
                pipe.send(("piece", next(run)))
            except StopIteration:
                pipe.send(("end", None))
                break
            except Exception as error:
                pipe.send(("error", type(error).__name__))
                break
        else:
            run.close()
            pipe.send(("end", None))


@dataclass(eq=False)
class LentGpus:
    """What `import spaces` gives. refuses: why nothing is lent, if nothing is; before: is called
    before a call begins, and before each further piece is asked for, on the thread that asks."""

    refuses: Exception | None = None
    before: Callable[[Call], object] = lambda call: None
    calls: list[Call] = field(default_factory=list)
    _forked: list[Forked] = field(default_factory=list)
    _free: list[tuple[Task, Forked]] = field(default_factory=list)

    def GPU(self, task: Task, duration: Callable[..., float]) -> Task:
        def lent(*arguments: Any) -> Generator[Any, None, None]:
            self.calls.append(call := Call(duration(*arguments)))
            self.before(call)
            if self.refuses is not None:
                raise self.refuses
            forked = self._of(task)
            call.process, failed = forked.process.pid or 0, False
            try:
                yield from self._pieces(call, forked, arguments)
            except gr.Error:
                failed = True
                raise
            finally:
                if not failed:  # else nobody asks it again
                    self._free.append((task, forked))
                call.over.set()

        return lent

    def _pieces(
        self, call: Call, forked: Forked, arguments: tuple[Any, ...]
    ) -> Generator[Any, None, None]:
        forked.asked(arguments)
        said, value = forked.asked("next")
        while said == "piece":
            call.pieces += 1
            try:
                yield value
            except GeneratorExit:
                forked.asked("close")
                call.left = True
                raise
            self.before(call)
            said, value = forked.asked("next")
        if said == "error":
            raise gr.Error(value, title="ZeroGPU worker error", print_exception=False)

    def _of(self, task: Task) -> Forked:
        for place, (known, _) in enumerate(self._free):
            if known == task:
                return self._free.pop(place)[1]
        self._forked.append(made := Forked.of(task))
        return made

    def close(self) -> None:
        for each in self._forked:
            each.process.terminate()
            each.process.join()
            each.pipe.close()


def only_in(process: int, what: Callable[..., Any], otherwise: Callable[..., Any]) -> Any:
    """One function in a process, another in those that are forked from it."""
    return lambda *given: (what if os.getpid() == process else otherwise)(*given)
