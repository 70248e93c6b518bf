"""The kind `blend`: bring two concepts into the same replies, each with a dial of its own."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Self

from pydantic import Field, PositiveInt, model_validator

from playground.atlas.atlas import Atlas
from playground.atlas.cards import Recipe
from playground.concepts.concepts import Kind, together
from playground.engine.records import Dial
from playground.levels.dealing.steered import Grade, Part, Trio, Turn, on, scored
from playground.levels.dealing.steering import Ranking, SteeringLevel, hits_of, ranked
from playground.levels.dealing.triples import Replies
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.levels.schema import FilePart, Pick
from playground.messages import Message

Factor = Annotated[float, Field(gt=0)]

OFF = Message("blend.idle")


class BlendSolution(FilePart):
    """A feature of each concept by the role that the atlas gives it; in the order of the level's
    concepts."""

    role: Ranking
    ranks: tuple[PositiveInt, PositiveInt] = (1, 1)
    strengths: tuple[Factor, Factor] = (1.0, 1.0)  # times par, the calibrated strength


class BlendLevel(SteeringLevel):
    """A reply counts in which both concepts are present. concepts: the second one."""

    word: ClassVar[str] = "blend"
    group: ClassVar[Group] = "combining"
    drawn: ClassVar[tuple[Kind, ...]] = ("style", "topic")
    brings_in: ClassVar[bool] = True
    solution: BlendSolution

    @model_validator(mode="after")
    def two_concepts(self) -> Self:
        if len(self.concepts) != 1 or self.concept in self.concepts:
            raise ValueError("concepts names exactly one more concept, another than concept")
        return self

    @property
    def slots(self) -> int:
        return 1 + len(self.concepts)

    def pattern(self, atlas: Atlas, pick: Pick) -> Recipe | None:
        """The recipe of this very feature, or the first concept's."""
        for name in (self.concept, *self.concepts):
            for recipe in atlas.concept(name).recipes:
                if (recipe.site, recipe.feature) == (pick.site, pick.feature):
                    return recipe
        return super().pattern(atlas, pick)

    def reference(self, atlas: Atlas) -> tuple[Turn, ...]:
        wanted, turns = self.solution, list[Turn]()
        names = (self.concept, *self.concepts)
        for name, rank, factor in zip(names, wanted.ranks, wanted.strengths, strict=True):
            turn = ranked(self, atlas, name, wanted.role, rank)
            turns.append(Turn(turn.pick, min(turn.strength * factor, self.max_strength)))
        return tuple(turns)

    def grade(self, bench: Bench, replies: Replies) -> Grade:
        concepts = [bench.concept(name) for name in (self.concept, *self.concepts)]
        each = [scored(concept, bench, replies) for concept in concepts]
        scores = Trio(
            together([one.baseline for one in each]),
            together([one.steered for one in each]),
            together([one.control for one in each]),
        )
        parts = tuple(Part(c.message, one) for c, one in zip(concepts, each, strict=True))
        return Grade(scores, hits_of(self, scores), parts)

    def said(self, bench: Bench, grade: Grade, dials: Sequence[Dial]) -> Message:
        if not any(dial.strength for dial in dials):
            return OFF
        own, control = grade.hits.tallies.steered, grade.hits.tallies.control
        first, second = grade.parts
        return Message(
            "blend.said",
            hits=own.hits,
            count=own.of,
            first=bench.concept(self.concept).message,
            second=bench.concept(self.concepts[0]).message,
            on_first=on(first.scores.steered),
            on_second=on(second.scores.steered),
            control=control.hits,
        )
