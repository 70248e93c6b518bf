"""Families of prompts: one sentence with different words in its gap, each of which a model that
knows how it goes on answers with one word. Knows no model and no kind.
"""

from functools import cache
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, RootModel, model_validator

from playground.text import tomlfile

FILE = Path(__file__).with_suffix(".toml")
GAP = "{}"


class PromptFamily(BaseModel):
    """frame: a sentence with one gap; words: what is said next, by what stands in the gap."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    frame: str
    words: dict[str, str]

    @model_validator(mode="after")
    def one_gap(self) -> Self:
        if self.frame.count(GAP) != 1:
            raise ValueError(f"found {self.frame!r}; a frame has one gap, {GAP}")
        return self

    def text(self, word: str) -> str:
        return self.frame.replace(GAP, word)


class FamilyFile(RootModel[dict[str, PromptFamily]]):
    """By a name that nobody is shown."""


@cache
def families() -> tuple[PromptFamily, ...]:
    """Raises AuthorError for a damaged file."""
    return tuple(tomlfile.load(FILE, FamilyFile).root.values())
