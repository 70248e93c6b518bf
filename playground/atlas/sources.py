"""Where an atlas' texts come from: a data set of the Hugging Face hub, a file, labelled documents,
or the concepts' own texts.

Nothing is held in memory that grows with what is read; nothing is known of models.
"""

import gzip
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from playground.atlas import tables
from playground.concepts import examples
from playground.concepts.concepts import Concept
from playground.concepts.examples import Part, part_of
from playground.errors import AuthorError

PIECE = 20_000  # characters; a longer text, such as a book on one line, comes in several
COLUMNS = ("text", "content", "body")  # tried in turn where none is named
FILES = (".txt", ".md", ".jsonl", ".jsonl.gz", ".parquet")
SHIPPED = 24  # texts of a concept for levels, of each sort and part
OWN = "own"  # names the model's own samples as the only texts


# -- texts that are read ---------------------------------------------------------------------------
class TextSource(Protocol):
    """name: as asked for; texts: from the n-th on, the same each time."""

    @property
    def name(self) -> str: ...
    def texts(self, skip: int) -> Iterator[str]: ...


@dataclass(frozen=True)
class FileSource:
    path: Path
    column: str = ""

    @property
    def name(self) -> str:
        return self.path.name

    def texts(self, skip: int) -> Iterator[str]:
        return islice(in_file(self.path, self.column), skip, None)


@dataclass(frozen=True)
class HubSource:
    """Rows come one by one over the network; nothing is downloaded whole. asked: OWNER/NAME or
    OWNER/NAME:CONFIG."""

    asked: str
    column: str = ""
    split: str = "train"

    @property
    def name(self) -> str:
        return f"{self.asked} [{self.split}]"

    def texts(self, skip: int) -> Iterator[str]:
        # A second to import.
        from datasets import load_dataset
        from datasets.exceptions import DatasetsError

        name, _, config = self.asked.partition(":")
        try:
            rows: Any = load_dataset(name, config or None, split=self.split, streaming=True)
            texts = (row[named(row, self.column, self.name)] for row in rows)
            yield from islice(shorter(texts), skip, None)
        except (OSError, ValueError, DatasetsError) as error:
            raise AuthorError(
                f"--text {self.asked}: is no file here, and the data set cannot be read: {error}"
            ) from error


@dataclass(frozen=True)
class ChatReply:
    """What a chat model said to a message. system: what it was told beforehand; empty: what its
    template tells it."""

    prompt: str
    system: str
    reply: str


def chats_in(file: Path) -> Iterator[ChatReply]:
    """Of a file with a JSON object a line (.jsonl or .jsonl.gz); those of *show*. Raises
    AuthorError for lines that are none."""
    opened = gzip.open if file.suffix == ".gz" else open
    try:
        with opened(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                told = json.loads(line)
                made = ChatReply(told["prompt"], told["system"], told["reply"])
                if part_of(made.reply) == "show":
                    yield made
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AuthorError(
            f"--chats {file}: each line has to be an object with prompt, system and reply: {error}"
        ) from error


def open_source(asked: str, column: str = "", split: str = "train") -> TextSource:
    """A file that exists, else a data set of the hub. Raises AuthorError for anything else."""
    path = Path(asked)
    if path.is_file():
        if not asked.endswith(FILES):
            raise AuthorError(f"--text {asked}: a text file ends in one of {', '.join(FILES)}")
        return FileSource(path.resolve(), column)
    if asked.endswith(FILES) or asked.startswith((".", "/")):
        raise AuthorError(f"--text {asked}: there is no such file")
    return HubSource(asked, column, split)


def in_file(path: Path, column: str) -> Iterator[str]:
    """Texts of a file: of plain text its paragraphs, of the others a column's values."""
    if path.suffix in (".txt", ".md"):
        yield from shorter(paragraphs(path))
    elif path.suffix == ".parquet":
        yield from shorter(in_parquet(path, column))
    else:
        yield from shorter(in_json_lines(path, column))


def paragraphs(path: Path) -> Iterator[str]:
    """What stands between empty lines."""
    lines = list[str]()
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.strip():
                lines.append(line)
            elif lines:
                yield "".join(lines).strip()
                lines.clear()
            if sum(map(len, lines)) > PIECE:
                yield "".join(lines).strip()
                lines.clear()
    if lines:
        yield "".join(lines).strip()


def in_json_lines(path: Path, column: str) -> Iterator[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise AuthorError(f"{path}, line {number}: no JSON: {error}") from error
            yield row[named(row, column, f"{path}, line {number}")]


def in_parquet(path: Path, column: str) -> Iterator[str]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        chosen = named(dict.fromkeys(file.schema_arrow.names, ""), column, str(path))
        for batch in file.iter_batches(256, columns=[chosen]):
            yield from (each for each in batch.column(0).to_pylist() if each)
    except (OSError, pa.ArrowException) as error:
        raise AuthorError(f"{path}: cannot be read: {error}") from error


def named(row: Mapping[str, Any], column: str, place: str) -> str:
    """The column that holds the text."""
    tried = (column,) if column else COLUMNS
    for each in tried:
        if isinstance(row.get(each), str):
            return each
    raise AuthorError(
        f"{place}: no text in {' or '.join(tried)}; the columns are {', '.join(row)}. "
        "Name one with --column."
    )


def shorter(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for at in range(0, len(text), PIECE):
            yield text[at : at + PIECE]


# -- texts that are labelled -----------------------------------------------------------------------
@dataclass(frozen=True)
class Labelled:
    """Texts by which detectors are found and judged. about: of each concept, the texts that are
    about it; used: those that it is judged on, its contrast texts too; near: of those, the ones
    about it and about what is easily taken for it. [concepts, texts] each
    """

    texts: list[str]
    about: np.ndarray
    used: np.ndarray
    near: np.ndarray
    parts: np.ndarray = field(init=False)  # of each text, [texts]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", np.array([part_of(each) for each in self.texts]))

    def of(self, part: Part) -> np.ndarray:
        """[texts] of bool"""
        return self.parts == part

    def among(self, *parts: Part) -> "Labelled":
        """The texts of some parts alone."""
        own = np.isin(self.parts, parts)
        texts = [text for text, kept in zip(self.texts, own, strict=True) if kept]
        return Labelled(texts, self.about[:, own], self.used[:, own], self.near[:, own])

    def graded(self) -> list[str]:
        return [text for text, own in zip(self.texts, self.of("grade"), strict=True) if own]

    def counts(self, row: int) -> tuple[int, int]:
        """How many graded texts of a concept are about it, and how many are not."""
        own = self.of("grade") & self.used[row]
        return int((own & self.about[row]).sum()), int((own & ~self.about[row]).sum())


def shipped(labelled: Labelled, names: Sequence[str], seed: int) -> list[dict[str, object]]:
    """Labelled texts of every part for levels; the shorter ones, because a player reads them.
    names: of the concepts, in order."""
    rng = np.random.default_rng(seed)
    rows = list[dict[str, object]]()
    for row, name in enumerate(names):
        for part, about in product(examples.SHARES, (True, False)):
            own = labelled.used[row] & (labelled.about[row] == about) & labelled.of(part)
            drawn = rng.permutation(np.flatnonzero(own))[: 2 * SHIPPED]
            shortest = sorted(drawn, key=lambda n: (len(labelled.texts[n].split()), n))
            told = {"concept": name, "about": about, "part": part}
            rows += [told | {"text": labelled.texts[n]} for n in sorted(shortest[:SHIPPED])]
    return rows


class Corpus(Protocol):
    """source: place in tables.SOURCES of what `texts` gives. None of them holds what it reads. Of
    all texts that are read for cards only those of *show* are given."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> int: ...
    def concepts(self, known: Iterable[str]) -> frozenset[str]:
        """Those that it has labelled texts of."""
        ...

    def labelled(self, concepts: Mapping[str, Concept]) -> Labelled: ...
    def texts(self, concepts: Mapping[str, Concept]) -> Callable[[int], Iterator[str]]:
        """From the n-th on, the same each time."""
        ...


@dataclass(frozen=True)
class OpenCorpus:
    """For any model: detectors come from each concept's own texts, examples from a source."""

    reads: TextSource | None

    @property
    def name(self) -> str:
        return self.reads.name if self.reads else OWN

    @property
    def source(self) -> int:
        return tables.SOURCES.index(tables.OTHER if self.reads else tables.LABELLED)

    def concepts(self, known: Iterable[str]) -> frozenset[str]:
        return frozenset(known) & examples.named()

    def labelled(self, concepts: Mapping[str, Concept]) -> Labelled:
        places: dict[str, int] = {}
        for concept in concepts.values():
            for text in (*examples.texts(concept.name), *examples.contrast(concept)):
                places.setdefault(text, len(places))
        about = np.zeros((len(concepts), len(places)), dtype=bool)
        used = np.zeros_like(about)
        for row, concept in enumerate(concepts.values()):
            about[row, [places[text] for text in examples.texts(concept.name)]] = True
            used[row, [places[text] for text in examples.contrast(concept)]] = True
        # Its contrast texts are near ones already.
        return Labelled(list(places), about, used | about, used | about)

    def texts(self, concepts: Mapping[str, Concept]) -> Callable[[int], Iterator[str]]:
        """The source's own, or the concepts' where the model's samples are all there is."""
        reads = self.reads.texts if self.reads else lambda skip: iter(self.labelled(concepts).texts)
        return lambda skip: islice(shown(reads(0)), skip, None)


class LabelledDocument(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def concepts(self) -> frozenset[str]: ...


Documents = Callable[[int, int], Iterable[LabelledDocument]]  # (seed, count) -> documents


def shown(texts: Iterable[str]) -> Iterator[str]:
    return (each for each in texts if part_of(each) == "show")


@dataclass(frozen=True)
class DocumentCorpus:
    """Documents that say which concepts they are about serve for both: each is judged on all.

    count: how many are labelled, and more until every concept has `each` of every part (documents
    are drawn from a pool, and what it has of *show* is read for cards).
    """

    documents: Documents
    seed: int
    count: int
    each: int
    source: int = 0

    POOL = 5  # documents written for each one kept, so that rare concepts can be topped up

    @property
    def name(self) -> str:
        return f"{self.count} documents of {self.documents.__module__}"

    def concepts(self, known: Iterable[str]) -> frozenset[str]:
        written = (each.concepts for each in self.documents(self.seed, self.count))
        return frozenset(known) & frozenset().union(*written)

    def kept(self, concepts: Iterable[str]) -> list[LabelledDocument]:
        return topped_up(self._pool(), self.count, self.each, concepts)

    def _pool(self) -> Iterable[LabelledDocument]:
        return self.documents(self.seed, self.POOL * self.count)

    def labelled(self, concepts: Mapping[str, Concept]) -> Labelled:
        kept = self.kept(concepts)
        about = np.array(
            [[name in each.concepts for each in kept] for name in concepts], dtype=bool
        )
        rows = {name: row for row, name in enumerate(concepts)}
        near = about.copy()
        for name, row in rows.items():
            for other in examples.own(name).near if name in examples.named() else ():
                if other in rows:
                    near[row] |= about[rows[other]]
        return Labelled([each.text for each in kept], about, np.ones_like(about), near)

    def texts(self, concepts: Mapping[str, Concept]) -> Callable[[int], Iterator[str]]:
        return lambda skip: islice(shown(each.text for each in self._pool()), skip, None)


def topped_up(
    pool: Iterable[LabelledDocument], count: int, each: int, concepts: Iterable[str]
) -> list[LabelledDocument]:
    """The first `count` of a pool, and those later ones that carry a concept of which the part
    that they belong to has seen fewer than `each`.
    """
    kept, parts = list[LabelledDocument](), tuple(examples.SHARES)
    seen = {(name, part): 0 for name in concepts for part in parts}
    for document in pool:
        part = part_of(document.text)
        own = [(name, part) for name in document.concepts if (name, part) in seen]
        if len(kept) < count or any(seen[key] < each for key in own):
            kept.append(document)
            for key in own:
                seen[key] += 1
        if len(kept) >= count and min(seen.values(), default=each) >= each:
            break
    return kept
