"""Whether a certificate is genuine: by its code and the name that stands on it."""

import gradio as gr
from markupsafe import Markup

from playground.screens.parts import forms, frame
from playground.screens.render import render
from playground.screens.stage import Stage, listen, when_opened
from playground.store.records import Issued

NAME_MOST = 80


def draw(stage: Stage, code: str, name: str, found: Issued | None) -> Markup:
    titles = {each.game.model: each.model.title for each in stage.offers}
    model = titles.get(found.model, found.model) if found else ""
    return render(
        stage.words, "pages/verify", code=code, name=name, found=found, model=model
    )  # fmt: skip


def opened(stage: Stage, request: gr.Request) -> Markup:
    return draw(stage, forms.asked(request, "code"), "", None)


def act(stage: Stage, event: gr.EventData, request: gr.Request) -> Markup:
    code, name = forms.text(event, "code"), forms.text(event, "name", NAME_MOST)
    found = stage.game.belonging.genuine(code, name, forms.caller(request))
    return draw(stage, code, name, found)


def layout(stage: Stage, page: gr.Blocks) -> None:
    frame.header(stage, "")
    main = frame.board(frame.opening(stage.words), elem_id="verify")
    frame.footer(stage.words)
    when_opened(stage, page, opened, [], [main])
    listen(stage, main.act, act, [], [main])
