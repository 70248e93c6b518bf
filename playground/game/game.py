"""The one join of levels, engine, atlas and store; screens call nothing below it.

A game is made of parts that are handed what they need: exploring features, the course, the
challenges drawn for a player, and attempts at levels. It knows no Gradio. Every PlayerError carries
a sentence for the screen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from playground.engine.workload import Workload
from playground.game import daily, first_minute
from playground.game.attempts import Attempts
from playground.game.belonging import Belonging
from playground.game.challenges import Challenges
from playground.game.course import Course
from playground.game.exploring import Exploring
from playground.game.finds import Finds
from playground.game.first_minute import FirstMinute, FirstMinuteFile
from playground.game.illustrating import Illustrating
from playground.game.lesson import Lesson
from playground.game.library import Library
from playground.game.mapping import FeatureMaps
from playground.game.talking import Talking
from playground.game.teaching import Teaching
from playground.game.tracing import Tracing
from playground.game.writing import Writing
from playground.levels import playable
from playground.levels.dealing import deals
from playground.levels.dealing.deals import Deals
from playground.levels.judging import Bench
from playground.levels.proving import fared, lottery
from playground.levels.proving.fared import Fared
from playground.levels.proving.lottery import Drawn
from playground.levels.shelf import LEVELS, Shelf, proofs_of
from playground.models import registry
from playground.settings import Settings
from playground.store.players import Players
from playground.store.records import PlayerId
from playground.store.store import Store
from playground.text.language import Language


@dataclass(frozen=True)
class House:
    """What the games of all languages share: one engine, one store, each thing dealt and drawn
    once, whoever asks first."""

    bench: Bench
    store: Store
    shelf: Shelf
    deals: Deals
    finds: Finds
    drawn: Drawn
    today: Callable[[], date]
    fared: Mapping[str, Fared] = field(default_factory=dict)  # how its proof ended, by level
    teaching: Teaching | None = None
    belonging: Belonging | None = None
    writing: Writing | None = None
    first: FirstMinuteFile | None = None  # what the home page begins with


class Game:
    """Safe to call from any thread; holds no state of any player outside the store. Every
    method that needs a player takes the player's id first."""

    def __init__(self, house: House, shelf: Shelf) -> None:
        """shelf: the levels in this game's language."""
        self.writing = house.writing or Writing(house.bench, house.store)
        library = Library(shelf, house.drawn, self.writing)
        self._house = house
        self.exploring = Exploring(house.bench, library)
        self.challenges = Challenges(
            library, house.store, house.drawn, self.exploring, house.today, house.bench.model
        )
        self.course = Course(
            library,
            house.store,
            house.bench.atlas,
            self.exploring,
            self.challenges,
            house.bench.model,
            house.fared,
        )
        self.teaching = house.teaching or Teaching(house.store, None)
        self.belonging = house.belonging or Belonging(house.store)
        self.lesson = Lesson(house.bench, house.deals, house.finds)
        self.talking = Talking(house.bench, house.store)
        self.first_minute = FirstMinute(house.bench, house.first)
        self.illustrating = Illustrating(house.bench, library)
        self.maps = FeatureMaps(house.bench)
        self.tracing = Tracing(house.bench)
        self.attempts = Attempts(
            house.bench,
            house.store,
            library,
            self.course,
            self.exploring,
            self.challenges,
            house.deals,
            house.finds,
        )

    @classmethod
    def of(
        cls,
        bench: Bench,
        store: Store,
        shelf: Shelf,
        today: Callable[[], date] = daily.today,
        secret: str | None = None,
        accounts: Sequence[str] = (),
        proofs: Path = LEVELS,
        first: FirstMinuteFile | None = None,
    ) -> "Game":
        """secret: of instructors; accounts: names of theirs at Hugging Face. proofs: the folder in
        which they are kept. first: what the home page begins with."""
        dealt = Deals(bench, store, deals.read_shipped(proofs))
        drawn = Drawn(bench, shelf, store, lottery.read_shipped(proofs))
        proven = fared.current(fared.read(proofs), shelf.levels, bench.edition)
        finds = Finds(bench, store)
        house = House(
            bench, store, shelf, dealt, finds, drawn, today, proven,
            Teaching(store, secret, accounts), Belonging(store), Writing(bench, store), first,
        )  # fmt: skip
        return cls(house, shelf)

    @classmethod
    def open(cls, settings: Settings) -> "Game":
        """Verifies the assets, loads model, atlas and levels, opens the store.

        Raises AuthorError.
        """
        shelf = Shelf.load()
        store = Store.open(settings.database)
        bench = Bench.open(settings)
        secret = settings.teacher.get_secret_value() if settings.teacher else None
        chosen = registry.choose(settings)
        told = chosen.card.first_minute
        first = None if told is None else first_minute.load(settings.assets / told)
        if not bench.has_features:
            shelf, proofs = shelf.closed(), LEVELS
        else:
            shelf = replace(shelf, missing=playable.of(chosen, shelf.levels).missing)
            proofs = proofs_of(chosen)
        return cls.of(
            bench, store, shelf,
            secret=secret, accounts=settings.instructors, proofs=proofs, first=first,
        )  # fmt: skip

    def in_language(self, language: Language) -> "Game":
        """The same game with its levels in another language. Raises AuthorError."""
        return Game(self._house, self._house.shelf.told_in(language))

    @property
    def model(self) -> str:
        """That progress is kept by."""
        return self._house.bench.model

    @property
    def players(self) -> Players:
        return self._house.store.players

    def adopt(self, player: PlayerId, secret: str) -> None:
        """On this model the player was the one whom version 0.1.0 knew by this secret."""
        self._house.store.adopt(player, self._house.bench.model, secret)

    def ready(self) -> None:
        """Waits until the model is loaded, and the direction that a first conversation is pushed
        along is found. Raises AuthorError or EngineError if that cannot be."""
        self._house.bench.engine.ready()
        if self._house.bench.chats:
            self.talking.prepare()

    @property
    def workload(self) -> Workload:
        return self._house.bench.engine.workload

    def check(self) -> None:
        """Has the model do a little and the store keep nothing. Raises EngineError or StoreError
        where it cannot be played now."""
        self._house.bench.engine.check()
        self._house.store.check()

    def close(self) -> None:
        self._house.bench.engine.close()
        self._house.store.close()
