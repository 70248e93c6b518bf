"""`python -m tests.load`: what a class costs. Starts the game on a database of its own, sends it
learners over HTTP, and prints how long they wait. It only reports; nothing here fails.

--only names one part, --learners how many come at once, --sessions how many tabs come and go.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import quantiles
from typing import Any, TypeVar

from playground.engine.records import Dial, Sampling
from playground.game import share
from playground.game.share import Sandbox
from playground.levels.dealing.deals import SHIPPED_SEEDS
from playground.levels.dealing.questions import AskLevel
from playground.levels.shelf import Shelf
from playground.settings import SHIPPED
from tests.load.tab import RefusedError, Tab
from tests.served import Served, served, win_everything

T = TypeVar("T")
CROWDS = (1, 10, 30)
WAITING = 110  # runs of the greedy client
SESSIONS = 1000
CATS = Sandbox("The cat", (Dial("late", 0, 0.5),), Sampling(max_tokens=64, stop_at_end=False))
ROW = "{:<58} {:>8} {:>8}  {}"
QUESTION = 'class="dot"'  # stands in every question


class Load:
    """One running game and its learners, who have won everything, so that every level is open, and
    as many rounds of each as are shipped dealt, so that the next is dealt when it is asked for."""

    def __init__(self, game: Served, database: Path, learners: int) -> None:
        self.game = game
        self.browsers = [self._arrive() for _ in range(learners)]
        win_everything(database, len(SHIPPED_SEEDS))
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


def asking() -> list[str]:
    """Ids of the levels that ask and that the shipped model can play."""
    every = Shelf.load().levels
    return [e.id for e in every if isinstance(e, AskLevel) and e.written_on == SHIPPED]


def first_questions(load: Load, count: int) -> None:
    """Each learner another level, none dealt before."""
    levels = asking()
    report(
        f"cold question level, {count} at once: first question",
        load.all_at_once(count, lambda n: load.first_question(n, levels[n % len(levels)])),
        {1: "<= 2", 10: "<= 6"}.get(count, ""),
    )


def cached(load: Load) -> None:
    """A level that was dealt, while another player waits for one that was not."""
    levels = asking()
    load.first_question(0, levels[0])
    cold = threading.Thread(target=load.first_question, args=(0, levels[-1]))
    cold.start()
    time.sleep(0.3)
    report("a cached deal under another's cold deal", [load.first_question(1, levels[0])], "<= 1")
    cold.join()


def exams(load: Load) -> None:
    tab = load.tab(0, "exam")
    tab.load()
    began = time.monotonic()
    for _ in tab.fire("exam", "act", {"act": "sit"}):
        pass
    report("the exam begins", [time.monotonic() - began], "<= 3")
    tab.close()


def triples(load: Load, count: int) -> None:
    took = load.all_at_once(count, lambda n: load.written(n, f"Day {n}: the cat"))
    report(f"a triple of 64 tokens, {count} at once: first words", [first for first, _ in took])
    report(f"a triple of 64 tokens, {count} at once: whole", [whole for _, whole in took])


def greedy(load: Load) -> None:
    """One client with many runs waiting, and another learner's reply beside it."""
    alone = load.written(1, "Once the cat")
    other, tabs = load.sandbox(1), [load.sandbox(0) for _ in range(WAITING)]
    refused = list[str]()

    def run(n: int) -> None:
        try:
            load.writes(tabs[n], f"Run {n}: the cat")
        except RefusedError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=run, args=(n,), daemon=True) for n in range(WAITING)]
    for each in threads:
        each.start()
    time.sleep(3)
    beside = load.writes(other, "Then the cat")
    report(
        f"delay by {WAITING} waiting runs of another: first words", [beside[0] - alone[0]], "<= 2"
    )
    report(f"delay by {WAITING} waiting runs of another: whole", [beside[1] - alone[1]], "<= 2")
    for each in threads:
        each.join()
    print(f"  of {WAITING} runs {len(refused)} were refused at once")


def sessions(load: Load, count: int) -> None:
    def come(n: int) -> float:
        began = time.monotonic()
        tab = load.tab(0, "")
        tab.beat()
        tab.load()
        tab.close()
        return time.monotonic() - began

    load.all_at_once(8, come)
    before = load.memory()
    with ThreadPoolExecutor(4) as threads:
        took = list(threads.map(come, range(count)))
    report(f"{count} tabs come and go: the map", took)
    grown = load.memory() - before
    print(ROW.format(f"{count} tabs come and go: memory grows by MiB", round(grown), "", "<= 50"))


def report(says: str, seconds: Sequence[float], aim: str = "") -> None:
    ranked = quantiles(seconds, n=20, method="inclusive") if len(seconds) > 1 else [seconds[0]] * 19
    print(ROW.format(says, f"{ranked[9]:.2f}", f"{ranked[18]:.2f}", aim), flush=True)


PARTS: dict[str, Callable[[Load, int], None]] = {
    "first-question": first_questions,
    "exam": lambda load, _: exams(load),
    "cached": lambda load, _: cached(load),
    "triple": triples,
    "greedy": lambda load, _: greedy(load),
    "sessions": sessions,
}
CROWDED = ("first-question", "triple")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--learners", type=int, choices=range(1, 61), metavar="1..60")
    parser.add_argument("--sessions", type=int, choices=range(1, 5001), metavar="1..5000")
    given = parser.parse_args()
    crowds = (given.learners,) if given.learners else CROWDS
    print(ROW.format("seconds", "p50", "p95", "aim"))
    for part in (given.only,) if given.only else PARTS:
        for count in crowds if part in CROWDED else (2,):
            measure(part, count, given.sessions or SESSIONS)


def measure(part: str, learners: int, sessions: int) -> None:
    """On a game of its own, which nobody has played yet."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "progress.db"
        with served(database) as game:
            load = Load(game, database, learners)
            began = game.cpu()
            PARTS[part](load, sessions if part == "sessions" else learners)
            print(f"  ({game.cpu() - began:.1f} s of CPU in the game)", flush=True)


if __name__ == "__main__":
    main()
