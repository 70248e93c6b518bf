"""What the members of a class did, all at once: for the matrix of an instructor and for exports.
Knows neither who may ask nor what a level is."""

from collections.abc import Iterator

from sqlalchemy import Select, and_, func, select

from playground.store.database import Database, zoned
from playground.store.records import Attempt, Effort, SchoolClass
from playground.store.tables import AttemptRow, MemberRow, VisitRow

AT_ONCE = 1000  # rows that are held while an export is written


class Rolls:
    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, of: SchoolClass) -> list[Effort]:
        """One for each member and level that was opened or tried on the class's model."""
        with self._database.reading() as session:
            sat = {
                (id, level): (seconds, zoned(opened), zoned(latest))
                for id, level, opened, latest, seconds in session.execute(visits(of))
            }
            made = [
                Effort(id, level, stars, score, count, *sat.pop((id, level), (0, None, None)))
                for id, level, stars, score, count in session.execute(tries(of))
            ]
        return made + [Effort(*key, 0, 0.0, 0, *times) for key, times in sat.items()]

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


def tries(of: SchoolClass) -> Select[int, str, int, float, int]:
    """Out of the index alone, without a look at the long rows."""
    row = AttemptRow
    best = (func.max(row.stars), func.max(row.score), func.count())
    return (
        select(MemberRow.id, row.level, *best)
        .join(row, and_(row.player == MemberRow.player, row.model == of.model))
        .where(MemberRow.class_id == of.id)
        .group_by(MemberRow.id, row.level)
    )


def visits(of: SchoolClass) -> Select:
    row = VisitRow
    return (
        select(MemberRow.id, row.level, row.opened, row.latest, row.seconds)
        .join(row, and_(row.player == MemberRow.player, row.model == of.model))
        .where(MemberRow.class_id == of.id)
    )
