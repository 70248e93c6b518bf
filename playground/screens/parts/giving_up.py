"""What is shown to who gives up a hunt or a steering level: the features that solve it, what was
measured of them, what the level is about. How it looks stands in templates/solution.html."""

from markupsafe import Markup

from playground.levels.schema import LevelBase
from playground.levels.solutions import Solution
from playground.screens.parts import exhibits
from playground.screens.render import macro
from playground.screens.stage import Stage


def draw(stage: Stage, level: LevelBase, solution: Solution, take: bool) -> Markup:
    """take: whether the level has dials that can be set so; in a hunt a feature is collected."""
    words = stage.words
    steps = []
    for step in solution.steps:
        pick = step.turn.pick
        name = stage.game.exploring.name(pick)
        place = words("card.id", site=words.site(pick.site), index=pick.feature)
        steps.append((step, name, place, exhibits.draw(stage, step.exhibits)))
    return macro(words, "solution:whole", steps, solution.turned, take, level.learned.text)
