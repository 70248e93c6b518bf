"""The verdict of a hunt level. How it looks stands in templates/hunt_verdict.html."""

from markupsafe import Markup

from playground.levels.kinds.hunt import HuntVerdict
from playground.levels.schema import Pick
from playground.screens.parts import brief
from playground.screens.render import macro
from playground.screens.stage import Stage
from playground.store.records import PlayerId


def draw(stage: Stage, player: PlayerId, verdict: HuntVerdict) -> Markup:
    """Sentence, goals, three numbers in plain words, what was learned, the texts."""
    words, start = stage.words, stage.game.course.seen(player, verdict.level)
    best, end = None, Markup()
    if verdict.best is not None:
        pick = Pick(verdict.best.site, verdict.best.feature)
        best = (pick, stage.game.exploring.name(pick))
    if verdict.won:
        following = brief.onward(stage, player, start)
        end = brief.learned(words, start, following, brief.link("hunt", verdict.level))
    return macro(words, "hunt_verdict:whole", verdict, brief.head(words, start, verdict), best, end)
