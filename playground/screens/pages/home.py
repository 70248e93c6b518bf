"""The first page: what this is, where to begin, the map of the course."""

import gradio as gr
from markupsafe import Markup

from playground.game.coursemap import Home
from playground.game.exam import Exam
from playground.screens.addresses import from_to, of_house
from playground.screens.parts import brief, first_minute, frame
from playground.screens.render import macro, render
from playground.screens.stage import Stage, player_before, player_state, when_opened
from playground.settings import SHIPPED
from playground.store.records import Player, PlayerId
from playground.text.words import Words

LEVELS = "#levels"  # where the map begins


def draw(
    words: Words,
    home: Home,
    today: int | None,
    exam: Exam,
    chats: bool = False,
    above: Markup | None = None,
) -> Markup:
    """today: stars of the daily challenge, None before it was tried; chats: whether the model is
    talked to; above: what stands above the map, where the page begins with something else than the
    hero."""
    marks = {mark.id: mark for chapter in home.chapters for mark in chapter.marks}
    return render(
        words,
        "pages/home",
        home=home,
        following=marks.get(home.next or ""),
        today=today,
        exam=exam,
        chats=chats,
        above=above,
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


def belongs(stage: Stage, player: PlayerId) -> Markup:
    """The open classes of a player, each with the way to the model that it plays."""
    places = {each.game.model: each.place for each in stage.offers}
    mine = [
        (each, from_to(stage.words.language, stage.offer.place, places[each.of.model]) + LEVELS)
        for each in stage.game.belonging.classes(player)
        if each.of.open and each.of.model in places
    ]
    here = stage.game.model
    return macro(stage.words, "pages/home_doors:belongs", mine, here, house(stage, "me"))


def doors(stage: Stage) -> Markup:
    """Ways that are not of the course: a class, what is kept, instructors."""
    pages = [(page, house(stage, page)) for page in ("join", "me", "teach")]
    return macro(stage.words, "pages/home_doors:doors", pages)


def house(stage: Stage, page: str) -> str:
    return of_house(stage.words.language, stage.offer.place, page)


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, player: Player, before: str | None = None) -> tuple[str, str]:
    """before: the secret of who this player was on this model when every model had its own."""
    game, words = stage.game, stage.words
    if before:
        game.adopt(player.id, str(before))
    course, above = game.course.home(player.id), picker(stage) + belongs(stage, player.id)
    if not game.exploring.has_features:
        return player.secret, above + draw_bare(stage, course) + doors(stage)
    _, today = game.challenges.today(player.id)
    begun = game.first_minute.file is not None
    drawn = draw(
        words, course, today, game.challenges.exam(player.id), stage.model.chat,
        above if begun else None,
    )  # fmt: skip
    return player.secret, (Markup() if begun else above) + drawn + doors(stage)


def layout(stage: Stage, page: gr.Blocks) -> None:
    player = player_state(stage)
    frame.header(stage, "home")
    first_minute.layout(stage, player)
    main = frame.board(frame.opening(stage.words), elem_id="map")
    frame.footer(stage.words)
    before = [] if stage.offer.name == SHIPPED else [player_before(stage)]
    begun = when_opened(stage, page, opened, [player, *before], [player, main])
    begun.success(None, js=first_minute.ENTERED, api_visibility="private")
