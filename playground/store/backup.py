"""A whole copy of a progress store while others write to it, and the way back. The copy is an
SQLite file, whatever the store is, so that progress can also move from one kind to the other.

Source: SQLite, VACUUM INTO, https://www.sqlite.org/lang_vacuum.html
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, func, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from playground.errors import AuthorError
from playground.store import migrating
from playground.store.database import WRITES, engine_of, file_of
from playground.store.tables import Base, PlayerRow

ROWS = 1000  # that are carried at once
TABLES = Base.metadata.sorted_tables  # those that others refer to come first


def backup(url: str, to: Path) -> None:
    """Writes the copy; `to` is the whole one or what it was before. Raises AuthorError for a store
    that is not there, or a place that cannot be written to."""
    with told(url, to), beside(to) as new:
        if file := file_at(url):
            file.stat()  # SQLite would make one
            with closing(sqlite3.connect(file)) as connection:
                connection.execute("VACUUM INTO ?", (str(new),))
            return
        here, there = engine_of(make_url(url)), file_engine(new)
        try:
            carried(here, there)
        finally:
            here.dispose()
            there.dispose()


def restore(source: Path, url: str) -> None:
    """Fills a store that has no players yet, and brings what another version wrote along. Raises
    AuthorError where there are some, or for a copy that is damaged or of a later version."""
    parsed = make_url(url)
    with told(url, source), tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "copy.db")  # which may have to be migrated
        check(source)
        with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(copy)) as other:
            one.backup(other)
        here, there = file_engine(copy), engine_of(parsed)
        try:
            migrating.migrate(there.execution_options(**{WRITES: True}), None)
            with there.connect() as connection:
                players = connection.scalar(select(func.count()).select_from(PlayerRow))
            if players:
                raise AuthorError(
                    f"{parsed.render_as_string(hide_password=True)}: there are {players} players "
                    "already, and nothing was changed; move that store away first, or name another "
                    "by PLAYGROUND_DB"
                )
            carried(here, there)
        finally:
            here.dispose()
            there.dispose()


def file_at(url: str) -> Path | None:
    """The file of a store, None where it is none."""
    return file_of(make_url(url))


def check(source: Path) -> None:
    """Raises AuthorError for a file that is no whole copy."""
    if not source.is_file():
        raise AuthorError(
            f"{source}: there is no such file; expected one that `backup` has written"
        )
    try:
        with closing(sqlite3.connect(source)) as connection:
            found = connection.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise AuthorError(f"{source}: the copy is damaged ({found}); take an earlier one")


def file_engine(file: Path) -> Engine:
    """Of an SQLite file that is brought to the tables of this version."""
    engine = engine_of(make_url(f"sqlite:///{file}"))
    migrating.migrate(engine.execution_options(**{WRITES: True}), None)
    return engine


def carried(here: Engine, there: Engine) -> None:
    """Every row of one store into another that is empty; both stand as they were at one moment."""
    level = {} if here.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    writer = there.execution_options(**{WRITES: True})
    with here.connect().execution_options(**level) as reading, writer.begin() as writing:
        for table in TABLES:
            rows = reading.execution_options(yield_per=ROWS).execute(select(table))
            for part in rows.mappings().partitions():
                writing.execute(insert(table), [dict(each) for each in part])
        count_on(writing)


def count_on(connection: Connection) -> None:
    """PostgreSQL counts ids on its own, and has not seen those that were brought along."""
    if connection.dialect.name != "postgresql":
        return
    for table in TABLES:
        key = table.autoincrement_column
        if key is None:
            continue
        last = connection.scalar(select(func.max(key)))
        if last is not None:
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:table, :key), :last)"),
                {"table": table.name, "key": key.name, "last": last},
            )


@contextmanager
def beside(to: Path) -> Iterator[Path]:
    """A file that takes the place of `to` once it is whole."""
    to.parent.mkdir(parents=True, exist_ok=True)
    new = to.with_name(f"{to.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    try:
        yield new
        os.replace(new, to)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def told(url: str, file: Path) -> Iterator[None]:
    """Raises AuthorError where a database or the disk fails."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, ImportError, OSError) as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        store = make_url(url).render_as_string(hide_password=True)
        raise AuthorError(f"{store} and {file}: nothing was copied ({reason})") from error
