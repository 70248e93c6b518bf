"""Who played what and how well, kept over restarts.

Knows ids only, nothing of levels, engine or screens.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    DateTime,
    Engine,
    ForeignKey,
    String,
    create_engine,
    event,
    func,
    select,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from playground.errors import AuthorError, PlayerError

TOKEN_BYTES = 16
TOKEN_LENGTH = 22  # characters of TOKEN_BYTES in URL-safe base 64
ID_LENGTH = 80
BUSY_SECONDS = 10  # how long a writer waits for another one (SQLite)


class Base(DeclarativeBase):
    type_annotation_map = {
        dict[str, Any]: JSON,
        list[str]: JSON,
        datetime: DateTime(timezone=True),
    }


class Player(Base):
    __tablename__ = "players"
    token: Mapped[str] = mapped_column(String(TOKEN_LENGTH), primary_key=True)
    created: Mapped[datetime]


class AttemptRow(Base):
    __tablename__ = "attempts"
    id: Mapped[int] = mapped_column(primary_key=True)
    player: Mapped[str] = mapped_column(ForeignKey("players.token"), index=True)
    level: Mapped[str] = mapped_column(String(ID_LENGTH), index=True)
    at: Mapped[datetime]
    won: Mapped[bool]
    stars: Mapped[int]
    score: Mapped[float]
    hints: Mapped[int]
    answer: Mapped[dict[str, Any]]
    evidence: Mapped[dict[str, Any]]


class HintsRow(Base):
    __tablename__ = "hints"
    player: Mapped[str] = mapped_column(ForeignKey("players.token"), primary_key=True)
    level: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    opened: Mapped[int]


class ReplayRow(Base):
    __tablename__ = "replays"
    player: Mapped[str] = mapped_column(ForeignKey("players.token"), primary_key=True)
    level: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    at: Mapped[datetime]
    stars: Mapped[int]
    score: Mapped[float]
    verdict: Mapped[dict[str, Any]]


class SittingRow(Base):
    __tablename__ = "sittings"
    player: Mapped[str] = mapped_column(ForeignKey("players.token"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    begun: Mapped[datetime]
    parts: Mapped[list[str]]


class ProbeRow(Base):
    __tablename__ = "probes"
    player: Mapped[str] = mapped_column(ForeignKey("players.token"), primary_key=True)
    level: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    seed: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    prompt: Mapped[str]
    replies: Mapped[list[str]]


@dataclass(frozen=True)
class Probe:
    """A prompt that was tried on the hidden dial of a question, and its replies: without and with
    the dial."""

    number: int
    prompt: str
    replies: tuple[str, ...]


@dataclass(frozen=True)
class Attempt:
    """One try at a level. answer: what the player chose; evidence: what later tries are compared
    with; verdict: all that is needed to show it again, kept for the best try only (all JSON).
    """

    level: str
    won: bool
    stars: int  # 0..3
    score: float  # 0..100, the kind's own measure
    hints: int  # opened before it
    answer: Mapping[str, Any]
    evidence: Mapping[str, Any]
    at: datetime | None = None  # UTC; set by the store
    verdict: Mapping[str, Any] | None = None  # None: nothing to show again


@dataclass(frozen=True)
class Best:
    """A player's best on one level over all attempts."""

    level: str
    won: bool
    stars: int
    score: float
    attempts: int


@dataclass(frozen=True)
class Replay:
    """A player's best try at a level, ready to be shown. at: UTC."""

    level: str
    at: datetime
    stars: int
    score: float
    verdict: Mapping[str, Any]


class Store:
    """Any number of threads; every call is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> "Store":
        """Connects and creates what is missing.

        Raises AuthorError when the database cannot be opened.
        """
        shown = url
        try:
            parsed = make_url(url)
            shown = parsed.render_as_string(hide_password=True)
            engine = create_engine(parsed, connect_args=prepared(parsed))
            if parsed.get_backend_name() == "sqlite":
                event.listen(engine, "connect", tune_sqlite)
            Base.metadata.create_all(engine)
        except (SQLAlchemyError, ImportError, OSError) as error:
            reason = str(error.__cause__ or error).splitlines()[0]
            raise AuthorError(
                f"PLAYGROUND_DB={shown!r}: the progress store cannot be opened ({reason}); "
                "expected an SQLAlchemy URL such as sqlite:////home/me/a.db, in a writable folder"
            ) from error
        return cls(engine)

    def close(self) -> None:
        self._engine.dispose()

    def player(self, token: str | None) -> str:
        """The same token when it is known here, else a new player's."""
        with Session(self._engine) as session, session.begin():
            if token and len(token) == TOKEN_LENGTH and session.get(Player, token):
                return token
            made = secrets.token_urlsafe(TOKEN_BYTES)
            session.add(Player(token=made, created=datetime.now(UTC)))
            return made

    def record(self, player: str, attempt: Attempt) -> None:
        """The better verdict of a level is kept. Raises PlayerError for an unknown player."""
        at = attempt.at or datetime.now(UTC)
        with Session(self._engine) as session, session.begin():
            known(session, player)
            keep(session, player, attempt, at)
            session.add(
                AttemptRow(
                    player=player,
                    level=attempt.level,
                    at=at,
                    won=attempt.won,
                    stars=attempt.stars,
                    score=attempt.score,
                    hints=attempt.hints,
                    answer=dict(attempt.answer),
                    evidence=dict(attempt.evidence),
                )
            )

    def attempts(self, player: str, level: str) -> list[Attempt]:
        """Oldest first."""
        query = select(AttemptRow).where(AttemptRow.player == player, AttemptRow.level == level)
        with Session(self._engine) as session:
            return [attempt_of(row) for row in session.scalars(query.order_by(AttemptRow.id))]

    def replay(self, player: str, *levels: str) -> Replay | None:
        """The best try at these levels: most stars, then the highest score, then the first."""
        query = (
            select(ReplayRow)
            .where(ReplayRow.player == player, ReplayRow.level.in_(levels))
            .order_by(ReplayRow.stars.desc(), ReplayRow.score.desc(), ReplayRow.at)
        )
        with Session(self._engine) as session:
            row = session.scalars(query.limit(1)).first()
            if row is None:
                return None
            return Replay(row.level, zoned(row.at), row.stars, row.score, row.verdict)

    def best(self, player: str) -> dict[str, Best]:
        """By level; only levels that were tried."""
        # Every attempt that won has a star, so the most stars tell whether any of them did.
        query = (
            select(
                AttemptRow.level,
                func.max(AttemptRow.stars),
                func.max(AttemptRow.score),
                func.count(),
            )
            .where(AttemptRow.player == player)
            .group_by(AttemptRow.level)
        )
        with Session(self._engine) as session:
            rows = session.execute(query).all()
        return {row[0]: Best(row[0], row[1] > 0, row[1], row[2], row[3]) for row in rows}

    def hints(self, player: str, level: str) -> int:
        """How many hints of a level are open."""
        with Session(self._engine) as session:
            row = session.get(HintsRow, (player, level))
            return row.opened if row else 0

    def open_hints(self, player: str, level: str, opened: int) -> None:
        """Remembers that so many are open; never closes one."""
        with Session(self._engine) as session, session.begin():
            known(session, player)
            row = session.get(HintsRow, (player, level))
            if row is None:
                session.add(HintsRow(player=player, level=level, opened=opened))
            else:
                row.opened = max(row.opened, opened)

    # -- probes: what was tried in a round of questions
    def probes(self, player: str, level: str, seed: int) -> tuple[Probe, ...]:
        """In the order in which they were tried, question by question."""
        query = (
            select(ProbeRow)
            .where(ProbeRow.player == player, ProbeRow.level == level, ProbeRow.seed == seed)
            .order_by(ProbeRow.number, ProbeRow.place)
        )
        with Session(self._engine) as session:
            return tuple(
                Probe(row.number, row.prompt, tuple(row.replies)) for row in session.scalars(query)
            )

    def keep_probe(self, player: str, level: str, seed: int, probe: Probe) -> None:
        """Raises PlayerError for an unknown player."""
        tried = [each for each in self.probes(player, level, seed) if each.number == probe.number]
        with Session(self._engine) as session, session.begin():
            known(session, player)
            row = ProbeRow(
                player=player, level=level, seed=seed, number=probe.number, place=len(tried),
                prompt=probe.prompt, replies=[*probe.replies],
            )  # fmt: skip
            session.add(row)

    # -- exams: which levels each sitting is made of
    def sittings(self, player: str) -> dict[int, tuple[str, ...]]:
        """Ids of levels by the number of the sitting, from 1."""
        query = select(SittingRow).where(SittingRow.player == player).order_by(SittingRow.number)
        with Session(self._engine) as session:
            return {row.number: tuple(row.parts) for row in session.scalars(query)}

    def sit(self, player: str, number: int, parts: Sequence[str]) -> None:
        """Begins a sitting; one that was begun already stays as it is. Raises PlayerError for an
        unknown player."""
        with Session(self._engine) as session, session.begin():
            known(session, player)
            if session.get(SittingRow, (player, number)) is None:
                now = datetime.now(UTC)
                session.add(SittingRow(player=player, number=number, begun=now, parts=[*parts]))


def known(session: Session, player: str) -> None:
    if session.get(Player, player) is None:
        raise PlayerError(
            "Your progress was not found on this server. Reload the page to begin anew."
        )


def keep(session: Session, player: str, attempt: Attempt, at: datetime) -> None:
    """Puts a verdict in place of a worse one of the same level."""
    row = session.get(ReplayRow, (player, attempt.level))
    if attempt.verdict is None or (
        row is not None and (row.stars, row.score) >= (attempt.stars, attempt.score)
    ):
        return
    session.merge(
        ReplayRow(
            player=player,
            level=attempt.level,
            at=at,
            stars=attempt.stars,
            score=attempt.score,
            verdict=dict(attempt.verdict),
        )
    )


def attempt_of(row: AttemptRow) -> Attempt:
    return Attempt(
        row.level, row.won, row.stars, row.score, row.hints, row.answer, row.evidence, zoned(row.at)
    )


def zoned(at: datetime) -> datetime:
    """SQLite forgets the zone."""
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def prepared(url: URL) -> dict[str, Any]:
    """Connection arguments; for a file of SQLite, makes the folder around it."""
    if url.get_backend_name() != "sqlite":
        return {}
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    return {"timeout": BUSY_SECONDS}


def tune_sqlite(connection: Any, _record: object) -> None:
    """Readers do not wait for a writer (WAL), and foreign keys count."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
