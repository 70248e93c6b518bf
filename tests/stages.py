"""A stage as the screens get it, for any game."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from playground.assets import Manifest
from playground.atlas.atlas import Atlas
from playground.game.game import Game
from playground.levels.judging import Bench
from playground.levels.shelf import Shelf
from playground.models.registry import card
from playground.screens.stage import Offer, Stage
from playground.store.store import Store
from playground.text.words import Words
from tests.fake_model import FakeAtlas, FakeEngine
from tests.steered_levels import with_steered


def stage_of(game: Game) -> Stage:
    """The one model of a host that offers no other, in English."""
    offer = Offer(game, card("pocket"))
    return Stage(game, Words.load(), Manifest(parts={}), offer, (offer,))


@contextmanager
def steered_stage(folder: Path) -> Iterator[Stage]:
    """The fake model's, with a level of each steered kind; its database in the folder."""
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})
    store = Store.open(f"sqlite:///{folder / 'p.db'}")
    game = Game.of(bench, store, with_steered(Shelf.load()))
    yield stage_of(game)
    game.close()
