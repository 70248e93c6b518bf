"""`python -m playground.pocket STAGE`: makes the pocket model from nothing, one stage at a time."""

import argparse
from dataclasses import replace
from pathlib import Path

from playground.pocket import train

WORK = Path("build/pocket")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m playground.pocket", description=__doc__)
    stages = parser.add_subparsers(dest="stage", required=True)
    stage = stages.add_parser("train", help="write the corpus, train the tokenizer and the model")
    stage.add_argument("--preset", choices=train.PRESETS, default="cpu")
    stage.add_argument("--steps", type=int, help="instead of the preset's number of steps")
    stage.add_argument("--no-compile", action="store_true", help="do not compile the training step")
    stage.add_argument("--work", type=Path, default=WORK)
    given = parser.parse_args()
    preset = train.PRESETS[given.preset]
    if given.steps:
        preset = replace(preset, steps=given.steps)
    train.train(given.work, preset, compile_model=not given.no_compile)


if __name__ == "__main__":
    main()
