"""What every level's screen shows whatever its kind: the brief, hints, stars, what was learned. How
it looks stands in templates/brief.html."""

from collections.abc import Sequence
from typing import Literal, get_args

from markupsafe import Markup

from playground.game.course import Start
from playground.levels.dealing.questions import AskLevel, AskVerdict
from playground.levels.dealing.steered import SteerVerdict
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.schema import HINT_STEPS, STARS_WITH_ANSWER, GoalResult
from playground.levels.verdicts import Verdict, next_star
from playground.screens.parts.terms import terms
from playground.screens.render import macro
from playground.screens.stage import Stage
from playground.store.records import PlayerId
from playground.text.words import Words

Outcome = Literal["won", "lost", "open", "gave_up"]  # open: the replies do not tell
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


def intro(words: Words, start: Start) -> Markup:
    """Title, the brief from the cat's mouth, the goals, the best so far."""
    return macro(words, "brief:intro", start, replay(start.level.id))


def crumbs(words: Words, start: Start) -> Markup:
    """Where the level stands: in its chapter, or on the page of what it was drawn for."""
    return macro(words, "brief:crumbs", start)


def hints(words: Words, start: Start) -> Markup:
    """The opened hints, the button for the next, with its price, and the way to give up; an exam
    has none, nor has a class that wants none."""
    if start.without_hints:
        return Markup()
    assert len(start.hints) + start.hints_left == len(HINT_STEPS)
    asks, hunts = (isinstance(start.level, each) for each in (AskLevel, HuntLevel))
    return macro(words, "brief:hints", start, asks, STARS_WITH_ANSWER, hunts)


def nearest(goals: Sequence[GoalResult]) -> GoalResult | None:
    """The goal that was missed by least."""
    return min((goal for goal in goals if not goal.met), key=lambda goal: goal.short, default=None)


def head(words: Words, start: Start, verdict: Verdict, stays: bool = False) -> Markup:
    """The verdict from the cat's mouth; after a loss also which goal was nearest to being met and
    what to read, after a win what one star more takes. stays: whether the page is not scrolled."""
    ended = outcome(verdict)
    several = len(verdict.goals) > 1  # of one alone the sentence has said it
    close = nearest(verdict.goals) if ended == "lost" and several else None
    star = next_star(start.level, verdict) if verdict.won else None
    # The answer was shown: what it would take is not to be had.
    capped = verdict.won and verdict.stars == STARS_WITH_ANSWER and start.answered
    read = terms(words, "level.look_up", start.level.learned.words) if not verdict.won else ""
    return macro(words, "brief:head", start, verdict, ended, close, star, capped, stays, read)


def outcome(verdict: Verdict) -> Outcome:
    if verdict.won:
        return "won"
    if isinstance(verdict, SteerVerdict) and not verdict.decided:
        return "open"
    return "gave_up" if isinstance(verdict, AskVerdict) and verdict.gave_up else "lost"


def learned(words: Words, start: Start, next_level: tuple[str, str] | None, here: str) -> Markup:
    """The card after the win; next_level: link and title."""
    card = start.level.learned
    said, _, address = card.source.partition("https://")
    read = terms(words, "level.words", card.words)
    return macro(words, "brief:learned", start, read, (said, address), next_level, here)


def link(screen: str, level: str) -> str:
    return f"{screen}?level={level}"


def replay(level: str) -> str:
    """Where the player's best try is shown again."""
    return f"replay?level={level}"


def onward(stage: Stage, player: PlayerId, start: Start) -> tuple[str, str] | None:
    """Link and title of the level after this one; where it is still locked, of the first open one
    that is not won."""
    home = stage.game.course.home(player)
    marks = {
        m.id: m for chapter in home.chapters for m in chapter.marks if m.state in ("open", "won")
    }
    mark = marks.get(start.next_level or "") or marks.get(home.next or "")
    return None if mark is None else (link(mark.screen, mark.id), mark.title)
