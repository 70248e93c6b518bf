"""Instructors' sessions: a token each, which is worth nothing without the secret, or the name, that
it was given for. Knows no class."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from playground.store.database import Database
from playground.store.tables import TeacherSessionRow

TOKEN_BYTES = 16
LASTS = timedelta(days=7)


class Teachers:
    """Any number of threads and processes. Kept over restarts, so that nobody has to come in again
    in the middle of a lesson; with other keys none of them is known any more."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, key: str) -> str:
        """key: what is shown to come in, or stands for it."""
        token, now = secrets.token_urlsafe(TOKEN_BYTES), datetime.now(UTC)
        row = TeacherSessionRow(digest=sealed(key, token), created=now, ends=now + LASTS)
        with self._database.writing() as session:
            session.execute(delete(TeacherSessionRow).where(TeacherSessionRow.ends < now))
            session.add(row)
        return token

    def knows(self, keys: Sequence[str], token: str) -> bool:
        """Whether it was given for one of these."""
        mine = TeacherSessionRow.digest.in_([sealed(each, token) for each in keys])
        live = TeacherSessionRow.ends > datetime.now(UTC)
        with self._database.reading() as session:
            return session.scalar(select(TeacherSessionRow.digest).where(mine, live)) is not None

    def end(self, keys: Sequence[str], token: str) -> None:
        mine = TeacherSessionRow.digest.in_([sealed(each, token) for each in keys])
        with self._database.writing() as session:
            session.execute(delete(TeacherSessionRow).where(mine))


def sealed(key: str, token: str) -> str:
    by, text = (each.encode(errors="replace") for each in (key, token))
    return hmac.new(by, text, hashlib.sha256).hexdigest()
