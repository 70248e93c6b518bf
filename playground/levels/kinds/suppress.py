"""The kind `suppress`: take a concept out of replies to a prompt that begs for it."""

from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import Field, PositiveInt, model_validator

from playground.atlas.atlas import Atlas
from playground.concepts.concepts import Concept, Score, harmonic_mean
from playground.engine.records import MAX_DIALS, Method, Scope
from playground.levels.dealing.candidates import GOOD_AUROC
from playground.levels.dealing.steered import Grade, Part, Trio, Turn, mood, on, scored
from playground.levels.dealing.steering import Ranking, SteeringLevel, ranked
from playground.levels.dealing.triples import Replies
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.levels.schema import FilePart
from playground.messages import Message

TURNED, FIXED = "clamp", ("ablate", "project")  # with a strength below 0; without one
OFF = Message("suppress.idle")


class SuppressSolution(FilePart):
    """Features by the role that the atlas gives them for the concept; rank 1 is the best."""

    role: Ranking
    ranks: tuple[PositiveInt, ...] = Field(default=(1,), min_length=1)
    strength: float = Field(default=0.0, le=0)  # times par, the calibrated strength


class SuppressLevel(SteeringLevel):
    """prompts: texts that beg for the concept. dials: features at once. With clamp a strength of 0
    takes the feature's own part out and one below 0 pushes the other way; ablate and project have
    no strength.

    removed: points of effect that are gone; lead: how many of them the control leaves.
    """

    word: ClassVar[str] = "suppress"
    group: ClassVar[Group] = "combining"
    measures: ClassVar[tuple[str, ...]] = ("score", "removed", "effect", "damage", "lead")

    method: Method | None = TURNED
    scope: Scope | None = "all"  # what has to stay away must stay away to the end
    start_strength: float = Field(default=0.0, le=0)
    dials: int = Field(default=2, ge=1, le=MAX_DIALS)
    solution: SuppressSolution

    @model_validator(mode="after")
    def takes_out(self) -> Self:
        if self.method not in (TURNED, *FIXED):
            raise ValueError(f"method is one of {TURNED}, {', '.join(FIXED)}")
        if self.method in FIXED and (self.start_strength or self.solution.strength):
            raise ValueError(f"{self.method} has no strength, here or in the solution")
        if len(self.solution.ranks) > self.dials:
            raise ValueError("the solution takes more features than there are dials")
        return self

    def suits(self, bench: Bench, concept: str) -> bool:
        detectors = bench.atlas.concept(concept).detectors
        return any(each.auroc >= GOOD_AUROC for each in detectors if each.site in self.sites)

    @property
    def slots(self) -> int:
        return self.dials

    @property
    def limits(self) -> tuple[float, float]:
        return (-self.max_strength if self.method == TURNED else 0.0), 0.0

    def reference(self, atlas: Atlas) -> tuple[Turn, ...]:
        wanted = self.solution
        turns = [ranked(self, atlas, self.concept, wanted.role, rank) for rank in wanted.ranks]
        low = self.limits[0]
        return tuple(Turn(t.pick, max(t.strength * wanted.strength, low)) for t in turns)

    def grade(self, bench: Bench, replies: Replies) -> Grade:
        concept = bench.concept(self.concept)
        scores = scored(concept, bench, replies)
        before, steered, control = scores.baseline, scores.steered, scores.control
        measures = {
            "score": cleared(before, steered),
            "removed": max(0.0, before.effect - steered.effect),
            "effect": steered.effect,
            "damage": steered.damage,
            "lead": control.effect - steered.effect,
        }
        said = sentence(concept, scores) if replies.dials else OFF
        parts = (Part(concept.message, scores),)
        return Grade(measures, cleared(before, control), scores, said, parts)

    # A dial at 0 takes something out already, so who does nothing has no dial.
    def started(self, solution: Sequence[Turn]) -> tuple[Turn, ...]:
        return ()

    def idle(self, solution: Sequence[Turn]) -> tuple[Turn, ...]:
        return ()


def cleared(before: Score, after: Score) -> float:
    """Harmonic mean of the share of the effect that is gone and of 100 - damage, 0..100."""
    gone = 1 - after.effect / before.effect if before.effect else 0.0
    return harmonic_mean(100 * gone, 100 - after.damage)


def sentence(concept: Concept, scores: Trio) -> Message:
    return Message(
        "suppress.said",
        before=on(scores.baseline),
        on=on(scores.steered),
        count=len(scores.steered.replies),
        topic=concept.message,
        mood=mood(scores.steered),
        random=on(scores.control),
    )
