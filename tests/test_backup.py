"""Copies of a progress store while others write to it, the way back, and what is lost when a
machine is gone: an SQLite file and, where PostgreSQL is installed, a real server."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text

from playground import __main__ as command
from playground.errors import AuthorError
from playground.hosting import snapshots
from playground.hosting.snapshots import Snapshots
from playground.settings import Settings
from playground.store import backup
from playground.store.records import Attempt, PlayerId
from playground.store.store import Store
from tests.postgres import Server
from tests.served import ROOT

MODEL = "pocket"
WRITERS, EACH = 4, 25


def attempt(level: str) -> Attempt:
    return Attempt(level, True, 2, 50.0, 0, {"said": "мяу"}, {})


def url_of(file: Path) -> str:
    return f"sqlite:///{file}"


def filled(url: str, players: int = 2) -> list[PlayerId]:
    store = Store.open(url)
    made = [store.players.enter(None).id for _ in range(players)]
    for player in made:
        store.record(player, MODEL, attempt("cats"))
        store.keep_talk(player, MODEL, lambda talk: {"turns": ["мяу"]})
    store.share("deal/a", [1, 2])
    store.close()
    return made


def kept(url: str, player: PlayerId) -> list[str]:
    store = Store.open(url)
    try:
        return sorted(store.best(player, MODEL))
    finally:
        store.close()


# -- a file ----------------------------------------------------------------------------------------
def test_a_copy_is_whole_while_others_write(tmp_path: Path) -> None:
    """Each player's attempts come in order: what stands in a copy is the beginning of them."""
    url, store = url_of(tmp_path / "p.db"), Store.open(url_of(tmp_path / "p.db"))
    players = [store.players.enter(None).id for _ in range(WRITERS)]
    stop, copies = threading.Event(), list[Path]()

    def write(player: PlayerId) -> None:
        for n in range(EACH):
            store.record(player, MODEL, attempt(f"level {n:03}"))

    def copy() -> None:
        while not stop.is_set():
            copies.append(tmp_path / f"copy{len(copies)}.db")
            backup.backup(url, copies[-1])

    copying = threading.Thread(target=copy)
    writing = [threading.Thread(target=write, args=(each,)) for each in players]
    for each in (copying, *writing):
        each.start()
    for each in writing:
        each.join()
    stop.set()
    copying.join()
    assert copies
    backup.backup(url, tmp_path / "last.db")
    for file in (*copies, tmp_path / "last.db"):
        backup.check(file)
        for player in players:
            found = kept(url_of(file), player)
            assert found == [f"level {n:03}" for n in range(len(found))]
    assert all(len(kept(url_of(tmp_path / "last.db"), each)) == EACH for each in players)
    store.close()
    assert not list(tmp_path.glob("*.new"))


def test_a_store_goes_on_from_a_copy_and_never_over_another(tmp_path: Path) -> None:
    old, new, copy = tmp_path / "a" / "p.db", tmp_path / "b" / "p.db", tmp_path / "copy.db"
    player = filled(url_of(old))[1]
    backup.backup(url_of(old), copy)
    backup.restore(copy, url_of(new))
    assert kept(url_of(new), player) == ["cats"]
    with pytest.raises(AuthorError, match="there are 2 players already, and nothing was changed"):
        backup.restore(copy, url_of(new))
    store = Store.open(url_of(new))
    assert store.shared("deal/a") == [1, 2]
    assert store.players.enter(None).id not in (player, player - 1)
    store.close()


def test_a_copy_of_an_older_version_is_brought_along(tmp_path: Path) -> None:
    oldest = min(Path("tests/fixtures").glob("progress-*.db"))
    backup.restore(oldest, url_of(tmp_path / "p.db"))
    with sqlite3.connect(tmp_path / "p.db") as connection:
        assert connection.execute("SELECT count(*) FROM attempts").fetchone()[0] > 0
    connection.close()


def test_what_cannot_be_copied_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    damaged, good = tmp_path / "damaged.db", tmp_path / "good.db"
    filled(url_of(good))
    damaged.write_bytes(good.read_bytes()[:5000])
    with pytest.raises(AuthorError, match="No such file|no such file"):
        backup.backup(url_of(tmp_path / "none.db"), tmp_path / "copy.db")
    with pytest.raises(AuthorError, match="the copy is damaged .*take an earlier one"):
        backup.restore(damaged, url_of(tmp_path / "new.db"))
    with pytest.raises(AuthorError, match="there is no such file"):
        backup.restore(tmp_path / "none.db", url_of(tmp_path / "new.db"))
    assert not (tmp_path / "new.db").exists() and not (tmp_path / "copy.db").exists()
    # A place that cannot be written to: what stood there before stays.
    folder = tmp_path / "taken"
    folder.mkdir()
    with pytest.raises(AuthorError, match="nothing was copied"):
        backup.backup(url_of(good), folder)
    assert folder.is_dir() and not list(tmp_path.glob("*.new"))


def test_the_commands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    player = filled(url_of(tmp_path / "p.db"))[0]
    monkeypatch.setenv("PLAYGROUND_DB", url_of(tmp_path / "p.db"))
    assert command.main(["backup", str(tmp_path / "copy.db")]) == 0
    assert command.main(["restore", str(tmp_path / "copy.db")]) == 2
    assert "2 players already" in capsys.readouterr().err
    monkeypatch.setenv("PLAYGROUND_DB", url_of(tmp_path / "new.db"))
    assert command.main(["restore", str(tmp_path / "copy.db")]) == 0
    assert kept(url_of(tmp_path / "new.db"), player) == ["cats"]


# -- while the game runs ---------------------------------------------------------------------------
def test_what_is_lost_is_what_was_written_since_the_last_copy(tmp_path: Path) -> None:
    url, folder = url_of(tmp_path / "p.db"), tmp_path / "bucket"
    player = filled(url)[0]
    keeping = Snapshots(url, folder, every=3600)
    keeping._keep()
    first = keeping.copy.stat().st_mtime_ns
    keeping._keep()  # nothing changed
    assert keeping.copy.stat().st_mtime_ns == first
    store = Store.open(url)
    store.record(player, MODEL, attempt("dogs"))
    keeping._keep()
    store.record(player, MODEL, attempt("ghosts"))  # and the machine is gone
    again = url_of(tmp_path / "new machine" / "p.db")
    Snapshots(again, folder, every=3600).begin()
    assert kept(again, player) == ["cats", "dogs"]
    store.close()


def test_a_game_that_is_told_to_stop_loses_nothing(tmp_path: Path) -> None:
    url, folder = url_of(tmp_path / "p.db"), tmp_path / "bucket"
    asked = Settings(database=url, snapshots=folder, every=3600)
    with snapshots.kept(asked):
        player = filled(url)[0]
    backup.check(folder / "progress.db")
    other = Settings(database=url_of(tmp_path / "q.db"), snapshots=folder, every=3600)
    with snapshots.kept(other):
        assert kept(other.database, player) == ["cats"]


def test_it_copies_by_itself(tmp_path: Path) -> None:
    url = url_of(tmp_path / "p.db")
    Store.open(url).close()
    keeping = Snapshots(url, tmp_path / "bucket", every=0.01)
    keeping.begin()
    player = filled(url)[0]
    while not keeping.copy.exists():  # a test's wait, see standstill.py
        keeping._stopped.wait(0.01)
    keeping.end()
    assert kept(url_of(keeping.copy), player) == ["cats"]


def test_a_bucket_that_is_gone_stops_no_game(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = url_of(tmp_path / "p.db")
    blocked = tmp_path / "bucket"
    blocked.write_text("no folder")
    keeping = Snapshots(url, blocked, every=3600)
    filled(url)
    keeping._keep()
    assert "progress could not be copied" in caplog.text
    blocked.unlink()
    keeping._keep()  # there again
    backup.check(keeping.copy)


def test_only_a_file_is_copied() -> None:
    for url in ("sqlite://", "postgresql+psycopg://me@here/game"):
        with pytest.raises(AuthorError, match="PLAYGROUND_SNAPSHOTS: only a store in an SQLite"):
            Snapshots(url, Path("bucket"), 60)


# -- faults ----------------------------------------------------------------------------------------
WRITES = """
import sys
from playground.store.records import Attempt
from playground.store.store import Store
store = Store.open(sys.argv[1])
player = store.players.enter(None).id
print(player, flush=True)
for n in range(10_000):
    store.record(player, "pocket", Attempt(f"level {n}", True, 2, 50.0, 0, {}, {}))
    print(n, flush=True)
"""


def test_what_was_acknowledged_outlives_a_kill(tmp_path: Path) -> None:
    """KILLS says how often."""
    url = url_of(tmp_path / "p.db")
    for kill in range(int(os.environ.get("KILLS", "5"))):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITES, url], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        player = PlayerId(int(process.stdout.readline()))
        said = [int(process.stdout.readline()) for _ in range(3 + kill % 7)]
        process.send_signal(signal.SIGKILL)
        last = [*said, *map(int, process.stdout.read().split())][-1]
        process.wait()
        process.stdout.close()
        assert len(kept(url, player)) in (last + 1, last + 2)  # the next may have been on its way


def test_a_full_disk_keeps_what_was_there(tmp_path: Path) -> None:
    """SQLite's own limit of pages stands for the disk."""
    url = url_of(tmp_path / "p.db")
    player = filled(url)[0]
    store = Store.open(url)
    engine = store._database._engine
    limit = create_engine(url)
    with limit.connect() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
    limit.dispose()
    engine.dispose()
    event.listen(engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count={pages}"))
    large = Attempt("large", True, 2, 50.0, 0, {"said": "m" * 200_000}, {})
    with pytest.raises(Exception, match="did not answer .*full.*nothing was kept"):
        store.record(player, MODEL, large)
    assert sorted(store.best(player, MODEL)) == ["cats"]
    store.close()
    assert kept(url, player) == ["cats"]


# -- a server --------------------------------------------------------------------------------------
@pytest.fixture
def there(server: Server) -> Iterator[str]:
    with server.database(empty=True) as made:
        yield made


def test_progress_moves_to_a_server_and_back(there: str, tmp_path: Path) -> None:
    file, copy, back = tmp_path / "p.db", tmp_path / "copy.db", tmp_path / "back.db"
    player = filled(url_of(file))[0]
    backup.backup(url_of(file), copy)
    backup.restore(copy, there)
    assert kept(there, player) == ["cats"]
    store = Store.open(there)
    another = store.players.enter(None).id  # the server counts on from where the file was
    assert another > player
    store.record(another, MODEL, attempt("dogs"))
    store.close()
    backup.backup(there, back)
    assert kept(url_of(back), another) == ["dogs"] and kept(url_of(back), player) == ["cats"]
    with pytest.raises(AuthorError, match="there are 3 players already"):
        backup.restore(copy, there)


def test_a_server_that_was_gone_is_asked_again(there: str) -> None:
    store = Store.open(there)
    store.check()
    admin = create_engine(there)
    with admin.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND usename = 'tester'"
            )
        )
    store.check()
    store.close()
    admin.dispose()
