"""A player is a record with an id; the browser's token, hashed from now on, is one way to be it.
What a player did hangs on a model; an attempt and a verdict, on atlas and level version too.

Version 0.1.0 had a player of its own for every model and did not say which. The one that shipped is
taken, until the browser comes that knows better.
"""

import hashlib
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

MODEL = "pocket"
TABLES = ("attempts", "hints", "replays", "sittings", "probes")
MOVED = "moved_players"


def upgrade() -> None:
    op.drop_index("ix_attempts_player", "attempts")
    op.drop_index("ix_attempts_level", "attempts")
    for table in ("players", *TABLES):
        op.rename_table(table, f"old_{table}")
    create_players()
    create_attempts()
    create_keyed()
    move_players()
    move("attempts", "at, level, won, stars, score, hints, answer, evidence", numbered=True)
    move("hints", "level, opened")
    move("replays", "level, at, stars, score, verdict")
    move("sittings", "number, begun, parts")
    move("probes", "level, seed, number, place, prompt, replies")
    op.drop_table(MOVED)
    for table in (*TABLES, "players"):
        op.drop_table(f"old_{table}")


def move_players() -> None:
    connection, known = op.get_bind(), sa.MetaData()
    known.reflect(connection, only=("old_players", "players", "credentials", MOVED))
    old, players = known.tables["old_players"], known.tables["players"]
    credentials, moved = known.tables["credentials"], known.tables[MOVED]
    for token, created in connection.execute(sa.select(old).order_by(old.c.created)).all():
        made = sa.insert(players).values(lot=secrets.token_urlsafe(16), created=created)
        id = connection.execute(made.returning(players.c.id)).scalar_one()
        digest = hashlib.sha256(token.encode()).hexdigest()
        row = {"player": id, "kind": "browser", "digest": digest, "created": created}
        connection.execute(sa.insert(credentials).values(row))
        connection.execute(sa.insert(moved).values(id=id, token=token))


def move(table: str, columns: str, numbered: bool = False) -> None:
    """Tries had no number: they get it in the order in which they were recorded."""
    order = "ROW_NUMBER() OVER (PARTITION BY old.player, old.level ORDER BY old.id) - 1"
    more, value = (", id, round", f", old.id, {order}") if numbered else ("", "")
    values = ", ".join(f"old.{each}" for each in columns.split(", "))
    op.execute(
        f"INSERT INTO {table} (player, model, {columns}{more}) "
        f"SELECT moved.id, '{MODEL}', {values}{value} "
        f"FROM old_{table} AS old JOIN {MOVED} AS moved ON moved.token = old.player"
    )
    if numbered and op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), MAX(id)) FROM {table}")


# -- the tables as this step leaves them -----------------------------------------------------------
def create_players() -> None:
    op.create_table(
        MOVED,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(22), primary_key=True),
    )
    op.create_table(
        "players",
        sa.Column("id", sa.Integer()),
        sa.Column("lot", sa.String(22), nullable=False),
        sa.Column("created", moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_players"),
    )
    op.create_table(
        "credentials",
        sa.Column("id", sa.Integer()),
        sa.Column("player", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("created", moment(), nullable=False),
        sa.Column("revoked", moment()),
        sa.PrimaryKeyConstraint("id", name="pk_credentials"),
        sa.UniqueConstraint("digest", name="uq_credentials_digest"),
        owner("credentials"),
    )
    op.create_index("ix_credentials_player", "credentials", ["player"])


def create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer()),
        *whose(),
        name("level"),
        sa.Column("round", sa.BigInteger(), nullable=False),
        sa.Column("at", moment(), nullable=False),
        sa.Column("won", sa.Boolean(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("hints", sa.Integer(), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        *judged(),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        sa.UniqueConstraint(
            "player", "model", "level", "round", name="uq_attempts_player_model_level_round"
        ),
        owner("attempts"),
    )
    op.create_index(
        "ix_attempts_player_model_level_stars_score",
        "attempts",
        ["player", "model", "level", "stars", "score"],
    )


def create_keyed() -> None:
    keyed("hints", ("level",), name("level"), sa.Column("opened", sa.Integer(), nullable=False))
    keyed(
        "replays",
        ("level",),
        name("level"),
        sa.Column("at", moment(), nullable=False),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("verdict", sa.JSON(), nullable=False),
        *judged(),
    )
    keyed(
        "sittings",
        ("number",),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("begun", moment(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
    )
    keyed(
        "probes",
        ("level", "seed", "number", "place"),
        name("level"),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=False),
        sa.Column("replies", sa.JSON(), nullable=False),
    )


def keyed(table: str, key: tuple[str, ...], *columns: sa.Column) -> None:
    """A table of which each row is a player's on a model, under a key."""
    primary = sa.PrimaryKeyConstraint("player", "model", *key, name=f"pk_{table}")
    op.create_table(table, *whose(), *columns, primary, owner(table))


def moment() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def name(column: str) -> sa.Column:
    return sa.Column(column, sa.String(80), nullable=False)


def whose() -> tuple[sa.Column, sa.Column]:
    return sa.Column("player", sa.Integer(), nullable=False), name("model")


def judged() -> tuple[sa.Column, sa.Column]:
    return sa.Column("atlas", sa.String(80)), sa.Column("level_version", sa.String(80))


def owner(table: str) -> sa.ForeignKeyConstraint:
    key = f"fk_{table}_player_players"
    return sa.ForeignKeyConstraint(["player"], ["players.id"], name=key)
