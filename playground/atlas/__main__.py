"""`python -m playground.atlas build` and `... evaluate`: makes an atlas for a model with SAEs,
and measures it.
"""

import argparse
import os
from importlib import import_module
from pathlib import Path

import torch

from playground.atlas import build, evaluate
from playground.atlas.folders import Folders
from playground.errors import PlaygroundError

# Named, not imported: an atlas of another model takes its labelled documents from elsewhere.
DOCUMENTS = "playground.pocket.corpus:documents"


def documents(name: str) -> build.Documents:
    """MODULE:FUNCTION, called with a seed and a count."""
    module, _, function = name.partition(":")
    found: build.Documents = getattr(import_module(module), function)
    return found


def default_workers() -> int:
    """A core each, at most four (a worker holds the model); a GPU is best used by one."""
    return 1 if torch.cuda.is_available() else min(4, os.cpu_count() or 1)


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m playground.atlas", description=__doc__)
    acts = made.add_subparsers(dest="act", required=True)
    for act, says in (
        ("build", "harvest, label and calibrate"),
        ("evaluate", "measure on fresh prompts"),
    ):
        each = acts.add_parser(act, help=says)
        each.add_argument("--model", type=Path, required=True, help="Hugging Face folder")
        each.add_argument(
            "--saes", type=Path, required=True, help="folder with one SAE folder a site"
        )
        each.add_argument("--seed", type=int, choices=range(100), default=0, metavar="0..99")
        each.add_argument("--documents", default=DOCUMENTS, metavar="MODULE:FUNCTION")
        each.add_argument("--limit-concepts", default="", metavar="NAME,NAME", help="only these")
        if act == "build":
            each.add_argument("--out", type=Path, required=True)
            each.add_argument(
                "--quick", action="store_true", help="few texts and replies, to try it out"
            )
            each.add_argument(
                "--workers", type=int, default=default_workers(), metavar="N",
                help="processes that search recipes (default here: %(default)s)",
            )  # fmt: skip
        else:
            each.add_argument("--atlas", type=Path, required=True)
            each.add_argument("--report", type=Path, required=True, help="Markdown file to write")
            each.add_argument("--replies", type=int, default=20)
    return made


def main() -> None:
    given = parser().parse_args()
    names = tuple(name for name in given.limit_concepts.split(",") if name)
    source = documents(given.documents)
    try:
        if given.act == "build":
            made = build.Settings(seed=given.seed, concepts=names)
            made = build.quick(made) if given.quick else made
            folders = Folders(given.model, given.saes, given.out)
            build.Builder(folders, source, made).run(max(1, given.workers))
        else:
            folders = Folders(given.model, given.saes, given.atlas)
            wanted = evaluate.Wanted(folders, given.report, given.replies, given.seed, names)
            print(evaluate.evaluate(wanted, source))
    except PlaygroundError as error:
        raise SystemExit(str(error)) from error


if __name__ == "__main__":
    main()
