"""The way of one player through the levels: the map, which levels may be played, their hints.

Judges nothing and writes nothing but which hints are open, and how long members of a class sit at
a level.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from playground.atlas.atlas import Atlas
from playground.engine.records import Site
from playground.errors import PlayerError
from playground.game import coursemap, exam
from playground.game.challenges import Challenges, Series
from playground.game.coursemap import STARS, Home
from playground.game.exploring import Exploring
from playground.game.library import Library
from playground.game.rules import Rules
from playground.levels.dealing import steering
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.kinds import Level, hunt
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.proving.fared import Fared
from playground.levels.schema import HINT_STEPS, STARS_WITH_ANSWER, Hint, Pick, blanks_in
from playground.levels.shelf import Shelf
from playground.levels.solutions import Solution, solution
from playground.levels.templates import draw_of
from playground.messages import Filled, Line, Message, Param
from playground.store.records import Best, PlayerId, SchoolClass
from playground.store.store import Store

NAMING = frozenset({"feature", "dials"})  # blanks of a hint that are filled in with numbers
FREE = Message("level.hint_free")
COSTLY = Message("level.hint_costly", left=STARS_WITH_ANSWER, stars=STARS)


@dataclass(frozen=True)
class Start:
    """All a play screen needs: the opened hints in order, and what the next one costs."""

    level: Level  # never show its solution
    series: Series
    chapter: str  # empty for a level that was drawn
    sites: tuple[Site, ...]  # the level's
    hints: tuple[Hint, ...]
    hints_left: int
    hint_price: Line  # empty when none is left
    best: Best | None
    next_level: str | None
    fared: Fared | None  # how its proof ended on this model, where it was proven as it is now

    without_hints: bool = False  # an exam, or a class that wants none

    @property
    def answered(self) -> bool:
        """Whether the hint is open that tells the answer."""
        return len(self.hints) == len(HINT_STEPS)


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
        fared: Mapping[str, Fared],
    ) -> None:
        """model: whose progress it is; fared: how the proofs of levels ended on it."""
        self._library = library
        self._store = store
        self._atlas = atlas
        self._exploring = exploring
        self._challenges = challenges
        self._model = model
        self._fared = fared

    def home(self, player: PlayerId) -> Home:
        best, rules = self._store.best(player, self._model), self.rules(player)
        return coursemap.draw(self.shelf_of(rules and rules.of), best, rules)

    @property
    def shelf(self) -> Shelf:
        return self._library.shelf

    def title(self, id: str) -> str:
        """Of any level, a drawn one too; empty for one that is not there any more."""
        return self._library.title(id)

    def shelf_of(self, of: SchoolClass | None) -> Shelf:
        """The course with what an instructor has written for a class."""
        return self._library.of_class(of)

    def planned(self, of: SchoolClass) -> tuple[Level, ...]:
        """The levels of a class, in its order; those of the whole course where it has no plan."""
        shelf = self.shelf_of(of)
        ids = [each.level for each in of.plan] or [each.id for each in shelf.levels]
        known = (shelf.by_id[id] for id in ids if id in shelf.by_id)
        return tuple(level for level in known if level.id not in shelf.missing)

    def rules(self, player: PlayerId) -> Rules | None:
        """Of the player's class on this model, if there is one."""
        found = self._store.classes.current(player, self._model)
        if found is None:
            return None
        planned = (each.level for each in found.of.plan)
        shelf = self.shelf_of(found.of)
        known = tuple(id for id in planned if id in shelf.by_id)
        return Rules(found.of, known, datetime.now(UTC))

    def start(self, player: PlayerId, level: str) -> Start:
        """PlayerError for an unknown or locked level, or one that must not be tried again."""
        self.playable(player, level)
        return self.seen(player, level)

    def seen(self, player: PlayerId, level: str) -> Start:
        """The same for a level that is shown and not played: tries may be used up."""
        chosen, series = self.opened(player, level, shown=True), self._challenges.series(level)
        rules = self.rules(player)
        shelf = self.shelf_of(rules and rules.of)
        following = rules.after if rules and rules.planned else shelf.after
        without = series == exam.NAME or (rules is not None and not rules.hints)
        opened = 0 if without else self._store.hints(player, self._model, level)
        left = 0 if without else len(HINT_STEPS) - opened
        return Start(
            level=chosen,
            series=series,
            chapter=self._library.chapter(level),
            sites=tuple(site for site in self._exploring.sites if site.name in chosen.sites),
            hints=tuple(self._hint(chosen, place) for place in range(opened)),
            hints_left=left,
            hint_price={0: "", 1: COSTLY}.get(left, FREE),
            best=self._store.best(player, self._model).get(level),
            next_level=following(level) if level in shelf.by_id else None,
            fared=self._fared.get(level),
            without_hints=without,
        )

    def hint(self, player: PlayerId, level: str) -> Start:
        """Opens the next hint and remembers it; the same Start, one hint longer.

        PlayerError when none is left.
        """
        start = self.start(player, level)
        if not start.hints_left:
            raise PlayerError("errors.no_hint")
        opened = len(start.hints)
        self._hint(start.level, opened)  # a hint that this model cannot fill in is not opened
        self._store.open_hints(player, self._model, level, opened + 1)
        return self.start(player, level)

    def give_up(self, player: PlayerId, level: str) -> Solution:
        """What solves a hunt or a steering level; whoever has seen it has seen every hint."""
        chosen = self.surrendered(player, level)
        if not isinstance(chosen, HuntLevel | SteeringLevel):
            raise PlayerError("level.missing")
        found = solution(chosen, self._atlas)
        self._store.open_hints(player, self._model, level, len(HINT_STEPS))
        return found

    def surrendered(self, player: PlayerId, id: str) -> Level:
        """A level that is given up. PlayerError for one that may not be played or given up."""
        if self._challenges.series(id) == exam.NAME:
            raise PlayerError("errors.no_giving_up")
        level, rules = self.playable(player, id), self.rules(player)
        if rules and not rules.hints:
            raise PlayerError("join.no_hints")
        return level

    # -- which levels are open
    def playable(self, player: PlayerId, id: str) -> Level:
        """PlayerError for an unknown or locked level, or one that must not be tried again."""
        level = self.opened(player, id)
        if self._challenges.series(id) == exam.NAME:
            best = self._store.best(player, self._model).get(id)
            if not exam.part(level, best).tries_left:
                raise PlayerError("errors.part_done")
        if self.rules(player):
            self._store.classes.visit(player, self._model, id)
        return level

    def opened(self, player: PlayerId, id: str, shown: bool = False) -> Level:
        """PlayerError for an unknown or locked level, or a drawn one that is another's. shown:
        whether it is only looked at: one that was tried may be, whatever has locked it since."""
        level, draw = self._library.level(id), draw_of(id)
        if draw is not None:
            self._challenges.due(player, draw)
            return level
        if self._library.is_trial(id):
            return level
        best, rules = self._store.best(player, self._model), self.rules(player)
        if shown and id in best:
            return level
        shelf = self.shelf_of(rules and rules.of)
        if id not in shelf.by_id:  # of a class that the player is not in
            raise PlayerError("errors.no_level", id=id)
        mark = coursemap.mark(shelf, level, best, rules)
        if mark.shut:
            raise PlayerError(mark.shut)
        if mark.state == "missing":
            raise PlayerError("errors.missing", title=level.title)
        if mark.state == "locked":
            raise PlayerError("errors.locked", title=level.title, needs=mark.needs)
        return level

    # -- hints
    def _hint(self, level: Level, place: int) -> Hint:
        step = HINT_STEPS[place]
        text: str = getattr(level.hints, step)
        told = Filled(text, self._blanks(level)) if "{" in text else text
        return Hint(step, told, self._named(level) if blanks_in(text) & NAMING else ())

    def _named(self, level: Level) -> tuple[Pick, ...]:
        """The features of the solution."""
        if isinstance(level, HuntLevel):
            best = hunt.reference(level, self._atlas)
            return (Pick(best.site, best.feature),)
        if isinstance(level, SteeringLevel):
            return tuple(turn.pick for turn in level.reference(self._atlas))
        return ()

    def _blanks(self, level: Level) -> Mapping[str, Param]:
        """What a hint leaves open."""
        if isinstance(level, HuntLevel):
            best = hunt.reference(level, self._atlas)
            site = Message("common.site", site=best.site)
            return {"site": site, "feature": str(best.feature)}
        if isinstance(level, SteeringLevel):
            return steering.filled(level, self._atlas)
        return {}
