"""The tables of version 0.1.0, which kept no steps: where they stand already, they stay."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    make(
        "players",
        sa.Column("token", sa.String(22), primary_key=True),
        sa.Column("created", moment(), nullable=False),
    )
    make(
        "attempts",
        sa.Column("id", sa.Integer(), primary_key=True),
        player(),
        level(),
        sa.Column("at", moment(), nullable=False),
        sa.Column("won", sa.Boolean(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("hints", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
    )
    op.create_index("ix_attempts_player", "attempts", ["player"], if_not_exists=True)
    op.create_index("ix_attempts_level", "attempts", ["level"], if_not_exists=True)
    make(
        "hints",
        player(key=True),
        level(key=True),
        sa.Column("opened", sa.Integer(), nullable=False),
    )
    make(
        "replays",
        player(key=True),
        level(key=True),
        sa.Column("at", moment(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
    )
    make(
        "sittings",
        player(key=True),
        number("number"),
        sa.Column("begun", moment(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
    )
    make(
        "probes",
        player(key=True),
        level(key=True),
        number("seed"),
        number("number"),
        number("place"),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("replies", sa.JSON(), nullable=False),
    )


def make(table: str, *columns: sa.Column) -> None:
    op.create_table(table, *columns, if_not_exists=True)


def moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def player(key: bool = False) -> sa.Column:
    owner = sa.ForeignKey("players.token")
    return sa.Column("player", sa.String(22), owner, primary_key=key, nullable=False)


def level(key: bool = False) -> sa.Column:
    return sa.Column("level", sa.String(80), primary_key=key, nullable=False)


def number(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer(), primary_key=True, autoincrement=False)
