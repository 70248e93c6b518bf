"""Instructors' sessions: a token each, which is worth nothing without the secret it was given for.
Knows no class."""

import hashlib
import hmac
import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from playground.store.database import Database
from playground.store.tables import TeacherSessionRow

TOKEN_BYTES = 16
LASTS = timedelta(days=7)


class Teachers:
    """Any number of threads and processes. Kept over restarts, so that nobody has to come in again
    in the middle of a lesson; with another secret none of them is known any more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, secret: str) -> str:
        token, now = secrets.token_urlsafe(TOKEN_BYTES), datetime.now(UTC)
        row = TeacherSessionRow(digest=sealed(secret, token), created=now, ends=now + LASTS)
        with self._database.writing() as session:
            session.execute(delete(TeacherSessionRow).where(TeacherSessionRow.ends < now))
            session.add(row)
        return token

    def knows(self, secret: str, token: str) -> bool:
        mine = TeacherSessionRow.digest == sealed(secret, token)
        live = TeacherSessionRow.ends > datetime.now(UTC)
        with self._database.reading() as session:
            return session.scalar(select(TeacherSessionRow.digest).where(mine, live)) is not None

    def end(self, secret: str, token: str) -> None:
        mine = TeacherSessionRow.digest == sealed(secret, token)
        with self._database.writing() as session:
            session.execute(delete(TeacherSessionRow).where(mine))


def sealed(secret: str, token: str) -> str:
    key, text = (each.encode(errors="replace") for each in (secret, token))
    return hmac.new(key, text, hashlib.sha256).hexdigest()
