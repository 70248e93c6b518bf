"""The levels in course order, read from levels/: course.toml and one CHAPTER/SLUG.toml a level;
and the moulds of levels that are drawn.

Plays nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import Field

from playground.concepts.concepts import load_concepts
from playground.errors import AuthorError, PlayerError
from playground.levels.kinds import KINDS, Level
from playground.levels.playable import Reason
from playground.levels.schema import FilePart, Slug, Text
from playground.levels.templates import (
    MOULDS,
    Draw,
    Mould,
    filled,
    load_moulds,
    shaped,
    told_moulds,
)
from playground.levels.translated import course_text, translated
from playground.models.registry import Chosen
from playground.settings import SHIPPED
from playground.text import tomlfile
from playground.text.language import SOURCE, Language, is_sibling, sibling

LEVELS = Path(__file__).parents[2] / "levels"
COURSE = "course.toml"
CONCEPTS = "concepts"  # the one folder beside the chapters


def proofs_of(chosen: Chosen) -> Path:
    """The folder in which a model's proofs of levels, first rounds and drawn levels are kept:
    beside the levels of the model that they were written on, else beside its atlas."""
    return LEVELS if chosen.name == SHIPPED else chosen.atlas


class Chapter(FilePart):
    """slug: the folder's name; levels: file names without .toml, in the order of play."""

    slug: Slug
    title: Text
    blurb: Text
    levels: tuple[Slug, ...] = Field(min_length=1)


class CourseFile(FilePart):
    chapters: tuple[Chapter, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Shelf:
    """All levels, in course order. missing: those that the model that is played cannot play."""

    chapters: tuple[Chapter, ...]
    levels: tuple[Level, ...]
    moulds: Mapping[str, Mould] = field(default_factory=dict)  # by kind
    missing: Mapping[str, Reason] = field(default_factory=dict)  # by id
    language: Language = SOURCE

    @classmethod
    def load(cls, folder: Path = LEVELS) -> "Shelf":
        """Raises AuthorError naming file and field of the first thing that is wrong."""
        course = tomlfile.load(folder / COURSE, CourseFile)
        repeated(folder / COURSE, course)
        stray(folder, course)
        concepts = load_concepts(folder / CONCEPTS)
        levels = [
            load_level(folder / chapter.slug / f"{slug}.toml", concepts)
            for chapter in course.chapters
            for slug in chapter.levels
        ]
        for place, level in enumerate(levels):
            before = [each.id for each in levels[:place]]
            for need in level.needs:
                if need not in before:
                    path = path_of(folder, course, level.id)
                    raise AuthorError(
                        f"{path}: `needs`: found {need!r}; allowed are earlier levels: "
                        f"{', '.join(before) or 'none'}"
                    )
        moulded = load_moulds(folder / MOULDS, {level.id: level for level in levels})
        return cls(course.chapters, tuple(levels), moulded)

    def told_in(self, language: Language, folder: Path = LEVELS) -> "Shelf":
        """The same levels in another language; what has no sibling stays English. Raises
        AuthorError."""
        if language == SOURCE:
            return self
        texts = course_text(sibling(folder / COURSE, language))
        chapters = tuple(
            each.model_copy(update=texts[each.slug].model_dump()) if each.slug in texts else each
            for each in self.chapters
        )
        levels = list[Level]()
        for level in self.levels:
            path = folder / self.chapter(level.id).slug / f"{level.id}.toml"
            path = sibling(path, language)
            levels.append(translated(level, path) if path.is_file() else level)
        moulded = self.moulds and told_moulds(sibling(folder / MOULDS, language), self.moulds)
        return replace(
            self, chapters=chapters, levels=tuple(levels), moulds=moulded, language=language
        )

    def closed(self) -> "Shelf":
        """The same for a model without features: no level of it can be played, and none drawn."""
        return replace(self, moulds={}, missing=dict.fromkeys((e.id for e in self.levels), "bare"))

    def with_written(self, levels: Sequence[Level]) -> "Shelf":
        """The same with levels that an instructor has written: they stand before the course, and
        in no chapter of it."""
        return replace(self, levels=(*levels, *self.levels)) if levels else self

    @cached_property
    def written(self) -> tuple[Level, ...]:
        """Those that stand in no chapter."""
        course = {id for chapter in self.chapters for id in chapter.levels}
        return tuple(level for level in self.levels if level.id not in course)

    @cached_property
    def by_id(self) -> dict[str, Level]:
        return {level.id: level for level in self.levels}

    def level(self, id: str) -> Level:
        """Raises PlayerError for an id that is not in the course."""
        if id not in self.by_id:
            raise PlayerError("errors.no_level", id=id)
        return self.by_id[id]

    def mould(self, kind: str) -> Level:
        """A mould as a level, its gaps still open. Raises PlayerError for a kind without one."""
        if kind not in self.moulds:
            raise PlayerError("errors.no_kind", kind=kind)
        mould = self.moulds[kind]
        return shaped(Path(MOULDS), mould, self.by_id[mould.like])

    def drawn(self, draw: Draw, tenths: int | None = None) -> Level:
        """The level of a draw. tenths: of the replies that it asks for, where a proof says so.
        Raises PlayerError as mould() does."""
        return filled(self.mould(draw.kind), draw, self.language, tenths)

    def needed(self, level: Level) -> tuple[str, ...]:
        """What has to be won first. Where the model can play nothing of what the level names, the
        nearest before that, and no harder than it, stands in its place: else all levels that are
        left would be open at once, the hard ones too."""
        if able := tuple(need for need in level.needs if need not in self.missing):
            return able
        nearest = [self._nearest(need) for need in level.needs]
        return tuple(dict.fromkeys(each for each in nearest if each is not None))

    def _nearest(self, missing: str) -> str | None:
        """None for a level that was open from the start."""
        if not self.by_id[missing].needs:
            return None
        order = [id for chapter in self.chapters for id in chapter.levels]
        before, most = order[: order.index(missing)], self.by_id[missing].difficulty
        able = (id for id in reversed(before) if id not in self.missing)
        return next((id for id in able if self.by_id[id].difficulty <= most), None)

    def chapter(self, id: str) -> Chapter:
        return next(chapter for chapter in self.chapters if id in chapter.levels)

    def after(self, id: str) -> str | None:
        """The level that follows in the course and can be played."""
        place = [level.id for level in self.levels].index(id) + 1
        return next((e.id for e in self.levels[place:] if e.id not in self.missing), None)


def load_level(path: Path, concepts: Iterable[str]) -> Level:
    """One level file; its name is the level's id.

    Raises AuthorError: file, field, found, allowed.
    """
    return level_of(path, tomlfile.read(path), path.stem, concepts)


def level_of(path: Path, data: Mapping[str, Any], id: str, concepts: Iterable[str]) -> Level:
    """Of what a level file says. Raises AuthorError as load_level does."""
    if "id" in data:
        raise AuthorError(f"{path}: `id` is the file's name ({id}); leave it out")
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise AuthorError(f"{path}: `kind`: found {kind!r}; allowed: {', '.join(KINDS)}")
    level = tomlfile.parse(path, {**data, "id": id}, KINDS[kind])
    known = sorted(concepts)
    for key, name in (("concept", level.concept), *(("concepts", c) for c in level.concepts)):
        if name not in known:
            near = get_close_matches(name, known, n=3) or known[:5]
            raise AuthorError(
                f"{path}: `{key}`: found {name!r}; allowed is a file of {CONCEPTS}/, "
                f"such as {', '.join(near)}"
            )
    return level


def path_of(folder: Path, course: CourseFile, id: str) -> Path:
    chapter = next(each for each in course.chapters if id in each.levels)
    return folder / chapter.slug / f"{id}.toml"


def repeated(path: Path, course: CourseFile) -> None:
    """Progress is kept by id, so no id may stand twice."""
    seen: set[str] = set()
    for chapter in course.chapters:
        for slug in (chapter.slug, *chapter.levels):
            if slug in seen:
                raise AuthorError(f"{path}: `chapters`: found {slug!r} twice; a slug is used once")
            seen.add(slug)


def stray(folder: Path, course: CourseFile) -> None:
    """Every level file stands in the course, and every level of the course has its file."""
    listed = {f"{c.slug}/{slug}.toml" for c in course.chapters for slug in c.levels}
    files = (path for path in folder.rglob("*.toml") if not is_sibling(path))
    paths = (path.relative_to(folder) for path in files)
    found = {path.as_posix() for path in paths if path.parts[0] not in (CONCEPTS, COURSE, MOULDS)}
    for missing in sorted(listed - found):
        raise AuthorError(f"{folder / COURSE}: lists {missing}, but there is no such file")
    for extra in sorted(found - listed):
        raise AuthorError(f"{folder / extra}: is in no chapter of {COURSE}; list it or remove it")
