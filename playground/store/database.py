"""The database behind the progress store: how it is opened and what a transaction is. Knows no
tables and no players."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session

from playground.errors import AuthorError, StoreError
from playground.store import migrating

BUSY_SECONDS = 10  # how long a writer waits for another one (SQLite)
ROOM = 32 * 2**20  # bytes that the disk must have left, so that it is not full in mid-sentence
WRITES = "playground_writes"  # an option of connections


class Database:
    """Any number of threads and processes; `reading` and `writing` are one transaction each."""

    def __init__(self, engine: Engine, file: Path | None) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{WRITES: True})
        self._file = file
        self._opened = identity(file)

    @classmethod
    def open(cls, url: str) -> "Database":
        """Connects, and migrates what another version has written.

        Raises AuthorError when the database cannot be opened.
        """
        shown = url
        try:
            parsed = make_url(url)
            shown = parsed.render_as_string(hide_password=True)
            file = file_of(parsed)
            engine = engine_of(parsed)
            migrating.migrate(engine.execution_options(**{WRITES: True}), file)
            return cls(engine, file)
        except AuthorError as error:
            raise AuthorError(f"PLAYGROUND_DB={shown!r}: {error}") from error
        except (SQLAlchemyError, ImportError, OSError) as error:
            reason = str(error.__cause__ or error).splitlines()[0]
            raise AuthorError(
                f"PLAYGROUND_DB={shown!r}: the progress store cannot be opened ({reason}); "
                "expected an SQLAlchemy URL such as sqlite:////home/me/a.db, in a writable folder"
            ) from error

    @property
    def forgets_zones(self) -> bool:
        """Whether moments are kept as UTC without saying so."""
        return self._engine.dialect.name == "sqlite"

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._told(), Session(self._engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Whole or not at all."""
        with self._told(), Session(self._writer) as session, session.begin():
            yield session

    def check(self) -> None:
        """Raises StoreError where nothing could be kept now."""
        with self.writing() as session:
            session.execute(text("SELECT 1"))
        if self._file and (left := shutil.disk_usage(self._file.parent).free) < ROOM:
            raise StoreError(
                f"The disk of the progress store is nearly full: {left // 2**20} MiB are left "
                f"beside {self._file}. Make room there."
            )

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Raises StoreError where the database fails."""
        # SQLite goes on in a file that was deleted or replaced, and what it writes is lost.
        if identity(self._file) != self._opened:
            raise StoreError(
                f"The file of the progress store was moved or deleted while the game ran: "
                f"{self._file}. Put it back if you can, then start the game again."
            )
        try:
            yield
        except (DBAPIError, PoolTimeout) as error:
            reason = str(getattr(error, "orig", error)).splitlines()[0]
            raise StoreError(
                f"The progress store did not answer ({reason}), and nothing was kept. "
                "Is another program writing to it, or the disk full?"
            ) from error


def upsert(session: Session, table: type[DeclarativeBase]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that may say what happens on a conflict, as the database at hand spells it."""
    known = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
    return known[session.get_bind().dialect.name](table)


def zoned(at: datetime) -> datetime:
    """SQLite forgets the zone."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def identity(file: Path | None) -> tuple[int, int] | None:
    """Which file it is, whatever its name; None where there is none."""
    try:
        found = file and file.stat()
    except FileNotFoundError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def file_of(url: URL) -> Path | None:
    """Of an SQLite database that is not in memory."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(url.database)


def engine_of(url: URL) -> Engine:
    """For a file of SQLite, makes the folder around it."""
    if url.get_backend_name() != "sqlite":
        # A server that was gone meanwhile is asked again, on a new connection.
        return create_engine(url, hide_parameters=True, pool_pre_ping=True)
    if file := file_of(url):
        file.parent.mkdir(parents=True, exist_ok=True)
    # The log would show answers and digests otherwise.
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", tune)
    event.listen(engine, "begin", begin)
    return engine


def tune(connection: Any, _record: object) -> None:
    """Transactions begin when we say so, not with the first change; foreign keys count."""
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")


def begin(connection: Connection) -> None:
    """Who writes waits for other writers before it reads: two who read first and then both want to
    write would be refused at once. It also makes changes of tables a part of the transaction."""
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
