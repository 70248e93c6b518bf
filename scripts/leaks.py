"""`python scripts/leaks.py ASSETS [ASSETS ...]`: looks for graded texts on cards.

Reads an atlas' data files and nothing else of this repository: texts.parquet, pieces.json and
cards-SITE.parquet. Prints how many graded texts share eight words in a row (lower case) with a text
on a card, and ends with 1 if any does. ASSETS holds texts.parquet and a folder `atlas`.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

RUN = 8
WORD = re.compile(r"[\w']+")


def runs(text: str) -> Iterator[tuple[str, ...]]:
    words = WORD.findall(text.lower())
    return zip(*(words[n:] for n in range(RUN)), strict=False)


def cards(atlas: Path) -> Iterator[str]:
    pieces = json.loads((atlas / "pieces.json").read_text(encoding="utf-8"))
    for path in sorted(atlas.glob("cards-*.parquet")):
        table = pq.read_table(path, columns=["example_lengths", "example_tokens"])
        for row in table.to_pylist():
            start = 0
            for length in row["example_lengths"]:
                yield "".join(pieces[n] for n in row["example_tokens"][start : start + length])
                start += length


def leaks(texts: Path, atlas: Path) -> tuple[int, int, int]:
    """Graded texts, texts on cards, and how many of the first have a run of the second."""
    rows = pq.read_table(texts).to_pylist()
    graded = {row["text"] for row in rows if row["part"] == "grade"}
    shown = list(cards(atlas))
    known = {run for text in shown for run in runs(text)}
    return len(graded), len(shown), sum(any(run in known for run in runs(t)) for t in graded)


def main() -> None:
    found = 0
    for folder in map(Path, sys.argv[1:]):
        graded, shown, leaked = leaks(folder / "texts.parquet", folder / "atlas")
        print(f"{folder}: {leaked} of {graded} graded texts on {shown} texts of cards")
        found += leaked
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
