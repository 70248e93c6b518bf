"""A player's best try at a level, shown as it was; nothing is written or read by the model."""

from html import escape

import gradio as gr

from playground.errors import PlayerError
from playground.game import AskVerdict, SteerVerdict
from playground.screens import findings, marks, parts, play, scores


def draw(stage: parts.Stage, player: str, level: str) -> str:
    verdict, start = stage.game.replay(player, level), stage.game.seen(player, level)
    if isinstance(verdict, SteerVerdict):
        shown = scores.draw_verdict(stage, player, verdict)
        shown += scores.reply_columns(stage.words, verdict, 0)
    elif isinstance(verdict, AskVerdict):
        shown = marks.draw(stage, player, verdict)
    else:
        shown = findings.draw(stage, player, verdict)
    return (
        f'<div class="stack">{play.crumbs(stage.words, start)}<h1>{escape(start.level.title)}</h1>'
        f'<p class="soft">{escape(stage.words("replay.lead"))}</p>{shown}</div>'
    )


def opened(stage: parts.Stage, player: str | None, request: gr.Request) -> tuple[str, str]:
    known = stage.game.player(player)
    try:
        return known, draw(stage, known, request.query_params.get("level", ""))
    except PlayerError as error:
        return known, parts.apology(stage.words, error)


def layout(stage: parts.Stage, page: gr.Blocks) -> None:
    player = parts.player_state(stage)
    parts.header(stage.words, "home")
    main = parts.board(parts.opening(stage.words), elem_id="replay")
    parts.footer(stage.words)
    parts.when_opened(stage, page, opened, [player], [player, main])
