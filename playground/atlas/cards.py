"""What an atlas says about a feature and a concept: records only.

Fields that Neuronpedia's feature JSON has too carry its names.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from playground.engine.records import Control, Dial, Method, Scope, Vector
from playground.messages import Line, Message

UNLABELLED = Message("atlas.unlabelled")
NEURONPEDIA = "https://www.neuronpedia.org"


@dataclass(frozen=True)
class Activation:
    """One text in which the feature fires. Values stand beside tokens; tokens[0] may be mid-text.

    binMin, binMax: the interval of activation this example was drawn from; binContains: the share
    of firing tokens in it.
    """

    tokens: tuple[str, ...]
    values: tuple[float, ...]
    maxValue: float
    maxValueTokenIndex: int
    binMin: float
    binMax: float
    binContains: float
    dataSource: Line  # of labels.SOURCES, or "Neuronpedia"


@dataclass(frozen=True)
class Explanation:
    """explanationModelName, score (0..1): of one that was imported, where it says."""

    description: Line
    typeName: str  # how the label was made, one of naming.Made of our own
    explanationModelName: str = ""
    score: float | None = None


@dataclass(frozen=True)
class Support:
    """Why a feature has its name: fits, of the strongest examples (`of`), bear it out, and `share`
    of what it fires on at all strengths, weighed by activation, 0..1."""

    fits: int
    of: int
    share: float


@dataclass(frozen=True)
class Neuronpedia:
    """Where a feature stands on neuronpedia.org, and what was imported of what it says there: of
    its own texts and by its own measures, not ours.

    source: MODEL/SOURCE.
    """

    source: str
    index: int
    explanations: tuple[Explanation, ...] = ()
    activations: tuple[Activation, ...] = ()
    frac_nonzero: float | None = None
    maxActApprox: float | None = None
    pos_str: tuple[str, ...] = ()
    pos_values: tuple[float, ...] = ()
    neg_str: tuple[str, ...] = ()
    neg_values: tuple[float, ...] = ()
    freq_hist_data_bar_heights: tuple[float, ...] = ()
    freq_hist_data_bar_values: tuple[float, ...] = ()
    logits_hist_data_bar_heights: tuple[float, ...] = ()
    logits_hist_data_bar_values: tuple[float, ...] = ()

    @property
    def page(self) -> str:
        return f"{NEURONPEDIA}/{self.source}/{self.index}"


@dataclass(frozen=True)
class Card:
    """One feature of one site."""

    site: str
    index: int
    maxActApprox: float
    frac_nonzero: float
    pos_str: tuple[str, ...]
    pos_values: tuple[float, ...]
    neg_str: tuple[str, ...]
    neg_values: tuple[float, ...]
    freq_hist_data_bar_heights: tuple[float, ...]
    freq_hist_data_bar_values: tuple[float, ...]
    logits_hist_data_bar_heights: tuple[float, ...]
    logits_hist_data_bar_values: tuple[float, ...]
    topkCosSimIndices: tuple[int, ...]
    topkCosSimValues: tuple[float, ...]
    activations: tuple[Activation, ...]
    explanations: tuple[Explanation, ...]
    concepts: tuple[tuple[str, float], ...]  # (concept, AUROC on *grade*), best on *select* first
    neuronpedia: Neuronpedia | None = None  # for an SAE that it shows
    support: Support | None = None  # of the name; None where it has none
    apart: Line = ""  # what tells it from others of the same name
    measured: bool = False  # what it makes likelier: by a push in the model, not by direct logits
    graded: tuple[tuple[int, int], ...] = ()  # texts about each of `concepts`, and others: AUROC's

    @property
    def label(self) -> Line:
        return self.explanations[0].description if self.explanations else UNLABELLED

    @property
    def intervals(self) -> list[list[Activation]]:
        """The examples by interval of activation, the strongest first."""
        bins = sorted({(each.binMin, each.binMax) for each in self.activations}, reverse=True)
        return [[a for a in self.activations if (a.binMin, a.binMax) == each] for each in bins]

    @property
    def peak(self) -> float:
        """The largest value that is known, an example's or the estimate."""
        return max(self.maxActApprox, *(each.maxValue for each in self.activations), 0.0)


@dataclass(frozen=True)
class Hit:
    """One search result; `top` shows a few of the tokens it fires on, `told` is what Neuronpedia
    says of it, `apart` what tells it from others of the same name."""

    site: str
    index: int
    label: Line
    top: tuple[str, ...]
    frac_nonzero: float
    told: tuple[str, ...] = ()
    apart: Line = ""


@dataclass(frozen=True)
class Detector:
    """A feature that tells a concept's texts from others.

    auroc: of its maximum over tokens, on *grade*, to be told. select: likewise on *select*, by
    which it was chosen and levels choose; None where nobody measured it.
    """

    site: str
    feature: int
    auroc: float
    select: float | None = None

    @property
    def sure(self) -> float:
        """How well it tells the concept, to choose by."""
        return self.auroc if self.select is None else self.select


@dataclass(frozen=True)
class CurvePoint:
    """Measured at one strength over several neutral prompts and seeds."""

    strength: float
    effect: float  # share of replies on the concept
    damage: float  # mean damage score, 0..100
    both: float  # share of replies on the concept and undamaged
    control_effect: float  # mean over its controls
    control_damage: float
    # An atlas or an attempt of an earlier version does not say these, and reads 0.
    control_high: float = 0.0  # effect of the control that has most
    controls: int = 0  # how many there are
    replies: int = 0  # of the setting itself
    broken: float = 0.0  # share of them that are damaged beyond the bound

    @property
    def on(self) -> int:
        """How many replies are on the concept."""
        return round(self.effect * self.replies)


@dataclass(frozen=True)
class Recipe:
    """The one calibrated setting of a concept and the dose-response behind it. vector: what is
    pushed along where that is no feature's decoder row; feature is NO_FEATURE then."""

    site: str
    feature: int
    method: Method
    scope: Scope
    strength: float
    curve: tuple[CurvePoint, ...]
    vector: Vector | None = None

    def dial(self, strength: float | None = None, control: Control | None = None) -> Dial:
        used = self.strength if strength is None else strength
        return Dial(
            self.site, self.feature, used, self.method, self.scope,
            control=control, vector=self.vector,
        )  # fmt: skip

    @property
    def point(self) -> CurvePoint | None:
        """The curve at the very strength; None where nobody measured it."""
        return next((each for each in self.curve if each.strength == self.strength), None)


@dataclass(frozen=True)
class Sweep:
    """A feature at one strength or several, in rising order, for which nothing was chosen.

    hits: of each point the numbers of the replies that count: on the concept, or damaged beyond
    the bound. Whoever writes them again knows which to show.
    """

    site: str
    feature: int
    method: Method
    scope: Scope
    points: tuple[CurvePoint, ...]
    hits: tuple[tuple[int, ...], ...]
    vector: Vector | None = None  # as in a Recipe

    @staticmethod
    def of(dial: Dial, points: Sequence[CurvePoint], hits: Sequence[Sequence[int]]) -> "Sweep":
        counted = tuple(tuple(each) for each in hits)
        return Sweep(
            dial.site, dial.feature, dial.method, dial.scope, tuple(points), counted, dial.vector
        )

    def dial(self, strength: float) -> Dial:
        return Dial(self.site, self.feature, strength, self.method, self.scope, vector=self.vector)


@dataclass(frozen=True)
class ConceptEntry:
    """What this model knows of a concept. recipes: best first; empty when no feature steers it.
    directions: where none does, the concept's difference of means as a recipe.

    Of the best recipe, or the direction where there is none, empty in an atlas of an earlier
    version: places, a recipe's push by the best detector of each site; ladders, the same when it
    lasts, for each longer scope.
    """

    concept: str
    detectors: tuple[Detector, ...]
    recipes: tuple[Recipe, ...]
    places: tuple[Sweep, ...] = ()
    ladders: tuple[Sweep, ...] = ()
    directions: tuple[Recipe, ...] = ()
