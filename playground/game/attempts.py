"""What a player does in a level, judged and remembered: a feature handed in, a run of steering, a
round of questions, the best try shown again. Knows no Gradio and no map.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from threading import Event as Left
from typing import Any

from playground.engine.client import Client
from playground.engine.records import Dial, InLine
from playground.errors import AuthorError, PlayerError
from playground.game import exam
from playground.game.challenges import Challenges
from playground.game.course import Course
from playground.game.exploring import MAX_CHARACTERS, Exploring, Outcome
from playground.game.finds import Finds
from playground.game.library import Library
from playground.levels.dealing import questions, steering
from playground.levels.dealing.deals import Deals
from playground.levels.dealing.questions import (
    Answer,
    AnswerSheet,
    AskLevel,
    AskVerdict,
    Graded,
    Question,
)
from playground.levels.dealing.steered import SteerVerdict, Turn
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.dealing.triples import Began, Counted, Said
from playground.levels.judging import Bench
from playground.levels.kinds import Level
from playground.levels.kinds.hunt import HuntLevel, HuntVerdict
from playground.levels.schema import Pick
from playground.levels.verdicts import Verdict, kept, shown
from playground.store.records import Attempt, PlayerId, Probe, Recorded, Round
from playground.store.store import Store

SteerEvent = Began | InLine | Said | Counted | SteerVerdict
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
        finds: Finds,
    ) -> None:
        self._bench = bench
        self._store = store
        self._library = library
        self._course = course
        self._exploring = exploring
        self._challenges = challenges
        self._deals = deals
        self._finds = finds
        self._model = bench.model

    def replay(self, player: PlayerId, level: str) -> Verdict:
        """The player's best try, as it was shown; the model is not asked. PlayerError for none."""
        found = self._store.replay(player, self._model, level)
        if found is None:
            raise PlayerError("errors.no_replay")
        return shown(self._library.level(level), found.verdict)

    def shown_again(self, player: PlayerId, level: Level, attempt: Attempt) -> Verdict:
        """Any attempt as it was judged: a hunt's and a round's from what was handed in, and of what
        was steered the best try, of which the replies are kept. PlayerError for another."""
        if isinstance(level, HuntLevel):
            pick, client = Pick(**attempt.answer), Client(str(player), "deal")
            return self._finds.verdict(level, pick, attempt.hints, client)
        found = self._store.replay(player, self._model, level.id)
        if found is not None and found.at == attempt.at:
            return shown(level, found.verdict)
        if not isinstance(level, AskLevel):
            raise PlayerError("teach.not_best")
        seed, given = attempt.answer["seed"], attempt.answer["answers"]
        if attempt.atlas != self._bench.edition or attempt.level_version != level.version:
            raise PlayerError("errors.old_try")
        dealt = self._deals.questions(level, seed)[: len(given)]
        return questions.judge(level, self._bench, dealt, given, attempt.hints)

    # -- hunts
    def submit(self, player: PlayerId, level: str, pick: Pick) -> HuntVerdict:
        """Judges a hunt level's answer and remembers the attempt. Of those that are handed in at
        the same time the first counts, and all get its verdict."""
        chosen = self._course.playable(player, level)
        if not isinstance(chosen, HuntLevel):
            raise PlayerError("errors.no_hunt", title=chosen.title)
        self._exploring.check(pick)
        if pick.site not in chosen.sites:
            raise PlayerError("errors.look_at", sites=chosen.sites)
        number = len(self._store.attempts(player, self._model, level))
        hints = self._store.hints(player, self._model, level)
        client = Client(str(player), "deal")
        verdict = self._finds.verdict(chosen, pick, hints, client)
        made = self._attempt(chosen, verdict, 100 * verdict.auroc, hints, asdict(pick))
        stands = self._record(player, chosen, replace(made, round=number))
        if stands.new:
            return verdict
        first = stands.attempt
        return self._finds.verdict(chosen, Pick(**first.answer), first.hints, client)

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

    def par(self, player: PlayerId, level: str) -> float | None:
        """The strength to stay below, in residual norms, in a level that counts it; not told before
        the level is won, for it would tell where to put the slider."""
        best = self._store.best(player, self._model).get(level)
        if best is None or not best.won:
            return None
        return steered(self._library.level(level)).par(self._bench.atlas)

    def steer(
        self, player: PlayerId, level: str, picks: Sequence[Pick], strengths: Sequence[float]
    ) -> Iterator[SteerEvent]:
        """Runs a level that is steered: Began, Said (first triple), Counted, one SteerVerdict. One
        that the replies did not decide is no attempt: nothing is remembered of it.

        Closing it cancels the rows.
        """
        chosen = steered(self._course.playable(player, level))
        if not picks:
            raise PlayerError("errors.no_pick")
        dials = self.dials(level, picks, strengths)
        bench = self._bench.on_behalf(Client(str(player), "reply", here=True))
        replies = yield from steering.run(chosen, bench, dials)
        hints = self._store.hints(player, self._model, level)
        history = steering.history(self._store.attempts(player, self._model, level), dials)
        verdict = steering.judge(chosen, self._bench, replies, hints, history)
        if not verdict.decided:
            yield verdict
            return
        answer, evidence = steering.answer(verdict), steering.evidence(verdict)
        made = self._attempt(chosen, verdict, verdict.score, hints, answer)
        if not self._record(player, chosen, replace(made, evidence=evidence)).new:
            raise PlayerError("errors.part_done")
        yield verdict

    # -- questions
    def ask(self, player: PlayerId, level: str) -> AnswerSheet:
        """The round that is to be answered, with the answers so far; the same until it is handed
        in. Its questions are dealt when they are asked for."""
        chosen = asking(self._course.playable(player, level))
        seed = self._seed(player, level)
        kept = self._store.round_of(player, self._model, level)
        # What was answered to other questions is no answer to these.
        known = kept is not None and replace(kept, opened=None) == self._round(
            chosen, seed, kept.answers
        )
        answers = tuple(kept.answers) if kept is not None and known else ()
        missing = (None,) * (chosen.count - len(answers))
        return AnswerSheet(
            seed, (*answers, *missing), chosen.probes, self.probed(player, level, seed)
        )

    def probed(self, player: PlayerId, level: str, seed: int) -> tuple[Probe, ...]:
        """What was tried on the hidden dials of a round."""
        return self._store.probes(player, self._model, level, seed)

    def question(
        self, player: PlayerId, level: str, seed: int, number: int, left: Left | None = None
    ) -> Question:
        """Number `number` of the round, from 0; the first who asks for it has it dealt. left: set
        when nobody waits any more. PlayerError for a round that is not to be answered now."""
        chosen = asking(self._course.playable(player, level))
        self._check_round(player, level, seed)
        try:
            return self._deals.question(chosen, seed, number, left, str(player)).question
        except AuthorError:
            self._challenges.fails(level)
            raise

    def note(
        self, player: PlayerId, level: str, seed: int, given: Mapping[int, Answer]
    ) -> tuple[Answer, ...]:
        """Keeps answers by the numbers of their questions; returns all so far. PlayerError for a
        round that is not to be answered now."""
        chosen = asking(self._course.playable(player, level))
        self._check_round(player, level, seed)
        begun = self._round(chosen, seed, (None,) * chosen.count)
        return self._store.note(player, self._model, begun, given)

    def attempt_text(
        self, player: PlayerId, level: str, seed: int, number: int, text: str
    ) -> Graded:
        """What a written answer would give. PlayerError for an empty or overlong text."""
        chosen = asking(self._course.opened(player, level))
        sealed = self._deals.question(chosen, seed, number)
        if sealed.demand is None:
            raise PlayerError("errors.not_written")
        if not text.strip():
            raise PlayerError("errors.nothing_to_try")
        return chosen.grade(self._bench, sealed, questions.checked_text(sealed.question, text))

    def probe(self, player: PlayerId, level: str, seed: int, number: int, prompt: str) -> Probe:
        """Replies without and with the hidden dial of a question, remembered. PlayerError when all
        prompts of the question are used up."""
        chosen = asking(self._course.opened(player, level))
        if len(prompt) > MAX_CHARACTERS:
            raise PlayerError("errors.too_long", count=len(prompt), limit=MAX_CHARACTERS)
        tried = [
            e for e in self._store.probes(player, self._model, level, seed) if e.number == number
        ]
        if len(tried) >= chosen.probes or not 0 <= number < chosen.count:
            raise PlayerError("errors.no_probe")
        sealed = self._deals.question(chosen, seed, number, owner=str(player))
        requests = chosen.probe(sealed, prompt)
        engine = self._bench.engine.on_behalf(Client(str(player), "reply", here=True))
        traces = engine.generate(requests).traces()
        probe = Probe(number, prompt, tuple(trace.text for trace in traces))
        if not self._store.keep_probe(player, self._model, level, seed, probe, chosen.probes):
            raise PlayerError("errors.no_probe")
        return probe

    def answer(
        self, player: PlayerId, level: str, seed: int, answers: Sequence[Answer]
    ) -> AskVerdict:
        """Judges a round and remembers the attempt. Of those that are handed in at the same time
        the first counts, and all get its verdict. PlayerError for a round answered before."""
        chosen = asking(self._course.playable(player, level))
        self._check_round(player, level, seed)
        hints = self._store.hints(player, self._model, level)
        dealt = self._deals.questions(chosen, seed)
        verdict = questions.judge(chosen, self._bench, dealt, answers, hints)
        first = self._close(player, chosen, seed, verdict, answers, hints)
        if first is None:
            return verdict
        given = first.answer["answers"]
        return questions.judge(chosen, self._bench, dealt[: len(given)], given, first.hints)

    def give_up(self, player: PlayerId, level: str, seed: int, shown: int) -> AskVerdict:
        """Ends a round without a star. shown: how many of its questions were; their answers are
        told. PlayerError in an exam, and for a round answered before."""
        chosen = asking(self._course.surrendered(player, level))
        answers = self.note(player, level, seed, {})[:shown]
        hints = self._store.hints(player, self._model, level)
        dealt = [self._deals.question(chosen, seed, number) for number in range(shown)]
        verdict = questions.given_up(chosen, self._bench, dealt, answers, hints)
        if self._close(player, chosen, seed, verdict, answers, hints) is not None:
            raise PlayerError("errors.answered")
        return verdict

    def _close(
        self,
        player: PlayerId,
        level: AskLevel,
        seed: int,
        verdict: AskVerdict,
        answers: Sequence[Answer],
        hints: int,
    ) -> Attempt | None:
        """Remembers the attempt at a round and forgets the round; another attempt that was there
        before it, which counts."""
        answer = {"seed": seed, "answers": list(answers)}
        made = self._attempt(level, verdict, verdict.score, hints, answer)
        stands = self._record(player, level, replace(made, round=seed))
        self._store.close_round(player, self._model, level.id)
        return None if stands.new else stands.attempt

    def _check_round(self, player: PlayerId, level: str, seed: int) -> None:
        if seed != self._seed(player, level):
            raise PlayerError("errors.answered")

    def _round(self, level: Level, seed: int, answers: Sequence[Answer]) -> Round:
        return Round(level.id, seed, tuple(answers), self._bench.edition, level.version)

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
        raise PlayerError("errors.no_steering", title=level.title)
    return level


def asking(level: Level) -> AskLevel:
    if not isinstance(level, AskLevel):
        raise PlayerError("errors.no_questions", title=level.title)
    return level
