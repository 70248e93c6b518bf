"""Copies of the progress that are made while the game runs, for machines whose own disk is wiped
when they stop, and whose lasting one must not be written to in place. Knows no players.

At most `every` seconds of play are lost when the machine is gone without a word; nothing is when it
is told to stop.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playground.errors import AuthorError
from playground.settings import DATABASE, Settings
from playground.store.backup import backup, file_at, restore

SAYS = logging.getLogger(__name__)


class Snapshots:
    """Of one SQLite store into a folder."""

    def __init__(self, url: str, folder: Path, every: float) -> None:
        """every: seconds between two looks whether anything changed. Raises AuthorError for a store
        that is no file."""
        file = file_at(url)
        if file is None:
            raise AuthorError(
                "PLAYGROUND_SNAPSHOTS: only a store in an SQLite file is copied while the game "
                "runs; a database server has its own backups"
            )
        self._url, self._file, self._every = url, file, every
        self.copy = folder / DATABASE
        self._stopped = threading.Event()
        self._seen: object = None
        self._thread = threading.Thread(target=self._run, name="snapshots", daemon=True)

    def begin(self) -> None:
        """Where there is no store yet, it begins as the last copy. Raises AuthorError for a copy
        that is damaged, which is not written over then."""
        if not self._file.exists() and self.copy.exists():
            restore(self.copy, self._url)
            SAYS.info("progress goes on from %s", self.copy)
        SAYS.info("progress is copied to %s every %g seconds", self.copy, self._every)
        self._seen = self._state()
        self._thread.start()

    def end(self) -> None:
        """After a last copy. A second call does nothing."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._every):
            self._keep()
        self._keep()

    def _keep(self) -> None:
        state = self._state()
        if state == self._seen or not self._file.exists():
            return
        try:
            backup(self._url, self.copy)
        except AuthorError as error:  # what it was before stays; tried again next time
            SAYS.error("progress could not be copied", exc_info=error)
        else:
            self._seen = state

    def _state(self) -> object:
        """It changes when something is written."""
        files = (self._file, self._file.with_name(f"{self._file.name}-wal"))
        stats = [each.stat() if each.exists() else None for each in files]
        return [each and (each.st_mtime_ns, each.st_size) for each in stats]


@contextmanager
def kept(settings: Settings) -> Iterator[None]:
    """While the game is open its progress is copied, where that is asked for."""
    if settings.snapshots is None:
        yield
        return
    snapshots = Snapshots(settings.database, settings.snapshots, settings.every)
    snapshots.begin()
    try:
        yield
    finally:
        snapshots.end()
