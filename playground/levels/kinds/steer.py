"""The kind `steer`: bring a concept into the replies with one dial and leave the text whole."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from playground.atlas.cards import CurvePoint, Recipe
from playground.atlas.store import Atlas
from playground.concepts import Concept, Score, score_replies
from playground.engine.records import (
    MAX_REPLY_TOKENS,
    MAX_STRENGTH,
    Dial,
    Method,
    Request,
    Sampling,
    Scope,
    Token,
    Trace,
)
from playground.errors import AuthorError, PlayerError
from playground.levels.bench import Bench, spoken
from playground.levels.schema import GoalResult, LevelBase, Page, Pick, Role, Text

Row = Literal["baseline", "steered", "control"]
ROWS: tuple[Row, ...] = ("baseline", "steered", "control")
CONTROL_SEED = 1  # of the random direction that the control row is pushed along
DEFAULT_PAR = 0.7  # residual norms; where the atlas has no recipe of a concept
MOODS = (
    (10.0, "as natural as ever"),
    (33.0, "a little odd"),
    (66.0, "quite odd"),
    (100.0, "broken"),
)
SENTENCE = (
    "{on} of {count} replies are about {topic}, and the untouched model finds them {mood}. "
    "A push of the same size in a random direction brings {topic} into {random} of {count}."
)
OFF = "Your dial is at 0, so nothing was pushed in: turn the strength up."


# -- records ---------------------------------------------------------------------------------------
class SteerSolution(Page):
    """A feature by the role that the atlas gives it for the concept; rank 1 is the best."""

    role: Literal["recipe", "detector"]
    rank: int = Field(default=1, ge=1)
    strength: float = Field(default=1.0, gt=0)  # times par, the calibrated strength


class SteerLevel(LevelBase):
    """method and scope: fixed by the level, or (left out) the atlas' best for the concept."""

    measures: ClassVar[tuple[str, ...]] = ("score", "effect", "damage", "both", "lead")

    kind: Literal["steer"]
    prompts: tuple[Text, ...] = Field(min_length=1)
    sites: tuple[Role, ...] = ("early", "middle", "late")
    method: Method | None = None
    scope: Scope | None = None
    seeds: int = Field(default=4, ge=2, le=8)  # triples that are written and scored
    tokens: int = Field(default=64, ge=16, le=MAX_REPLY_TOKENS)
    temperature: float = Field(default=0.7, ge=0, le=2)
    max_strength: float = Field(default=1.5, gt=0, le=MAX_STRENGTH)
    start_strength: float = Field(default=0.0, ge=0)
    solution: SteerSolution

    @model_validator(mode="after")
    def starts_in_range(self) -> Self:
        if self.start_strength > self.max_strength:
            raise ValueError("start_strength is above max_strength")
        return self

    def sampling(self, seed: int) -> Sampling:
        return Sampling(temperature=self.temperature, max_tokens=self.tokens, seed=seed)


@dataclass(frozen=True)
class Began:
    """The first event of a run: what is being written, row by row."""

    prompt: str
    dials: tuple[Dial, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Said:
    row: Row
    token: Token


@dataclass(frozen=True)
class Counted:
    """The other replies, which are scored but not streamed: `done` of at most `total` tokens."""

    done: int
    total: int


@dataclass(frozen=True)
class Replies:
    """All that one attempt wrote: position i of each is one prompt and seed."""

    dial: Dial
    baseline: tuple[Trace, ...]
    steered: tuple[Trace, ...]
    control: tuple[Trace, ...]


@dataclass(frozen=True)
class Triple:
    """One prompt and seed: the three replies as text."""

    prompt: str
    seed: int
    baseline: str
    steered: str
    control: str


@dataclass(frozen=True)
class Curve:
    """Dose-response of the player's feature: `own` is the player's point.

    `source` says who measured the others.
    """

    source: Literal["atlas", "your attempts"]
    points: tuple[CurvePoint, ...]  # rising strength
    own: CurvePoint


@dataclass(frozen=True)
class SteerVerdict:
    """baseline, steered, control: the scores (0..100, with parts) of the same prompts and seeds."""

    level: str
    pick: Pick
    dial: Dial
    won: bool
    stars: int
    sentence: str  # the verdict in plain words
    goals: tuple[GoalResult, ...]
    baseline: Score
    steered: Score
    control: Score
    lead: float  # points that the steered score is above the control's
    triples: tuple[Triple, ...]
    curve: Curve


# -- dials -----------------------------------------------------------------------------------------
def dial_of(level: SteerLevel, atlas: Atlas, pick: Pick, strength: float) -> Dial:
    """The player's feature and strength, the level's method and scope.

    PlayerError outside the level's range.
    """
    if not 0 <= strength <= level.max_strength:
        raise PlayerError(
            f"In this level the strength goes from 0 to {level.max_strength:g}, not {strength:g}."
        )
    if pick.site not in level.sites:
        raise PlayerError(f"In this level you steer at: {', '.join(level.sites)}.")
    plain = Dial(pick.site, pick.feature, strength)
    recipes = atlas.concept(level.concept).recipes
    method = level.method or (recipes[0].method if recipes else plain.method)
    scope = level.scope or (recipes[0].scope if recipes else plain.scope)
    return replace(plain, method=method, scope=scope)


def reference(level: SteerLevel, atlas: Atlas) -> tuple[Pick, float]:
    """The solution's feature and strength on this model.

    Raises AuthorError where the atlas has none.
    """
    entry = atlas.concept(level.concept)
    detectors = sorted(entry.detectors, key=lambda each: -each.auroc)
    ranked = entry.recipes if level.solution.role == "recipe" else detectors
    usable = [each for each in ranked if each.site in level.sites]
    if len(usable) < level.solution.rank:
        raise AuthorError(
            f"level {level.id}: this model's atlas has {len(usable)} {level.solution.role}s of "
            f"{level.concept!r} at {', '.join(level.sites)}; "
            f"the solution takes number {level.solution.rank}"
        )
    chosen = usable[level.solution.rank - 1]
    par = chosen.strength if isinstance(chosen, Recipe) else DEFAULT_PAR
    if not isinstance(chosen, Recipe) and entry.recipes:
        par = entry.recipes[0].strength
    strength = min(par * level.solution.strength, level.max_strength)
    return Pick(chosen.site, chosen.feature), strength


# -- writing ---------------------------------------------------------------------------------------
def triple(prompt: str, dials: Sequence[Dial], sampling: Sampling) -> list[Request]:
    """Baseline, steered, control: the same prompt and random numbers."""
    pushed = tuple(dials)
    random = tuple(replace(each, control=CONTROL_SEED + i) for i, each in enumerate(pushed))
    return [Request(prompt, each, sampling) for each in ((), pushed, random)]


def run(
    level: SteerLevel, bench: Bench, dial: Dial
) -> Generator[Began | Said | Counted, None, Replies]:
    """Streams the first triple, then writes the others; closing it cancels what still runs."""
    prompts = [level.prompts[i % len(level.prompts)] for i in range(level.seeds)]
    wanted = [triple(p, (dial,), level.sampling(seed)) for seed, p in enumerate(prompts)]
    yield Began(prompts[0], (dial,), ROWS)
    stream = bench.engine.generate(wanted[0])
    try:
        for row, token in stream:
            yield Said(ROWS[row], token)
        written = stream.traces()
    finally:
        stream.cancel()
    rest = [request for each in wanted[1:] for request in each if not bench.remembered(request)]
    total, done = len(rest) * level.tokens, 0
    yield Counted(done, total)
    stream = bench.engine.generate(rest)
    try:
        for _ in stream:
            done += 1
            yield Counted(done, total)
        written += stream.traces()
    finally:
        stream.cancel()
    bench.remember(written)
    found = {trace.request: trace for trace in written}
    rows = [
        tuple(found.get(each[row]) or bench.remembered(each[row]) for each in wanted)
        for row in range(len(ROWS))
    ]
    baseline, steered, control = ([trace for trace in row if trace] for row in rows)
    return Replies(dial, tuple(baseline), tuple(steered), tuple(control))


# -- judging ---------------------------------------------------------------------------------------
def judge(
    level: SteerLevel,
    bench: Bench,
    replies: Replies,
    hints: int = 0,
    history: Sequence[CurvePoint] = (),
) -> SteerVerdict:
    """hints: how many were opened; history: what the player measured before with this feature."""
    concept = bench.concept(level.concept)
    baseline, steered, control = (
        score_replies(concept, traces, bench.usual)
        for traces in (replies.baseline, replies.steered, replies.control)
    )
    dial = replies.dial
    lead = steered.steering - control.steering
    found = {
        "score": steered.steering,
        "effect": steered.effect,
        "damage": steered.damage,
        "both": steered.both,
        "lead": lead,
    }
    goals = tuple(
        GoalResult(goal.says, goal.met(found[goal.measure]), f"{found[goal.measure]:.0f} of 100")
        for goal in level.goals
    )
    won = all(goal.met for goal in goals)
    return SteerVerdict(
        level=level.id,
        pick=Pick(dial.site, dial.feature),
        dial=dial,
        won=won,
        stars=level.stars.count(found[level.stars.measure], hints) if won else 0,
        sentence=sentence(concept, dial, steered, control),
        goals=goals,
        baseline=baseline,
        steered=steered,
        control=control,
        lead=lead,
        triples=triples(replies),
        curve=curve(level, bench.atlas, dial, point(dial, steered, control), history),
    )


def triples(replies: Replies) -> tuple[Triple, ...]:
    rows = zip(replies.baseline, replies.steered, replies.control, strict=True)
    return tuple(
        Triple(base.request.prompt, base.request.sampling.seed, base.text, pushed.text, random.text)
        for base, pushed, random in rows
    )


def point(dial: Dial, steered: Score, control: Score) -> CurvePoint:
    return CurvePoint(
        strength=dial.strength,
        effect=steered.effect / 100,
        damage=steered.damage,
        both=steered.both / 100,
        control_effect=control.effect / 100,
        control_damage=control.damage,
    )


def curve(
    level: SteerLevel, atlas: Atlas, dial: Dial, own: CurvePoint, history: Sequence[CurvePoint]
) -> Curve:
    """The atlas' measurement of this setting where there is one, else the player's own."""
    for recipe in atlas.concept(level.concept).recipes:
        if recipe.dial(dial.strength) == dial and recipe.curve:
            return Curve("atlas", recipe.curve, own)
    measured = {each.strength: each for each in (*history, own)}
    return Curve("your attempts", tuple(measured[key] for key in sorted(measured)), own)


def sentence(concept: Concept, dial: Dial, steered: Score, control: Score) -> str:
    if dial.strength == 0:
        return OFF
    count = len(steered.replies)
    return SENTENCE.format(
        on=round(steered.effect * count / 100),
        count=count,
        topic=spoken(concept),
        mood=next(word for limit, word in MOODS if steered.damage <= limit + 1e-6),
        random=round(control.effect * count / 100),
    )
