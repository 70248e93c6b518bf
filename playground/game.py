"""The one join of levels, engine, atlas, scores and progress; screens call nothing below it.

It knows no Gradio. A player is a random token that the browser keeps; every method that needs one
takes it first. Every PlayerError carries a sentence for the screen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from playground import coursemap, share
from playground.atlas.cards import Card, Hit
from playground.coursemap import STARS, ChapterMap, Home, Mark, State
from playground.engine.records import Dial, Reading, Request, Site, Token, Trace
from playground.errors import PlayerError
from playground.levels import ask, steering, triples
from playground.levels.ask import Answer, Asked, AskLevel, AskVerdict, Deals, Graded, Question
from playground.levels.bench import Bench
from playground.levels.kinds import Level, hunt
from playground.levels.kinds.hunt import HuntLevel, HuntVerdict, JudgedText
from playground.levels.schema import HINT_STEPS, STARS_WITH_ANSWER, GoalResult, Hint, Pick
from playground.levels.shelf import Shelf
from playground.levels.steering import Curve, SteeringLevel, SteerVerdict, Turn
from playground.levels.triples import ROWS, Began, Counted, Row, Said, Triple
from playground.progress import Attempt, Best, Store
from playground.settings import Settings
from playground.share import Sandbox

MAX_CHARACTERS = 2000  # of a text to read
MAX_FIRINGS = 16
NAME_TOKENS = 3
FREE = "This hint is free."
COSTLY = f"With this hint at most {STARS_WITH_ANSWER} of {STARS} stars are left to win."
NO_HINT = "You have opened all hints of this level."

__all__ = [  # what screens may take from here
    "ROWS", "Answer", "AskVerdict", "Asked", "Began", "ChapterMap", "Counted", "Curve", "Event",
    "Firing", "Game", "GoalResult", "Graded", "Hint", "Home", "HuntLevel", "HuntVerdict",
    "JudgedText", "Mark", "Outcome", "Pick", "Question", "Row", "Said", "Sandbox", "Start", "State",
    "SteerVerdict", "SteeringLevel", "Token", "Triple",
]  # fmt: skip


# -- what the screens show -------------------------------------------------------------------------
@dataclass(frozen=True)
class Start:
    """All a play screen needs: the opened hints in order, and what the next one costs."""

    level: Level  # never show its solution
    chapter: str
    sites: tuple[Site, ...]  # the level's
    hints: tuple[Hint, ...]
    hints_left: int
    hint_price: str  # empty when none is left
    best: Best | None
    next_level: str | None


@dataclass(frozen=True)
class Firing:
    """One feature that fires in a text: its peak `value`, the token where it peaks, and what
    share that is of the strongest this feature ever fired."""

    pick: Pick
    label: str  # the atlas' label, or its top tokens where a level hides labels
    value: float
    token: int
    share: float  # 0..1


@dataclass(frozen=True)
class Outcome:
    """The end of a sandbox run: one trace a row, in the order of Began.rows."""

    traces: tuple[Trace, ...]


Event = Began | Said | Counted | SteerVerdict | Outcome


class Game:
    """Safe to call from any thread; holds no state of any player outside the store."""

    def __init__(self, bench: Bench, store: Store, shelf: Shelf) -> None:
        self._bench = bench
        self._engine = bench.engine
        self._atlas = bench.atlas
        self._store = store
        self._shelf = shelf
        self._deals = Deals(bench)

    @classmethod
    def open(cls, settings: Settings) -> "Game":
        """Verifies the assets, loads model, atlas and levels, opens the store.

        Raises AuthorError.
        """
        shelf = Shelf.load()
        store = Store.open(settings.database)
        return cls(Bench.open(settings), store, shelf)

    def close(self) -> None:
        self._engine.close()
        self._store.close()

    # -- players and the map
    def player(self, token: str | None) -> str:
        """The token itself when it is a known player's, else a new player's.

        The browser keeps what comes back.
        """
        return self._store.player(token)

    def home(self, player: str) -> Home:
        return coursemap.draw(self._shelf, self._store.best(player))

    def start(self, player: str, level: str) -> Start:
        """PlayerError for an unknown or locked level."""
        chosen = self._open_level(player, level)
        opened = self._store.hints(player, level)
        left = len(HINT_STEPS) - opened
        return Start(
            level=chosen,
            chapter=self._shelf.chapter(level).title,
            sites=tuple(site for site in self.sites if site.name in chosen.sites),
            hints=tuple(self._hint(chosen, place) for place in range(opened)),
            hints_left=left,
            hint_price={0: "", 1: COSTLY}.get(left, FREE),
            best=self._store.best(player).get(level),
            next_level=self._shelf.after(level),
        )

    def _open_level(self, player: str, id: str) -> Level:
        level = self._shelf.level(id)
        mark = coursemap.mark(self._shelf, level, self._store.best(player))
        if mark.state == "locked":
            raise PlayerError(
                f"“{level.title}” is still locked. Win first: {', '.join(mark.needs)}."
            )
        return level

    def hint(self, player: str, level: str) -> Start:
        """Opens the next hint and remembers it; the same Start, one hint longer.

        PlayerError when none is left.
        """
        chosen = self._open_level(player, level)
        opened = self._store.hints(player, level)
        if opened == len(HINT_STEPS):
            raise PlayerError(NO_HINT)
        self._hint(chosen, opened)  # a hint that this model cannot fill in is not opened
        self._store.open_hints(player, level, opened + 1)
        return self.start(player, level)

    def _hint(self, level: Level, place: int) -> Hint:
        step = HINT_STEPS[place]
        text: str = getattr(level.hints, step)
        if "{" in text:
            text = text.format(**self._blanks(level))
        return Hint(step, text)

    def _blanks(self, level: Level) -> dict[str, Any]:
        """What a hint leaves open."""
        if isinstance(level, HuntLevel):
            return asdict(hunt.reference(level, self._atlas))
        return dict(steering.filled(self._steering_level(level), self._atlas))

    # -- looking at features
    @property
    def sites(self) -> tuple[Site, ...]:
        """early, middle, late."""
        return tuple(sorted(self._engine.sites.values(), key=lambda site: site.layer))

    def read(self, text: str, site: str) -> Reading:
        """Which features fire on which token of a text.

        PlayerError for an empty or overlong text.
        """
        if not text.strip():
            raise PlayerError("There is nothing to read yet: write a few words first.")
        if len(text) > MAX_CHARACTERS:
            raise PlayerError(
                f"The text has {len(text)} characters; at most {MAX_CHARACTERS} are read."
            )
        self._site(site)
        return self._engine.read([text], site)[0]

    def firings(
        self, reading: Reading, token: int | None = None, level: str | None = None
    ) -> tuple[Firing, ...]:
        """Features of one token, or of the text by peak, that fire close to their own maximum
        first: what always fires a little says little. At most MAX_FIRINGS."""
        maxima = self._atlas.maxima(reading.site)
        places = range(1, len(reading.tokens)) if token is None else [token]
        peaks: dict[int, tuple[float, int]] = {}
        for place in places:
            for feature, value in reading.features[place]:
                if value > peaks.get(feature, (0.0, 0))[0]:
                    peaks[feature] = (value, place)
        shares = {f: min(1.0, peak / (maxima[f] or peak)) for f, (peak, _) in peaks.items()}
        first = sorted(peaks, key=lambda f: (-shares[f], -peaks[f][0], f))[:MAX_FIRINGS]
        picks = [Pick(reading.site, f) for f in first]
        return tuple(
            Firing(pick, self.name(pick, level), *peaks[pick.feature], shares[pick.feature])
            for pick in picks
        )

    def trail(self, reading: Reading, feature: int) -> tuple[float, ...]:
        """One feature's activation on every token of a reading, 0 where it is silent."""
        return hunt.trail(reading, feature)

    def card(self, pick: Pick, level: str | None = None) -> Card:
        """A feature's card; a level that hides labels gets it without explanations and concepts."""
        self._check(pick)
        card = self._atlas.card(pick.site, pick.feature)
        return replace(card, explanations=(), concepts=()) if self._hides_labels(level) else card

    def name(self, pick: Pick, level: str | None = None) -> str:
        """A short name for a button: the label, or top tokens where a level hides labels."""
        if not self._hides_labels(level):
            self._check(pick)
            return self._atlas.label(pick.site, pick.feature)
        card = self.card(pick, level)
        peaks = (each.tokens[each.maxValueTokenIndex].strip() for each in card.activations)
        told = list(dict.fromkeys(peak for peak in peaks if peak))[:NAME_TOKENS]
        return ", ".join(told) or f"feature {pick.feature}"

    def search(self, query: str, site: str | None = None, limit: int = 20) -> list[Hit]:
        """By label, concept, token or number; an empty query gives the best detectors."""
        return self._atlas.search(query, site, limit)

    def _hides_labels(self, level: str | None) -> bool:
        chosen = self._shelf.level(level) if level else None
        return isinstance(chosen, HuntLevel) and not chosen.show_labels

    def _site(self, name: str) -> Site:
        sites = self._engine.sites
        if name not in sites:
            raise PlayerError(
                f"There is no part {name!r} in this model; there are {', '.join(sites)}."
            )
        return sites[name]

    def _check(self, pick: Pick) -> None:
        width = self._site(pick.site).width
        if not 0 <= pick.feature < width:
            raise PlayerError(
                f"There is no feature {pick.feature} in the {pick.site} part; "
                f"they go from 0 to {width - 1}."
            )

    # -- playing
    def submit(self, player: str, level: str, pick: Pick) -> HuntVerdict:
        """Judges a hunt level's answer and remembers the attempt."""
        chosen = self._open_level(player, level)
        if not isinstance(chosen, HuntLevel):
            raise PlayerError(
                f"“{chosen.title}” is played by steering, not by submitting a feature."
            )
        self._check(pick)
        if pick.site not in chosen.sites:
            raise PlayerError(f"In this level you look at: {', '.join(chosen.sites)}.")
        hints = self._store.hints(player, level)
        verdict = hunt.judge(chosen, self._bench, pick, hints)
        evidence = {
            "auroc": verdict.auroc,
            "control": verdict.control,
            "sentence": verdict.sentence,
        }
        score = 100 * verdict.auroc
        answer = asdict(pick)
        self._store.record(
            player, Attempt(level, verdict.won, verdict.stars, score, hints, answer, evidence)
        )
        return verdict

    def dials(
        self, level: str, picks: Sequence[Pick], strengths: Sequence[float]
    ) -> tuple[Dial, ...]:
        """The dials of a level for these features; it fixes methods and scopes."""
        for pick in picks:
            self._check(pick)
        turns = [Turn(pick, strength) for pick, strength in zip(picks, strengths, strict=True)]
        chosen = self._steering_level(self._shelf.level(level))
        return steering.dials_of(chosen, self._atlas, turns)

    def par(self, level: str) -> float | None:
        """The strength to stay below, in residual norms, in a level that counts it."""
        return self._steering_level(self._shelf.level(level)).par(self._atlas)

    def steer(
        self, player: str, level: str, picks: Sequence[Pick], strengths: Sequence[float]
    ) -> Iterator[Event]:
        """Runs a level that is steered: Began, Said (first triple), Counted, one SteerVerdict.

        Closing it cancels the rows.
        """
        chosen = self._steering_level(self._open_level(player, level))
        if not picks:
            raise PlayerError("Choose a feature first.")
        dials = self.dials(level, picks, strengths)
        replies = yield from steering.run(chosen, self._bench, dials)
        hints = self._store.hints(player, level)
        history = steering.history(self._store.attempts(player, level), dials)
        verdict = steering.judge(chosen, self._bench, replies, hints, history)
        self._store.record(player, steering.attempt(verdict, hints))
        yield verdict

    def _steering_level(self, level: Level) -> SteeringLevel:
        if not isinstance(level, SteeringLevel):
            raise PlayerError(f"“{level.title}” is not played by steering.")
        return level

    # -- levels that ask
    def ask(self, player: str, level: str) -> Asked:
        """The next round of questions; the same until it is answered."""
        chosen = self._ask_level(self._open_level(player, level))
        seed = len(self._store.attempts(player, level))
        dealt = self._deals.of(chosen, seed)
        return Asked(seed, tuple(sealed.question for sealed in dealt), chosen.probes)

    def attempt_text(self, player: str, level: str, seed: int, number: int, text: str) -> Graded:
        """What a written answer would give. PlayerError for an empty or overlong text."""
        sealed = self._deals.of(self._ask_level(self._open_level(player, level)), seed)[number]
        if sealed.grade is None:
            raise PlayerError("This question is answered by choosing, not by writing.")
        if not text.strip():
            raise PlayerError("There is nothing to try yet: write a few words first.")
        return sealed.grade(ask.checked_text(sealed.question, text))

    def probe(
        self, player: str, level: str, seed: int, number: int, prompt: str
    ) -> tuple[Trace, ...]:
        """Replies without and with the hidden dial of a question."""
        chosen = self._ask_level(self._open_level(player, level))
        if len(prompt) > MAX_CHARACTERS:
            raise PlayerError(f"At most {MAX_CHARACTERS} characters are read.")
        requests = chosen.probe(self._bench, seed, number, prompt)
        return tuple(self._engine.generate(requests).traces())

    def answer(self, player: str, level: str, seed: int, answers: Sequence[Answer]) -> AskVerdict:
        """Judges a round and remembers the attempt. PlayerError for a round answered before."""
        chosen = self._ask_level(self._open_level(player, level))
        if seed != len(self._store.attempts(player, level)):
            raise PlayerError("These questions were answered already. Reload for new ones.")
        hints = self._store.hints(player, level)
        verdict = ask.judge(chosen, self._deals.of(chosen, seed), answers, hints)
        evidence = {"sentence": verdict.sentence, "right": [m.right for m in verdict.marks]}
        answer = {"seed": seed, "answers": list(answers)}
        attempt = Attempt(level, verdict.won, verdict.stars, verdict.score, hints, answer, evidence)
        self._store.record(player, attempt)
        return verdict

    def _ask_level(self, level: Level) -> AskLevel:
        if not isinstance(level, AskLevel):
            raise PlayerError(f"“{level.title}” asks no questions.")
        return level

    # -- sandbox
    def sandbox(self, state: Sandbox) -> Iterator[Event]:
        """Began, Said..., then one Outcome. Without dials there is only the baseline row."""
        requests: list[Request] = triples.requests(state.prompt, state.dials, state.sampling)
        rows = ROWS if state.dials else ROWS[:1]
        for dial in state.dials:
            self._check(Pick(dial.site, dial.feature))
        stream = self._engine.generate(requests[: len(rows)])
        try:
            yield Began(state.prompt, state.dials, rows)
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
        state = share.decode(code)
        for dial in state.dials:
            self._check(Pick(dial.site, dial.feature))
        return state
