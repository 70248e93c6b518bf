"""What every level's screen shows whatever its kind: the brief, hints, stars, what was learned."""

from collections.abc import Sequence
from html import escape

from playground.game.course import Start
from playground.levels.schema import HINT_STEPS, GoalResult
from playground.levels.verdicts import Verdict
from playground.screens.parts import frame, pictures
from playground.screens.parts.terms import terms
from playground.screens.stage import Stage
from playground.text.words import Words


def intro(words: Words, start: Start) -> str:
    """Title, the brief from the cat's mouth, the goals, the best so far."""
    level = start.level
    goals = "".join(
        f'<li><span class="tick" aria-hidden="true">◎</span><span>{escape(goal.says)}</span></li>'
        for goal in level.goals
    )
    best = ""
    if start.best is not None:
        said = (
            words(
                "level.best_won",
                stars=words("site.stars", count=start.best.stars, total=3),
                attempts=start.best.attempts,
            )
            if start.best.won
            else words("level.best_lost", attempts=start.best.attempts)
        )
        drawn = frame.stars(words, start.best.stars) if start.best.won else ""
        again = f'<a href="{escape(replay(level.id))}">{escape(words("level.replay"))}</a>'
        best = f'<p class="small soft">{drawn} {escape(said)} {again}</p>'
    return (
        f'<div class="stack">{crumbs(words, start)}<h1>{escape(level.title)}</h1>'
        f'<div class="says rise">{pictures.cat("calm")}<div class="bubble"><p>'
        f"{escape(level.brief)}</p>"
        f'<h2 class="lesser">{escape(words("level.goals"))}</h2>'
        f'<ul class="goals">{goals}</ul>{best}</div>'
        f"</div></div>"
    )


def crumbs(words: Words, start: Start) -> str:
    """Where the level stands: in its chapter, or on the page of what it was drawn for."""
    here = escape(start.chapter)
    if start.series != "course":
        here = f'<a href="{start.series}">{escape(title_of(words, start))}</a>'
    home = escape(words("site.home"))
    return f'<p class="small soft"><a href=".">{home}</a> › {here}</p>'


def title_of(words: Words, start: Start) -> str:
    return words("daily.title" if start.series == "daily" else "exam.title")


def ways(words: Words, start: Start, here: str, again: str, lost: bool = False) -> str:
    """Where to go after a verdict: the level once more, which leads after a loss in the course, and
    back. An exam is not repeated."""
    look = "go" if lost and start.series == "course" else "plain"
    anew = f'<a class="{look}" href="{escape(here)}">{escape(again)}</a>'
    back = f'<a class="plain" href=".">{escape(words("site.back"))}</a>'
    if start.series != "course":
        to = words("level.back_to", title=title_of(words, start))
        back = f'<a class="go" href="{start.series}">{escape(to)}</a>'
    return back if start.series == "exam" else anew + back


def hints(words: Words, start: Start) -> str:
    """The opened hints and the button for the next, with its price; an exam has none."""
    if start.series == "exam":
        return ""
    rows = "".join(
        f"<li><b>{escape(words(f'level.hint_{hint.step}'))}.</b> {escape(hint.text)}</li>"
        for hint in start.hints
    )
    shown = f'<ol class="hints">{rows}</ol>' if rows else ""
    if start.hints_left:
        button = (
            '<button type="button" class="plain tiny" data-act="hint" data-key="hint">'
            f"{escape(words('level.hint_open', left=start.hints_left))}</button>"
            f'<span class="small soft">{escape(start.hint_price)}</span>'
        )
    else:
        button = f'<span class="small soft">{escape(words("level.hint_none"))}</span>'
    assert len(start.hints) + start.hints_left == len(HINT_STEPS)
    return (
        f'<section class="stack" aria-label="{escape(words("level.hints"))}">{shown}<div '
        f'class="inline">{button}</div></section>'
    )


def head(words: Words, start: Start, verdict: Verdict) -> str:
    """The verdict from the cat's mouth; after a loss also which goal was nearest to being met."""
    won, count, sentence = verdict.won, verdict.stars, verdict.sentence
    title = words("level.won" if won else "level.lost")
    drawn = frame.stars(words, count, large=True) if won else ""
    praise = f"<p>{escape(start.level.win)}</p>" if won else nearest(words, verdict.goals)
    return (
        f'<div class="says">{pictures.cat("happy" if won else "puzzled")}<div class="bubble" '
        f'data-show="end" tabindex="-1">'
        f'<div class="inline"><h2>{escape(title)}</h2>{drawn}</div><p>{escape(sentence)}</p>'
        f"{praise}</div></div>"
    )


def nearest(words: Words, goals: Sequence[GoalResult]) -> str:
    missed = [goal for goal in goals if not goal.met]
    if not missed:
        return ""
    goal = min(missed, key=lambda each: each.short)
    said = words("level.nearest", goal=goal.says, found=goal.found)
    return f"<p>{escape(said)}</p>"


def learned(words: Words, start: Start, next_level: tuple[str, str] | None, here: str) -> str:
    """The card after the win; next_level: link and title."""
    card = start.level.learned
    said, _, url = card.source.partition("https://")
    source = escape(words("level.source", source=said))
    if url:
        source += (
            f'<a href="https://{escape(url)}" target="_blank" rel="noreferrer">'
            f"{escape(url.split('/')[0])}</a>"
        )
    onward = ""
    if next_level is not None:
        onward = (
            f'<a class="go" href="{escape(next_level[0])}">{escape(words("level.next"))}: '
            f"{escape(next_level[1])}</a>"
        )
    return (
        f'<section class="learned stack"><h3>{escape(words("level.learned"))}</h3><p>'
        f"{escape(card.text)}</p>"
        f'<p class="small">{terms(words, "level.words", card.words)}</p>'
        f'<p class="small soft">{source}</p><div class="inline">{onward}'
        f"{ways(words, start, here, words('level.again'))}</div></section>"
    )


def link(screen: str, level: str) -> str:
    return f"{screen}?level={level}"


def replay(level: str) -> str:
    """Where the player's best try is shown again."""
    return f"replay?level={level}"


def onward(stage: Stage, player: str, start: Start) -> tuple[str, str] | None:
    """Link and title of the level after this one; where it is still locked, of the first open one
    that is not won."""
    home = stage.game.course.home(player)
    marks = {
        m.id: m for chapter in home.chapters for m in chapter.marks if m.state in ("open", "won")
    }
    mark = marks.get(start.next_level or "") or marks.get(home.next or "")
    return None if mark is None else (link(mark.screen, mark.id), mark.title)
