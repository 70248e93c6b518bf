"""Starts the game as a player does, on a free port, with its own database: for browser tests."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, delete, func, insert, select, text

from playground import settings
from playground.assets import MANIFEST
from playground.levels.shelf import Shelf
from playground.settings import SHIPPED
from playground.store.records import Attempt, PlayerId
from playground.store.store import Store, attempt_row
from playground.store.tables import AttemptRow, RoundRow

ROOT = Path(__file__).parents[1]
# Another game than that of this tree, such as the folder that `deploy --dry-run` has written, and
# the Python that it is played with.
GAME, PYTHON = os.environ.get("GAME", ROOT), os.environ.get("GAME_PYTHON", sys.executable)
needs_model = pytest.mark.skipif(
    not (settings.load().assets / MANIFEST).is_file(),
    reason=f"no model yet: {settings.load().assets / MANIFEST} is missing (`make pocket`)",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """One `python app.py`; `restart` stops it and starts it again on the same port and database,
    `crash` gives it no chance to put anything away first."""

    def __init__(self, database: Path, more: Mapping[str, str], game: str | Path = GAME) -> None:
        self.database = database
        self._game = game
        self._more = more
        self._log = database.with_suffix(".log")
        self._port = int(more.get("PLAYGROUND_PORT", 0)) or free_port()
        self.address = f"http://127.0.0.1:{self._port}/"
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {
            **os.environ,
            "PLAYGROUND_DB": f"sqlite:///{self.database}",
            "PLAYGROUND_PORT": str(self._port),
            "PLAYGROUND_HOST": "127.0.0.1",
            "PLAYGROUND_MODEL": SHIPPED,
            **self._more,
        }
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [PYTHON, "app.py"], cwd=self._game, env=environment, stdout=log, stderr=log
            )
        self._wait_for(process)
        return process

    def _wait_for(self, process: subprocess.Popen[bytes]) -> None:
        while True:  # a test's wait, see standstill.py
            assert process.poll() is None, self.log()
            try:
                with urllib.request.urlopen(self.address, timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, TimeoutError):
                time.sleep(0.1)

    def cpu(self) -> float:
        """Seconds that it has worked so far."""
        spent = psutil.Process(self._process.pid).cpu_times()
        return spent.user + spent.system

    def memory(self) -> int:
        """Bytes that it holds."""
        return psutil.Process(self._process.pid).memory_info().rss

    def log(self) -> str:
        return self._log.read_text(errors="replace")[-3000:]

    def restart(self) -> None:
        self.stop()
        self._process = self._start()

    def crash(self) -> None:
        """kill -9, then a new start."""
        self.kill()
        self._process = self._start()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.kill()


@contextmanager
def served(database: Path, tree: str | Path = GAME, **more: str) -> Iterator[Served]:
    """tree: the folder of the game; more: further variables of the environment."""
    game = Served(database, more, tree)
    try:
        yield game
    finally:
        game.kill()  # an orderly stop waits for whoever is still there; `restart` does so


def players(database: Path) -> list[PlayerId]:
    """All there are, the newest first."""
    with create_engine(f"sqlite:///{database}").connect() as connection:
        query = text("select id from players order by id desc")
        return [PlayerId(id) for id in connection.execute(query).scalars()]


def win_everything(
    database: Path, rounds: int = 1, most: int | None = None, model: str = SHIPPED
) -> None:
    """On a model, for every player there is, or for so many of the newest; so many rounds of each
    level."""
    store, found = Store.open(f"sqlite:///{database}"), players(database)[:most]
    assert found
    of = AttemptRow.player, AttemptRow.level
    won = [Attempt(level.id, True, 3, 100.0, 0, {}, {}) for level in Shelf.load().levels]
    with store._database.writing() as session:  # all at once: it would take half a minute
        latest = select(*of, func.max(AttemptRow.round)).where(AttemptRow.model == model)
        last = {(mine, at): n for mine, at, n in session.execute(latest.group_by(*of))}
        rows = [
            attempt_row(player, model, each, last.get((player, each.level), -1) + 1 + number)
            for player in found
            for each in won
            for number in range(rounds)
        ]
        session.execute(insert(AttemptRow), rows)
        session.execute(delete(RoundRow).where(RoundRow.player.in_(found)))
    store.close()
