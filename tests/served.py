"""Starts the game as a player does, on a free port and with a database of its own, for the browser tests."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from playground import settings
from playground.assets import MANIFEST

ROOT = Path(__file__).parents[1]
START_SECONDS = 300  # on a busy machine; test_start.py and `make bench` measure the real time
needs_model = pytest.mark.skipif(
    not (settings.load().assets / MANIFEST).is_file(),
    reason=f"no model yet: {settings.load().assets / MANIFEST} is missing (`make pocket`)",
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(database: Path, port: int | None = None) -> Iterator[str]:
    """The address of a running game, with a slash at its end; stopped afterwards."""
    port = port or free_port()
    environment = {
        **os.environ,
        "PLAYGROUND_DB": f"sqlite:///{database}",
        "PLAYGROUND_PORT": str(port),
        "PLAYGROUND_HOST": "127.0.0.1",
    }
    log = database.with_suffix(".log")
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=out, stderr=out
        )
    try:
        address = f"http://127.0.0.1:{port}/"
        wait_for(address, process, log)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.3)
    raise AssertionError(f"no answer after {START_SECONDS} s: {log.read_text(errors='replace')[-3000:]}")
