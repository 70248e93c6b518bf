"""Reads Neuronpedia's public export of one SAE (gzipped JSON lines) and writes it beside an atlas,
a few lines in memory at a time. Trusts no field: what is unknown or missing is passed over. What
earlier imports said of features that this export does not have stays.

FOLDER/explanations/batch-N.jsonl.gz   id, modelId, layer, index, description, typeName, ...
FOLDER/features/batch-N.jsonl.gz       modelId, layer, index, frac_nonzero, pos_str, ...
FOLDER/activations/batch-N.jsonl.gz    modelId, layer, index, tokens, values, binMin, ...

`index` is the feature as text, `layer` the source. Asks no network: `bucket.py` does.
"""

import gzip
import json
import math
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq
from tqdm import tqdm

from playground.atlas import tables
from playground.errors import AuthorError

GZIPPED = b"\x1f\x8b"  # how such a file begins, whatever it is called
FILE_NAME = re.compile(r"\w[\w.-]*\.jsonl(\.gz)?")
LONGEST = 1 << 24  # bytes of a line; a longer one is damaged
DAMAGE_SHOWN = 5
ROWS_AT_ONCE = 256  # of an earlier import
TEXT_LENGTH = 500  # characters of an explanation
TEXTS_KEPT = 4  # of a feature's activations, the strongest
BEFORE, AFTER = 15, 8  # tokens around the peak
LOGITS_KEPT, BARS_KEPT = 10, 100  # at most
GROUPS = {tables.EXPLANATIONS: 256, tables.FEATURES: 256, tables.ACTIVATIONS: 64}
# How tokenizers write a space, a line break and a tab.
MARKS = {"▁": " ", "Ġ": " ", "Ċ": "\n", "ĉ": "\t", "<0x0A>": "\n"}
MARK = re.compile("|".join(MARKS))

Row = Mapping[str, object]


class Damaged(Exception):
    """A line that cannot be used; the message is the reason."""


@dataclass(frozen=True)
class Target:
    """Whose features they are: `width` of them at `site`. source: MODEL/SOURCE."""

    source: str
    atlas: Path
    site: str
    width: int


@dataclass
class Report:
    """What was read. rows: written of each kind; stayed: rows of earlier imports; explained: the
    features that have a text."""

    files: int = 0
    lines: int = 0
    damaged: int = 0
    places: list[str] = field(default_factory=list)  # of the first damaged lines
    rows: dict[str, int] = field(default_factory=dict)
    stayed: int = 0
    explained: int = 0

    def damage(self, path: Path, line: int, reason: str) -> None:
        self.damaged += 1
        if len(self.places) < DAMAGE_SHOWN:
            self.places.append(f"{path}:{line}: {reason}")

    def __str__(self) -> str:
        told = ", ".join(f"{count} {kind}" for kind, count in self.rows.items())
        said = [
            f"read {self.lines} lines of {self.files} files: kept {told}; "
            f"{self.explained} features have an explanation"
        ]
        if self.stayed:
            said.append(f"{self.stayed} rows of earlier imports stay")
        if self.damaged:
            said.append(f"{self.damaged} damaged lines were left out, the first:")
            said += [f"  {place}" for place in self.places]
        return "\n".join(said)


def convert(folder: Path, target: Target) -> Report:
    """Reads an export's folder and writes the tables, all of them or none.

    Raises AuthorError for a folder without an export, or one of another SAE.
    """
    files, report = files_of(folder, target.source), Report()
    about = {tables.NEURONPEDIA_SOURCE: target.source.encode()}
    with TemporaryDirectory(dir=target.atlas, prefix=".neuronpedia-") as work:
        for kind in tables.NEURONPEDIA:
            told = bytearray(target.width)
            new = counted(kind, kept(kind, files[kind], target, report), report, told)
            rows = chain(new, earlier(kind, target, report, told))
            schema = tables.NEURONPEDIA_SCHEMAS[kind].with_metadata(about)
            path = Path(work) / tables.neuronpedia_name(kind, target.site)
            tables.write_rows(path, schema, rows, GROUPS[kind])
            if kind == tables.EXPLANATIONS:
                report.explained = sum(told)
        for path in Path(work).iterdir():
            os.replace(path, target.atlas / path.name)
    return report


def files_of(folder: Path, source: str) -> dict[str, list[Path]]:
    """By kind, in the order of their numbers. The folder may be the SAE's, or one that has it
    under MODEL/SOURCE."""
    for place in (folder, folder / source, folder / "v1" / source):
        found = {
            kind: sorted(
                (each for each in (place / kind).glob("*") if FILE_NAME.fullmatch(each.name)),
                key=numbered,
            )
            for kind in tables.NEURONPEDIA
        }
        if any(found.values()):
            return found
    raise AuthorError(
        f"{folder}: no export of Neuronpedia lies here; expected "
        f"{' or '.join(tables.NEURONPEDIA)}, folders with batch-0.jsonl.gz and so on"
    )


def numbered(path: Path) -> tuple[int, str]:
    number = re.search(r"\d+", path.name)
    return (int(number[0]) if number else 0, path.name)


def counted(
    kind: str, rows: Iterable[dict[str, object]], report: Report, told: bytearray
) -> Iterator[dict[str, object]]:
    """told: by feature, becomes 1 where it has a row."""
    report.rows[kind] = 0
    for row in rows:
        report.rows[kind] += 1
        told[cast(int, row["index"])] = 1
        yield row


def earlier(
    kind: str, target: Target, report: Report, told: bytearray
) -> Iterator[dict[str, object]]:
    """Rows of the last import whose features have none in this one; none of another SAE's."""
    path, new = target.atlas / tables.neuronpedia_name(kind, target.site), bytes(told)
    if not path.exists():
        return
    try:
        with pq.ParquetFile(path) as file:
            source = (file.schema_arrow.metadata or {}).get(tables.NEURONPEDIA_SOURCE, b"")
            if source.decode() != target.source:
                return
            for batch in file.iter_batches(ROWS_AT_ONCE, use_threads=False):
                for row in batch.to_pylist():
                    if not new[row["index"]]:
                        report.stayed += 1
                        told[row["index"]] = 1
                        yield row
    except (OSError, pa.ArrowException, LookupError) as error:
        report.damage(path, 0, f"an earlier import, which cannot be kept: {error}")


def kept(
    kind: str, paths: Iterable[Path], target: Target, report: Report
) -> Iterator[dict[str, object]]:
    """The rows of one kind's table."""
    for path in tqdm(paths, desc=f"reading {kind}", unit="file"):
        report.files += 1
        yield from KEPT[kind](in_file(path, target, report))


# -- lines ---------------------------------------------------------------------------------------
def in_file(path: Path, target: Target, report: Report) -> Iterator[tuple[int, Row]]:
    """Features and their rows; damaged lines are counted. AuthorError for one of another SAE."""
    number = 0
    try:
        with opened(path) as file:
            while line := file.readline(LONGEST):
                number += 1
                whole = line.endswith(b"\n") or len(line) < LONGEST
                if not whole:
                    pass_over(file)
                elif not line.strip():
                    continue
                report.lines += 1
                try:
                    row = parsed(line) if whole else refuse("the line is too long")
                    yield feature_of(row, f"{path}:{number}", target), row
                except Damaged as error:
                    report.damage(path, number, str(error))
    except (OSError, EOFError, zlib.error) as error:
        report.damage(path, number + 1, f"the file breaks off: {error}")


def opened(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        packed = file.read(len(GZIPPED)) == GZIPPED
    return cast(BinaryIO, gzip.open(path)) if packed else path.open("rb")


def pass_over(file: BinaryIO) -> None:
    """The rest of a line."""
    while (rest := file.readline(LONGEST)) and not rest.endswith(b"\n"):
        pass


def refuse(reason: str) -> Row:
    raise Damaged(reason)


def parsed(line: bytes) -> Row:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Damaged(f"no JSON: {error}") from error
    return row if isinstance(row, dict) else refuse("no JSON object")


def feature_of(row: Row, place: str, target: Target) -> int:
    """Raises Damaged where it has no number, AuthorError where it is another SAE's."""
    told = "/".join(
        str(row.get(name) or own)
        for name, own in zip(("modelId", "layer"), target.source.split("/"), strict=True)
    )
    if told != target.source:
        raise AuthorError(f"{place}: is of {told}, not of {target.source}")
    index = row.get("index")
    if isinstance(index, str) and index.isascii() and index.isdigit() and len(index) < 10:
        index = int(index)
    if not isinstance(index, int) or isinstance(index, bool) or index < 0:
        raise Damaged(f"no feature's number in `index`: {str(index)[:40]!r}")
    if index >= target.width:
        raise AuthorError(
            f"{place}: feature {index}, but the SAE of site {target.site} has {target.width} "
            f"features (0 to {target.width - 1}); {target.source} is another one's"
        )
    return index


# -- fields --------------------------------------------------------------------------------------
def text(row: Row, name: str) -> str:
    """Empty for anything but a text. Half of a pair of code units, which no file holds, is
    replaced."""
    value = row.get(name)
    plain = value.encode("utf-8", "replace").decode() if isinstance(value, str) else ""
    return " ".join(plain.split())[:TEXT_LENGTH]


def number(value: object) -> float | None:
    """None for anything but a number that a table holds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e30:
        return None
    return float(value) if math.isfinite(value) else None


def items(row: Row, name: str) -> list[object]:
    value = row.get(name)
    return value if isinstance(value, list) else []


def numbers(row: Row, name: str) -> list[float]:
    """Empty where one of them is none."""
    found = [number(each) for each in items(row, name)]
    return [] if None in found else cast(list[float], found)


# -- rows ----------------------------------------------------------------------------------------
def explanations(rows: Iterable[tuple[int, Row]]) -> Iterator[dict[str, object]]:
    for feature, row in rows:
        if not (told := text(row, "description")):
            continue
        values = [number(each.get("value")) for each in items(row, "scores") if type(each) is dict]
        scores = [value for value in values if value is not None and 0 <= value <= 1]
        yield {
            "index": feature,
            "description": told,
            "typeName": text(row, "typeName"),
            "explanationModelName": text(row, "explanationModelName"),
            "score": sum(scores) / len(scores) if scores else None,
        }


def features(rows: Iterable[tuple[int, Row]]) -> Iterator[dict[str, object]]:
    for feature, row in rows:
        share, highest = number(row.get("frac_nonzero")), number(row.get("maxActApprox"))
        own: dict[str, object] = {
            "frac_nonzero": share if share is not None and 0 <= share <= 1 else None,
            "maxActApprox": highest if highest is not None and highest >= 0 else None,
        }
        for names in tables.NEURONPEDIA_LOGITS:
            own |= zip(names, logits(row, *names), strict=True)
        for names in tables.NEURONPEDIA_BARS:
            own |= zip(names, bars(row, *names), strict=True)
        if any(value not in (None, []) for value in own.values()):
            yield {"index": feature} | own


def logits(row: Row, tokens: str, values: str) -> tuple[list[str], list[float]]:
    """The first tokens and what is added to their logits; empty where they are none."""
    told, added = items(row, tokens)[:LOGITS_KEPT], numbers(row, values)[:LOGITS_KEPT]
    if len(told) != len(added) or not all(isinstance(each, str) for each in told):
        return [], []
    return [spelled(cast(str, each))[:TEXT_LENGTH] for each in told], added


def bars(row: Row, heights: str, values: str) -> tuple[list[float], list[float]]:
    """A histogram's; empty where there is none."""
    high, at = numbers(row, heights), numbers(row, values)
    return (high, at) if len(high) == len(at) <= BARS_KEPT else ([], [])


def activations(rows: Iterable[tuple[int, Row]]) -> Iterator[dict[str, object]]:
    """The strongest texts of each feature. A file holds all of a feature, so what is kept is
    written when the file ends."""
    best = dict[int, list[tuple[float, int, dict[str, object]]]]()
    for place, (feature, row) in enumerate(rows):
        if (made := activation(row)) is None:
            continue
        strength, example = made
        heap = best.setdefault(feature, [])
        if any(each["tokens"] == example["tokens"] for _, _, each in heap):
            continue  # many are there twice
        entry = (strength, -place, {"index": feature} | example)
        if len(heap) < TEXTS_KEPT:
            heappush(heap, entry)
        else:
            heappushpop(heap, entry)
    for feature in sorted(best):
        yield from (example for _, _, example in sorted(best[feature], reverse=True))


def activation(row: Row) -> tuple[float, dict[str, object]] | None:
    """How strong it is, and the text around its peak; None where there is no such text."""
    tokens, values = items(row, "tokens"), [number(each) for each in items(row, "values")]
    if not tokens or len(tokens) != len(values) or not all(isinstance(t, str) for t in tokens):
        return None
    strengths = [value or 0.0 for value in values]
    peak = strengths.index(max(strengths))
    low, high = max(0, peak - BEFORE), peak + AFTER + 1
    return strengths[peak], {
        "tokens": [spelled(cast(str, each)) for each in tokens[low:high]],
        "values": strengths[low:high],
        "maxValueTokenIndex": peak - low,
        "binMin": number(row.get("binMin")) or 0.0,
        "binMax": number(row.get("binMax")) or 0.0,
        "binContains": number(row.get("binContains")) or 0.0,
    }


def spelled(token: str) -> str:
    plain = token.encode("utf-8", "replace").decode()
    return MARK.sub(lambda found: MARKS[found[0]], plain)


KEPT: dict[str, Callable[[Iterable[tuple[int, Row]]], Iterator[dict[str, object]]]] = {
    tables.EXPLANATIONS: explanations,
    tables.FEATURES: features,
    tables.ACTIVATIONS: activations,
}
