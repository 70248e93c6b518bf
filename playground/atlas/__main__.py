"""`python -m playground.atlas ACT`: makes an atlas for a model with SAEs, measures it, has its
names read blind, compares its features with probes and neurons, lays them out in two dimensions,
and puts Neuronpedia's explanations beside it.
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path

import torch

from playground import settings
from playground.atlas import (
    best_means,
    blind,
    bucket,
    build,
    calibrate,
    contest,
    evaluate,
    importing,
    plane,
    refresh,
    tables,
)
from playground.atlas.atlas import Atlas
from playground.atlas.folders import Folders
from playground.atlas.sources import (
    FILES,
    OWN,
    Corpus,
    DocumentCorpus,
    Documents,
    OpenCorpus,
    open_source,
)
from playground.engine.loading import open_parts
from playground.errors import AuthorError, PlaygroundError
from playground.models import registry
from playground.settings import Settings

DOCUMENT_SEED = 3  # the pocket model was trained and held out with 1 and 2
# Named, not imported: no atlas but the pocket model's has labelled documents.
DOCUMENTS = "playground.pocket.corpus:documents"
EACH_CONCEPT, EACH_QUICK = 26, 3  # labelled documents of every concept and part, at least
COUNT, COUNT_QUICK = 2000, 400


def documents(name: str) -> Documents:
    """MODULE:FUNCTION, called with a seed and a count."""
    module, _, function = name.partition(":")
    found: Documents = getattr(import_module(module), function)
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
        ("refresh", "count what an earlier version did not count of its recipes"),
    ):
        each = acts.add_parser(act, help=says)
        settings.add_options(each)
        each.add_argument("--seed", type=int, choices=range(100), default=0, metavar="0..99")
        each.add_argument("--limit-concepts", default="", metavar="NAME,NAME", help="only these")
        if act == "build":
            add_build(each)
        elif act == "refresh":
            each.add_argument("--atlas", type=Path, help="default: where the game looks for it")
        else:
            each.add_argument("--documents", default=DOCUMENTS, metavar="MODULE:FUNCTION")
            each.add_argument("--atlas", type=Path, help="default: where the game looks for it")
            each.add_argument("--report", type=Path, required=True, help="Markdown file to write")
            each.add_argument("--replies", type=int, default=20)
    each = acts.add_parser("rivals", help="compare features with probes, means and neurons")
    settings.add_options(each)
    each.add_argument("--limit-concepts", default="", metavar="NAME,NAME", help="only these")
    add_means(acts.add_parser("means", help="find where directions without an SAE push best"))
    add_blind(acts.add_parser("blind", help="cards without names, names without cards, the key"))
    laid = acts.add_parser(
        "plane", help="lay the features of a finished atlas out in two dimensions"
    )
    settings.add_options(laid)
    laid.add_argument("--atlas", type=Path, help="default: where the game looks for it")
    add_import(acts.add_parser("import", help="read Neuronpedia's public export of an SAE"))
    return made


def add_means(to: argparse.ArgumentParser) -> None:
    settings.add_options(to)
    to.add_argument(
        "--limit-concepts", default=",".join(best_means.TOPICS), metavar="NAME,NAME",
        help="default: %(default)s",
    )  # fmt: skip
    to.add_argument("--blocks", default="12,16,20,24", metavar="N,N", help="default: %(default)s")
    to.add_argument("--out", type=Path, required=True, help="file of directions to write (JSON)")
    to.add_argument("--page", type=Path, help="Markdown file whose table is written anew")


def add_blind(to: argparse.ArgumentParser) -> None:
    settings.add_options(to)
    to.add_argument("--atlas", type=Path, help="default: where the game looks for it")
    to.add_argument("--out", type=Path, required=True, help="folder for the three files")
    to.add_argument("--each", type=int, default=20, help="features of a site (default: 20)")
    to.add_argument("--seed", type=int, default=0)


def add_import(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--neuronpedia", required=True, metavar="MODEL/SOURCE", help="such as gpt2-small/8-res-jb"
    )
    to.add_argument("--folder", type=Path, help="with the export's files, instead of a download")
    to.add_argument("--site", default="", help="default: the one whose SAE has this source")
    settings.add_options(to)
    to.add_argument("--url", default=bucket.BUCKET, help="of the bucket (default: %(default)s)")


def add_build(to: argparse.ArgumentParser) -> None:
    """What only a build asks for."""
    plain = build.BuildSettings()
    to.add_argument("--out", type=Path, help="folder (default: where the game looks for it)")
    to.add_argument(
        "--text", default=OWN, metavar="FILE|OWNER/NAME[:CONFIG]|own",
        help="what the cards' examples come from: a file of " + ", ".join(FILES) +
        "; a data set of the Hugging Face hub, streamed; or what the model itself writes "
        "(default: %(default)s)",
    )  # fmt: skip
    to.add_argument("--column", default="", help="of a data set or file, that holds the text")
    to.add_argument("--split", default="train", help="of a data set (default: %(default)s)")
    to.add_argument(
        "--documents", metavar="MODULE:FUNCTION",
        help="labelled documents instead of --text and of the concepts' own texts",
    )  # fmt: skip
    to.add_argument(
        "--chats", type=Path, metavar="FILE.jsonl",
        help="replies of the model for cards: lines of prompt, system and reply",
    )  # fmt: skip
    to.add_argument("--tokens", type=int, default=plain.tokens, help="read (default: %(default)s)")
    to.add_argument(
        "--features", type=int,
        help="of a site that get cards, where its SAE has more; the others get theirs when a "
        f"player asks (default: {plain.features}, of more than {build.SITES} sites fewer)",
    )  # fmt: skip
    to.add_argument(
        "--recipes", default="", metavar="FOLDER",
        help="of another atlas of this model, whose settings are taken: nothing is searched",
    )  # fmt: skip
    to.add_argument(
        "--no-recipes", action="store_true", help="features and their cards, nothing is steered"
    )
    to.add_argument(
        "--thrifty", action="store_true",
        help="search recipes with few replies, and pushes that last: for models of many blocks",
    )  # fmt: skip
    to.add_argument(
        "--search", default="", metavar="NAMES",
        help="concepts that recipes are searched for, comma separated (default: all)",
    )  # fmt: skip
    to.add_argument("--samples", type=int, default=plain.samples, help="of the model's own texts")
    to.add_argument("--quick", action="store_true", help="few texts and replies, to try it out")
    to.add_argument(
        "--workers", type=int, default=default_workers(), metavar="N",
        help="processes that search recipes, as many as memory holds (default here: %(default)s)",
    )  # fmt: skip


def corpus_of(given: argparse.Namespace) -> Corpus:
    """Raises AuthorError for a text source that does not exist."""
    if given.documents:
        count, each = (COUNT_QUICK, EACH_QUICK) if given.quick else (COUNT, EACH_CONCEPT)
        seed = DOCUMENT_SEED + given.seed
        return DocumentCorpus(documents(given.documents), seed, count, each)
    if given.text == OWN:
        return OpenCorpus(None)
    return OpenCorpus(open_source(given.text, given.column, given.split))


def main(arguments: Sequence[str] | None = None) -> None:
    given = parser().parse_args(arguments)
    try:
        meant = settings.settings_of(given)
        if given.act == "import":
            wanted = importing.Import(
                given.neuronpedia, bool(given.model), given.folder, given.site, given.url
            )
            print(importing.run(meant, wanted))
        elif given.act == "rivals":
            for name in contest.measure(meant, names_of(given)):
                print(name, flush=True)
        elif given.act == "means":
            blocks = tuple(int(each) for each in given.blocks.split(","))
            for line in best_means.measure(meant, names_of(given), blocks, given.out, given.page):
                print(line, flush=True)
        elif given.act == "blind":
            folder = given.atlas or registry.choose(meant).atlas
            print(blind.write(Atlas.open(folder), given.out, given.each, given.seed))
        elif given.act == "plane":
            print(lay_out(meant, given.atlas or registry.choose(meant).atlas))
        else:
            measure(meant, given)
    except PlaygroundError as error:
        raise SystemExit(str(error)) from error


def lay_out(meant: Settings, folder: Path) -> str:
    """Writes the plane of an atlas anew; says how much of nearness it keeps."""
    atlas, saes = Atlas.open(folder), open_parts(meant).saes
    planes = {site: plane.of_sae(saes[site], atlas.features(site)) for site in atlas.sites}
    plane.write(folder / tables.PLANE, planes)
    kept = (f"{site} {made.kept:.2f}" for site, made in planes.items() if made)
    return f"share of each feature's {plane.NEAREST} nearest that stayed so: " + ", ".join(kept)


def names_of(given: argparse.Namespace) -> tuple[str, ...]:
    return tuple(name for name in given.limit_concepts.split(",") if name)


def measure(meant: Settings, given: argparse.Namespace) -> None:
    """Builds or evaluates."""
    names = names_of(given)
    opening, chosen = partial(open_parts, meant), registry.choose(meant)
    if given.act == "refresh":
        refresh.refresh(opening, given.atlas or chosen.atlas, names)
        return
    if not chosen.card.saes:
        raise AuthorError(
            f"--model {meant.model!r}: it has no SAEs, so there are no features to make cards of; "
            "name them with --sae RELEASE/ID or --sae FOLDER"
        )
    if given.act == "build":
        cards = given.features or build.cards_a_site(len(chosen.card.saes))
        made = build.BuildSettings(
            given.seed, given.tokens, features=cards, concepts=names, recipes=given.recipes,
            chats=str(given.chats or ""), search=not given.no_recipes, samples=given.samples,
            searched=tuple(each for each in given.search.split(",") if each),
        )  # fmt: skip
        made = replace(made, plan=calibrate.THRIFTY) if given.thrifty else made
        made = build.quick(made) if given.quick else made
        folders = Folders.at(given.out) if given.out else Folders(chosen.atlas, chosen.texts)
        build.Builder(opening, folders, corpus_of(given), made).run(max(1, given.workers))
        return
    folders = Folders.at(given.atlas or chosen.atlas)
    wanted = evaluate.Evaluation(opening, folders, given.report, given.replies, given.seed, names)
    print(evaluate.evaluate(wanted, documents(given.documents)))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        raise SystemExit("\nStopped: the same command goes on from here.") from None
