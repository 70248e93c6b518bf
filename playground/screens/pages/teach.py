"""Where instructors come in by the secret or by name, see their classes and make a new one."""

import gradio as gr
from markupsafe import Markup

from playground.errors import PlayerError
from playground.game.rules import UTC_NAME, zone_of
from playground.game.teaching import Teacher
from playground.screens.parts import forms, frame
from playground.screens.render import macro, render
from playground.screens.stage import Stage, listen, teacher_state, when_opened

TITLE_MOST = 200


def draw(stage: Stage, teacher: Teacher) -> Markup:
    titles = {each.game.model: each.model.title for each in stage.offers}
    playable = [
        (e.game.model, e.model.title) for e in stage.offers if e.game.exploring.has_features
    ]
    return render(
        stage.words, "pages/teach",
        classes=teacher.classes.all(), titles=titles, models=playable,
    )  # fmt: skip


def door(stage: Stage) -> Markup:
    """For who has not come in."""
    teaching = stage.game.teaching
    by_name = teaching.by_name and stage.signin is not None
    return macro(stage.words, "pages/teach_door:whole", teaching.offered, by_name)


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, token: str | None) -> Markup:
    try:
        return draw(stage, stage.game.teaching.known(token))
    except PlayerError:
        return door(stage)


def act(
    stage: Stage, token: str | None, event: gr.EventData, request: gr.Request
) -> tuple[str | None, Markup | str, Markup]:
    """token, status, main."""
    words, teaching = stage.words, stage.game.teaching
    what = forms.text(event, "act")
    if what == "enter":
        token = teaching.enter(forms.text(event, "secret"), forms.caller(request))
        return token, "", draw(stage, teaching.known(token))
    if what == "signed" and stage.signin is not None:
        token = teaching.enter_as(stage.signin.taken(forms.text(event, "proof")).name)
        return token, "", draw(stage, teaching.known(token))
    if what == "leave":
        teaching.leave(token)
        return None, macro(words, "forms:note", words("teach.left")), door(stage)
    teacher, note = teaching.known(token), Markup()
    if what == "create":
        zone, model = forms.text(event, "zone"), forms.text(event, "model")
        stage.game_on(model)
        known = zone if zone_of(zone).key == zone else UTC_NAME
        made = teacher.classes.create(forms.text(event, "title", TITLE_MOST), model, known)
        note = macro(words, "pages/teach_door:made", made)
    return token, note, draw(stage, teacher)


def layout(stage: Stage, page: gr.Blocks) -> None:
    token = teacher_state()
    frame.header(stage, "")
    status = frame.board(elem_id="status")
    main = frame.board(frame.opening(stage.words), elem_id="teach")
    frame.footer(stage.words)
    when_opened(stage, page, opened, [token], [main])
    listen(stage, main.act, act, [token], [token, status, main])
