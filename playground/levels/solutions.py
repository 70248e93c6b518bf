"""What solves a hunt or a steering level on the model that is played, and why: told to whoever
gives up. Judges nothing and knows no player.
"""

from dataclasses import dataclass

from playground.atlas.atlas import Atlas
from playground.atlas.cards import Recipe
from playground.errors import AuthorError
from playground.levels.dealing.questions import Doses, Exhibit, Portrait
from playground.levels.dealing.steered import Turn
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.kinds import hunt
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.schema import Pick
from playground.messages import Message


@dataclass(frozen=True)
class Step:
    """One feature of a solution. why: what the atlas measured of it; curve: its dose-response,
    where there is one."""

    turn: Turn
    why: Message
    exhibits: tuple[Exhibit, ...]


@dataclass(frozen=True)
class Solution:
    """turned: whether the strengths are the player's to set."""

    level: str
    steps: tuple[Step, ...]
    turned: bool


def solution(level: HuntLevel | SteeringLevel, atlas: Atlas) -> Solution:
    """Raises AuthorError where this model has none."""
    if isinstance(level, HuntLevel):
        best = hunt.reference(level, atlas)
        turn = Turn(Pick(best.site, best.feature), 0.0)
        return Solution(level.id, (step(level, atlas, turn),), turned=False)
    low, high = level.limits
    steps = tuple(step(level, atlas, turn) for turn in level.reference(atlas))
    return Solution(level.id, steps, turned=low < high)


def step(level: HuntLevel | SteeringLevel, atlas: Atlas, turn: Turn) -> Step:
    """What brings a concept in is told by its recipe, what detects it or takes it out by how well
    it tells the concept's texts."""
    card = Portrait(turn.pick, named=True)
    recipe, right = recipe_of(level, atlas, turn.pick), detected(level, atlas, turn.pick)
    if recipe and (turn.strength > 0 or right is None):
        concept, found = recipe
        point = min(found.curve, key=lambda point: abs(point.strength - abs(turn.strength)))
        why = Message(
            "solution.steers" if turn.strength > 0 else "solution.reversed",
            topic=Message(f"concepts.{concept}"),
            strength=point.strength,
            whole=100 * point.both,
            control=100 * point.control_effect,
        )
        return Step(turn, why, (Doses(found.curve, abs(turn.strength)), card))
    if right is None:
        raise AuthorError(
            f"level {level.id}: the solution takes feature {turn.pick.feature} of "
            f"{turn.pick.site}, and this model's atlas has neither a recipe nor a detector of it"
        )
    return Step(turn, right, (card,))


def recipe_of(
    level: HuntLevel | SteeringLevel, atlas: Atlas, pick: Pick
) -> tuple[str, Recipe] | None:
    """This feature's for one of the level's concepts, with the concept."""
    for concept in (level.concept, *level.concepts):
        for recipe in atlas.concept(concept).recipes:
            if (recipe.site, recipe.feature) == (pick.site, pick.feature) and recipe.curve:
                return concept, recipe
    return None


def detected(level: HuntLevel | SteeringLevel, atlas: Atlas, pick: Pick) -> Message | None:
    for concept in (level.concept, *level.concepts):
        for each in atlas.concept(concept).detectors:
            if (each.site, each.feature) == (pick.site, pick.feature):
                topic = Message(f"concepts.{concept}")
                return Message("solution.detects", topic=topic, right=100 * each.auroc)
    return None
