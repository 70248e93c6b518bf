"""The words on the screens, by key, from one file per language."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playground import tomlfile

ENGLISH = Path(__file__).with_name("english.toml")


@dataclass(frozen=True)
class Words:
    """`words("find.look")`; {names} in a text are filled from the keywords."""

    texts: Mapping[str, str]

    @classmethod
    def load(cls, path: Path = ENGLISH) -> "Words":
        """Raises AuthorError naming a file that is no TOML."""
        tables = tomlfile.read(path)
        return cls(
            {f"{page}.{key}": text for page, keys in tables.items() for key, text in keys.items()}
        )

    def __call__(self, key: str, **values: object) -> str:
        return self.texts[key].format(**values) if values else self.texts[key]
