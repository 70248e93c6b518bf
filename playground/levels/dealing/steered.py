"""What an attempt at steering is and what it measured: features turned, the replies that count
beside those of the controls and of the untouched model, the verdict. Knows no level.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from playground.atlas.cards import CurvePoint
from playground.concepts.concepts import Concept, ReplyScore, Score, score_replies
from playground.engine.records import Dial
from playground.levels.dealing.counting import HitCount, Hits, Tallies
from playground.levels.dealing.triples import ROWS, Dials, Replies, Row, Triple
from playground.levels.judging import Bench
from playground.levels.schema import GoalResult, Pick
from playground.messages import Line


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
    """What a kind makes of the replies. scores: of all the level's concepts at once; hits: which
    replies count."""

    scores: Trio
    hits: Hits
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
class JudgedReply:
    """One reply as it was judged. number: of its prompt and seed, from 1; counts: as the level
    wants it; score: what was found in it, and where, and its damage; dials: what pushed it."""

    row: Row
    number: int
    prompt: str
    seed: int
    dials: Dials
    text: str
    score: ReplyScore
    counts: bool


@dataclass(frozen=True)
class SteerVerdict:
    """decided: whether the replies tell; if they do not, it is neither won nor lost. deciding: the
    number of the reply from which on they told; limit: how many would have been written at most.
    measures: a value for each that the kind has; baseline, steered, control: the scores of the same
    prompts and seeds, and hits: which of them count."""

    level: str
    dials: Dials
    decided: bool
    won: bool
    stars: int
    sentence: Line  # the verdict in plain words
    goals: tuple[GoalResult, ...]
    measures: Mapping[str, float]
    hits: Hits
    deciding: int | None
    limit: int
    baseline: Score
    steered: Score
    control: Score
    parts: tuple[Part, ...]
    triples: tuple[Triple, ...]
    curve: Curve | None  # of the kinds with one dial

    @property
    def score(self) -> float:
        """Per cent of the replies that count: what tries are ranked by."""
        return 100 * self.tallies.steered.share

    @property
    def tallies(self) -> Tallies:
        return self.hits.tallies

    @property
    def controls(self) -> tuple[tuple[Dials, HitCount], ...]:
        """Each way in which a control was pushed, and how many of its replies count."""
        ways = dict[Dials, list[bool]]()
        for triple, counts in zip(self.triples, self.hits.control, strict=True):
            ways.setdefault(triple.pushed, []).append(counts)
        return tuple((dials, HitCount(sum(each), len(each))) for dials, each in ways.items())

    @property
    def judged(self) -> tuple[JudgedReply, ...]:
        """Every reply of every row, in the order of their numbers."""
        scores = {"baseline": self.baseline, "steered": self.steered, "control": self.control}
        return tuple(
            JudgedReply(
                row=row,
                number=place + 1,
                prompt=triple.prompt,
                seed=triple.seed,
                dials={"baseline": (), "steered": self.dials, "control": triple.pushed}[row],
                text=getattr(triple, row),
                score=scores[row].replies[place],
                counts=getattr(self.hits, row)[place],
            )
            for place, triple in enumerate(self.triples)
            for row in ROWS
        )


def best_first(verdict: SteerVerdict, row: Row) -> list[JudgedReply]:
    """A row's replies: those that count, then those of most found words and least damage."""
    own = [each for each in verdict.judged if each.row == row]
    return sorted(own, key=lambda e: (not e.counts, -e.score.effect, e.score.damage, e.number))


def scored(concept: Concept, bench: Bench, replies: Replies) -> Trio:
    rows = (replies.baseline, replies.steered, replies.control)
    return Trio(*(score_replies(concept, traces, bench.usual, replies.baseline) for traces in rows))


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
