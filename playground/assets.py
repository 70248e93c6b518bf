"""The files that the playground ships and their sums: proves them whole before anything reads them.

`python -m playground.assets seal` lists what lies in each part's folder in assets/MANIFEST.toml.
"""

import argparse
import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import BaseModel, ConfigDict, Field

from playground.errors import AuthorError
from playground.settings import ASSETS
from playground.text import tomlfile

MANIFEST = "MANIFEST.toml"
HEADER = """\
# What is shipped, how it was made, and its sums (`python -m playground.assets seal`).

"""
POINTER = b"version https://git-lfs"
MAX_FILE = 10 * 2**20  # a Hugging Face Space takes no larger plain file


class Sum(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size: int = Field(ge=0)  # bytes


class Asset(BaseModel):
    """What one recipe made. folder: relative to the assets; it may also be a single file."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    folder: str
    recipe: str
    licence: str
    figures: dict[str, float | int | str] = {}
    files: dict[str, Sum] = {}


class Manifest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    parts: dict[str, Asset]


def verify(assets: Path) -> Manifest:
    """Reads every listed file once. Raises AuthorError naming the first damaged or missing one."""
    manifest = tomlfile.load(assets / MANIFEST, Manifest)
    for part in manifest.parts.values():
        for name, expected in part.files.items():
            check(assets / name, expected, part.recipe)
    return manifest


def check(path: Path, expected: Sum, recipe: str) -> None:
    back = f"get it back with `git restore {path.name}` in {path.parent}, or make it anew: {recipe}"
    if not path.is_file():
        raise AuthorError(f"{path}: the file is missing; {back}")
    size = path.stat().st_size
    if size != expected.size:
        with path.open("rb") as file:
            start = file.read(len(POINTER))
        if start == POINTER:
            raise AuthorError(
                f"{path}: only a pointer was fetched; get the file with `git lfs pull`"
            )
        raise AuthorError(
            f"{path}: the file is damaged, {size} bytes instead of {expected.size}; {back}"
        )
    if sum_of(path).sha256 != expected.sha256:
        raise AuthorError(f"{path}: the file is damaged, its sha256 is not the manifest's; {back}")


def sum_of(path: Path) -> Sum:
    with path.open("rb") as file:
        return Sum(sha256=hashlib.file_digest(file, "sha256").hexdigest(), size=path.stat().st_size)


def seal(assets: Path) -> Manifest:
    """Lists what lies in each part's folder now, with its sums, and writes the manifest back."""
    manifest = tomlfile.load(assets / MANIFEST, Manifest)
    parts: dict[str, Asset] = {}
    for name, part in manifest.parts.items():
        root = assets / part.folder
        if not root.exists():
            raise AuthorError(f"{assets / MANIFEST}: parts.{name}.folder: no {root}; {part.recipe}")
        paths = [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.is_file())
        for path in paths:
            if path.stat().st_size > MAX_FILE:
                raise AuthorError(
                    f"{path}: {path.stat().st_size} bytes; at most {MAX_FILE} are shipped"
                )
        files = {path.relative_to(assets).as_posix(): sum_of(path) for path in paths}
        parts[name] = part.model_copy(update={"files": files})
    sealed = Manifest(parts=parts)
    (assets / MANIFEST).write_text(text_of(sealed), encoding="utf-8")
    return sealed


def publish(assets: Path, parts: Iterable[Asset]) -> Manifest:
    """Lists these parts anew, beside all others that there are, and seals."""
    path = assets / MANIFEST
    known = tomlfile.load(path, Manifest).parts if path.is_file() else {}
    manifest = Manifest(parts=known | {part.folder: part for part in parts})
    path.write_text(text_of(manifest), encoding="utf-8")
    return seal(assets)


def fresh(source: Path, target: Path, patterns: Iterable[str]) -> None:
    """The folder's files of these patterns and no others."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for pattern in patterns:
        for path in source.glob(pattern):
            shutil.copyfile(path, target / path.name)


def flat(figures: dict[str, Any], prefix: str = "") -> dict[str, float | int | str]:
    """Nested figures as one level of names that TOML takes bare; numbers to four places."""
    result: dict[str, float | int | str] = {}
    for name, value in figures.items():
        key = f"{prefix}{name}".replace("-", "_")
        if isinstance(value, dict):
            result |= flat(value, f"{key}_")
        elif isinstance(value, float):
            result[key] = round(value, 4)
        elif isinstance(value, int | str):
            result[key] = value
        else:
            result[key] = json.dumps(value)
    return result


def text_of(manifest: Manifest) -> str:
    """The manifest as TOML."""
    return HEADER + tomli_w.dumps(manifest.model_dump(exclude_defaults=True))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m playground.assets", description=__doc__)
    parser.add_argument("act", choices=("verify", "seal"))
    parser.add_argument("--assets", type=Path, default=ASSETS)
    given = parser.parse_args()
    try:
        manifest = (seal if given.act == "seal" else verify)(given.assets)
    except AuthorError as error:
        raise SystemExit(str(error)) from error
    files = [each for part in manifest.parts.values() for each in part.files.values()]
    print(f"{len(files)} files, {sum(each.size for each in files) / 2**20:.1f} MiB: whole")


if __name__ == "__main__":
    main()
