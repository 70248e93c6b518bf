"""Who played what and how well, kept over restarts.

Knows ids only, nothing of levels, engine or screens. What is asked for is always a player's on one
model: the same level on another model is won anew.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from playground.store.classes import Classes
from playground.store.database import Database, upsert, zoned
from playground.store.personal import Personal
from playground.store.players import Players, digest, hold, holder, take_back
from playground.store.records import (
    Attempt,
    Best,
    PlayerId,
    Probe,
    Recorded,
    Replay,
    Round,
)
from playground.store.rolls import Rolls
from playground.store.tables import (
    AttemptRow,
    CredentialRow,
    HintsRow,
    Owned,
    ProbeRow,
    ReplayRow,
    RoundRow,
    SharedRow,
    SittingRow,
    TalkRow,
)
from playground.store.teachers import Teachers
from playground.store.written import WrittenLevels

FIRST_MODEL = "pocket"  # whose progress all of version 0.1.0 is taken for
OWN = (AttemptRow, HintsRow, ReplayRow, SittingRow, ProbeRow)  # what version 0.1.0 kept of a player
SHARED_MOST = 4096  # results of a kind that are kept for everybody


class Store:
    """Any number of threads and processes; every call is one transaction. What writes raises
    PlayerError for an unknown player, and everything StoreError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.players = Players(database)
        self.classes = Classes(database, self.players)
        self.rolls = Rolls(database)
        self.personal = Personal(database)
        self.teachers = Teachers(database)
        self.written = WrittenLevels(database)

    @classmethod
    def open(cls, url: str) -> "Store":
        """Raises AuthorError when the database cannot be opened."""
        return cls(Database.open(url))

    def check(self) -> None:
        """Raises StoreError where nothing could be kept now."""
        self._database.check()

    def close(self) -> None:
        self._database.close()

    def adopt(self, player: PlayerId, model: str, secret: str) -> None:
        """Version 0.1.0 had a player of its own for every model, and all are kept as if they had
        played the first. The one who shows this secret did it on `model`, and was this player."""
        with self._writing(player) as session:
            found = session.scalar(holder(secret))
            if found is None or found == player:
                return
            for table in OWN:
                ours = select(table.player).where(of(table, player, model)).exists()
                theirs = update(table).where(of(table, PlayerId(found), FIRST_MODEL), ~ours)
                session.execute(theirs.values(player=player, model=model))
            take_back(session, CredentialRow.digest == digest(secret))

    @contextmanager
    def _writing(self, player: PlayerId) -> Iterator[Session]:
        """What a player does at once is done one after the other."""
        with self._database.writing() as session:
            hold(session, player)
            yield session

    # -- attempts
    def record(
        self, player: PlayerId, model: str, attempt: Attempt, tries: int | None = None
    ) -> Recorded:
        """Keeps an attempt, the better verdict of its level, and closes its round.

        Of a round the first attempt counts, and of a level as many as there are `tries`; what is
        handed in after that gets the one that was recorded.
        """
        mine = and_(of(AttemptRow, player, model), AttemptRow.level == attempt.level)
        with self._writing(player) as session:
            made, last = session.execute(
                select(func.count(), func.coalesce(func.max(AttemptRow.round), -1)).where(mine)
            ).one()
            number = last + 1 if attempt.round is None else attempt.round
            if tries is None or made < tries:
                row = attempt_row(player, model, attempt, number)
                taken = session.execute(
                    upsert(session, AttemptRow)
                    .values(**row)
                    .on_conflict_do_nothing(index_elements=["player", "model", "level", "round"])
                    .returning(AttemptRow.id)
                ).first()
                if taken:
                    keep(session, player, model, attempt, row["at"])
                    session.execute(delete(RoundRow).where(one_round(player, model, attempt.level)))
                    return Recorded(recorded(AttemptRow(**row)), new=True)
            same = select(AttemptRow).where(mine).order_by(AttemptRow.round != number)
            stands = session.scalars(same.order_by(AttemptRow.id.desc()).limit(1)).one()
            return Recorded(recorded(stands), new=False)

    def attempts(self, player: PlayerId, model: str, level: str) -> list[Attempt]:
        """Oldest first, without their verdicts."""
        mine = and_(of(AttemptRow, player, model), AttemptRow.level == level)
        with self._database.reading() as session:
            rows = session.scalars(select(AttemptRow).where(mine).order_by(AttemptRow.id))
            return [recorded(row) for row in rows]

    def best(self, player: PlayerId, model: str) -> dict[str, Best]:
        """By level; only levels that were tried."""
        # Every attempt that won has a star, so the most stars tell whether any of them did.
        query = (
            select(
                AttemptRow.level,
                func.max(AttemptRow.stars),
                func.max(AttemptRow.score),
                func.count(),
            )
            .where(of(AttemptRow, player, model))
            .group_by(AttemptRow.level)
        )
        with self._database.reading() as session:
            rows = session.execute(query).all()
        return {row[0]: Best(row[0], row[1] > 0, row[1], row[2], row[3]) for row in rows}

    def replay(self, player: PlayerId, model: str, *levels: str) -> Replay | None:
        """The best try at these levels: most stars, then the highest score, then the first."""
        query = (
            select(ReplayRow)
            .where(of(ReplayRow, player, model), ReplayRow.level.in_(levels))
            .order_by(ReplayRow.stars.desc(), ReplayRow.score.desc(), ReplayRow.at)
        )
        with self._database.reading() as session:
            row = session.scalars(query.limit(1)).first()
            if row is None:
                return None
            return Replay(
                row.level, zoned(row.at), row.stars, row.score, row.verdict,
                row.atlas, row.level_version,
            )  # fmt: skip

    # -- hints
    def hints(self, player: PlayerId, model: str, level: str) -> int:
        """How many hints of a level are open."""
        mine = and_(of(HintsRow, player, model), HintsRow.level == level)
        with self._database.reading() as session:
            return session.scalar(select(HintsRow.opened).where(mine)) or 0

    def open_hints(self, player: PlayerId, model: str, level: str, opened: int) -> None:
        """Remembers that so many are open; never closes one."""
        with self._writing(player) as session:
            row = upsert(session, HintsRow).values(
                player=player, model=model, level=level, opened=opened
            )
            more = row.on_conflict_do_update(
                index_elements=["player", "model", "level"],
                set_={"opened": row.excluded.opened},
                where=row.excluded.opened > HintsRow.opened,
            )
            session.execute(more)

    # -- probes: what was tried in a round of questions
    def probes(self, player: PlayerId, model: str, level: str, seed: int) -> tuple[Probe, ...]:
        """In the order in which they were tried, question by question."""
        query = (
            select(ProbeRow)
            .where(of(ProbeRow, player, model), ProbeRow.level == level, ProbeRow.seed == seed)
            .order_by(ProbeRow.number, ProbeRow.place)
        )
        with self._database.reading() as session:
            return tuple(
                Probe(row.number, row.prompt, tuple(row.replies)) for row in session.scalars(query)
            )

    def keep_probe(
        self, player: PlayerId, model: str, level: str, seed: int, probe: Probe, most: int
    ) -> bool:
        """Whether it was kept: of a question there are `most`."""
        asked = and_(
            of(ProbeRow, player, model),
            ProbeRow.level == level,
            ProbeRow.seed == seed,
            ProbeRow.number == probe.number,
        )
        with self._writing(player) as session:
            place = session.scalar(select(func.count()).where(asked)) or 0
            if place >= most:
                return False
            row = ProbeRow(
                player=player, model=model, level=level, seed=seed, number=probe.number,
                place=place, prompt=probe.prompt, replies=[*probe.replies],
            )  # fmt: skip
            session.add(row)
            return True

    # -- exams: which levels each sitting is made of
    def sittings(self, player: PlayerId, model: str) -> dict[int, tuple[str, ...]]:
        """Ids of levels by the number of the sitting, from 1."""
        query = select(SittingRow).where(of(SittingRow, player, model)).order_by(SittingRow.number)
        with self._database.reading() as session:
            return {row.number: tuple(row.parts) for row in session.scalars(query)}

    def sit(self, player: PlayerId, model: str, number: int, parts: Sequence[str]) -> None:
        """Begins a sitting; one that was begun already stays as it is."""
        with self._writing(player) as session:
            row = upsert(session, SittingRow).values(
                player=player, model=model, number=number, begun=datetime.now(UTC), parts=[*parts]
            )
            key = ["player", "model", "number"]
            session.execute(row.on_conflict_do_nothing(index_elements=key))

    def swap(
        self, player: PlayerId, model: str, number: int, part: str, others: Sequence[str]
    ) -> None:
        """Puts others (one or none) in the place of a part of a sitting; one that was tried
        stays."""
        mine = and_(of(SittingRow, player, model), SittingRow.number == number)
        tried = and_(of(AttemptRow, player, model), AttemptRow.level == part)
        with self._writing(player) as session:
            row = session.scalar(select(SittingRow).where(mine, ~exists().where(tried)))
            if row is not None and part in row.parts:
                place = row.parts.index(part)
                row.parts = [*row.parts[:place], *others, *row.parts[place + 1 :]]

    # -- rounds: what is dealt and not handed in
    def round_of(self, player: PlayerId, model: str, level: str) -> Round | None:
        """The unfinished round of a level."""
        with self._database.reading() as session:
            row = session.scalar(select(RoundRow).where(one_round(player, model, level)))
            if row is None:
                return None
            at = zoned(row.opened)
            return Round(level, row.seed, tuple(row.answers), row.atlas, row.level_version, at)

    def note(
        self, player: PlayerId, model: str, begun: Round, given: Mapping[int, Any]
    ) -> tuple[Any, ...]:
        """Puts answers into the unfinished round of a level, by their places; the others stay as
        they were, however many come at once. Returns all of them. begun: what they are put into
        where nothing is kept yet, or only of another round."""
        level = begun.level
        with self._writing(player) as session:
            row = session.scalar(select(RoundRow).where(one_round(player, model, level)))
            same = row is not None and (row.seed, row.atlas, row.level_version) == (
                begun.seed,
                begun.atlas,
                begun.level_version,
            )
            answers = [*(row.answers if row is not None and same else begun.answers)]
            for place, answer in given.items():
                answers[place] = answer
            kept = {
                "atlas": begun.atlas,
                "level_version": begun.level_version,
                "seed": begun.seed,
                "answers": answers,
            }
            put = upsert(session, RoundRow).values(
                player=player, model=model, level=level, opened=datetime.now(UTC), **kept
            )
            key = ["player", "model", "level"]
            session.execute(put.on_conflict_do_update(index_elements=key, set_=kept))
            return tuple(answers)

    def close_round(self, player: PlayerId, model: str, level: str) -> None:
        """Forgets the unfinished round of a level, if there is one."""
        with self._writing(player) as session:
            session.execute(delete(RoundRow).where(one_round(player, model, level)))

    # -- the conversation
    def talk(self, player: PlayerId, model: str) -> Mapping[str, Any] | None:
        """As it was kept (JSON), None where there is none."""
        with self._database.reading() as session:
            return session.scalar(select(TalkRow.talk).where(of(TalkRow, player, model)))

    def keep_talk(
        self,
        player: PlayerId,
        model: str,
        change: Callable[[Mapping[str, Any] | None], Mapping[str, Any]],
    ) -> Mapping[str, Any]:
        """Keeps what `change` makes of the conversation (JSON), and returns it; nobody else changes
        it meanwhile."""
        with self._writing(player) as session:
            query = select(TalkRow.talk).where(of(TalkRow, player, model))
            kept = {"talk": dict(change(session.scalar(query))), "changed": datetime.now(UTC)}
            row = upsert(session, TalkRow).values(player=player, model=model, **kept)
            put = row.on_conflict_do_update(index_elements=["player", "model"], set_=kept)
            session.execute(put)
            return kept["talk"]

    # -- what everybody shares
    def shared(self, key: str) -> Any:
        """The result that stands under a key (JSON), None where there is none."""
        with self._database.reading() as session:
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
        with self._database.writing() as session:
            row = upsert(session, SharedRow).values(
                kind=kind, key=key, payload=payload, created=datetime.now(UTC)
            )
            session.execute(row.on_conflict_do_nothing(index_elements=["key"]))
            session.execute(delete(SharedRow).where(SharedRow.kind == kind, SharedRow.id <= oldest))
            return session.scalar(select(SharedRow.payload).where(SharedRow.key == key))


def of(table: type[AttemptRow] | type[Owned], player: PlayerId, model: str) -> ColumnElement[bool]:
    return and_(table.player == player, table.model == model)


def one_round(player: PlayerId, model: str, level: str) -> ColumnElement[bool]:
    return and_(of(RoundRow, player, model), RoundRow.level == level)


def attempt_row(player: PlayerId, model: str, attempt: Attempt, number: int) -> dict[str, Any]:
    return {
        "player": player,
        "model": model,
        "level": attempt.level,
        "round": number,
        "at": attempt.at or datetime.now(UTC),
        "won": attempt.won,
        "stars": attempt.stars,
        "score": attempt.score,
        "hints": attempt.hints,
        "answer": dict(attempt.answer),
        "evidence": dict(attempt.evidence),
        "atlas": attempt.atlas,
        "level_version": attempt.level_version,
    }


def recorded(row: AttemptRow) -> Attempt:
    return Attempt(
        row.level, row.won, row.stars, row.score, row.hints, row.answer, row.evidence,
        zoned(row.at), None, row.round, row.atlas, row.level_version,
    )  # fmt: skip


def keep(session: Session, player: PlayerId, model: str, attempt: Attempt, at: datetime) -> None:
    """Puts a verdict in place of a worse one of the same level."""
    if attempt.verdict is None:
        return
    given = {
        "at": at,
        "stars": attempt.stars,
        "score": attempt.score,
        "verdict": dict(attempt.verdict),
        "atlas": attempt.atlas,
        "level_version": attempt.level_version,
    }
    row = upsert(session, ReplayRow).values(
        player=player, model=model, level=attempt.level, **given
    )
    stars, score = row.excluded.stars, row.excluded.score
    better = or_(stars > ReplayRow.stars, and_(stars == ReplayRow.stars, score > ReplayRow.score))
    session.execute(
        row.on_conflict_do_update(
            index_elements=["player", "model", "level"], set_=given, where=better
        )
    )
