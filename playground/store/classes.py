"""Classes and who is in them, kept over restarts. Knows ids and names, nothing of levels, nor who
may ask."""

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import Session

from playground.errors import PlayerError
from playground.store import codes, written
from playground.store.database import Database, upsert, zoned
from playground.store.players import Players, hold
from playground.store.records import (
    Member,
    Membership,
    PlannedLevel,
    PlayerId,
    SchoolClass,
)
from playground.store.tables import NAME_LENGTH, ClassRow, MemberRow, VisitRow

TITLE_MOST = 80  # characters
CLASSES_MOST = 500
MEMBERS_MOST = 1000  # of a class
PAUSE = timedelta(minutes=5)  # who does nothing for longer has left; that time does not count
STEP = timedelta(seconds=3)  # between two notes of a visit


class Classes:
    """Any number of threads and processes; every call is one transaction. Raises PlayerError for a
    class or a member that is not there, and for a name that is taken."""

    def __init__(self, database: Database, players: Players) -> None:
        self._database = database
        self._players = players

    # -- classes
    def create(self, title: str, model: str, zone: str) -> SchoolClass:
        made = {
            "title": clean(title, TITLE_MOST), "model": model, "zone": zone, "open": True,
            "hints": True, "ordered": False, "begins": None, "ends": None, "plan": [],
        }  # fmt: skip
        with self._database.writing() as session:
            return add(session, made)

    def copy(self, id: int, title: str) -> SchoolClass:
        """The same plan, rules and written levels for other learners: nobody is in it yet."""
        with self._database.writing() as session:
            row = one(session, id)
            same = ("model", "zone", "hints", "ordered", "begins", "ends", "plan")
            made = {name: getattr(row, name) for name in same}
            of = add(session, {**made, "title": clean(title, TITLE_MOST), "open": True})
            new, ids = one(session, of.id), written.copied(session, id, of.id)
            new.plan = [{**e, "level": ids.get(e["level"], e["level"])} for e in row.plan]
            return school(new)

    def all(self) -> list[tuple[SchoolClass, int]]:
        """Latest first, each with how many are in it."""
        query = (
            select(ClassRow, func.count(MemberRow.id))
            .outerjoin(MemberRow, MemberRow.class_id == ClassRow.id)
            .group_by(ClassRow.id)
            .order_by(ClassRow.id.desc())
        )
        with self._database.reading() as session:
            return [(school(row), count) for row, count in session.execute(query)]

    def get(self, id: int) -> SchoolClass:
        with self._database.reading() as session:
            return school(one(session, id))

    def by_code(self, code: str) -> SchoolClass:
        """Of an open class."""
        mine = (ClassRow.code == codes.plain(code), ClassRow.open)
        with self._database.reading() as session:
            row = session.scalar(select(ClassRow).where(*mine))
            if row is None:
                raise PlayerError("join.no_class", code=code[:20])
            return school(row)

    def rule(
        self,
        id: int,
        title: str,
        hints: bool,
        ordered: bool,
        begins: datetime | None,
        ends: datetime | None,
    ) -> SchoolClass:
        """Changes what holds in a class."""
        with self._database.writing() as session:
            row = one(session, id)
            row.title, row.hints, row.ordered = clean(title, TITLE_MOST), hints, ordered
            row.begins, row.ends = begins, ends
            return school(row)

    def set_open(self, id: int, is_open: bool) -> SchoolClass:
        """Whether somebody may join, and whether its rules hold for its members."""
        with self._database.writing() as session:
            row = one(session, id)
            row.open = is_open
            return school(row)

    def set_plan(self, id: int, plan: Sequence[PlannedLevel]) -> SchoolClass:
        with self._database.writing() as session:
            row = one(session, id)
            row.plan = [
                {"level": each.level, "begins": each.begins and each.begins.isoformat()}
                for each in plan
            ]
            return school(row)

    def delete(self, id: int) -> None:
        """What its members have won stays theirs."""
        with self._database.writing() as session:
            row = one(session, id)
            session.execute(delete(MemberRow).where(MemberRow.class_id == id))
            written.forget(session, id)
            session.delete(row)

    # -- members
    def join(self, code: str, player: PlayerId, name: str) -> Membership:
        """Who is in it already gets another name."""
        given = clean(name, NAME_LENGTH)
        with self._database.writing() as session:
            hold(session, player)
            mine = (ClassRow.code == codes.plain(code), ClassRow.open)
            found = session.scalar(select(ClassRow).where(*mine).with_for_update())
            if found is None:
                raise PlayerError("join.no_class", code=code[:20])
            here = and_(MemberRow.class_id == found.id, MemberRow.player == player)
            row = session.scalar(select(MemberRow).where(here))
            if row is not None:
                call(session, row, given)
                row.joined = datetime.now(UTC)  # the latest is the one whose rules hold
            else:
                row = enter(session, found.id, player, given)
            return Membership(school(found), member(row))

    def leave(self, id: int, player: PlayerId) -> None:
        with self._database.writing() as session:
            mine = (MemberRow.class_id == id, MemberRow.player == player)
            session.execute(delete(MemberRow).where(*mine))

    def of_player(self, player: PlayerId) -> list[Membership]:
        """The latest first."""
        query = (
            select(ClassRow, MemberRow)
            .join(MemberRow, MemberRow.class_id == ClassRow.id)
            .where(MemberRow.player == player)
            .order_by(MemberRow.joined.desc(), MemberRow.id.desc())
        )
        with self._database.reading() as session:
            return [Membership(school(a), member(b)) for a, b in session.execute(query)]

    def current(self, player: PlayerId, model: str) -> Membership | None:
        """The latest class of a player on a model that is open."""
        mine = (each for each in self.of_player(player))
        return next((e for e in mine if e.of.open and e.of.model == model), None)

    def members(self, id: int) -> list[Member]:
        """By name."""
        query = select(MemberRow).where(MemberRow.class_id == id).order_by(MemberRow.folded)
        with self._database.reading() as session:
            one(session, id)
            return [member(row) for row in session.scalars(query)]

    def member(self, id: int, member_id: int) -> Member:
        with self._database.reading() as session:
            return member(somebody(session, id, member_id))

    def enroll(self, id: int, names: Sequence[str]) -> list[tuple[Member, str]]:
        """New players, each with a secret on paper that lets them in: all of them or, where one
        name is taken, none."""
        with self._database.writing() as session:
            one(session, id)
            made = list[tuple[Member, str]]()
            for name in names:
                player, secret = self._players.make(session, "resume")
                row = enter(session, id, player, clean(name, NAME_LENGTH))
                made.append((member(row), secret))
            return made

    def rename(self, id: int, member_id: int, name: str) -> Member:
        with self._database.writing() as session:
            row = somebody(session, id, member_id)
            call(session, row, clean(name, NAME_LENGTH))
            return member(row)

    def remove(self, id: int, member_id: int) -> None:
        """What they have won stays theirs."""
        with self._database.writing() as session:
            session.delete(somebody(session, id, member_id))

    # -- how long somebody sits at a level
    def visit(self, player: PlayerId, model: str, level: str) -> None:
        now = datetime.now(UTC)
        key = {"player": player, "model": model, "level": level}
        with self._database.writing() as session:
            row = session.get(VisitRow, key)
            if row is None:
                new = upsert(session, VisitRow).values(**key, opened=now, latest=now, seconds=0)
                session.execute(new.on_conflict_do_nothing(index_elements=[*key]))
                return
            passed = now - zoned(row.latest)
            if passed < STEP:
                return
            row.seconds += round(passed.total_seconds()) if passed <= PAUSE else 0
            row.latest = now


# -- within a transaction --------------------------------------------------------------------------
def one(session: Session, id: int) -> ClassRow:
    row = session.get(ClassRow, id)
    if row is None:
        raise PlayerError("teach.no_class")
    return row


def somebody(session: Session, id: int, member_id: int) -> MemberRow:
    """A member of this very class."""
    mine: ColumnElement[bool] = and_(MemberRow.id == member_id, MemberRow.class_id == id)
    row = session.scalar(select(MemberRow).where(mine))
    if row is None:
        raise PlayerError("teach.no_member")
    return row


def add(session: Session, given: dict[str, Any]) -> SchoolClass:
    if (session.scalar(select(func.count(ClassRow.id))) or 0) >= CLASSES_MOST:
        raise PlayerError("teach.many_classes", most=CLASSES_MOST)
    code = codes.drawn(codes.CLASS_LETTERS)
    while session.scalar(select(ClassRow.id).where(ClassRow.code == code)):
        code = codes.drawn(codes.CLASS_LETTERS)
    row = ClassRow(code=code, created=datetime.now(UTC), **given)
    session.add(row)
    session.flush()
    return school(row)


def enter(session: Session, id: int, player: PlayerId, name: str) -> MemberRow:
    count = select(func.count(MemberRow.id)).where(MemberRow.class_id == id)
    if (session.scalar(count) or 0) >= MEMBERS_MOST:
        raise PlayerError("join.full", most=MEMBERS_MOST)
    given = {"class_id": id, "player": player, "name": name, "folded": folded(name)}
    new = upsert(session, MemberRow).values(**given, joined=datetime.now(UTC))
    taken = new.on_conflict_do_nothing(index_elements=["class_id", "folded"])
    made = session.execute(taken.returning(MemberRow.id)).scalar()
    if made is None:
        raise PlayerError("join.taken", name=name)
    return session.get_one(MemberRow, made)


def call(session: Session, row: MemberRow, name: str) -> None:
    """Gives a member a name."""
    theirs = (MemberRow.class_id == row.class_id, MemberRow.folded == folded(name))
    other = session.scalar(select(MemberRow.id).where(*theirs, MemberRow.id != row.id))
    if other is not None:
        raise PlayerError("join.taken", name=name)
    new = {"name": name, "folded": folded(name)}
    session.execute(update(MemberRow).where(MemberRow.id == row.id).values(**new))
    session.refresh(row)


# -- names and records -----------------------------------------------------------------------------
def clean(text: str, most: int) -> str:
    """One line, without what nobody sees. PlayerError for one that is empty or too long."""
    shown = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in text[:4000])
    line = " ".join(unicodedata.normalize("NFC", shown).split())
    if not line:
        raise PlayerError("join.no_name")
    if len(line) > most:
        raise PlayerError("join.long_name", count=len(line), most=most)
    return line


def folded(name: str) -> str:
    """What two names share that look alike."""
    return unicodedata.normalize("NFKC", name).casefold()[: 3 * NAME_LENGTH]


def school(row: ClassRow) -> SchoolClass:
    plan = tuple(
        PlannedLevel(each["level"], each["begins"] and datetime.fromisoformat(each["begins"]))
        for each in row.plan
    )
    return SchoolClass(
        row.id, row.code, row.title, row.model, row.zone, zoned(row.created), row.open, row.hints,
        row.ordered, row.begins and zoned(row.begins), row.ends and zoned(row.ends), plan,
    )  # fmt: skip


def member(row: MemberRow) -> Member:
    return Member(row.id, row.class_id, PlayerId(row.player), row.name, zoned(row.joined))
