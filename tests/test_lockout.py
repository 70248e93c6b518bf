"""How often somebody may guess: at once, in time, from one house."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from playground.errors import PlayerError
from playground.game.lockout import WITHIN, Lockout, network
from playground.game.teaching import GUESSES


def test_many_guesses_at_once_are_no_more_than_one_after_the_other() -> None:
    lockout, barrier = Lockout(GUESSES, 60), Barrier(20)

    def guess(_: int) -> bool:
        barrier.wait()
        try:
            lockout.guess("9.9.9.9")
        except PlayerError:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(guess, range(20))) == GUESSES


def test_guesses_are_forgotten_in_time_and_houses_of_ipv6_are_one() -> None:
    clock = [0.0]
    lockout = Lockout(2, 3, lambda: clock[0])
    for address in ("2001:db8::1", "2001:db8::ffff"):
        lockout.guess(address)
    with pytest.raises(PlayerError, match=r"join.locked.*15"):
        lockout.guess("2001:db8::2")
    lockout.guess("2001:db8:1::1")
    with pytest.raises(PlayerError, match="join.locked"):
        lockout.guess("3.3.3.3")  # all together
    clock[0] = WITHIN
    lockout.guess("2001:db8::1")
    lockout.right("2001:db8::1")
    for _ in range(2):
        lockout.guess("2001:db8::1")
    assert network("not an address") == "not an address"
