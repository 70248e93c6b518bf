"""The first page: what this is, where to begin, the map of the course."""

from html import escape

import gradio as gr

from playground.game.game import ChapterMap, Exam, Home, Mark
from playground.screens.addresses import from_to
from playground.screens.parts import brief, frame, pictures
from playground.screens.stage import Stage, player_state, when_opened
from playground.text.words import Words

STATES = {
    "won": "home.won", "open": "home.open", "locked": "home.locked_mark",
    "missing": "home.missing_mark",
}  # fmt: skip
WIDE = 2  # a chapter of more levels takes the whole width of the map


def hero(words: Words, home: Home) -> str:
    """The promise in one line and the one button to press."""
    marks = {m.id: m for chapter in home.chapters for m in chapter.marks}
    following = marks.get(home.next or "")
    if following is None:
        button = f'<a class="go big" href="sandbox">{escape(words("home.all_won"))}</a>'
    else:
        say = words("home.go_on", title=following.title) if home.won else words("home.begin")
        button = (
            f'<a class="go big" href="{escape(brief.link(following.screen, following.id))}">'
            f"{escape(say)} →</a>"
        )
    mood = "happy" if home.levels and home.won == home.levels else "calm"
    steps = "".join(
        f'<li><span class="dot">{i}</span><div><b>{escape(words(f"home.step{i}"))}</b>'
        f'<span class="soft">{escape(words(f"home.step{i}_more"))}</span></div></li>'
        for i in (1, 2, 3)
    )
    return (
        f'<section class="hero"><div><h1>{escape(words("home.hello"))}</h1><p>'
        f"{escape(words('home.lead'))}</p>{button}</div>"
        f'{pictures.cat(mood)}</section><ol class="three">{steps}</ol>'
    )


def tally(words: Words, home: Home) -> str:
    said = words(
        "home.tally", stars=home.stars, total=home.stars_total, won=home.won, levels=home.levels
    )
    share = home.stars / home.stars_total if home.stars_total else 0.0
    return f'<p class="tally"><span class="num">{escape(said)}</span>{frame.bar(share)}</p>'


def stone(words: Words, mark: Mark, number: int, following: bool) -> str:
    """One level on the map; a locked one says what opens it, one that the model cannot play
    why."""
    disc = {"won": "✓", "open": str(number), "locked": pictures.lock(), "missing": "–"}[mark.state]
    facts = (
        f'<span class="inline"><span class="chip">{escape(words(f"home.kind_{mark.kind}"))}</span>'
        f'<span class="small soft">{escape(words("home.minutes", minutes=mark.minutes))}, '
        f"{escape(words('home.difficulty', difficulty=mark.difficulty))}</span></span>"
    )
    if mark.state == "locked":
        last = (
            f'<span class="small">{escape(words("home.locked", needs=", ".join(mark.needs)))}'
            f"</span>"
        )
    elif mark.why:
        last = f'<span class="small">{escape(words(f"home.missing_{mark.why}"))}</span>'
    else:
        last = frame.stars(words, mark.stars)
    state = words(STATES[mark.state])
    inner = (
        f'<span class="disc" aria-hidden="true">{disc}</span><b>{escape(mark.title)}'
        f'<span class="hushed"> ({escape(state)})</span></b>{facts}{last}'
    )
    kind = f"sheet stone {mark.state}{' next' if following else ''}"
    if mark.state in ("locked", "missing"):
        return f'<li><div class="{kind}">{inner}</div></li>'
    return (
        f'<li><a class="{kind}" href="{escape(brief.link(mark.screen, mark.id))}">{inner}</a></li>'
    )


def chapter(words: Words, part: ChapterMap, first: int, following: str | None) -> str:
    stones = "".join(
        stone(words, m, first + i, m.id == following) for i, m in enumerate(part.marks)
    )
    return (
        f'<section class="chapter{" wide" if len(part.marks) > WIDE else ""}"><h2>'
        f"{escape(part.title)}</h2><p>{escape(part.blurb)}</p>"
        f'<ol class="trail">{stones}</ol></section>'
    )


def occasions(words: Words, today: int | None, exam: Exam) -> str:
    """Beside the course: the daily challenge and the final exam."""
    if today is None:
        so_far = f'<span class="small soft">{escape(words("home.daily_new"))}</span>'
    else:
        so_far = frame.stars(words, today)
    if exam.needs:
        left = words("home.exam_locked", count=sum(count for _, count in exam.needs))
    elif exam.passed:
        left = words("exam.passed", best=exam.best or 0)
    elif exam.sitting:
        left = words("exam.score", stars=exam.stars, total=exam.total, needed=exam.needed)
    else:
        left = words("home.exam_open")
    lock = pictures.lock() if exam.needs else "✓" if exam.passed else "?"
    cards = (
        ("daily", "☀", words("daily.title"), so_far, ""),
        ("exam", lock, words("exam.title"), f'<span class="small soft">{escape(left)}</span>',
         " locked" if exam.needs else ""),
    )  # fmt: skip
    drawn = "".join(
        f'<li><a class="sheet stone{kind}" href="{path}"><span class="disc" aria-hidden="true">'
        f"{sign}</span><b>{escape(title)}</b>{more}</a></li>"
        for path, sign, title, more, kind in cards
    )
    return (
        f'<section class="chapter wide"><h2>{escape(words("home.occasions"))}</h2>'
        f'<p>{escape(words("home.occasions_more"))}</p><ol class="trail">{drawn}</ol></section>'
    )


def draw(words: Words, home: Home, more: str = "") -> str:
    """more: what stands beside the course; a beginner meets the first level before it."""
    course, first = "", 1
    for part in home.chapters:
        course += chapter(words, part, first, home.next)
        first += len(part.marks)
    course = more + course if home.won else course + more
    return f'{hero(words, home)}{tally(words, home)}<div class="course">{course}</div>'


def picker(stage: Stage) -> str:
    """The models that the host made available, this page's marked; nothing where there is one."""
    words, here = stage.words, stage.offer.place
    if len(stage.offers) < 2:
        return ""
    links = "".join(
        f'<a class="chip" href="{escape(from_to(words.language, here, each.place))}"'
        f"{' aria-current=page' if each.place == here else ''}>{escape(each.model.title)}</a>"
        for each in stage.offers
    )
    return (
        f'<nav class="models" aria-label="{escape(words("home.models"))}"><span class="soft">'
        f"{escape(words('home.models'))}</span>{links}</nav>"
    )


# -- events --------------------------------------------------------------------------------------
def opened(stage: Stage, player: str | None) -> tuple[str, str]:
    known = stage.game.player(player)
    game, words = stage.game, stage.words
    _, today = game.today(known)
    more = occasions(words, today, game.exam(known))
    return known, picker(stage) + draw(words, game.home(known), more)


def layout(stage: Stage, page: gr.Blocks) -> None:
    player = player_state(stage)
    frame.header(stage.words, "home")
    main = frame.board(frame.opening(stage.words), elem_id="map")
    frame.footer(stage.words)
    when_opened(stage, page, opened, [player], [player, main])
