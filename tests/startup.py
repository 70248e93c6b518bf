"""How long `python app.py` takes until its first page answers: `python -m tests.startup`. On a busy
machine the CPU seconds are the figure to look at."""

import tempfile
import time
from pathlib import Path

from tests.served import served

BOUND = 8  # CPU seconds, the aim


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        with served(Path(folder) / "progress.db") as game:
            wall, cpu = time.monotonic() - began, game.cpu()
    print(f"first page after {wall:.1f} s, {cpu:.1f} s of CPU (aim: {BOUND})")


if __name__ == "__main__":
    main()
