"""The first page: what this is, where to begin, the map of the course."""

import gradio as gr
from markupsafe import Markup

from playground.game.coursemap import Home
from playground.game.exam import Exam
from playground.screens.addresses import from_to
from playground.screens.parts import brief, frame
from playground.screens.render import render
from playground.screens.stage import Stage, player_before, player_state, when_opened
from playground.settings import SHIPPED
from playground.store.records import Player
from playground.text.words import Words


def draw(words: Words, home: Home, today: int | None, exam: Exam) -> Markup:
    """today: stars of the daily challenge, None before it was tried."""
    marks = {mark.id: mark for chapter in home.chapters for mark in chapter.marks}
    return render(
        words,
        "pages/home",
        home=home,
        following=marks.get(home.next or ""),
        today=today,
        exam=exam,
        brief=brief,
    )


def draw_bare(stage: Stage, home: Home) -> Markup:
    """Of a model without features: what can be done with it, and why no level can be played."""
    played = next((e for e in stage.offers if e.game.exploring.has_features), None)
    there = from_to(stage.words.language, stage.offer.place, played.place) if played else ""
    name = played.model.title if played else ""
    chats = stage.model.chat
    return render(
        stage.words, "pages/home_bare",
        home=home, model=stage.model, chats=chats, there=there, other=name,
    )  # fmt: skip


def picker(stage: Stage) -> Markup:
    """The models to choose from, and those that are missing; nothing where there is one."""
    if len(stage.offers) < 2 and not stage.offer.without:
        return Markup()
    return render(
        stage.words, "pages/models", offers=stage.offers, here=stage.offer, from_to=from_to
    )


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, player: Player, before: str | None = None) -> tuple[str, str]:
    """before: the secret of who this player was on this model when every model had its own."""
    game, words = stage.game, stage.words
    if before:
        game.adopt(player.id, str(before))
    course = game.course.home(player.id)
    if not game.exploring.has_features:
        return player.secret, picker(stage) + draw_bare(stage, course)
    _, today = game.challenges.today(player.id)
    drawn = draw(words, course, today, game.challenges.exam(player.id))
    return player.secret, picker(stage) + drawn


def layout(stage: Stage, page: gr.Blocks) -> None:
    player = player_state(stage)
    frame.header(stage, "home")
    main = frame.board(frame.opening(stage.words), elem_id="map")
    frame.footer(stage.words)
    before = [] if stage.offer.name == SHIPPED else [player_before(stage)]
    when_opened(stage, page, opened, [player, *before], [player, main])
