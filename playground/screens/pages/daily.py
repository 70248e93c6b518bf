"""The page of the daily challenge: what it is today, and the stars of the days before."""

import logging
from collections.abc import Iterator
from datetime import date
from html import escape

import gradio as gr

from playground.errors import AuthorError, PlayerError
from playground.game.game import Daily
from playground.screens.parts import brief, frame
from playground.screens.stage import Stage, listen, player_state
from playground.text.words import Words


def draw(words: Words, daily: Daily) -> str:
    level = daily.level
    link = escape(brief.link(level.screen, level.id))
    if daily.stars is None:
        button, so_far = words("daily.play"), ""
    else:
        again = f'<a href="{escape(brief.replay(level.id))}">{escape(words("level.replay"))}</a>'
        button = words("daily.again")
        so_far = f'<p class="inline">{frame.stars(words, daily.stars)} {again}</p>'
    kind, minutes = words(f"home.kind_{level.kind}"), words("home.minutes", minutes=level.minutes)
    return (
        f'<div class="stack"><h1>{escape(words("daily.title"))}</h1>'
        f'<p class="soft">{escape(words("daily.lead", day=daily.day.isoformat()))}</p>'
        f'<section class="sheet stack"><h2>{escape(level.title)}</h2><p class="inline">'
        f'<span class="chip">{escape(kind)}</span><span class="small soft">{escape(minutes)}</span>'
        f"</p><p>{escape(level.brief)}</p>{so_far}"
        f'<div class="inline"><a class="go" href="{link}">{escape(button)}</a></div></section>'
        f"<h2>{escape(words('daily.past'))}</h2>{past(words, daily)}</div>"
    )


def past(words: Words, daily: Daily) -> str:
    rows = "".join(f"<li>{of_day(words, day, stars)}</li>" for day, stars in daily.past)
    return f'<ol class="days">{rows}</ol>'


def of_day(words: Words, day: date, stars: int | None) -> str:
    drawn = (
        f'<span class="small soft">{escape(words("daily.missed"))}</span>'
        if stars is None
        else frame.stars(words, stars)
    )
    return f'<span class="num">{day.isoformat()}</span>{drawn}'


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, player: str | None) -> Iterator[tuple[str, str]]:
    """The first who asks on a day waits until the challenge is drawn and proven."""
    words, known = stage.words, stage.game.player(player)
    yield known, frame.waiting(words("daily.drawing"))
    try:
        yield known, draw(words, stage.game.daily(known))
    except AuthorError as error:
        logging.getLogger(__name__).error("no daily challenge", exc_info=error)
        yield known, frame.apology(words, PlayerError(words("daily.none")))


def layout(stage: Stage, page: gr.Blocks) -> None:
    player = player_state(stage)
    frame.header(stage.words, "home")
    main = frame.board(frame.opening(stage.words), elem_id="daily")
    frame.footer(stage.words)
    listen(stage, page.load, opened, [player], [player, main], device=True)
