"""The hand-written text of the corpus, read from `text/*.toml` into records. Draws nothing."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from playground.errors import AuthorError

TEXT = Path(__file__).parent / "text"
MOODS = ("happy", "sad", "angry", "afraid", "surprised", "calm")
PLAIN = "plain"  # the mood of a plot without one
STYLES = ("shouting", "pirate", "polite", "baby")
LANGUAGES = ("russian", "french", "spanish", "german")
GENRES = (
    "story", "dialogue", "letter", "diary", "news", "weather", "recipe", "poem", "howto", "quiz",
    "shopping", "code", "arithmetic", "facts",
)  # fmt: skip


@dataclass(frozen=True)
class Plot:
    mood: str
    lines: tuple[str, ...]


@dataclass(frozen=True, eq=False)  # one record a topic, hashed by identity
class Topic:
    """One topic file; see text/README.md for what each part is."""

    name: str
    noun: str
    words: frozenset[str]
    plural: list[str]
    finds: list[str]
    who: list[str]
    places: list[str]
    doings: list[list[str]]
    facts: list[str]
    says: list[str]
    talk: list[list[str]]
    quiz: list[list[str]]
    howto: list[list[str]]
    news: list[list[str]]
    poems: list[str]
    plots: list[Plot]


@dataclass(frozen=True)
class Mood:
    words: frozenset[str]
    start: list[str]
    why: list[str]  # what a sentence of `start` can name as its cause; none for surprise
    middle: list[str]
    end: list[str]


@dataclass(frozen=True)
class Language:
    name: str
    words: frozenset[str]
    stories: list[tuple[str, ...]]
    letters: list[dict[str, Any]]


@dataclass(frozen=True)
class Grammar:
    topics: Mapping[str, Topic]
    tales: list[Plot]  # plots that any topic can fill
    moods: Mapping[str, Mood]
    languages: Mapping[str, Language]
    genres: Mapping[str, dict[str, Any]]
    styles: Mapping[str, dict[str, Any]]
    switches: Mapping[str, Any]
    openings: Mapping[str, list[str]]

    def concepts(self) -> tuple[str, ...]:
        """Every concept a document can be labelled with."""
        return (*self.topics, *MOODS, *GENRES, *STYLES, *LANGUAGES)


def read(path: Path) -> dict[str, Any]:
    """One TOML file of the grammar. Raises AuthorError naming the file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AuthorError(f"{path}: cannot be read as TOML: {error}") from error


def lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines() if line.strip())


def plots_of(data: dict[str, Any]) -> list[Plot]:
    return [Plot(plot["mood"], lines(plot["text"])) for plot in data.pop("plot")]


def topic(path: Path) -> Topic:
    """One topic file. Raises AuthorError for a missing or unknown key."""
    data = read(path)
    try:
        plots = plots_of(data)
        data["words"] = frozenset(data["words"])
        return Topic(plots=plots, **data)
    except (KeyError, TypeError) as error:
        raise AuthorError(f"{path}: missing or unknown key: {error}") from error


def language(path: Path) -> Language:
    data = read(path)
    try:
        return Language(
            name=data["name"],
            words=frozenset(data["words"]),
            stories=[lines(story["text"]) for story in data["story"]],
            letters=data["letter"],
        )
    except KeyError as error:
        raise AuthorError(f"{path}: missing key {error}") from error


def mood(path: Path, data: dict[str, Any]) -> Mood:
    try:
        return Mood(**{**data, "words": frozenset(data["words"])})
    except (KeyError, TypeError) as error:
        raise AuthorError(f"{path}: missing or unknown key: {error}") from error


@cache
def load(folder: Path = TEXT) -> Grammar:
    """Everything under a grammar folder. Raises AuthorError naming the file that is wrong."""
    topics = [topic(path) for path in sorted((folder / "topics").glob("*.toml"))]
    moods = read(folder / "moods.toml")
    for name in MOODS:
        if name not in moods:
            raise AuthorError(f"{folder / 'moods.toml'}: no table [{name}]")
    return Grammar(
        topics={each.name: each for each in topics},
        tales=plots_of(read(folder / "tales.toml")),
        moods={name: mood(folder / "moods.toml", moods[name]) for name in MOODS},
        languages={name: language(folder / "languages" / f"{name}.toml") for name in LANGUAGES},
        genres=read(folder / "genres.toml"),
        styles=read(folder / "styles.toml"),
        switches=read(folder / "switches.toml"),
        openings=read(folder / "openings.toml"),
    )
