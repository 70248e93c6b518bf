"""The kind `golf`: the goal of `steer`, with as little strength as will do."""

from dataclasses import replace
from typing import ClassVar

from playground.atlas.atlas import Atlas
from playground.levels.dealing.steering import Grade
from playground.levels.dealing.triples import Replies
from playground.levels.judging import Bench
from playground.levels.kinds.steer import OFF, SteerLevel
from playground.levels.level import Group

STROKES = "You used {strength:.2f} residual norms; par is {par:.2f}."


class GolfLevel(SteerLevel):
    """Two measures more. strength: residual norms used, over all dials; thrift: how far that is
    below the most the level allows, 0..100."""

    word: ClassVar[str] = "golf"
    group: ClassVar[Group] = "steering"
    measures: ClassVar[tuple[str, ...]] = (*SteerLevel.measures, "strength", "thrift")

    def par(self, atlas: Atlas) -> float | None:
        """What the concept's recipe on this model takes, under the level's method and scope."""
        return sum(abs(turn.strength) for turn in self.reference(atlas))

    def grade(self, bench: Bench, replies: Replies) -> Grade:
        plain = super().grade(bench, replies)
        used = sum(abs(dial.strength) for dial in replies.dials)
        most = self.slots * self.max_strength
        more = {"strength": used, "thrift": 100 * (1 - used / most)}
        said = plain.sentence
        if said != OFF:
            said += " " + STROKES.format(strength=used, par=self.par(bench.atlas))
        return replace(plain, measures={**plain.measures, **more}, sentence=said)

    def told(self, measure: str, value: float) -> str:
        if measure == "strength":
            return f"{value:.2f} residual norms"
        return super().told(measure, value)
