"""The kind `golf`: the goal of `steer`, with as little strength as will do."""

from collections.abc import Sequence
from typing import ClassVar

from playground.atlas.atlas import Atlas
from playground.engine.records import Dial
from playground.levels.dealing.steered import Grade
from playground.levels.dealing.steering import standing_of
from playground.levels.judging import Bench
from playground.levels.kinds.steer import OFF, SteerLevel
from playground.levels.level import Group
from playground.messages import Message


class GolfLevel(SteerLevel):
    """Two measures more. strength: residual norms used, over all dials; thrift: how far that is
    below the most the level allows, 0..100."""

    word: ClassVar[str] = "golf"
    group: ClassVar[Group] = "steering"
    measures: ClassVar[tuple[str, ...]] = (*SteerLevel.measures, "strength", "thrift")

    def par(self, atlas: Atlas) -> float:
        """What the concept's recipe on this model takes, under the level's method and scope."""
        return sum(abs(turn.strength) for turn in self.reference(atlas))

    def used(self, dials: Sequence[Dial]) -> dict[str, float]:
        strength = sum(abs(dial.strength) for dial in dials)
        most = self.slots * self.max_strength
        return {"strength": strength, "thrift": 100 * (1 - strength / most)}

    def said(self, bench: Bench, grade: Grade, dials: Sequence[Dial]) -> Message:
        plain, strength = super().said(bench, grade, dials), self.used(dials)["strength"]
        if plain == OFF:
            return plain
        # Par would tell who has not won yet where to put the slider.
        won = standing_of(self, dials)(grade.hits.tallies)
        par = self.par(bench.atlas)
        key, more = ("golf.beside_par", {"par": par}) if won else ("golf.strokes", {})
        return Message("common.two", first=plain, second=Message(key, strength=strength, **more))

    def told(self, measure: str, value: float) -> Message:
        if measure == "strength":
            return Message("common.norms", strength=value)
        return super().told(measure, value)
