"""The kind `steer`: bring a concept into the replies with one dial and leave the text whole."""

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from playground.atlas.atlas import Atlas
from playground.engine.records import Dial
from playground.levels.dealing.steered import Grade, Part, Turn, on, scored
from playground.levels.dealing.steering import Ranking, SteeringLevel, hits_of, ranked
from playground.levels.dealing.triples import Replies
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.levels.schema import FilePart
from playground.messages import Message

OFF = Message("steer.idle")


class SteerSolution(FilePart):
    """A feature by the role that the atlas gives it for the concept; rank 1 is the best."""

    role: Ranking
    rank: int = Field(default=1, ge=1)
    strength: float = Field(default=1.0, gt=0)  # times par, the calibrated strength


class SteerLevel(SteeringLevel):
    word: ClassVar[str] = "steer"
    group: ClassVar[Group] = "steering"
    brings_in: ClassVar[bool] = True
    curved: ClassVar[bool] = True

    solution: SteerSolution

    def reference(self, atlas: Atlas) -> tuple[Turn, ...]:
        wanted = self.solution
        turn = ranked(self, atlas, self.concept, wanted.role, wanted.rank)
        return (Turn(turn.pick, min(turn.strength * wanted.strength, self.max_strength)),)

    def grade(self, bench: Bench, replies: Replies) -> Grade:
        concept = bench.concept(self.concept)
        scores = scored(concept, bench, replies)
        return Grade(scores, hits_of(self, scores), (Part(concept.message, scores),))

    def said(self, bench: Bench, grade: Grade, dials: Sequence[Dial]) -> Message:
        if not any(dial.strength for dial in dials):
            return OFF
        own, control = grade.hits.tallies.steered, grade.hits.tallies.control
        return Message(
            "steer.said",
            hits=own.hits,
            count=own.of,
            on=on(grade.scores.steered),
            topic=bench.concept(self.concept).message,
            control=control.hits,
            plain=grade.hits.tallies.baseline.hits,
        )
