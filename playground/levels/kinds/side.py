"""The kind `side`: of six features, which rose most in what the model wrote under a dial?

Finished texts are read without it: that says what goes together in them, nothing of causes inside
the model. Off-target effects: Durmus et al., Evaluating Feature Steering (2024).
"""

import random
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from statistics import mean
from typing import ClassVar

from pydantic import Field

from playground.atlas import labels
from playground.atlas.calibrate import FRESH_PROMPTS
from playground.atlas.cards import Hit
from playground.concepts.concepts import Concept, find
from playground.concepts.damage import UNDAMAGED_AT_MOST
from playground.engine.records import TEMPERATURE, Reading, Request, Sampling, Trace
from playground.levels.dealing import candidates
from playground.levels.dealing.candidates import Steered
from playground.levels.dealing.questions import (
    AskLevel,
    Bars,
    Exhibit,
    Portrait,
    Question,
    Reply,
    Sealed,
    shuffled,
)
from playground.levels.judging import Bench
from playground.levels.level import Group
from playground.levels.schema import Pick
from playground.messages import Line, Message

OPTIONS = 6
LEAD = 0.2  # share of replies that the recipe brings on its concept beyond a random push
SPARE = 3  # concepts written out beyond the rounds, for not every dial moves a named feature
WAVES = 3  # how often more concepts are tried
RISE = 1.0  # % of a feature's own maximum, averaged over all tokens: less may be chance
STILL = 0.1  # likewise; what stays within did not move
CLEAR = 10.0  # times the largest movement of the five others
OFTEN = 0.002  # share of all tokens on which a feature fires; a rarer one could hardly have moved
LISTED = 100_000  # all features of a site
FIRST_SEED = 8_000  # apart from the seeds of calibration
# How the atlas made a label: one that a player can connect with a text.
SUBJECT, WORD = "concept-auroc", "top-token"
TELLING = (SUBJECT, WORD)
COMMON = frozenset({"the"})  # of titles


class SideLevel(AskLevel):
    """seeds: pairs of replies, with and without the dial, that a change is measured over."""

    word: ClassVar[str] = "side"
    group: ClassVar[Group] = "auditing"
    rounds: int = Field(default=4, ge=1, le=6)
    seeds: int = Field(default=6, ge=4, le=12)
    tokens: int = Field(default=40, ge=16, le=128)
    temperature: float = Field(default=TEMPERATURE, ge=0, le=2)

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        """One question a concept. Raises AuthorError where too few dials move a named feature."""
        rng = shuffled(seed, self.id)
        sites = [site for site in bench.engine.sites if site in self.sites]
        able = [each for each in candidates.steered(self, bench, rng) if each.lead >= LEAD]
        # Whole texts first: in a broken one anything may fire.
        pool = iter(sorted(able, key=lambda each: each.point.damage > UNDAMAGED_AT_MOST))
        listed = {site: bench.atlas.search("", site, LISTED) for site in sites}
        offset = rng.randrange(1_000)
        places = rng.sample(range(OPTIONS), self.rounds)
        # One is not chosen for a label that can be found in the text; no place tells which.
        surprise = rng.randrange(self.rounds) if self.rounds > 1 else None
        written = self._read(bench, islice(pool, WAVES * (self.rounds + SPARE)), offset, sites, rng)
        search = SideEffects(bench, written, listed, rng, self.rounds + SPARE)
        for number, place in enumerate(places):
            moved = search.next(legible=number != surprise)
            if moved is None:
                what = "a dial that clearly moves another feature with a telling label"
                raise candidates.too_few(self, self.rounds, what, number)
            yield sealed(bench, moved, place, rng)

    def _read(
        self,
        bench: Bench,
        pool: Iterable[Steered],
        offset: int,
        sites: Sequence[str],
        rng: random.Random,
    ) -> Iterator["Shifts"]:
        """Concept by concept, as they are written and read."""
        for place, each in enumerate(pool, offset):
            pairs = self._written(bench, each, place)
            if pairs is not None:
                site = rng.choice(sites)
                yield Shifts(pairs, site, changes_of(bench, pairs, site))

    def _written(self, bench: Bench, about: Steered, place: int) -> "Pairs | None":
        """None where nothing was written; place: where prompts and seeds begin."""
        wanted, turned = list[Request](), ((), (about.recipe.dial(),))
        for n in range(self.seeds):
            seed = FIRST_SEED + place * self.seeds + n
            sampling = Sampling(self.temperature, max_tokens=self.tokens, seed=seed)
            prompt = FRESH_PROMPTS[(place + n) % len(FRESH_PROMPTS)]
            wanted += [Request(prompt, dials, sampling, plain=True) for dials in turned]
        rows = bench.engine.generate(wanted).traces()
        both = zip(rows[::2], rows[1::2], strict=True)
        kept = tuple((old, new) for old, new in both if old.text.strip() and new.text.strip())
        return Pairs(about, kept) if kept else None


# -- what moved ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Pairs:
    """Replies to the same prompts with the same random numbers: untouched, steered."""

    about: Steered
    replies: tuple[tuple[Trace, Trace], ...]


@dataclass(frozen=True)
class Shifts:
    """What `changes_of` measured at one site."""

    pairs: Pairs
    site: str
    changes: Mapping[int, list[float]]

    @property
    def dialled(self) -> Pick:
        return Pick(self.pairs.about.recipe.site, self.pairs.about.recipe.feature)

    @property
    def total(self) -> dict[int, float]:
        """Averaged over the pairs."""
        return {feature: mean(each) for feature, each in self.changes.items()}

    @property
    def rising(self) -> list[int]:
        """Features that rose in most pairs, and enough in each half of them: of so many features
        some rise by chance in a few replies, fewer in two separate sets."""
        return [
            feature
            for feature, each in self.changes.items()
            if min(mean(each[::2]), mean(each[1::2] or each)) >= RISE
            and 2 * times(each) > len(each)
        ]


@dataclass(frozen=True)
class Moved:
    """Six features of one site; the first rose most, the others did not move.

    changes: of each, in % of its own maximum, averaged over all tokens of a reply and over the
    replies; times: in how many pairs the first rose; clearest: the pair in which it rose most.
    """

    pairs: Pairs
    dialled: Pick
    picks: tuple[Pick, ...]
    labels: tuple[Line, ...]
    changes: tuple[float, ...]
    times: int
    clearest: int


@dataclass
class SideEffects:
    """Looks for questions in what is written and measured one after the other. choosy: after so
    many concepts any telling label will do. left: measured and not asked about; taken: features
    that the deal has shown."""

    bench: Bench
    written: Iterator[Shifts]
    listed: Mapping[str, Sequence[Hit]]
    rng: random.Random
    choosy: int
    tried: int = 0
    left: list[Shifts] = field(default_factory=list)
    taken: set[Pick] = field(default_factory=set)

    def next(self, legible: bool) -> Moved | None:
        """No feature comes twice. legible: one whose label a reader can find in the text, as long
        as there are such."""
        for shifts in self.left:
            if moved := self._moved(shifts, legible):
                return moved
        for shifts in self.written:
            self.left.append(shifts)
            self.tried += 1
            if moved := self._moved(shifts, legible and self.tried <= self.choosy):
                return moved
        return next(filter(None, (self._moved(each, False) for each in self.left)), None)

    def _moved(self, shifts: Shifts, legible: bool) -> Moved | None:
        about = self.listed[shifts.site]
        moved = moved_by(self.bench, shifts, about, self.taken, legible, self.rng)
        if moved is not None:
            self.left = [each for each in self.left if each is not shifts]
            self.taken |= {moved.dialled, *moved.picks}
        return moved


def moved_by(
    bench: Bench,
    shifts: Shifts,
    listed: Sequence[Hit],
    taken: Collection[Pick],
    legible: bool,
    rng: random.Random,
) -> Moved | None:
    """The six features of a question; none where nothing with a telling label clearly rose.

    listed: all features of the site; taken: features that the deal has shown already; legible:
    only a feature whose label can be found in the text.
    """
    pairs, total = shifts.pairs, shifts.total
    about = {hit.index: hit for hit in listed}
    dialled = bench.atlas.label(shifts.dialled.site, shifts.dialled.feature)
    own = {labels.called(pairs.about.concept.name), dialled}
    subjects = subjects_of(bench)

    def fits(feature: int) -> bool:
        free = feature in about and Pick(shifts.site, feature) not in {*taken, shifts.dialled}
        free = free and about[feature].label not in own
        return free and made_by(bench, shifts.site, feature) in TELLING

    def shows(feature: int) -> bool:
        old, new = pairs.replies[clearest(shifts.changes[feature])]
        return seen(about[feature].label, subjects, old.text, new.text, dialled) > 0

    def order(feature: int) -> tuple[bool, float, int]:
        subject = made_by(bench, shifts.site, feature) == SUBJECT
        return not subject, -total[feature], feature

    rising = sorted(filter(fits, shifts.rising), key=order)
    top = next((f for f in rising if shows(f) or not legible), None)
    if top is None or shifts.dialled in taken:
        return None
    # A label that stands for anything that moved would be right in another sense.
    own |= {about[f].label for f in total if f in about and abs(total[f]) > STILL}
    still = min(STILL, total[top] / CLEAR)
    quiet = [
        hit.index
        for hit in listed
        if hit.frac_nonzero >= OFTEN and abs(total.get(hit.index, 0.0)) <= still
    ]
    rng.shuffle(quiet)
    # Labels of the same sort first, lest the sort tells which one it is.
    sort = made_by(bench, shifts.site, top)
    alike = (f for f in quiet if fits(f) and made_by(bench, shifts.site, f) == sort)
    others = islice(distinct(chain(alike, filter(fits, quiet)), about), OPTIONS - 1)
    if len(features := (top, *others)) < OPTIONS:
        return None
    return Moved(
        pairs,
        shifts.dialled,
        tuple(Pick(shifts.site, each) for each in features),
        tuple(about[each].label for each in features),
        tuple(total.get(each, 0.0) for each in features),
        times(shifts.changes[top]),
        clearest(shifts.changes[top]),
    )


def times(changes: Sequence[float]) -> int:
    return sum(change > 0 for change in changes)  # in how many pairs a feature rose


def clearest(changes: Sequence[float]) -> int:
    """The pair in which it rose most."""
    return max(range(len(changes)), key=lambda n: changes[n])


def changes_of(bench: Bench, pairs: Pairs, site: str) -> dict[int, list[float]]:
    """Of each feature that fires anywhere: how much higher it is in the steered reply of each
    pair, averaged over the tokens, in % of the feature's maximum over all texts of the atlas.

    The texts are read without the dial, so that what is measured is what was written.
    """
    texts = [trace.text for pair in pairs.replies for trace in pair]
    read = [means_of(reading) for reading in bench.engine.read(texts, site)]
    highest = bench.atlas.maxima(site)
    seen = sorted({feature for each in read for feature in each if highest.get(feature, 0) > 0})
    return {
        feature: [
            100 * (new.get(feature, 0.0) - old.get(feature, 0.0)) / highest[feature]
            for old, new in zip(read[::2], read[1::2], strict=True)
        ]
        for feature in seen
    }


def means_of(reading: Reading) -> Mapping[int, float]:
    """Each feature's mean over the tokens, in activation units."""
    sums: dict[int, float] = {}
    for firing in reading.features:
        for feature, value in firing:
            sums[feature] = sums.get(feature, 0.0) + value
    count = max(1, len(reading.features))
    return {feature: value / count for feature, value in sums.items()}


def made_by(bench: Bench, site: str, feature: int) -> str:
    """How the atlas made the label; empty without one."""
    explanations = bench.atlas.card(site, feature).explanations
    return explanations[0].typeName if explanations else ""


def subjects_of(bench: Bench) -> list[Concept]:
    return [bench.concept(name) for name in bench.atlas.concepts()]


def distinct(features: Iterator[int], about: Mapping[int, Hit]) -> Iterator[int]:
    """Only the first of each label."""
    seen = set[Line]()
    for feature in features:
        label = about[feature].label
        if label not in seen:
            seen.add(label)
            yield feature


# -- questions -------------------------------------------------------------------------------------
def sealed(bench: Bench, moved: Moved, place: int, rng: random.Random) -> Sealed:
    """place: of the right option."""
    order = rng.sample(range(1, OPTIONS), OPTIONS - 1)
    order.insert(place, 0)
    options = tuple(moved.labels[n] for n in order)
    subjects = subjects_of(bench)
    old, new = moved.pairs.replies[moved.clearest]
    prompt, strength = old.request.prompt, moved.pairs.about.recipe.strength
    dialled = bench.atlas.label(moved.dialled.site, moved.dialled.feature)
    exhibits: tuple[Exhibit, ...] = (
        Portrait(moved.dialled, True, Message("side.dialled", strength=strength)),
        Reply(prompt, old.text, Message("questions.without")),
        Reply(prompt, new.text, Message("questions.with")),
    )
    ask = Message("side.ask", count=len(moved.pairs.replies))
    scores = [seen(label, subjects, old.text, new.text, dialled) for label in options]
    return Sealed(
        question=Question(ask, "choose", exhibits, options),
        solution=place,
        guess=scores.index(max(scores)),
        why=Message(
            "side.why",
            label=moved.labels[0],
            rise=moved.changes[0],
            times=moved.times,
            count=len(moved.pairs.replies),
            still=max(abs(change) for change in moved.changes[1:]),
            site=moved.picks[0].site,
            dialled=dialled,
        ),
        reveal=reveal(moved, order),
        right=frozenset({place}),
    )


def seen(label: Line, subjects: Sequence[Concept], old: str, new: str, dialled: Line) -> float:
    """How much of a label a reader finds in the steered reply and not in the untouched one; a
    word in common with the dialled feature's label counts too."""
    subject = subject_of(label, subjects)
    if subject is not None:
        gained = (len(find(subject, new)) - len(find(subject, old))) / subject.at_least
    else:
        wanted = [word.lower() for word in labels.words_of(label)]
        gained = float(sum(count_of(word, new) - count_of(word, old) for word in wanted))
    return gained + len(terms(label, subjects) & terms(dialled, subjects))


def subject_of(label: Line, subjects: Sequence[Concept]) -> Concept | None:
    return next((each for each in subjects if labels.called(each.name) == label), None)


def terms(label: Line, subjects: Sequence[Concept]) -> set[str]:
    """The words by which a reader knows a label again."""
    subject = subject_of(label, subjects)
    said = subject.title if subject else " ".join(labels.words_of(label))
    return set(re.findall(r"\w{3,}", said.lower())) - COMMON


def count_of(word: str, text: str) -> int:
    """How often a word stands in a text as a whole."""
    edges = (r"(?<!\w)", r"(?!\w)") if word.isalnum() else ("", "")
    return len(re.findall(re.escape(word).join(edges), text.lower()))


def reveal(moved: Moved, order: Sequence[int]) -> tuple[Exhibit, ...]:
    rows = tuple((moved.labels[n], round(moved.changes[n], 2) + 0.0) for n in order)
    top = max(value for _, value in rows)
    caption = Message("side.changes", site=moved.picks[0].site)
    return (
        Bars(rows, Message("common.percent_maximum"), top, caption),
        Portrait(moved.picks[0], True, Message("side.risen")),
    )
