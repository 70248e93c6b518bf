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
