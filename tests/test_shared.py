"""What everybody shares: made once, given up, remembered, and kept over a restart."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from playground.errors import AbandonedError, AuthorError
from playground.store.shared import Shared

PATIENCE = 600  # seconds, for a thread that has nothing to do but this on a busy machine


class Maker:
    """Makes values when it is let; counts how often."""

    def __init__(self) -> None:
        self.made = 0
        self.begun, self.go = Event(), Event()
        self.left: Event | None = None

    def __call__(self, left: Event) -> str:
        self.made += 1
        self.left = left
        self.begun.set()
        assert self.go.wait(PATIENCE)
        return f"value {self.made}"


class Shelf:
    def __init__(self) -> None:
        self.values = dict[str, str]()

    def load(self, key: str) -> str | None:
        return self.values.get(key)

    def save(self, key: str, value: str) -> None:
        self.values[key] = value


def waiting(shared: Shared[str, str], count: int, make: Callable[[Event], str]) -> list[str]:
    """What so many threads get that ask for one thing at once."""
    maker = make if isinstance(make, Maker) else None
    with ThreadPoolExecutor(count) as threads:
        asked = [threads.submit(shared.get, "key", make) for _ in range(count)]
        if maker is not None:
            assert maker.begun.wait(PATIENCE)
            maker.go.set()
        return [each.result(PATIENCE) for each in asked]


def test_ten_who_wait_for_one_thing_have_it_made_once() -> None:
    shared, make = Shared[str, str](4), Maker()
    assert waiting(shared, 10, make) == ["value 1"] * 10
    assert shared.get("key", make) == "value 1" and make.made == 1
    assert "key" in shared and shared.known("key") == "value 1"
    assert "other" not in shared and shared.known("other") is None


def test_another_key_waits_for_nothing() -> None:
    shared, slow = Shared[str, str](4), Maker()
    with shared.asked("slow", slow) as future:
        assert slow.begun.wait(PATIENCE)
        assert shared.get("fast", lambda left: "fast") == "fast"
        assert not future.done()
        slow.go.set()
        assert future.result(PATIENCE) == "value 1"


def test_an_error_is_for_all_who_wait_and_is_not_remembered() -> None:
    shared, make = Shared[str, str](4), Maker()

    def broken(left: Event) -> str:
        make(left)
        raise AuthorError("broken")

    with ThreadPoolExecutor(3) as threads:
        asked = [threads.submit(shared.get, "key", broken) for _ in range(3)]
        assert make.begun.wait(PATIENCE)
        make.go.set()
        for each in asked:
            with pytest.raises(AuthorError, match="broken"):
                each.result(PATIENCE)
    assert shared.get("key", lambda left: "whole") == "whole"


def test_what_nobody_waits_for_any_more_is_stopped() -> None:
    shared, make = Shared[str, str](4), Maker()
    with shared.asked("key", make), shared.asked("key", make):
        assert make.begun.wait(PATIENCE)
    assert make.left is not None and make.left.is_set()
    make.go.set()


def test_one_who_leaves_stops_nobody_else() -> None:
    shared, make = Shared[str, str](4), Maker()
    with shared.asked("key", make) as future:
        with shared.asked("key", make):
            assert make.begun.wait(PATIENCE)
        assert make.left is not None and not make.left.is_set()
        make.go.set()
        assert future.result(PATIENCE) == "value 1"
    assert not make.left.is_set() and make.made == 1


def test_after_all_have_left_the_next_begins_anew() -> None:
    shared, old, new = Shared[str, str](4), Maker(), Maker()
    with shared.asked("key", old):
        assert old.begun.wait(PATIENCE)
    with shared.asked("key", new) as future:
        assert new.begun.wait(PATIENCE)
        old.go.set()  # ends late, and may be remembered; it is no longer the one that runs
        new.go.set()
        assert future.result(PATIENCE) == "value 1"
    assert (old.made, new.made) == (1, 1)


def test_a_caller_that_has_left_waits_no_longer() -> None:
    shared, make, left = Shared[str, str](4), Maker(), Event()
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(shared.get, "key", make, left)
        assert make.begun.wait(PATIENCE)
        left.set()
        with pytest.raises(AbandonedError):
            asked.result(PATIENCE)
    assert make.left is not None and make.left.wait(PATIENCE)
    make.go.set()


def test_what_is_kept_is_not_made_again() -> None:
    shelf, make = Shelf(), Maker()
    make.go.set()
    before = Shared[str, str](4, shelf)
    assert before.get("key", make) == "value 1"
    with before.asked("key", make) as future:
        assert future.result(PATIENCE) == "value 1"
    assert wait_for(lambda: shelf.values == {"key": "value 1"})
    after = Shared[str, str](4, shelf)
    assert after.get("key", make) == "value 1" and make.made == 1


def test_what_cannot_be_kept_is_given_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    class Full(Shelf):
        def save(self, key: str, value: str) -> None:
            raise OSError("the disk is full")

    shared = Shared[str, str](4, Full())
    assert shared.get("key", lambda left: "value") == "value"
    assert wait_for(lambda: "the disk is full" in caplog.text)
    assert "key could not be kept" in caplog.text


def test_only_the_latest_used_are_remembered() -> None:
    shared = Shared[str, str](2)
    for key in ("a", "b"):
        shared.keep(key, key)
    assert shared.known("a") == "a"
    shared.keep("c", "c")
    assert [key in shared for key in "abc"] == [True, False, True]


def test_no_lock_is_held_while_a_value_is_made() -> None:
    shared, free = Shared[str, str](4), list[bool]()

    def make(left: Event) -> str:
        free.append(shared._lock.acquire(timeout=PATIENCE))
        shared._lock.release()
        return "value"

    assert shared.get("key", make) == "value" and free == [True]


def wait_for(true: Callable[[], bool]) -> bool:
    """A thread that has given its value keeps it a moment later."""
    pause = Event()
    return any(true() or pause.wait(0.02) for _ in range(PATIENCE * 50))
