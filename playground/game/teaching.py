"""What instructors do with classes. Who has shown the secret, or is known to the host by name, gets
a Teacher, and nothing here can be done without one. Knows no Gradio and asks no model."""

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from playground.errors import PlayerError
from playground.game import matrix, roster
from playground.game.lockout import Lockout
from playground.game.matrix import LevelColumn, Matrix
from playground.settings import HUGGING_FACE
from playground.store.classes import Classes, folded
from playground.store.records import Attempt, Member, PlannedLevel, SchoolClass
from playground.store.store import Store

GUESSES, ALL_GUESSES = 5, 60  # wrong secrets within a quarter of an hour, of an address and of all
COPY = "{} (2)"


class Teaching:
    """Safe to call from any thread."""

    def __init__(self, store: Store, secret: str | None, accounts: Sequence[str] = ()) -> None:
        """secret: None where the host has named none; accounts: names at Hugging Face whose owners
        come in without it. Where there is neither, nobody does."""
        self._store = store
        self._secret = secret
        self._accounts = {each.casefold() for each in accounts}
        self._lockout = Lockout(GUESSES, ALL_GUESSES)

    @property
    def offered(self) -> bool:
        """Whether the secret lets anybody in."""
        return self._secret is not None

    @property
    def by_name(self) -> bool:
        """Whether a name at Hugging Face does."""
        return bool(self._accounts)

    def enter(self, secret: str, address: str) -> str:
        """A token for a browser. PlayerError for a wrong secret, and after several of them for the
        right one too."""
        if self._secret is None:
            raise PlayerError("teach.closed")
        self._lockout.guess(address)
        given, mine = (each.encode(errors="replace") for each in (secret, self._secret))
        if not hmac.compare_digest(given, mine):
            raise PlayerError("teach.wrong")
        self._lockout.right(address)
        return self._store.teachers.begin(self._secret)

    def enter_as(self, account: str) -> str:
        """A token for whoever has proved to have this name at Hugging Face. PlayerError for one
        that the host has not named."""
        if account.casefold() not in self._accounts:
            raise PlayerError("teach.not_named", name=account)
        return self._store.teachers.begin(key_of(account))

    def known(self, token: object) -> "Teacher":
        """token: whatever a browser sent. PlayerError for who has not come in."""
        if not isinstance(token, str) or not self._store.teachers.knows(self._keys, token):
            raise PlayerError("teach.stranger")
        return Teacher(self._store)

    def leave(self, token: object) -> None:
        if isinstance(token, str):
            self._store.teachers.end(self._keys, token)

    @property
    def _keys(self) -> list[str]:
        """For which tokens are given: a name that the host strikes out is none any more."""
        return [*filter(None, [self._secret]), *map(key_of, self._accounts)]


def key_of(account: str) -> str:
    return f"{HUGGING_FACE}/{account.casefold()}"


@dataclass(frozen=True)
class Teacher:
    """Somebody who has come in as an instructor. A member is always one of the class that is named:
    PlayerError for one of another."""

    _store: Store

    @property
    def classes(self) -> Classes:
        return self._store.classes

    def copy(self, id: int) -> SchoolClass:
        of = self.classes.get(id)
        return self.classes.copy(id, COPY.format(of.title[:70]))

    def plan(self, id: int, levels: Sequence[PlannedLevel]) -> SchoolClass:
        return self.classes.set_plan(id, levels)

    def matrix(self, of: SchoolClass, levels: tuple[LevelColumn, ...]) -> Matrix:
        members, entries = self.classes.members(of.id), self._store.rolls.entries(of)
        return matrix.made(of, levels, members, entries, datetime.now(UTC))

    def attempts(self, of: SchoolClass, member: Member, level: str) -> list[Attempt]:
        """Oldest first."""
        return self._store.attempts(member.player, of.model, level)

    def all_attempts(self, of: SchoolClass) -> Iterator[tuple[str, Attempt]]:
        return self._store.rolls.attempts(of)

    # -- learners
    def enroll(self, id: int, text: str) -> str:
        """Names in, a file with a code for each out (CSV)."""
        return roster.codes_csv(self.classes.enroll(id, roster.names(text)))

    def named(self, id: int, name: str) -> Member:
        """PlayerError where nobody in the class has this name."""
        wanted = folded(name.strip())
        found = (e for e in self.classes.members(id) if folded(e.name) == wanted)
        member = next(found, None)
        if member is None:
            raise PlayerError("teach.no_member")
        return member

    def new_code(self, id: int, member_id: int) -> str:
        """In place of the one that a learner has lost."""
        member = self.classes.member(id, member_id)
        return self._store.players.renew(member.player, "resume")

    def reset(self, id: int, member_id: int, level: str | None = None) -> Member:
        """All that a learner did on the class's model, or at one level, was never done."""
        of, member = self.classes.get(id), self.classes.member(id, member_id)
        self._store.personal.reset(member.player, of.model, level)
        return member

    def merge(self, id: int, member_id: int, into_id: int) -> Member:
        """Two lines that are one learner: the second stays. Both have to be of this class alone:
        what is of another class is not this one's to join."""
        gone, into = self.classes.member(id, member_id), self.classes.member(id, into_id)
        if gone.id == into.id:
            raise PlayerError("teach.same_member")
        self._store.personal.merge(gone.player, into.player)
        return into
