"""Finds, for each concept, the one setting that steers best, and measures its dose-response.

Features are chosen by what they do to the output (Arad et al. 2025), by successive halving: many
settings with few short replies, then fewer with more. Knows the engine and the scorers; nothing of
files or of how candidates were found.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from statistics import fmean

from playground.atlas.cards import CurvePoint, Recipe
from playground.concepts.concepts import (
    Concept,
    ReplyScore,
    Score,
    score_replies,
    score_reply,
)
from playground.concepts.damage import Usual
from playground.engine.protocol import Engine
from playground.engine.records import (
    MAX_STRENGTH,
    Dial,
    Method,
    Request,
    Sampling,
    Scope,
    Trace,
    Vector,
)

# Neutral beginnings that betray no concept and leave the sentence open: a push that comes while the
# sentence is still to be said goes into it; one that comes after it breaks the thread. Evaluation
# uses others, so that a recipe is never judged where it was chosen.
PROMPTS = (
    "One morning", "Last week", "Yesterday Anna", "On Monday Leo", "Once", "In the evening Mia",
    "Last winter Sam", "One afternoon", "Some time ago,", "Early one morning,", "Last month",
    "On Saturday",
)  # fmt: skip
FRESH_PROMPTS = (
    "One evening", "Last summer Ben", "Two weeks ago Nora", "Yesterday evening", "On Sunday Max",
    "After lunch Ruby", "Long ago,", "A week ago Finn", "In October Ella", "Many years ago,",
    "On Thursday", "One windy day",
)  # fmt: skip
# What is usual for a model is asked more widely.
ANY_PROMPTS = (
    *PROMPTS, "", "Let me tell you what happened.", "It was a day like any other.",
    "This is a short story.", "Have you heard this one before?",
)  # fmt: skip
# No reply of one use is written again in another.
SEED, CURVE_SEED, FRESH_SEED = 1_000, 2_000, 1_000_000
DOSES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.3, 1.7)  # of the recipe's strength
# Weight of half successes beside whole ones: with few replies they tell settings apart.
GRADED = 0.3
# What the mean damage costs beside it: a reply that just passes as undamaged still reads worse.
HARM = 0.5
# A token that the undialled model finds less likely than this, in nats, is one that it would never
# write: on the shipped model that is a word forced where none fits, or half of one. Beside the mean
# damage, which hardly hears a single token, each costs as much as damage of ROUGH.
STUMBLE, ROUGH = -7.0, 0.3
# More whole successes than this share are not paid for with a harder push.
ENOUGH = 0.65
# What a residual norm of strength costs beside a share of whole successes: of two settings that do
# equally well the weaker is better.
GENTLE = 0.05


@dataclass(frozen=True)
class Manner:
    """A way to apply a feature. factor: the strength that it needs beside the plan's first one: the
    longer a push lasts the less of it."""

    method: Method
    scope: Scope
    factor: float = 1.0

    def of(self, dial: Dial) -> bool:
        return (dial.method, dial.scope) == (self.method, self.scope)


# Two are in no plan for the model that ships, for what follows reads worse than its damage says: a
# pushed prompt, which takes four residual norms, and a push on everything, which garbles a word
# here and there.
BRIEF = (Manner("clamp", "opening"), Manner("add", "opening"))
# A model that nobody trained to be pushed breaks under a hard push before it takes the hint, and
# forgets a brief one: it is pushed gently, to the end, and what it reads too.
LASTING = (Manner("add", "all"),)


@dataclass(frozen=True)
class Plan:
    """How many replies the search spends. The first round's are shorter: a concept shows early.
    manners: features are screened in the first, the best of them tried in all; put_forward:
    candidates at each site by difference, AUROC and what they do to the next token."""

    manners: tuple[Manner, ...] = BRIEF
    put_forward: tuple[int, int, int] = (3, 2, 3)
    tokens: int = 80
    screen_tokens: int = 40
    screen_replies: int = 4
    screen_strengths: tuple[float, ...] = (0.5, 0.65, 0.8, 0.95)  # on the opening
    keep: int = 10  # features that go on: four short replies mistake a good one for a poor one
    keep_replies: int = 6
    vary: int = 4
    variant_replies: int = 6
    refine: int = 4
    refine_replies: int = 8
    refine_factors: tuple[float, ...] = (0.85, 1.15)
    confirm: int = 4
    confirm_replies: int = 20  # in all
    least: float = 0.4  # a setting that reaches its concept less often, undamaged, is no recipe
    curve_replies: int = 8
    controls: int = 4  # of each point of the curve, by turns a feature's row and a random direction
    control_replies: int = 4  # of each
    place_replies: int = 16  # of the recipe's push at each site
    rung_replies: int = 10  # of each strength of a push that lasts
    directions: bool = False  # differences of means, where no feature brings a concept in


# For models of many blocks, of which a reply takes seconds: fewer settings, and shorter replies.
THRIFTY = Plan(
    manners=LASTING, put_forward=(1, 1, 1), tokens=48, screen_tokens=28, screen_replies=3,
    screen_strengths=(0.22, 0.32), keep=2, keep_replies=5, vary=1, variant_replies=5, refine=1,
    refine_replies=8, refine_factors=(0.75, 1.25), confirm=1, confirm_replies=16, least=0.3,
    curve_replies=6, controls=4, control_replies=2, place_replies=8, rung_replies=5,
    directions=True,
)  # fmt: skip


def requests_of(
    dials: tuple[Dial, ...],
    count: int,
    seed: int,
    tokens: int,
    prompts: Sequence[str] = PROMPTS,
    start: int = 0,
) -> list[Request]:
    """Replies start..count of a setting: prompts in turn, the same seeds for every setting. An
    instruct model goes on with them as any other does."""
    return [
        Request(
            prompts[i % len(prompts)], dials, Sampling(max_tokens=tokens, seed=seed + i), plain=True
        )
        for i in range(start, count)
    ]


@dataclass(frozen=True)
class Tried:
    """A reply of a setting. stumbles: tokens that the undialled model would never write."""

    score: ReplyScore
    stumbles: int


def tried(concept: Concept, trace: Trace, usual: Usual) -> Tried:
    stumbles = sum(each < STUMBLE for each in trace.logprobs)
    return Tried(score_reply(concept, trace, usual), stumbles)


def worth(replies: Sequence[Tried]) -> float:
    """What settings are ranked by: share on the concept and undamaged, a bit for coming near, less
    a bit for what the text lost."""
    if not replies:
        return 0.0
    scores = [reply.score for reply in replies]
    both = fmean(score.both for score in scores)
    near = fmean(score.effect / 100 * (1 - score.damage / 100) for score in scores)
    harm = fmean(each.score.damage / 100 + ROUGH * each.stumbles for each in replies)
    return min(both, ENOUGH) + GRADED * near - HARM * harm


class RecipeSearch:
    """The search for one concept; remembers every full-length reply's score by setting."""

    def __init__(self, engine: Engine, concept: Concept, usual: Usual, plan: Plan) -> None:
        self.engine, self.concept, self.usual, self.plan = engine, concept, usual, plan
        self.scores: dict[Dial, list[Tried]] = defaultdict(list)

    def best(self, features: Sequence[tuple[str, int]]) -> Dial | None:
        """The setting most often on the concept and undamaged; None if nothing steers."""
        first = self.plan.manners[0]
        return self.best_of(
            [
                Dial(site, feature, within(strength), first.method, first.scope)
                for site, feature in features
                for strength in self.plan.screen_strengths
            ]
        )

    def best_along(self, vectors: Mapping[str, Vector]) -> Dial | None:
        """The same of directions that are no features', one a site."""
        first = self.plan.manners[0]
        return self.best_of(
            [
                Dial.along(site, vector, within(strength), first.method, first.scope)
                for site, vector in vectors.items()
                for strength in self.plan.screen_strengths
            ]
        )

    def best_of(self, dials: Sequence[Dial]) -> Dial | None:
        """dials: in the first manner of the plan."""
        plan = self.plan
        going = self.screened(list(dict.fromkeys(dials)))[: plan.keep]
        going = self.tried(going, plan.keep_replies)[: plan.vary]
        if not any(reply.score.both for dial in going for reply in self.scores[dial]):
            return None  # of so many replies not one: more of them would not find enough
        every = [v for dial in going for v in variants(dial, plan.manners)]
        going = self.tried(every, plan.variant_replies)
        finer = [v for dial in going[: plan.refine] for v in self.neighbours(dial)]
        going = self.tried(finer, plan.refine_replies)
        going = self.tried(going[: plan.confirm], plan.confirm_replies)
        if not going or fmean(reply.score.both for reply in self.scores[going[0]]) < plan.least:
            return None
        return going[0]

    def screened(self, dials: Sequence[Dial]) -> list[Dial]:
        """Best first; one setting of each feature. Empty where no reply came to the concept."""
        plan = self.plan
        count = plan.screen_replies
        wanted = [r for d in dials for r in requests_of((d,), count, SEED, plan.screen_tokens)]
        traces = self.engine.generate(wanted).traces()
        ranked, came = dict[Dial, float](), False
        for n, dial in enumerate(dials):
            own = traces[n * count : (n + 1) * count]
            found = [tried(self.concept, t, self.usual) for t in own]
            ranked[dial], came = worth(found), came or any(each.score.on for each in found)
        if not came:
            return []
        kept: dict[tuple[str, int], Dial] = {}
        for dial in sorted(dials, key=lambda d: GENTLE * d.strength - ranked[d]):
            kept.setdefault((dial.site, dial.feature), dial)
        return list(kept.values())

    def tried(self, dials: Sequence[Dial], replies: int) -> list[Dial]:
        """Tops each setting up to so many full replies; best first."""
        dials = list(dict.fromkeys(dials))
        wanted = [
            request
            for dial in dials
            for request in requests_of(
                (dial,), replies, SEED, self.plan.tokens, start=len(self.scores[dial])
            )
        ]
        for trace in self.engine.generate(wanted).traces():
            self.scores[trace.request.dials[0]].append(tried(self.concept, trace, self.usual))
        return sorted(dials, key=self.rank)

    def rank(self, dial: Dial) -> float:
        """Low is good: what a setting is worth, and how hard it pushes."""
        return GENTLE * dial.strength - worth(self.scores[dial])

    def neighbours(self, dial: Dial) -> list[Dial]:
        weaker_stronger = [scaled(dial, factor) for factor in self.plan.refine_factors]
        return [dial, *weaker_stronger]


def within(strength: float) -> float:
    return min(round(strength, 3), MAX_STRENGTH)


def scaled(dial: Dial, factor: float) -> Dial:
    return replace(dial, strength=within(dial.strength * factor))


def variants(dial: Dial, manners: Sequence[Manner]) -> list[Dial]:
    """The same feature in every manner, as strong as that one needs it."""
    own = next(each.factor for each in manners if each.of(dial))
    return [
        replace(scaled(dial, each.factor / own), method=each.method, scope=each.scope)
        for each in manners
    ]


# -- dose-response ---------------------------------------------------------------------------------
def baseline(engine: Engine, plan: Plan) -> list[Trace]:
    """What the undialled model writes where curves are measured: dose 0 of every concept."""
    return engine.generate(requests_of((), plan.curve_replies, CURVE_SEED, plan.tokens)).traces()


def recipe(
    engine: Engine,
    concept: Concept,
    usual: Usual,
    best: Dial,
    controls: Sequence[Dial],
    plain: Sequence[Trace],
    plan: Plan,
) -> Recipe:
    """The setting with its curve over DOSES, each beside the same push along the directions of
    `controls`. plain: what the undialled model writes (`baseline`)."""

    def written(dial: Dial, count: int) -> list[Request]:
        return requests_of((dial,), count, CURVE_SEED, plan.tokens)

    doses = [scaled(best, dose) for dose in DOSES if dose]
    wanted = list[Request]()
    for dose in doses:
        wanted += written(dose, plan.curve_replies)
        for control in controls:
            wanted += written(replace(dose, control=control.control), plan.control_replies)
    traces = iter(engine.generate(wanted).traces())
    off = score_replies(concept, plain, usual)
    points = {0.0: curve_point(0.0, off, [off])}
    for dose in doses:
        own = score_replies(concept, list(islice(traces, plan.curve_replies)), usual)
        rivals = [
            score_replies(concept, list(islice(traces, plan.control_replies)), usual)
            for _ in controls
        ]
        points[dose.strength] = curve_point(dose.strength, own, rivals)
    curve = tuple(points[strength] for strength in sorted(points))
    return Recipe(
        best.site, best.feature, best.method, best.scope, best.strength, curve, best.vector
    )


def curve_point(strength: float, own: Score, controls: Sequence[Score]) -> CurvePoint:
    """controls: none reads as none that had any effect."""
    return CurvePoint(
        strength=strength,
        effect=round(own.effect / 100, 4),
        damage=round(own.damage, 2),
        both=round(own.both / 100, 4),
        control_effect=round(fmean([each.effect for each in controls] or [0.0]) / 100, 4),
        control_damage=round(fmean([each.damage for each in controls] or [0.0]), 2),
        control_high=round(max((each.effect for each in controls), default=0.0) / 100, 4),
        controls=len(controls),
        replies=len(own.replies),
        broken=round(fmean(not each.whole for each in own.replies), 4),
    )
