"""`python -m tests.load.first`: CPU seconds until the first question of each asking level stands.
It is dealt by a bench that remembers nothing and a model that is loaded.

--level names some of them (all without it), --seeds the rounds. It only reports; nothing fails.
"""

import argparse
import time
from collections.abc import Sequence
from statistics import median

from playground.engine.protocol import Engine
from playground.engine.records import Request, Sampling
from playground.levels.dealing.questions import AskLevel
from playground.levels.judging import Bench
from playground.levels.shelf import Shelf
from playground.settings import SHIPPED, Settings

ROW = "{:<20} {:<10} {:>8} {:>8}  {}"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.load.first", description=__doc__)
    parser.add_argument("--level", action="append", help="only this one; may be given again")
    parser.add_argument("--seeds", type=int, nargs="+", default=[5, 6, 7])
    given = parser.parse_args(arguments)
    shelf, settings = Shelf.load(), Settings(model=SHIPPED)
    loaded = Bench.open(settings).engine
    # Everything that is made once, at the first use, is made.
    loaded.generate([Request("Once", (), Sampling(max_tokens=4))]).traces()
    for site in loaded.sites:
        loaded.read(["Once upon a time."], site)
    print(ROW.format("level", "kind", "median", "worst", f"CPU s, rounds {given.seeds}"))
    for level in shelf.levels:
        here = level.written_on == SHIPPED and level.id in (given.level or [level.id])
        if isinstance(level, AskLevel) and here:
            took = [first(level, settings, loaded, seed) for seed in given.seeds]
            print(line(level, took), flush=True)
    loaded.close()


def first(level: AskLevel, settings: Settings, loaded: Engine, seed: int) -> float:
    """CPU seconds of one first question; the atlas is open, and none of its cards read."""
    bench = Bench.open(settings)
    bench.engine = loaded
    began = time.process_time()
    next(level.deal(bench, seed))
    return time.process_time() - began


def line(level: AskLevel, took: Sequence[float]) -> str:
    each = " ".join(f"{seconds:.2f}" for seconds in took)
    return ROW.format(level.id, level.word, f"{median(took):.2f}", f"{max(took):.2f}", each)


if __name__ == "__main__":
    main()
