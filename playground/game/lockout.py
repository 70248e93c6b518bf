"""How often somebody may guess. Knows neither what is guessed nor by whom, but an address."""

import ipaddress
import time
from collections import deque
from collections.abc import Callable
from math import ceil
from threading import Lock

from cachetools import LRUCache

from playground.errors import PlayerError

ADDRESSES = 10_000  # that are remembered
WITHIN = 15 * 60.0  # seconds
PREFIX = 64  # bits of an IPv6 address that one house has for itself


class Lockout:
    """Safe to call from any thread. Counts before it is known whether a guess was right, so that
    many at once are not more than one after the other."""

    def __init__(self, most: int, all_most: int, clock: Callable[[], float] = time.monotonic):
        """most: wrong guesses of one address, all_most: of all together, within a quarter of an
        hour."""
        self._most, self._all_most, self._clock = most, all_most, clock
        self._guesses: LRUCache[str, deque[float]] = LRUCache(ADDRESSES)
        self._every = deque[float]()
        self._lock = Lock()

    def guess(self, address: str) -> None:
        """To be called before a guess is looked at. PlayerError while no more are taken."""
        now = self._clock()
        with self._lock:
            own = self._guesses.setdefault(network(address), deque())
            for made, most in ((own, self._most), (self._every, self._all_most)):
                while made and made[0] <= now - WITHIN:
                    made.popleft()
                if len(made) >= most:
                    left = made[0] + WITHIN - now
                    raise PlayerError("join.locked", minutes=ceil(left / 60))
            own.append(now)
            self._every.append(now)

    def right(self, address: str) -> None:
        """The last guess was no guess."""
        with self._lock:
            for made in (self._guesses.get(network(address)), self._every):
                if made:
                    made.pop()


def network(address: str) -> str:
    """Who has one address of IPv6 has many."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:80] or "?"
    if found.version == 6:
        return str(ipaddress.ip_network((found, PREFIX), strict=False))
    return str(found)
