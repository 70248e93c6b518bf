"""A new SQLite database gets its tables by the SQL that the steps of this version came to, instead
of by the steps: they are taken once a tester, and hundreds of tests begin with a new one.
test_store_migrations.py takes them each time."""

from pathlib import Path

from sqlalchemy import Connection, inspect

from playground.store import migrating

steps = migrating.upgrade
made = list[str]()  # what they came to; SQLite's own tables make themselves
MADE = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"


def at_once(connection: Connection, file: Path | None) -> None:
    """In the place of migrating.upgrade."""
    if connection.dialect.name != "sqlite" or inspect(connection).get_table_names():
        steps(connection, file)
    elif made:
        for each in made:
            connection.exec_driver_sql(each)
        connection.exec_driver_sql(f"INSERT INTO {migrating.VERSION} VALUES ('{migrating.HEAD}')")
    else:
        steps(connection, file)
        made.extend(connection.exec_driver_sql(MADE).scalars())
