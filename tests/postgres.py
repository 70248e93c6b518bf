"""A PostgreSQL server of Debian's package, started for the tests alone, and databases on it. Where
there is none, what needs it is skipped aloud."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from playground.store.store import Store

PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
TEMPLATE = "template_game"  # has the tables already, so that a new database has them at once


@dataclass(frozen=True)
class Server:
    """folder: with its socket, which has to have a short path."""

    folder: Path
    numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://tester@/{database}?host={self.folder}"

    def do(self, command: str) -> None:
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(command))
        engine.dispose()

    @contextmanager
    def database(self, empty: bool = False) -> Iterator[str]:
        """The URL of a new one. empty: also without tables."""
        name = f"game_{next(self.numbers)}"
        self.do(f"CREATE DATABASE {name} TEMPLATE {'template0' if empty else TEMPLATE}")
        try:
            yield self.url(name)
        finally:
            self.do(f"DROP DATABASE {name} WITH (FORCE)")


def missing() -> str:
    """Why there is no server here; empty where there can be one."""
    if importlib.util.find_spec("psycopg") is None:
        return "no driver for PostgreSQL: pip install psycopg[binary]"
    if PROGRAMS is None:
        return "no PostgreSQL: apt-get install postgresql"
    return "" if os.geteuid() == 0 else "PostgreSQL has a user of its own: root starts it"


@contextmanager
def running() -> Iterator[Server]:
    """Skips what asks for it where it cannot be started."""
    if reason := missing():
        pytest.skip(reason)
    folder = Path("/tmp") / f"pg-{os.getpid()}"
    folder.mkdir()
    shutil.chown(folder, "postgres", "postgres")
    own = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]

    def run(program: str, *options: str) -> None:
        command = [*own, f"{PROGRAMS}/{program}", "-D", f"{folder}/data", *options]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)

    try:
        encoded = ["-E", "UTF8", "--locale=C.UTF-8"]
        run("initdb", "-U", "tester", "--auth=trust", "--no-sync", *encoded)
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=200"
        run("pg_ctl", "-w", "-l", f"{folder}/log", "-o", options, "start")
        try:
            server = Server(folder)
            server.do(f"CREATE DATABASE {TEMPLATE}")
            Store.open(server.url(TEMPLATE)).close()
            yield server
        finally:
            run("pg_ctl", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder)
