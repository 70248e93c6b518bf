"""What everybody may share: worked out once however many wait for it, then remembered.

Knows neither a model nor a player; who asks says how a value is made.
"""

import logging
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from typing import Generic, Protocol, TypeVar

from cachetools import LRUCache

from playground.errors import AbandonedError

LOOK = 0.1  # seconds between two looks whether who waits has left
K = TypeVar("K", bound=Hashable)
Asked = TypeVar("Asked", contravariant=True)
V = TypeVar("V")


class Backing(Protocol[Asked, V]):
    """Where values outlive the process."""

    def load(self, key: Asked) -> V | None: ...

    def save(self, key: Asked, value: V) -> None: ...


@dataclass(eq=False)
class Running(Generic[V]):
    """A value that is being worked out. left: set once nobody waits for it any more."""

    future: Future[V] = field(default_factory=Future)
    left: Event = field(default_factory=Event)
    waiting: int = 0


class Shared(Generic[K, V]):
    """Values by key, safe on any thread. Its lock is held for a look into a dictionary only: a
    value is made on a thread of its own, so that whoever asked may leave while others wait on."""

    def __init__(self, size: int, shelved: Backing[K, V] | None = None) -> None:
        """size: how many values are remembered, the latest used."""
        self._values: LRUCache[K, V] = LRUCache(size)
        self._shelved = shelved
        self._running = dict[K, Running[V]]()
        self._lock = Lock()

    def __contains__(self, key: K) -> bool:
        """Whether it is remembered, so that nobody has to wait."""
        with self._lock:
            return key in self._values

    def known(self, key: K) -> V | None:
        """What is remembered; makes nothing."""
        with self._lock:
            return self._values.get(key)

    def keep(self, key: K, value: V) -> None:
        """Remembers what was made elsewhere."""
        with self._lock:
            self._values[key] = value

    def forget(self, key: K, value: V) -> None:
        """That very value is not remembered any more."""
        with self._lock:
            if self._values.get(key) is value:
                del self._values[key]

    def get(self, key: K, make: Callable[[Event], V], left: Event | None = None) -> V:
        """The value, made if nobody has made it yet; an error is for all who wait and is not
        remembered. make: is given an event that is set when nobody waits any more, and may then
        raise whatever it likes. left: set when the caller need not wait any more, which raises
        AbandonedError."""
        with self.asked(key, make) as future:
            while not (left and left.is_set()):
                if wait([future], LOOK if left else None).done:
                    return future.result()
        raise AbandonedError("Nobody waits for this any more.")

    @contextmanager
    def asked(self, key: K, make: Callable[[Event], V]) -> Iterator[Future[V]]:
        """The value to come, for a caller that has other things to do; leaving the block gives up
        waiting."""
        running = self._join(key, make)
        try:
            yield running.future
        finally:
            with self._lock:
                running.waiting -= 1
                if not running.waiting and not running.future.done():
                    running.left.set()
                    if self._running.get(key) is running:  # who comes now begins anew
                        del self._running[key]

    def _join(self, key: K, make: Callable[[Event], V]) -> Running[V]:
        with self._lock:
            if key in self._values:
                done = Running[V](waiting=1)
                done.future.set_result(self._values[key])
                return done
            if key in self._running:
                self._running[key].waiting += 1
                return self._running[key]
            running = self._running[key] = Running[V](waiting=1)
        context = copy_context()
        work = Thread(target=context.run, args=(self._make, key, running, make), daemon=True)
        work.start()
        return running

    def _make(self, key: K, running: Running[V], make: Callable[[Event], V]) -> None:
        try:
            found = None if self._shelved is None else self._shelved.load(key)
            value = make(running.left) if found is None else found
        except BaseException as error:
            self._ended(key, running)
            running.future.set_exception(error)
            return
        with self._lock:
            self._values[key] = value
        self._ended(key, running)
        running.future.set_result(value)
        if self._shelved is not None and found is None:
            try:
                self._shelved.save(key, value)
            except Exception:  # the value is as good without: who waited for it has it
                logging.getLogger(__name__).exception("%s could not be kept", key)

    def _ended(self, key: K, running: Running[V]) -> None:
        with self._lock:
            if self._running.get(key) is running:
                del self._running[key]
