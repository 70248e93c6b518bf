"""How often somebody may ask for something: a bucket for each, which fills steadily. Knows neither
players nor addresses."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

MINUTE = 60.0  # seconds
BURST = 0.5  # minutes: so much of a minute's share may come at once
MOST = 10_000  # buckets that are kept; one that was not asked of for longest is full again anyway


class Rates:
    """Any number of threads."""

    def __init__(self, a_minute: int, now: Callable[[], float] = monotonic) -> None:
        """a_minute: what each may ask for; 0: as often as they like. now: seconds, never back."""
        self._a_minute = a_minute
        self._full = max(1.0, a_minute * BURST)
        self._now = now
        self._lock = threading.Lock()
        self._buckets = OrderedDict[str, tuple[float, float]]()  # what is left, and when

    def wait(self, name: str) -> float:
        """Takes one from the bucket of this name; seconds until there is one again, 0 where there
        was one."""
        if not self._a_minute:
            return 0.0
        with self._lock:
            now = self._now()
            left, at = self._buckets.pop(name, (self._full, now))
            left = min(self._full, left + (now - at) * self._a_minute / MINUTE)
            taken = left >= 1
            self._buckets[name] = (left - taken, now)
            if len(self._buckets) > MOST:
                self._buckets.popitem(last=False)
            return 0.0 if taken else (1 - left) * MINUTE / self._a_minute
