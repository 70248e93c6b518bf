"""Who somebody is, and the ways to show it. Knows nothing of what a player did."""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from playground.errors import PlayerError
from playground.store.database import Database
from playground.store.records import Player, PlayerId
from playground.store.tables import CredentialRow, PlayerRow

SECRET_BYTES = 16
STRANGER = "site.stranger"
Kind = Literal["browser"]  # what keeps the secret


class Players:
    """A secret is one way to be a player. There may be several, and each can be taken back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(self, secret: str | None) -> Player:
        """Who shows this secret; a new player with a new one where it says nothing here."""
        if secret and (found := self._found(secret)):
            return found
        made, now = secrets.token_urlsafe(SECRET_BYTES), datetime.now(UTC)
        with self._database.writing() as session:
            row = PlayerRow(lot=secrets.token_urlsafe(SECRET_BYTES), created=now)
            session.add(row)
            session.flush()
            let_in(session, PlayerId(row.id), "browser", made)
            return Player(PlayerId(row.id), made)

    def known(self, secret: str | None) -> Player:
        """The same for somebody who is here already. Raises PlayerError for a stranger."""
        found = self._found(secret or "")
        if found is None:
            raise PlayerError(STRANGER)
        return found

    def lot(self, player: PlayerId) -> str:
        """What is drawn for this player alone is drawn by it. Raises PlayerError for an unknown
        player."""
        with self._database.reading() as session:
            lot = session.scalar(select(PlayerRow.lot).where(PlayerRow.id == player))
        if lot is None:
            raise PlayerError(STRANGER)
        return lot

    def grant(self, player: PlayerId, kind: Kind) -> str:
        """A further secret for this player. Raises PlayerError for an unknown player."""
        made = secrets.token_urlsafe(SECRET_BYTES)
        with self._database.writing() as session:
            hold(session, player)
            let_in(session, player, kind, made)
        return made

    def renew(self, player: PlayerId, kind: Kind) -> str:
        """A secret in place of all of this kind. Raises PlayerError for an unknown player."""
        made = secrets.token_urlsafe(SECRET_BYTES)
        with self._database.writing() as session:
            hold(session, player)
            mine = (CredentialRow.player == player, CredentialRow.kind == kind)
            take_back(session, *mine)
            let_in(session, player, kind, made)
        return made

    def revoke(self, secret: str) -> None:
        """It lets nobody in from now on."""
        with self._database.writing() as session:
            take_back(session, CredentialRow.digest == digest(secret))

    def _found(self, secret: str) -> Player | None:
        with self._database.reading() as session:
            found = session.scalar(holder(secret))
        return None if found is None else Player(PlayerId(found), secret)


def digest(secret: str) -> str:
    """A secret is 128 random bits: nobody finds it by trying, so it needs no salt and no slow hash,
    as a word that people choose would. Who reads the database cannot be anybody with it."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def holder(secret: str) -> Select[int]:
    """The id of whose secret it is."""
    mine = (CredentialRow.digest == digest(secret), CredentialRow.revoked.is_(None))
    return select(CredentialRow.player).where(*mine)


def let_in(session: Session, player: PlayerId, kind: Kind, secret: str) -> None:
    now = datetime.now(UTC)
    row = CredentialRow(player=player, kind=kind, digest=digest(secret), created=now, revoked=None)
    session.add(row)


def take_back(session: Session, *which: object) -> None:
    live = update(CredentialRow).where(*which, CredentialRow.revoked.is_(None))  # type: ignore[arg-type]
    session.execute(live.values(revoked=datetime.now(UTC)))


def hold(session: Session, player: PlayerId) -> None:
    """Until the transaction ends nobody else writes for this player. Raises PlayerError for an
    unknown one."""
    held = select(PlayerRow.id).where(PlayerRow.id == player).with_for_update()
    if session.scalar(held) is None:
        raise PlayerError(STRANGER)
