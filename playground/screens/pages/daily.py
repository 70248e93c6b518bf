"""The page of the daily challenge: what it is today, and the stars of the days before."""

import logging
from collections.abc import Iterator
from functools import partial

import gradio as gr
from markupsafe import Markup

from playground.errors import AuthorError, PlayerError
from playground.game.daily import Daily
from playground.screens.parts import brief, frame
from playground.screens.render import render
from playground.screens.stage import Stage, listen, player_state, waited
from playground.store.records import Player, PlayerId
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


def prove(stage: Stage, player: PlayerId) -> Iterator[object]:
    """The challenge is proven if nobody has opened it yet, and another stands there where it does
    not hold."""
    words, challenges = stage.words, stage.game.challenges
    try:
        today = challenges.daily(player)
        if today.ready:
            yield gr.skip()
            return
        yield from waited(partial(challenges.prove, player, today.level.id), lambda _: gr.skip())
        yield draw(words, challenges.daily(player))
    except AuthorError as error:
        logging.getLogger(__name__).error("no daily challenge", exc_info=error)
        yield frame.apology(words, PlayerError("daily.none"))


def layout(stage: Stage, page: gr.Blocks) -> None:
    player = player_state(stage)
    frame.header(stage, "home")
    main = frame.board(frame.opening(stage.words), elem_id="daily")
    frame.footer(stage.words)
    begun = listen(stage, page.load, opened, [player], [player, main])
    listen(stage, begun.success, prove, [player], [main])
