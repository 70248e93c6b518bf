"""Classes, who is in them, how long they sat at a level; instructors' sessions; certificates."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    create_classes()
    create_members()
    op.create_table(
        "visits",
        sa.Column("player", sa.Integer(), nullable=False),
        name("model"),
        name("level"),
        sa.Column("opened", moment(), nullable=False),
        sa.Column("latest", moment(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("player", "model", "level", name="pk_visits"),
        owner("visits"),
    )
    op.create_table(
        "teacher_sessions",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created", moment(), nullable=False),
        sa.Column("ends", moment(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_teacher_sessions"),
    )
    op.create_table(
        "certificates",
        sa.Column("player", sa.Integer(), nullable=False),
        name("model"),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("holder", sa.String(64)),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("player", "model", name="pk_certificates"),
        sa.UniqueConstraint("code", name="uq_certificates_code"),
        owner("certificates"),
    )


def create_classes() -> None:
    op.create_table(
        "classes",
        sa.Column("id", sa.Integer()),
        sa.Column("code", sa.String(20), nullable=False),
        name("title"),
        name("model"),
        sa.Column("zone", sa.String(80), nullable=False),
        sa.Column("created", moment(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("hints", sa.Boolean(), nullable=False),
        sa.Column("ordered", sa.Boolean(), nullable=False),
        sa.Column("begins", moment()),
        sa.Column("ends", moment()),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_classes"),
        sa.UniqueConstraint("code", name="uq_classes_code"),
    )


def create_members() -> None:
    op.create_table(
        "members",
        sa.Column("id", sa.Integer()),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("player", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("folded", sa.String(120), nullable=False),
        sa.Column("joined", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_members"),
        sa.UniqueConstraint("class_id", "player", name="uq_members_class_id_player"),
        sa.UniqueConstraint("class_id", "folded", name="uq_members_class_id_folded"),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name="fk_members_class_id_classes"),
        owner("members"),
    )
    op.create_index("ix_members_player", "members", ["player"])


def moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def name(column: str) -> sa.Column:
    return sa.Column(column, sa.String(80), nullable=False)


def owner(table: str) -> sa.ForeignKeyConstraint:
    key = f"fk_{table}_player_players"
    return sa.ForeignKeyConstraint(["player"], ["players.id"], name=key)
