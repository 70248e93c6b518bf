"""The page of the daily challenge: what it is today, and the stars of the days before."""

import logging
from collections.abc import Iterator
from datetime import date
from html import escape

import gradio as gr

from playground.errors import AuthorError, PlayerError
from playground.game import Daily
from playground.screens import parts, play
from playground.screens.words import Words


def draw(words: Words, daily: Daily) -> str:
    level = daily.level
    link = escape(play.link(level.screen, level.id))
    if daily.stars is None:
        button, so_far = words("daily.play"), ""
    else:
        again = f'<a href="{escape(play.replay(level.id))}">{escape(words("level.replay"))}</a>'
        button = words("daily.again")
        so_far = f'<p class="inline">{parts.stars(words, daily.stars)} {again}</p>'
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
        else parts.stars(words, stars)
    )
    return f'<span class="num">{day.isoformat()}</span>{drawn}'


# -- events --------------------------------------------------------------------------------------
def opened(stage: parts.Stage, player: str | None) -> Iterator[tuple[str, str]]:
    """The first who asks on a day waits until the challenge is drawn and proven."""
    words, known = stage.words, stage.game.player(player)
    yield known, parts.waiting(words("daily.drawing"))
    try:
        yield known, draw(words, stage.game.daily(known))
    except AuthorError as error:
        logging.getLogger(__name__).error("no daily challenge", exc_info=error)
        yield known, parts.apology(words, PlayerError(words("daily.none")))


def layout(stage: parts.Stage, page: gr.Blocks) -> None:
    player = parts.player_state(stage)
    parts.header(stage.words, "home")
    main = parts.board(parts.opening(stage.words), elem_id="daily")
    parts.footer(stage.words)
    parts.listen(stage, page.load, opened, [player], [player, main], device=True)
