"""What a learner does with their own: joins a class and leaves it, gets a code on paper and comes
back by it, sees all that is kept of them and has it forgotten. Knows no Gradio."""

import hashlib
import hmac
import json
import random
import unicodedata
from dataclasses import dataclass

from playground.errors import PlayerError
from playground.game.exam import Certificate
from playground.game.lockout import Lockout
from playground.store import codes
from playground.store.classes import clean
from playground.store.records import Issued, Membership, Player, PlayerId, SchoolClass
from playground.store.store import Store
from playground.store.tables import NAME_LENGTH

GUESSES, ALL_GUESSES = (
    200,
    2000,
)  # wrong codes within a quarter of an hour, of an address and of all
SUFFIX = 100  # nicknames that would be the same get a number below


@dataclass(frozen=True)
class Holdings:
    """What is kept of a player, in numbers: rows by table, secrets by what keeps them."""

    rows: dict[str, int]
    ways: dict[str, int]
    classes: list[Membership]


class Belonging:
    """Safe to call from any thread; holds no state of any player outside the store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lockout = Lockout(GUESSES, ALL_GUESSES)

    # -- classes
    def found(self, code: str, address: str) -> SchoolClass:
        """The open class of a code. PlayerError for none, and for who has guessed too often."""
        self._lockout.guess(address)
        of = self._store.classes.by_code(code)
        self._lockout.right(address)
        return of

    def join(self, player: PlayerId, code: str, name: str, address: str) -> Membership:
        self.found(code, address)
        return self._store.classes.join(code, player, name)

    def leave(self, player: PlayerId, id: int) -> None:
        self._store.classes.leave(id, player)

    def classes(self, player: PlayerId) -> list[Membership]:
        """The latest first."""
        return self._store.classes.of_player(player)

    # -- codes on paper
    def code(self, player: PlayerId) -> str:
        """A new one, in place of an older; it can be shown this once."""
        return codes.spaced(self._store.players.renew(player, "resume"))

    def revoke(self, player: PlayerId) -> None:
        """No code on paper lets anybody in from now on."""
        self._store.players.forget(player, "resume")

    def resume(self, typed: str, address: str) -> Player:
        """Who comes back, with a secret for this browser."""
        self._lockout.guess(address)
        found = self._store.players.resume(typed)
        self._lockout.right(address)
        return found

    # -- accounts elsewhere
    def sign_in(self, player: PlayerId, account: str) -> PlayerId:
        """Whom an account lets in: this player from now on, where it has let nobody in so far."""
        owner = self._store.players.owner(account)
        if owner is None:
            self._store.players.tie(player, account)
        return player if owner is None else owner

    def back(self, account: str) -> Player:
        """Its owner, with a secret for the browser in which the account was shown. PlayerError
        where it lets nobody in."""
        owner = self._store.players.owner(account)
        if owner is None:
            raise PlayerError("signin.failed")
        return Player(owner, self._store.players.grant(owner, "browser"))

    def join_account(self, player: PlayerId, account: str) -> Player:
        """All that this player did was done by the owner of the account, who is back."""
        found = self.back(account)
        if found.id != player:
            self._store.personal.merge(player, found.id)
        return found

    def untie(self, player: PlayerId) -> None:
        """No account lets this player in from now on."""
        self._store.players.forget(player, "account")

    def is_new(self, player: PlayerId) -> bool:
        """Whether nothing is kept that could be lost."""
        held = self.kept(player)
        return not held.rows and not held.classes

    def only_here(self, player: Player) -> None:
        """All other browsers are strangers from now on."""
        self._store.players.forget(player.id, "browser", but=player.secret)

    def sign_off(self, player: Player) -> None:
        """This browser is a stranger from now on."""
        self._store.players.revoke(player.secret)

    # -- what is kept
    def kept(self, player: PlayerId) -> Holdings:
        counts = self._store.personal.counts(player)
        rows = {name: count for name, count in counts.items() if count and name != "credentials"}
        return Holdings(rows, self._store.players.ways(player), self.classes(player))

    def told(self, player: PlayerId) -> str:
        """All of it, as JSON."""
        return json.dumps(self._store.personal.told(player), ensure_ascii=False, indent=1)

    def forget(self, player: PlayerId) -> None:
        """All of it, for good."""
        self._store.personal.delete(player)

    # -- certificates
    def certify(self, player: PlayerId, model: str, earned: Certificate, name: str) -> Issued:
        """The certificate with a code by which others can ask whether it is genuine. name: what
        stands on it; only a digest is kept, so who asks has to know it."""
        given = name.strip()
        return self._store.personal.certify(
            player, model, earned.stars, earned.total, earned.day,
            lambda code: holder_of(code, given) if given else None,
        )  # fmt: skip

    def genuine(self, code: str, name: str, address: str) -> Issued:
        """PlayerError where no certificate with this code bears this name."""
        self._lockout.guess(address)
        found = self._store.personal.certificate(code)
        holder = holder_of(codes.plain(code), name.strip())
        if found is None or not hmac.compare_digest(found.holder or "", holder):
            raise PlayerError("verify.unknown")
        self._lockout.right(address)
        return found


def holder_of(code: str, name: str) -> str:
    """The same for a name however its letters are put together or its spaces set."""
    plain = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    return hashlib.sha256(f"{code}/{plain}".encode(errors="replace")).hexdigest()


def nickname(first: tuple[str, ...], second: tuple[str, ...], rng: random.Random) -> str:
    """A name that tells nothing of who has it: "Brave Whisker 42"."""
    made = f"{rng.choice(first)} {rng.choice(second)} {rng.randrange(2, SUFFIX)}"
    return clean(made, NAME_LENGTH)
