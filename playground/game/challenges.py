"""What is drawn for players beside the course: the daily challenge, the final exam and what comes
of it, the certificate. Knows no Gradio.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from playground.concepts.concepts import Concept, spoken
from playground.errors import PlayerError
from playground.game import daily, exam
from playground.game.daily import Daily
from playground.game.exam import BestSteer, Certificate, Exam
from playground.game.exploring import Looking
from playground.levels.dealing.steering import SteerVerdict
from playground.levels.judging import Bench
from playground.levels.kinds import Level
from playground.levels.proving.lottery import Drawn, Undrawable
from playground.levels.schema import Pick
from playground.levels.shelf import Shelf
from playground.levels.templates import Draw, draw_of
from playground.levels.verdicts import Verdict, shown
from playground.store.store import Best, Store

NOT_NOW = "The exam cannot be begun now: it is locked, or you have not finished the one before."
NOT_PASSED = "The certificate comes with the exam: pass it first."
NO_REPLAY = "There is no try of yours to show yet."


class Occasions(Looking):
    """The part of the game that knows players and draws levels. Safe to call from any thread."""

    def __init__(self, bench: Bench, store: Store, shelf: Shelf, today: Callable[[], date]) -> None:
        super().__init__(bench)
        self._store = store
        self._shelf = shelf
        self._drawn = Drawn(bench, shelf)
        self._today = today

    def _level(self, id: str) -> Level:
        draw = draw_of(id)
        return self._shelf.drawn(draw, self._topic) if draw else self._shelf.level(id)

    def _topic(self, concept: Concept) -> str:
        return spoken(concept)

    def replay(self, player: str, level: str) -> Verdict:
        """The player's best try, as it was shown; the model is not asked. PlayerError for none."""
        found = self._store.replay(player, level)
        if found is None:
            raise PlayerError(NO_REPLAY)
        return shown(self._level(level), found.verdict)

    # -- the daily challenge
    def daily(self, player: str) -> Daily:
        """Drawn and proven by the first who asks on a day, which takes a few seconds. Raises
        Undrawable where the model can play no kind."""
        day = self._today()
        return daily.drawn(day, self._level(self._lot(day).id), self._store.best(player))

    def _lot(self, day: date) -> Draw:
        return self._drawn.lot(daily.series(day), daily.kinds(day))

    def today(self, player: str) -> tuple[date, int | None]:
        """Today and the stars that it brought so far, without drawing anything."""
        day = self._today()
        return day, daily.won(self._store.best(player), day)

    def exam(self, player: str) -> Exam:
        best = self._store.best(player)
        needs = exam.needs(self._shelf, best)
        return exam.taken(self._store.sittings(player), best, needs, self._level)

    def exam_parts(self, player: str) -> tuple[str, ...]:
        """Ids of the latest sitting's levels."""
        sittings = self._store.sittings(player)
        return sittings[max(sittings)] if sittings else ()

    def sit(self, player: str) -> Iterator[int]:
        """Draws and proves the parts of a new sitting: yields how many are ready. PlayerError while
        the exam is locked or the sitting before is not finished, Undrawable where the model can
        play no part."""
        now = self.exam(player)
        if now.needs or (now.sitting and not now.finished):
            raise PlayerError(NOT_NOW)
        number, parts = now.sitting + 1, list[str]()
        none: Undrawable | None = None
        for kinds in exam.lots(player, number):
            yield len(parts)
            seed = exam.seed(player, number)
            try:
                parts.append(self._drawn.fresh(exam.series(number), kinds, seed, player).id)
            except Undrawable as error:  # that model's exam is shorter
                none = error
        if not parts and none is not None:
            raise none
        self._store.sit(player, number, parts)

    def certificate(self, player: str) -> Certificate:
        """Of the best sitting. PlayerError before the exam is passed."""
        best, sittings = self._store.best(player), self._store.sittings(player)
        number = exam.best_sitting(sittings, best)
        if number is None or not self.exam(player).passed:
            raise PlayerError(NOT_PASSED)
        stars, total = exam.stars_of(sittings[number], best), self.exam(player).total
        ends = (self._store.attempts(player, id)[-1].at for id in sittings[number])
        day = max(at.date() for at in ends if at is not None)
        return Certificate(stars, total, day, self._best_steer(player, best))

    def _best_steer(self, player: str, best: Mapping[str, Best]) -> BestSteer | None:
        """The reply on its concept with least damage, from the best try of bringing one in."""
        tried = (self._level(id) for id in best if draw_of(id) or id in self._shelf.by_id)
        brought = [level.id for level in tried if level.brings_in]
        found = self._store.replay(player, *brought)
        verdict = found and self.replay(player, found.level)
        if not isinstance(verdict, SteerVerdict) or not verdict.won:
            return None
        names = tuple(self.name(Pick(dial.site, dial.feature)) for dial in verdict.dials)
        return exam.best_reply(verdict, self._level(verdict.level), names)
