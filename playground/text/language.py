"""The languages of the game, and where a text's translation stands: beside it.

A language is a folder of messages here with a language.toml: what it calls itself, and how it
writes numbers and lists. Whatever else is not translated yet is shown in English.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from playground.text import tomlfile

Language: TypeAlias = str  # by its folder, as addresses say it
SOURCE: Language = "en"  # everything is written in it first
FACTS = "language.toml"


class LanguageFile(BaseModel):
    """own_name: what it calls itself; locale: a tag by Unicode's CLDR, such as en-GB."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    own_name: str = Field(min_length=1)
    locale: str = Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")


def found(folder: Path) -> dict[Language, LanguageFile]:
    """All of a folder, English first. Raises AuthorError naming a file and its fault."""
    paths = sorted(folder.glob(f"*/{FACTS}"), key=lambda path: (path.parent.name != SOURCE, path))
    return {
        path.parent.name: tomlfile.parse(path, tomlfile.read(path), LanguageFile) for path in paths
    }


_FOUND = found(Path(__file__).parent)
LANGUAGES: tuple[Language, ...] = tuple(_FOUND)
OWN_NAMES: Mapping[Language, str] = {each: facts.own_name for each, facts in _FOUND.items()}
LOCALES: Mapping[Language, str] = {each: facts.locale for each, facts in _FOUND.items()}


def sibling(path: Path, language: Language) -> Path:
    """`token.md` -> `token.ru.md`; in English the file itself."""
    return path if language == SOURCE else path.with_suffix(f".{language}{path.suffix}")


def present(path: Path, language: Language) -> Path:
    """The sibling where there is one, else the English file: a text that nobody translated yet is
    shown as it is."""
    translated = sibling(path, language)
    return translated if translated.is_file() else path


def is_sibling(path: Path) -> bool:
    return any(path.stem.endswith(f".{language}") for language in LANGUAGES)


def slug(path: Path) -> str:
    """The name that a file shares with its siblings."""
    return path.name.partition(".")[0]
