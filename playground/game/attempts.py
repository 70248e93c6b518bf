"""What a player does in a level, judged and remembered: a feature handed in, a run of steering, a
round of questions, the best try shown again. Knows no Gradio and no map.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from playground.engine.client import Client
from playground.engine.records import Dial
from playground.errors import PlayerError
from playground.game import exam
from playground.game.challenges import Challenges
from playground.game.course import DONE, Course
from playground.game.exploring import MAX_CHARACTERS, Exploring, Outcome
from playground.game.library import Library
from playground.levels.dealing import questions, steering
from playground.levels.dealing.questions import (
    Answer,
    Asked,
    AskLevel,
    AskVerdict,
    Deals,
    Graded,
)
from playground.levels.dealing.steering import SteeringLevel, SteerVerdict, Turn
from playground.levels.dealing.triples import Began, Counted, Said
from playground.levels.judging import Bench
from playground.levels.kinds import Level, hunt
from playground.levels.kinds.hunt import HuntLevel, HuntVerdict
from playground.levels.schema import Pick
from playground.levels.verdicts import Verdict, kept, shown
from playground.store.records import Attempt, PlayerId, Probe, Recorded
from playground.store.store import Store

NO_PROBE = "All prompts of this question are used up. What do the replies tell you?"
NO_REPLAY = "There is no try of yours to show yet."

SteerEvent = Began | Said | Counted | SteerVerdict
Event = SteerEvent | Outcome  # of any run that is watched


class Attempts:
    """Safe to call from any thread; holds no state of any player outside the store."""

    def __init__(
        self,
        bench: Bench,
        store: Store,
        library: Library,
        course: Course,
        exploring: Exploring,
        challenges: Challenges,
        deals: Deals,
    ) -> None:
        self._bench = bench
        self._store = store
        self._library = library
        self._course = course
        self._exploring = exploring
        self._challenges = challenges
        self._deals = deals
        self._model = bench.model

    def replay(self, player: PlayerId, level: str) -> Verdict:
        """The player's best try, as it was shown; the model is not asked. PlayerError for none."""
        found = self._store.replay(player, self._model, level)
        if found is None:
            raise PlayerError(NO_REPLAY)
        return shown(self._library.level(level), found.verdict)

    # -- hunts
    def submit(self, player: PlayerId, level: str, pick: Pick) -> HuntVerdict:
        """Judges a hunt level's answer and remembers the attempt. Of those that are handed in at
        the same time the first counts, and all get its verdict."""
        chosen = self._course.playable(player, level)
        if not isinstance(chosen, HuntLevel):
            raise PlayerError(
                f"“{chosen.title}” is played by steering, not by submitting a feature."
            )
        self._exploring.check(pick)
        if pick.site not in chosen.sites:
            raise PlayerError(f"In this level you look at: {', '.join(chosen.sites)}.")
        number = len(self._store.attempts(player, self._model, level))
        hints = self._store.hints(player, self._model, level)
        bench = self._bench.on_behalf(Client(str(player), "deal"))
        verdict = hunt.judge(chosen, bench, pick, hints)
        made = self._attempt(chosen, verdict, 100 * verdict.auroc, hints, asdict(pick))
        stands = self._record(player, chosen, replace(made, round=number))
        if stands.new:
            return verdict
        return hunt.judge(chosen, bench, Pick(**stands.attempt.answer), stands.attempt.hints)

    # -- steering
    def dials(
        self, level: str, picks: Sequence[Pick], strengths: Sequence[float]
    ) -> tuple[Dial, ...]:
        """The dials of a level for these features; it fixes methods and scopes."""
        for pick in picks:
            self._exploring.check(pick)
        turns = [Turn(pick, strength) for pick, strength in zip(picks, strengths, strict=True)]
        chosen = steered(self._library.level(level))
        return steering.dials_of(chosen, self._bench.atlas, turns)

    def par(self, level: str) -> float | None:
        """The strength to stay below, in residual norms, in a level that counts it."""
        return steered(self._library.level(level)).par(self._bench.atlas)

    def steer(
        self, player: PlayerId, level: str, picks: Sequence[Pick], strengths: Sequence[float]
    ) -> Iterator[SteerEvent]:
        """Runs a level that is steered: Began, Said (first triple), Counted, one SteerVerdict.

        Closing it cancels the rows.
        """
        chosen = steered(self._course.playable(player, level))
        if not picks:
            raise PlayerError("Choose a feature first.")
        dials = self.dials(level, picks, strengths)
        bench = self._bench.on_behalf(Client(str(player), "reply"))
        replies = yield from steering.run(chosen, bench, dials)
        hints = self._store.hints(player, self._model, level)
        history = steering.history(self._store.attempts(player, self._model, level), dials)
        verdict = steering.judge(chosen, self._bench, replies, hints, history)
        answer, evidence = steering.answer(verdict), steering.evidence(verdict)
        made = self._attempt(chosen, verdict, verdict.score, hints, answer)
        if not self._record(player, chosen, replace(made, evidence=evidence)).new:
            raise PlayerError(DONE)
        yield verdict

    # -- questions
    def ask(self, player: PlayerId, level: str) -> Asked:
        """The next round of questions; the same until it is answered."""
        chosen = asking(self._course.playable(player, level))
        seed = self._seed(player, level)
        dealt = self._deals.of(chosen, seed)
        probed = self._store.probes(player, self._model, level, seed)
        return Asked(seed, tuple(sealed.question for sealed in dealt), chosen.probes, probed)

    def attempt_text(
        self, player: PlayerId, level: str, seed: int, number: int, text: str
    ) -> Graded:
        """What a written answer would give. PlayerError for an empty or overlong text."""
        sealed = self._deals.of(asking(self._course.opened(player, level)), seed)[number]
        if sealed.grade is None:
            raise PlayerError("This question is answered by choosing, not by writing.")
        if not text.strip():
            raise PlayerError("There is nothing to try yet: write a few words first.")
        return sealed.grade(questions.checked_text(sealed.question, text))

    def probe(self, player: PlayerId, level: str, seed: int, number: int, prompt: str) -> Probe:
        """Replies without and with the hidden dial of a question, remembered. PlayerError when all
        prompts of the question are used up."""
        chosen = asking(self._course.opened(player, level))
        if len(prompt) > MAX_CHARACTERS:
            raise PlayerError(f"At most {MAX_CHARACTERS} characters are read.")
        tried = [
            e for e in self._store.probes(player, self._model, level, seed) if e.number == number
        ]
        if len(tried) >= chosen.probes:
            raise PlayerError(NO_PROBE)
        requests = chosen.probe(self._bench, seed, number, prompt)
        engine = self._bench.engine.on_behalf(Client(str(player), "reply"))
        traces = engine.generate(requests).traces()
        probe = Probe(number, prompt, tuple(trace.text for trace in traces))
        if not self._store.keep_probe(player, self._model, level, seed, probe, chosen.probes):
            raise PlayerError(NO_PROBE)
        return probe

    def answer(
        self, player: PlayerId, level: str, seed: int, answers: Sequence[Answer]
    ) -> AskVerdict:
        """Judges a round and remembers the attempt. Of those that are handed in at the same time
        the first counts, and all get its verdict. PlayerError for a round answered before."""
        chosen = asking(self._course.playable(player, level))
        if seed != self._seed(player, level):
            raise PlayerError("These questions were answered already. Reload for new ones.")
        hints = self._store.hints(player, self._model, level)
        dealt = self._deals.of(chosen, seed)
        verdict = questions.judge(chosen, dealt, answers, hints)
        answer = {"seed": seed, "answers": list(answers)}
        made = self._attempt(chosen, verdict, verdict.score, hints, answer)
        stands = self._record(player, chosen, replace(made, round=seed))
        if stands.new:
            return verdict
        return questions.judge(
            chosen, dealt, stands.attempt.answer["answers"], stands.attempt.hints
        )

    def _seed(self, player: PlayerId, level: str) -> int:
        """Of the next round of questions."""
        if self._challenges.series(level) == exam.NAME:
            return exam.seed(self._store.players.lot(player), int(level.split("-")[1]))
        return len(self._store.attempts(player, self._model, level))

    # -- remembering
    def _attempt(
        self, level: Level, verdict: Verdict, score: float, hints: int, answer: Mapping[str, Any]
    ) -> Attempt:
        return Attempt(
            level=level.id,
            won=verdict.won,
            stars=verdict.stars,
            score=score,
            hints=hints,
            answer=answer,
            evidence={},
            verdict=kept(level, verdict),
            atlas=self._bench.edition,
            level_version=level.version,
        )

    def _record(self, player: PlayerId, level: Level, attempt: Attempt) -> Recorded:
        return self._store.record(player, self._model, attempt, self._challenges.tries(level))


def steered(level: Level) -> SteeringLevel:
    if not isinstance(level, SteeringLevel):
        raise PlayerError(f"“{level.title}” is not played by steering.")
    return level


def asking(level: Level) -> AskLevel:
    if not isinstance(level, AskLevel):
        raise PlayerError(f"“{level.title}” asks no questions.")
    return level
