"""What an instructor sees of a class: the matrix, the plan, the learners, one learner, one attempt,
the board to present, the tools. How it looks stands in templates/pages/class/."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from markupsafe import Markup

from playground.errors import PlayerError
from playground.game import matrix
from playground.game.game import Game
from playground.game.matrix import Matrix
from playground.game.rules import told, zone_of
from playground.game.teaching import Teacher
from playground.levels.kinds import Level
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.schema import Pick
from playground.screens.parts import level_views
from playground.screens.parts import verdict as verdicts
from playground.screens.render import render
from playground.screens.stage import Stage
from playground.store.records import Attempt, Member, SchoolClass
from playground.text.words import Words

VIEWS = ("matrix", "plan", "levels", "people", "board", "tools")
PAGE = 60  # learners of the matrix that are shown at once
FIELD = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class OpenClass:
    """A class as its instructor looks at it. query: of the page's address."""

    stage: Stage
    teacher: Teacher
    of: SchoolClass
    query: Mapping[str, str]

    @property
    def words(self) -> Words:
        return self.stage.words

    @property
    def view(self) -> str:
        return self.query.get("view") or VIEWS[0]

    @cached_property
    def game(self) -> Game:
        return self.stage.game_on(self.of.model)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        return self.game.course.planned(self.of)

    @cached_property
    def matrix(self) -> Matrix:
        return self.teacher.matrix(self.of, matrix.columns(self.levels))

    def at(self, moment: datetime | None) -> str:
        """By a clock of the class."""
        return told(moment, self.of.zone) if moment else ""

    def in_field(self, moment: datetime | None) -> str:
        return moment.astimezone(zone_of(self.of.zone)).strftime(FIELD) if moment else ""


def draw(room: OpenClass) -> Markup:
    """The view that the address asks for."""
    if room.view == "plan":
        shown = plan(room)
    elif room.view == "levels":
        shown = level_views.draw(room)
    elif room.view == "people":
        shown = people(room)
    elif room.view == "tools":
        shown = render(room.words, "pages/class/tools", of=room.of, room=room)
    elif room.view == "board":
        return render(room.words, "pages/class/board", matrix=room.matrix, of=room.of)
    elif room.view == "learner":
        shown = learner(room)
    else:
        shown = lines(room)
    return render(
        room.words, "pages/class/frame", of=room.of, view=room.view, views=VIEWS, shown=shown
    )  # fmt: skip


def lines(room: OpenClass) -> Markup:
    made, asked = room.matrix, room.query.get("page", "")
    pages = max(1, -(-len(made.lines) // PAGE))
    page = min(max(int(asked), 1), pages) if asked.isdigit() and len(asked) < 5 else 1
    shown = made.lines[(page - 1) * PAGE : page * PAGE]
    return render(
        room.words, "pages/class/matrix", matrix=made, lines=shown, page=page, pages=pages,
        of=room.of,
    )  # fmt: skip


def plan(room: OpenClass) -> Markup:
    shelf = room.game.course.shelf_of(room.of)
    begins = {each.level: room.in_field(each.begins) for each in room.of.plan}
    chapters = [
        (chapter.title, [shelf.by_id[id] for id in chapter.levels if id not in shelf.missing])
        for chapter in shelf.chapters
    ]
    if shelf.written:
        chapters.append((room.words("written.of_class"), [*shelf.written]))
    chosen = [shelf.by_id[each.level] for each in room.of.plan if each.level in shelf.by_id]
    minutes = sum(each.minutes for each in chosen)
    return render(
        room.words, "pages/class/plan", of=room.of, room=room, chosen=chosen, begins=begins,
        chapters=chapters, minutes=minutes,
    )  # fmt: skip


def people(room: OpenClass) -> Markup:
    return render(room.words, "pages/class/people", matrix=room.matrix, of=room.of, room=room)


def learner(room: OpenClass) -> Markup:
    """One learner: every level, and what was handed in at the one that is asked for."""
    member = room.teacher.classes.member(room.of.id, number(room.query.get("member", "")))
    (line,) = [each for each in room.matrix.lines if each.member.id == member.id]
    level = next((e for e in room.levels if e.id == room.query.get("level")), None)
    tries = room.teacher.attempts(room.of, member, level.id) if level else []
    asked = room.query.get("try", "")
    which = int(asked) if asked.isdigit() and len(asked) < 5 else len(tries)
    chosen = tries[which - 1] if 0 < which <= len(tries) else None
    shown = attempt(room, member, level, chosen) if chosen and level else Markup()
    return render(
        room.words, "pages/class/learner", of=room.of, room=room, line=line, level=level,
        tries=tries, which=which, shown=shown, columns=room.matrix.columns,
        picked=picked(level, chosen) if chosen else None,
    )  # fmt: skip


def picked(level: Level | None, which: Attempt) -> Pick | None:
    """The feature that was handed in at a hunt, where it was kept."""
    kept = isinstance(level, HuntLevel) and which.answer.keys() == {"site", "feature"}
    return Pick(**which.answer) if kept else None


def number(given: str) -> int:
    if not given.isascii() or not given.isdigit() or len(given) > 9:
        raise PlayerError("teach.no_member")
    return int(given)


def attempt(room: OpenClass, member: Member, level: Level, which: Attempt) -> Markup:
    """A try as the learner saw it, judged again where that needs no model; of a steering try that
    was not the best, the dials and where it stood."""
    stage = replace(room.stage, game=room.game)
    try:
        verdict = room.game.attempts.shown_again(member.player, level, which)
    except PlayerError as error:
        return render(room.words, "pages/class/attempt", which=which, said=error.said, level=level)
    return verdicts.draw(stage, member.player, verdict)
