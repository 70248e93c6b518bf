"""One class, as its instructor has it: every view of it, and all that can be done with it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from threading import Event

import gradio as gr
from markupsafe import Markup

from playground.errors import PlayerError
from playground.game import lesson, roster
from playground.game.lesson import Warmed
from playground.game.teaching import Teacher
from playground.screens.downloads import Download
from playground.screens.parts import class_views, forms, frame, level_acts
from playground.screens.parts.class_views import OpenClass
from playground.screens.render import macro
from playground.screens.stage import Stage, listen, teacher_state, waited, when_opened
from playground.store import codes
from playground.store.records import PlannedLevel

NAMES_MOST = 200_000  # characters of a list
PLAN_MOST = 200  # levels
Shown = tuple[object, object]  # status, main
STILL: Shown = (gr.skip(), gr.skip())


def entered(stage: Stage, teacher: Teacher, request: gr.Request) -> OpenClass:
    """The class of the page's address."""
    of = teacher.classes.get(forms.number(forms.asked(request, "id")))
    names = ("view", "page", "member", "level", "try", "as")
    return OpenClass(stage, teacher, of, {name: forms.asked(request, name) for name in names})


def note(room: OpenClass, key: str, **given: str | int) -> Markup:
    return macro(room.words, "forms:note", room.words(key, **given))


# -- what can be done ----------------------------------------------------------------------------
def rule(room: OpenClass, event: gr.EventData) -> Markup:
    zone = room.of.zone
    room.teacher.classes.rule(
        room.of.id,
        forms.text(event, "title"),
        forms.ticked(event, "hints"),
        forms.ticked(event, "ordered"),
        forms.moment(event, "begins", zone),
        forms.moment(event, "ends", zone),
    )
    return note(room, "class.kept")


def add(room: OpenClass, event: gr.EventData) -> Markup:
    return planned(room, [*room.of.plan, PlannedLevel(forms.text(event, "level"))])


def chapter(room: OpenClass, event: gr.EventData) -> Markup:
    """All levels of a chapter that can be played and are not in the plan yet."""
    shelf = room.game.course.shelf_of(room.of)
    chapters = [each.levels for each in shelf.chapters]
    chapters.append(tuple(each.id for each in shelf.written))
    number = forms.whole(event, "chapter")
    taken = {each.level for each in room.of.plan}.union(shelf.missing)
    ids = chapters[number] if number < len(chapters) else ()
    return planned(room, [*room.of.plan, *(PlannedLevel(id) for id in ids if id not in taken)])


def drop(room: OpenClass, event: gr.EventData) -> Markup:
    level = forms.text(event, "level")
    return planned(room, [each for each in room.of.plan if each.level != level])


def up(room: OpenClass, event: gr.EventData) -> Markup:
    return shifted(room, forms.text(event, "level"), -1)


def down(room: OpenClass, event: gr.EventData) -> Markup:
    return shifted(room, forms.text(event, "level"), 1)


def shifted(room: OpenClass, level: str, by: int) -> Markup:
    plan = [*room.of.plan]
    at = next((place for place, each in enumerate(plan) if each.level == level), None)
    if at is not None and 0 <= at + by < len(plan):
        plan[at], plan[at + by] = plan[at + by], plan[at]
    return planned(room, plan)


def dates(room: OpenClass, event: gr.EventData) -> Markup:
    zone = room.of.zone
    planned(
        room,
        [
            replace(each, begins=forms.moment(event, f"begins/{each.level}", zone))
            for each in room.of.plan
        ],
    )
    return note(room, "class.kept")


def clear(room: OpenClass, event: gr.EventData) -> Markup:
    return planned(room, [])


def planned(room: OpenClass, plan: Sequence[PlannedLevel]) -> Markup:
    """PlayerError for a level that the class's model cannot play, and for one that is there
    twice."""
    shelf, ids = room.game.course.shelf_of(room.of), [each.level for each in plan]
    known = [id for id in ids if id in shelf.by_id and id not in shelf.missing]
    if known != ids or len(set(ids)) < len(ids) or len(ids) > PLAN_MOST:
        raise PlayerError("class.no_level")
    room.teacher.plan(room.of.id, plan)
    return Markup()


def enroll(room: OpenClass, event: gr.EventData) -> Markup:
    made = room.teacher.enroll(room.of.id, forms.text(event, "names", NAMES_MOST))
    file = Download(f"{room.of.code}-codes.csv", "text/csv", lambda: [made])
    return forms.file(room.words, file, room.words("class.enrolled"))


def rename(room: OpenClass, event: gr.EventData) -> Markup:
    member = forms.whole(event, "member")
    found = room.teacher.classes.rename(room.of.id, member, forms.text(event, "name"))
    return note(room, "class.renamed", name=found.name)


def code(room: OpenClass, event: gr.EventData) -> Markup:
    member = room.teacher.classes.member(room.of.id, forms.whole(event, "member"))
    made = codes.spaced(room.teacher.new_code(room.of.id, member.id))
    return note(room, "class.code_made", name=member.name, code=made)


def reset(room: OpenClass, event: gr.EventData) -> Markup:
    level = forms.text(event, "level") or None
    found = room.teacher.reset(room.of.id, forms.whole(event, "member"), level)
    return note(room, "class.was_reset", name=found.name)


def merge(room: OpenClass, event: gr.EventData) -> Markup:
    into = room.teacher.named(room.of.id, forms.text(event, "into"))
    found = room.teacher.merge(room.of.id, forms.whole(event, "member"), into.id)
    return note(room, "class.merged", name=found.name)


def remove(room: OpenClass, event: gr.EventData) -> Markup:
    room.teacher.classes.remove(room.of.id, forms.whole(event, "member"))
    return note(room, "class.removed")


def export(room: OpenClass, event: gr.EventData) -> Markup:
    """Written while it is sent: nobody waits for a file of a hundred thousand attempts."""
    sort, of, teacher = forms.text(event, "sort"), room.of, room.teacher
    made = room.matrix
    if sort == "json":
        make = partial(exported_json, room)
        file = Download(f"{of.code}.json", "application/json", make)
    elif sort == "attempts":
        every = partial(teacher.all_attempts, of)
        tries = partial(roster.attempts_csv, titled=room.game.course.title)
        file = Download(f"{of.code}-attempts.csv", "text/csv", lambda: tries(every()))
    else:
        file = Download(f"{of.code}.csv", "text/csv", lambda: roster.results_csv(made))
    return forms.file(room.words, file, room.words("class.exported"))


def exported_json(room: OpenClass) -> Iterator[str]:
    every = room.teacher.all_attempts(room.of)
    return roster.results_json(room.matrix, every, room.game.course.title)


def close(room: OpenClass, event: gr.EventData) -> Markup:
    room.teacher.classes.set_open(room.of.id, False)
    return note(room, "class.closed")


def reopen(room: OpenClass, event: gr.EventData) -> Markup:
    room.teacher.classes.set_open(room.of.id, True)
    return note(room, "class.opened_again")


def copy(room: OpenClass, event: gr.EventData) -> Markup:
    made = room.teacher.copy(room.of.id)
    return macro(room.words, "pages/teach_door:made", made)


DONE: dict[str, Callable[[OpenClass, gr.EventData], Markup]] = {
    each.__name__: each
    for each in (
        rule, add, chapter, drop, up, down, dates, clear, enroll, rename, code, reset, merge,
        remove, export, close, copy,
    )
}  # fmt: skip
DONE["open"] = reopen


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, token: str | None, request: gr.Request) -> Markup:
    try:
        teacher = stage.game.teaching.known(token)
        return class_views.draw(entered(stage, teacher, request))
    except PlayerError as error:
        return macro(stage.words, "pages/teach_door:refused", error.said)


def act(
    stage: Stage, teacher: Teacher, event: gr.EventData, request: gr.Request
) -> Iterator[Shown]:
    room, what = entered(stage, teacher, request), forms.text(event, "act")
    if what == "refresh":
        yield gr.skip(), class_views.draw(room)
    elif what == "measure":
        yield from measured(room)
    elif what == "warm":
        yield from warmed(room)
    elif what.startswith(level_acts.PREFIX):
        yield from level_acts.act(room, what, event)
    elif what == "delete":
        teacher.classes.delete(room.of.id)
        yield note(room, "class.deleted"), macro(stage.words, "pages/teach_door:back")
    else:
        if what not in DONE:
            raise PlayerError("class.no_act")
        said = DONE[what](room, event)
        yield said, class_views.draw(entered(stage, teacher, request))


def measured(room: OpenClass) -> Iterator[Shown]:
    waiting = frame.waiting(room.words("class.measuring"))
    yield waiting, gr.skip()
    found = yield from waited(room.game.lesson.measure, lambda _: STILL)
    yield macro(room.words, "pages/class/tools_done:carried", found, lesson), gr.skip()


def warmed(room: OpenClass) -> Iterator[Shown]:
    """A step at a time, so that the page shows how far it is and can be left."""
    left, last = Event(), Warmed(0, 0, "")
    steps = room.game.lesson.warm(room.levels, left)
    try:
        while True:
            found = yield from waited(lambda _: next(steps, None), lambda _: STILL)
            if found is None:
                break
            last = found
            yield macro(room.words, "pages/class/tools_done:warming", last), gr.skip()
    finally:
        left.set()
    yield macro(room.words, "pages/class/tools_done:warmed", last), gr.skip()


def layout(stage: Stage, page: gr.Blocks) -> None:
    token = teacher_state()
    frame.header(stage, "")
    status = frame.board(elem_id="status")
    main = frame.board(frame.opening(stage.words), elem_id="class")
    frame.footer(stage.words)
    when_opened(stage, page, opened, [token], [main])
    for board in (main, status):  # a check that runs can be stopped where it is told of
        listen(stage, board.act, act, [token], [status, main], trigger="multiple")
