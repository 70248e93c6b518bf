"""Who played what and how well, kept over restarts.

Knows ids only, nothing of levels, engine or screens.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, delete, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from playground.errors import AuthorError, PlayerError
from playground.store.records import Attempt, Best, PlayerId, Probe, Replay, Round
from playground.store.tables import (
    TOKEN_LENGTH,
    AttemptRow,
    Base,
    HintsRow,
    Player,
    ProbeRow,
    ReplayRow,
    RoundRow,
    SharedRow,
    SittingRow,
)

TOKEN_BYTES = 16
BUSY_SECONDS = 10  # how long a writer waits for another one (SQLite)
SHARED_MOST = 4096  # results of a kind that are kept for everybody


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

    # -- rounds: what is dealt and not handed in
    def round_of(self, player: PlayerId, model: str, level: str) -> Round | None:
        """The unfinished round of a level."""
        with Session(self._engine) as session:
            row = session.get(RoundRow, (player, model, level))
            if row is None:
                return None
            at = zoned(row.opened)
            return Round(level, row.seed, tuple(row.answers), row.atlas, row.level_version, at)

    def keep_round(self, player: PlayerId, model: str, kept: Round) -> None:
        """In place of what was kept of that level; asked for at each answer. Raises PlayerError for
        an unknown player."""
        given = {
            "atlas": kept.atlas,
            "level_version": kept.level_version,
            "seed": kept.seed,
            "answers": [*kept.answers],
        }
        with Session(self._engine) as session, session.begin():
            known(session, player)
            row = upsert(session, RoundRow).values(
                player=player, model=model, level=kept.level, opened=datetime.now(UTC), **given
            )
            session.execute(
                row.on_conflict_do_update(index_elements=["player", "model", "level"], set_=given)
            )

    def close_round(self, player: PlayerId, model: str, level: str) -> None:
        """Forgets the unfinished round of a level, if there is one."""
        mine = (RoundRow.player == player, RoundRow.model == model, RoundRow.level == level)
        with Session(self._engine) as session, session.begin():
            session.execute(delete(RoundRow).where(*mine))

    # -- what everybody shares
    def shared(self, key: str) -> Any:
        """The result that stands under a key (JSON), None where there is none."""
        with Session(self._engine) as session:
            return session.scalar(select(SharedRow.payload).where(SharedRow.key == key))

    def share(self, key: str, payload: Any) -> Any:
        """Keeps a result (JSON) under a key of the form KIND/..., unless one stands there already;
        returns what stands. The oldest of a kind go when there are more than SHARED_MOST."""
        kind = key.partition("/")[0]
        oldest = (
            select(SharedRow.id)
            .where(SharedRow.kind == kind)
            .order_by(SharedRow.id.desc())
            .offset(SHARED_MOST)
            .limit(1)
            .scalar_subquery()
        )
        with Session(self._engine) as session, session.begin():
            row = upsert(session, SharedRow).values(
                kind=kind, key=key, payload=payload, created=datetime.now(UTC)
            )
            session.execute(row.on_conflict_do_nothing(index_elements=["key"]))
            session.execute(delete(SharedRow).where(SharedRow.kind == kind, SharedRow.id <= oldest))
            return session.scalar(select(SharedRow.payload).where(SharedRow.key == key))


def upsert(session: Session, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that may say what happens on a conflict, as the database at hand spells it."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


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
