"""The one join of levels, engine, atlas, scores and progress; screens call nothing below it.

It knows no Gradio. A player is a random token that the browser keeps; every method that needs one
takes it first. Every PlayerError carries a sentence for the screen.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Literal

from playground.engine.records import Dial, Site, Token
from playground.errors import PlayerError
from playground.game import course, daily, exam
from playground.game.challenges import Occasions
from playground.game.course import STARS, ChapterMap, Home, Mark, State
from playground.game.daily import GRACE, Daily, day_of
from playground.game.exam import BestSteer, Certificate, Exam
from playground.game.exploring import MAX_CHARACTERS, Firing, Outcome
from playground.game.share import Sandbox
from playground.levels import playable
from playground.levels.dealing import questions, steering
from playground.levels.dealing.questions import (
    Answer,
    Asked,
    AskLevel,
    AskVerdict,
    Deals,
    Graded,
    Question,
)
from playground.levels.dealing.steering import Curve, SteeringLevel, SteerVerdict, Turn
from playground.levels.dealing.triples import ROWS, Began, Counted, Row, Said, Triple
from playground.levels.judging import Bench
from playground.levels.kinds import Level, hunt
from playground.levels.kinds.hunt import HuntLevel, HuntVerdict, JudgedText
from playground.levels.schema import HINT_STEPS, STARS_WITH_ANSWER, GoalResult, Hint, Pick
from playground.levels.shelf import Shelf
from playground.levels.templates import Draw, draw_of
from playground.levels.verdicts import Verdict, kept
from playground.models import registry
from playground.settings import Settings
from playground.store.store import Attempt, Best, Probe, Store

FREE = "This hint is free."
COSTLY = f"With this hint at most {STARS_WITH_ANSWER} of {STARS} stars are left to win."
NO_PROBE = "All prompts of this question are used up. What do the replies tell you?"
NO_HINT = "You have opened all hints of this level."
NOT_TODAY = "This is not today's challenge. You find today's on the map."
NOT_IN_EXAM = "This is no part of your exam. You find its parts on the page of the exam."
DONE = "This part of the exam is done. Go back to the exam for the others."

__all__ = [  # what screens may take from here
    "ROWS", "Answer", "AskVerdict", "Asked", "Began", "BestSteer", "Certificate", "ChapterMap",
    "Counted", "Curve", "Daily", "Event", "Exam", "Firing", "Game", "GoalResult", "Graded", "Hint",
    "Home", "HuntLevel", "HuntVerdict", "JudgedText", "Mark", "Outcome", "Pick", "Probe",
    "Question", "Row", "Said", "Sandbox", "Start", "State", "SteerVerdict", "SteeringLevel",
    "Token", "Triple", "Verdict",
]  # fmt: skip


Series = Literal["course", "daily", "exam"]  # what a level is part of


# -- what the screens show -------------------------------------------------------------------------
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


Event = Began | Said | Counted | SteerVerdict | Outcome


class Game(Occasions):
    """Safe to call from any thread; holds no state of any player outside the store."""

    def __init__(
        self, bench: Bench, store: Store, shelf: Shelf, today: Callable[[], date] = daily.today
    ) -> None:
        super().__init__(bench, store, shelf, today)
        self._deals = Deals(bench)

    @classmethod
    def open(cls, settings: Settings) -> "Game":
        """Verifies the assets, loads model, atlas and levels, opens the store.

        Raises AuthorError.
        """
        shelf = Shelf.load()
        store = Store.open(settings.database)
        bench = Bench.open(settings)
        found = playable.read(registry.choose(settings).atlas, shelf.levels)
        return cls(bench, store, replace(shelf, missing=found.missing))

    def ready(self) -> None:
        """Waits until the model is loaded. Raises AuthorError or EngineError if it cannot be."""
        self._engine.ready()

    def close(self) -> None:
        self._engine.close()
        self._store.close()

    # -- players and the map
    def player(self, token: str | None) -> str:
        """The token itself when it is a known player's, else a new player's.

        The browser keeps what comes back.
        """
        return self._store.player(token)

    def home(self, player: str) -> Home:
        return course.draw(self._shelf, self._store.best(player))

    def start(self, player: str, level: str) -> Start:
        """PlayerError for an unknown or locked level, or one that must not be tried again."""
        self._playable(player, level)
        return self.seen(player, level)

    def seen(self, player: str, level: str) -> Start:
        """The same for a level that is shown and not played: tries may be used up."""
        chosen, draw = self._open_level(player, level), draw_of(level)
        opened = 0 if self._examined(level) else self._store.hints(player, level)
        left = 0 if self._examined(level) else len(HINT_STEPS) - opened
        return Start(
            level=chosen,
            series="course" if draw is None else exam.NAME if day_of(draw) is None else daily.NAME,
            chapter="" if draw else self._shelf.chapter(level).title,
            sites=tuple(site for site in self.sites if site.name in chosen.sites),
            hints=tuple(self._hint(chosen, place) for place in range(opened)),
            hints_left=left,
            hint_price={0: "", 1: COSTLY}.get(left, FREE),
            best=self._store.best(player).get(level),
            next_level=None if draw else self._shelf.after(level),
        )

    def _open_level(self, player: str, id: str) -> Level:
        level, draw = self._level(id), draw_of(id)
        if draw is not None:
            self._due(player, draw)
            return level
        mark = course.mark(self._shelf, level, self._store.best(player))
        if mark.state == "missing":
            raise PlayerError(f"“{level.title}” cannot be played on this model.")
        if mark.state == "locked":
            raise PlayerError(
                f"“{level.title}” is still locked. Win first: {', '.join(mark.needs)}."
            )
        return level

    def _due(self, player: str, draw: Draw) -> None:
        """PlayerError for a drawn level that is not this player's to play now."""
        day = day_of(draw)
        if day is None and draw.id not in self.exam_parts(player):
            raise PlayerError(NOT_IN_EXAM)
        late = day is not None and not self._today() - GRACE <= day <= self._today()
        if late or (day is not None and draw != self._lot(day)):
            raise PlayerError(NOT_TODAY)

    def _playable(self, player: str, id: str) -> Level:
        level = self._open_level(player, id)
        if self._examined(id):
            best = self._store.best(player).get(id)
            if not exam.part(level, best).tries_left:
                raise PlayerError(DONE)
        return level

    def _examined(self, id: str) -> bool:
        draw = draw_of(id)
        return draw is not None and day_of(draw) is None

    def hint(self, player: str, level: str) -> Start:
        """Opens the next hint and remembers it; the same Start, one hint longer.

        PlayerError when none is left.
        """
        start = self.start(player, level)
        if not start.hints_left:
            raise PlayerError(NO_HINT)
        opened = len(start.hints)
        self._hint(start.level, opened)  # a hint that this model cannot fill in is not opened
        self._store.open_hints(player, level, opened + 1)
        return self.start(player, level)

    def _hint(self, level: Level, place: int) -> Hint:
        step = HINT_STEPS[place]
        text: str = getattr(level.hints, step)
        if "{" in text:
            text = text.format(**self._blanks(level))
        return Hint(step, text)

    def _blanks(self, level: Level) -> dict[str, Any]:
        """What a hint leaves open."""
        if isinstance(level, HuntLevel):
            return asdict(hunt.reference(level, self._atlas))
        return dict(steering.filled(self._steering_level(level), self._atlas))

    def _hides_labels(self, level: str | None) -> bool:
        chosen = self._level(level) if level else None
        return isinstance(chosen, HuntLevel) and not chosen.show_labels

    # -- playing
    def submit(self, player: str, level: str, pick: Pick) -> HuntVerdict:
        """Judges a hunt level's answer and remembers the attempt."""
        chosen = self._playable(player, level)
        if not isinstance(chosen, HuntLevel):
            raise PlayerError(
                f"“{chosen.title}” is played by steering, not by submitting a feature."
            )
        self._check(pick)
        if pick.site not in chosen.sites:
            raise PlayerError(f"In this level you look at: {', '.join(chosen.sites)}.")
        hints = self._store.hints(player, level)
        verdict = hunt.judge(chosen, self._bench, pick, hints)
        self._record(player, chosen, verdict, 100 * verdict.auroc, hints, asdict(pick))
        return verdict

    def _record(
        self,
        player: str,
        level: Level,
        verdict: Verdict,
        score: float,
        hints: int,
        answer: Mapping[str, Any],
        evidence: Mapping[str, Any] | None = None,
    ) -> None:
        attempt = Attempt(
            level=level.id,
            won=verdict.won,
            stars=verdict.stars,
            score=score,
            hints=hints,
            answer=answer,
            evidence=evidence or {},
            verdict=kept(level, verdict),
        )
        self._store.record(player, attempt)

    def dials(
        self, level: str, picks: Sequence[Pick], strengths: Sequence[float]
    ) -> tuple[Dial, ...]:
        """The dials of a level for these features; it fixes methods and scopes."""
        for pick in picks:
            self._check(pick)
        turns = [Turn(pick, strength) for pick, strength in zip(picks, strengths, strict=True)]
        chosen = self._steering_level(self._level(level))
        return steering.dials_of(chosen, self._atlas, turns)

    def par(self, level: str) -> float | None:
        """The strength to stay below, in residual norms, in a level that counts it."""
        return self._steering_level(self._level(level)).par(self._atlas)

    def steer(
        self, player: str, level: str, picks: Sequence[Pick], strengths: Sequence[float]
    ) -> Iterator[Event]:
        """Runs a level that is steered: Began, Said (first triple), Counted, one SteerVerdict.

        Closing it cancels the rows.
        """
        chosen = self._steering_level(self._playable(player, level))
        if not picks:
            raise PlayerError("Choose a feature first.")
        dials = self.dials(level, picks, strengths)
        replies = yield from steering.run(chosen, self._bench, dials)
        hints = self._store.hints(player, level)
        history = steering.history(self._store.attempts(player, level), dials)
        verdict = steering.judge(chosen, self._bench, replies, hints, history)
        answer, evidence = steering.answer(verdict), steering.evidence(verdict)
        self._record(player, chosen, verdict, verdict.score, hints, answer, evidence)
        yield verdict

    def _steering_level(self, level: Level) -> SteeringLevel:
        if not isinstance(level, SteeringLevel):
            raise PlayerError(f"“{level.title}” is not played by steering.")
        return level

    # -- levels that ask
    def ask(self, player: str, level: str) -> Asked:
        """The next round of questions; the same until it is answered."""
        chosen = self._ask_level(self._playable(player, level))
        seed = self._seed(player, level)
        dealt = self._deals.of(chosen, seed)
        probed = self._store.probes(player, level, seed)
        return Asked(seed, tuple(sealed.question for sealed in dealt), chosen.probes, probed)

    def attempt_text(self, player: str, level: str, seed: int, number: int, text: str) -> Graded:
        """What a written answer would give. PlayerError for an empty or overlong text."""
        sealed = self._deals.of(self._ask_level(self._open_level(player, level)), seed)[number]
        if sealed.grade is None:
            raise PlayerError("This question is answered by choosing, not by writing.")
        if not text.strip():
            raise PlayerError("There is nothing to try yet: write a few words first.")
        return sealed.grade(questions.checked_text(sealed.question, text))

    def probe(self, player: str, level: str, seed: int, number: int, prompt: str) -> Probe:
        """Replies without and with the hidden dial of a question, remembered. PlayerError when all
        prompts of the question are used up."""
        chosen = self._ask_level(self._open_level(player, level))
        if len(prompt) > MAX_CHARACTERS:
            raise PlayerError(f"At most {MAX_CHARACTERS} characters are read.")
        tried = [e for e in self._store.probes(player, level, seed) if e.number == number]
        if len(tried) >= chosen.probes:
            raise PlayerError(NO_PROBE)
        requests = chosen.probe(self._bench, seed, number, prompt)
        traces = self._engine.generate(requests).traces()
        probe = Probe(number, prompt, tuple(trace.text for trace in traces))
        self._store.keep_probe(player, level, seed, probe)
        return probe

    def answer(self, player: str, level: str, seed: int, answers: Sequence[Answer]) -> AskVerdict:
        """Judges a round and remembers the attempt. PlayerError for a round answered before."""
        chosen = self._ask_level(self._playable(player, level))
        if seed != self._seed(player, level):
            raise PlayerError("These questions were answered already. Reload for new ones.")
        hints = self._store.hints(player, level)
        verdict = questions.judge(chosen, self._deals.of(chosen, seed), answers, hints)
        answer = {"seed": seed, "answers": list(answers)}
        self._record(player, chosen, verdict, verdict.score, hints, answer)
        return verdict

    def _seed(self, player: str, level: str) -> int:
        """Of the next round of questions."""
        if self._examined(level):
            return exam.seed(player, int(level.split("-")[1]))
        return len(self._store.attempts(player, level))

    def _ask_level(self, level: Level) -> AskLevel:
        if not isinstance(level, AskLevel):
            raise PlayerError(f"“{level.title}” asks no questions.")
        return level
