"""Talking with an instruct model while dials are turned: three replies a turn, of which one is gone
on with. A player has one conversation with each model, which is kept. Knows no Gradio.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from threading import Event
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from playground.engine.client import Client
from playground.engine.directions import TextContrast, Way
from playground.engine.protocol import Engine, Stream
from playground.engine.records import (
    NO_FEATURE,
    Dial,
    Exchange,
    Finish,
    InLine,
    Reading,
    Request,
    Sampling,
    Scope,
    Talk,
    check_whole,
)
from playground.errors import PlayerError
from playground.levels.dealing import triples
from playground.levels.dealing.triples import ROWS, Began, Row, Said
from playground.levels.judging import Bench
from playground.store.records import PlayerId
from playground.store.store import Store

MAX_SAID = 12_000  # characters of a message, or of what is said beforehand
MAX_TURNS = 60  # kept; the oldest go
MAX_DIALS = 2
TEMPERATURE, TOP_P = 0.7, 0.95  # an instruct model repeats itself where it is cooler
REPLY_TOKENS = 60  # at most, unless the player wants more or fewer
FIRST = "cats"  # what is on the dial where nobody has turned one


class TalkPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KeptDial(TalkPart):
    """A direction at a strength: a concept's (its name), a feature's, or one of the learner's own
    texts (its two lists). sites: that it pushes at, each with the strength; only a concept has
    several. scope: tokens that are pushed, those of a feature and of own texts in the reply."""

    sites: tuple[str, ...]
    strength: float
    scope: Scope = "reply"
    concept: str = ""
    feature: int = NO_FEATURE
    name: str = ""
    way: Way = "means"
    about: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def contrast(self) -> TextContrast:
        return TextContrast(self.name, self.sites[0], self.way, self.about, self.others)


class Pushed(TalkPart):
    """What a dial was when a turn was answered. name: of a concept, of the learner's own direction,
    or the number of a feature."""

    name: str
    strength: float


class KeptTurn(TalkPart):
    """What was said and the three replies, or one where no dial was turned. row: which of them the
    talk goes on with; forgotten: how many earlier turns the model was not shown; ended: how each
    reply came to its end. dials, system: as they were then; dials are None where an earlier version
    of the game has kept the turn."""

    said: str
    replies: dict[Row, str]
    ended: dict[Row, Finish] = {}
    row: Row
    seed: int = 0
    pushed: tuple[Pushed, ...] = ()
    forgotten: int = 0
    dials: tuple[KeptDial, ...] | None = None
    system: str | None = None

    @property
    def exchange(self) -> Exchange:
        return Exchange(self.said, self.replies.get(self.row, ""))


class Conversation(TalkPart):
    """system: what the model is told beforehand, None: what its chat template says by itself.
    dropped: how many of the oldest turns are kept no more."""

    system: str | None = None
    dials: tuple[KeptDial, ...] = ()
    turns: tuple[KeptTurn, ...] = ()
    dropped: int = 0

    def before(self, number: int) -> Talk | None:
        """What stood before a turn when it was answered; None where that, or the turn, is not kept
        whole. number: of the turn, among all that there were."""
        place = number - self.dropped
        if not 0 <= place < len(self.turns):
            return None
        turn = self.turns[place]
        start = turn.forgotten - self.dropped
        if start < 0 or turn.dials is None:
            return None
        return Talk(turn.system, tuple(each.exchange for each in self.turns[start:place]))

    @property
    def whole(self) -> frozenset[int]:
        """Numbers of the turns whose replies can be read again as they were written."""
        numbers = range(self.dropped, self.dropped + len(self.turns))
        return frozenset(each for each in numbers if self.before(each) is not None)


Turning = Callable[[tuple[KeptDial, ...]], Sequence[KeptDial]]  # of those that are on


class Talking:
    """Safe to call from any thread; holds no state of any player outside the store."""

    def __init__(self, bench: Bench, store: Store) -> None:
        self._bench = bench
        self._store = store

    # -- the conversation
    def conversation(self, player: PlayerId) -> Conversation:
        """As it stands; one that this version cannot read begins anew."""
        return self._read(self._store.talk(player, self._bench.model))

    def tell(self, player: PlayerId, system: str | None) -> Conversation:
        """What the model is told beforehand, from the next message on. Raises PlayerError for a
        text that is too long."""
        if system is not None:
            checked(system)
        return self._change(player, lambda now: now.model_copy(update={"system": system}))

    def turn(self, player: PlayerId, change: Turning) -> Conversation:
        """Puts on the dials what `change` makes of those that are on; nothing else changes them
        meanwhile, so that of two clicks none is lost. Raises PlayerError where they are too many.
        """

        def turned(now: Conversation) -> Conversation:
            dials = tuple(change(now.dials))
            if len(dials) > MAX_DIALS:
                raise PlayerError("chat.full", dials=MAX_DIALS)
            return now.model_copy(update={"dials": dials})

        return self._change(player, turned)

    def go_on_with(self, player: PlayerId, row: Row) -> Conversation:
        """Another of the last replies is the one that the model remembers as its own."""

        def change(now: Conversation) -> Conversation:
            if not now.turns or row not in now.turns[-1].replies:
                return now
            last = now.turns[-1].model_copy(update={"row": row})
            return now.model_copy(update={"turns": (*now.turns[:-1], last)})

        return self._change(player, change)

    def last(self, player: PlayerId) -> KeptTurn:
        """The last turn. PlayerError where nothing was said yet."""
        turns = self.conversation(player).turns
        if not turns:
            raise PlayerError("chat.nothing_said")
        return turns[-1]

    def begin_anew(self, player: PlayerId) -> Conversation:
        """Forgets what was said; dials and what the model is told beforehand stay."""
        return self._change(player, lambda now: now.model_copy(update={"turns": (), "dropped": 0}))

    def _change(
        self, player: PlayerId, change: Callable[[Conversation], Conversation]
    ) -> Conversation:
        def changed(kept: Mapping[str, Any] | None) -> Mapping[str, Any]:
            return change(self._read(kept)).model_dump(mode="json")

        return self._read(self._store.keep_talk(player, self._bench.model, changed))

    def _read(self, kept: Mapping[str, Any] | None) -> Conversation:
        if kept is not None:
            with suppress(ValidationError):
                return Conversation.model_validate(kept)
        first = self.tuned(FIRST)
        return Conversation(dials=(first,)) if first else Conversation()

    # -- dials
    @property
    def concepts(self) -> tuple[str, ...]:
        """Whose directions can be turned at once, the best first."""
        return tuple(self._bench.tuned)

    def tuned(self, concept: str) -> KeptDial | None:
        """A concept's direction where it pushes best, as hard as it does there; None for one that
        is not offered."""
        found = self._bench.tuned.get(concept)
        places = {each.layer: each.name for each in self._bench.engine.sites.values()}
        if found is None or not {*found.blocks} <= places.keys():
            return None
        sites = tuple(places[block] for block in found.blocks)
        return KeptDial(sites=sites, strength=found.strength, scope=found.scope, concept=concept)

    def prepare(self) -> None:
        """Reads what the first dial is made of, so that nobody has to wait for it."""
        if (first := self.tuned(FIRST)) is not None:
            for site in first.sites:
                self._bench.about(first.concept, site)

    def dials(self, kept: KeptDial, player: PlayerId) -> tuple[Dial, ...]:
        """As the engine takes it, on all that the model writes. Directions are made of their texts
        when they are first asked for, which may take seconds."""
        return as_asked(kept, self._for(player))

    def _for(self, player: PlayerId, left: Event | None = None) -> Bench:
        return self._bench.on_behalf(Client(str(player), "reply", left or Event(), here=True))

    @property
    def system(self) -> str | None:
        """What the model's chat template tells it by itself; None where nothing can be said
        beforehand."""
        return self._bench.engine.system

    # -- what fires in it
    def reread(
        self, player: PlayerId, number: int, row: Row, site: str, left: Event | None = None
    ) -> Reading:
        """What fires in a reply of a turn: the model reads it again, behind all that it was shown
        then and with the dials that were on it. left: set when nobody waits any more, which raises
        AbandonedError. Raises PlayerError for a reply that is not kept whole."""
        now = self.conversation(player)
        talk = now.before(number)
        turn = None if talk is None else now.turns[number - now.dropped]
        if talk is None or turn is None or row not in turn.replies:
            raise PlayerError("heard.gone")
        bench = self._for(player, left)
        turned = [each for each in turn.dials or () if each.strength]
        dials = [dial for each in turned for dial in as_asked(each, bench)]
        asked = triples.requests(bench.atlas, turn.said, dials, Sampling(max_tokens=1))
        request = replace(asked[ROWS.index(row)], talk=talk, plain=False)
        return bench.engine.reread(request, turn.replies[row], site)

    # -- talking
    def say(
        self,
        player: PlayerId,
        said: str,
        tokens: int = REPLY_TOKENS,
        seed: int = 0,
        instead: bool = False,
    ) -> Iterator[Began | InLine | Said | KeptTurn]:
        """Began, InLine while it waits, Said..., then the turn as it is kept; it is also kept where
        it is closed before. instead: it takes the place of the last one, once it is there. Raises
        PlayerError for a message that is too long."""
        checked(said)
        now = self.conversation(player)
        if instead:
            now = now.model_copy(update={"turns": now.turns[:-1]})
        turned = [each for each in now.dials if each.strength]
        dials = tuple(dial for each in turned for dial in self.dials(each, player))
        engine = self._for(player).engine
        rows = ROWS if dials else ROWS[:1]
        sampling = Sampling(TEMPERATURE, TOP_P, tokens, seed)
        requests, forgotten = self._requests(engine, now, said, dials, sampling)
        stream = engine.generate(requests[: len(rows)])
        turn = KeptTurn(
            said=said,
            replies=dict.fromkeys(rows, ""),
            row=rows[-1] if len(rows) == 1 else "steered",
            seed=seed,
            pushed=tuple(map(pushed_by, turned)),
            forgotten=forgotten,
            dials=tuple(turned),
            system=now.system,
        )
        yield Began(said, dials, rows)
        yield from self._written(player, turn, stream, instead)

    def _requests(
        self,
        engine: Engine,
        now: Conversation,
        said: str,
        dials: Sequence[Dial],
        sampling: Sampling,
    ) -> tuple[list[Request], int]:
        """Baseline, steered, control; and how many of the oldest turns had to be left out."""
        talk = Talk(now.system, tuple(each.exchange for each in now.turns))
        fitted = engine.fitted(Request(said, (), sampling, talk)).talk
        rows = triples.requests(self._bench.atlas, said, dials, sampling)
        forgotten = now.dropped + len(talk.turns) - len(fitted.turns)
        return [replace(each, talk=fitted, plain=False) for each in rows], forgotten

    def _written(
        self, player: PlayerId, turn: KeptTurn, stream: Stream, instead: bool
    ) -> Iterator[InLine | Said | KeptTurn]:
        replies, ended, rows = dict(turn.replies), dict[Row, Finish](), list(turn.replies)
        failed = False
        try:
            yield from stream.in_line()
            for place, token in stream:
                replies[rows[place]] += token.text
                yield Said(rows[place], token)
            ended = {row: each.finish for row, each in zip(rows, stream.traces(), strict=True)}
        except Exception:
            failed = True
            raise
        finally:
            stream.cancel()
            if not failed:
                stopped: dict[Row, Finish] = dict.fromkeys(rows, "cancelled")
                turn = turn.model_copy(update={"replies": replies, "ended": stopped | ended})
                self._change(player, lambda now: with_one(now, turn, instead))
        yield turn


def with_one(now: Conversation, turn: KeptTurn, instead: bool) -> Conversation:
    """One turn longer, or with the last one replaced; and as long as is kept."""
    turns = (*(now.turns[:-1] if instead else now.turns), turn)
    gone = max(0, len(turns) - MAX_TURNS)
    return now.model_copy(update={"turns": turns[gone:], "dropped": now.dropped + gone})


def as_asked(kept: KeptDial, bench: Bench) -> tuple[Dial, ...]:
    site, strength, scope = kept.sites[0], kept.strength, kept.scope
    if kept.feature != NO_FEATURE:
        return (Dial(site, kept.feature, strength, "add", scope),)
    if not kept.concept:
        own = bench.direction(kept.contrast)
        return (Dial.along(site, own, strength, "add", scope),)
    about = ((each, bench.about(kept.concept, each)) for each in kept.sites)
    return tuple(Dial.along(each, way, strength, "add", scope) for each, way in about)


def pushed_by(dial: KeptDial) -> Pushed:
    name = dial.concept or dial.name or str(dial.feature)
    return Pushed(name=name, strength=dial.strength)


def checked(text: str) -> None:
    """Raises PlayerError for a text that is too long, or that cannot be spelt."""
    check_whole(text)
    if len(text) > MAX_SAID:
        raise PlayerError("errors.too_long", count=len(text), limit=MAX_SAID)
