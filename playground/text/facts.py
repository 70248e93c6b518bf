"""What is known of a handbook's page beside its text: when it was checked, by what other names
people look for it, what to try. Read from docs/handbook/pages.toml, other names in another language
from its sibling. Knows no model.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

from playground.errors import AuthorError
from playground.text import tomlfile
from playground.text.language import SOURCE, Language, sibling

FACTS = "pages.toml"
MONTH = r"^20\d\d-(0[1-9]|1[0-2])$"


class TryEntry(BaseModel):
    """Something to open with everything filled in. screen: which one; concept: by whose best
    recipe a dial is set, or whose best detector is shown; the rest replaces what the recipe says;
    dial = false: a prompt alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    screen: Literal["sandbox", "feature"] = "sandbox"
    concept: str = "cats"
    prompt: str = "One morning"
    dial: bool = True
    site: Literal["early", "middle", "late"] | None = None
    method: Literal["add", "clamp", "ablate", "project"] | None = None
    scope: Literal["all", "prompt", "reply", "opening"] | None = None
    strength: float | None = None
    temperature: float | None = None


class FactsEntry(BaseModel):
    """checked: the month in which somebody last held the page against its sources, YYYY-MM."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    checked: str = Field(pattern=MONTH)
    aliases: tuple[str, ...] = ()
    figure: str = ""
    try_it: TryEntry | None = Field(default=None, alias="try")


class FactsFile(RootModel[dict[str, FactsEntry]]):
    pass


class AliasesFile(RootModel[dict[str, tuple[str, ...]]]):
    """A sibling: other names by page."""


@dataclass(frozen=True)
class Facts:
    """checked: the first day of the month. english: names in English where the page is in another
    language, for whoever read about it elsewhere. figure: the name of a drawing from the model's
    own numbers, or nothing."""

    checked: date
    aliases: tuple[str, ...] = ()
    english: tuple[str, ...] = ()
    figure: str = ""
    try_it: TryEntry | None = None


def read(folder: Path, language: Language = SOURCE) -> Mapping[str, Facts]:
    """By page. Raises AuthorError naming the file."""
    path = folder / FACTS
    entries = tomlfile.load(path, FactsFile).root
    told = sibling(path, language)
    own = tomlfile.load(told, AliasesFile).root if language != SOURCE and told.is_file() else {}
    if stray := sorted(own.keys() - entries.keys()):
        raise AuthorError(f"{told}: {stray[0]!r} is no page of {path.name}")
    return {
        slug: Facts(
            checked=date.fromisoformat(f"{each.checked}-01"),
            aliases=own.get(slug, ()) if language != SOURCE else each.aliases,
            english=each.aliases if language != SOURCE else (),
            figure=each.figure,
            try_it=each.try_it,
        )
        for slug, each in entries.items()
    }
