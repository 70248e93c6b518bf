"""Levels that instructors have written for their classes, kept over restarts. Knows texts and ids,
nothing of what is in a level, nor who may ask."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from playground.errors import PlayerError
from playground.store import codes
from playground.store.database import Database, zoned
from playground.store.records import Written
from playground.store.tables import ClassRow, WrittenRow

OWN = "own-"  # how the ids of these levels begin, and of no others
WRITTEN_MOST = 40  # of a class
TEXT_MOST = 20_000  # characters of a file


class WrittenLevels:
    """Any number of threads and processes; every call is one transaction. A level is always one of
    the class that is named: PlayerError for one of another."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, id: str, model: str) -> Written | None:
        """By the id of a level or of a trial, in a class on the model."""
        query = (
            select(WrittenRow)
            .join(ClassRow, ClassRow.id == WrittenRow.class_id)
            .where(ClassRow.model == model, or_(WrittenRow.level == id, WrittenRow.trial == id))
        )
        with self._database.reading() as session:
            row = session.scalar(query)
            return None if row is None else written(row)

    def of_class(self, class_id: int) -> list[Written]:
        """In the order in which they were begun."""
        query = select(WrittenRow).where(WrittenRow.class_id == class_id).order_by(WrittenRow.id)
        with self._database.reading() as session:
            return [written(row) for row in session.scalars(query)]

    def get(self, class_id: int, level: str) -> Written:
        with self._database.reading() as session:
            return written(one(session, class_id, level))

    def create(self, class_id: int, draft: str, told: str) -> Written:
        bounded(draft, told)
        with self._database.writing() as session:
            if session.get(ClassRow, class_id) is None:
                raise PlayerError("teach.no_class")
            count = select(func.count(WrittenRow.id)).where(WrittenRow.class_id == class_id)
            if (session.scalar(count) or 0) >= WRITTEN_MOST:
                raise PlayerError("written.many", most=WRITTEN_MOST)
            return written(add(session, class_id, draft, told))

    def keep(self, class_id: int, level: str, draft: str, told: str) -> Written:
        """What the class plays stays as it is."""
        bounded(draft, told)
        with self._database.writing() as session:
            row = one(session, class_id, level)
            if (row.draft, row.told) != (draft, told):
                row.draft, row.told, row.changed = draft, told, datetime.now(UTC)
            return written(row)

    def prove(self, class_id: int, level: str, proof: Mapping[str, Any]) -> None:
        with self._database.writing() as session:
            one(session, class_id, level).proof = dict(proof)

    def publish(self, class_id: int, level: str, draft: str, told: str) -> Written:
        """From now on the class plays this text; a plan gets it as its last level. PlayerError
        where the draft is another one by now."""
        with self._database.writing() as session:
            row = one(session, class_id, level)
            if (row.draft, row.told) != (draft, told):
                raise PlayerError("written.changed")
            row.live, row.live_told = draft, told
            of = session.get_one(ClassRow, class_id)
            if of.plan and level not in {each["level"] for each in of.plan}:
                of.plan = [*of.plan, {"level": level, "begins": None}]
            return written(row)

    def withdraw(self, class_id: int, level: str) -> Written:
        """The class plays it no more; what was won stays won, and the draft is kept."""
        with self._database.writing() as session:
            row = one(session, class_id, level)
            row.live, row.live_told = None, None
            unplan(session, class_id, level)
            return written(row)

    def delete(self, class_id: int, level: str) -> None:
        with self._database.writing() as session:
            session.delete(one(session, class_id, level))
            unplan(session, class_id, level)


# -- within a transaction --------------------------------------------------------------------------
def one(session: Session, class_id: int, level: str) -> WrittenRow:
    mine = (WrittenRow.class_id == class_id, WrittenRow.level == level)
    row = session.scalar(select(WrittenRow).where(*mine))
    if row is None:
        raise PlayerError("written.gone")
    return row


def add(session: Session, class_id: int, draft: str, told: str) -> WrittenRow:
    level, trial = (f"{OWN}{codes.drawn(codes.SECRET_LETTERS).lower()}" for _ in range(2))
    row = WrittenRow(
        class_id=class_id, level=level, trial=trial, draft=draft, told=told, live=None,
        live_told=None, proof=None, changed=datetime.now(UTC),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def unplan(session: Session, class_id: int, level: str) -> None:
    of = session.get_one(ClassRow, class_id)
    of.plan = [each for each in of.plan if each["level"] != level]


def copied(session: Session, source: int, to: int) -> dict[str, str]:
    """The levels of a class for another one: their new ids by the old ones."""
    ids = dict[str, str]()
    rows = select(WrittenRow).where(WrittenRow.class_id == source).order_by(WrittenRow.id)
    for row in session.scalars(rows).all():
        made = add(session, to, row.draft, row.told)
        made.live, made.live_told = row.live, row.live_told
        ids[row.level] = made.level
    return ids


def forget(session: Session, class_id: int) -> None:
    session.execute(delete(WrittenRow).where(WrittenRow.class_id == class_id))


def bounded(*texts: str) -> None:
    """PlayerError for a text that is too long, or that not every database can keep."""
    for each in texts:
        if len(each) > TEXT_MOST:
            raise PlayerError("errors.too_long", count=len(each), limit=TEXT_MOST)
        if "\0" in each or any("\ud800" <= letter <= "\udfff" for letter in each):
            raise PlayerError("written.unreadable")


def written(row: WrittenRow) -> Written:
    return Written(
        row.class_id, row.level, row.trial, row.draft, row.told, row.live, row.live_told,
        row.proof, zoned(row.changed),
    )  # fmt: skip
