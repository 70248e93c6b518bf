"""Looking at features and turning them without a goal: what fires in a text, cards, names, search,
the sandbox. Knows no player.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from playground.atlas.cards import Card, Hit
from playground.atlas.naming import quoted
from playground.concepts.concepts import Kind, load_concepts
from playground.engine import directions
from playground.engine.client import Client
from playground.engine.directions import Direction, TextContrast
from playground.engine.records import (
    Device,
    Dial,
    InLine,
    Reading,
    Request,
    Site,
    Trace,
    check_whole,
)
from playground.errors import PlayerError
from playground.game import share
from playground.game.library import Library
from playground.game.share import Sandbox
from playground.levels.dealing import contrast, triples
from playground.levels.dealing.triples import ROWS, Began, Said
from playground.levels.judging import Bench
from playground.levels.kinds.hunt import HuntLevel, offered
from playground.levels.schema import Pick
from playground.messages import Line, Message
from playground.store.records import PlayerId

MAX_CHARACTERS = 2000  # of a text to read
MAX_FIRINGS = 16
UNMEASURED = Message("atlas.unmeasured")
NAME_TOKENS = 3
SURPRISES = 400  # features that are worth a look
NUMBER_DIGITS = 9  # of a feature, at most


@dataclass(frozen=True)
class Firing:
    """One feature that fires in a text: its peak `value`, the token where it peaks, and what
    share that is of the strongest this feature ever fired."""

    pick: Pick
    label: Line  # the atlas' label, or what it fires on where a level hides labels
    value: float
    token: int
    share: float  # 0..1


@dataclass(frozen=True)
class Contrasted:
    """One feature that fires in some texts and not in others: its peaks as shares (0..1) of the
    strongest it ever fired. inside: averaged over the texts that it should fire in; outside: the
    highest in the others; hits: in how many of the first it fires at all; one_in: of so many texts
    at large one has it as high; bounded: or of more, for what is rarer is not told apart; score:
    0..1, what they are ranked by."""

    pick: Pick
    label: Line
    inside: float
    outside: float
    hits: int
    one_in: float
    bounded: bool
    score: float


@dataclass(frozen=True)
class ToldConcept:
    """A concept and the feature that tells its texts best: of 100 pairs of texts, one about it and
    one not, it fires higher on the right one in `pairs`."""

    concept: str
    kind: Kind
    pick: Pick
    pairs: float


@dataclass(frozen=True)
class Along:
    """A text and how far each token lies to the side of a direction, in standard deviations over
    the tokens that it was made of; 0 is halfway between the two lists. bare: how many of the first
    tokens say nothing, for nothing stands before them."""

    tokens: tuple[str, ...]
    values: tuple[float, ...]
    bare: int = 0

    @property
    def mean(self) -> float:
        told = self.values[self.bare :] or self.values
        return sum(told) / len(told)


@dataclass(frozen=True)
class Outcome:
    """The end of a sandbox run: one trace a row, in the order of Began.rows."""

    traces: tuple[Trace, ...]


class Exploring:
    """The part of the game that needs no player, but `on_behalf` of one where the model is asked.
    Safe to call from any thread."""

    def __init__(self, bench: Bench, library: Library) -> None:
        self._bench = bench
        self._library = library
        self._engine = bench.engine
        self._atlas = bench.atlas

    def on_behalf(self, player: PlayerId) -> "Exploring":
        """The same, asking the model for this player: before what nobody reads as it comes, and
        with no more than a fair share."""
        client = Client(str(player), "reply", here=True)
        return Exploring(self._bench.on_behalf(client), self._library)

    @property
    def sites(self) -> tuple[Site, ...]:
        """early, middle, late."""
        return tuple(sorted(self._engine.sites.values(), key=lambda site: site.layer))

    @property
    def has_features(self) -> bool:
        """Whether there is anything to look at and to search: a model may have no SAEs."""
        return self._bench.has_features

    @property
    def device(self) -> Device:
        """What the model runs on."""
        return self._engine.device

    @property
    def notes(self) -> tuple[str, ...]:
        """What a player should know of how the model runs here, a sentence each."""
        return self._bench.notes

    @property
    def meta(self) -> Mapping[str, Any]:
        """What the atlas says of its own making."""
        return self._atlas.meta

    @property
    def graded(self) -> int:
        """How many different texts verdicts rest on, over all concepts."""
        concepts, both = self._atlas.concepts(), (True, False)
        every = (self._bench.texts(name, about) for name in concepts for about in both)
        return len({each.text for texts in every for each in texts})

    def read(self, text: str, site: str) -> Reading:
        """Which features fire on which token of a text.

        PlayerError for an empty or overlong text.
        """
        check_length(text)
        self._site(site)
        return self._engine.read([text], site)[0]

    def firings(
        self, reading: Reading, token: int | None = None, level: str | None = None
    ) -> tuple[Firing, ...]:
        """Features of one token, or of the text by peak, that fire close to their own maximum
        first: what always fires a little says little. At most MAX_FIRINGS, all with cards."""
        maxima = self._atlas.maxima(reading.site)
        places = range(len(reading.tokens)) if token is None else [token]
        peaks: dict[int, tuple[float, int]] = {}
        for place in places:
            for feature, value in reading.features[place]:
                if feature in maxima and value > peaks.get(feature, (0.0, 0))[0]:
                    peaks[feature] = (value, place)
        shares = {f: min(1.0, peak / (maxima[f] or peak)) for f, (peak, _) in peaks.items()}
        first = sorted(peaks, key=lambda f: (-shares[f], -peaks[f][0], f))[:MAX_FIRINGS]
        picks = [Pick(reading.site, f) for f in first]
        return tuple(
            Firing(pick, self.name(pick, level), *peaks[pick.feature], shares[pick.feature])
            for pick in picks
        )

    def contrast(
        self, here: Sequence[Reading], there: Sequence[Reading], level: str | None = None
    ) -> tuple[Contrasted, ...]:
        """Features of one site that fire in the first texts, less in the others, and seldom so
        high anywhere (levels/dealing/contrast.py). At most MAX_FIRINGS, all with cards."""
        if not here:
            return ()
        site = here[0].site
        found = contrast.ranked(here, there, self._atlas.background(site))[:MAX_FIRINGS]
        picks = [Pick(site, each.feature) for each in found]
        return tuple(
            Contrasted(
                pick,
                self.name(pick, level),
                each.inside,
                each.outside,
                sum(share > 0 for share in each.here),
                each.one_in,
                each.bounded,
                each.score,
            )
            for pick, each in zip(picks, found, strict=True)
        )

    def offered(self, level: str) -> tuple[tuple[str, str], ...]:
        """Of a hunt: pairs of texts, one that the feature should fire in and one beside it."""
        asked = self._library.level(level)
        assert isinstance(asked, HuntLevel)
        return offered(asked, self._bench)

    def trail(self, reading: Reading, feature: int) -> tuple[float, ...]:
        """One feature's activation on every token of a reading, 0 where it is silent."""
        return reading.features.trail(feature)

    def card(self, pick: Pick, level: str | None = None) -> Card:
        """A feature's card; a level that hides labels gets it without all that names it.

        PlayerError for one that nobody has measured.
        """
        self.check(pick)
        card = self._bench.card(pick.site, pick.feature)
        if not self._library.hides_labels(level):
            return card
        return replace(card, explanations=(), concepts=(), neuronpedia=None)

    def name(self, pick: Pick, level: str | None = None) -> Line:
        """A short name for a button: the label, or what it fires on where a level hides labels."""
        if not self.measured(pick):
            return UNMEASURED
        if not self._library.hides_labels(level):
            if self._atlas.has(pick.site, pick.feature):
                return self._atlas.label(pick.site, pick.feature)
            return self._bench.card(pick.site, pick.feature).label
        card = self.card(pick, level)
        peaks = (each.tokens[each.maxValueTokenIndex].strip() for each in card.activations)
        told = list(dict.fromkeys(peak for peak in peaks if peak))[:NAME_TOKENS]
        if not told:
            return Message("atlas.feature", feature=pick.feature)
        return Message("atlas.fires_on", tokens=tuple(map(quoted, told)))

    def measured(self, pick: Pick) -> bool:
        """Whether a feature has a card: an SAE may have more of them than its atlas."""
        self.check(pick)
        return self._bench.measured(pick.site, pick.feature)

    def measure(self, pick: Pick) -> Card:
        """The card of a feature that had none, from the texts of the levels: some seconds."""
        self.check(pick)
        self._bench.measure(pick.site, pick.feature)
        return self.card(pick)

    def topics(self) -> tuple[ToldConcept, ...]:
        """All concepts that a feature with a card tells, those that are told best first."""
        known, found = load_concepts(), list[ToldConcept]()
        for name in self._atlas.concepts():
            told = self._atlas.concept(name).detectors
            able = [each for each in told if self._atlas.has(each.site, each.feature)]
            if able and name in known:
                best = max(able, key=lambda each: each.sure)
                pick = Pick(best.site, best.feature)
                found.append(ToldConcept(name, known[name].kind, pick, 100 * best.auroc))
        return tuple(sorted(found, key=lambda each: (-each.pairs, each.concept)))

    def surprise(self, dice: Random) -> Pick:
        """Any of the features that tell a concept well."""
        hit = dice.choice(self._atlas.search("", limit=SURPRISES))
        return Pick(hit.site, hit.index)

    def search(self, query: str, site: str | None = None, limit: int = 20) -> list[Hit]:
        """By label, concept, token or number, which finds what has no card, too; an empty query
        gives the best detectors."""
        check_whole(query)
        found = self._atlas.search(query, site, limit)
        number = number_of(query.strip())
        bare = [
            Hit(each.name, number, UNMEASURED, (), 0.0)
            for each in self.sites
            if site in (None, each.name)
            and number is not None
            and number < each.width
            and not self._atlas.has(each.name, number)
        ]
        return [*found, *bare][:limit]

    def _site(self, name: str) -> Site:
        sites = self._engine.sites
        if name not in sites:
            raise PlayerError("errors.no_site", site=name, known=tuple(sites))
        return sites[name]

    def check(self, pick: Pick) -> None:
        """PlayerError for a feature that this model has not."""
        width = self._site(pick.site).width
        if not width:
            raise PlayerError("errors.no_features")
        if not 0 <= pick.feature < width:
            raise PlayerError(
                "errors.no_feature", feature=pick.feature, site=pick.site, last=width - 1
            )

    # -- sandbox
    def sandbox(self, state: Sandbox) -> Iterator[Began | InLine | Said | Outcome]:
        """Began, InLine while it waits, Said..., then one Outcome. Without dials there is only the
        baseline row."""
        requests: list[Request] = triples.requests(
            self._atlas, state.prompt, state.dials, state.sampling
        )
        requests = [replace(each, plain=state.plain) for each in requests]
        rows = ROWS if state.dials else ROWS[:1]
        self._check_dials(state.dials)
        stream = self._engine.generate(requests[: len(rows)])
        try:
            yield Began(state.prompt, state.dials, rows)
            yield from stream.in_line()
            for row, token in stream:
                yield Said(rows[row], token)
            yield Outcome(tuple(stream.traces()))
        finally:
            stream.cancel()

    def encode(self, state: Sandbox) -> str:
        """A few dozen URL-safe characters that `decode` turns back into the same state."""
        return share.encode(state)

    def decode(self, code: str) -> Sandbox:
        """PlayerError for a damaged link, or one that names a feature that this model has not."""
        state = share.decode(code, self.direction)
        self._check_dials(state.dials)
        return state

    def _check_dials(self, dials: Sequence[Dial]) -> None:
        for dial in dials:
            if dial.vector is None:
                self.check(Pick(dial.site, dial.feature))
            else:
                self._site(dial.site)

    # -- directions of the learner's own
    def direction(self, contrast: TextContrast) -> Direction:
        """PlayerError for a site that this model has not, or for lists that do not differ."""
        self._site(contrast.site)
        return self._bench.direction(contrast)

    def left_out(self, contrast: TextContrast) -> tuple[int, int] | None:
        """How many of the texts lie on their own side when they had no part in the direction, and
        of how many; None for lists that are too short for that."""
        self._site(contrast.site)
        return directions.left_out(self._engine, contrast)

    def along(self, direction: Direction, text: str) -> Along:
        """What a direction detects in a text. PlayerError for an empty or overlong one."""
        check_length(text)
        (states,) = self._engine.states([text], direction.contrast.site)
        return Along(states.tokens, tuple(direction.along(states.values).tolist()), states.bare)


def check_length(text: str) -> None:
    if not text.strip():
        raise PlayerError("errors.nothing_to_read")
    if len(text) > MAX_CHARACTERS:
        raise PlayerError("errors.too_long", count=len(text), limit=MAX_CHARACTERS)


def number_of(said: str) -> int | None:
    """What a browser sends as a number: None for what is none, or longer than any we count."""
    return int(said) if said.isdecimal() and len(said) <= NUMBER_DIGITS else None
