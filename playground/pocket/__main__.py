"""`python -m playground.pocket STAGE`: makes the pocket model from nothing, one stage at a time."""

import argparse
import json
from pathlib import Path

from playground import settings
from playground.levels.judging import Bench
from playground.pocket import (
    corpus,
    evaluate,
    export,
    feature_notes,
    saes,
    showcase,
    together,
    train,
)

WORK = Path("build/pocket")
STAGES = {
    "train": "write the corpus, train the tokenizer and the model",
    "evaluate": "measure the model: loss beside n-grams, binding",
    "saes": "train and measure the SAEs",
    "transcoders": "train a transcoder for every block, describe its features, gate them",
    "export": "copy everything to assets/ and seal the manifest",
    "corpus": "print the corpus' figures",
    "showcase": "print unselected samples of the shipped model",
}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m playground.pocket", description=__doc__)
    stages = made.add_subparsers(dest="stage", required=True)
    for name, says in STAGES.items():
        stage = stages.add_parser(name, help=says)
        stage.add_argument("--work", type=Path, default=WORK)
        if name == "train":
            stage.add_argument("--preset", choices=train.PRESETS, default="cpu")
            stage.add_argument("--no-compile", action="store_true", help="run the step as it is")
        if name in ("corpus", "showcase"):
            stage.add_argument("--count", type=int, default=10 if name == "showcase" else 20_000)
    return made


def main() -> None:
    given = parser().parse_args()
    if given.stage == "train":
        train.train(given.work, train.PRESETS[given.preset], compile_model=not given.no_compile)
    elif given.stage == "evaluate":
        print(json.dumps(evaluate.evaluate(given.work), indent=1))
    elif given.stage == "saes":
        saes.train_all(given.work)
    elif given.stage == "transcoders":
        together.train_all(given.work)
        feature_notes.finish(given.work)
    elif given.stage == "export":
        export.export(given.work)
    elif given.stage == "corpus":
        print(json.dumps(corpus.report(train.HELD_OUT_SEED, given.count), indent=1))
    else:
        bench = Bench.open(settings.shipped())
        try:
            print(showcase.markdown(bench, given.count))
        finally:
            bench.engine.close()


if __name__ == "__main__":
    main()
