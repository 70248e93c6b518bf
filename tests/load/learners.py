"""A game that runs for a measurement alone, and its learners, who reach it as browsers do."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from playground.engine.records import Dial, Sampling
from playground.game import share
from playground.game.share import Sandbox
from playground.levels.dealing.deals import SHIPPED_SEEDS
from playground.settings import SHIPPED
from tests.load.tab import Tab
from tests.served import Served, win_everything

T = TypeVar("T")
CATS = Sandbox("The cat", (Dial("late", 0, 0.5),), Sampling(max_tokens=64, stop_at_end=False))
QUESTION = 'class="dot"'  # stands in every question


class Load:
    """One running game and its learners, who have won everything, so that every level is open, and
    as many rounds of each as are shipped dealt, so that the next is dealt when it is asked for."""

    def __init__(
        self,
        game: Served,
        database: Path,
        learners: int,
        rounds: int = len(SHIPPED_SEEDS),
        model: str = SHIPPED,
    ) -> None:
        """rounds: of each level that they have behind them."""
        self.game = game
        self.browsers = [self._arrive() for _ in range(learners)]
        win_everything(database, rounds, model=model)
        self.written(0, "Is the model here?")  # it is loaded behind the first page

    def _arrive(self) -> dict[str, Any]:
        home = Tab(self.game.address, "")
        home.load()
        home.close()
        return home.stored

    def tab(self, learner: int, page: str, **query: str) -> Tab:
        return Tab(self.game.address, page, self.browsers[learner], **query)

    def all_at_once(self, count: int, act: Callable[[int], T]) -> list[T]:
        """What `act` gives for each of so many learners."""
        with ThreadPoolExecutor(count) as threads:
            return list(threads.map(act, range(count)))

    def first_question(self, learner: int, level: str) -> float:
        tab = self.tab(learner, "ask", level=level)
        began = time.monotonic()
        tab.load()
        for came in tab.after_load():
            if any(QUESTION in str(each) for each in came):
                break
        took = time.monotonic() - began
        tab.close()
        return took

    def written(self, learner: int, prompt: str) -> tuple[float, float]:
        """Until a sandbox run shows its first words, and until it is done."""
        return self.writes(self.sandbox(learner), prompt)

    def sandbox(self, learner: int) -> Tab:
        tab = self.tab(learner, "sandbox", s=share.encode(CATS))
        tab.load()
        return tab

    def writes(self, tab: Tab, prompt: str) -> tuple[float, float]:
        tab.set("prompt", prompt)
        began, first, empty = time.monotonic(), 0.0, ""
        for came in tab.fire("write", "click"):
            columns = came[1] if isinstance(came[1], str) else ""
            empty = empty or columns  # which are drawn before the first words
            if not first and columns != empty:
                first = time.monotonic() - began
        took = time.monotonic() - began
        tab.close()
        return first or took, took

    def memory(self) -> float:
        """MiB."""
        return self.game.memory() / 2**20
