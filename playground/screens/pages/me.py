"""What is kept of a learner: seen, exported, deleted; classes left; codes on paper, accounts
elsewhere."""

import gradio as gr
from markupsafe import Markup

from playground.errors import PlayerError
from playground.game.belonging import Holdings
from playground.screens.downloads import Download
from playground.screens.parts import forms, frame
from playground.screens.render import macro, render
from playground.screens.stage import Stage, listen, player_state, when_opened
from playground.settings import HUGGING_FACE
from playground.store.records import Player, PlayerId

TABLES = (
    "attempts", "hints", "replays", "rounds", "probes", "sittings", "talks", "visits",
    "certificates",
)  # fmt: skip
FILE = "steering-playground.json"
ACCOUNT = ("signed", "mine", "together", "switch")  # acts of who has signed in elsewhere


def draw(stage: Stage, player: PlayerId, code: str = "") -> Markup:
    """code: one that was just made, to be shown this once."""
    kept = stage.game.belonging.kept(player)
    return render(
        stage.words, "pages/me",
        kept=kept, code=code, told=told(kept), signs=stage.signin is not None,
    )  # fmt: skip


def told(kept: Holdings) -> list[tuple[str, int]]:
    """What is kept, in numbers that say something; a table that a later version adds is counted
    with the rest."""
    shown = [(table, kept.rows[table]) for table in TABLES if table in kept.rows]
    others = kept.rows.keys() - {*TABLES, "members"}
    rest = sum(kept.rows[table] for table in others)
    return [*shown, *([("rest", rest)] if rest else [])]


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, player: Player) -> tuple[str, Markup]:
    return player.secret, draw(stage, player.id)


def act(
    stage: Stage, player: Player, event: gr.EventData
) -> tuple[str | None, Markup | str, Markup]:
    """player, status, main."""
    words, belonging = stage.words, stage.game.belonging
    what, note = forms.text(event, "act"), ""
    if what in ACCOUNT:
        return account(stage, player, what, forms.text(event, "proof"))
    if what == "code":
        return player.secret, "", draw(stage, player.id, belonging.code(player.id))
    if what == "export":
        data = belonging.told(player.id)
        file = Download(FILE, "application/json", lambda: [data])
        note = forms.file(words, file, words("me.exported"))
    elif what in ("delete", "off"):
        if what == "delete":
            belonging.forget(player.id)
        else:
            belonging.sign_off(player)
        said = words("me.deleted" if what == "delete" else "me.off")
        return None, "", macro(words, "forms:note", said)
    elif what == "revoke":
        belonging.revoke(player.id)
        note = macro(words, "forms:note", words("me.revoked"))
    elif what == "untie":
        belonging.untie(player.id)
        note = macro(words, "forms:note", words("signin.untied"))
    elif what == "only":
        belonging.only_here(player)
        note = macro(words, "forms:note", words("me.only_here_done"))
    elif what == "leave":
        belonging.leave(player.id, forms.whole(event, "class"))
        note = macro(words, "forms:note", words("me.left"))
    return player.secret, note, draw(stage, player.id)


def account(
    stage: Stage, player: Player, what: str, proof: str
) -> tuple[str | None, Markup | str, Markup]:
    """The same for who has signed in elsewhere. proof: of it. Nothing is done before somebody says
    that the account is theirs: the way back may be a link that somebody else has sent."""
    words, belonging, signin = stage.words, stage.game.belonging, stage.signin
    if signin is None:
        raise PlayerError("signin.failed")
    shown = signin.taken(proof)
    known, name = f"{HUGGING_FACE}/{shown.subject}", shown.name
    if what == "signed":
        asked = macro(words, "pages/signin:sure", name, signin.offer(shown))
        return player.secret, asked, draw(stage, player.id)
    if what == "mine":
        if belonging.sign_in(player.id, known) == player.id:
            said = words("signin.tied_now", name=name)
            return player.secret, macro(words, "forms:note", said), draw(stage, player.id)
        if not belonging.is_new(player.id):
            asked = macro(words, "pages/signin:choice", name, signin.offer(shown))
            return player.secret, asked, draw(stage, player.id)
    joined = what == "together"
    back = belonging.join_account(player.id, known) if joined else belonging.back(known)
    said = words("signin.joined" if joined else "signin.back", name=name)
    return back.secret, macro(words, "forms:note", said), draw(stage, back.id)


def layout(stage: Stage, page: gr.Blocks) -> None:
    player = player_state(stage)
    frame.header(stage, "")
    status = frame.board(elem_id="status")
    main = frame.board(frame.opening(stage.words), elem_id="me")
    frame.footer(stage.words)
    when_opened(stage, page, opened, [player], [player, main])
    for board in (main, status):
        listen(stage, board.act, act, [player], [player, status, main])
