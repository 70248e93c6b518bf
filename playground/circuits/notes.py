"""What is known of a transcoder's features: on which tokens each fires, in which texts most, which
next words it makes likelier. Read from the table beside the weights; knows no model.

A text is a few words around one token, fewer than the run of words by which a graded text would be
told.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from playground.errors import AuthorError

if TYPE_CHECKING:
    import pyarrow as pa

FILE = "features.parquet"


@dataclass(frozen=True)
class Snippet:
    """A token on which a feature fires, and what stands around it. value: its activation."""

    before: str
    token: str
    after: str
    value: float


@dataclass(frozen=True)
class Note:
    """fires: the tokens it fires on most, the most usual first; promotes: next tokens that it
    writes for, the likeliest first; share: of all tokens, 0..1; peak: its highest activation."""

    layer: int
    feature: int
    fires: tuple[str, ...]
    promotes: tuple[str, ...]
    texts: tuple[Snippet, ...]
    share: float
    peak: float


def schema() -> "pa.Schema":
    import pyarrow as pa  # slow to import

    words = pa.list_(pa.string())
    snippet = [(name, pa.string()) for name in ("before", "token", "after")]
    texts = pa.list_(pa.struct([*snippet, ("value", pa.float32())]))
    numbers = [(name, pa.float32()) for name in ("share", "peak")]
    return pa.schema([
        ("layer", pa.int32()), ("feature", pa.int32()), ("fires", words), ("promotes", words),
        ("texts", texts), *numbers,
    ])  # fmt: skip


def write(folder: Path, notes: Iterable[Note]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [asdict(note) for note in notes]
    pq.write_table(pa.Table.from_pylist(rows, schema()), folder / FILE, compression="zstd")


@lru_cache(maxsize=4)
def read(folder: Path) -> Mapping[tuple[int, int], Note]:
    """By block and feature. Raises AuthorError naming the file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows = pq.read_table(folder / FILE, columns=schema().names).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise AuthorError(f"{folder / FILE}: the features cannot be read: {error}") from error
    return {(row["layer"], row["feature"]): note_of(row) for row in rows}


def note_of(row: Mapping[str, object]) -> Note:
    told = dict(row)
    texts = tuple(Snippet(**each) for each in told.pop("texts"))  # pyright: ignore
    lists = {name: tuple(told.pop(name)) for name in ("fires", "promotes")}  # pyright: ignore
    return Note(texts=texts, **lists, **told)  # pyright: ignore


def blank(layer: int, feature: int) -> Note:
    """Of a feature that nobody has described: one that never fired in the texts that were read."""
    return Note(layer, feature, (), (), (), 0.0, 0.0)
