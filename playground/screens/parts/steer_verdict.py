"""What a steering attempt came to: the scores beside the control's, its parts, every reply. How it
looks stands in templates/steer_verdict.html."""

from markupsafe import Markup

from playground.concepts.concepts import ReplyScore
from playground.levels.dealing.steered import Curve, SteerVerdict
from playground.levels.dealing.triples import Row
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
    replies = [
        (number + 1, triple.prompt, reply_columns(words, verdict, number))
        for number, triple in enumerate(verdict.triples)
        if number > 0  # the first stands in the columns above
    ]
    return macro(
        words,
        "steer_verdict:whole",
        verdict,
        brief.head(words, start, verdict),
        stage.game.attempts.par(player, verdict.level),
        draw_curve(words, verdict.curve) if verdict.curve else Markup(),
        learned,
        replies,
    )
