"""Verdicts on the features that hunts are answered with: worked out once for everybody, kept over
restarts. Knows no player."""

from dataclasses import replace
from threading import Event

from pydantic import TypeAdapter, ValidationError

from playground.engine.client import Client
from playground.levels.judging import Bench
from playground.levels.kinds import hunt
from playground.levels.kinds.hunt import HuntLevel, HuntVerdict
from playground.levels.schema import Pick
from playground.levels.verdicts import told
from playground.store.shared import Shared
from playground.store.store import Store

FORMAT = 1  # of what is kept
KEPT = 256  # verdicts that are remembered, some ten KiB each
VERDICT = TypeAdapter(HuntVerdict)


class Finds:
    """Safe to call from any thread."""

    def __init__(self, bench: Bench, store: Store) -> None:
        self._bench = bench
        self._verdicts = Shared[str, HuntVerdict](KEPT, FindShelf(store))

    def verdict(self, level: HuntLevel, pick: Pick, hints: int, client: Client) -> HuntVerdict:
        """The same for whoever hands in this feature, but for the stars, which opened hints cost,
        and the language of the goals. client: who waits; with whose share of the model it is worked
        out if nobody has asked before."""

        def judged(left: Event) -> HuntVerdict:
            return hunt.judge(level, self._bench.on_behalf(replace(client, left=left)), pick)

        found = self._verdicts.get(find_key(self._bench, level, pick), judged, client.left)
        return told(level, replace(found, stars=hunt.stars_of(level, found, hints)))


class FindShelf:
    """Verdicts where they outlive the process."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def load(self, key: str) -> HuntVerdict | None:
        kept = self._store.shared(key)
        try:
            return None if kept is None else VERDICT.validate_python(kept)
        except ValidationError:  # of another version of the game
            return None

    def save(self, key: str, value: HuntVerdict) -> None:
        self._store.share(key, VERDICT.dump_python(value, mode="json"))


def find_key(bench: Bench, level: HuntLevel, pick: Pick) -> str:
    return (
        f"find/{FORMAT}/{bench.model}/{bench.edition}/{level.id}/{level.version}"
        f"/{pick.site}/{pick.feature}"
    )
