"""The tables of the progress store. Knows no rules of the game and writes nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Index, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

TOKEN_LENGTH = 22  # characters of 128 bits in URL-safe base 64
ID_LENGTH = 80
KEY_LENGTH = 400
KIND_LENGTH = 40


class Base(DeclarativeBase):
    type_annotation_map = {
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[Any]: JSON,
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


class RoundRow(Base):
    __tablename__ = "rounds"
    player: Mapped[str] = mapped_column(ForeignKey("players.token"), primary_key=True)
    model: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    level: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    atlas: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    level_version: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    seed: Mapped[int] = mapped_column(BigInteger)
    answers: Mapped[list[Any]]
    opened: Mapped[datetime]


class SharedRow(Base):
    __tablename__ = "shared"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH))
    key: Mapped[str] = mapped_column(String(KEY_LENGTH), unique=True)
    payload: Mapped[Any] = mapped_column(JSON)
    created: Mapped[datetime]
    __table_args__ = (Index("ix_shared_kind_id", "kind", "id"),)
