"""Every level that can be asked for by its id: those of the course, those that are drawn for a day
or an exam, and those that instructors have written. In one language. Knows no player.
"""

from dataclasses import dataclass

from playground.errors import AuthorError, PlayerError
from playground.game.writing import Writing
from playground.levels.kinds import Level
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.proving.lottery import Drawn
from playground.levels.shelf import Shelf
from playground.levels.templates import draw_of
from playground.levels.written import is_written
from playground.store.records import SchoolClass


@dataclass(frozen=True)
class Library:
    """shelf: of the course. drawn: what proofs have found of drawn levels; None where nobody has
    looked. writing: those of classes; None where nobody writes."""

    shelf: Shelf
    drawn: Drawn | None = None
    writing: Writing | None = None

    def level(self, id: str) -> Level:
        """PlayerError for an id that is no level's."""
        if self.writing and is_written(id):
            return self.writing.level(id, self.shelf.language)
        draw = draw_of(id)
        if draw is None:
            return self.shelf.level(id)
        return self.drawn.level(draw, self.shelf) if self.drawn else self.shelf.drawn(draw)

    def title(self, id: str) -> str:
        """Empty for a level that is not there any more."""
        try:
            return self.level(id).title
        except (PlayerError, AuthorError):
            return ""

    def chapter(self, id: str) -> str:
        """Title of the chapter, or of the class; empty for a level that was drawn."""
        if self.writing and is_written(id):
            return self.writing.title(id)
        return "" if draw_of(id) else self.shelf.chapter(id).title

    def of_class(self, of: SchoolClass | None) -> Shelf:
        """The course with what an instructor has written for a class."""
        return self.shelf.with_written(
            self.writing.published(of, self.shelf.language) if self.writing and of else ()
        )

    def is_trial(self, id: str) -> bool:
        """Whether it is a draft that is tried: whoever knows its id may."""
        return bool(self.writing) and is_written(id) and self.writing.is_trial(id)

    def hides_labels(self, id: str | None) -> bool:
        """Whether a level leaves it to the player what a feature is about."""
        level = self.level(id) if id else None
        return isinstance(level, HuntLevel) and not level.show_labels
