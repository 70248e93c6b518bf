"""An engine whose model is elsewhere says what the model itself would; a replica that is lost costs
nothing but time."""

from collections.abc import Iterator
from threading import Event
from typing import Any

import numpy as np
import pytest

from playground.engine import reception
from playground.engine.away import TRIES, AwayEngine
from playground.engine.client import Client
from playground.engine.local import LocalEngine
from playground.engine.reception import LostError
from playground.engine.records import Dial, Exchange, Request, Sampling, Talk, Trace, Vector
from playground.errors import AbandonedError, BusyError, EngineError, PlayerError
from tests.engine_models import WIDTH, engine, save_all
from tests.fake_model import FakeEngine
from tests.fleet import NearFleet, sent

SAMPLING = Sampling(max_tokens=12, seed=4, stop_at_end=False)
DIAL = Dial("middle", 3, 0.8, "add", "all")
OWN = Dial.along("late", Vector("mine", tuple(map(float, range(1, WIDTH + 1)))), 0.5)
ROWS = [Request("the cat", dials, SAMPLING) for dials in ((), (DIAL,), (DIAL, OWN))]
TEXTS = ["the cat sat", "the red barn"]


@pytest.fixture(scope="module")
def near(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEngine]:
    running = engine(save_all(tmp_path_factory.mktemp("llama"), "llama"))
    yield running
    running.close()


@pytest.fixture
def fleet(near: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> NearFleet:
    monkeypatch.setattr(reception, "PIECES", 1e9)  # one a token
    return NearFleet(near)


@pytest.fixture
def away(near: LocalEngine, fleet: NearFleet) -> AwayEngine:
    return AwayEngine(fleet, near)


def after(pieces: int, times: int = 1) -> Any:
    """A replica is lost when so many pieces have come, so many times."""
    left = [times]

    def lost(come: int) -> bool:
        if come < pieces or not left[0]:
            return False
        left[0] -= 1
        return True

    return lost


def alike(found: list[Trace], wanted: list[Trace]) -> None:
    for ours, theirs in zip(found, wanted, strict=True):
        assert ours.request == theirs.request and ours.text == theirs.text
        assert (ours.finish, len(ours.tokens)) == (theirs.finish, len(theirs.tokens))
        assert ours.logprobs == pytest.approx(theirs.logprobs, abs=1e-4)


# -- what is asked ---------------------------------------------------------------------------------
def test_everything_that_can_be_asked_comes_back_as_it_is(
    away: AwayEngine, near: LocalEngine
) -> None:
    request = Request("the cat", (DIAL,), SAMPLING)
    assert (away.sites, away.device, away.system) == (near.sites, near.device, near.system)
    assert away.read(TEXTS, "late") == near.read(TEXTS, "late")
    assert away.reread(request, " sat on", "late") == near.reread(request, " sat on", "late")
    assert away.lens(TEXTS, 2) == near.lens(TEXTS, 2)
    assert away.lens(TEXTS, 2, end=True) == near.lens(TEXTS, 2, end=True)
    assert away.spliced(TEXTS, "early", True) == near.spliced(TEXTS, "early", True)
    assert away.score("the cat", " sat") == near.score("the cat", " sat")
    assert away.fitted(request) == near.fitted(request)
    for place in ("written", "neurons"):
        for ours, theirs in zip(
            away.states(TEXTS, "late", place), near.states(TEXTS, "late", place), strict=True
        ):
            assert ours.tokens == theirs.tokens and np.array_equal(ours.values, theirs.values)
    assert away.lend(lambda model, saes, text: sorted(saes)) == ["early", "late", "middle"]
    assert away.notes == ("kept in 8 bits",)
    away.ready()
    away.check()


def test_what_stays_as_it_is_is_asked_once(away: AwayEngine, fleet: NearFleet) -> None:
    mine = away.on_behalf(Client("me"))
    assert mine.sites == away.sites and mine.device == away.device
    assert fleet.asked == ["sites", "device"]


def test_a_refusal_comes_back_as_what_it_is(away: AwayEngine, near: LocalEngine) -> None:
    with pytest.raises(EngineError, match="no site 'deep'"):
        away.read(TEXTS, "deep")
    with pytest.raises(PlayerError) as told:
        away.read(["the cat " * 400], "late")
    assert told.value.said.params["limit"] == 512
    with pytest.raises(PlayerError) as told:
        away.generate([Request("the cat", (), Sampling(max_tokens=0))]).traces()
    with pytest.raises(PlayerError) as here:
        near.generate([Request("the cat", (), Sampling(max_tokens=0))])
    assert told.value.said == here.value.said
    busy = sent(BusyError("busy.own", rows=64))
    assert type(busy) is BusyError and busy.said.params == {"rows": 64}


# -- what is written -------------------------------------------------------------------------------
def test_replies_are_those_of_the_model_and_come_piece_by_piece(
    away: AwayEngine, near: LocalEngine
) -> None:
    stream = away.generate(ROWS)
    came = list(stream)
    alike(stream.traces(), near.generate(ROWS).traces())
    for row, trace in enumerate(stream.traces()):
        assert tuple(token for place, token in came if place == row) == trace.tokens
    assert away.workload.replies == 3 and away.workload.tokens == 36
    assert away.workload.rows_running == 0 and sum(away.workload.first_tokens) == 1
    assert away.generate([]).traces() == []


def test_a_lost_replica_costs_no_token_and_shows_none_twice(
    away: AwayEngine, near: LocalEngine, fleet: NearFleet
) -> None:
    fleet.lost = after(pieces=9)
    stream = away.generate(ROWS)
    came = list(stream)
    assert fleet.writing == 2 and away.workload.restarts == 1
    alike(stream.traces(), near.generate(ROWS).traces())
    for row, trace in enumerate(stream.traces()):
        assert [token.id for place, token in came if place == row] == [t.id for t in trace.tokens]


def test_what_was_asked_is_asked_again_and_not_for_ever(away: AwayEngine, fleet: NearFleet) -> None:
    fleet.lost = after(pieces=0, times=TRIES - 1)
    assert away.read(TEXTS, "late") and away.workload.restarts == TRIES - 1
    fleet.lost = after(pieces=0, times=2 * TRIES)
    with pytest.raises(EngineError, match=f"{TRIES} replicas were lost"):
        away.read(TEXTS, "late")
    with pytest.raises(EngineError, match=f"{TRIES} replicas were lost"):
        away.generate(ROWS).traces()
    assert away.workload.failures == 1 and away.workload.rows_running == 0


def test_whoever_leaves_is_let_go_of_there(
    away: AwayEngine, near: LocalEngine, fleet: NearFleet
) -> None:
    client = Client("me", "reply")
    long = Request("the cat", (), Sampling(max_tokens=250, stop_at_end=False))
    stream = away.on_behalf(client).generate([long])
    next(iter(stream))
    client.left.set()
    with pytest.raises(AbandonedError):
        stream.traces()
    with pytest.raises(AbandonedError):
        away.on_behalf(client).generate([long])
    cancelled = away.generate([long])
    for _ in cancelled:
        break  # which cancels the rest
    with pytest.raises(AbandonedError):
        cancelled.traces()
    while near.workload.rows_running or away.workload.rows_running:  # see standstill.py
        Event().wait(0.01)
    assert away.workload.restarts == 0


def test_a_talk_and_its_dials_go_along(fleet: NearFleet) -> None:
    talk = Talk("be kind", (Exchange("hello", "hi"),))
    asked = Request("the cat", (DIAL, OWN), SAMPLING, talk)
    assert sent(asked) == asked


def test_what_is_closed_ends_what_is_on_its_way() -> None:
    class Endless:
        alive = True
        told = Event()

        def ask(self, *given: Any) -> Any:
            raise LostError("nobody is there")

        def write(self, *given: Any) -> Any:
            while not self.told.wait(0.01):
                yield None

    fleet = Endless()
    away = AwayEngine(fleet, FakeEngine(), {})  # pyright: ignore[reportArgumentType]
    stream = away.generate(ROWS)
    assert away.healthy and away.workload.rows_running == 3
    away.close()
    with pytest.raises(EngineError, match="closed"):
        stream.traces()
    fleet.told.set()
    assert not away.healthy
    for ask in (away.check, lambda: away.generate(ROWS), lambda: away.lend(lambda *all: None)):
        with pytest.raises(EngineError, match="closed"):
            ask()
