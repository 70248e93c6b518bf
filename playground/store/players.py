"""Who somebody is, and the ways to show it. Knows nothing of what a player did."""

import hashlib
import secrets
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from playground.errors import PlayerError
from playground.store import codes
from playground.store.database import Database
from playground.store.records import Player, PlayerId
from playground.store.tables import CredentialRow, PlayerRow

SECRET_BYTES = 16
STRANGER = "site.stranger"
# What keeps the secret: a browser, or the player on paper; or what it is: an account elsewhere.
Kind = Literal["browser", "resume", "account"]


class Players:
    """A secret is one way to be a player. There may be several, and each can be taken back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(self, secret: str | None) -> Player:
        """Who shows this secret; a new player with a new one where it says nothing here."""
        if secret and (found := self._found(secret)):
            return found
        with self._database.writing() as session:
            return Player(*self.make(session, "browser"))

    def make(self, session: Session, kind: Kind) -> tuple[PlayerId, str]:
        """A new player and the secret that lets them in, in the transaction that is open."""
        made = drawn(kind)
        row = PlayerRow(lot=secrets.token_urlsafe(SECRET_BYTES), created=datetime.now(UTC))
        session.add(row)
        session.flush()
        let_in(session, PlayerId(row.id), kind, made)
        return PlayerId(row.id), made

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
        made = drawn(kind)
        with self._database.writing() as session:
            hold(session, player)
            let_in(session, player, kind, made)
        return made

    def renew(self, player: PlayerId, kind: Kind) -> str:
        """A secret in place of all of this kind. Raises PlayerError for an unknown player."""
        made = drawn(kind)
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

    def resume(self, typed: str) -> Player:
        """Whom a code on paper belongs to, with a secret for the browser that it was typed into.
        Raises PlayerError for a code that lets nobody in."""
        with self._database.writing() as session:
            mine = (CredentialRow.kind == "resume",)
            found = session.scalar(holder(codes.plain(typed)).where(*mine))
            if found is None:
                raise PlayerError("join.no_resume")
            made = drawn("browser")
            let_in(session, PlayerId(found), "browser", made)
        return Player(PlayerId(found), made)

    def owner(self, account: str) -> PlayerId | None:
        """Whom an account elsewhere lets in, if anybody. account: what it is known by for good, its
        provider before it."""
        with self._database.reading() as session:
            mine = (CredentialRow.kind == "account",)
            found = session.scalar(holder(account).where(*mine))
        return None if found is None else PlayerId(found)

    def tie(self, player: PlayerId, account: str) -> None:
        """An account lets this player in from now on and nobody else, in the place of another one.
        Raises PlayerError for an unknown player."""
        with self._database.writing() as session:
            hold(session, player)
            take_back(session, CredentialRow.player == player, CredentialRow.kind == "account")
            # What was taken back stays, for secrets that must not come back; an account may.
            session.execute(delete(CredentialRow).where(CredentialRow.digest == digest(account)))
            let_in(session, player, "account", account)

    def ways(self, player: PlayerId) -> dict[str, int]:
        """How many secrets of each kind let this player in."""
        mine = (CredentialRow.player == player, CredentialRow.revoked.is_(None))
        query = select(CredentialRow.kind, func.count()).where(*mine).group_by(CredentialRow.kind)
        with self._database.reading() as session:
            return {kind: count for kind, count in session.execute(query)}

    def forget(self, player: PlayerId, kind: Kind, but: str | None = None) -> None:
        """Takes back all secrets of a kind, but for one."""
        mine = [CredentialRow.player == player, CredentialRow.kind == kind]
        if but is not None:
            mine.append(CredentialRow.digest != digest(but))
        with self._database.writing() as session:
            take_back(session, *mine)

    def _found(self, secret: str) -> Player | None:
        """By what a browser keeps and nothing else: what an account is known by is no secret."""
        with self._database.reading() as session:
            found = session.scalar(holder(secret).where(CredentialRow.kind == "browser"))
        return None if found is None else Player(PlayerId(found), secret)


def drawn(kind: Kind) -> str:
    """A browser keeps 128 random bits; what is copied from paper is shorter, and easy to read."""
    if kind == "resume":
        return codes.drawn(codes.SECRET_LETTERS)
    return secrets.token_urlsafe(SECRET_BYTES)


def digest(secret: str) -> str:
    """A secret is 78 random bits or more: nobody finds it by trying, so it needs no salt and no
    slow hash, as a word that people choose would. Who reads the database cannot be anybody
    with it. What an account is known by is no secret: its digest hides it from who reads the rows,
    not from who looks for one account."""
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
