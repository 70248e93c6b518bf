"""The page of the final exam: what opens it, its parts, the score, the way to the certificate."""

import logging
from collections.abc import Iterator
from html import escape

import gradio as gr

from playground.errors import AuthorError, PlayerError
from playground.game.exam import GROUPS, Part
from playground.game.game import Exam
from playground.screens.parts import brief, frame, pictures
from playground.screens.stage import Stage, listen, player_state, when_opened
from playground.text.words import Words


def draw(words: Words, exam: Exam) -> str:
    if exam.needs:
        body = locked(words, exam)
    elif not exam.sitting:
        body = f"<div>{button(words, 'begin')}</div>"
    else:
        body = sitting(words, exam)
    count = len(exam.parts) or len(GROUPS)
    lead = words("exam.lead", parts=count, needed=exam.needed, total=exam.total)
    rules = "".join(
        f"<li>{escape(text)}</li>"
        for text in (words("exam.rule_lot"), words("exam.rule_tries"), words("exam.rule_kept"))
    )
    return (
        f'<div class="stack"><h1>{escape(words("exam.title"))}</h1><p>{escape(lead)}</p>'
        f'<ul class="soft">{rules}</ul>{body}</div>'
    )


def locked(words: Words, exam: Exam) -> str:
    rows = "".join(
        f"<li>{escape(words('exam.more', chapter=chapter, count=count))}</li>"
        for chapter, count in exam.needs
    )
    return (
        f'<section class="sheet stack"><h2 class="inline">{pictures.lock()}'
        f"{escape(words('exam.locked'))}</h2><ul>{rows}</ul>"
        f'<div><a class="plain" href=".">{escape(words("site.back"))}</a></div></section>'
    )


def button(words: Words, key: str) -> str:
    said = words("exam.begin" if key == "begin" else "exam.anew")
    kind = "go big" if key == "begin" else "plain"
    return f'<button type="button" class="{kind}" data-act="sit">{escape(said)}</button>'


def sitting(words: Words, exam: Exam) -> str:
    """The score so far, what comes after it, and the parts."""
    said = words("exam.score", stars=exam.stars, total=exam.total, needed=exam.needed)
    rows = "".join(row(words, number, each) for number, each in enumerate(exam.parts, 1))
    ways = ""
    if exam.passed:
        ways += f'<a class="go" href="certificate">{escape(words("exam.certificate"))}</a>'
    if exam.finished:
        ways += button(words, "anew")
    verdict = ""
    if exam.best is not None:
        verdict = words("exam.passed" if exam.passed else "exam.failed", best=exam.best or 0)
        verdict = f"<p>{escape(verdict)}</p>"
    return (
        f'<section class="sheet stack" data-show="score"><p class="tally"><span class="num">'
        f"{escape(said)}</span>{frame.bar(exam.stars / exam.total)}</p>{verdict}"
        f'<div class="inline">{ways}</div></section>'
        f'<h2>{escape(words("exam.parts"))}</h2><ol class="trail">{rows}</ol>'
    )


def row(words: Words, number: int, part: Part) -> str:
    """One part: a link while tries are left, then the way to its replay."""
    state = "won" if part.stars else "open"
    link = brief.link(part.screen, part.id) if part.tries_left else brief.replay(part.id)
    left = words("exam.tries", left=part.tries_left) if part.tries_left else words("exam.done")
    disc = "✓" if part.stars else str(number) if part.tries_left else "✗"
    minutes = words("home.minutes", minutes=part.minutes)
    return (
        f'<li><a class="sheet stone {state}" href="{escape(link)}">'
        f'<span class="disc" aria-hidden="true">{disc}</span><b>{escape(part.title)}</b>'
        f'<span class="inline"><span class="chip">{escape(words(f"home.kind_{part.kind}"))}</span>'
        f'<span class="small soft">{escape(minutes)}, {escape(left)}</span></span>'
        f"{frame.stars(words, part.stars)}</a></li>"
    )


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, player: str | None) -> tuple[str, str]:
    known = stage.game.player(player)
    return known, draw(stage.words, stage.game.exam(known))


def sit(stage: Stage, player: str) -> Iterator[str]:
    """Draws the parts, saying how many are ready."""
    words = stage.words
    try:
        for ready in stage.game.sit(player):
            yield frame.waiting(words("exam.drawing", ready=ready, parts=len(GROUPS)))
    except AuthorError as error:
        logging.getLogger(__name__).error("no exam", exc_info=error)
        yield frame.apology(words, PlayerError(words("exam.none")))
        return
    except Exception:
        yield draw(words, stage.game.exam(player))
        raise
    yield draw(words, stage.game.exam(player))


def layout(stage: Stage, page: gr.Blocks) -> None:
    player = player_state(stage)
    frame.header(stage.words, "home")
    main = frame.board(frame.opening(stage.words), elem_id="exam")
    frame.footer(stage.words)
    when_opened(stage, page, opened, [player], [player, main])
    listen(stage, main.act, sit, [player], [main], device=True)
