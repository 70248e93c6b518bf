"""Each concept's own texts, written by hand: some about it, and contrast texts that are not; and
which part of a collection any text belongs to.

Knows nothing of models. levels/concepts/texts/NAME.txt begins with a line `near: NAME, NAME`, the
concepts that a careless reader would take for this one; after it stand the texts, an empty line
between two. The contrast texts of a concept are texts of its near concepts, and of everyday.txt.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from playground.concepts.concepts import FOLDER, Concept, present
from playground.errors import AuthorError

TEXTS = FOLDER / "texts"
EVERYDAY = "everyday"  # a file of texts about nothing that is a concept
NEAR, FAR = 24, 16  # contrast texts of near concepts, all together, and of everyday life
MARK = "near:"

# What texts are for. Whatever is chosen (labels, references, thresholds, recipes) is chosen on
# *select*; what a player is shown (cards, examples, hints) is of *show*; every verdict and figure
# is of *grade*.
Part = Literal["select", "show", "grade"]
SHARES: Mapping[Part, float] = {"select": 0.35, "show": 0.3, "grade": 0.35}
SALT = "897"  # of a thousand tried one by which every file here has six texts of each part


def part_of(document: str) -> Part:
    """Which part a text belongs to: by its words alone (sha256), so that it is the same in every
    collection, on every machine, and whatever else is read."""
    told = " ".join((SALT, *document.lower().split()))
    place = int.from_bytes(hashlib.sha256(told.encode()).digest()[:8]) / 2**64
    for part, share in SHARES.items():
        if place < share:
            return part
        place -= share
    return "grade"  # rounding alone leads here


@dataclass(frozen=True)
class Examples:
    """texts: about the concept; near: names of the concepts that are easily taken for it."""

    texts: tuple[str, ...]
    near: tuple[str, ...]


def load(path: Path) -> Examples:
    """One file. Raises AuthorError naming the file that is wrong."""
    try:
        blocks = [each.strip("\n") for each in path.read_text(encoding="utf-8").split("\n\n")]
    except (OSError, UnicodeDecodeError) as error:
        raise AuthorError(f"{path}: the concept's texts cannot be read: {error}") from error
    first, *texts = [each for each in blocks if each.strip()] or [""]
    if not first.startswith(MARK) or "\n" in first:
        raise AuthorError(f"{path}: begins with {first[:40]!r}; a line `near: NAME, NAME` is first")
    names = [name.strip() for name in first.removeprefix(MARK).split(",")]
    return Examples(tuple(texts), tuple(name for name in names if name))


@cache
def load_all(folder: Path = TEXTS) -> Mapping[str, Examples]:
    """By the concept's name, everyday.txt among them. Raises AuthorError."""
    made = {path.stem: load(path) for path in sorted(folder.glob("*.txt"))}
    for name, each in made.items():
        for near in each.near:
            if near not in made:
                raise AuthorError(f"{folder / name}.txt: `near` names {near!r}, which has no file")
    return made


def named() -> frozenset[str]:
    """The concepts that have texts."""
    return frozenset(load_all()) - {EVERYDAY}


def texts(name: str) -> tuple[str, ...]:
    """Texts about a concept. Raises AuthorError where it has no file."""
    return own(name).texts


def contrast(concept: Concept) -> tuple[str, ...]:
    """Texts that are not about the concept, near ones first; none in which it shows, since the near
    concepts' writers did not have this one in mind. Raises AuthorError."""
    near = own(concept.name).near
    kept = list[str]()
    for place, name in enumerate(near):
        room = (NEAR - len(kept)) // (len(near) - place)  # what is left is shared evenly
        kept += [each for each in texts(name) if not shows(concept, each)][:room]
    return (*kept, *[each for each in texts(EVERYDAY) if not shows(concept, each)][:FAR])


def shows(concept: Concept, text: str) -> bool:
    """A text may brush a topic with one word; of a behaviour a single trace is too much."""
    if concept.kind == "behaviour":
        return concept.pattern.search(text) is not None
    return present(concept, text)


def own(name: str) -> Examples:
    known = load_all()
    if name not in known:
        raise AuthorError(f"{TEXTS / name}.txt: missing; the concept {name!r} has no texts")
    return known[name]
