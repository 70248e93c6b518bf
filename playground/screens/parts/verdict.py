"""A verdict of any family as a page shows it that asks the model nothing."""

from markupsafe import Markup

from playground.levels.dealing.questions import AskVerdict
from playground.levels.dealing.steered import SteerVerdict
from playground.levels.verdicts import Verdict
from playground.screens.parts import ask_verdict, hunt_verdict, steer_verdict
from playground.screens.stage import Stage
from playground.store.records import PlayerId


def draw(stage: Stage, player: PlayerId, verdict: Verdict) -> Markup:
    if isinstance(verdict, SteerVerdict):
        shown = steer_verdict.draw_verdict(stage, player, verdict)
        return shown + steer_verdict.reply_columns(stage.words, verdict, 0)
    if isinstance(verdict, AskVerdict):
        return ask_verdict.draw(stage, player, verdict)
    return hunt_verdict.draw(stage, player, verdict)
