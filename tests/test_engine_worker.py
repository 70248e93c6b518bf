"""The worker of an engine: parked rows, owners who leave or want too much, faults, the end."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from playground.engine.client import Client
from playground.engine.local import LocalEngine
from playground.engine.paths import HuggingFacePath
from playground.engine.records import Dial, Request, Sampling, Trace
from playground.engine.scheduler import OWN_ROWS
from playground.engine.sites import block_at
from playground.engine.stream import LocalStream
from playground.errors import AbandonedError, BusyError, EngineError
from tests.engine_models import GRAPHED, SITES, engine, save_all

ADD = Dial("middle", 3, 0.8, "add", "all")
LONG = Sampling(max_tokens=24, seed=4, stop_at_end=False)


@pytest.fixture(scope="module", params=["llama", GRAPHED])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One goes the general way, the other the fast one."""
    return save_all(tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture
def own(folder: Path) -> Iterator[LocalEngine]:
    made = engine(folder, max_rows=8)
    yield made
    made.close()


def ids(trace: Trace) -> list[int]:
    return [token.id for token in trace.tokens]


def alone(running: LocalEngine, request: Request) -> Trace:
    return running.generate([request]).traces()[0]


def assert_empty(running: LocalEngine) -> None:
    """Nothing is left of any row."""
    settled = running.read(["the"], "early")  # comes back after whatever the worker had begun
    assert settled
    batch, hooks = running._worker.batch, running._worker.batch.hooks
    assert batch.rows == [] and list(batch.path.columns) == []
    assert running._worker.idle
    assert hooks.dialled_rows == 0
    for name, site in hooks.sites.items():
        assert all(not buffer.any() for buffer in site.slots.buffers())
        assert site.edited is None and site.recorded is None
        general = isinstance(batch.path, HuggingFacePath)
        assert len(block_at(batch.model, SITES[name])._forward_hooks) == general


def steps(stream: LocalStream, count: int) -> None:
    """Waits for so many tokens."""
    for _ in range(count):
        stream._events.get(timeout=60)


def test_a_row_that_is_parked_goes_on_exactly_where_it_was(own: LocalEngine) -> None:
    """Eight seats: one client has them all until another comes."""
    long = Sampling(max_tokens=40, seed=3, stop_at_end=False)
    dials = (ADD, Dial("late", 6, 0.5, "clamp", "opening", opening=9))
    requests = [
        Request("the cat" * (1 + n % 3), dials[: n % 3], replace(long, seed=n)) for n in range(12)
    ]
    expected = [own.generate([request]).traces()[0] for request in requests]
    mine, yours = (own.on_behalf(Client(owner, "reply")) for owner in ("me", "you"))
    parked = list[int]()
    park = own._worker.batch.park
    own._worker.batch.park = lambda rows: (parked.append(len(rows)), park(rows))[1]
    stream = mine.generate(requests)
    steps(stream, 20)
    others = yours.generate(requests[:3]).traces()
    traces = stream.traces()
    assert max(parked) == 5  # three stay
    for found, wanted in zip((*traces, *others), (*expected, *expected[:3]), strict=True):
        assert ids(found) == ids(wanted) and found.finish == wanted.finish
        for one, other in zip(found.tokens, wanted.tokens, strict=True):
            assert one.before == pytest.approx(other.before, abs=1e-4, nan_ok=True)
            assert one.after == pytest.approx(other.after, abs=1e-4, nan_ok=True)
    assert_empty(own)


def test_a_client_that_leaves_frees_its_rows_and_ends_whoever_waits(own: LocalEngine) -> None:
    client = Client("me", "deal")
    mine = own.on_behalf(client)
    long = Sampling(max_tokens=200, stop_at_end=False)
    stream = mine.generate([Request("the cat", (ADD,), long)] * 20)
    other = own.generate([Request("the cat", (), LONG)])
    steps(stream, 1)
    client.left.set()
    with pytest.raises(AbandonedError, match="Nobody waits"):
        stream.traces()
    with pytest.raises(AbandonedError, match="Nobody waits"):
        mine.read(["the cat"], "early")
    with pytest.raises(AbandonedError, match="Nobody waits"):
        mine.generate([Request("the cat")])
    assert len(other.traces()[0].tokens) == 24
    assert_empty(own)


def test_one_owner_may_not_have_too_much_waiting(own: LocalEngine) -> None:
    mine, yours = (own.on_behalf(Client(owner, "reply")) for owner in ("me", "you"))
    long = Sampling(max_tokens=200, stop_at_end=False)
    stream = mine.generate([Request("the cat", (), long)] * OWN_ROWS)
    with pytest.raises(BusyError, match=f"busy.own.rows={OWN_ROWS}"):
        mine.generate([Request("the cat")])
    assert len(yours.generate([Request("the cat", (), LONG)]).traces()[0].tokens) == 24
    stream.cancel()
    stream.traces()
    assert mine.generate([Request("the cat", (), LONG)]).traces()
    assert_empty(own)


def test_a_fault_of_the_worker_itself_ends_what_runs_and_no_more(
    own: LocalEngine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    expected = ids(alone(own, Request("the cat", (ADD,), LONG)))
    with monkeypatch.context() as patched:
        patched.setattr(own._worker.batch, "park", lambda rows: 1 // 0)
        stream = own.generate([Request("the cat", (ADD,), LONG)] * 12)
        with pytest.raises(EngineError, match="modulo by zero"):
            stream.traces()
        with pytest.raises(EngineError, match="modulo by zero"):
            list(stream)
    assert own.healthy and "The engine begins anew" in caplog.text
    assert ids(alone(own, Request("the cat", (ADD,), LONG))) == expected
    assert_empty(own)


def test_work_that_takes_the_way_out_of_its_thread_ends_alone(own: LocalEngine) -> None:
    def leave(*_: object) -> None:
        raise SystemExit

    with pytest.raises(EngineError, match="SystemExit"):
        own.lend(leave)
    assert own.healthy and own.workload.restarts == 1
    assert len(alone(own, Request("the cat", (ADD,), LONG)).tokens) == 24
    assert_empty(own)


def test_an_engine_knows_what_it_has_done_and_what_waits(own: LocalEngine) -> None:
    mine = own.on_behalf(Client("me", "reply"))
    mine.generate([Request("the cat", (ADD,), LONG)] * 3).traces()
    done = own.workload
    assert (done.tokens, done.replies, done.failures) == (72, 3, 0)
    assert sum(done.first_tokens) == 1 and done.first_token_sum > 0
    assert (done.rows_running, done.rows_waiting, done.owners_waiting) == (0, 0, 0)


def test_who_waits_hears_of_a_place_until_a_token_comes(
    own: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.engine.stream.BEAT", 0.01)
    go, held = threading.Event(), threading.Event()

    def hold(*_: object) -> None:
        held.set()
        assert go.wait(60)

    holding = threading.Thread(target=lambda: own.lend(hold))
    holding.start()
    assert held.wait(60)
    short = Sampling(max_tokens=4, stop_at_end=False)
    streams = [
        own.on_behalf(Client(owner, "reply")).generate([Request("the cat", (), short)] * 3)
        for owner in ("me", "you", "they")
    ]
    places = [next(stream.in_line()) for stream in streams]
    assert [each.ahead for each in places] == [0, 1, 2]
    assert [each.seconds for each in places] == [None] * 3  # nothing has been seen to end
    assert own.workload.owners_waiting == 3
    go.set()
    for stream in streams:
        stream.traces()
        assert list(stream.in_line()) == []
    holding.join()
    own.generate([Request("the cat", (), short)] * 24).traces()
    assert own.on_behalf(Client("me"))._worker.place(Client("me")).seconds == 0.0
    assert_empty(own)


def test_an_engine_that_cannot_begin_anew_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = engine(folder)
    monkeypatch.setattr(broken._worker.batch, "park", lambda rows: 1 // 0)
    monkeypatch.setattr(broken._worker.batch, "clear", lambda: 1 // 0)
    monkeypatch.setattr(threading, "excepthook", lambda args: None)  # it goes to the log
    with pytest.raises(EngineError):
        broken.generate([Request("the cat", (ADD,), LONG)]).traces()
    broken._worker._thread.join(60)
    assert not broken.healthy
    with pytest.raises(EngineError, match="closed"):
        broken.read(["a"], "early")


def test_closing_ends_what_runs_and_refuses_what_comes(folder: Path) -> None:
    running = engine(folder)
    long = Sampling(max_tokens=200, stop_at_end=False)
    stream = running.generate([Request("the cat", (ADD,), long)])
    next(iter(stream._events.get, None))
    running.close()
    running.close()
    assert not running._worker._thread.is_alive()
    with pytest.raises(EngineError, match="closed"):
        stream.traces()
    with pytest.raises(EngineError, match="closed"):
        running.generate([Request("the cat")])
    with pytest.raises(EngineError, match="closed"):
        running.read(["a"], "early")
    for layer in SITES.values():
        assert not block_at(running._worker.batch.model, layer)._forward_hooks
