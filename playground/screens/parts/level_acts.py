"""What an instructor does with the levels that they write for a class. Whatever is pressed, what
was typed is kept first. Draws nothing but what it says."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import gradio as gr
import tomli_w
from markupsafe import Markup

from playground.errors import PlayerError
from playground.game.writing import Check, Desk
from playground.levels import fields, written
from playground.levels.level import GREEDY, RANDOM, REFERENCE, TEXTS, THUMB, WRONG
from playground.levels.proving import ruled
from playground.levels.proving.mending import mending, summed
from playground.levels.proving.proof import HALF_RIGHT, LUCKY, REFERENCE_STARS, SURE, ProofLine
from playground.messages import Message
from playground.screens.addresses import from_to
from playground.screens.downloads import Download
from playground.screens.parts import class_views, forms, level_views
from playground.screens.parts.class_views import OpenClass
from playground.screens.render import macro
from playground.screens.stage import BEAT
from playground.store.written import TEXT_MOST

Shown = tuple[object, object]  # status, main
PREFIX = "level_"  # of the acts
PLAYERS = (
    REFERENCE, TEXTS, GREEDY, RANDOM, WRONG, THUMB, "nothing", "first option", "last option",
    "most common", "start", "full strength",
)  # fmt: skip


def act(room: OpenClass, what: str, event: gr.EventData) -> Iterator[Shown]:
    """PlayerError for an act that there is none of."""
    desk, writing = None, room.game.writing
    if what in BEGUN:
        desk = BEGUN[what](room, event)
        yield note(room, "written.begun"), shown(room, desk)
        return
    desk = kept(room, event)
    if what == "level_delete":
        writing.delete(room.of, desk.row.level)
        yield note(room, "written.deleted"), shown(room, None)
    elif what == "level_check":
        check = writing.check(room.of, desk.row.level)
        main = shown(room, desk, editor_of(event))
        yield from watched(room, check, desk.row.level, main)
    elif what == "level_watch":
        if desk.check is not None:
            yield from watched(room, desk.check, desk.row.level, gr.skip())
    elif what == "level_stop":  # whoever watches it hears how it ended
        writing.stop(room.of, desk.row.level)
    elif what in DONE:
        said, now = DONE[what](room, event, desk)
        yield said, shown(room, now, editor_of(event))
    else:
        raise PlayerError("class.no_act")


def shown(room: OpenClass, desk: Desk | None, editor: str = "") -> Markup:
    """The class again, with the level that was worked on, or with all of them."""
    query = {"view": "levels", "level": desk.row.level if desk else "", "as": editor}
    of = room.teacher.classes.get(room.of.id)
    return class_views.draw(replace(room, of=of, query=query))


def note(room: OpenClass, key: str, **given: str | int) -> Markup:
    return macro(room.words, "forms:note", room.words(key, **given))


def editor_of(event: gr.EventData) -> str:
    """The one that is asked for, else the one that was open."""
    return forms.text(event, "then") or forms.text(event, "editor")


# -- beginning -------------------------------------------------------------------------------------
def begin(room: OpenClass, event: gr.EventData) -> Desk:
    source = forms.text(event, "source")
    return room.game.writing.begin(room.of, source, room.game.course.shelf)


def take_in(room: OpenClass, event: gr.EventData) -> Desk:
    """From files that somebody has downloaded or written elsewhere."""
    draft = forms.text(event, "draft", TEXT_MOST)
    if not draft:
        raise PlayerError("written.empty")
    return room.game.writing.take_in(room.of, draft, forms.text(event, "told", TEXT_MOST))


BEGUN: dict[str, Callable[[OpenClass, gr.EventData], Desk]] = {
    "level_begin": begin,
    "level_take_in": take_in,
}


# -- keeping what was typed ------------------------------------------------------------------------
def kept(room: OpenClass, event: gr.EventData) -> Desk:
    writing, level = room.game.writing, forms.text(event, "level")
    desk, editor = writing.desk(room.of, level), forms.text(event, "editor")
    if editor == "text":
        draft, told = (forms.text(event, each, TEXT_MOST) for each in ("draft", "told"))
        return writing.keep(room.of, level, draft, told)
    if editor != "fields" or (form := level_views.form_of(room, desk)) is None:
        return desk
    sent = {key: each for key, each in forms.sent(event).items() if isinstance(each, str)}
    if (count := sum(map(len, sent.values()))) > 2 * TEXT_MOST:
        raise PlayerError("errors.too_long", count=count, limit=2 * TEXT_MOST)
    draft, told = desk.row.draft, desk.row.told
    data = fields.level_data(form.kind, sent)
    if data != fields.level_data(form.kind, fields.sent_of(form.own)):
        draft = tomli_w.dumps(data)
    other = fields.translation_data(sent)
    if other != fields.translation_data(fields.sent_of(form.other)):
        told = tomli_w.dumps(other)
    return writing.keep(room.of, level, draft, told)


# -- what is pressed -------------------------------------------------------------------------------
Answer = tuple[Markup, Desk]


def keep(room: OpenClass, event: gr.EventData, desk: Desk) -> Answer:
    return note(room, "written.kept"), desk


def trial(room: OpenClass, event: gr.EventData, desk: Desk) -> Answer:
    """A link to the draft, which nobody else can find."""
    if desk.level is None:
        raise PlayerError("written.wrong", reason=desk.wrong)
    places = {each.game.model: each.place for each in room.stage.offers}
    way = from_to(room.words.language, "", places.get(room.of.model, ""))
    link = f"{'' if way == '.' else way}{desk.level.screen}?level={desk.row.trial}"
    return macro(room.words, "pages/class/level_done:trial", link, desk.level.title), desk


def publish(room: OpenClass, event: gr.EventData, desk: Desk) -> Answer:
    now = room.game.writing.publish(room.of, desk.row.level)
    return note(room, "written.published_now", title=now.level.title if now.level else ""), now


def withdraw(room: OpenClass, event: gr.EventData, desk: Desk) -> Answer:
    now = room.game.writing.withdraw(room.of, desk.row.level)
    return note(room, "written.withdrawn"), now


def file(room: OpenClass, event: gr.EventData, desk: Desk) -> Answer:
    """The file of the level, or its sibling."""
    sibling = forms.text(event, "sort") == "told"
    text, name = (desk.row.told, written.SIBLING) if sibling else (desk.row.draft, written.FILE)
    named = f"{desk.row.level}{str(name).removeprefix('your-level')}"
    made = Download(named, "application/toml", lambda: [text])
    return forms.file(room.words, made, room.words("class.exported")), desk


DONE: dict[str, Callable[[OpenClass, gr.EventData, Desk], Answer]] = {
    "level_keep": keep,
    "level_try": trial,
    "level_publish": publish,
    "level_withdraw": withdraw,
    "level_file": file,
}


# -- checks ----------------------------------------------------------------------------------------
def watched(room: OpenClass, check: Check, level: str, main: object) -> Iterator[Shown]:
    """How far it is, until it has ended; it goes on where the page is left."""
    yield told(room, check, level), main
    while not check.over.wait(BEAT):
        yield told(room, check, level), gr.skip()
    yield told(room, check, level), gr.skip()


def told(room: OpenClass, check: Check, level: str) -> Markup:
    return macro(
        room.words, "pages/class/level_done:check",
        check, summed(check.lines), level, PLAYERS, wanted, summed, mending,
        ended(room, check, level),
    )  # fmt: skip


def ended(room: OpenClass, check: Check, level: str) -> Desk | None:
    """The level after a check; None while it runs, and where the level was deleted meanwhile."""
    try:
        return room.game.writing.desk(room.of, level) if check.over.is_set() else None
    except PlayerError:
        return None


def wanted(line: ProofLine) -> Message:
    """What a check wants of a player."""
    if line.player == REFERENCE:
        return Message("written.want_reference", stars=REFERENCE_STARS, share=round(100 * SURE))
    if line.player == TEXTS:
        return Message("written.want_texts")
    if line.player == GREEDY:
        return Message("written.want_greedy")
    if line.player == THUMB:
        return Message("written.want_rule", rounds=line.tries, most=ruled.most(line.tries))
    share = HALF_RIGHT if line.player == WRONG else LUCKY
    return Message("written.want_blind", share=round(100 * share))
