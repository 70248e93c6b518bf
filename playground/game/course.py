"""The way of one player through the levels: the map, which levels may be played, their hints.

Judges nothing and writes nothing but which hints are open.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from playground.atlas.atlas import Atlas
from playground.engine.records import Site
from playground.errors import PlayerError
from playground.game import coursemap, exam
from playground.game.challenges import Challenges, Series
from playground.game.coursemap import STARS, Home
from playground.game.exploring import Exploring
from playground.game.library import Library
from playground.levels.dealing import steering
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.kinds import Level, hunt
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.schema import HINT_STEPS, STARS_WITH_ANSWER, Hint
from playground.levels.templates import draw_of
from playground.store.records import Best, PlayerId
from playground.store.store import Store

FREE = "This hint is free."
COSTLY = f"With this hint at most {STARS_WITH_ANSWER} of {STARS} stars are left to win."
NO_HINT = "You have opened all hints of this level."
DONE = "This part of the exam is done. Go back to the exam for the others."


@dataclass(frozen=True)
class Start:
    """All a play screen needs: the opened hints in order, and what the next one costs."""

    level: Level  # never show its solution
    series: Series
    chapter: str  # empty for a level that was drawn
    sites: tuple[Site, ...]  # the level's
    hints: tuple[Hint, ...]
    hints_left: int
    hint_price: str  # empty when none is left
    best: Best | None
    next_level: str | None


class Course:
    """Safe to call from any thread; holds no state of any player outside the store."""

    def __init__(
        self,
        library: Library,
        store: Store,
        atlas: Atlas,
        exploring: Exploring,
        challenges: Challenges,
        model: str,
    ) -> None:
        """model: whose progress it is."""
        self._library = library
        self._store = store
        self._atlas = atlas
        self._exploring = exploring
        self._challenges = challenges
        self._model = model

    def home(self, player: PlayerId) -> Home:
        return coursemap.draw(self._library.shelf, self._store.best(player, self._model))

    def start(self, player: PlayerId, level: str) -> Start:
        """PlayerError for an unknown or locked level, or one that must not be tried again."""
        self.playable(player, level)
        return self.seen(player, level)

    def seen(self, player: PlayerId, level: str) -> Start:
        """The same for a level that is shown and not played: tries may be used up."""
        chosen, series = self.opened(player, level), self._challenges.series(level)
        opened = 0 if series == exam.NAME else self._store.hints(player, self._model, level)
        left = 0 if series == exam.NAME else len(HINT_STEPS) - opened
        return Start(
            level=chosen,
            series=series,
            chapter=self._library.chapter(level),
            sites=tuple(site for site in self._exploring.sites if site.name in chosen.sites),
            hints=tuple(self._hint(chosen, place) for place in range(opened)),
            hints_left=left,
            hint_price={0: "", 1: COSTLY}.get(left, FREE),
            best=self._store.best(player, self._model).get(level),
            next_level=self._library.after(level),
        )

    def hint(self, player: PlayerId, level: str) -> Start:
        """Opens the next hint and remembers it; the same Start, one hint longer.

        PlayerError when none is left.
        """
        start = self.start(player, level)
        if not start.hints_left:
            raise PlayerError(NO_HINT)
        opened = len(start.hints)
        self._hint(start.level, opened)  # a hint that this model cannot fill in is not opened
        self._store.open_hints(player, self._model, level, opened + 1)
        return self.start(player, level)

    # -- which levels are open
    def playable(self, player: PlayerId, id: str) -> Level:
        """PlayerError for an unknown or locked level, or one that must not be tried again."""
        level = self.opened(player, id)
        if self._challenges.series(id) == exam.NAME:
            best = self._store.best(player, self._model).get(id)
            if not exam.part(level, best).tries_left:
                raise PlayerError(DONE)
        return level

    def opened(self, player: PlayerId, id: str) -> Level:
        """PlayerError for an unknown or locked level, or a drawn one that is another's."""
        level, draw = self._library.level(id), draw_of(id)
        if draw is not None:
            self._challenges.due(player, draw)
            return level
        mark = coursemap.mark(self._library.shelf, level, self._store.best(player, self._model))
        if mark.state == "missing":
            raise PlayerError(f"“{level.title}” cannot be played on this model.")
        if mark.state == "locked":
            raise PlayerError(
                f"“{level.title}” is still locked. Win first: {', '.join(mark.needs)}."
            )
        return level

    # -- hints
    def _hint(self, level: Level, place: int) -> Hint:
        step = HINT_STEPS[place]
        text: str = getattr(level.hints, step)
        if "{" in text:
            text = text.format(**self._blanks(level))
        return Hint(step, text)

    def _blanks(self, level: Level) -> Mapping[str, Any]:
        """What a hint leaves open."""
        if isinstance(level, HuntLevel):
            return asdict(hunt.reference(level, self._atlas))
        if isinstance(level, SteeringLevel):
            return steering.filled(level, self._atlas)
        return {}
