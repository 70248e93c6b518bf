"""Which tokens no card may show together: those that spell a run of words of a graded text.

Documents of *show* have such runs too, where texts are made from templates or quote each other.
Knows nothing of features.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from playground.atlas.tally import FREE
from playground.concepts.overlap import Runs
from playground.engine.text import Text


@dataclass(frozen=True)
class GradedRuns:
    """A `harvest.Hiding` for one tokenizer and the runs of the graded texts."""

    text: Text
    runs: Runs

    def __call__(self, ids: Sequence[int]) -> list[int]:
        ends = [FREE] * (len(ids) + 1)
        spelt = self.text.spelt(ids)
        # What comes before each character, or the few that tokens spell together.
        characters = [0, *accumulate(len(each.text) for each in spelt)]
        tokens = [0, *accumulate(each.tokens for each in spelt)]
        for begin, end in self.runs.spans("".join(each.text for each in spelt)):
            first = bisect_right(characters, begin) - 1
            last = bisect_right(characters, end - 1) - 1
            ends[tokens[first]] = min(ends[tokens[first]], tokens[last + 1])
        for n in reversed(range(len(ids))):
            ends[n] = min(ends[n], ends[n + 1])
        return ends[:-1]
