"""The models of the game in replicas on Ray, and the game before them. Serves no page itself.

Source: Ray 2.60, Ray Serve.
"""

import argparse
import signal
from collections.abc import Callable, Sequence
from functools import partial
from types import FrameType

from playground.engine import replicas
from playground.engine.replicas import Many
from playground.errors import AuthorError
from playground.levels import opening
from playground.models import registry
from playground.settings import Settings, prepare

AT_MOST = 1000  # replicas


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m playground scale", description=__doc__)
    made.add_argument("--model", help="default: PLAYGROUND_MODEL, else smollm2 and pocket")
    made.add_argument("--least", type=int, default=1, help="replicas of each model; default: 1")
    made.add_argument("--most", type=int, help="while there is much to do; default: as --least")
    made.add_argument("--cores", type=float, default=1, help="processors of each; default: 1")
    made.add_argument("--cards", type=float, default=0, help="GPUs of each, or a part; default: 0")
    made.add_argument(
        "--replicas-only", action="store_true", help="the game is started elsewhere in the cluster"
    )
    return made


def main(arguments: Sequence[str], asked: Settings, play: Callable[[Settings], None]) -> int:
    """Returns when it was stopped. play: opens the game. Raises AuthorError or EngineError."""
    given = parser().parse_args(arguments)
    many = counted(given)
    settings = asked.model_copy(update={"model": given.model or asked.model, "engine": "own"})
    signal.signal(signal.SIGTERM, stopped)
    prepare(settings)
    replicas.begin()
    started = list[str]()
    try:
        replicas.check_room(many, len(settings.models))
        for name in settings.models:
            started.append(start(settings.model_copy(update={"model": name}), many))
        if given.replicas_only:
            print("They answer until this command is stopped (Ctrl+C).", flush=True)
            while True:
                signal.pause()
        play(settings.model_copy(update={"engine": "ray"}))
    except KeyboardInterrupt:
        print("Stopped.")
    finally:
        replicas.end(started)
    return 0


def counted(given: argparse.Namespace) -> Many:
    """Raises AuthorError for numbers of which no replicas can be made."""
    most = given.most or given.least
    if not 1 <= given.least <= most <= AT_MOST:
        raise AuthorError(
            f"--least {given.least} --most {most}: expected whole numbers from 1 to {AT_MOST}, the "
            "first not above the second"
        )
    if given.cores <= 0 or given.cards < 0:
        raise AuthorError(
            f"--cores {given.cores} --cards {given.cards}: a replica needs a processor or a part "
            "of one, and no less than no GPU"
        )
    return Many(given.least, most, cores=given.cores, cards=given.cards)


def start(settings: Settings, many: Many) -> str:
    """settings: of one model, whose name is returned. A replica is told of no secret and of no
    database."""
    chosen = registry.choose(settings)
    told = settings.model_copy(update={"teacher": None, "oauth_secret": None, "database": ""})
    replicas.deploy(chosen.name, partial(opening.replicated, told), many)
    print(f"{chosen.name}: {many.least} to {many.most} replicas", flush=True)
    return chosen.name


def stopped(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)
