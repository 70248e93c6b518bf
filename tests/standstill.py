"""Ends a test in which nothing moves any more: neither in it nor in the processes that it started.
So no wait of a test has to guess how long work takes on this machine: it ends when the work is
done, or here.

A browser does not count: its pictures move while the game does nothing.
"""

import signal
import threading
import time
from collections.abc import Mapping

import psutil

WINDOW = 180.0  # seconds
LEAST = 0.04  # of a core; a game that is asked nothing takes about a quarter of that
PAUSE = 5.0
# Milliseconds that a wait in a browser may take at most: it is ended long before.
PATIENCE = 600_000
SIGNAL = signal.SIGUSR1  # of no use to anybody else here


def spent() -> dict[int, float]:
    """CPU seconds by process: this one and the Pythons below it."""
    own, found = psutil.Process(), dict[int, float]()
    for each in (own, *own.children(recursive=True)):
        try:
            if each is own or "python" in each.name():
                times = each.cpu_times()
                found[each.pid] = times.user + times.system
        except psutil.NoSuchProcess:
            continue
    return found


def moved(before: Mapping[int, float], now: Mapping[int, float]) -> bool:
    """Whether a process came or went, or enough was computed."""
    return before.keys() != now.keys() or (
        sum(now.values()) - sum(before.values()) > LEAST * WINDOW
    )


class Standstill:
    """Watches the test whose name it is given, and raises in its thread."""

    def __init__(self) -> None:
        self.test = ""
        signal.signal(SIGNAL, self._fail)
        threading.Thread(target=self._watch, name="standstill", daemon=True).start()

    def _fail(self, *_: object) -> None:
        raise AssertionError(f"nothing has moved for {WINDOW:.0f} s in {self.test}")

    def _watch(self) -> None:
        test, before, since = "", spent(), time.monotonic()
        while True:
            time.sleep(PAUSE)
            now = spent()
            if not self.test or self.test != test or moved(before, now):
                test, before, since = self.test, now, time.monotonic()
            elif time.monotonic() - since > WINDOW:
                since = time.monotonic()
                signal.pthread_kill(threading.main_thread().ident or 0, SIGNAL)
