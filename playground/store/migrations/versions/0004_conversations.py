"""Conversations: one of each player with each model."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "talks",
        sa.Column("player", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(80), nullable=False),
        sa.Column("talk", sa.JSON(), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("player", "model", name="pk_talks"),
        sa.ForeignKeyConstraint(["player"], ["players.id"], name="fk_talks_player_players"),
    )
