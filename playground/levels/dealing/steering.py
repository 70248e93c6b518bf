"""Levels that are steered: what may be turned, how an attempt is written, judged and kept.

A kind of this family says which strengths are allowed, what is measured, and what solves it.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from playground.atlas.atlas import Atlas
from playground.atlas.cards import CurvePoint, Recipe
from playground.concepts.concepts import Kind, harmonic_mean
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
from playground.levels.dealing.steered import Curve, Grade, SteerVerdict, Turn, point
from playground.levels.dealing.triples import Began, Counted, Replies, Said
from playground.levels.judging import Bench
from playground.levels.level import GREEDY, REFERENCE, Level, Played, Try
from playground.levels.schema import BLANKS, Pick, Text
from playground.messages import Message, Param
from playground.store.store import Attempt

Ranking = Literal["recipe", "detector"]  # what the atlas says of a feature and a concept
STEERS, CLEARLY = 55.0, 0.4  # score and lead that the atlas measured of a concept worth a draw
GUESS_RUNS = 3  # features by chance that are written out
LOOKED = 16  # hits of a search that are looked through
HALVINGS = 5  # attempts at one slider
TOO_MUCH = 33.0  # damage from which on a player turns down
DEFAULT_PAR = 0.7  # residual norms; where the atlas has no recipe of a concept


# -- levels ----------------------------------------------------------------------------------------
class SteeringLevel(Level):
    """method and scope: fixed by the level, or (left out) the atlas' best for the concept."""

    screen: ClassVar[str] = "steer"
    measures: ClassVar[tuple[str, ...]] = ("score", "effect", "damage", "both", "lead")
    blanks: ClassVar[frozenset[str]] = BLANKS
    drawn: ClassVar[tuple[Kind, ...]] = ("topic",)
    tries: ClassVar[int] = 3
    curved: ClassVar[bool] = False  # one dial, whose dose-response is shown after a win

    prompts: tuple[Text, ...] = Field(min_length=1)
    method: Method | None = None
    scope: Scope | None = None
    seeds: int = Field(default=4, ge=2, le=18)  # triples that are written and scored
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
        score = harmonic_mean(100 * point.effect, 100 - point.damage)
        return score >= STEERS and point.effect - point.control_effect >= CLEARLY

    def players(self, bench: Bench, seed: int, greedy: bool) -> Iterator[Played]:
        solution = self.reference(bench.atlas)
        won = played(self, bench, solution)
        more = f", damage {won.steered.damage:.0f}, lead {won.lead:.0f}"
        yield Played(REFERENCE, (tried(won),), more)
        low, high = self.limits
        blind = {
            "start": [self.started(solution)],
            "nothing": [self.idle(solution)],
            # A level whose dials have nothing to turn is at full strength when it is solved.
            "full strength": [self.full(solution)] if low < high else [],
            "random": strangers(self, bench, solution),
        }
        for player, turns in blind.items():
            if turns:
                yield Played(player, tuple(tried(played(self, bench, each)) for each in turns))
        if greedy:
            best = halving(self, bench)
            yield Played(GREEDY, (tried(best) if best else Try(False, 0, 0.0),))


def at(turns: Sequence[Turn], strength: float) -> tuple[Turn, ...]:
    return tuple(replace(each, strength=strength) for each in turns)


def ranked(level: SteeringLevel, atlas: Atlas, concept: str, role: Ranking, rank: int) -> Turn:
    """The feature that the atlas ranks so for a concept at the level's sites, 1 is the best, at
    its calibrated strength. AuthorError where the atlas has too few."""
    entry = atlas.concept(concept)
    detectors = sorted(entry.detectors, key=lambda each: -each.auroc)
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


def run(
    level: SteeringLevel, bench: Bench, dials: Sequence[Dial]
) -> Generator[Began | Said | Counted, None, Replies]:
    """Streams the first triple, then writes the others; closing it cancels what still runs."""
    prompts = [level.prompts[i % len(level.prompts)] for i in range(level.seeds)]
    wanted = [
        (prompt, Sampling(temperature=level.temperature, max_tokens=level.tokens, seed=seed))
        for seed, prompt in enumerate(prompts)
    ]
    return (yield from triples.write(bench, dials, wanted))


# -- judging ---------------------------------------------------------------------------------------
def judge(
    level: SteeringLevel,
    bench: Bench,
    replies: Replies,
    hints: int = 0,
    history: Sequence[CurvePoint] = (),
) -> SteerVerdict:
    """hints: how many were opened; history: what the player measured before with this feature."""
    grade = level.grade(bench, replies)
    found, scores = grade.measures, grade.scores
    goals = tuple(
        goal.result(found[goal.measure], level.told(goal.measure, found[goal.measure]))
        for goal in level.goals
    )
    won = all(goal.met for goal in goals)
    drawn = None
    if level.curved:
        own = point(replies.dials[0], scores)
        drawn = curve(level, bench.atlas, replies.dials[0], own, history)
    return SteerVerdict(
        level=level.id,
        dials=replies.dials,
        won=won,
        stars=level.stars.count(found[level.stars.measure], hints) if won else 0,
        sentence=grade.sentence,
        goals=goals,
        measures=found,
        score=found["score"],
        rival=grade.rival,
        baseline=scores.baseline,
        steered=scores.steered,
        control=scores.control,
        lead=found["lead"],
        parts=grade.parts,
        triples=triples.texts(replies),
        curve=drawn,
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


# -- players who know no solution ------------------------------------------------------------------
def strangers(
    level: SteeringLevel, bench: Bench, solution: Sequence[Turn]
) -> list[tuple[Turn, ...]]:
    """The solution's strengths on features by chance."""
    size = len(solution)
    drawn = level.by_chance(bench, GUESS_RUNS * size)
    guesses = [drawn[start : start + size] for start in range(0, len(drawn), size)]
    # The same feature drawn twice is one dial: no level takes it on two.
    strengths = [dict(zip(picks, [t.strength for t in solution], strict=True)) for picks in guesses]
    return [tuple(Turn(pick, each[pick]) for pick in each) for each in strengths]


def tried(verdict: SteerVerdict) -> Try:
    return Try(verdict.won, verdict.stars, verdict.score)


def halving(level: SteeringLevel, bench: Bench) -> SteerVerdict | None:
    """The first hit of a search for each topic; the strength by halves, all dials alike: down where
    the text breaks, up where it does not. None where a search finds nothing."""
    picks = searched(level, bench)
    if not picks:
        return None
    low, high = level.limits
    upward = abs(high) >= abs(low)
    least, most = 0.0, high if upward else low
    best: SteerVerdict | None = None
    # Where things are taken out, nothing pushed is the first thing to try.
    strength = (least + most) / 2 if upward else 0.0
    for _ in range(HALVINGS if low < high else 1):
        verdict = played(level, bench, [Turn(pick, strength) for pick in picks])
        if best is None or (verdict.won, verdict.score) > (best.won, best.score):
            best = verdict
        if verdict.won:
            break
        if verdict.steered.damage > TOO_MUCH:
            most = strength
        else:
            least = strength
        strength = (least + most) / 2
    return best


def searched(level: SteeringLevel, bench: Bench) -> list[Pick]:
    """What the search field lists first for each topic, at the level's sites."""
    picks = list[Pick]()
    for name in (level.concept, *level.concepts):
        hits = bench.atlas.search(bench.concept(name).title, None, LOOKED)
        usable = (Pick(hit.site, hit.index) for hit in hits if hit.site in level.sites)
        pick = next((each for each in usable if each not in picks), None)
        if pick is None:
            return []
        picks.append(pick)
    return picks


def played(level: SteeringLevel, bench: Bench, turns: Sequence[Turn]) -> SteerVerdict:
    """One attempt, written out to the end."""
    writing = run(level, bench, dials_of(level, bench.atlas, turns))
    while True:
        try:
            next(writing)
        except StopIteration as end:
            return judge(level, bench, end.value)
