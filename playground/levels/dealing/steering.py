"""Levels that are steered: what may be turned, how an attempt is written, judged and kept.

A kind of this family says which strengths are allowed, which replies count, and what solves it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from playground.atlas.atlas import Atlas
from playground.atlas.cards import CurvePoint, Recipe
from playground.concepts.concepts import Kind, ReplyScore
from playground.engine.records import (
    MAX_REPLY_TOKENS,
    MAX_STRENGTH,
    TEMPERATURE,
    Dial,
    Method,
    Sampling,
    Scope,
)
from playground.errors import AuthorError, PlayerError
from playground.levels.dealing import triples
from playground.levels.dealing.counting import (
    ROUND,
    Hits,
    Measure,
    Standing,
    Tallies,
    found_of,
    needed,
    settled,
    standing,
)
from playground.levels.dealing.steered import Curve, Grade, SteerVerdict, Trio, Turn, point
from playground.levels.dealing.triples import Replies, Writing
from playground.levels.judging import Bench
from playground.levels.level import Level, Played
from playground.levels.schema import BLANKS, SHARE, Goal, GoalResult, Pick, Text
from playground.messages import Message, Param
from playground.store.store import Attempt

Ranking = Literal["recipe", "detector"]  # what the atlas says of a feature and a concept
STEERS, CLEARLY = 0.5, 0.4  # share and lead that the atlas measured of a concept worth a draw
DEFAULT_PAR = 0.7  # residual norms; where the atlas has no recipe of a concept
COUNTED = (SHARE, "lead")  # measures that are counted from replies


# -- levels ----------------------------------------------------------------------------------------
class SteeringLevel(Level):
    """method and scope: fixed by the level, or (left out) the atlas' best for the concept."""

    screen: ClassVar[str] = "steer"
    measures: ClassVar[tuple[str, ...]] = COUNTED
    blanks: ClassVar[frozenset[str]] = BLANKS
    drawn: ClassVar[tuple[Kind, ...]] = ("topic",)
    tries: ClassVar[int] = 3
    curved: ClassVar[bool] = False  # one dial, whose dose-response is shown after a win

    prompts: tuple[Text, ...] = Field(min_length=1)
    method: Method | None = None
    scope: Scope | None = None
    limit: int = Field(default=40, ge=ROUND, le=64, multiple_of=ROUND)  # replies, if need be
    tokens: int = Field(default=64, ge=16, le=MAX_REPLY_TOKENS)
    temperature: float = Field(default=TEMPERATURE, ge=0, le=2)
    max_strength: float = Field(default=1.5, gt=0, le=MAX_STRENGTH)
    start_strength: float = Field(default=0.0, ge=0)

    @model_validator(mode="after")
    def starts_in_range(self) -> Self:
        if abs(self.start_strength) > self.max_strength:
            raise ValueError("start_strength is above max_strength")
        return self

    @property
    def slots(self) -> int:
        """How many dials may be on at once."""
        return 1

    @property
    def limits(self) -> tuple[float, float]:
        """The lowest and the highest strength of a dial; equal where there is nothing to turn."""
        return 0.0, self.max_strength

    def reference(self, atlas: Atlas) -> tuple[Turn, ...]:
        """The solution on this model. Raises AuthorError where the atlas has none."""
        raise NotImplementedError

    def grade(self, bench: Bench, replies: Replies) -> Grade:
        raise NotImplementedError

    def counts(self, reply: ReplyScore) -> bool:
        """Whether a reply is one of those that the level wants."""
        return reply.both

    def used(self, dials: Sequence[Dial]) -> dict[str, float]:
        """Measures that no reply has to be counted for."""
        return {}

    def said(self, bench: Bench, grade: Grade, dials: Sequence[Dial]) -> Message:
        """A verdict that the replies decided, in plain words."""
        raise NotImplementedError

    def pattern(self, atlas: Atlas, pick: Pick) -> Recipe | None:
        """Whose method and scope a dial has where the level does not fix them."""
        recipes = atlas.concept(self.concept).recipes
        return recipes[0] if recipes else None

    def par(self, atlas: Atlas) -> float | None:
        """The strength to stay below, in residual norms; None where strength is not counted."""
        return None

    def told(self, measure: str, value: float) -> Message:
        """A measured number with its unit."""
        return Message("common.points", value=value)

    # Ways to play without insight, which must lose; `solution` is the reference.
    def started(self, solution: Sequence[Turn]) -> tuple[Turn, ...]:
        """The right features with the sliders as they stand when the level opens."""
        return at(solution, self.start_strength)

    def idle(self, solution: Sequence[Turn]) -> tuple[Turn, ...]:
        return at(solution, 0.0)

    def full(self, solution: Sequence[Turn]) -> tuple[Turn, ...]:
        low, high = self.limits
        return at(solution, high if abs(high) >= abs(low) else low)

    def suits(self, bench: Bench, concept: str) -> bool:
        """There is a recipe, by the level's method and scope if it fixes them, that steers."""
        recipes = bench.atlas.concept(concept).recipes
        recipe = next((each for each in recipes if each.site in self.sites), None)
        if recipe is None:
            return False
        like = (self.method or recipe.method, self.scope or recipe.scope)
        point = next((p for p in recipe.curve if p.strength == recipe.strength), None)
        if point is None or (recipe.method, recipe.scope) != like:
            return False
        return point.both >= STEERS and point.effect - point.control_effect >= CLEARLY

    def wrong(self, atlas: Atlas) -> dict[str, tuple[Turn, ...]]:
        """Answers of somebody who understood half of it, by what is wrong with them."""
        solution = self.reference(atlas)
        others, site = list(neighbours(self, atlas, solution)), solution[0].pick.site
        found = {
            "half strength": tuple(replace(each, strength=each.strength / 2) for each in solution),
            "second best": next((each for each in others if each[0].pick.site == site), ()),
            "wrong site": next((each for each in others if each[0].pick.site != site), ()),
            "one of two": solution[:-1],
        }
        return {name: turns for name, turns in found.items() if turns and turns != solution}

    def players(self, bench: Bench, seed: int, greedy: bool) -> Iterator[Played]:
        # It writes attempts of levels, so it stands above them.
        from playground.levels.dealing import rehearsing

        yield from rehearsing.players(self, bench, greedy)


def neighbours(
    level: SteeringLevel, atlas: Atlas, solution: Sequence[Turn]
) -> Iterator[tuple[Turn, ...]]:
    """The solution with another good detector of the concept in its first place, best first."""
    taken, first = {each.pick for each in solution}, solution[0]
    detectors = sorted(atlas.concept(level.concept).detectors, key=lambda each: -each.sure)
    for each in detectors:
        pick = Pick(each.site, each.feature)
        if each.site in level.sites and pick not in taken:
            yield (replace(first, pick=pick), *solution[1:])


def at(turns: Sequence[Turn], strength: float) -> tuple[Turn, ...]:
    return tuple(replace(each, strength=strength) for each in turns)


def ranked(level: SteeringLevel, atlas: Atlas, concept: str, role: Ranking, rank: int) -> Turn:
    """The feature that the atlas ranks so for a concept at the level's sites, 1 is the best, at
    its calibrated strength. AuthorError where the atlas has too few."""
    entry = atlas.concept(concept)
    detectors = sorted(entry.detectors, key=lambda each: -each.sure)
    order = entry.recipes if role == "recipe" else detectors
    usable = [each for each in order if each.site in level.sites]
    if len(usable) < rank:
        raise AuthorError(
            f"level {level.id}: this model's atlas has {len(usable)} {role}s of "
            f"{concept!r} at {', '.join(level.sites)}; the solution takes number {rank}"
        )
    chosen = usable[rank - 1]
    par = chosen.strength if isinstance(chosen, Recipe) else DEFAULT_PAR
    if not isinstance(chosen, Recipe) and entry.recipes:
        par = entry.recipes[0].strength
    return Turn(Pick(chosen.site, chosen.feature), par)


def filled(level: SteeringLevel, atlas: Atlas) -> dict[str, Param]:
    """What hints may leave open: the first dial's site, feature and strength, and `dials`, all
    of them in words."""
    turns = level.reference(atlas)
    turned = level.limits[0] != level.limits[1]
    first = turns[0]
    return {
        "site": Message("common.site", site=first.pick.site),
        "feature": str(first.pick.feature),
        "strength": round(first.strength, 2),
        "dials": tuple(dial_said(each, turned) for each in turns),
    }


def dial_said(turn: Turn, turned: bool) -> Message:
    """turned: whether its strength is the player's to choose."""
    site, feature = turn.pick.site, turn.pick.feature
    if turned:
        return Message("steering.dial", feature=feature, site=site, strength=turn.strength)
    return Message("steering.dial_fixed", feature=feature, site=site)


# -- dials and writing -----------------------------------------------------------------------------
def dials_of(level: SteeringLevel, atlas: Atlas, turns: Sequence[Turn]) -> tuple[Dial, ...]:
    """The player's features and strengths, the level's methods and scopes.

    PlayerError outside the level's range.
    """
    if len(turns) > level.slots:
        raise PlayerError("steering.slots", count=level.slots)
    if len({each.pick for each in turns}) < len(turns):
        raise PlayerError("steering.twice")
    return tuple(dial_of(level, atlas, each) for each in turns)


def dial_of(level: SteeringLevel, atlas: Atlas, turn: Turn) -> Dial:
    low, high = level.limits
    if not low <= turn.strength <= high:  # also refuses NaN
        raise PlayerError("steering.strength", low=low, high=high, strength=turn.strength)
    pick = turn.pick
    if pick.site not in level.sites:
        raise PlayerError("steering.sites", count=len(level.sites), sites=tuple(level.sites))
    plain = Dial(pick.site, pick.feature, turn.strength)
    like = level.pattern(atlas, pick) or plain
    return replace(plain, method=level.method or like.method, scope=level.scope or like.scope)


def wanted(level: SteeringLevel, start: int, count: int) -> list[tuple[str, Sampling]]:
    """Prompt and sampling of replies start..start + count: the prompts in turn, a seed each."""
    prompts = level.prompts
    return [
        (
            prompts[n % len(prompts)],
            Sampling(temperature=level.temperature, max_tokens=level.tokens, seed=n),
        )
        for n in range(start, start + count)
    ]


def run(level: SteeringLevel, bench: Bench, dials: Sequence[Dial]) -> Writing:
    """Streams the first triple, then writes the others, round by round until they decide or the
    level's limit is reached; closing it cancels what still runs."""
    replies, stands = Replies(tuple(dials)), standing_of(level, dials)
    while len(replies) < level.limit:
        more = wanted(level, len(replies), ROUND)
        replies = yield from triples.write(bench, more, replies)
        if stands(level.grade(bench, replies).hits.tallies) is not None:
            break
    return replies


# -- judging ---------------------------------------------------------------------------------------
def found_in(level: SteeringLevel, dials: Sequence[Dial], tallies: Tallies) -> dict[str, Measure]:
    exact = {name: Measure.exactly(value) for name, value in level.used(dials).items()}
    return {**found_of(tallies), **exact}


def standing_of(
    level: SteeringLevel, dials: Sequence[Dial], goals: Sequence[Goal] | None = None
) -> Standing:
    """Whether an attempt with these dials is won, by its tallies; None while they do not tell.
    goals: other ones than the level's."""
    judged = level.goals if goals is None else goals
    return lambda tallies: standing(judged, found_in(level, dials, tallies))


def hits_of(level: SteeringLevel, scores: Trio) -> Hits:
    rows = (scores.baseline, scores.steered, scores.control)
    return Hits(*(tuple(map(level.counts, row.replies)) for row in rows))


def judge(
    level: SteeringLevel,
    bench: Bench,
    replies: Replies,
    hints: int = 0,
    history: Sequence[CurvePoint] = (),
) -> SteerVerdict:
    """hints: how many were opened; history: what the player measured before with this feature."""
    grade, dials = level.grade(bench, replies), replies.dials
    hits, scores = grade.hits, grade.scores
    stands, found = standing_of(level, dials), found_in(level, dials, hits.tallies)
    won = stands(hits.tallies)
    drawn = None
    if level.curved:
        drawn = curve(level, bench.atlas, dials[0], point(dials[0], scores), history)
    stars = level.stars.count(found[level.stars.measure].value, hints) if won else 0
    return SteerVerdict(
        level=level.id,
        dials=dials,
        decided=won is not None,
        won=won is True,
        stars=stars,
        sentence=level.said(bench, grade, dials) if won is not None else open_said(hits, stands),
        goals=tuple(result(level, goal, found[goal.measure], hits.tallies) for goal in level.goals),
        measures={name: each.value for name, each in found.items()},
        hits=hits,
        deciding=settled(hits, stands),
        limit=level.limit,
        baseline=scores.baseline,
        steered=scores.steered,
        control=scores.control,
        parts=grade.parts,
        triples=triples.texts(replies),
        curve=drawn,
    )


def result(level: SteeringLevel, goal: Goal, found: Measure, tallies: Tallies) -> GoalResult:
    own, control, plain = tallies.steered, tallies.control, tallies.baseline
    said = level.told(goal.measure, found.value)
    if goal.measure == SHARE:
        said = Message("steering.share", hits=own.hits, count=own.of)
    elif goal.measure == "lead":
        said = Message(
            "steering.lead",
            hits=own.hits,
            count=own.of,
            control=control.hits,
            controls=control.of,
            plain=plain.hits,
            plains=plain.of,
        )
    return goal.result(found.value, said, found.low, found.high)


def open_said(hits: Hits, stands: Standing) -> Message:
    """That the replies do not tell, and what would."""
    own = hits.tallies.steered
    wins, loses = needed(hits.tallies, stands)
    if wins is None:
        return Message("steering.open_rivals", hits=own.hits, count=own.of)
    return Message(
        "steering.open",
        hits=own.hits,
        count=own.of,
        wins=wins,
        loses=-1 if loses is None else loses,
    )


def curve(
    level: SteeringLevel, atlas: Atlas, dial: Dial, own: CurvePoint, history: Sequence[CurvePoint]
) -> Curve:
    """The atlas' measurement of this setting where there is one, else the player's own."""
    for recipe in atlas.concept(level.concept).recipes:
        if recipe.dial(dial.strength) == dial and recipe.curve:
            return Curve("atlas", recipe.curve, own)
    known = {each.strength: each for each in (*history, own)}
    return Curve("your attempts", tuple(known[key] for key in sorted(known)), own)


# -- keeping ---------------------------------------------------------------------------------------
def answer(verdict: SteerVerdict) -> dict[str, Any]:
    """What the progress store keeps of the dials: of one the dial itself, as it was before there
    were levels with several."""
    turned = [asdict(each) for each in verdict.dials]
    return turned[0] if len(turned) == 1 else {"dials": turned}


def evidence(verdict: SteerVerdict) -> dict[str, Any]:
    """What later tries are drawn beside."""
    return {} if verdict.curve is None else {"point": asdict(verdict.curve.own)}


def history(attempts: Sequence[Attempt], dials: Sequence[Dial]) -> list[CurvePoint]:
    """The points that were measured with this one feature, method and scope."""
    if len(dials) != 1:
        return []
    return [
        CurvePoint(**each.evidence["point"])
        for each in attempts
        if "point" in each.evidence
        and Dial(**{**each.answer, "strength": dials[0].strength}) == dials[0]
    ]
