"""Held-out texts that find levels grade on: short, half with a concept and half without it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playground.errors import AuthorError
from playground.pocket.corpus import Document, documents
from playground.pocket.grammar import load

SEED = 3  # training and held-out loss use other seeds
DRAWN = 24_000  # documents to choose from
EACH = 24  # with a concept, and without it
WORDS = range(20, 91)  # short enough to read on a phone, long enough to be about something


@dataclass(frozen=True)
class Held:
    concept: str
    about: bool
    text: str


def chosen(seed: int = SEED, drawn: int = DRAWN) -> Iterator[Held]:
    """EACH texts with and EACH without every concept, without repetition within a concept."""
    short = [doc for doc in documents(seed, drawn) if len(doc.text.split()) in WORDS]
    for concept in load().concepts():
        rng = random.Random(f"{seed} {concept}")
        yield from picked(concept, True, [doc for doc in short if concept in doc.concepts], rng)
        yield from picked(
            concept, False, [doc for doc in short if concept not in doc.concepts], rng
        )


def picked(concept: str, about: bool, pool: list[Document], rng: random.Random) -> Iterator[Held]:
    if len(pool) < EACH:
        raise AuthorError(f"{concept}: {len(pool)} short documents, {EACH} are needed; raise DRAWN")
    for document in rng.sample(pool, EACH):
        yield Held(concept, about, document.text)


def write(path: Path) -> int:
    """Writes the Parquet table (concept, about, text); returns its rows.

    The same seed gives the same file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    held = list(chosen())
    table = pa.table(
        {
            "concept": [each.concept for each in held],
            "about": [each.about for each in held],
            "text": [each.text for each in held],
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd")
    return len(held)


if __name__ == "__main__":
    target = Path("assets/pocket/texts.parquet")
    print(f"{target}: {write(target)} texts, {target.stat().st_size / 2**10:.0f} KiB")
