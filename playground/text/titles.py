"""What concepts are called, by language: the `title` of levels/concepts/NAME.toml, and of each
other language levels/concepts.LANGUAGE.toml. Knows no concept's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from os.path import commonprefix
from pathlib import Path

from playground.text import tomlfile
from playground.text.language import SOURCE, Language, sibling

CONCEPTS = Path(__file__).parents[2] / "levels" / "concepts"
SHORTEST, ENDING = 3, 2  # letters that a search has in common with a title; that it may have more


@dataclass(frozen=True)
class Title:
    """inline: in the middle of a sentence, where names of languages keep their capital."""

    alone: str
    inline: str


@cache
def titles(language: Language) -> Mapping[str, Title]:
    """By the concepts' names. A concept that nobody translated yet has its English title. Raises
    AuthorError."""
    if language != SOURCE:
        own = tomlfile.read(sibling(CONCEPTS.with_suffix(".toml"), language))["titles"]
        return {**titles(SOURCE), **{name: title(own[name]) for name in own}}
    files = {path.stem: tomlfile.read(path) for path in sorted(CONCEPTS.glob("*.toml"))}
    return {name: title(file["title"], file["kind"]) for name, file in files.items()}


def title(alone: str, kind: str = "") -> Title:
    """kind: of the concept, where the language writes names of languages with a capital."""
    return Title(alone, alone if kind == "language" else alone[:1].lower() + alone[1:])


def english(query: str, language: Language) -> str:
    """A search that names a concept in a language, or begins to, as the concept's English title;
    any other as it was. The end of a word may differ: Russian words have many."""
    if language == SOURCE:
        return query
    asked = query.strip().lower()
    near = {
        name: len(commonprefix([asked, each.alone.lower()]))
        for name, each in titles(language).items()
    }
    best = max(near, key=lambda name: (near[name], -len(titles(SOURCE)[name].alone)), default="")
    known = near.get(best, 0) >= max(SHORTEST, len(asked) - ENDING)
    return titles(SOURCE)[best].alone if known else query
