"""`python -m tests.rolls`: how long an instructor waits for the matrix and the exports of a class
of 500 with 100,000 attempts, beside a plain read of the same rows; on SQLite and, where it can be
started, on PostgreSQL. It only reports.
"""

import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import create_engine, insert

from playground.game import matrix, roster
from playground.game.teaching import Teacher
from playground.levels.shelf import Shelf
from playground.settings import SHIPPED
from playground.store.records import SchoolClass
from playground.store.store import Store
from playground.store.tables import AttemptRow, VisitRow
from tests import postgres

LEARNERS, ATTEMPTS = 500, 100_000
ANSWER = {"site": "late", "feature": 1234, "method": "clamp", "scope": "all", "strength": 0.5}
EVIDENCE = {"point": {"strength": 0.5, "effect": 75.0, "damage": 12.5, "control": 0.0}}
MATRIX, EXPORT = 1.0, 10.0  # seconds, at most


def filled(store: Store) -> SchoolClass:
    """A class whose learners have tried every level of the course several times."""
    of = store.classes.create("Five hundred", SHIPPED, "UTC")
    ids = [each.id for each in Shelf.load().levels]
    members = store.classes.enroll(of.id, [f"Learner {n}" for n in range(LEARNERS)])
    rng, now = random.Random(0), datetime.now(UTC)
    players = [member.player for member, _ in members]
    attempts = [
        {
            "player": players[n % LEARNERS], "model": SHIPPED,
            "level": ids[n // LEARNERS % len(ids)], "round": n // LEARNERS // len(ids),
            "at": now - timedelta(seconds=ATTEMPTS - n), "won": n % 3 == 0,
            "stars": rng.randint(1, 3) if n % 3 == 0 else 0, "score": rng.random() * 100,
            "hints": n % 4, "answer": ANSWER, "evidence": EVIDENCE,
        }
        for n in range(ATTEMPTS)
    ]  # fmt: skip
    visits = [
        {
            "player": player, "model": SHIPPED, "level": id, "opened": now, "latest": now,
            "seconds": rng.randint(0, 900),
        }
        for player in players
        for id in ids
    ]  # fmt: skip
    with store._database.writing() as session:
        session.execute(insert(AttemptRow), attempts)
        session.execute(insert(VisitRow), visits)
    return of


def timed(what: str, work: Callable[[], int], aim: float | None = None) -> float:
    """Seconds of the clock; those of the processor are the better figure on a busy machine."""
    began, worked = time.perf_counter(), time.process_time()
    size = work()
    took, worked = time.perf_counter() - began, time.process_time() - worked
    told = "" if aim is None else f"  (aim: {aim:g} s)"
    print(f"{what:<42} {took:7.2f} s, {worked:7.2f} s of CPU  {size:>12,}{told}")
    return worked


def main() -> None:
    print("SQLite", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        measured(f"sqlite:///{Path(folder) / 'p.db'}")
    if reason := postgres.missing():
        print(f"PostgreSQL: NOT DONE, {reason}")
        return
    print("PostgreSQL", flush=True)
    with postgres.running() as server, server.database() as url:
        measured(url)


def measured(url: str) -> None:
    store, engine = Store.open(url), create_engine(url)
    of, teacher = filled(store), Teacher(store)
    levels = matrix.columns(Shelf.load().levels)
    titled = {each.id: each.title for each in levels}.__getitem__

    def plain() -> int:
        with engine.connect() as connection:
            return len(connection.exec_driver_sql("SELECT * FROM attempts").fetchall())

    def length(pieces: Callable[[], object]) -> int:
        return sum(len(piece) for piece in pieces())  # type: ignore[attr-defined]

    base = timed("all attempts read by the driver: rows", plain)
    made = teacher.matrix(of, levels)
    took = timed("the matrix: cells", lambda: cells(teacher, of, levels), MATRIX)
    print(f"{'':<42} {took / base:7.1f} x the CPU of the plain read")
    for name, pieces in {
        "results as CSV: characters": lambda: roster.results_csv(made),
        "attempts as CSV: characters": lambda: roster.attempts_csv(
            teacher.all_attempts(of), titled
        ),
        "all as JSON: characters": lambda: roster.results_json(
            made, teacher.all_attempts(of), titled
        ),
    }.items():
        took = timed(name, lambda pieces=pieces: length(pieces), EXPORT)
        print(f"{'':<42} {took / base:7.1f} x the CPU of the plain read")
    store.close()
    engine.dispose()


def cells(teacher: Teacher, of: SchoolClass, levels: tuple[matrix.LevelColumn, ...]) -> int:
    made = teacher.matrix(of, levels)
    return sum(each is not None for line in made.lines for each in line.cells)


if __name__ == "__main__":
    main()
