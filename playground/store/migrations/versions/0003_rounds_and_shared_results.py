"""Rounds that are not handed in yet, and results that everybody shares."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "rounds",
        sa.Column("player", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("level", sa.String(80), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("opened", sa.DateTime(timezone=True), nullable=False),
        sa.Column("atlas", sa.String(80)),
        sa.Column("level_version", sa.String(80)),
        sa.PrimaryKeyConstraint("player", "model", "level", name="pk_rounds"),
        sa.ForeignKeyConstraint(["player"], ["players.id"], name="fk_rounds_player_players"),
    )
    op.create_table(
        "shared",
        sa.Column("id", sa.Integer()),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shared"),
        sa.UniqueConstraint("key", name="uq_shared_key"),
    )
    op.create_index("ix_shared_kind_id", "shared", ["kind", "id"])
