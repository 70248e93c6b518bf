"""The kind `suppress`: take a concept out of replies to a prompt that begs for it."""

from collections.abc import Sequence
from typing import ClassVar, Self

from pydantic import Field, PositiveInt, model_validator

from playground.atlas.atlas import Atlas
from playground.concepts.concepts import ReplyScore
from playground.concepts.damage import UNDAMAGED_AT_MOST
from playground.engine.records import MAX_DIALS, Dial, Method, Scope
from playground.levels.dealing.candidates import GOOD_AUROC
from playground.levels.dealing.steered import Grade, Part, Turn, on, scored
from playground.levels.dealing.steering import Ranking, SteeringLevel, hits_of, ranked
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
    no strength. A reply counts that is not about the concept, and undamaged.
    """

    word: ClassVar[str] = "suppress"
    group: ClassVar[Group] = "combining"
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
        return any(each.sure >= GOOD_AUROC for each in detectors if each.site in self.sites)

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
        return Grade(scores, hits_of(self, scores), (Part(concept.message, scores),))

    def counts(self, reply: ReplyScore) -> bool:
        return not reply.on and reply.damage <= UNDAMAGED_AT_MOST

    def said(self, bench: Bench, grade: Grade, dials: Sequence[Dial]) -> Message:
        if not dials:
            return OFF
        own, control = grade.hits.tallies.steered, grade.hits.tallies.control
        return Message(
            "suppress.said",
            hits=own.hits,
            count=own.of,
            topic=bench.concept(self.concept).message,
            before=on(grade.scores.baseline),
            after=on(grade.scores.steered),
            control=control.hits,
        )

    # A dial at 0 takes something out already, so who does nothing has no dial.
    def started(self, solution: Sequence[Turn]) -> tuple[Turn, ...]:
        return ()

    def idle(self, solution: Sequence[Turn]) -> tuple[Turn, ...]:
        return ()
