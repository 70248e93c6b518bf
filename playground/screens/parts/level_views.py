"""What an instructor sees of the levels that they write for a class: the list, and one level as
fields or as the text of its file. How it looks stands in templates/pages/class/."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from markupsafe import Markup

from playground.errors import AuthorError, PlayerError
from playground.game.writing import Desk
from playground.levels import fields, written
from playground.levels.fields import FormGroup
from playground.levels.kinds import KINDS, Level
from playground.levels.proving.mending import mending, summed
from playground.screens.render import render
from playground.store.written import TEXT_MOST
from playground.text.titles import titles

if TYPE_CHECKING:
    from playground.screens.parts.class_views import OpenClass

Editor = Literal["fields", "text"]


@dataclass(frozen=True)
class Form:
    """A draft as fields. kind: of the level; own: the fields of its file; other: of the sibling."""

    kind: type[Level]
    own: list[FormGroup]
    other: list[FormGroup]


def draw(room: "OpenClass") -> Markup:
    """One level where the page's address names one, else all of the class."""
    level = room.query.get("level", "")
    if not level:
        return listed(room)
    try:
        desk = room.game.writing.desk(room.of, level)
    except PlayerError as error:
        return render(room.words, "pages/class/level_gone", said=error.said) + listed(room)
    return editor(room, desk, "text" if room.query.get("as") == "text" else "fields")


def listed(room: "OpenClass") -> Markup:
    shelf = room.game.course.shelf
    here = [level for level in shelf.levels if level.id not in shelf.missing]
    found = dict.fromkeys((*(level.kind for level in here), *KINDS))  # as the course has them
    kinds = [(kind, [level for level in here if level.kind == kind]) for kind in found]
    return render(
        room.words, "pages/class/levels",
        of=room.of, desks=room.game.writing.desks(room.of), kinds=kinds, most=TEXT_MOST,
    )  # fmt: skip


def editor(room: "OpenClass", desk: Desk, asked: Editor) -> Markup:
    form = None if asked == "text" else form_of(room, desk)
    named = titles(room.words.language)
    return render(
        room.words, "pages/class/level",
        of=room.of, desk=desk, form=form, most=TEXT_MOST, files=(written.FILE, written.SIBLING),
        concepts={id: named[id].alone for id in room.game.writing.concepts if id in named},
        sums=summed, mends=mending,
    )  # fmt: skip


def form_of(room: "OpenClass", desk: Desk) -> Form | None:
    """None where the texts are no tables of a kind, so that fields would not show what they say."""
    try:
        own = written.table(written.FILE, desk.row.draft)
        other = written.table(written.SIBLING, desk.row.told)
        kind = KINDS[own["kind"]]
        groups = fields.of_level(kind, own, room.game.writing.concepts)
        return Form(kind, groups, fields.of_translation(other))
    except (AuthorError, KeyError, TypeError, AttributeError):
        return None
