"""Levels that instructors write for their classes: texts of level files that are checked as those
of the course are, and what one can begin with. Keeps nothing and proves nothing."""

import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomli_w

from playground.concepts.concepts import load_concepts
from playground.errors import AuthorError
from playground.levels.kinds import KINDS, Level
from playground.levels.schema import HINT_STEPS, Hints, blanks_in
from playground.levels.shelf import LEVELS, Shelf, level_of
from playground.levels.translated import LevelText, told
from playground.store.written import OWN
from playground.text import tomlfile
from playground.text.language import SOURCE, Language, sibling

# As errors call them.
FILE, SIBLING = Path("your-level.toml"), Path("your-level.ru.toml")
OF_COURSE = ("needs", "written_on")  # what a file says that is for the course alone
TITLE_MOST = 100  # characters
KEPT = 256  # texts that are not read again


def is_written(id: str) -> bool:
    return id.startswith(OWN)


@lru_cache(KEPT)
def read(text: str, translation: str, id: str, language: Language = SOURCE) -> Level:
    """The level of a file. translation: the text of its Russian sibling, empty for none. Raises
    AuthorError: file, field, found, allowed."""
    data = table(FILE, text)
    if "needs" in data:
        raise AuthorError(f"{FILE}: `needs`: leave it out; what opens a level, the class says")
    level = level_of(FILE, data, id, load_concepts())
    short(FILE, level.title)
    if not translation.strip():
        return level
    other = tomlfile.parse(SIBLING, table(SIBLING, translation), LevelText)
    short(SIBLING, other.title)
    fillable(level, other.hints)
    spoken = told(level, SIBLING, other)
    return level if language == SOURCE else spoken


def table(path: Path, text: str) -> dict[str, Any]:
    """Raises AuthorError for what is no TOML, and for values that nobody writes in earnest."""
    data = tomlfile.read_text(path, text)
    harmless(path, data)
    return data


def harmless(path: Path, value: object, where: str = "the file") -> None:
    """Raises AuthorError for a number that is none, and a text with characters that are none."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            harmless(path, each, str(key))
    elif isinstance(value, list):
        for each in value:
            harmless(path, each, where)
    elif isinstance(value, float) and not math.isfinite(value):
        raise AuthorError(f"{path}: `{where}`: found {value}; allowed are finite numbers")
    elif isinstance(value, int) and abs(value) >= 2**53:
        raise AuthorError(f"{path}: `{where}`: found a number of {len(str(value))} digits")
    elif isinstance(value, str) and any(e < " " and e not in "\n\t" or e == "\x7f" for e in value):
        raise AuthorError(f"{path}: `{where}`: found a control character; write plain text")


def short(path: Path, title: str) -> None:
    if len(title) > TITLE_MOST:
        raise AuthorError(
            f"{path}: `title`: found {len(title)} characters; allowed are {TITLE_MOST}"
        )


def fillable(level: Level, hints: Hints) -> None:
    """Raises AuthorError for a gap in a translated hint that the level's kind cannot fill in."""
    for step in HINT_STEPS:
        for name in sorted(blanks_in(getattr(hints, step)) - level.blanks):
            raise AuthorError(f"{SIBLING}: `hints.{step}`: {{{name}}} cannot be filled in here")


# -- what one begins with --------------------------------------------------------------------------
def blank(kind: str) -> str:
    """A file that says its kind and leaves the rest to be written. Raises AuthorError for a kind
    that is none."""
    if kind not in KINDS:
        raise AuthorError(f"{FILE}: `kind`: found {kind!r}; allowed: {', '.join(KINDS)}")
    return tomli_w.dumps({"kind": kind})


def copied(shelf: Shelf, id: str, language: Language = "ru") -> tuple[str, str]:
    """The texts of a level of the course and of its sibling, empty where it has none. Raises
    PlayerError for an id that is not in the course, AuthorError for a file that is not there."""
    path = LEVELS / shelf.chapter(shelf.level(id).id).slug / f"{id}.toml"
    data = {key: each for key, each in tomlfile.read(path).items() if key not in OF_COURSE}
    other = sibling(path, language)
    return tomli_w.dumps(data), other.read_text(encoding="utf-8") if other.is_file() else ""
