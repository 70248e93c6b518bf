"""`python -m tests.load`: what a class costs. Starts the game on a database of its own, sends it
learners over HTTP, and prints how long they wait. It only reports; nothing here fails.

--only names one part, --learners how many come at once, --sessions how many tabs come and go;
--model another model, of which the triples alone are measured.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from statistics import median, quantiles

from playground.levels.dealing.questions import AskLevel
from playground.levels.shelf import Shelf
from playground.settings import SHIPPED
from tests.load.learners import Load
from tests.load.tab import RefusedError
from tests.served import served

CROWDS = (1, 10, 30, 60)
WITHIN = 5.0  # seconds in which everybody presses
WAITING = 110  # runs of the greedy client
SESSIONS = 1000
FULL = 30  # learners of the class that the aims are for
ROW = "{:<58} {:>8} {:>8}  {}"


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
    """The pages are open; within five seconds everybody has pressed."""
    tabs, rng = load.all_at_once(count, load.sandbox), Random(0)
    pauses = [rng.uniform(0, WITHIN) if count > 1 else 0.0 for _ in range(count)]

    def press(n: int) -> tuple[float, float]:
        time.sleep(pauses[n])
        return load.writes(tabs[n], f"Day {n}: the cat")

    opened, began = load.game.cpu(), time.monotonic()
    took = load.all_at_once(count, press)
    spent = (load.game.cpu() - opened) / count
    print(f"  ({spent:.2f} s of CPU a triple, all in {time.monotonic() - began:.1f} s)")
    firsts, wholes = ([each[part] for each in took] for part in (0, 1))
    aims = ("<= 3", "<= 12") if count == FULL else ("", "")
    report(f"a triple of 64 tokens, {count} learners: first words", firsts, aims[0])
    report(f"a triple of 64 tokens, {count} learners: whole", wholes, aims[1])
    slowest = max(wholes) / median(wholes)
    print(ROW.format("  the slowest, in medians", f"{slowest:.2f}", "", "<= 2"), flush=True)


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
        tab = load.tab(n % CAME, "")  # one alone would be told to slow down
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
CAME = 30  # learners whose tabs come and go
CROWDED = ("first-question", "triple")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--learners", type=int, choices=range(1, 61), metavar="1..60")
    parser.add_argument("--sessions", type=int, choices=range(1, 5001), metavar="1..5000")
    parser.add_argument("--model", default=SHIPPED)
    given = parser.parse_args()
    crowds = (given.learners,) if given.learners else CROWDS
    print(ROW.format("seconds", "p50", "p95", "aim"))
    every = PARTS if given.model == SHIPPED else ("triple",)
    for part in (given.only,) if given.only else every:
        for count in crowds if part in CROWDED else (CAME if part == "sessions" else 2,):
            measure(part, count, given.sessions or SESSIONS, given.model)


def measure(part: str, learners: int, sessions: int, model: str) -> None:
    """On a game of its own, which nobody has played yet."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "progress.db"
        with served(database, PLAYGROUND_MODEL=model) as game:
            load = Load(game, database, learners, model=model)
            began = game.cpu()
            PARTS[part](load, sessions if part == "sessions" else learners)
            print(f"  ({game.cpu() - began:.1f} s of CPU in the game)", flush=True)


if __name__ == "__main__":
    main()
