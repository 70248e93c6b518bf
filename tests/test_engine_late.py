"""An engine that is loaded when it is first needed: once, and not under anybody's lock."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from playground.engine.client import HOUSE, Client
from playground.engine.late import LateEngine
from playground.engine.protocol import Engine
from playground.engine.records import Request
from playground.errors import EngineError
from tests.fake_model import FakeEngine

PATIENCE = 30  # seconds


def test_whoever_comes_while_it_loads_waits_for_the_same_model() -> None:
    loads, go, together = list[Engine](), Event(), Barrier(5)

    def load() -> Engine:
        loads.append(FakeEngine())
        assert go.wait(PATIENCE)
        return loads[0]

    late = LateEngine({}, load)

    def ask(n: int) -> int:
        together.wait(PATIENCE)
        mine = late.on_behalf(Client(f"player {n}", "reply"))
        return len(mine.generate([Request("the wind")]).traces())

    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(ask, n) for n in range(4)]
        together.wait(PATIENCE)
        assert late.healthy and late.client is HOUSE  # neither waits for the model
        go.set()
        assert [each.result(PATIENCE) for each in asked] == [1] * 4
    assert len(loads) == 1


def test_a_failure_is_told_and_the_next_one_tries_again() -> None:
    engines = iter((EngineError("no memory"), FakeEngine()))

    def load() -> Engine:
        if isinstance(found := next(engines), EngineError):
            raise found
        return found

    late = LateEngine({}, load)
    with pytest.raises(EngineError, match="no memory"):
        late.ready()
    late.ready()
    assert late.device == "cpu"


def test_a_model_whose_worker_has_died_is_loaded_anew() -> None:
    engines = list[FakeEngine]()

    def load() -> Engine:
        engines.append(FakeEngine())
        return engines[-1]

    late = LateEngine({}, load)
    late.ready()
    engines[0].healthy = False
    assert not late.healthy
    assert len(late.generate([Request("the wind")]).traces()) == 1
    assert late.healthy and len(engines) == 2
    engines[1].healthy = False
    late.close()
    with pytest.raises(EngineError, match="closed"):
        late.ready()
    assert len(engines) == 2


def test_what_is_closed_loads_nothing() -> None:
    late = LateEngine({}, FakeEngine)
    late.close()
    assert not late.healthy
    with pytest.raises(EngineError, match="closed"):
        late.ready()
