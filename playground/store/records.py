"""What is remembered of a player, as records. Knows ids, nothing of levels, engine or screens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, NewType

PlayerId = NewType("PlayerId", int)


@dataclass(frozen=True)
class Player:
    """secret: what was shown to be this player, kept by who showed it."""

    id: PlayerId
    secret: str


@dataclass(frozen=True)
class Probe:
    """A prompt that was tried on the hidden dial of a question, and its replies: without and with
    the dial."""

    number: int
    prompt: str
    replies: tuple[str, ...]


@dataclass(frozen=True)
class Attempt:
    """One try at a level. answer: what the player chose; evidence: what later tries are compared
    with; verdict: all that is needed to show it again, kept for the best try only (all JSON).

    round: the number of the try, or the seed of what was dealt; of a round one attempt counts.
    atlas, level_version: what it was judged by; None in attempts of before they were kept.
    """

    level: str
    won: bool
    stars: int  # 0..3
    score: float  # 0..100, the kind's own measure
    hints: int  # opened before it
    answer: Mapping[str, Any]
    evidence: Mapping[str, Any]
    at: datetime | None = None  # UTC; set by the store
    verdict: Mapping[str, Any] | None = None  # None: nothing to show again
    round: int | None = None  # None: the one after the last
    atlas: str | None = None
    level_version: str | None = None


@dataclass(frozen=True)
class Recorded:
    """What became of an attempt that was handed in. attempt: the one that counts, without its
    verdict; new: whether it is the one handed in, or one that was recorded before it."""

    attempt: Attempt
    new: bool


@dataclass(frozen=True)
class Best:
    """A player's best on one level over all attempts."""

    level: str
    won: bool
    stars: int
    score: float
    attempts: int


@dataclass(frozen=True)
class Replay:
    """A player's best try at a level, ready to be shown. at: UTC."""

    level: str
    at: datetime
    stars: int
    score: float
    verdict: Mapping[str, Any]
    atlas: str | None = None
    level_version: str | None = None


@dataclass(frozen=True)
class Round:
    """A round that is not handed in yet. answers: so far, as its kind writes them down (JSON).
    atlas, level_version: what it was dealt from; questions dealt from another are other ones.
    """

    level: str
    seed: int
    answers: Sequence[Any]
    atlas: str | None = None
    level_version: str | None = None
    opened: datetime | None = None  # UTC; set by the store


@dataclass(frozen=True)
class PlannedLevel:
    """A level of a class; begins: from when on it may be played, UTC, None: at once."""

    level: str
    begins: datetime | None = None


@dataclass(frozen=True)
class SchoolClass:
    """A group of learners on a model. zone: where its dates are told. open: whether somebody may
    join and its rules hold; hints: whether levels show any; ordered: whether a level opens when the
    one before it is won. plan: empty for the whole course."""

    id: int
    code: str
    title: str
    model: str
    zone: str
    created: datetime
    open: bool
    hints: bool
    ordered: bool
    begins: datetime | None
    ends: datetime | None
    plan: tuple[PlannedLevel, ...]


@dataclass(frozen=True)
class Written:
    """A level that an instructor has written for a class. level: the id by which the class plays
    it; trial: the one by which the draft is tried, which nobody finds by trying. draft: the text of
    its file; told: of the Russian sibling, empty for none; live: of what is published, None where
    nothing is. proof: how the last check of a draft ended, as whoever checked it has kept it."""

    class_id: int
    level: str
    trial: str
    draft: str
    told: str
    live: str | None
    live_told: str | None
    proof: Mapping[str, Any] | None
    changed: datetime


@dataclass(frozen=True)
class Member:
    """Somebody in a class, by the name that they have there."""

    id: int
    class_id: int
    player: PlayerId
    name: str
    joined: datetime


@dataclass(frozen=True)
class Membership:
    of: SchoolClass
    member: Member


class Effort(NamedTuple):
    """What a member did at a level. tries: handed in; seconds: at the level, pauses left out;
    latest: None where nobody looked at the clock. There are tens of thousands in a large class, so
    it is a tuple: the quickest to make."""

    member: int
    level: str
    stars: int
    score: float
    tries: int
    seconds: int
    latest: datetime | None


@dataclass(frozen=True)
class Issued:
    """A certificate that was made out. holder: a digest of the name on it."""

    code: str
    model: str
    stars: int
    total: int
    day: str
    holder: str | None
