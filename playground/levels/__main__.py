"""`python -m playground.levels check [--model pocket]`: proves every level and prints the table.

Exit code 1 if one fails.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from playground import settings
from playground.errors import PlaygroundError
from playground.levels.bench import Bench
from playground.levels.check import SEEDS, Line, check
from playground.levels.drawn import Drawn
from playground.levels.kinds import Level
from playground.levels.shelf import Shelf
from playground.levels.table import table

SERIES = "exam-0"  # of the lots that stand for their moulds
ROW = "{:<18} {:<14} {:<24} {:>6}  {:<7} {}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m playground.levels", description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    act = acts.add_parser("check", help="prove every level on a model")
    act.add_argument(
        "--model", help="a name of registry.toml (default: PLAYGROUND_MODEL, else pocket)"
    )
    act.add_argument("--level", action="append", help="only this one; may be given again")
    act.add_argument(
        "--deals",
        type=int,
        default=len(SEEDS),
        choices=range(1, len(SEEDS) + 1),
        help="how many deals of the levels that ask (default: %(default)s)",
    )
    given = parser.parse_args()
    try:
        return proved(given.model, given.level, SEEDS[: given.deals])
    except PlaygroundError as error:
        print(error, file=sys.stderr)
        return 2


def proved(model: str | None, only: list[str] | None, seeds: Sequence[int]) -> int:
    shelf = Shelf.load()
    asked = settings.load()
    bench = Bench.open(replace(asked, model=model) if model else asked)
    levels = [shelf.level(id) for id in only] if only else [*shelf.levels, *moulded(shelf, bench)]
    print(ROW.format("level", "player", "wanted", "figure", "verdict", "found"))
    lines = list[Line]()
    try:
        for level in levels:
            began = time.monotonic()
            for line in check(level, bench, seeds):
                lines.append(line)
                verdict = "ok" if line.passed else "FAILED"
                figure = f"{line.figure:.0f}"
                print(
                    ROW.format(line.level, line.player, line.wanted, figure, verdict, line.found),
                    flush=True,
                )
            print(f"{level.id}: {time.monotonic() - began:.0f} s", flush=True)
    finally:
        bench.engine.close()
    print("", *table(levels, lines), sep="\n")
    failed = sum(not line.passed for line in lines)
    print(f"{len(levels)} levels, " + (f"{failed} lines failed" if failed else "all proven"))
    return 1 if failed else 0


def moulded(shelf: Shelf, bench: Bench) -> Iterator[Level]:
    """A level of each mould, as the daily challenge and the exam draw it. Raises AuthorError where
    no lot of a kind can be won."""
    drawn = Drawn(bench, shelf)
    for kind in shelf.moulds:
        yield shelf.drawn(drawn.fresh(SERIES, [kind]))


if __name__ == "__main__":
    raise SystemExit(main())
