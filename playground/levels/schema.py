"""What every level file says, whatever its kind; knows neither engine nor atlas."""

import hashlib
import string
from dataclasses import dataclass
from math import isnan, nan
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from playground.messages import Filled, Line
from playground.settings import SHIPPED

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Role = Literal["early", "middle", "late"]  # a site by its place in any model
HintStep = Literal["nudge", "method", "answer"]
HINT_STEPS: tuple[HintStep, ...] = ("nudge", "method", "answer")
# What a hint may leave open, because only the atlas of the model that is played knows it.
# `dials` are all the features and strengths of a solution with several, in words.
SHARE = "share"  # the measure: of the replies, those that count
BLANKS = frozenset({"site", "feature", "strength", "dials"})
SHOWN = ("title", "brief", "hints", "win", "learned")  # of a level, and decides nothing
STARS_WITH_ANSWER = 2  # the answer hint costs the third star


@dataclass(frozen=True)
class Pick:
    """The feature that a player took: which SAE, which of its features."""

    site: str
    feature: int


@dataclass(frozen=True)
class Hint:
    """picks: the features that it names by their numbers."""

    step: HintStep
    text: Line | Filled
    picks: tuple[Pick, ...] = ()


@dataclass(frozen=True)
class GoalResult:
    """One goal as the verdict shows it; `found` is the measured number with its unit, `short` how
    far it is from the bound, as a share of the bound: 0 where it is met. open: what was counted
    does not tell yet whether it is met."""

    says: str
    met: bool
    found: Line
    short: float = 0.0
    open: bool = False


class FilePart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Goal(FilePart):
    """One clause of winning: a measure of the kind, a bound, and the player's sentence."""

    measure: str
    at_least: float | None = None
    at_most: float | None = None
    says: Text

    @model_validator(mode="after")
    def one_bound(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            raise ValueError("give exactly one of at_least and at_most")
        return self

    def met(self, value: float) -> bool:
        return (
            value >= self.at_least if self.at_least is not None else value <= (self.at_most or 0.0)
        )

    def stands(self, low: float, high: float) -> bool | None:
        """Whether it is met by a value that lies between these; None where that is not sure."""
        ends = self.met(low), self.met(high)
        return ends[0] if ends[0] == ends[1] else None

    def result(self, value: float, found: Line, low: float = nan, high: float = nan) -> GoalResult:
        """found: the value with its unit. low, high: where it may lie, if it was counted."""
        bound = self.at_least if self.at_least is not None else self.at_most or 0.0
        stands = self.met(value) if isnan(low) else self.stands(low, high)
        short = 0.0 if stands else abs(value - bound) / (bound or 1)
        return GoalResult(self.says, stands is True, found, short, stands is None)


def blanks_in(text: str) -> frozenset[str]:
    """The names in braces."""
    names = (name for _, name, _, _ in string.Formatter().parse(text))
    return frozenset(name for name in names if name is not None)


class Hints(FilePart):
    """Three steps.

    `{site}`, `{feature}`, `{strength}` and `{dials}` are filled in from the atlas of the model
    that is played.
    """

    nudge: Text
    method: Text
    answer: Text

    @model_validator(mode="after")
    def known_blanks(self) -> Self:
        for step in HINT_STEPS:
            text = getattr(self, step)
            for name in sorted(blanks_in(text) - BLANKS):
                raise ValueError(
                    f"{step}: {{{name}}} is no blank; there are {', '.join(sorted(BLANKS))}"
                )
            # {site:>999999999} would be filled in as that many characters.
            if any(form or turned for _, _, form, turned in string.Formatter().parse(text)):
                raise ValueError(f"{step}: a blank is a name in braces and nothing else")
        return self


class Stars(FilePart):
    """The measure that stars are given for; one star for winning, more from these values on."""

    measure: str
    two: float
    three: float

    @model_validator(mode="after")
    def rising(self) -> Self:
        if self.three <= self.two:
            raise ValueError("three must be above two")
        return self

    def count(self, value: float, hints: int) -> int:
        """Stars of a won attempt that used so many hints."""
        earned = 1 + (value >= self.two) + (value >= self.three)
        return min(earned, STARS_WITH_ANSWER) if hints == len(HINT_STEPS) else earned


class Learned(FilePart):
    """The card after the win: what it was about, handbook terms, where to read on."""

    text: Text
    words: tuple[Text, ...] = Field(min_length=1)
    source: Text


class LevelBase(FilePart):
    """The fields common to all kinds. `id` is the file's name. written_on: the model on which it
    has to hold; on any other it is hidden where it does not.

    A level names concepts, never a model's features.
    """

    screen: ClassVar[str] = ""  # the route that plays it
    measures: ClassVar[tuple[str, ...]] = ()  # what a kind can bound in a goal and give stars for
    blanks: ClassVar[frozenset[str]] = frozenset()  # those of BLANKS that it can fill in

    id: Slug
    kind: str
    title: Text
    brief: Text
    concept: Slug
    concepts: tuple[Slug, ...] = ()  # further ones, where a kind takes several
    written_on: str = SHIPPED
    sites: tuple[Role, ...] = Field(default=("early", "middle", "late"), min_length=1)
    difficulty: int = Field(ge=1, le=5)
    minutes: int = Field(ge=1, le=10)
    needs: tuple[Slug, ...] = ()
    goals: tuple[Goal, ...] = Field(min_length=1)
    stars: Stars
    hints: Hints
    win: Text
    learned: Learned

    @property
    def version(self) -> str:
        """Short, and another one whenever something was changed that decides. What is only shown
        does not count: it is the same in every language, and a mended word changes nothing."""
        told = self.model_dump_json(exclude={*SHOWN, "goals", "written_on"})
        goals = [goal.model_dump_json(exclude={"says"}) for goal in self.goals]
        return hashlib.sha256("".join([told, *goals]).encode()).hexdigest()[:16]

    @model_validator(mode="after")
    def known_measures(self) -> Self:
        for measure in (*(goal.measure for goal in self.goals), self.stars.measure):
            if measure not in self.measures:
                known = ", ".join(self.measures)
                raise ValueError(f"measure {measure!r} is unknown to this kind; it has {known}")
        return self

    @model_validator(mode="after")
    def fillable_blanks(self) -> Self:
        for step in HINT_STEPS:
            left = blanks_in(getattr(self.hints, step)) - self.blanks
            if left:
                raise ValueError(f"hints.{step}: {{{min(left)}}} cannot be filled in by this kind")
        return self
