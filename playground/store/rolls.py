"""What the members of a class did, all at once: for the matrix of an instructor and for exports.
Knows neither who may ask nor what a level is."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, String, and_, cast, func, select

from playground.store.database import Database, zoned
from playground.store.records import Attempt, Effort, SchoolClass
from playground.store.tables import AttemptRow, MemberRow, VisitRow

AT_ONCE = 1000  # rows that are held while an export is written
BETWEEN = ";"  # levels; none has one in its id, and no blank
ZONE = "+00:00"  # of moments whose zone a database forgets
NEVER = 0, None  # seconds and last moment of who did not look at a level


class Rolls:
    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, of: SchoolClass) -> list[Effort]:
        """One for each member and level that was opened or tried on the class's model."""
        with self._database.reading() as session:
            rows = session.connection()  # without the session's own work on every row
            ids = {player: id for player, id in rows.execute(members(of)).all()}
            sat, tried = ({p: t for p, t in rows.execute(each(of))} for each in (visits, tries))
        zone = ZONE if self._database.forgets_zones else ""
        made = list[Effort]()
        for player, id in ids.items():
            times = dict[str, tuple[int, datetime | None]]()
            for level, seconds, latest in parts(sat.get(player), 3):
                times[level] = int(seconds), datetime.fromisoformat(latest + zone)
            for level, stars, score, count in parts(tried.get(player), 4):
                seen = times.pop(level, NEVER)
                made.append(Effort(id, level, int(stars), float(score), int(count), *seen))
            made += [Effort(id, level, 0, 0.0, 0, *seen) for level, seen in times.items()]
        return made

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


def tries(of: SchoolClass) -> Select[int, str]:
    """Level, stars, score and count, as `told` has them. Out of the index alone and in its order,
    without a look at the long rows."""
    row = AttemptRow
    best = (func.max(row.stars), func.max(row.score), func.count())
    each = (
        select(row.player, row.level, *best)
        .where(*within(of, row))
        .group_by(row.player, row.model, row.level)
        .subquery()
    )
    player, *columns = each.columns
    return told(player, *columns)


def visits(of: SchoolClass) -> Select[int, str]:
    """Level, seconds and last moment, as `told` has them."""
    row = VisitRow
    return told(row.player, row.level, row.seconds, row.latest).where(*within(of, row))


def told(player: SQLColumnExpression[int], *columns: SQLColumnExpression[Any]) -> Select[int, str]:
    """A row a player, with all levels in one text: to make a row of each is most of the time that
    tens of thousands take. The last moment holds a blank, so it comes last."""
    first, *others = columns
    text = first
    for each in others:
        text = text + " " + cast(each, String)
    return select(player, func.aggregate_strings(text, BETWEEN)).group_by(player)


def parts(text: str | None, count: int) -> Iterator[list[str]]:
    """What `told` put together; nothing of nothing."""
    return (each.split(" ", count - 1) for each in text.split(BETWEEN)) if text else iter(())


def within(
    of: SchoolClass, row: type[AttemptRow] | type[VisitRow]
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Of a member, on the class's model."""
    mine = select(MemberRow.player).where(MemberRow.class_id == of.id)
    return row.player.in_(mine), row.model == of.model
