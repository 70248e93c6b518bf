"""The page of the final exam: what opens it, its parts, the score, the way to the certificate."""

import logging
from collections.abc import Iterator
from functools import partial

import gradio as gr
from markupsafe import Markup

from playground.errors import AuthorError, PlayerError
from playground.game.exam import GROUPS, Exam
from playground.screens.parts import brief, forms, frame
from playground.screens.render import render
from playground.screens.stage import Stage, listen, player_state, waited, when_opened
from playground.store.records import Player, PlayerId
from playground.text.words import Words


def draw(words: Words, exam: Exam) -> Markup:
    parts = len(exam.parts) or len(GROUPS)
    return render(words, "pages/exam", exam=exam, parts=parts, brief=brief)


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, player: Player) -> tuple[str, str]:
    return player.secret, draw(stage.words, stage.game.challenges.exam(player.id))


def sit(stage: Stage, player: PlayerId) -> Markup:
    """Draws the parts."""
    words = stage.words
    try:
        stage.game.challenges.sit(player)
    except AuthorError as error:
        logging.getLogger(__name__).error("no exam", exc_info=error)
        return frame.apology(words, PlayerError("exam.none"))
    return draw(words, stage.game.challenges.exam(player))


def act(stage: Stage, player: PlayerId, event: gr.EventData) -> Iterator[tuple[object, object]]:
    """status, exam: a new sitting, or a part that nobody has opened yet is proven."""
    words, challenges = stage.words, stage.game.challenges
    if forms.text(event, "act") == "sit":
        yield "", sit(stage, player)
        return
    yield frame.waiting(words("exam.proving")), gr.skip()
    try:
        proving = partial(challenges.prove, player, forms.text(event, "level"))
        yield from waited(proving, lambda _: (gr.skip(), gr.skip()))
    except Exception:
        yield "", gr.skip()
        raise
    yield "", draw(words, challenges.exam(player))


def layout(stage: Stage, page: gr.Blocks) -> None:
    player = player_state(stage)
    frame.header(stage, "home")
    status = frame.board(elem_id="status")
    main = frame.board(frame.opening(stage.words), elem_id="exam")
    frame.footer(stage.words)
    when_opened(stage, page, opened, [player], [player, main])
    listen(stage, main.act, act, [player], [status, main])
