"""A test that waits for nothing is ended; one that works is not."""

import os

import pytest

from tests import standstill
from tests.standstill import LEAST, WINDOW, moved, spent


def test_work_and_processes_that_come_or_go_are_movement() -> None:
    enough = LEAST * WINDOW
    assert not moved({1: 5.0, 2: 1.0}, {1: 5.0 + enough / 2, 2: 1.0 + enough / 4})
    assert moved({1: 5.0, 2: 1.0}, {1: 5.0 + enough / 2, 2: 1.1 + enough / 2})
    assert moved({1: 5.0}, {1: 5.0, 2: 0.0})
    assert moved({1: 5.0, 2: 9.0}, {1: 5.0})


def test_own_work_is_seen() -> None:
    before = spent()
    sum(range(3_000_000))
    assert spent()[os.getpid()] > before[os.getpid()]


def test_a_standstill_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standstill, "WINDOW", 0.2)
    monkeypatch.setattr(standstill, "PAUSE", 0.05)
    monkeypatch.setattr(standstill, "LEAST", 1.0)
    known = standstill.signal.getsignal(standstill.SIGNAL)
    watching = standstill.Standstill()
    watching.test = "this one"
    try:
        with pytest.raises(AssertionError, match="nothing has moved for 0 s in this one"):
            standstill.threading.Event().wait(60)
    finally:
        watching.test = ""
        standstill.signal.signal(standstill.SIGNAL, known)
