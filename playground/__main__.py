"""`python -m playground ...`: everything a host needs for a model of their own.

models                        what there is, what is downloaded, what fits this machine
plan X                        what opening a model would take: download, disk, memory
fetch X                       download it ahead of time, and prove it whole
atlas build --model X --sae Y make the atlas of a model, then say which levels it can play
levels check --model X        say only that
first-minute --out FILE       record what the home page shows of a model, with dials that do well
circuit --prompt "..."        trace where its next word comes from: graph, scores, picture
play --model X --sae Y        open the game on it
backup FILE, restore FILE     a copy of everybody's progress while the game runs, and back
deploy --space USER/NAME      put the game into a Hugging Face Space
scale --least N --most N      open the game before replicas of its models on Ray
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from playground import settings
from playground.errors import PlayerError, PlaygroundError
from playground.settings import Settings

ACTS = (
    "models", "plan", "fetch", "atlas", "levels", "first-minute", "circuit", "play", "backup",
    "restore", "deploy", "scale",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="python -m playground",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("act", choices=ACTS)
    act = parser.parse_args(given[:1]).act
    run = {
        "models": models, "plan": plan, "fetch": fetch, "atlas": atlas, "levels": levels,
        "first-minute": first_minute, "circuit": circuit, "play": play, "backup": backup,
        "restore": restore, "deploy": deploy, "scale": scale,
    }[act]  # fmt: skip
    try:
        return run(given[1:])
    except PlaygroundError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(
            "\nStopped. What is done is kept: the same command goes on from here.", file=sys.stderr
        )
        return 130


def models(arguments: Sequence[str]) -> int:
    from playground.models import catalogue

    parser = argparse.ArgumentParser(
        prog="python -m playground models", description=catalogue.__doc__
    )
    parser.add_argument("--device", choices=settings.DEVICES, help="default: the best there is")
    given, plain = parser.parse_args(arguments), settings.load()
    meant = plain.model_copy(update={"device": given.device or plain.device})
    print(catalogue.table(catalogue.rows(meant)))
    return 0


def plan(arguments: Sequence[str]) -> int:
    from playground.engine import planning

    print(planning.told(named("plan", arguments)))
    return 0


def fetch(arguments: Sequence[str]) -> int:
    from playground.engine import loading

    meant = named("fetch", arguments)
    print(f"{meant.model}: all of it is here, in {loading.fetch(meant)}")
    return 0


def named(act: str, arguments: Sequence[str]) -> Settings:
    """Of a command whose first word is a model's name."""
    parser = argparse.ArgumentParser(prog=f"python -m playground {act}")
    parser.add_argument("name", nargs="?", help="as --model; default: smollm2")
    settings.add_options(parser)
    given = parser.parse_args(arguments)
    given.model = given.name or given.model or settings.PACKAGED
    return settings.settings_of(given)


def atlas(arguments: Sequence[str]) -> int:
    """A build for the game is worth nothing before it is known what can be played with it."""
    from playground.atlas.__main__ import main as run
    from playground.atlas.__main__ import parser
    from playground.levels.__main__ import checked

    run(arguments)
    given = parser().parse_args(arguments)
    if given.act == "build" and given.out is None:
        checked(settings.settings_of(given), None)  # it tells which; the build went well with none
    return 0


def levels(arguments: Sequence[str]) -> int:
    from playground.levels.__main__ import main as run

    return run(arguments)


def first_minute(arguments: Sequence[str]) -> int:
    from playground.game.recording import main as run

    return run(arguments)


def circuit(arguments: Sequence[str]) -> int:
    """Writes OUT.json, that Neuronpedia and circuit-tracer read, and OUT.svg."""
    parser = argparse.ArgumentParser(prog="python -m playground circuit")
    settings.add_options(parser)
    parser.add_argument("--prompt", required=True, help="how the text begins")
    parser.add_argument("--out", type=Path, default=Path("circuit"), help="default: circuit")
    given = parser.parse_args(arguments)
    from playground.game.tracing import Tracing
    from playground.levels.judging import Bench
    from playground.screens.parts import graph
    from playground.text.words import Words

    bench, words = Bench.open(settings.settings_of(given)), Words.load()
    tracing = Tracing(bench)
    try:
        walk = tracing.walk(given.prompt, lambda done, most: print(f"\r{done}/{most}", end=""))
        title = words("circuits.picture", prompt=given.prompt)
        files = {"json": tracing.exported(walk), "svg": str(graph.file(words, walk, title)).strip()}
    except PlayerError as error:
        print(words.said(error.said), file=sys.stderr)
        return 2
    finally:
        bench.engine.close()
    for end, text in files.items():
        given.out.with_suffix(f".{end}").write_text(text, encoding="utf-8")
    told, all_of_it = walk.scores, walk.graph
    print(
        f"\r{given.out}.json, {given.out}.svg: {len(all_of_it.nodes)} nodes, "
        f"{len(all_of_it.targets)} traced; replacement {told.replacement:.3f}, completeness "
        f"{told.completeness:.3f}"
    )
    return 0


def play(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m playground play")
    settings.add_options(parser)
    parser.add_argument("--host", help="default: PLAYGROUND_HOST, else this machine only")
    parser.add_argument("--port", type=int, help="default: PLAYGROUND_PORT, else 7860")
    given = parser.parse_args(arguments)
    meant = settings.settings_of(given, several=True)
    import app

    where = {"host": given.host or meant.host, "port": given.port or meant.port}
    app.main(meant.model_copy(update=where))
    return 0


def backup(arguments: Sequence[str]) -> int:
    from playground.store import backup

    file = copy_named("backup", arguments)
    backup.backup(settings.load().database, file)
    print(f"{file}: all progress, {file.stat().st_size / 1e6:.1f} MB")
    return 0


def restore(arguments: Sequence[str]) -> int:
    from playground.store import backup

    file = copy_named("restore", arguments)
    backup.restore(file, settings.load().database)
    print(f"The progress goes on as it is in {file}")
    return 0


def copy_named(act: str, arguments: Sequence[str]) -> Path:
    parser = argparse.ArgumentParser(
        prog=f"python -m playground {act}", description="The store is the one of PLAYGROUND_DB."
    )
    parser.add_argument("file", type=Path, help="an SQLite file, whatever the store is")
    return parser.parse_args(arguments).file


def deploy(arguments: Sequence[str]) -> int:
    from playground.hosting import space

    parser = argparse.ArgumentParser(prog="python -m playground deploy", description=space.__doc__)
    parser.add_argument("--space", required=True, metavar="USER/NAME")
    parser.add_argument("--hardware", choices=space.HARDWARE, default="cpu")
    parser.add_argument("--model", help="default: PLAYGROUND_MODEL, else smollm2 and pocket")
    parser.add_argument("--dry-run", action="store_true", help="only write the folder")
    parser.add_argument("--folder", type=Path, help="a new one; default: one beside where you are")
    parser.add_argument("--index", metavar="URL", help="where else pip looks for packages")
    given = parser.parse_args(arguments)
    asked = settings.load()
    meant = asked.model_copy(update={"model": given.model or asked.model})
    return space.deployed(
        given.space, given.hardware, meant, given.folder, given.index, given.dry_run
    )


def scale(arguments: Sequence[str]) -> int:
    from playground.hosting import scaling

    def opened(meant: Settings) -> None:
        import app

        app.main(meant)

    return scaling.main(arguments, settings.load(), opened)


if __name__ == "__main__":
    raise SystemExit(main())
