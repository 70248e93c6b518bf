"""The kind `hunt`: write texts, see what fires, submit the feature that detects a concept."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import ClassVar, Literal

from pydantic import Field

from playground.atlas.atlas import Atlas
from playground.atlas.cards import Detector
from playground.concepts.concepts import Concept, auroc, spoken
from playground.errors import AuthorError
from playground.levels.judging import Bench, Exam
from playground.levels.schema import GoalResult, LevelBase, Page, Pick, Text

CONTROL_POOL, CONTROL_FEATURES = (
    100,
    25,
)  # the nearest in how many texts they fire; drawn from those
CONTROL_SEED = 0
WON = (
    "It works: shown one text about {topic} and one about something else, your feature fires more "
    "on the right one {right} times in 100. A typical feature manages {typical}, a coin 50."
)
LOST = (
    "Not yet: shown one text about {topic} and one about something else, this feature fires more "
    "on the right one {right} times in 100. A typical feature manages {typical}, a coin 50."
)
SILENT = "This feature stays silent in all {count} test texts, so it cannot tell them apart."


# -- records ---------------------------------------------------------------------------------------
class HuntSolution(Page):
    """write: texts in a player's words in which the best detector shows itself."""

    write: tuple[Text, ...] = Field(min_length=1)
    take: Literal["best detector"]


class HuntLevel(LevelBase):
    """sites: where the player may look. max_words: of one text that the player writes."""

    screen: ClassVar[str] = "hunt"
    measures: ClassVar[tuple[str, ...]] = ("auroc", "lead")
    blanks: ClassVar[frozenset[str]] = frozenset({"site", "feature"})

    examples: tuple[Text, ...] = Field(
        min_length=1
    )  # offered to a player who does not know how to begin
    show_labels: bool = False
    max_words: int = Field(default=60, ge=10, le=200)
    solution: HuntSolution


@dataclass(frozen=True)
class JudgedText:
    """One held-out text under the submitted feature.

    Values stand beside tokens, in activation units.
    """

    tokens: tuple[str, ...]
    values: tuple[float, ...]
    peak: float
    about: bool  # the text is about the concept
    fires: bool  # peak is over the best threshold
    right: bool  # about == fires


@dataclass(frozen=True)
class HuntVerdict:
    """texts: all held-out ones, strongest first.

    auroc 0..1: share of (about, other) pairs ranked right; .5 is chance.
    """

    level: str
    pick: Pick
    won: bool
    stars: int
    sentence: str  # the verdict in plain words
    goals: tuple[GoalResult, ...]
    auroc: float
    control: float  # AUROC of a typical feature that fires in about as many texts
    threshold: float  # the activation that splits the texts best; 0 when the feature is silent
    precision: float  # of the texts over the threshold, the share that is about the concept
    recall: float  # of the texts about the concept, the share over the threshold
    texts: tuple[JudgedText, ...]
    best: Detector | None  # the best detector the atlas knows at the level's sites; None until won


# -- the reference ---------------------------------------------------------------------------------
def reference(level: HuntLevel, atlas: Atlas) -> Detector:
    """The best detector at the level's sites. Raises AuthorError where the model has none."""
    found = [each for each in atlas.concept(level.concept).detectors if each.site in level.sites]
    if found:
        return max(found, key=lambda detector: detector.auroc)
    raise AuthorError(
        f"level {level.id}: this model's atlas has no detector of {level.concept!r} "
        f"at {', '.join(level.sites)}"
    )


# -- judging ---------------------------------------------------------------------------------------
def judge(level: HuntLevel, bench: Bench, pick: Pick, hints: int = 0) -> HuntVerdict:
    """hints: how many were opened. The texts are the same each time, so the verdict is too."""
    exam = bench.exam(level.concept, pick.site)
    peaks = exam.peaks_of(pick.feature)
    ranked = auroc(exam.about, peaks)
    typical = control(exam, pick.feature)
    found = {"auroc": ranked, "lead": ranked - typical}
    goals = tuple(
        goal.result(found[goal.measure], f"{100 * found[goal.measure]:.0f} of 100")
        for goal in level.goals
    )
    won = all(goal.met for goal in goals)
    threshold = best_threshold(exam.about, peaks)
    texts = judged(exam, pick.feature, threshold)
    fired = [each for each in texts if each.fires]
    caught = sum(each.about for each in fired)
    return HuntVerdict(
        level=level.id,
        pick=pick,
        won=won,
        stars=level.stars.count(found[level.stars.measure], hints) if won else 0,
        sentence=sentence(bench.concept(level.concept), won, ranked, typical, peaks),
        goals=goals,
        auroc=ranked,
        control=typical,
        threshold=threshold,
        precision=caught / len(fired) if fired else 0.0,
        recall=caught / sum(exam.about),
        texts=texts,
        best=reference(level, bench.atlas) if won else None,
    )


def control(exam: Exam, feature: int) -> float:
    """Median AUROC of random features that fire in about as many texts: one alone may be lucky."""
    own = sum(peak > 0 for peak in exam.peaks_of(feature))
    others = [other for other in exam.peaks if other != feature]
    near = sorted(
        others, key=lambda other: (abs(sum(p > 0 for p in exam.peaks[other]) - own), other)
    )
    pool = near[:CONTROL_POOL]
    drawn = random.Random(CONTROL_SEED).sample(pool, min(CONTROL_FEATURES, len(pool)))
    return median(auroc(exam.about, exam.peaks[other]) for other in drawn) if drawn else 0.5


def best_threshold(about: Sequence[bool], peaks: Sequence[float]) -> float:
    """The activation from which on calling a text `about` is right most often.

    0 when nothing fires.
    """

    def right(threshold: float) -> int:
        return sum((peak >= threshold) == label for peak, label in zip(peaks, about, strict=True))

    return max(sorted({peak for peak in peaks if peak > 0}), key=right, default=0.0)


def judged(exam: Exam, feature: int, threshold: float) -> tuple[JudgedText, ...]:
    """Strongest first."""
    texts = []
    for about, reading, peak in zip(exam.about, exam.readings, exam.peaks_of(feature), strict=True):
        fires = 0 < threshold <= peak
        # The first token marks the beginning and is no text.
        values = reading.features.trail(feature)[1:]
        texts.append(JudgedText(reading.tokens[1:], values, peak, about, fires, fires == about))
    return tuple(sorted(texts, key=lambda each: -each.peak))


def sentence(
    concept: Concept, won: bool, ranked: float, typical: float, peaks: Sequence[float]
) -> str:
    if not any(peaks):
        return SILENT.format(count=len(peaks))
    return (WON if won else LOST).format(
        topic=spoken(concept), right=round(100 * ranked), typical=round(100 * typical)
    )
