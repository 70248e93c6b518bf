"""The words on the screens, by key, from one file per language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from playground import tomlfile
from playground.text.language import SCREENS, SOURCE, THOUSANDS, Language
from playground.text.sayings import Sayings

ENGLISH = Path(__file__).with_name(SCREENS[SOURCE])


@dataclass(frozen=True, eq=False)
class Words:
    """`words("hunt.look")`; {names} in a text are filled from the keywords. `words.said(text)`: a
    sentence that a level or the game made, in the language of the screens."""

    texts: Mapping[str, str]
    language: Language = SOURCE
    said: Sayings = field(default_factory=Sayings)

    @classmethod
    def load(cls, path: Path = ENGLISH) -> "Words":
        """Raises AuthorError naming a file that is no TOML."""
        return cls(read(path))

    @classmethod
    def of(cls, language: Language) -> "Words":
        """What is not translated yet stays English. Raises AuthorError."""
        texts = {**read(ENGLISH), **read(ENGLISH.with_name(SCREENS[language]))}
        return cls(texts, language, Sayings.load(language))

    def __call__(self, key: str, **values: object) -> str:
        return self.texts[key].format(**values) if values else self.texts[key]

    def number(self, value: int) -> str:
        """A whole number as this language writes it."""
        return f"{value:,}".replace(",", THOUSANDS[self.language])


def read(path: Path) -> dict[str, str]:
    """The texts of a file by page and key."""
    tables = tomlfile.read(path)
    return {f"{page}.{key}": text for page, keys in tables.items() for key, text in keys.items()}
