"""What stands around the game: how often, where, how it is, what is written down; and the faults
that a host may have."""

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.engine.workload import BOUNDS, WorkCount, Workload
from playground.errors import AuthorError, EngineError, PlayerError
from playground.hosting import health, logs, port, welcome
from playground.hosting.health import Health
from playground.hosting.metrics import Answered, Metrics
from playground.hosting.rates import BURST, MINUTE, Rates
from playground.settings import Settings
from playground.store.store import Store
from tests.served import free_port


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


# -- rates -----------------------------------------------------------------------------------------
def test_each_has_a_bucket_that_fills_steadily() -> None:
    clock = Clock()
    rates = Rates(60, clock)
    assert [rates.wait("me") for _ in range(int(60 * BURST))] == [0.0] * 30
    assert rates.wait("me") == pytest.approx(1.0)
    assert rates.wait("you") == 0.0
    clock.now += 0.5
    assert rates.wait("me") == pytest.approx(0.5)
    clock.now += 0.5
    assert rates.wait("me") == 0.0
    clock.now += 10 * MINUTE
    assert [rates.wait("me") for _ in range(31)].count(0.0) == 30


def test_nothing_is_counted_without_a_limit_and_the_longest_unseen_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert {Rates(0).wait("me") for _ in range(1000)} == {0.0}
    monkeypatch.setattr("playground.hosting.rates.MOST", 3)
    rates = Rates(2, Clock())
    assert rates.wait("first") == 0.0 and rates.wait("first") > 0
    for name in "abc":
        rates.wait(name)
    assert rates.wait("first") == 0.0


def test_a_clock_that_is_put_back_or_forward_gives_nobody_more_or_less(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only the clock that never jumps counts."""
    jumping = Clock()
    monkeypatch.setattr("time.time", jumping)
    rates = Rates(2)
    assert rates.wait("me") == 0.0
    for jump in (-86400.0, 86400.0):
        jumping.now += jump
        assert rates.wait("me") > 0


# -- where it listens ------------------------------------------------------------------------------
def test_a_port_is_looked_at_before_anything_else() -> None:
    free = free_port()
    port.check("127.0.0.1", free)
    port.check("0.0.0.0", free)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free))
        taken.listen()
        for host in ("127.0.0.1", "0.0.0.0"):
            with pytest.raises(AuthorError, match=f"^PLAYGROUND_PORT={free}: .*{free + 1}$"):
                port.check(host, free)
    with pytest.raises(AuthorError, match="no such address"):
        port.check("no.such.host.invalid", free)


# -- how it is -------------------------------------------------------------------------------------
class Game:
    """Does what `wrong` says when it is asked how it is."""

    def __init__(self) -> None:
        self.wrong: Exception | None = None
        self.held = threading.Event()
        self.held.set()
        self.asked = 0

    def check(self) -> None:
        self.asked += 1
        self.held.wait()
        if self.wrong:
            raise self.wrong


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Health, Game, Metrics]]:
    monkeypatch.setattr(health, "FRESH", 0.0)
    metrics, game = Metrics(lambda: {"pocket": Workload()}), Game()
    made = Health({"pocket": game}, metrics)
    made.opened = True
    yield made, game, metrics
    game.held.set()


def troubles(made: Health) -> dict[str, str]:
    return asyncio.run(made.troubles())


def test_it_is_ready_when_every_model_and_the_store_answer(
    watched: tuple[Health, Game, Metrics],
) -> None:
    made, game, metrics = watched
    assert troubles(made) == {} and b"playground_ready 1.0" in metrics.text()
    game.wrong = EngineError("The model pocket does not answer.")
    assert troubles(made) == {"pocket": "The model pocket does not answer."}
    assert b"playground_ready 0.0" in metrics.text()
    game.wrong = None
    assert troubles(made) == {}
    made.opened = False
    assert troubles(made) == {"pocket": "loading"}


def test_a_model_that_does_not_come_back_is_not_waited_for(
    watched: tuple[Health, Game, Metrics], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, game, _ = watched
    monkeypatch.setattr(health, "PATIENCE", 0.05)
    game.held.clear()
    assert troubles(made) == {"pocket": "no answer within 0.05 seconds"}


def test_many_who_ask_are_one_question(
    watched: tuple[Health, Game, Metrics], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, game, _ = watched
    monkeypatch.setattr(health, "FRESH", 60.0)

    async def many() -> None:
        await asyncio.gather(*(made.troubles() for _ in range(50)))

    asyncio.run(many())
    assert game.asked == 1


# -- the store -------------------------------------------------------------------------------------
def test_a_store_says_at_once_that_its_file_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "p.db"
    store = Store.open(f"sqlite:///{file}")
    store.check()
    aside = file.rename(tmp_path / "aside.db")
    with pytest.raises(Exception, match="moved or deleted"):
        store.check()
    aside.rename(file)
    store.check()
    store.close()


def test_a_disk_that_is_nearly_full_is_said_before_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'p.db'}")
    monkeypatch.setattr("playground.store.database.ROOM", 2**60)
    with pytest.raises(Exception, match=r"nearly full: \d+ MiB are left .*Make room"):
        store.check()
    store.close()


# -- figures ---------------------------------------------------------------------------------------
def test_figures_are_cumulated_as_prometheus_has_it() -> None:
    count = WorkCount()
    for seconds in (0.05, 0.3, 0.4, 1000.0):
        count.first(seconds)
    assert count.first_tokens == [1, 0, 0, 2, *[0] * (len(BOUNDS) - 4), 1]
    load = Workload(1, 2, 3, 4, 5, 6, 7, 8, tuple(count.first_tokens), count.first_token_sum)
    metrics = Metrics(lambda: {"pocket": load})
    metrics.note(Answered("GET", "/ru/gradio_api/queue/join", 200, 0.2))
    metrics.note(Answered("GET", "/gradio_api/heartbeat/abc", 200, 900.0))
    text = metrics.text().decode()
    for line in (
        'playground_rows_waiting{model="pocket"} 2.0',
        'playground_engine_restarts_total{model="pocket"} 8.0',
        'playground_first_token_seconds_bucket{le="0.05",model="pocket"} 1.0',
        'playground_first_token_seconds_bucket{le="0.5",model="pocket"} 3.0',
        'playground_first_token_seconds_bucket{le="+Inf",model="pocket"} 4.0',
        'playground_first_token_seconds_count{model="pocket"} 4.0',
        'playground_answers_total{kind="join",status="200"} 1.0',
        'playground_answers_total{kind="stream",status="200"} 1.0',
    ):
        assert line in text.splitlines()
    assert 'answer_seconds_count{kind="stream"}' not in text and "abc" not in text


# -- what is written down --------------------------------------------------------------------------
def line(form: logs.Form, error: Exception | None) -> str:
    try:
        if error:
            raise error
        caught = None
    except Exception as raised:
        caught = (type(raised), raised, raised.__traceback__)
    record = logging.LogRecord(
        "playground.a", logging.ERROR, __file__, 1, "it failed", None, caught
    )
    return logs.Lines(form).format(record)


def test_a_line_says_where_an_error_was_and_not_what_it_quotes() -> None:
    said = json.loads(line("json", ValueError("the learner wrote: meow")))
    assert (said["level"], said["says"], said["error"]) == ("error", "it failed", "ValueError")
    assert "test_hosting.py" in said["where"][-1]
    for form in ("json", "text"):
        assert "meow" not in line(form, ValueError("meow"))
        assert "meow" not in line(form, PlayerError("errors.no_site", site="meow", known=("a",)))
        assert "is closed" in line(form, EngineError("The engine is closed."))
        assert "\n" not in line(form, EngineError("The engine is closed."))


# -- what the console says -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "address"),
    [
        ({}, "on this machine alone: http://127.0.0.1:7860/"),
        ({"host": "::1"}, "on this machine alone: http://[::1]:7860/"),
        ({"host": "10.0.0.5", "port": 80}, "in the network: http://10.0.0.5:80/"),
        ({"host": "0.0.0.0"}, "in the network: http://192.168.1.20:7860/"),
        ({"host": "0.0.0.0", "root_path": "https://a.org/play"}, "on the web: https://a.org/play/"),
        ({"root_path": "play"}, "below /play/, which it passes on to 127.0.0.1:7860"),
    ],
)
def test_the_console_says_what_a_person_can_open(
    given: dict[str, object], address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(welcome, "own_address", lambda: "192.168.1.20")
    monkeypatch.setattr(welcome, "CONTAINER", ())
    told = welcome.told(Settings(**given, teacher="a secret of yours"))  # type: ignore[arg-type]
    said = " ".join(told.split())
    assert address in said and "0.0.0.0" not in said and "a secret" not in said
    teaches = f"{address.partition(': ')[2].strip()}teach"
    assert (f" {teaches}" in said) == ("below" not in address)


def test_where_there_is_no_network_or_a_container_no_address_is_made_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = welcome.own_address()
    assert found is None or not found.startswith("127.")
    monkeypatch.setattr(welcome, "own_address", lambda: None)
    monkeypatch.setattr(welcome, "CONTAINER", ())
    alone = welcome.told(Settings(host="0.0.0.0"))
    assert "http://127.0.0.1:7860/" in alone and "nobody else can reach" in alone
    monkeypatch.setattr(welcome, "CONTAINER", (Path("/"),))
    assert "the machine that runs this container" in welcome.told(Settings(host="0.0.0.0"))
