"""The kind `golf`: the goal of `steer`, with as little strength as will do."""

from dataclasses import replace
from typing import ClassVar

from playground.atlas.atlas import Atlas
from playground.levels.dealing.steered import Grade
from playground.levels.dealing.triples import Replies
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

    def grade(self, bench: Bench, replies: Replies) -> Grade:
        plain = super().grade(bench, replies)
        used = sum(abs(dial.strength) for dial in replies.dials)
        most = self.slots * self.max_strength
        more = {"strength": used, "thrift": 100 * (1 - used / most)}
        said = plain.sentence
        if said != OFF:
            par = self.par(bench.atlas)
            said = Message(
                "common.two", first=said, second=Message("golf.strokes", strength=used, par=par)
            )
        return replace(plain, measures={**plain.measures, **more}, sentence=said)

    def told(self, measure: str, value: float) -> Message:
        if measure == "strength":
            return Message("common.norms", strength=value)
        return super().told(measure, value)
