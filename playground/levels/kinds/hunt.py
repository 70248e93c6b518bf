"""The kind `hunt`: write texts, see what fires, submit the feature that detects a concept."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from random import Random
from statistics import median
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from playground.atlas.atlas import Atlas
from playground.atlas.cards import Detector
from playground.concepts.concepts import Concept, Kind, auroc, find, present
from playground.errors import AuthorError, PlayerError
from playground.levels.dealing import passages
from playground.levels.dealing.candidates import GOOD_AUROC
from playground.levels.dealing.contrast import ranked
from playground.levels.judging import Bench, HeldOut
from playground.levels.level import GREEDY, REFERENCE, TEXTS, Group, Level, Played, Try
from playground.levels.schema import FilePart, GoalResult, Pick, Text
from playground.messages import Line, Message

CONTROL_FEATURES = 100  # the nearest in how many texts they fire
GUESSES = 200  # features by chance that are submitted
SPOKEN, TOGETHER = 12, 4  # words that come to mind about a topic; of them in one text
PLAIN = "On Monday Tom went to the shop with his sister and bought some bread for the week."
LOOKED = 3  # cards of one site that are opened, the first of the ranking
OFFERED, OFFERED_WORDS = 12, 6  # pairs of texts; words, at least, of each text


# -- records ---------------------------------------------------------------------------------------
class HuntSolution(FilePart):
    """write: texts in a player's words in which the best detector shows itself."""

    write: tuple[Text, ...] = Field(min_length=1)
    take: Literal["best detector"]


class HuntLevel(Level):
    """sites: where the player may look. max_words: of one text that the player writes."""

    word: ClassVar[str] = "hunt"
    group: ClassVar[Group] = "hunting"
    screen: ClassVar[str] = "hunt"
    drawn: ClassVar[tuple[Kind, ...]] = ("topic",)
    measures: ClassVar[tuple[str, ...]] = ("auroc", "lead")
    blanks: ClassVar[frozenset[str]] = frozenset({"site", "feature"})

    examples: tuple[Text, ...] = Field(
        min_length=1
    )  # offered to a player who does not know how to begin
    show_labels: bool = False
    max_words: int = Field(default=60, ge=10, le=200)
    solution: HuntSolution

    @model_validator(mode="after")
    def short_enough(self) -> Self:
        for text in (*self.examples, *self.solution.write):
            if len(text.split()) > self.max_words:
                raise ValueError(f"a text is longer than max_words ({self.max_words}): {text[:40]}")
        return self

    def check_length(self, text: str) -> None:
        """Raises PlayerError for a text that is too long to be laid: the more words, the more of
        them something else fires on."""
        words = len(text.split())
        if words > self.max_words:
            raise PlayerError("hunt.too_long", count=words, limit=self.max_words)

    def suits(self, bench: Bench, concept: str) -> bool:
        detectors = bench.atlas.concept(concept).detectors
        return any(each.sure >= GOOD_AUROC for each in detectors if each.site in self.sites)

    def players(self, bench: Bench, seed: int, greedy: bool) -> Iterator[Played]:
        detector = reference(self, bench.atlas)
        pick = Pick(detector.site, detector.feature)
        yield submitted(self, bench, REFERENCE, [pick])
        # The texts of the solution must make it fire where the player would see it.
        seen = bench.engine.read(self.solution.write, pick.site)
        fired = [any(reading.features.trail(pick.feature)) for reading in seen]
        silent = ", ".join(str(number) for number, each in enumerate(fired, 1) if not each)
        more = f", not in {silent}" if silent else ""
        yield Played(TEXTS, tuple(Try(each, 0, 100.0) for each in fired), more)
        held_out = bench.held_out(self.concept, pick.site)
        unused = next((f for f in range(len(held_out.peaks) + 1) if f not in held_out.peaks), None)
        if unused is not None:
            yield submitted(self, bench, "nothing", [Pick(pick.site, unused)])
        # Fires in the most texts: what a player takes who only looks at what is bright.
        common = max(
            held_out.peaks, key=lambda feature: sum(p > 0 for p in held_out.peaks[feature])
        )
        yield submitted(self, bench, "most common", [Pick(pick.site, common)])
        yield submitted(self, bench, "random", self.by_chance(bench, GUESSES))
        if greedy:
            found = hunted(self, bench)
            yield submitted(self, bench, GREEDY, [found] if found else [])


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
    sentence: Line  # the verdict in plain words
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
        return max(found, key=lambda detector: detector.sure)
    raise AuthorError(
        f"level {level.id}: this model's atlas has no detector of {level.concept!r} "
        f"at {', '.join(level.sites)}"
    )


# -- what is offered -------------------------------------------------------------------------------
def offered(level: HuntLevel, bench: Bench) -> tuple[tuple[str, str], ...]:
    """Pairs of texts for who does not know what to write: one about the concept and one that is
    not, of those that may be shown (none of *grade*), from their beginnings. In an order of chance,
    the same for everybody; none where this model's atlas has no such texts."""
    concept, rng = bench.concept(level.concept), Random(f"{level.id}/offered")

    def side(about: bool) -> list[str]:
        texts = list(dict.fromkeys(e.text for e in bench.texts(level.concept, about, "show")))
        fitting = partial(present if about else absent, concept)
        begun = (beginning(text, level.max_words) for text in rng.sample(texts, len(texts)))
        fits = (each for each in begun if each and fitting(each))
        return list(islice(fits, OFFERED))

    return tuple(zip(side(True), side(False), strict=False))


def absent(concept: Concept, text: str) -> bool:
    return not find(concept, text)


def beginning(text: str, most: int) -> str:
    """The longest of whole sentences or lines; empty where the first is too long."""
    cuts = passages.cuts(text, OFFERED_WORDS, most)
    return max((each for each in cuts if text.lstrip().startswith(each)), key=len, default="")


# -- judging ---------------------------------------------------------------------------------------
def judge(level: HuntLevel, bench: Bench, pick: Pick, hints: int = 0) -> HuntVerdict:
    """hints: how many were opened. The texts are the same each time, so the verdict is too."""
    held_out = bench.held_out(level.concept, pick.site)
    peaks = held_out.peaks_of(pick.feature)
    ranked = auroc(held_out.about, peaks)
    typical = control(held_out, pick.feature)
    found = {"auroc": ranked, "lead": ranked - typical}
    goals = tuple(
        goal.result(found[goal.measure], Message("common.points", value=100 * found[goal.measure]))
        for goal in level.goals
    )
    won = all(goal.met for goal in goals)
    threshold = best_threshold(held_out.about, peaks)
    texts = judged(held_out, pick.feature, threshold)
    fired = [each for each in texts if each.fires]
    caught = sum(each.about for each in fired)
    verdict = HuntVerdict(
        level=level.id,
        pick=pick,
        won=won,
        stars=0,
        sentence=sentence(bench.concept(level.concept), won, ranked, typical, peaks),
        goals=goals,
        auroc=ranked,
        control=typical,
        threshold=threshold,
        precision=caught / len(fired) if fired else 0.0,
        recall=caught / sum(held_out.about),
        texts=texts,
        best=reference(level, bench.atlas) if won else None,
    )
    return replace(verdict, stars=stars_of(level, verdict, hints))


def stars_of(level: HuntLevel, verdict: HuntVerdict, hints: int) -> int:
    """hints: how many were opened."""
    found = {"auroc": verdict.auroc, "lead": verdict.auroc - verdict.control}
    return level.stars.count(found[level.stars.measure], hints) if verdict.won else 0


def control(held_out: HeldOut, feature: int) -> float:
    """Median AUROC of the features that fire in about as many texts: one alone, or a few, may be
    lucky."""
    own = sum(peak > 0 for peak in held_out.peaks_of(feature))
    others = [other for other in held_out.peaks if other != feature]
    near = sorted(
        others, key=lambda other: (abs(sum(p > 0 for p in held_out.peaks[other]) - own), other)
    )
    typical = (held_out.peaks[other] for other in near[:CONTROL_FEATURES])
    return median(auroc(held_out.about, peaks) for peaks in typical) if near else 0.5


def best_threshold(about: Sequence[bool], peaks: Sequence[float]) -> float:
    """The activation from which on calling a text `about` is right most often.

    0 when nothing fires.
    """

    def right(threshold: float) -> int:
        return sum((peak >= threshold) == label for peak, label in zip(peaks, about, strict=True))

    return max(sorted({peak for peak in peaks if peak > 0}), key=right, default=0.0)


def judged(held_out: HeldOut, feature: int, threshold: float) -> tuple[JudgedText, ...]:
    """Strongest first."""
    texts = []
    for about, reading, peak in zip(
        held_out.about, held_out.readings, held_out.peaks_of(feature), strict=True
    ):
        fires = 0 < threshold <= peak
        values = reading.features.trail(feature)
        texts.append(JudgedText(reading.tokens, values, peak, about, fires, fires == about))
    return tuple(sorted(texts, key=lambda each: -each.peak))


def sentence(
    concept: Concept, won: bool, ranked: float, typical: float, peaks: Sequence[float]
) -> Message:
    if not any(peaks):
        return Message("hunt.stays_silent", count=len(peaks))
    return Message(
        "hunt.won" if won else "hunt.lost",
        topic=concept.message,
        right=round(100 * ranked),
        typical=round(100 * typical),
    )


# -- players who know no solution ------------------------------------------------------------------
def submitted(level: HuntLevel, bench: Bench, player: str, picks: Sequence[Pick]) -> Played:
    verdicts = [judge(level, bench, pick) for pick in picks]
    tries = tuple(Try(each.won, each.stars, 100 * each.auroc) for each in verdicts)
    return Played(player, tries or (Try(False, 0, 0.0),))


def hunted(level: HuntLevel, bench: Bench) -> Pick | None:
    """Of the first in the ranking by contrast the one whose card shows the topic most often. Labels
    are hidden in these levels."""
    concept = bench.concept(level.concept)
    said = [concept.words[n : n + TOGETHER] for n in range(0, SPOKEN, TOGETHER)]
    about = [level.examples[0], *(" ".join(words) for words in said if words)]
    others = [*level.examples[1:], PLAIN]
    found = list[tuple[float, float, Pick]]()
    for site in level.sites:
        if site not in bench.engine.sites:
            continue
        here, there = (bench.engine.read(texts, site) for texts in (about, others))
        for each in ranked(here, there, bench.atlas.background(site))[:LOOKED]:
            texts = passages.top_texts(bench.atlas.card(site, each.feature))
            told = ["".join(one.tokens) for one in texts]
            fits = sum(bool(concept.pattern.search(text)) for text in told) / max(1, len(told))
            found.append((fits, each.score, Pick(site, each.feature)))
    return max(found, key=lambda one: one[:2])[2] if found else None
