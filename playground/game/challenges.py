"""What is drawn for players beside the course: the daily challenge, the final exam and what comes
of it, the certificate. Knows no Gradio.
"""

from collections.abc import Callable, Mapping
from datetime import date
from threading import Event
from typing import Literal

from playground.errors import PlayerError
from playground.game import daily, exam
from playground.game.daily import GRACE, Daily, day_of
from playground.game.exam import BestSteer, Certificate, Exam
from playground.game.exploring import Exploring
from playground.game.library import Library
from playground.levels.dealing.steered import SteerVerdict
from playground.levels.kinds import Level
from playground.levels.proving.lottery import Drawn, Undrawable
from playground.levels.schema import Pick
from playground.levels.templates import Draw, draw_of
from playground.levels.verdicts import shown
from playground.store.records import Best, PlayerId
from playground.store.store import Store

Series = Literal["course", "daily", "exam"]  # what a level is part of


class Challenges:
    """Safe to call from any thread; holds no state of any player outside the store."""

    def __init__(
        self,
        library: Library,
        store: Store,
        drawn: Drawn,
        exploring: Exploring,
        today: Callable[[], date],
        model: str,
    ) -> None:
        """model: whose progress it is."""
        self._library = library
        self._store = store
        self._drawn = drawn
        self._exploring = exploring
        self._today = today
        self._model = model

    # -- whose a drawn level is, and how often it may be tried
    def series(self, level: str) -> Series:
        draw = draw_of(level)
        if draw is None:
            return "course"
        return "exam" if day_of(draw) is None else "daily"

    def tries(self, level: Level) -> int | None:
        """How many attempts at a level count; None for any number."""
        return level.tries if self.series(level.id) == exam.NAME else None

    def due(self, player: PlayerId, draw: Draw) -> None:
        """PlayerError for a drawn level that is not this player's to play now."""
        self._check(player, draw)
        if not self._ready(player, draw):
            raise PlayerError("errors.unproven")

    def _check(self, player: PlayerId, draw: Draw) -> None:
        """PlayerError for what was not drawn for this player, or for another day."""
        day = day_of(draw)
        if day is None and draw.id not in self._latest_parts(player):
            raise PlayerError("errors.no_exam_part")
        late = day is not None and not self._today() - GRACE <= day <= self._today()
        if late or (day is not None and draw != self._lot(day)):
            raise PlayerError("errors.not_today")

    # -- whether a drawn level can be won
    def _ready(self, player: PlayerId, draw: Draw) -> bool:
        """Proven, or tried already."""
        return bool(self._drawn.known(draw)) or draw.id in self._store.best(player, self._model)

    def prove(self, player: PlayerId, id: str, left: Event | None = None) -> None:
        """Sees to it that a drawn level of this player's can be won: proves it if nobody has yet,
        which may take a minute, and puts the next lot in its place where it does not hold. One that
        was tried stays. left: set when nobody waits any more, which raises AbandonedError."""
        draw = draw_of(id)
        if draw is None:
            raise PlayerError("errors.no_exam_part")
        self._check(player, draw)
        if (day := day_of(draw)) is not None:
            while not self._drawn.holds(self._lot(day), left):
                pass
            return
        number = max(self._store.sittings(player, self._model))
        while not self._ready(player, draw) and not self._drawn.holds(draw, left):
            following = self._after(player, number, draw)
            ids = [following.id] if following else []
            self._store.swap(player, self._model, number, draw.id, ids)
            if following is None:
                return
            draw = following

    def _after(self, player: PlayerId, number: int, draw: Draw) -> Draw | None:
        """Another lot of the same part; None where there is none, and that exam is shorter."""
        lot = self._store.players.lot(player)
        kinds = next(kinds for kinds in exam.lots(lot, number) if draw.kind in kinds)
        try:
            return self._drawn.fresh(exam.series(number), kinds, lot)
        except Undrawable:
            return None

    def fails(self, level: str) -> None:
        """The model cannot play a level that was drawn: another will stand for it."""
        draw = draw_of(level)
        if draw is not None:
            self._drawn.fails(draw)

    # -- the daily challenge
    def daily(self, player: PlayerId) -> Daily:
        """Raises Undrawable where the model can play no kind."""
        day = self._today()
        draw, best = self._lot(day), self._store.best(player, self._model)
        level = self._library.level(draw.id)
        return daily.drawn(day, level, self._ready(player, draw), best)

    def today(self, player: PlayerId) -> tuple[date, int | None]:
        """Today and the stars that it brought so far, without drawing anything."""
        day = self._today()
        return day, daily.won(self._store.best(player, self._model), day)

    def _lot(self, day: date) -> Draw:
        return self._drawn.lot(daily.series(day), daily.kinds(day))

    # -- the exam
    def exam(self, player: PlayerId) -> Exam:
        best = self._store.best(player, self._model)
        needs = exam.needs(self._library.shelf, best)
        sittings = self._store.sittings(player, self._model)
        latest = sittings[max(sittings)] if sittings else ()
        draws = [(id, draw_of(id)) for id in latest]
        unready = {id for id, draw in draws if draw and not self._ready(player, draw)}
        return exam.taken(sittings, best, needs, self._library.level, unready)

    def sit(self, player: PlayerId) -> None:
        """Draws the parts of a new sitting; no model is asked. PlayerError while the exam is locked
        or the sitting before is not finished, Undrawable where the model can play no part."""
        now = self.exam(player)
        if now.needs or (now.sitting and not now.finished):
            raise PlayerError("errors.no_exam")
        number, parts, lot = now.sitting + 1, list[str](), self._store.players.lot(player)
        none: Undrawable | None = None
        for kinds in exam.lots(lot, number):
            try:
                parts.append(self._drawn.fresh(exam.series(number), kinds, lot).id)
            except Undrawable as error:  # that model's exam is shorter
                none = error
        if not parts and none is not None:
            raise none
        self._store.sit(player, self._model, number, parts)

    def _latest_parts(self, player: PlayerId) -> tuple[str, ...]:
        """Ids of the latest sitting's levels."""
        sittings = self._store.sittings(player, self._model)
        return sittings[max(sittings)] if sittings else ()

    # -- the certificate
    def certificate(self, player: PlayerId) -> Certificate:
        """Of the best sitting. PlayerError before the exam is passed."""
        best, sittings = (
            self._store.best(player, self._model),
            self._store.sittings(player, self._model),
        )
        number = exam.best_sitting(sittings, best)
        if number is None or not self.exam(player).passed:
            raise PlayerError("errors.not_passed")
        stars, total = exam.stars_of(sittings[number], best), self.exam(player).total
        ends = (self._store.attempts(player, self._model, id)[-1].at for id in sittings[number])
        day = max(at.date() for at in ends if at is not None)
        return Certificate(stars, total, day, self._best_steer(player, best))

    def _best_steer(self, player: PlayerId, best: Mapping[str, Best]) -> BestSteer | None:
        """The reply on its concept with least damage, from the best try of bringing one in."""
        known = self._library.shelf.by_id
        tried = (self._library.level(id) for id in best if draw_of(id) or id in known)
        brought = [level.id for level in tried if level.brings_in]
        found = self._store.replay(player, self._model, *brought)
        if found is None:
            return None
        level = self._library.level(found.level)
        verdict = shown(level, found.verdict)
        if not isinstance(verdict, SteerVerdict) or not verdict.won:
            return None
        names = tuple(self._exploring.name(Pick(dial.site, dial.feature)) for dial in verdict.dials)
        return exam.best_reply(verdict, level, names)
