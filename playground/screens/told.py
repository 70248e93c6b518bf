"""The game in another language: what it hands to the screens, with its sentences translated.

Players, progress, engine and questions are those of the one game; only what is read differs. Texts
of the model and of the player stay as they are.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from playground.atlas.cards import Card, Hit
from playground.concepts.concepts import Concept
from playground.game.game import (
    Asked,
    AskVerdict,
    Event,
    Game,
    Graded,
    HuntVerdict,
    Question,
    Start,
)
from playground.levels.dealing.questions import Answer, Bars, Exhibit, Marked
from playground.levels.dealing.steering import SteerVerdict
from playground.levels.kinds import Level
from playground.levels.schema import GoalResult, Pick
from playground.levels.verdicts import Verdict
from playground.text.words import Words


class Told(Game):
    """A game, as its Game methods say, in the language of these words."""

    def __init__(self, game: Game, words: Words) -> None:
        shelf = game._shelf.told_in(words.language)
        super().__init__(game._bench, game._store, shelf, game._today)
        self._deals = game._deals  # a round is dealt once, whoever asks
        self._drawn = game._drawn  # the same challenge in every language
        self._words, self._said = words, words.said

    # -- levels
    def seen(self, player: str, level: str) -> Start:
        start = super().seen(player, level)
        return replace(start, hint_price=self._said(start.hint_price))

    def _blanks(self, level: Level) -> dict[str, Any]:
        blanks = super()._blanks(level)
        return {name: self._said(str(value)) for name, value in blanks.items()}

    def _topic(self, concept: Concept) -> str:
        return self._said(super()._topic(concept))

    # -- features: the atlas labels them in English
    def name(self, pick: Pick, level: str | None = None) -> str:
        return self._said(super().name(pick, level))

    def card(self, pick: Pick, level: str | None = None) -> Card:
        card = super().card(pick, level)
        told = tuple(
            replace(each, description=self._said(each.description)) for each in card.explanations
        )
        return replace(
            card,
            explanations=told,
            concepts=tuple((self._title(name), auroc) for name, auroc in card.concepts),
            activations=tuple(
                replace(each, dataSource=self._said(each.dataSource)) for each in card.activations
            ),
        )

    def _title(self, concept: str) -> str:
        return self._said(self._bench.concept(concept).title)

    def search(self, query: str, site: str | None = None, limit: int = 20) -> list[Hit]:
        """Concepts are found by their names in either language."""
        hits = super().search(self._words.english(query), site, limit)
        return [replace(hit, label=self._said(hit.label)) for hit in hits]

    # -- playing
    def submit(self, player: str, level: str, pick: Pick) -> HuntVerdict:
        return self._found(super().submit(player, level, pick))

    def steer(
        self, player: str, level: str, picks: Sequence[Pick], strengths: Sequence[float]
    ) -> Iterator[Event]:
        for event in super().steer(player, level, picks, strengths):
            yield self._verdict(event) if isinstance(event, SteerVerdict) else event

    def replay(self, player: str, level: str) -> Verdict:
        verdict = super().replay(player, level)
        if isinstance(verdict, SteerVerdict):
            return self._verdict(verdict)
        return self._round(verdict) if isinstance(verdict, AskVerdict) else self._found(verdict)

    def ask(self, player: str, level: str) -> Asked:
        asked = super().ask(player, level)
        return replace(asked, questions=tuple(map(self._question, asked.questions)))

    def attempt_text(self, player: str, level: str, seed: int, number: int, text: str) -> Graded:
        graded = super().attempt_text(player, level, seed, number, text)
        return replace(graded, why=self._said(graded.why), exhibits=self._exhibits(graded.exhibits))

    def answer(self, player: str, level: str, seed: int, answers: Sequence[Answer]) -> AskVerdict:
        return self._round(super().answer(player, level, seed, answers))

    # -- record by record
    def _found(self, verdict: HuntVerdict) -> HuntVerdict:
        goals = self._goals(verdict.goals)
        return replace(verdict, sentence=self._said(verdict.sentence), goals=goals)

    def _round(self, verdict: AskVerdict) -> AskVerdict:
        return replace(
            verdict,
            sentence=self._said(verdict.sentence),
            goals=self._goals(verdict.goals),
            marks=tuple(map(self._mark, verdict.marks)),
        )

    def _goals(self, goals: Sequence[GoalResult]) -> tuple[GoalResult, ...]:
        return tuple(replace(goal, found=self._said(goal.found)) for goal in goals)

    def _verdict(self, verdict: SteerVerdict) -> SteerVerdict:
        return replace(
            verdict,
            sentence=self._said(verdict.sentence),
            goals=self._goals(verdict.goals),
            parts=tuple(replace(part, title=self._said(part.title)) for part in verdict.parts),
        )

    def _question(self, question: Question) -> Question:
        return replace(
            question,
            ask=self._said(question.ask),
            exhibits=self._exhibits(question.exhibits),
            options=tuple(map(self._said, question.options)),
        )

    def _mark(self, mark: Marked) -> Marked:
        key = " / ".join(map(self._said, mark.key.split(" / ")))
        return replace(
            mark,
            question=self._question(mark.question),
            key=key if mark.question.form == "choose" else mark.key,
            why=self._said(mark.why),
            exhibits=self._exhibits(mark.exhibits),
        )

    def _exhibits(self, exhibits: Sequence[Exhibit]) -> tuple[Exhibit, ...]:
        return tuple(map(self._exhibit, exhibits))

    def _exhibit(self, exhibit: Exhibit) -> Exhibit:
        caption = self._said(exhibit.caption)
        if isinstance(exhibit, Bars):
            rows = tuple((self._said(name), value) for name, value in exhibit.rows)
            return replace(exhibit, rows=rows, unit=self._said(exhibit.unit), caption=caption)
        return replace(exhibit, caption=caption)
