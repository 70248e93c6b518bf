"""A player's best try at a level, shown as it was; nothing is written or read by the model."""

import gradio as gr
from markupsafe import Markup

from playground.errors import PlayerError
from playground.screens.parts import frame, verdict
from playground.screens.render import render
from playground.screens.stage import Stage, player_state, when_opened
from playground.store.records import Player, PlayerId


def draw(stage: Stage, player: PlayerId, level: str) -> Markup:
    found = stage.game.attempts.replay(player, level)
    start = stage.game.course.seen(player, level)
    shown = verdict.draw(stage, player, found)
    return render(
        stage.words,
        "pages/replay",
        start=start,
        verdict=shown,
    )


def opened(stage: Stage, player: Player, request: gr.Request) -> tuple[str, str]:
    try:
        return player.secret, draw(stage, player.id, request.query_params.get("level", ""))
    except PlayerError as error:
        return player.secret, frame.apology(stage.words, error)


def layout(stage: Stage, page: gr.Blocks) -> None:
    player = player_state(stage)
    frame.header(stage, "home")
    main = frame.board(frame.opening(stage.words), elem_id="replay")
    frame.footer(stage.words)
    when_opened(stage, page, opened, [player], [player, main])
