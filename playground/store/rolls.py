"""What the members of a class did, all at once: for the matrix of an instructor and for exports.
Knows neither who may ask nor what a level is."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, and_, cast, func, select

from playground.store.database import Database, zoned
from playground.store.records import Attempt, Effort, SchoolClass
from playground.store.tables import AttemptRow, MemberRow, VisitRow

AT_ONCE = 1000  # rows that are held while an export is written
BETWEEN = ";"  # visits; no id of a level has one
NEVER = 0, None  # seconds and last moment of who did not look at a level


class Rolls:
    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, of: SchoolClass) -> list[Effort]:
        """One for each member and level that was opened or tried on the class's model."""
        with self._database.reading() as session:
            rows = session.connection()  # without the session's own work on every row
            ids = {player: id for player, id in rows.execute(members(of)).all()}
            sat = dict[tuple[int, str], tuple[int, datetime | None]]()
            for player, told in rows.execute(visits(of)).all():
                for visit in told.split(BETWEEN) if player in ids else ():  # else new meanwhile
                    level, seconds, latest = visit.split(" ", 2)
                    sat[ids[player], level] = int(seconds), zoned(datetime.fromisoformat(latest))
            made = list[Effort]()
            for player, level, stars, score, count in rows.execute(tries(of)).all():
                if (id := ids.get(player)) is None:
                    continue
                seconds, latest = sat.pop((id, level), NEVER)
                made.append(Effort(id, level, stars, score, count, seconds, latest))
        only = [Effort(*key, 0, 0.0, 0, *times) for key, times in sat.items()]
        return made + only

    def attempts(self, of: SchoolClass) -> Iterator[tuple[str, Attempt]]:
        """Every attempt of every member on the class's model, with the member's name, oldest
        first; read as they are asked for."""
        row = AttemptRow
        columns = (
            row.level, row.won, row.stars, row.score, row.hints, row.answer, row.evidence, row.at,
            row.round, row.atlas, row.level_version,
        )  # fmt: skip
        query = (
            select(MemberRow.name, *columns)
            .join(row, and_(row.player == MemberRow.player, row.model == of.model))
            .where(MemberRow.class_id == of.id)
            .order_by(row.id)
            .execution_options(yield_per=AT_ONCE)
        )
        with self._database.reading() as session:
            for each in session.execute(query):
                name, level, won, stars, score, hints, answer, evidence, at = each[:9]
                number, atlas, version = each[9:]
                yield name, Attempt(
                    level, won, stars, score, hints, answer, evidence, zoned(at), None, number,
                    atlas, version,
                )  # fmt: skip


def members(of: SchoolClass) -> Select[int, int]:
    """The player and the id of each."""
    return select(MemberRow.player, MemberRow.id).where(MemberRow.class_id == of.id)


def tries(of: SchoolClass) -> Select[int, str, int, float, int]:
    """Out of the index alone and in its order, without a look at the long rows."""
    row = AttemptRow
    best = (func.max(row.stars), func.max(row.score), func.count())
    return (
        select(row.player, row.level, *best)
        .where(*within(of, row))
        .group_by(row.player, row.model, row.level)
    )


def visits(of: SchoolClass) -> Select[int, str]:
    """A row a player, with all levels in one text: to make a row of each is most of the time that
    tens of thousands take."""
    row = VisitRow
    told = row.level + " " + cast(row.seconds, String) + " " + cast(row.latest, String)
    return (
        select(row.player, func.aggregate_strings(told, BETWEEN))
        .where(*within(of, row))
        .group_by(row.player)
    )


def within(
    of: SchoolClass, row: type[AttemptRow] | type[VisitRow]
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Of a member, on the class's model."""
    mine = select(MemberRow.player).where(MemberRow.class_id == of.id)
    return row.player.in_(mine), row.model == of.model
