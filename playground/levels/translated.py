"""Levels and the course in another language, from the siblings of their files: SLUG.ru.toml and
course.ru.toml. What a sibling says is only shown; it decides nothing.
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from playground.errors import AuthorError
from playground.levels.kinds import Level
from playground.levels.schema import FilePart, Hints, Text
from playground.text import tomlfile


class LearnedText(FilePart):
    """words: names of handbook pages in the same language. The source stays as it is named."""

    text: Text
    words: tuple[Text, ...] = Field(min_length=1)


class LevelText(FilePart):
    """All of a level that a player reads. says: of its goals, in their order."""

    title: Text
    brief: Text
    says: tuple[Text, ...] = Field(min_length=1)
    hints: Hints
    win: Text
    learned: LearnedText


class ChapterText(FilePart):
    title: Text
    blurb: Text


class CourseText(FilePart):
    """The chapters by their slugs."""

    chapters: Mapping[str, ChapterText]


def translated(level: Level, path: Path) -> Level:
    """The same level with the texts of its sibling. Raises AuthorError."""
    return told(level, path, tomlfile.load(path, LevelText))


def told(level: Level, path: Path, text: LevelText) -> Level:
    """path: of the sibling, for errors. Raises AuthorError."""
    if len(text.says) != len(level.goals):
        raise AuthorError(
            f"{path}: `says`: found {len(text.says)} sentences; the level has {len(level.goals)} "
            "goals, each with its sentence"
        )
    goals = tuple(
        goal.model_copy(update={"says": says})
        for goal, says in zip(level.goals, text.says, strict=True)
    )
    learned = level.learned.model_copy(update=text.learned.model_dump())
    texts = {"title": text.title, "brief": text.brief, "hints": text.hints, "win": text.win}
    return level.model_copy(update={**texts, "goals": goals, "learned": learned})


def course_text(path: Path) -> Mapping[str, ChapterText]:
    """Titles and blurbs by the chapters' slugs; none where nobody translated the course."""
    return tomlfile.load(path, CourseText).chapters if path.is_file() else {}
