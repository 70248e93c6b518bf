"""Reads a TOML file into a pydantic record; what is wrong with it becomes one AuthorError line."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from playground.errors import AuthorError

Record = TypeVar("Record", bound=BaseModel)
SHOWN = 80  # characters of a wrong value that an error quotes


def read(path: Path) -> dict[str, Any]:
    """The tables of a file. Raises AuthorError naming it."""
    try:
        return read_text(path, path.read_text(encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise AuthorError(f"{path}: cannot be opened: {reason.lower()}") from error
    except UnicodeDecodeError as error:
        raise AuthorError(f"{path}: is no TOML: {error}") from error


def read_text(path: Path, text: str) -> dict[str, Any]:
    """The tables of a text. path: for errors. Raises AuthorError naming it."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise AuthorError(f"{path}: is no TOML: {error}") from error


def parse(path: Path, data: object, schema: type[Record]) -> Record:
    """A record of what a file holds.

    Raises AuthorError: file, field, what was found, what is allowed.
    """
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        first, *others = error.errors()
        more = f" ({len(others)} more to mend after this)" if others else ""
        raise AuthorError(f"{path}: {complaint(first, schema)}{more}") from error


def load(path: Path, schema: type[Record]) -> Record:
    return parse(path, read(path), schema)


def complaint(error: ErrorDetails, schema: type[BaseModel]) -> str:
    """`field`: found ...; allowed ..."""
    where = ".".join(str(part) for part in error["loc"]) or "the file"
    if error["type"] == "missing":
        return f"`{where}` is missing"
    if error["type"] == "extra_forbidden":
        known = ", ".join(name for name in schema.model_fields if name != "id")
        allowed = f"; allowed here: {known}" if len(error["loc"]) == 1 else ""
        return f"`{where}` is unknown{allowed}"
    found = repr(error["input"])
    if len(found) > SHOWN:
        found = found[: SHOWN - 3] + "..."
    message = error["msg"].removeprefix("Value error, ")
    return f"`{where}`: found {found}; {message[0].lower()}{message[1:]}"
