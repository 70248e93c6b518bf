"""The page of the daily challenge: what it is today, and the stars of the days before."""

import logging

import gradio as gr
from markupsafe import Markup

from playground.errors import AuthorError, PlayerError
from playground.game.daily import Daily
from playground.screens.parts import brief, frame
from playground.screens.render import render
from playground.screens.stage import Stage, listen, player_state
from playground.store.records import Player
from playground.text.words import Words


def draw(words: Words, daily: Daily) -> Markup:
    return render(words, "pages/daily", daily=daily, brief=brief)


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, player: Player) -> tuple[str, Markup]:
    words = stage.words
    try:
        return player.secret, draw(words, stage.game.challenges.daily(player.id))
    except AuthorError as error:
        logging.getLogger(__name__).error("no daily challenge", exc_info=error)
        return player.secret, frame.apology(words, PlayerError("daily.none"))


def layout(stage: Stage, page: gr.Blocks) -> None:
    player = player_state(stage)
    frame.header(stage.words, "home")
    main = frame.board(frame.opening(stage.words), elem_id="daily")
    frame.footer(stage.words)
    listen(stage, page.load, opened, [player], [player, main])
