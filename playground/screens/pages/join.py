"""Where a learner joins a class by its code, or comes back by a code of their own."""

import random

import gradio as gr
from markupsafe import Markup

from playground.errors import PlayerError
from playground.game.belonging import nickname
from playground.screens.addresses import from_to
from playground.screens.pages.certificate import NAME_KEY
from playground.screens.pages.home import LEVELS
from playground.screens.parts import forms, frame
from playground.screens.render import macro, render
from playground.screens.stage import STORAGE_SECRET, Stage, listen, player_state, when_opened
from playground.store.records import Player, PlayerId, SchoolClass

CODE_MOST, NAME_MOST = 20, 80  # characters that are read of what was typed


def draw(
    stage: Stage, player: PlayerId, of: SchoolClass | None, name: str, code: str = ""
) -> Markup:
    members = [(each, way(stage, each.of)) for each in stage.game.belonging.classes(player)]
    return render(
        stage.words, "pages/join",
        of=of, members=members, name=name or offered(stage), code=code,
        signs=stage.signin is not None,
    )  # fmt: skip


def offered(stage: Stage) -> str:
    first, second = (tuple(stage.words(f"join.{each}").split(", ")) for each in ("first", "second"))
    return nickname(first, second, random.Random())


def way(stage: Stage, of: SchoolClass) -> str:
    """To the levels of a class, on the map of the model that it plays; empty where that is not
    offered."""
    place = next((each.place for each in stage.offers if each.game.model == of.model), None)
    return "" if place is None else from_to(stage.words.language, "", place) + LEVELS


def back_to(stage: Stage, player: PlayerId) -> str:
    """To the levels of the latest class that is open, else to the first page."""
    mine = (way(stage, each.of) for each in stage.game.belonging.classes(player) if each.of.open)
    return next(filter(None, mine), from_to(stage.words.language, "", ""))


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, player: Player, name: str, request: gr.Request) -> tuple[str, Markup]:
    code = forms.asked(request, "class")[:CODE_MOST]
    if not code:
        return player.secret, draw(stage, player.id, None, name)
    try:
        of = stage.game.belonging.found(code, forms.caller(request))
    except PlayerError as error:
        shown = frame.apology(stage.words, error)
        return player.secret, shown + draw(stage, player.id, None, name, code)
    return player.secret, draw(stage, player.id, of, name)


def act(
    stage: Stage, player: Player, event: gr.EventData, request: gr.Request
) -> tuple[object, object, object, object]:
    """player, kept name, status, main."""
    words, belonging = stage.words, stage.game.belonging
    what, here, skip = forms.text(event, "act"), forms.caller(request), gr.skip()
    code = forms.text(event, "code", CODE_MOST)
    if what == "resume":
        back = belonging.resume(forms.text(event, "resume"), here)
        said = macro(words, "pages/join_done:whole", words("join.back"), back_to(stage, back.id))
        return back.secret, skip, said, draw(stage, back.id, None, "")
    if what == "join":
        joined = belonging.join(player.id, code, forms.text(event, "name", NAME_MOST), here)
        told = words("join.joined", title=joined.of.title, name=joined.member.name)
        said = macro(words, "pages/join_done:whole", told, way(stage, joined.of))
        return player.secret, joined.member.name, said, draw(stage, player.id, None, "")
    of = belonging.found(code, here)
    return player.secret, skip, "", draw(stage, player.id, of, "")


def layout(stage: Stage, page: gr.Blocks) -> None:
    player = player_state(stage)
    kept = gr.BrowserState("", storage_key=NAME_KEY, secret=STORAGE_SECRET)
    frame.header(stage, "")
    status = frame.board(elem_id="status")
    main = frame.board(frame.opening(stage.words), elem_id="join")
    frame.footer(stage.words)
    when_opened(stage, page, opened, [player, kept], [player, main])
    listen(stage, main.act, act, [player], [player, kept, status, main])
