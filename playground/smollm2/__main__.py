"""`python -m playground.smollm2 STAGE`: makes SAEs for SmolLM2, one stage at a time. A stage
that is stopped goes on where it was."""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from playground import settings
from playground.atlas.atlas import Atlas
from playground.engine.loading import Parts, open_engine, open_parts
from playground.errors import AuthorError
from playground.models import registry
from playground.smollm2 import compare, export, harvest, saes, splicing
from playground.smollm2.prompts import prompts

WORK = Path("build/smollm2")
MODEL = "smollm2"
LAYERS = (8, 16, 24)
SITES = ("early", "middle", "late")
CHATS = "chats.jsonl.gz"
HELD_OUT = 0.04  # of the shards
STAGES = {
    "chats": "let the model answer varied prompts, and keep what stands in it meanwhile",
    "prose": "read open prose, likewise",
    "texts": "write what was said in the chats to a file, for an atlas to show",
    "saes": "train and measure the SAEs",
    "export": "put them under assets/, with their sums",
    "splice": "measure what the model loses when the SAEs that ship take its state's place",
    "compare": "print all SAEs that were trained beside each other",
}


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m playground.smollm2", description=__doc__)
    stages = made.add_subparsers(dest="stage", required=True)
    for name, says in STAGES.items():
        stage = stages.add_parser(name, help=says)
        stage.add_argument("--work", type=Path, default=WORK, help="default: %(default)s")
        stage.add_argument("--seed", type=int, choices=range(100), default=0, metavar="0..99")
        if name == "chats":
            stage.add_argument("--count", type=int, default=20_000, help="of prompts")
        if name == "prose":
            stage.add_argument("--text", type=Path, required=True, help="gzipped lines of JSON")
        if name in ("chats", "prose"):
            stage.add_argument("--tokens", type=int, default=1_000_000, help="when it is enough")
        if name == "splice":
            stage.add_argument("--texts", type=int, default=60, help="default: %(default)s")
        if name == "export":
            stage.add_argument("--name", default="saes", help="folder of the SAEs below --work")
        if name == "saes":
            stage.add_argument("--site", choices=SITES, action="append", help="default: all")
            stage.add_argument("--width", type=int, default=saes.SaePlan.width)
            stage.add_argument("--k", type=float, default=saes.SaePlan.k)
            stage.add_argument("--passes", type=float, default=saes.SaePlan.passes)
            stage.add_argument("--name", default="saes", help="folder of the SAEs below --work")
    return made


def opened() -> Parts:
    return open_parts(settings.load().model_copy(update={"model": MODEL}))


def main(arguments: Sequence[str] | None = None) -> None:
    given = parser().parse_args(arguments)
    shards = given.work / "shards"
    shards.mkdir(parents=True, exist_ok=True)
    if given.stage == "saes":
        for site in given.site or SITES:
            train(given, shards, site)
        return
    if given.stage == "texts":
        print(harvest.write_texts(shards, given.work / CHATS), "chats")
        return
    if given.stage == "export":
        export.export(given.work / given.name, SITES)
        return
    if given.stage == "compare":
        compare_all(given.work)
        return
    if given.stage == "splice":
        splice(held_out_of(shards), given.texts)
        return
    parts = opened()
    model, text = parts.model, parts.text()
    if given.stage == "chats":
        asked = prompts(given.seed, given.count)
        made = harvest.harvest_chats(model, text, LAYERS, asked, shards, given.seed)
    else:
        if not given.text.is_file():
            raise AuthorError(f"--text {given.text}: there is no such file")
        documents = harvest.read_documents(given.text)
        made = harvest.harvest_prose(model, text, LAYERS, documents, shards, given.seed)
    done = 0
    with tqdm(total=given.tokens, unit="token", unit_scale=True, desc=given.stage) as bar:
        for tokens in made:
            bar.update(tokens)
            done += tokens
            if done >= given.tokens:
                return


def compare_all(work: Path) -> None:
    file = work / compare.TEXTS
    texts = compare.kept(file)
    if texts is None:
        compare.read(opened(), LAYERS, file)
        texts = compare.kept(file)
        assert texts is not None
    for row in compare.rows(work, texts, SITES):
        print(row, flush=True)


def held_out_of(shards: Path) -> list[Path]:
    """The shards that nothing is trained on."""
    return sorted(shards.glob("*[0-9].npz"))[:: max(2, round(1 / HELD_OUT))]


def splice(shards: Sequence[Path], count: int) -> None:
    asked = settings.load().model_copy(update={"model": MODEL})
    engine = open_engine(open_parts(asked), Atlas.open(registry.choose(asked).atlas).norms)
    try:
        for each in splicing.losses(engine, splicing.replies(shards, count)):
            print(
                f"{each.site}: {each.tokens} tokens, {each.plain:.3f} nats a token, "
                f"{each.spliced:.3f} with the SAE's version, {each.wiped:.3f} with zeros: "
                f"{each.recovered:.1%} recovered",
                flush=True,
            )
    finally:
        engine.close()


def train(given: argparse.Namespace, shards: Path, site: str) -> None:
    """Trains one SAE on all shards but the last of each kind, which it is measured on."""
    folder = given.work / given.name / site
    if (folder / "cfg.json").exists():
        return
    files, held_out = sorted(shards.glob("*[0-9].npz")), held_out_of(shards)
    place = SITES.index(site)
    pool = saes.Residuals.read([each for each in files if each not in held_out], place)
    recipe = saes.SaePlan(LAYERS[place], given.width, given.k, passes=given.passes)
    sae = saes.train(pool, recipe)
    told = saes.figures(sae, saes.Residuals.read(held_out, place), pool.scale)
    partial = folder.with_name(f"{site}.partial")
    saes.write(sae, pool.scale, partial, MODEL, told)
    os.replace(partial, folder)
    print(site, told)


if __name__ == "__main__":
    main()
