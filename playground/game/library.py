"""Every level that can be asked for by its id: those of the course, and those that are drawn for a
day or an exam. In one language. Knows no player.
"""

from dataclasses import dataclass

from playground.levels.kinds import Level
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.proving.lottery import Drawn
from playground.levels.shelf import Shelf
from playground.levels.templates import draw_of


@dataclass(frozen=True)
class Library:
    """drawn: what proofs have found of drawn levels; None where nobody has looked."""

    shelf: Shelf
    drawn: Drawn | None = None

    def level(self, id: str) -> Level:
        """PlayerError for an id that is no level's."""
        draw = draw_of(id)
        if draw is None:
            return self.shelf.level(id)
        return self.drawn.level(draw, self.shelf) if self.drawn else self.shelf.drawn(draw)

    def chapter(self, id: str) -> str:
        """Title of the chapter; empty for a level that was drawn."""
        return "" if draw_of(id) else self.shelf.chapter(id).title

    def after(self, id: str) -> str | None:
        """The level that follows in the course."""
        return None if draw_of(id) else self.shelf.after(id)

    def hides_labels(self, id: str | None) -> bool:
        """Whether a level leaves it to the player what a feature is about."""
        level = self.level(id) if id else None
        return isinstance(level, HuntLevel) and not level.show_labels
