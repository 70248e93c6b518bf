"""Brings a database to the tables that this version knows, or refuses it. The steps themselves are
in migrations/versions; nothing here knows a table."""

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from playground.errors import AuthorError

HEAD = "0006"  # the latest step; said here too, so that a start does not have to load Alembic
STEPS = Path(__file__).with_name("migrations")
VERSION = "alembic_version"  # Alembic's own table
LOCK = 0x57EE4  # any number that nobody else locks by (PostgreSQL)
PATIENCE = 10  # seconds to wait for the file


def migrate(engine: Engine, file: Path | None) -> None:
    """file: of SQLite; a copy is left beside it before data is changed. engine: its transactions
    write. Raises AuthorError for a database that a later version has written."""
    with engine.connect() as connection:
        if connection.dialect.name != "sqlite":
            with connection.begin():
                if revision(connection) != HEAD:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
                    upgrade(connection, None)
            return
        with without_foreign_keys(connection):
            readers_need_not_wait(connection)
            with connection.begin():  # whoever opens it at the same time waits here
                upgrade(connection, file)


def upgrade(connection: Connection, file: Path | None) -> None:
    """In the transaction that is open."""
    found = revision(connection)
    if found == HEAD:
        return
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    config.attributes["connection"] = connection
    steps = ScriptDirectory.from_config(config).walk_revisions()
    if found is not None and found not in {step.revision for step in steps}:
        raise AuthorError(
            f"it was written by a later version of the game (step {found}; this one knows up to "
            f"{HEAD}); update the game, or name another database"
        )
    if file and inspect(connection).get_table_names():
        copy = copied(file)
        logging.getLogger(__name__).warning(
            "The progress store is brought from step %s to %s; as it was, it stays in %s",
            found or "0001", HEAD, copy,
        )  # fmt: skip
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":
        torn = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if torn:
            raise AuthorError(f"its tables do not fit together: {torn[0]}; nothing was changed")


def revision(connection: Connection) -> str | None:
    """The last step that was taken; None for a new database, or one of before steps were kept."""
    if not inspect(connection).has_table(VERSION):
        return None
    return connection.scalar(text(f"SELECT version_num FROM {VERSION}"))


def copied(file: Path) -> Path:
    """Whole also while others write, which a copy of the file would not be."""
    copy = file.with_name(f"{file.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}{file.suffix}")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))
    return copy


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """A table that others refer to cannot be made anew while they count: its rows' rows would go
    with it. SQLite hears of it only between transactions."""
    raw = connection.connection.cursor()
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        raw.execute("PRAGMA foreign_keys=ON")
        raw.close()


def readers_need_not_wait(connection: Connection) -> None:
    """For a writer (WAL), which the file remembers. SQLite waits for nobody here, so we do."""
    raw = connection.connection.cursor()
    until = time.monotonic() + PATIENCE
    while True:
        try:
            raw.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.Error as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise OSError(str(error)) from error
            time.sleep(0.02)
    raw.close()
