"""A player's best try at a level, shown as it was; nothing is written or read by the model."""

from html import escape

import gradio as gr

from playground.errors import PlayerError
from playground.game.game import AskVerdict, SteerVerdict
from playground.screens.parts import ask_verdict, brief, frame, hunt_verdict, steer_verdict
from playground.screens.stage import Stage, player_state, when_opened


def draw(stage: Stage, player: str, level: str) -> str:
    verdict, start = stage.game.replay(player, level), stage.game.seen(player, level)
    if isinstance(verdict, SteerVerdict):
        shown = steer_verdict.draw_verdict(stage, player, verdict)
        shown += steer_verdict.reply_columns(stage.words, verdict, 0)
    elif isinstance(verdict, AskVerdict):
        shown = ask_verdict.draw(stage, player, verdict)
    else:
        shown = hunt_verdict.draw(stage, player, verdict)
    return (
        f'<div class="stack">{brief.crumbs(stage.words, start)}<h1>{escape(start.level.title)}</h1>'
        f'<p class="soft">{escape(stage.words("replay.lead"))}</p>{shown}</div>'
    )


def opened(stage: Stage, player: str | None, request: gr.Request) -> tuple[str, str]:
    known = stage.game.player(player)
    try:
        return known, draw(stage, known, request.query_params.get("level", ""))
    except PlayerError as error:
        return known, frame.apology(stage.words, error)


def layout(stage: Stage, page: gr.Blocks) -> None:
    player = player_state(stage)
    frame.header(stage.words, "home")
    main = frame.board(frame.opening(stage.words), elem_id="replay")
    frame.footer(stage.words)
    when_opened(stage, page, opened, [player], [player, main])
