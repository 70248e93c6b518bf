"""Draws levels from the moulds, by lot but the same for the same series. Drawing asks no model:
a lot that was proven comes first; one that nobody has proven yet is, when somebody opens it.
Knows no player.
"""

import json
import random
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from threading import Event

from playground.concepts.concepts import Kind
from playground.engine.client import Client
from playground.errors import AuthorError, PlayerError
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.judging import Bench
from playground.levels.kinds import Level
from playground.levels.proving.proof import check
from playground.levels.proving.tuning import lowest
from playground.levels.shelf import Shelf
from playground.levels.templates import Draw, draw_of
from playground.store.shared import Shared
from playground.store.store import Store

FORMAT = 2  # of the keys of proofs
WHOLE = 10  # tenths: a level that asks for no share of replies holds or does not
TRIES = 12  # lots of one kind that are looked at beside those that are proven
KEPT = 4096  # proofs that are remembered
SERIES = "exam-0"  # of the lots that stand for their moulds
FILE = "lots.json"  # beside the levels: proofs that are shipped, by key


class Undrawable(AuthorError):
    """The model that is played has no level of some kinds."""


class Drawn:
    """Remembers what was drawn and proven, over restarts. May be used from any thread."""

    def __init__(
        self,
        bench: Bench,
        shelf: Shelf,
        store: Store | None = None,
        shipped: Mapping[str, int] | None = None,
    ) -> None:
        """shipped: of how many in ten replies a lot may ask so that it holds, by its key; 0 for
        one that does not."""
        self._bench = bench
        self._shelf = shelf
        self._store = store
        self._shipped = shipped or {}
        self._proofs = Shared[str, int](KEPT, self)

    def lot(self, series: str, kinds: Sequence[str]) -> Draw:
        """The same for everybody who asks for this series, and for as long as it holds, whatever
        is proven meanwhile. Raises Undrawable where this model can play none of these kinds."""
        failed = list[str]()
        while True:
            draw = self.fresh(series, kinds, without=failed)
            if self._store:
                place = f"lot/{self._bench.model}/{self._bench.edition}/{series}/{len(failed)}"
                draw = draw_of(self._store.share(place, draw.id)) or draw
            if self._known(draw) != 0:
                return draw
            failed.append(draw.id)

    def proven(self, series: str, kinds: Sequence[str]) -> Draw:
        """One that holds, proven now if need be. Raises Undrawable."""
        failed = list[str]()
        while True:
            draw = self.fresh(series, kinds, without=failed)
            if self.holds(draw):
                return draw
            failed.append(draw.id)

    def fresh(
        self, series: str, kinds: Sequence[str], player: str = "", without: Collection[str] = ()
    ) -> Draw:
        """The same, but another lot for each player. without: ids that turned out not to hold."""
        for kind in kinds:
            ways = self.ways(kind, series, player)
            proven = [each for each in ways if self._at_hand(each)]
            for draw in (*proven, *ways[:TRIES]):
                if draw.id not in without and self._known(draw) != 0:
                    return draw
        raise Undrawable(f"{series}: this model can play no level of {', '.join(kinds)}")

    def ways(self, kind: str, series: str = SERIES, player: str = "") -> list[Draw]:
        """All that the atlas supports, in an order drawn by lot."""
        if kind not in self._shelf.moulds:
            return []
        rng = random.Random(f"{series}/{player}/{kind}")
        mould = self._shelf.mould(kind)
        return [Draw(series, kind, way) for way in lots(mould, self._bench, rng)]

    def holds(self, draw: Draw, left: Event | None = None) -> bool:
        """Whether the reference wins it and nobody does without insight: proven by the first who
        asks, which may take a minute, and let go of when all have left. What asks questions is
        proven by dealing them."""
        return self.tenths(draw, left) > 0

    def tenths(self, draw: Draw, left: Event | None = None) -> int:
        """Of how many in ten replies it may ask; 0 where it does not hold."""
        if self.known(draw) and not self._shelf.mould(draw.kind).drawn:
            return WHOLE

        def proven(left: Event) -> int:
            bench = self._bench.on_behalf(Client(left=left))
            return fitted(self._shelf.drawn(draw), bench)

        found = self._known(draw)
        if found is None:
            found = self._proofs.get(self.key(draw.kind, draw.concepts), proven, left)
        return found

    def known(self, draw: Draw) -> bool | None:
        """Whether it holds, None where that is to be proven."""
        found = self._known(draw)
        if found is None:
            return None if self._shelf.mould(draw.kind).drawn else True
        return found > 0

    def level(self, draw: Draw, shelf: Shelf) -> Level:
        """The level of a draw in the shelf's language, asking for what its proof found. Raises
        PlayerError as Shelf.drawn does."""
        return shelf.drawn(draw, self._known(draw) or None)

    def fails(self, draw: Draw) -> None:
        """It turned out that this model cannot play it."""
        key = self.key(draw.kind, draw.concepts)
        self._proofs.keep(key, 0)
        self.save(key, 0)

    def key(self, kind: str, concepts: Sequence[str]) -> str:
        """What is hunted or steered is the same in every series."""
        of = f"{self._bench.model}/{self._bench.edition}/{self._shelf.mould(kind).version}"
        return f"proof/{FORMAT}/{of}/{'+'.join((kind, *concepts))}"

    def _at_hand(self, draw: Draw) -> int | None:
        """The same without a look into the store."""
        key = self.key(draw.kind, draw.concepts)
        found = self._proofs.known(key)
        return self._shipped.get(key) if found is None else found

    def _known(self, draw: Draw) -> int | None:
        found = self._at_hand(draw)
        return self.load(self.key(draw.kind, draw.concepts)) if found is None else found

    # -- where proofs outlive the process
    def load(self, key: str) -> int | None:
        found = self._shipped.get(key)
        return self._store.shared(key) if found is None and self._store else found

    def save(self, key: str, value: int) -> None:
        if self._store:
            self._store.share(key, value)


def fitted(level: Level, bench: Bench) -> int:
    """Of how many in ten replies the level may ask so that the reference wins and nobody does
    without insight; 0 where there is no such bar. What one topic makes easy another hardly can."""
    if not isinstance(level, SteeringLevel):
        return WHOLE if all(line.passed for line in check(level, bench, greedy=False)) else 0
    try:
        return lowest(level, bench)
    except (AuthorError, PlayerError):  # the model lacks something that it needs
        return 0


def lots(mould: Level, bench: Bench, rng: random.Random) -> Iterator[tuple[str, ...]]:
    """The concepts that may fill a mould, in an order drawn by lot."""
    if not mould.drawn:
        yield ()
        return
    names = sorted(bench.atlas.concepts())
    usable = [[name for name in names if fits(mould, bench, name, kind)] for kind in mould.drawn]
    ways = list(product(*usable))
    yield from rng.sample(ways, len(ways))


def fits(mould: Level, bench: Bench, name: str, kind: Kind) -> bool:
    concept = bench.concept(name)
    return concept.kind == kind and bool(concept.words) and mould.suits(bench, name)


def read_shipped(levels: Path) -> Mapping[str, int]:
    """Proofs by key. Those of another model, atlas or mould have other keys and are never found.
    Raises AuthorError for a damaged file."""
    path = levels / FILE
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not all(value in range(WHOLE + 1) for value in found.values()):
            raise ValueError(f"a proof is a number of tenths, 0 to {WHOLE}")
    except (OSError, ValueError, AttributeError) as error:
        raise AuthorError(
            f"{path}: the proofs cannot be read ({error}); remove it, or make it again with "
            "`python -m playground.levels lots`"
        ) from error
    return found


def write_shipped(folder: Path, drawn: Drawn, kinds: Iterable[str], count: int) -> Iterator[str]:
    """Proves lots of each kind whose moulds are filled with concepts until so many hold, beside
    those that are kept already; proofs of another atlas or mould go. Yields a line for each."""
    ways = {kind: drawn.ways(kind) for kind in kinds}
    usable = {drawn.key(kind, draw.concepts) for kind, draws in ways.items() for draw in draws}
    found = {key: held for key, held in read_shipped(folder).items() if key in usable}
    for kind, draws in ways.items():
        held = 0
        for draw in draws:
            if held == count:
                break
            key = drawn.key(kind, draw.concepts)
            if key not in found:
                found[key] = drawn.tenths(draw)
                text = json.dumps(found, sort_keys=True, indent=0)
                (folder / FILE).write_text(f"{text}\n", encoding="utf-8")
                yield f"{kind} {' '.join(draw.concepts)}: {found[key] or 'fails'}"
            held += found[key] > 0
