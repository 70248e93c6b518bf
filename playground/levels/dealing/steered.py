"""What an attempt at steering is and what it measured: features turned, the scores of its replies
beside the untouched and the control, the verdict. Knows no level.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from playground.atlas.cards import CurvePoint
from playground.concepts.concepts import Concept, Score, score_replies
from playground.engine.records import Dial
from playground.levels.dealing.triples import Replies, Triple
from playground.levels.judging import Bench
from playground.levels.schema import GoalResult, Pick
from playground.messages import Line, Message

MOODS = (
    (10.0, "steering.natural"),
    (33.0, "steering.little_odd"),
    (66.0, "steering.quite_odd"),
    (100.0, "steering.broken"),
)


@dataclass(frozen=True)
class Turn:
    """A feature and how far the player turned it, in residual norms."""

    pick: Pick
    strength: float


@dataclass(frozen=True)
class Trio:
    """The scores of the same prompts and seeds, untouched, steered and with the control."""

    baseline: Score
    steered: Score
    control: Score


@dataclass(frozen=True)
class Part:
    """One concept's scores within an attempt."""

    title: Line
    scores: Trio


@dataclass(frozen=True)
class Grade:
    """What a kind makes of the replies. measures: a value for each that the kind has; rival: what
    the control's score would be; scores: of all the level's concepts at once."""

    measures: Mapping[str, float]
    rival: float
    scores: Trio
    sentence: Line  # the verdict in plain words
    parts: tuple[Part, ...]


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
    """baseline, steered, control: the scores (0..100, with parts) of the same prompts and seeds;
    lead: points ahead of the control, in the kind's own sense."""

    level: str
    dials: tuple[Dial, ...]
    won: bool
    stars: int
    sentence: Line  # the verdict in plain words
    goals: tuple[GoalResult, ...]
    measures: Mapping[str, float]
    score: float
    rival: float  # the control's score
    baseline: Score
    steered: Score
    control: Score
    lead: float
    parts: tuple[Part, ...]
    triples: tuple[Triple, ...]
    curve: Curve | None  # of the kinds with one dial


def scored(concept: Concept, bench: Bench, replies: Replies) -> Trio:
    rows = (replies.baseline, replies.steered, replies.control)
    return Trio(*(score_replies(concept, traces, bench.usual) for traces in rows))


def measured(scores: Trio) -> dict[str, float]:
    """The measures of bringing something in."""
    steered, control = scores.steered, scores.control
    return {
        "score": steered.steering,
        "effect": steered.effect,
        "damage": steered.damage,
        "both": steered.both,
        "lead": steered.steering - control.steering,
    }


def mood(score: Score) -> Message:
    return Message(next(key for limit, key in MOODS if score.damage <= limit + 1e-6))


def on(score: Score) -> int:
    """How many replies are on the concept."""
    return sum(reply.on for reply in score.replies)


def point(dial: Dial, scores: Trio) -> CurvePoint:
    steered, control = scores.steered, scores.control
    return CurvePoint(
        strength=dial.strength,
        effect=steered.effect / 100,
        damage=steered.damage,
        both=steered.both / 100,
        control_effect=control.effect / 100,
        control_damage=control.damage,
    )
