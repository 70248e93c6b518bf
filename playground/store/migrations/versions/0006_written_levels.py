"""Levels that instructors have written for their classes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "written",
        sa.Column("id", sa.Integer()),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(80), nullable=False),
        sa.Column("trial", sa.String(80), nullable=False),
        sa.Column("draft", sa.String(), nullable=False),
        sa.Column("told", sa.String(), nullable=False),
        sa.Column("live", sa.String()),
        sa.Column("live_told", sa.String()),
        sa.Column("proof", sa.JSON()),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_written"),
        sa.UniqueConstraint("level", name="uq_written_level"),
        sa.UniqueConstraint("trial", name="uq_written_trial"),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_written_class_id_classes"),
    )
    op.create_index("ix_written_class_id", "written", ["class_id"])
