"""The languages of the game, and where a text's translation stands: beside it. Reads no file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

Language = Literal["en", "ru"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
SOURCE: Language = "en"  # everything is written in it first
OWN_NAMES: Mapping[Language, str] = {"en": "English", "ru": "Русский"}  # what each calls itself
# How each writes numbers and lists (British English has no comma before the last "and").
LOCALES: Mapping[Language, str] = {"en": "en-GB", "ru": "ru"}


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
