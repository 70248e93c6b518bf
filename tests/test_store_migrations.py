"""Databases of other versions are opened.

fixtures/progress-0.1.0.db was written by version 0.1.0 (commit 0f0dc19) playing the shipped model:
a script called Game.player four times, and then as
- ada: ask + answer of spot-first, lost and won; two hints of find-cats, which was submitted with a
  wrong feature, the right one and another wrong one; steer-pirate at strength 0.02, then 0.5;
- bob: spot-first lost, one hint of it; two probes of the first question of mystery-first;
- carol: nothing;
- dan: a sitting of four parts, of which exam-1-spot was won and exam-1-hunt-cats lost.
What had to be won before that was recorded with one star and no verdict. TOKENS is what the four
browsers kept.
"""

import json
import logging
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect

from playground.errors import AuthorError, PlayerError
from playground.store import migrating
from playground.store.records import Attempt, Best, PlayerId
from playground.store.store import Store
from playground.store.tables import Base
from tests import new_tables

OLD = Path(__file__).with_name("fixtures") / "progress-0.1.0.db"
TOKENS = {
    "ada": "O_P-G5Ymk_9u9SXkRUVLAA",
    "bob": "BZqWfvw8XC7k9cCH4gMWyA",
    "carol": "Wf5EXr74-nCXXBb4LtOMQQ",
    "dan": "IWw3WGlQCSu_KWdyB3yGVQ",
}
MODEL = "pocket"


@pytest.fixture(autouse=True)
def steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here they are taken, and not what they once came to."""
    monkeypatch.setattr(migrating, "upgrade", new_tables.steps)


def test_what_other_tests_begin_with_is_what_the_steps_make(tmp_path: Path) -> None:
    new_tables.made.clear()
    files = [tmp_path / f"{name}.db" for name in ("steps", "kept", "again")]
    for file, upgrade in zip(
        files, (new_tables.steps, new_tables.at_once, new_tables.at_once), strict=True
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(migrating, "upgrade", upgrade)
            Store.open(f"sqlite:///{file}").close()
    query = "SELECT name, sql FROM sqlite_master ORDER BY name"
    (first, *others), marks = [rows(file, query) for file in files], [version(f) for f in files]
    assert len(first) > 20 and others == [first, first]
    assert marks == [[(migrating.HEAD,)]] * 3


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return Path(shutil.copy(OLD, tmp_path / "progress.db"))


@pytest.fixture
def store(old: Path) -> Iterator[Store]:
    store = Store.open(f"sqlite:///{old}")
    yield store
    store.close()


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def version(path: Path) -> list[tuple[object, ...]]:
    return rows(path, "SELECT version_num FROM alembic_version")


def copies(path: Path) -> list[Path]:
    return sorted(path.parent.glob("progress-*.db"))


def test_the_browsers_of_before_open_the_same_progress(store: Store) -> None:
    ids = {name: store.players.known(token).id for name, token in TOKENS.items()}
    assert ids == {"ada": 1, "bob": 2, "carol": 3, "dan": 4}
    best = store.best(ids["ada"], MODEL)
    assert best["spot-first"] == Best("spot-first", True, 3, 100.0, 2)
    assert (best["find-cats"].stars, best["find-cats"].attempts) == (3, 3)
    assert (best["steer-pirate"].stars, best["steer-pirate"].attempts) == (3, 2)
    assert store.hints(ids["ada"], MODEL, "find-cats") == 2
    assert store.hints(ids["bob"], MODEL, "spot-first") == 1
    assert store.best(ids["bob"], MODEL)["spot-first"] == Best("spot-first", False, 0, 0.0, 1)
    assert store.best(ids["carol"], MODEL) == {}
    parts = ("exam-1-spot", "exam-1-name", "exam-1-hunt-cats", "exam-1-control")
    assert store.sittings(ids["dan"], MODEL) == {1: parts}
    assert [each.won for each in store.best(ids["dan"], MODEL).values()] == [False, True]
    (first, second) = store.probes(ids["bob"], MODEL, "mystery-first", 0)
    assert (first.prompt, second.prompt) == ("Once upon a time", "The dog")
    assert len(first.replies) == 2


def test_attempts_and_verdicts_stay_as_they_were(store: Store) -> None:
    ada = store.players.known(TOKENS["ada"]).id
    tries = store.attempts(ada, MODEL, "find-cats")
    assert [(each.round, each.won, each.hints) for each in tries] == [
        (0, False, 2), (1, True, 2), (2, False, 2),
    ]  # fmt: skip
    assert all(each.at and each.at.tzinfo and each.at.year == 2026 for each in tries)
    assert {(each.atlas, each.level_version) for each in tries} == {(None, None)}
    assert [each.answer["feature"] for each in tries] == [845, 844, 846]
    before = rows(OLD, f"SELECT level, verdict FROM replays WHERE player = '{TOKENS['ada']}'")
    assert sorted(str(level) for level, _ in before) == ["find-cats", "spot-first", "steer-pirate"]
    for level, verdict in before:
        kept = store.replay(ada, MODEL, str(level))
        assert kept is not None
        assert kept.verdict == json.loads(str(verdict))
        assert isinstance(kept.verdict["sentence"], str)  # English, as it was said then


def test_the_old_tokens_are_in_no_table(store: Store, old: Path) -> None:
    store.close()
    with closing(sqlite3.connect(old)) as connection:
        dump = "\n".join(connection.iterdump())
    assert "Once upon a time" in dump
    assert not [name for name, token in TOKENS.items() if token in dump]
    assert (
        rows(old, "SELECT name FROM sqlite_master WHERE name LIKE 'old%' OR name LIKE 'moved%'")
        == []
    )


def test_what_it_was_stays_beside_it_and_is_named(
    old: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        Store.open(f"sqlite:///{old}").close()
    (copy,) = copies(old)
    assert str(copy) in caplog.text
    assert f"from step 0001 to {migrating.HEAD}" in caplog.text
    assert rows(copy, "SELECT * FROM attempts") == rows(OLD, "SELECT * FROM attempts")
    Store.open(f"sqlite:///{old}").close()
    assert copies(old) == [copy]  # nothing is brought anywhere the second time
    assert version(old) == [(migrating.HEAD,)]


def test_new_players_and_tries_go_on_after_the_old_ones(store: Store) -> None:
    assert store.players.enter(None).id == 5
    ada = store.players.known(TOKENS["ada"]).id
    last = store.attempts(ada, MODEL, "find-cats")[-1]
    made = store.record(ada, MODEL, last)
    assert (made.new, made.attempt) == (False, last)


def test_who_was_another_player_on_another_model_is_one_player_now(store: Store) -> None:
    me = store.players.enter(None).id
    store.open_hints(me, "gpt2", "find-cats", 3)
    for _ in range(2):
        store.adopt(me, "gpt2", TOKENS["ada"])
    assert store.best(me, "gpt2")["spot-first"] == Best("spot-first", True, 3, 100.0, 2)
    assert store.replay(me, "gpt2", "spot-first") is not None
    assert store.hints(me, "gpt2", "find-cats") == 3  # what is there stays
    assert store.best(me, MODEL) == {}
    assert store.best(PlayerId(1), MODEL) == {}
    with pytest.raises(PlayerError):
        store.players.known(TOKENS["ada"])
    store.record(me, "gpt2", Attempt("spot-first", False, 0, 0.0, 0, {}, {}))
    store.adopt(me, "gpt2", TOKENS["bob"])
    assert "control-coin" not in store.best(me, "gpt2")
    store.adopt(me, "gpt2", "nobody's")
    dan = store.players.enter(TOKENS["dan"])
    store.adopt(dan.id, MODEL, dan.secret)
    assert store.players.known(dan.secret) == dan


@pytest.mark.parametrize("given", ["old", "new"])
def test_the_tables_are_those_that_the_program_knows(tmp_path: Path, old: Path, given: str) -> None:
    path = old if given == "old" else tmp_path / "new.db"
    Store.open(f"sqlite:///{path}").close()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()
    assert rows(path, "PRAGMA foreign_key_check") == []
    assert rows(path, "PRAGMA journal_mode") == [("wal",)]
    assert key_of(path, "probes") == ["player", "model", "level", "seed", "number", "place"]
    assert key_of(path, "replays") == ["player", "model", "level"]


def key_of(path: Path, table: str) -> list[object]:
    query = f"SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk"
    return [name for (name,) in rows(path, query)]


def test_the_first_step_makes_what_version_0_1_0_made(tmp_path: Path) -> None:
    made = create_engine(f"sqlite:///{tmp_path / 'made.db'}")
    with made.connect() as connection:
        steps_to(connection, "0001")
        connection.commit()
    was = create_engine(f"sqlite:///{OLD}")
    ours, theirs = inspect(made), inspect(was)
    assert set(ours.get_table_names()) - {migrating.VERSION} == set(theirs.get_table_names())
    for table in theirs.get_table_names():
        assert repr(ours.get_columns(table)) == repr(theirs.get_columns(table))
        assert ours.get_pk_constraint(table) == theirs.get_pk_constraint(table)
        assert ours.get_indexes(table) == theirs.get_indexes(table)
    made.dispose()
    was.dispose()


def steps_to(connection: Connection, step: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrating.STEPS))
    config.attributes["connection"] = connection
    command.upgrade(config, step)


def test_a_database_of_before_probes_gets_what_it_lacks(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection:
        connection.execute("DROP TABLE probes")
    store = Store.open(f"sqlite:///{old}")
    bob = store.players.known(TOKENS["bob"]).id
    assert store.probes(bob, MODEL, "mystery-first", 0) == ()
    store.close()


def test_a_later_version_is_refused_in_one_sentence(store: Store, old: Path) -> None:
    store.close()
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    with pytest.raises(
        AuthorError, match=r"^PLAYGROUND_DB=.*a later version of the game \(step 0999; .* 0006\);"
    ):
        Store.open(f"sqlite:///{old}")


def test_a_step_that_fails_leaves_everything_as_it_was(old: Path) -> None:
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("CREATE TABLE rounds (id INTEGER)")  # what the last step is to make
    tables = rows(old, "SELECT name, sql FROM sqlite_master ORDER BY name")
    with pytest.raises(AuthorError, match="table rounds already exists"):
        Store.open(f"sqlite:///{old}")
    assert rows(old, "SELECT name, sql FROM sqlite_master ORDER BY name") == tables
    assert rows(old, "SELECT * FROM attempts") == rows(OLD, "SELECT * FROM attempts")


def test_torn_rows_are_refused(old: Path) -> None:
    Store.open(f"sqlite:///{old}").close()
    with closing(sqlite3.connect(old)) as connection, connection:
        connection.execute("DELETE FROM alembic_version")
        connection.execute("INSERT INTO alembic_version VALUES ('0002')")
        connection.execute("DROP TABLE rounds")
        connection.execute("DROP TABLE shared")
        connection.execute("DROP TABLE talks")
        for table in (
            "written",
            "members",
            "classes",
            "visits",
            "teacher_sessions",
            "certificates",
        ):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("INSERT INTO hints VALUES (404, 'pocket', 'find-cats', 1)")
    with pytest.raises(AuthorError, match="do not fit together: .*hints.*nothing was changed"):
        Store.open(f"sqlite:///{old}")
    assert version(old) == [("0002",)]


def test_the_latest_step_is_the_one_that_is_named() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrating.STEPS))
    assert ScriptDirectory.from_config(config).get_heads() == [migrating.HEAD]
    for path in migrating.STEPS.glob("versions/*.py"):
        assert re.match(r"\d{4}_[a-z0-9_]+\.py", path.name)


def test_a_database_in_memory_has_its_tables_too() -> None:
    store = Store.open("sqlite://")
    player = store.players.enter(None)
    assert store.players.known(player.secret) == player
    assert store.best(PlayerId(player.id), MODEL) == {}
    store.close()
