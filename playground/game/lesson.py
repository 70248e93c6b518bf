"""Before a lesson: what its learners will ask for first is made, and it is measured how many
learners the machine carries. Knows no player and no Gradio."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Event

from playground.engine.client import Client
from playground.engine.records import Dial, Request, Sampling
from playground.errors import AuthorError
from playground.game.finds import Finds
from playground.levels.dealing.deals import SHIPPED_SEEDS, Deals
from playground.levels.dealing.questions import AskLevel
from playground.levels.judging import Bench
from playground.levels.kinds import Level
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.schema import Pick

TRIPLE, TOKENS = 3, 64  # what one learner asks for: rows, tokens of each
CROWD = 8  # learners at once that are measured
PROMPT = "Once upon a time"
TIMES = 2  # that they are: the slower one counts
PATIENCE = 12.0  # seconds that a reply may take
THINKS = 60.0  # seconds between two replies that a learner asks for, on average
PAGE = 0.28  # seconds of a core for the pages that show a triple (docs/scale.md)
BUSY = 0.7  # share of the time that the machine may be busy: beyond it the line grows fast
LIKELY = 4  # detectors of a hunt's concept that are likely to be handed in


@dataclass(frozen=True)
class Carried:
    """What a machine was measured to do. alone: seconds of one learner's three replies; together:
    seconds of CROWD learners' at once, as often as it was measured."""

    alone: float
    together: tuple[float, ...]

    @property
    def speeds(self) -> tuple[float, float]:
        """Tokens a second of many at once: in the slowest measurement and in the fastest."""
        every = [CROWD * TRIPLE * TOKENS / seconds for seconds in self.together]
        return min(every), max(every)

    def waits(self, learners: int) -> float:
        """Seconds until all of so many who ask in the same moment have what they asked for, their
        pages among it. Between the two numbers that were measured it is drawn as a line; beyond
        them the speed stays as it was, for the rows are full."""
        slowest, pages = max(self.together), PAGE * learners
        if learners >= CROWD:
            return slowest * learners / CROWD + pages
        more = max(0.0, slowest - self.alone) * (learners - 1) / (CROWD - 1)
        return self.alone + more + pages

    @property
    def at_once(self) -> int:
        """Learners who may ask in the same moment and have all of it within PATIENCE."""
        beyond = int(PATIENCE / (max(self.together) / CROWD + PAGE))
        few = [count for count in range(1, CROWD) if self.waits(count) <= PATIENCE]
        return beyond if beyond >= CROWD else max(few, default=0)

    @property
    def in_turn(self) -> int:
        """Learners who each ask once in THINKS seconds, at moments of their own, so that the
        machine is busy for BUSY of the time."""
        return int(BUSY * THINKS / (TRIPLE * TOKENS / self.speeds[0] + PAGE))


@dataclass(frozen=True)
class Warmed:
    """So many of all steps are done; level: the title of the next, empty at the end. failed: titles
    of those that cannot be made ready; idle: levels for which there is nothing to make."""

    done: int
    of: int
    level: str
    failed: tuple[str, ...] = ()
    idle: int = 0

    @property
    def ready(self) -> int:
        return self.of - len(self.failed)


class Lesson:
    """Safe to call from any thread."""

    def __init__(self, bench: Bench, deals: Deals, finds: Finds) -> None:
        self._bench, self._deals, self._finds = bench, deals, finds

    def measure(self, left: Event) -> Carried:
        """Writes replies as learners would have them written; who plays meanwhile shares the
        machine, and counts. left: set when nobody waits any more, which raises AbandonedError."""
        self._write(1, left)  # the first reply finds everything cold
        alone = self._write(1, left)
        return Carried(alone, tuple(self._write(CROWD, left) for _ in range(TIMES)))

    def _write(self, learners: int, left: Event) -> float:
        """Seconds."""
        site = next(iter(self._bench.engine.sites), None)
        dials = (Dial(site, 0, 0.1),) if site and self._bench.has_features else ()
        began, streams = time.monotonic(), []
        for learner in range(learners):
            sampling = Sampling(max_tokens=TOKENS, seed=learner, stop_at_end=False)
            row = Request(PROMPT, sampling=sampling, plain=True)
            client = Client(f"lesson {learner}", "reply", left)
            engine = self._bench.engine.on_behalf(client)
            steered = replace(row, dials=dials)  # the control is one, too
            streams.append(engine.generate([row, steered, steered]))
        for each in streams:
            each.traces()
        return time.monotonic() - began

    def warm(self, levels: Sequence[Level], left: Event) -> Iterator[Warmed]:
        """First rounds are dealt, and features that are likely to be handed in are judged; what is
        there already takes no time. A level that cannot be made ready here is named at the end, and
        those are counted whose replies are written while they are played."""
        todo, failed = [each for each in levels if isinstance(each, AskLevel | HuntLevel)], []
        for done, level in enumerate(todo):
            yield Warmed(done, len(todo), level.title)
            try:
                for _ in self._ready(level, left):
                    yield Warmed(done, len(todo), level.title)
            except AuthorError:
                failed.append(level.title)
        idle = len(levels) - len(todo)
        yield Warmed(len(todo), len(todo), "", tuple(failed), idle)

    def _ready(self, level: AskLevel | HuntLevel, left: Event) -> Iterator[None]:
        """A step at a time."""
        if isinstance(level, AskLevel):
            for number in range(level.count):
                self._deals.question(level, SHIPPED_SEEDS[0], number, left)
                yield
            return
        found = [
            each for each in self._bench.atlas.concept(level.concept).detectors
            if each.site in level.sites
        ]  # fmt: skip
        client = Client(work="warm", left=left)
        for each in sorted(found, key=lambda each: -each.sure)[:LIKELY]:
            self._finds.verdict(level, Pick(each.site, each.feature), 0, client)
            yield
