"""The files of an atlas and how they are laid out; one place for those who write and those who
read. Computes nothing.

meta.json       seed, sums of model and SAEs, norms, what is usual for the model
pieces.json     the texts of tokens that examples refer to by number
concepts.json   one ConceptEntry a concept
index.parquet   one short row a feature, for search
cards-SITE.parquet   one row a feature, in its order, in small row groups
neuronpedia-KIND-SITE.parquet   what `import` read of Neuronpedia's export, in the order it came
rivals.json     how probes, means and neurons do beside features; `rivals` writes it
../texts.parquet   texts of every part with and without each concept, for levels
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from playground.errors import AuthorError

FORMAT = 2
CARDS_A_GROUP = 16  # a card is read with its row group: few rows, quick to decode
ROWS_AT_ONCE = 1 << 10  # that are written
BARS = 50  # of each histogram
META, PIECES, CONCEPTS = "meta.json", "pieces.json", "concepts.json"
EVERYTHING = "everything.json"  # by site the mean state over texts of all concepts
PLANE = "plane.json"  # by site where each feature with a card lies in two dimensions
INDEX, TEXTS = "index.parquet", "texts.parquet"

INDEX_SCHEMA = pa.schema(
    {
        "site": pa.string(),
        "index": pa.int32(),
        "label": pa.string(),  # a message as JSON (labels.py); empty for none
        "apart": pa.string(),  # likewise: what tells it from others of that name
        "english": pa.string(),  # the label in words, to be searched
        "top": pa.list_(pa.string()),  # a few tokens that it fires on
        "concepts": pa.list_(pa.string()),  # those it tells from others
        "score": pa.float32(),  # best AUROC; orders equal search results
        "frac_nonzero": pa.float32(),
    }
)
CARD_SCHEMA = pa.schema(
    {
        "index": pa.int32(),
        "maxActApprox": pa.float32(),
        "frac_nonzero": pa.float32(),
        "pos_str": pa.list_(pa.string()),
        "pos_values": pa.list_(pa.float32()),
        "neg_str": pa.list_(pa.string()),
        "neg_values": pa.list_(pa.float32()),
        "freq_heights": pa.list_(pa.int32()),  # bars from 0 to maxActApprox
        "logits_heights": pa.list_(pa.int32()),
        "logits_from": pa.float32(),
        "logits_to": pa.float32(),
        "near": pa.list_(pa.int32()),
        "near_cosines": pa.list_(pa.float32()),
        "label": pa.string(),  # as in the index
        "made": pa.string(),  # how, one of naming.MADE
        "fits": pa.int32(),  # of the strongest examples those that fit the label
        "of": pa.int32(),  # and how many there are
        "share": pa.float32(),  # of what it fires at all strengths, likewise
        "concepts": pa.list_(pa.string()),
        "aurocs": pa.list_(pa.float32()),
        # One entry an example; tokens are numbers of pieces.json, all examples end to end.
        "example_lengths": pa.list_(pa.uint8()),
        "example_tokens": pa.list_(pa.int32()),
        "example_values": pa.list_(pa.float32()),
        "example_peaks": pa.list_(pa.uint8()),
        "example_from": pa.list_(pa.float32()),
        "example_to": pa.list_(pa.float32()),
        "example_shares": pa.list_(pa.float32()),
        "example_sources": pa.list_(pa.uint8()),  # place in SOURCES
    }
)
TEXTS_SCHEMA = pa.schema(
    {"concept": pa.string(), "about": pa.bool_(), "part": pa.string(), "text": pa.string()}
)
OTHER, LABELLED = "other texts", "the levels' texts"
SOURCES = ("held-out documents", "own samples", OTHER, LABELLED)
# The three parts of Neuronpedia's export, its own names for them and for their fields.
EXPLANATIONS, FEATURES, ACTIVATIONS = NEURONPEDIA = ("explanations", "features", "activations")
NEURONPEDIA_SOURCE = b"source"  # in the tables' metadata: MODEL/SOURCE
NEURONPEDIA_LOGITS = (("pos_str", "pos_values"), ("neg_str", "neg_values"))
NEURONPEDIA_BARS = (
    ("freq_hist_data_bar_heights", "freq_hist_data_bar_values"),
    ("logits_hist_data_bar_heights", "logits_hist_data_bar_values"),
)
NEURONPEDIA_SCHEMAS = {
    EXPLANATIONS: pa.schema(
        {
            "index": pa.int32(),
            "description": pa.string(),
            "typeName": pa.string(),
            "explanationModelName": pa.string(),  # who wrote it; empty where it does not say
            "score": pa.float32(),  # mean, 0..1; null where it does not say
        }
    ),
    # Null or empty where it does not say; a table of an earlier version has the shares alone.
    FEATURES: pa.schema(
        {"index": pa.int32(), "frac_nonzero": pa.float32(), "maxActApprox": pa.float32()}
        | {name: pa.list_(pa.string()) for name, _ in NEURONPEDIA_LOGITS}
        | {name: pa.list_(pa.float32()) for _, name in NEURONPEDIA_LOGITS}
        | {name: pa.list_(pa.float32()) for names in NEURONPEDIA_BARS for name in names}
    ),
    ACTIVATIONS: pa.schema(
        {
            "index": pa.int32(),
            "tokens": pa.list_(pa.string()),  # around the peak
            "values": pa.list_(pa.float32()),
            "maxValueTokenIndex": pa.int32(),
            "binMin": pa.float32(),
            "binMax": pa.float32(),
            "binContains": pa.float32(),
        }
    ),
}


def cards_name(site: str) -> str:
    return f"cards-{site}.parquet"


def neuronpedia_name(kind: str, site: str) -> str:
    return f"neuronpedia-{kind}-{site}.parquet"


def edition(atlas: Path) -> str:
    """Short, and another one whenever the atlas was made anew from something else."""
    told = b"".join((atlas / name).read_bytes() for name in (META, CONCEPTS))
    return hashlib.sha256(told).hexdigest()[:16]


def whole(path: Path, write: Callable[[Path], object]) -> None:
    """Has `write` make a file beside `path` and renames it: a half-written file never has the
    name, and does not stay.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    try:
        write(partial)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def copy(source: Path, target: Path) -> None:
    whole(target, lambda partial: shutil.copyfile(source, partial))


def write_json(path: Path, data: object) -> None:
    text = json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    whole(path, lambda partial: partial.write_text(text, encoding="utf-8"))


def read_json(path: Path) -> Any:
    """Raises AuthorError naming the file when it is missing or damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise AuthorError(
            f"{path}: missing; build it with `python -m playground.atlas build`"
        ) from error
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise AuthorError(f"{path}: damaged: {error}") from error


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    def save(partial: Path) -> None:
        with partial.open("wb") as file:  # by name, numpy would add .npz to it
            np.savez(file, **cast(dict[str, Any], arrays))

    whole(path, save)


def write_rows(
    path: Path,
    schema: pa.Schema,
    rows: Iterable[Mapping[str, object]],
    group: int = 1 << 16,
) -> None:
    """group: rows that are read together. Rows may be a stream: few are in memory at once."""

    def write(partial: Path) -> None:
        options = {"compression": "zstd", "compression_level": 9}
        with pq.ParquetWriter(partial, schema, **options) as file:
            left = iter(rows)
            # The first batch is written even if it is empty: a table without rows is one too.
            some = list(islice(left, ROWS_AT_ONCE))
            while True:
                table = pa.Table.from_pylist(some, schema=schema)
                file.write_table(table, row_group_size=group)
                if not (some := list(islice(left, ROWS_AT_ONCE))):
                    break

    whole(path, write)
