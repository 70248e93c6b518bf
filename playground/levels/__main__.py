"""`python -m playground.levels check [--model pocket]`: proves every level and prints the table.

Exit code 1 if one fails.
"""

import argparse
import sys
from dataclasses import replace

from playground import settings
from playground.errors import PlaygroundError
from playground.levels.bench import Bench
from playground.levels.check import check
from playground.levels.shelf import Shelf

ROW = "{:<18} {:<14} {:<24} {:>6}  {:<7} {}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m playground.levels", description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    act = acts.add_parser("check", help="prove every level on a model")
    act.add_argument(
        "--model", help="a name of registry.toml (default: PLAYGROUND_MODEL, else pocket)"
    )
    act.add_argument("--level", action="append", help="only this one; may be given again")
    given = parser.parse_args()
    try:
        return proved(given.model, given.level)
    except PlaygroundError as error:
        print(error, file=sys.stderr)
        return 2


def proved(model: str | None, only: list[str] | None) -> int:
    shelf = Shelf.load()
    levels = [shelf.level(id) for id in only] if only else list(shelf.levels)
    asked = settings.load()
    bench = Bench.open(replace(asked, model=model) if model else asked)
    print(ROW.format("level", "player", "wanted", "figure", "verdict", "found"))
    failed = 0
    try:
        for level in levels:
            for line in check(level, bench):
                failed += not line.passed
                verdict = "ok" if line.passed else "FAILED"
                figure = f"{line.figure:.0f}"
                print(
                    ROW.format(line.level, line.player, line.wanted, figure, verdict, line.found),
                    flush=True,
                )
    finally:
        bench.engine.close()
    print(f"{len(levels)} levels, " + (f"{failed} lines failed" if failed else "all proven"))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
