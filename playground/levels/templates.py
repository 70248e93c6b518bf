"""Levels that are made when they are needed: a mould of each kind, filled with what is drawn.

moulds.toml says for each kind which level of the course it is like and what differs. Texts may say
{topic} and, in a blend, {second}, and of how many in ten replies a goal asks: {tenths}; texts for
the model, which reads English, {english} and {words}.
Draws nothing and proves nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field

from playground.concepts.concepts import Concept, load_concepts, spoken
from playground.errors import AuthorError
from playground.levels.kinds import KINDS, Level
from playground.levels.schema import SHARE, FilePart, Goal, Hints, Slug, Stars, Text
from playground.text import tomlfile
from playground.text.language import Language
from playground.text.titles import titles

MOULDS = "moulds.toml"
WORDS = 4  # of a concept, in a text that is about it
BEYOND = (0.25, 0.5)  # of the way from the bar to all replies, for the second star and the third
ID = re.compile(r"(?P<series>daily-\d{4}-\d\d-\d\d|exam-\d+)-(?P<kind>[a-z]+)(?:-(?P<rest>.+))?")


class Mould(FilePart):
    """like: a level of the course with the same kind; `fields`: others of its fields that differ.
    What is not said here is as in that level."""

    like: Slug
    title: Text
    brief: Text
    win: Text
    goals: tuple[Goal, ...] = Field(min_length=1)
    stars: Stars | None = None
    hints: Hints | None = None
    fields: Mapping[str, Any] = {}


class MouldText(FilePart):
    """A mould in another language. says: of its goals, in their order."""

    title: Text
    brief: Text
    win: Text
    says: tuple[Text, ...] = Field(min_length=1)
    hints: Hints | None = None


@dataclass(frozen=True)
class Draw:
    """What makes a level of a mould. series: `daily-2026-11-25`, `exam-1`."""

    series: str
    kind: str
    concepts: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "-".join([self.series, self.kind, *self.concepts])


def draw_of(id: str) -> Draw | None:
    """The draw that an id stands for, if it is one of a drawn level."""
    found = ID.fullmatch(id)
    if not found or found["kind"] not in KINDS:
        return None
    known, rest = load_concepts(), found["rest"] or ""
    cuts = [(rest[: dash.start()], rest[dash.end() :]) for dash in re.finditer("-", rest)]
    ways = {0: [()] if not rest else [], 1: [(rest,)], 2: cuts}[len(KINDS[found["kind"]].drawn)]
    for concepts in ways:
        if all(concept in known for concept in concepts):
            return Draw(found["series"], found["kind"], concepts)
    return None


def load_moulds(path: Path, levels: Mapping[str, Level]) -> dict[str, Mould]:
    """By kind. Raises AuthorError naming file and field."""
    moulds = dict[str, Mould]()
    for kind, table in tomlfile.read(path).items():
        if kind not in KINDS:
            raise AuthorError(f"{path}: found {kind!r}; allowed: {', '.join(KINDS)}")
        mould = tomlfile.parse(path, table, Mould)
        if mould.like not in levels or levels[mould.like].kind != kind:
            known = ", ".join(id for id, level in levels.items() if level.kind == kind)
            raise AuthorError(f"{path}: `{kind}.like`: found {mould.like!r}; allowed: {known}")
        shaped(path, mould, levels[mould.like])
        moulds[kind] = mould
    return moulds


def shaped(path: Path, mould: Mould, like: Level) -> Level:
    """The mould as a level, its gaps still open. Raises AuthorError."""
    own = mould.model_dump(exclude={"like", "fields"}, exclude_none=True)
    data = {**like.model_dump(), "needs": (), **mould.fields, **own}
    return tomlfile.parse(path, data, type(like))


def told_moulds(path: Path, moulds: Mapping[str, Mould]) -> dict[str, Mould]:
    """The same moulds with the texts of their sibling; what it lacks stays English. Raises
    AuthorError."""
    texts = tomlfile.read(path) if path.is_file() else {}
    made = dict(moulds)
    for kind, table in texts.items():
        text, mould = tomlfile.parse(path, table, MouldText), moulds[kind]
        if len(text.says) != len(mould.goals):
            raise AuthorError(
                f"{path}: `{kind}.says`: found {len(text.says)} sentences; the mould has "
                f"{len(mould.goals)} goals, each with its sentence"
            )
        goals = tuple(
            goal.model_copy(update={"says": says})
            for goal, says in zip(mould.goals, text.says, strict=True)
        )
        own = {"title": text.title, "brief": text.brief, "win": text.win, "goals": goals}
        made[kind] = mould.model_copy(update={**own, "hints": text.hints or mould.hints})
    return made


def filled(mould: Level, draw: Draw, language: Language, tenths: int | None = None) -> Level:
    """The level of a draw. mould: as `shaped` makes it; language: of the mould; tenths: of the
    replies that its goals ask for instead of the mould's."""
    concepts = [load_concepts()[name] for name in draw.concepts]
    if not concepts:
        return mould.model_copy(update={"id": draw.id})
    level = mould if tenths is None else asking(mould, tenths / 10)
    topics = [titles(language)[concept.name].inline for concept in concepts]
    gaps = dict(zip(("{topic}", "{second}"), topics, strict=False))
    gaps |= {"{words}": sample(concepts[0]), "{english}": spoken(concepts[0])}
    for goal in level.goals:
        if goal.measure == SHARE and goal.at_least is not None:
            gaps["{tenths}"] = f"{10 * goal.at_least:.0f}"
    data = replaced(level.model_dump(), gaps)
    first, *others = draw.concepts
    return type(mould).model_validate(
        {**data, "id": draw.id, "concept": first, "concepts": tuple(others)}
    )


def asking(mould: Level, share: float) -> Level:
    """The same for another share of the replies; its stars too, where they are given for it."""
    goals = tuple(
        goal.model_copy(update={"at_least": share}) if goal.measure == SHARE else goal
        for goal in mould.goals
    )
    stars = mould.stars
    if stars.measure == SHARE:
        two, three = (share + part * (1 - share) for part in BEYOND)
        stars = stars.model_copy(update={"two": two, "three": three})
    return mould.model_copy(update={"goals": goals, "stars": stars})


def sample(concept: Concept) -> str:
    """A few words of the concept, from all over its list."""
    step = max(1, len(concept.words) // WORDS)
    return " ".join(concept.words[::step][:WORDS])


def replaced(value: Any, gaps: Mapping[str, str]) -> Any:
    """Every text within, with its gaps filled; gaps of hints have other names and stay."""
    if isinstance(value, str):
        for gap, text in gaps.items():
            value = value.replace(gap, text)
        return value
    if isinstance(value, Mapping):
        return {key: replaced(each, gaps) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return tuple(replaced(each, gaps) for each in value)
    return value
