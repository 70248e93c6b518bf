"""The tables of the progress store, as the latest migration leaves them. Knows no rules of the game
and writes nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    MetaData,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

ID_LENGTH = 80
KIND_LENGTH = 40
KEY_LENGTH = 400
LOT_LENGTH = 22  # characters of 128 bits in URL-safe base 64
DIGEST_LENGTH = 64  # characters of a sha256
CODE_LENGTH = 20
NAME_LENGTH = 40  # of a learner
FOLDED_LENGTH = 3 * NAME_LENGTH  # a letter may become three where case is not told apart


class Base(DeclarativeBase):
    type_annotation_map = {
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[Any]: JSON,
        datetime: DateTime(timezone=True),
    }
    # A migration can only change what has a name.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class PlayerRow(Base):
    __tablename__ = "players"
    id: Mapped[int] = mapped_column(primary_key=True)
    lot: Mapped[str] = mapped_column(String(LOT_LENGTH))
    created: Mapped[datetime]


class CredentialRow(Base):
    """A way to be a player; revoked ones stay, so that nobody is let in by an old one."""

    __tablename__ = "credentials"
    id: Mapped[int] = mapped_column(primary_key=True)
    player: Mapped[int] = mapped_column(ForeignKey("players.id"), index=True)
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH))
    digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH), unique=True)
    created: Mapped[datetime]
    revoked: Mapped[datetime | None]


class Owned:
    """Whose: of a player on a model."""

    player: Mapped[int] = mapped_column(ForeignKey("players.id"), primary_key=True)
    model: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)


class Judged:
    """What a verdict hangs on; None in rows of before it was kept."""

    atlas: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    level_version: Mapped[str | None] = mapped_column(String(ID_LENGTH))


class AttemptRow(Judged, Base):
    __tablename__ = "attempts"
    id: Mapped[int] = mapped_column(primary_key=True)
    player: Mapped[int] = mapped_column(ForeignKey("players.id"))
    model: Mapped[str] = mapped_column(String(ID_LENGTH))
    level: Mapped[str] = mapped_column(String(ID_LENGTH))
    round: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    won: Mapped[bool]
    stars: Mapped[int]
    score: Mapped[float]
    hints: Mapped[int]
    answer: Mapped[dict[str, Any]]
    evidence: Mapped[dict[str, Any]]
    __table_args__ = (
        UniqueConstraint("player", "model", "level", "round"),
        # All that the map of the course asks for, without a look at the long rows.
        Index(None, "player", "model", "level", "stars", "score"),
    )


class HintsRow(Owned, Base):
    __tablename__ = "hints"
    level: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    opened: Mapped[int]


class ReplayRow(Owned, Judged, Base):
    __tablename__ = "replays"
    level: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    at: Mapped[datetime]
    stars: Mapped[int]
    score: Mapped[float]
    verdict: Mapped[dict[str, Any]]


class SittingRow(Owned, Base):
    __tablename__ = "sittings"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    begun: Mapped[datetime]
    parts: Mapped[list[str]]


class ProbeRow(Owned, Base):
    __tablename__ = "probes"
    level: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    seed: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    prompt: Mapped[str]
    replies: Mapped[list[str]]


class RoundRow(Owned, Judged, Base):
    __tablename__ = "rounds"
    level: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    seed: Mapped[int] = mapped_column(BigInteger)
    answers: Mapped[list[Any]]
    opened: Mapped[datetime]


class TalkRow(Owned, Base):
    """The conversation that a player has with a model: one, which begins anew when they say so."""

    __tablename__ = "talks"
    talk: Mapped[dict[str, Any]]
    changed: Mapped[datetime]


class SharedRow(Base):
    __tablename__ = "shared"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH))
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), unique=True)
    payload: Mapped[Any] = mapped_column(JSON)
    created: Mapped[datetime]
    __table_args__ = (Index(None, "kind", "id"),)


class ClassRow(Base):
    """A group of learners on a model. zone: where its dates are told; plan: a level each, and from
    when on it may be played; the whole course where it is empty."""

    __tablename__ = "classes"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(CODE_LENGTH), unique=True)
    title: Mapped[str] = mapped_column(String(ID_LENGTH))
    model: Mapped[str] = mapped_column(String(ID_LENGTH))
    zone: Mapped[str] = mapped_column(String(ID_LENGTH))
    created: Mapped[datetime]
    open: Mapped[bool]
    hints: Mapped[bool]
    ordered: Mapped[bool]
    begins: Mapped[datetime | None]
    ends: Mapped[datetime | None]
    plan: Mapped[list[Any]]


class WrittenRow(Base):
    """A level that the instructor of a class has written. level, trial: the ids that it is played
    by, by the class and while it is tried. draft: the file as it was kept last; told: its Russian
    sibling, empty where there is none; live, live_told: what the class plays, None before it is
    published. proof: how the last check of a draft ended."""

    __tablename__ = "written"
    id: Mapped[int] = mapped_column(primary_key=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id"), index=True)
    level: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True)
    trial: Mapped[str] = mapped_column(String(ID_LENGTH), unique=True)
    draft: Mapped[str]
    told: Mapped[str]
    live: Mapped[str | None]
    live_told: Mapped[str | None]
    proof: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    changed: Mapped[datetime]


class MemberRow(Base):
    """folded: the name as it is compared with others."""

    __tablename__ = "members"
    id: Mapped[int] = mapped_column(primary_key=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id"))
    player: Mapped[int] = mapped_column(ForeignKey("players.id"), index=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    folded: Mapped[str] = mapped_column(String(FOLDED_LENGTH))
    joined: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("class_id", "player"),
        UniqueConstraint("class_id", "folded"),
    )


class VisitRow(Owned, Base):
    """How long a member of a class sat at a level; of nobody else it is kept."""

    __tablename__ = "visits"
    level: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    opened: Mapped[datetime]
    latest: Mapped[datetime]
    seconds: Mapped[int]


class TeacherSessionRow(Base):
    __tablename__ = "teacher_sessions"
    digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH), primary_key=True)
    created: Mapped[datetime]
    ends: Mapped[datetime]


class CertificateRow(Owned, Base):
    """holder: a digest of the name on it."""

    __tablename__ = "certificates"
    code: Mapped[str] = mapped_column(String(CODE_LENGTH), unique=True)
    holder: Mapped[str | None] = mapped_column(String(DIGEST_LENGTH))
    stars: Mapped[int]
    total: Mapped[int]
    day: Mapped[str] = mapped_column(String(10))
