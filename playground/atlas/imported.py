"""What was imported of Neuronpedia's export for one site, feature by feature. Reads the tables that
`neuronpedia.py` wrote; asks no network."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from playground.atlas import tables
from playground.atlas.cards import Activation, Explanation, Neuronpedia
from playground.errors import AuthorError

SOURCE_NAME = "Neuronpedia"  # of an example's text
NOTHING: Mapping[str, Any] = {}
LISTS = [n for names in (*tables.NEURONPEDIA_LOGITS, *tables.NEURONPEDIA_BARS) for n in names]
BROKEN = (OSError, pa.ArrowException, LookupError)


class FeatureRows:
    """A table whose rows are found by feature, in whatever order it was written."""

    def __init__(self, path: Path) -> None:
        """Raises AuthorError naming the file."""
        self._path = path
        try:
            self._file = pq.ParquetFile(path)
            features = self._file.read(["index"], use_threads=False)["index"].to_numpy()
        except BROKEN as error:
            raise self._damaged(error) from error
        self._order = np.argsort(features, kind="stable")
        self._features = features[self._order]
        about = self._file.metadata
        sizes = [about.row_group(n).num_rows for n in range(about.num_row_groups)]
        self._starts = np.cumsum([0, *sizes])
        self._lock = Lock()  # a Parquet file has one reader at a time

    @property
    def source(self) -> str:
        """MODEL/SOURCE."""
        about = self._file.schema_arrow.metadata or {}
        return about.get(tables.NEURONPEDIA_SOURCE, b"").decode()

    def of(self, feature: int) -> list[dict[str, Any]]:
        low, high = np.searchsorted(self._features, [feature, feature + 1])
        places = self._order[low:high]
        groups = np.searchsorted(self._starts, places, side="right") - 1
        rows = list[dict[str, Any]]()
        try:
            for group in dict.fromkeys(groups.tolist()):
                wanted = places[groups == group] - self._starts[group]
                with self._lock:
                    table = self._file.read_row_group(group, use_threads=False)
                rows += table.take(wanted).to_pylist()
        except BROKEN as error:
            raise self._damaged(error) from error
        return rows

    def column(self, name: str) -> Iterator[tuple[int, Any]]:
        """(feature, value) of all rows."""
        try:
            with self._lock:
                table = self._file.read(["index", name], use_threads=False)
        except BROKEN as error:
            raise self._damaged(error) from error
        return zip(table["index"].to_pylist(), table[name].to_pylist(), strict=True)

    def _damaged(self, error: Exception) -> AuthorError:
        return AuthorError(f"{self._path}: damaged; import it again or remove it: {error}")


class Imported:
    """One site's; safe on several threads."""

    def __init__(self, rows: Mapping[str, FeatureRows]) -> None:
        self._rows = rows
        self.source = rows[tables.EXPLANATIONS].source

    @classmethod
    def open(cls, folder: Path, site: str) -> Self | None:
        """None where nothing was imported. Raises AuthorError naming a damaged file."""
        paths = {kind: folder / tables.neuronpedia_name(kind, site) for kind in tables.NEURONPEDIA}
        if not any(path.exists() for path in paths.values()):
            return None
        return cls({kind: FeatureRows(path) for kind, path in paths.items()})

    def texts(self) -> dict[int, list[str]]:
        """What each feature is said to be about."""
        found = dict[int, list[str]]()
        for feature, text in self._rows[tables.EXPLANATIONS].column("description"):
            found.setdefault(feature, []).append(text)
        return found

    def of(self, feature: int) -> Neuronpedia:
        explanations = (
            Explanation(
                row["description"], row["typeName"], row["explanationModelName"], row["score"]
            )
            for row in self._rows[tables.EXPLANATIONS].of(feature)
        )
        measured = next(iter(self._rows[tables.FEATURES].of(feature)), NOTHING)
        return Neuronpedia(
            self.source,
            feature,
            tuple(dict.fromkeys(explanations)),
            tuple(map(activation_of, self._rows[tables.ACTIVATIONS].of(feature))),
            measured.get("frac_nonzero"),
            measured.get("maxActApprox"),
            **{name: tuple(measured.get(name) or ()) for name in LISTS},
        )


def activation_of(row: Mapping[str, Any]) -> Activation:
    values, peak = tuple(row["values"]), row["maxValueTokenIndex"]
    return Activation(
        tokens=tuple(row["tokens"]),
        values=values,
        maxValue=values[peak],
        maxValueTokenIndex=peak,
        binMin=row["binMin"],
        binMax=row["binMax"],
        binContains=row["binContains"],
        dataSource=SOURCE_NAME,
    )
