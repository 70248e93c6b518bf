"""What a steering attempt came to: the scores beside the control's, its parts, every reply. How it
looks stands in templates/steer_verdict.html."""

from markupsafe import Markup

from playground.concepts.concepts import UNDAMAGED_AT_MOST, ReplyScore
from playground.levels.dealing.steered import Curve, SteerVerdict, best_first
from playground.levels.dealing.triples import ROWS, Row
from playground.screens.parts import brief, frame, pictures, streams
from playground.screens.render import macro
from playground.screens.stage import Stage
from playground.store.records import PlayerId
from playground.text.words import Words


def score_cards(words: Words, verdict: SteerVerdict, par: float | None) -> Markup:
    """The numbers of the steered replies, each beside the control's and the untouched."""
    return macro(words, "steer_verdict:scores", verdict, par)


def reply_columns(words: Words, verdict: SteerVerdict, number: int) -> Markup:
    """One triple with the words that counted marked."""
    triple = verdict.triples[number]
    said: dict[Row, tuple[str, ReplyScore]] = {
        "baseline": (triple.baseline, verdict.baseline.replies[number]),
        "steered": (triple.steered, verdict.steered.replies[number]),
        "control": (triple.control, verdict.control.replies[number]),
    }
    drawn, tags = dict[Row, Markup](), dict[Row, Markup]()
    for row, (text, score) in said.items():
        drawn[row] = frame.marked(text, score.spans)
        tags[row] = macro(words, "steer_verdict:tag", score)
    strengths = ", ".join(f"{dial.strength:g}" for dial in verdict.dials)
    return streams.columns(words, triple.prompt, drawn, strengths, tags)


def reply_chips(words: Words, verdict: SteerVerdict, row: Row) -> Markup:
    """Every reply of a row, best first; the one that decided is marked among the steered."""
    replies = best_first(verdict, row)
    texts = [frame.marked(each.text, each.score.spans) for each in replies]
    deciding = verdict.deciding if row == "steered" else None
    return macro(words, "steer_verdict:chips", replies, texts, UNDAMAGED_AT_MOST, deciding)


def result(words: Words, verdict: SteerVerdict) -> Markup:
    """How it ended, in a line that stands by the replies."""
    return macro(words, "steer_verdict:result", verdict, brief.outcome(verdict))


def draw_curve(words: Words, curve: Curve) -> Markup:
    names = {
        "effect": words("steer.line_effect"),
        "damage": words("steer.line_damage"),
        "control": words("steer.line_control"),
        "you": words("steer.curve_you"),
        "title": words("steer.curve_title", strength=f"{curve.own.strength:g}"),
        "x": words("steer.curve_x"),
    }
    return pictures.curve(curve.points, curve.own, names)


def draw_verdict(stage: Stage, player: PlayerId, verdict: SteerVerdict) -> Markup:
    words, start = stage.words, stage.game.course.seen(player, verdict.level)
    learned = Markup()
    if verdict.won:
        following = brief.onward(stage, player, start)
        link = brief.link(start.level.screen, verdict.level)
        learned = brief.learned(words, start, following, link)
    chips = {row: reply_chips(words, verdict, row) for row in ROWS}
    return macro(
        words,
        "steer_verdict:whole",
        verdict,
        brief.head(words, start, verdict, stays=True),
        stage.game.attempts.par(player, verdict.level),
        draw_curve(words, verdict.curve) if verdict.curve else Markup(),
        learned,
        chips,
    )
