"""Replies that a GPU on loan writes: in a forked process, as ZeroGPU runs them, but without a GPU.
They are those that the engine would write itself, they come piece by piece, and whatever fails ends
in a sentence."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import gradio as gr
import pytest
import torch

from playground.engine import core, lending
from playground.engine.batch import Batch
from playground.engine.client import Client
from playground.engine.local import LocalEngine
from playground.engine.paths import HuggingFacePath
from playground.engine.records import Dial, InLine, Request, Sampling, Token, Trace
from playground.engine.sites import block_at
from playground.errors import AbandonedError, BusyError, EngineError, PlayerError
from playground.text.words import Words
from tests.engine_models import NORMS, Reference, save_all
from tests.lent_gpus import Call, LentGpus, only_in

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
ME = Client("me", "reply", here=True)
SAMPLING = Sampling(max_tokens=12, seed=4, stop_at_end=False)
DIAL = Dial("middle", 3, 0.8, "add", "all")
ROWS = [Request("the cat", dials, SAMPLING) for dials in ((), (DIAL,), (DIAL, DIAL))]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_all(tmp_path_factory.mktemp("llama"), "llama")


def made(folder: Path, lent: bool, rows: int = 8) -> LocalEngine:
    parts = Reference(folder)
    return LocalEngine(parts.model, parts.tokenizer, parts.saes, NORMS, rows, lent=lent)


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch) -> Iterator[LentGpus]:
    there = LentGpus()
    monkeypatch.setitem(sys.modules, "spaces", there)
    monkeypatch.setattr(lending, "PIECES", 1e9)  # one a step
    yield there
    there.close()


@pytest.fixture
def engine(folder: Path, gpus: LentGpus) -> Iterator[LocalEngine]:
    running = made(folder, lent=True)
    yield running
    running.close()


def assert_alike(found: list[Trace], wanted: list[Trace]) -> None:
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours.request == theirs.request
        assert (ours.text, ours.finish) == (theirs.text, theirs.finish)
        assert [token.id for token in ours.tokens] == [token.id for token in theirs.tokens]
        assert ours.logprobs == pytest.approx(theirs.logprobs, abs=1e-4)


class Gate:
    """Stops a call before a piece, until it is opened."""

    def __init__(self, piece: int) -> None:
        self._piece = piece
        self.reached, self.open = Event(), Event()

    def __call__(self, call: Call) -> None:
        if call.pieces == self._piece:
            self.reached.set()
            assert self.open.wait(60)


def wiped(module: object, given: object, made: torch.Tensor) -> torch.Tensor:
    return torch.zeros_like(made)


# -- what is written -------------------------------------------------------------------------------
def test_a_forked_process_writes_what_the_engine_would(engine: LocalEngine, gpus: LentGpus) -> None:
    assert isinstance(engine._worker.batch.path, HuggingFacePath)
    wanted = engine.generate(ROWS).traces()
    assert gpus.calls == [] and wanted[0].text != wanted[1].text
    stream = engine.on_behalf(ME).generate(ROWS)
    came = list(stream)
    assert_alike(stream.traces(), wanted)
    for row, trace in enumerate(stream.traces()):
        assert tuple(token for place, token in came if place == row) == trace.tokens
    (call,) = gpus.calls
    assert call.process != os.getpid() and not call.left
    assert call.pieces == SAMPLING.max_tokens + 1  # a step each, and what they cost
    assert engine.on_behalf(ME).generate([]).traces() == []


def test_more_rows_than_seats_are_written_one_after_the_other(
    engine: LocalEngine, gpus: LentGpus
) -> None:
    many = [Request("the cat", (DIAL,), Sampling(max_tokens=3 + n % 4, seed=n)) for n in range(11)]
    assert_alike(engine.on_behalf(ME).generate(many).traces(), engine.generate(many).traces())


def test_tokens_come_while_the_call_goes_on(engine: LocalEngine, gpus: LentGpus) -> None:
    gpus.before = gate = Gate(1)
    stream = iter(engine.on_behalf(ME).generate(ROWS))
    firsts = [next(stream) for _ in ROWS]
    assert [row for row, _ in firsts] == [0, 1, 2]
    assert gpus.calls[0].pieces == 1 and not gate.open.is_set()
    assert engine.workload.rows_running == 3
    gate.open.set()
    assert len(list(stream)) == len(ROWS) * (SAMPLING.max_tokens - 1)


def test_pieces_come_so_many_a_second_and_lose_nothing(
    engine: LocalEngine, gpus: LentGpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lending, "PIECES", 1e-9)
    assert_alike(engine.on_behalf(ME).generate(ROWS).traces(), engine.generate(ROWS).traces())
    assert gpus.calls[0].pieces == 2  # the first at once, then all the rest


def test_whoever_waits_is_told_for_what(engine: LocalEngine, gpus: LentGpus) -> None:
    gpus.before = gate = Gate(0)
    stream = engine.on_behalf(ME).generate(ROWS)
    assert next(stream.in_line()) == InLine(0, fetching=True)
    gate.open.set()
    assert len(stream.traces()) == 3


def test_only_a_visitor_who_waits_is_lent_one(engine: LocalEngine, gpus: LentGpus) -> None:
    for client in (Client(), Client("me", "reply"), Client("me", "deal"), Client(work="warm")):
        engine.on_behalf(client).generate(ROWS[:1]).traces()
    engine.on_behalf(ME).read(["the cat"], "middle")
    engine.on_behalf(ME).score("the", " cat")
    assert gpus.calls == []


def test_what_is_hooked_to_the_model_here_is_not_heard_there(
    engine: LocalEngine, gpus: LentGpus
) -> None:
    """A process may be forked in the middle of anything: so while a reply is pushed here."""
    wanted = engine.generate(ROWS).traces()
    block = block_at(engine._worker.batch.model, 1)
    hook = block.register_forward_hook(wiped)
    assert_alike(engine.on_behalf(ME).generate(ROWS).traces(), wanted)
    hook.remove()
    assert_alike(engine.generate(ROWS).traces(), wanted)


# -- what is asked for -----------------------------------------------------------------------------
def test_so_many_seconds_are_asked_for(
    folder: Path, gpus: LentGpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = Reference(folder)
    engine = made(folder, lent=True)
    borrower = lending.Borrower(parts.model, parts.saes, NORMS, engine._text, 8)
    asked = [Request("the", (), Sampling(max_tokens=100))]
    assert borrower.cost(asked, []) == 10  # 3 to begin, 0.06 a token, and next to no weights
    assert borrower.cost(asked * 9, []) == 16  # one more than there are seats
    assert borrower.cost(asked * 90, []) == lending.LONGEST
    engine.on_behalf(ME).generate(ROWS).traces()
    assert [call.seconds for call in gpus.calls] == [4]
    engine.close()


# -- what ends it ----------------------------------------------------------------------------------
def test_a_reply_that_is_cancelled_ends_and_keeps_what_it_has(
    engine: LocalEngine, gpus: LentGpus
) -> None:
    gpus.before = gate = Gate(2)
    client = engine.on_behalf(ME)
    stream = client.generate(ROWS)
    assert gate.reached.wait(60)
    stream.cancel()
    gate.open.set()
    traces = stream.traces()
    assert [(len(trace.tokens), trace.finish) for trace in traces] == [(3, "cancelled")] * 3
    assert gpus.calls[0].over.wait(60)
    whole = engine.generate(ROWS).traces()
    for cut, trace in zip(traces, whole, strict=True):
        assert cut.tokens == trace.tokens[:3]
        assert cut.logprobs == pytest.approx(trace.logprobs[:3], abs=1e-4)
    assert_alike(client.generate(ROWS).traces(), whole)  # the process has nothing left of them
    first, second = gpus.calls
    assert (first.left, second.left) == (True, False) and first.process == second.process


def test_a_client_that_leaves_frees_the_process(engine: LocalEngine, gpus: LentGpus) -> None:
    gpus.before = gate = Gate(2)
    left = Event()
    stream = engine.on_behalf(Client("me", "reply", left, here=True)).generate(ROWS)
    assert gate.reached.wait(60)
    left.set()
    gate.open.set()
    with pytest.raises(AbandonedError):
        stream.traces()
    assert gpus.calls[0].over.wait(60)
    assert len(engine.on_behalf(ME).generate(ROWS).traces()) == 3
    assert [call.left for call in gpus.calls] == [True, False]


def test_an_engine_that_is_closed_ends_what_is_on_its_way(folder: Path, gpus: LentGpus) -> None:
    gpus.before = gate = Gate(1)
    running = made(folder, lent=True).on_behalf(ME)
    stream = running.generate(ROWS)
    assert gate.reached.wait(60)
    running.close()
    with pytest.raises(EngineError, match="closed"):
        stream.traces()
    with pytest.raises(EngineError, match="closed"):
        running.generate(ROWS)
    gate.open.set()
    assert gpus.calls[0].over.wait(60)


def test_one_visitor_may_not_have_too_much_written(
    engine: LocalEngine, gpus: LentGpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lending, "OWN_ROWS", 3)
    gpus.before = gate = Gate(0)
    stream = engine.on_behalf(ME).generate(ROWS)
    with pytest.raises(BusyError, match="busy.own"):
        engine.on_behalf(ME).generate(ROWS)
    gate.open.set()
    stream.traces()


# -- what fails ------------------------------------------------------------------------------------
def refused(engine: LocalEngine) -> PlayerError:
    stream = engine.on_behalf(ME).generate(ROWS)
    with pytest.raises(PlayerError) as caught:
        list(stream)
    with pytest.raises(PlayerError):
        stream.traces()
    return caught.value


def test_where_none_is_left_it_is_said_and_the_processor_writes_on(
    engine: LocalEngine, gpus: LentGpus, caplog: pytest.LogCaptureFixture
) -> None:
    gpus.refuses = gr.Error("12s requested vs. 3s left", title="ZeroGPU quota exceeded")
    told = refused(engine).said
    assert Words.of("en").said(told) == (
        "Hugging Face has no graphics card to lend you right now: your free minutes of today are "
        "used up, or every card is out. For 10 minutes the Space’s own processor writes instead, "
        "at a stroll. Ask again and it begins."
    )
    russian = Words.of("ru").said(told)
    assert "Следующие 10 минут вместо неё не спеша пишет процессор самого Space." in russian
    assert "no GPU was lent: ZeroGPU quota exceeded" in caplog.text
    assert_alike(engine.on_behalf(ME).generate(ROWS).traces(), engine.generate(ROWS).traces())
    assert len(gpus.calls) == 1 and engine.workload.failures == 1
    gpus.refuses = None  # somebody else has minutes left
    engine.on_behalf(Client("you", "reply", here=True)).generate(ROWS).traces()
    assert len(gpus.calls) == 2


def test_after_a_rest_one_is_asked_for_again(
    folder: Path, gpus: LentGpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lending, "REST", 0)
    engine = made(folder, lent=True)
    gpus.refuses = gr.Error("No GPU was available", title="ZeroGPU client error")
    assert refused(engine).said.key == "lent.failed"
    gpus.refuses = None
    engine.on_behalf(ME).generate(ROWS).traces()
    assert len(gpus.calls) == 2
    engine.close()


def test_what_fails_there_is_said_and_the_process_goes_on(
    engine: LocalEngine, gpus: LentGpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Batch.step
    monkeypatch.setattr(Batch, "step", only_in(os.getpid(), step, lambda batch: 1 // 0))
    assert refused(engine).said.key == "lent.failed"
    assert_alike(engine.on_behalf(ME).generate(ROWS).traces(), engine.generate(ROWS).traces())
    assert len(gpus.calls) == 1 and engine.healthy


def test_a_process_that_dies_ends_the_reply(
    engine: LocalEngine, gpus: LentGpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        core, "in_one_pass", only_in(os.getpid(), core.in_one_pass, lambda *given: os._exit(3))
    )
    assert refused(engine).said.key == "lent.failed"


def test_whoever_has_left_is_not_refused_for_it(engine: LocalEngine, gpus: LentGpus) -> None:
    """Who lends raises an error where the visitor has gone while the line was long."""
    gpus.refuses = RuntimeError("Connection closed by visitor while queueing")
    gpus.before = gate = Gate(0)
    stream = engine.on_behalf(ME).generate(ROWS)
    assert gate.reached.wait(60)
    stream.cancel()
    gate.open.set()
    with pytest.raises(AbandonedError):
        stream.traces()
    gpus.refuses = None
    assert len(engine.on_behalf(ME).generate(ROWS).traces()) == len(gpus.calls) + 1 == 3


def test_tokens_have_all_that_tokens_have(engine: LocalEngine, gpus: LentGpus) -> None:
    (row,) = engine.generate(ROWS[1:2]).traces()
    (lent,) = engine.on_behalf(ME).generate(ROWS[1:2]).traces()
    for ours, theirs in zip(lent.tokens, row.tokens, strict=True):
        assert isinstance(ours, Token) and ours.text == theirs.text
        assert ours.before == pytest.approx(theirs.before, abs=1e-4)
        assert ours.after == pytest.approx(theirs.after, abs=1e-4)
        assert [a.text for a in ours.alternatives] == [a.text for a in theirs.alternatives]
