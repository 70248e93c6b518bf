"""Questions that are dealt: once for everybody, one by one as they are asked for, and kept over
restarts. Knows no player.
"""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock
from typing import Any

from cachetools import LRUCache
from pydantic import TypeAdapter, ValidationError

from playground.engine.client import Client
from playground.errors import AbandonedError, AuthorError
from playground.levels.dealing.questions import AskLevel, Sealed
from playground.levels.judging import Bench
from playground.store.shared import Shared
from playground.store.store import Store

FORMAT = 1  # of what is kept; questions of another form are dealt again
KEPT = 2048  # questions that are remembered
BEGUN = 256  # deals that can go on where they stopped
FILE = "deals.json.gz"  # beside the levels: first rounds of the course, by key
SHIPPED_SEEDS = (0, 1, 2)  # of those rounds: what a player gets at first, and when they come again
SEALED = TypeAdapter(Sealed)


class Deals:
    """Safe to call from any thread."""

    def __init__(
        self, bench: Bench, store: Store | None = None, shipped: Mapping[str, Any] | None = None
    ) -> None:
        """shipped: questions by their key, as JSON."""
        self._bench = bench
        self._questions = Shared[str, Sealed](KEPT, DealShelf(store, shipped or {}))
        self._begun: LRUCache[str, Dealing] = LRUCache(BEGUN)
        self._lock = Lock()

    def question(
        self,
        level: AskLevel,
        seed: int,
        number: int,
        left: Event | None = None,
        owner: str | None = None,
    ) -> Sealed:
        """Number `number` of a round, from 0. left: set when the caller need not wait any more;
        owner: whose share of the model it is dealt with, if nobody has asked for it before.
        Raises AuthorError where this model cannot deal it."""
        if not 0 <= number < level.count:
            raise IndexError(f"{level.id}: no question {number}; there are {level.count}")
        key = round_key(self._bench, level, seed)

        def dealt(left: Event) -> Sealed:
            return self._dealing(key, level, seed).question(number, left, owner)

        return self._questions.get(f"{key}/{number}", dealt, left)

    def questions(self, level: AskLevel, seed: int) -> tuple[Sealed, ...]:
        """The whole round."""
        return tuple(self.question(level, seed, number) for number in range(level.count))

    def _dealing(self, key: str, level: AskLevel, seed: int) -> "Dealing":
        with self._lock:
            if key not in self._begun:
                left = AllLeft()
                bench = self._bench.on_behalf(Client(left=left))
                self._begun[key] = Dealing(lambda: level.deal(bench, seed), bench, left)
            return self._begun[key]


class AllLeft(Event):
    """Set while all have left who wait for any question of a round."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = list[Event]()

    @contextmanager
    def but(self, waiting: Event) -> Iterator[None]:
        self._waiting.append(waiting)
        try:
            yield
        finally:
            self._waiting.remove(waiting)

    def is_set(self) -> bool:
        return all(each.is_set() for each in tuple(self._waiting))


class Dealing:
    """One round as it is dealt. Who asks for the same round waits for one hand."""

    def __init__(self, deal: Callable[[], Iterator[Sealed]], bench: Bench, left: AllLeft) -> None:
        """bench: what is dealt from, by this hand alone; left: what it looks at to see whether
        anybody still waits."""
        self._deal = deal
        self._bench = bench
        self._left = left
        self._coming = deal()
        self._dealt = list[Sealed]()
        self._hand = Lock()

    def question(self, number: int, left: Event, owner: str | None) -> Sealed:
        """The first is more urgent than the others, which come while it is answered."""
        with self._left.but(left), self._hand:
            client = Client(owner, "warm" if number else "deal", self._left)
            self._bench.engine = self._bench.engine.on_behalf(client)
            try:
                while len(self._dealt) <= number:
                    if self._left.is_set():
                        raise AbandonedError("Nobody waits for these questions any more.")
                    self._dealt.append(next(self._coming))
            except BaseException:  # what was interrupted cannot go on: who asks next begins anew
                self._coming, self._dealt = self._deal(), []
                raise
            return self._dealt[number]


class DealShelf:
    """Questions where they outlive the process: those that were shipped, and the store's."""

    def __init__(self, store: Store | None, shipped: Mapping[str, Any]) -> None:
        self._store = store
        self._shipped = shipped

    def load(self, key: str) -> Sealed | None:
        kept = self._shipped.get(key)
        if kept is None and self._store is not None:
            kept = self._store.shared(key)
        try:
            return None if kept is None else SEALED.validate_python(kept)
        except ValidationError:  # of another version of the game
            return None

    def save(self, key: str, value: Sealed) -> None:
        if self._store is not None:
            self._store.share(key, SEALED.dump_python(value, mode="json"))


def round_key(bench: Bench, level: AskLevel, seed: int) -> str:
    """A round is the same for everybody with the same model, atlas, level and seed."""
    return f"{level_key(bench, level)}/{level.version}/{seed}"


def level_key(bench: Bench, level: AskLevel) -> str:
    """What the rounds of all versions of a level have in common."""
    return f"deal/{FORMAT}/{bench.model}/{bench.edition}/{level.id}"


# -- shipped first rounds --------------------------------------------------------------------------
def read_shipped(levels: Path) -> Mapping[str, Any]:
    """By key; what was dealt from another model, atlas or level has other keys and is never found.
    Raises AuthorError for a damaged file."""
    path = levels / FILE
    if not path.is_file():
        return {}
    try:
        found = json.loads(gzip.decompress(path.read_bytes()))
        if not isinstance(found, dict):
            raise ValueError("no table of questions")
    except (OSError, ValueError, EOFError) as error:
        raise AuthorError(
            f"{path}: the first rounds cannot be read ({error}); remove it, or make it again with "
            "`python -m playground.levels deals`"
        ) from error
    return found


def write_shipped(
    folder: Path, bench: Bench, levels: Iterable[AskLevel], beside: bool = False
) -> Iterator[str]:
    """The first rounds of each level, in place of what was there, or beside what was there of
    others; what is there already and still right is not dealt again. A round is kept as soon as it
    is dealt. Yields which those were."""
    known = read_shipped(folder)
    made = dict(known) if beside else dict[str, Any]()
    deals = Deals(bench, None, known)
    for level in levels:
        place = level_key(bench, level)
        made = {key: each for key, each in made.items() if not key.startswith(f"{place}/")}
        for seed in SHIPPED_SEEDS:
            key = round_key(bench, level, seed)
            for number, sealed in enumerate(deals.questions(level, seed)):
                made[f"{key}/{number}"] = SEALED.dump_python(sealed, mode="json")
            text = json.dumps(made, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
            (folder / FILE).write_bytes(gzip.compress(text.encode(), 9, mtime=0))
            yield f"{level.id}, deal {seed}"
