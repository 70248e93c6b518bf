"""All that is kept of a player, wherever it stands: told, moved to another player, forgotten. A
table that a later version adds is found by its column. Knows nothing of what it means."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table, and_, delete, exists, func, select, update
from sqlalchemy.orm import Session

from playground.store import codes
from playground.store.database import Database, upsert
from playground.store.players import hold
from playground.store.records import Issued, PlayerId
from playground.store.tables import (
    AttemptRow,
    Base,
    CertificateRow,
    ClassRow,
    HintsRow,
    MemberRow,
    PlayerRow,
    ReplayRow,
    VisitRow,
)

OWNER = "player"
HIDDEN = ("player", "digest", "holder", "folded", "class_id")  # of what is told


class Personal:
    """Any number of threads and processes; every call is one transaction. Raises PlayerError for
    an unknown player."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def told(self, player: PlayerId) -> dict[str, list[dict[str, Any]]]:
        """Every row of every table (JSON), by the table's name; secrets are known by their digests
        alone, which say nothing to anybody."""
        with self._database.writing() as session:
            hold(session, player)
            made = {
                "players": rows(session, select(PlayerRow.created).where(PlayerRow.id == player))
            }
            for table in owned():
                shown = [each for each in table.columns if each.name not in HIDDEN]
                made[table.name] = rows(session, select(*shown).where(table.c[OWNER] == player))
            titles = select(ClassRow.title, MemberRow.name, MemberRow.joined)
            joined = titles.join(MemberRow, MemberRow.class_id == ClassRow.id)
            made["members"] = rows(session, joined.where(MemberRow.player == player))
            return made

    def counts(self, player: PlayerId) -> dict[str, int]:
        """How many rows there are of every table, by its name."""
        with self._database.reading() as session:
            return {
                table.name: session.scalar(
                    select(func.count()).select_from(table).where(table.c[OWNER] == player)
                )
                or 0
                for table in owned()
            }

    def delete(self, player: PlayerId) -> None:
        """Nothing of a player is left, and no secret lets in whoever had it."""
        with self._database.writing() as session:
            hold(session, player)
            forget(session, player)

    def reset(self, player: PlayerId, model: str, level: str | None = None) -> None:
        """What a player did on a model, or at one level of it, was never done. The conversation
        stays: it is nobody's business."""
        with self._database.writing() as session:
            hold(session, player)
            for table in owned():
                if "level" not in table.c and (level is not None or table.name != "sittings"):
                    continue
                gone = and_(table.c[OWNER] == player, table.c.model == model)
                if level is not None:
                    gone = and_(gone, table.c.level == level)
                session.execute(delete(table).where(gone))

    def merge(self, gone: PlayerId, into: PlayerId) -> None:
        """Two who are one: all that `gone` did was done by `into`, who stays; where only one of two
        can stay, the better does, else the one that `into` has."""
        with self._database.writing() as session:
            for each in sorted({gone, into}):
                hold(session, each)
            if gone == into:
                return
            keep_better(session, gone, into)
            renumber(session, gone, into)
            add_time(session, gone, into)
            for table in owned():
                move(session, table, gone, into)
            forget(session, gone)

    # -- certificates
    def certify(
        self,
        player: PlayerId,
        model: str,
        stars: int,
        total: int,
        day: date,
        holder: Callable[[str], str | None],
    ) -> Issued:
        """The certificate of a player on a model: its code stays the same for good. holder: what is
        kept of the name for a code; None leaves what is kept."""
        given = {"stars": stars, "total": total, "day": day.isoformat()}
        with self._database.writing() as session:
            hold(session, player)
            code = codes.drawn(codes.SECRET_LETTERS)
            row = upsert(session, CertificateRow).values(
                player=player, model=model, code=code, **given
            )
            put = row.on_conflict_do_update(index_elements=["player", "model"], set_=given)
            session.execute(put)
            mine = (CertificateRow.player == player, CertificateRow.model == model)
            found = session.scalars(select(CertificateRow).where(*mine)).one()
            found.holder = holder(found.code) or found.holder
            return issued(found)

    def certificate(self, code: str) -> Issued | None:
        with self._database.reading() as session:
            mine = CertificateRow.code == codes.plain(code)
            found = session.scalar(select(CertificateRow).where(mine))
            return None if found is None else issued(found)


def owned() -> Sequence[Table]:
    """Every table with rows of players, those that others refer to last."""
    return [each for each in reversed(Base.metadata.sorted_tables) if OWNER in each.c]


def rows(session: Session, query: Any) -> list[dict[str, Any]]:
    return [
        {name: plain(value) for name, value in row._mapping.items()}
        for row in session.execute(query)
    ]


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def forget(session: Session, player: PlayerId) -> None:
    for table in owned():
        session.execute(delete(table).where(table.c[OWNER] == player))
    session.execute(delete(PlayerRow).where(PlayerRow.id == player))


def move(session: Session, table: Table, gone: PlayerId, into: PlayerId) -> None:
    """Gives rows to another player who has none under the same key."""
    theirs = update(table).where(table.c[OWNER] == gone)
    for key in keys(table):
        other = table.alias()
        same = and_(other.c[OWNER] == into, *(other.c[name] == table.c[name] for name in key))
        theirs = theirs.where(~exists().where(same))
    session.execute(theirs.values({OWNER: into}))


def keys(table: Table) -> Iterator[list[str]]:
    """What one player can have only once, beside the player."""
    for each in table.constraints:
        names = [column.name for column in getattr(each, "columns", ())]
        if OWNER in names and (len(names) > 1 or each is table.primary_key):
            yield [name for name in names if name != OWNER]


def keep_better(session: Session, gone: PlayerId, into: PlayerId) -> None:
    """Drops what `into` has where `gone` has better: verdicts and opened hints."""
    for table, worth in ((ReplayRow, "stars"), (HintsRow, "opened")):
        mine, theirs = table.__table__, table.__table__.alias()
        same = and_(
            theirs.c.player == gone,
            theirs.c.model == mine.c.model,
            theirs.c.level == mine.c.level,
            theirs.c[worth] > mine.c[worth],
        )
        session.execute(delete(table).where(table.player == into, exists().where(same)))


def renumber(session: Session, gone: PlayerId, into: PlayerId) -> None:
    """Tries go on after those of the other: none is lost, though both began at 0."""
    last = (
        select(AttemptRow.model, AttemptRow.level, func.max(AttemptRow.round))
        .where(AttemptRow.player == into)
        .group_by(AttemptRow.model, AttemptRow.level)
    )
    for model, level, most in session.execute(last).all():
        theirs = (
            AttemptRow.player == gone, AttemptRow.model == model, AttemptRow.level == level
        )  # fmt: skip
        ids = session.scalars(select(AttemptRow.id).where(*theirs).order_by(AttemptRow.id)).all()
        # Below 0 first: at no time may two have the same number.
        session.execute(update(AttemptRow).where(*theirs).values(round=-1 - AttemptRow.round))
        for number, id in enumerate(ids, most + 1):
            session.execute(update(AttemptRow).where(AttemptRow.id == id).values(round=number))


def add_time(session: Session, gone: PlayerId, into: PlayerId) -> None:
    theirs = {
        (row.model, row.level): row.seconds
        for row in session.scalars(select(VisitRow).where(VisitRow.player == gone))
    }
    for row in session.scalars(select(VisitRow).where(VisitRow.player == into)):
        row.seconds += theirs.get((row.model, row.level), 0)
    session.flush()


def issued(row: CertificateRow) -> Issued:
    return Issued(row.code, row.model, row.stars, row.total, row.day, row.holder)
