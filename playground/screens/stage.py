"""What every page is built on: the model, its game and words, and how a page hears of events and
keeps what a browser remembers. An error of a handler becomes a sentence here. Draws nothing."""

import inspect
import logging
import math
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import wraps
from threading import Event, Thread
from types import MethodType
from typing import Any, Literal, TypeVar, get_type_hints

import gradio as gr
from markupsafe import escape

from playground.assets import Manifest
from playground.errors import BusyError, PlayerError, StoreError
from playground.game.game import Game
from playground.game.teaching import Teacher
from playground.hosting.gate import OURS
from playground.hosting.rates import Rates
from playground.hosting.signin import SignIn
from playground.models.registry import ModelCard
from playground.settings import SHIPPED
from playground.store.records import Player, PlayerId
from playground.text.words import Words

STORAGE_KEY = "steering-playground-player"
TEACHER_KEY = "steering-playground-teacher"
COLLECTION_KEY = "steering-playground-collection"
# Gradio hides with it what it keeps in a browser; fixed, so that it is read after a restart too.
STORAGE_SECRET = "steering-playground"


@dataclass(frozen=True)
class Offer:
    """A model that the host made available. place: its part of the address, empty for the first.
    name: that browsers keep its players by, however it is offered. without: titles of models that
    should be beside it and could not be had."""

    game: Game
    model: ModelCard
    place: str = ""
    name: str = SHIPPED
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Stage:
    """What every handler gets first. offer: the model of this page; offers: all there are; games:
    of them, in the language of the page, by the model that progress is kept by; rates: of
    players; signin: where accounts elsewhere are let in."""

    game: Game
    words: Words
    manifest: Manifest
    offer: Offer
    offers: Sequence[Offer]
    games: Mapping[str, Game] = field(default_factory=dict)
    rates: Rates = field(default_factory=lambda: Rates(0))
    signin: SignIn | None = None

    def game_on(self, model: str) -> Game:
        """PlayerError for a model that is not offered now."""
        if model not in self.games:
            raise PlayerError("join.no_model", model=model)
        return self.games[model]

    @property
    def model(self) -> ModelCard:
        return self.offer.model


Progress = Literal["once", "multiple", "always_last"]
VALUES_MOST = 64  # that a page may send (hosting/gate.py)
BEAT = 1.0  # seconds between two signs of life to a page that waits
Found = TypeVar("Found")
Shown = TypeVar("Shown")


# -- events and errors ---------------------------------------------------------------------------
def bind(stage: Stage, handler: Callable[..., Any], queued: bool = True) -> Callable[..., Any]:
    """The handler with its stage; an error becomes a warning and leaves the screen as it is. What
    is not queued cannot warn: it fails, and what follows upon that may."""
    bound, entered = MethodType(handler, stage), entrance(stage, handler)
    if inspect.isgeneratorfunction(handler):

        @wraps(bound)
        def steps(*values: object) -> Iterator[Any]:
            try:
                yield from bound(*entered(values))
            except Exception as error:
                gr.Warning(kind_words(stage.words, error), title="")
                yield gr.skip()

        return steps

    @wraps(bound)
    def once(*values: object) -> object:
        try:
            return bound(*entered(values))
        except Exception as error:
            said = kind_words(stage.words, error)
            if not queued:
                title = "" if isinstance(error, PlayerError) else OURS
                raise gr.Error(said, title=title, print_exception=False) from error
            gr.Warning(said, title="")
            return gr.skip()

    return once


def entrance(
    stage: Stage, handler: Callable[..., Any]
) -> Callable[[Sequence[object]], list[object]]:
    """What becomes of a handler's inputs: where it takes a Player, the secret that the browser sent
    is looked up, and made where there is none; where it takes a PlayerId, a stranger is refused,
    and where it takes a Teacher, whoever has not shown the secret of instructors. A player who asks
    too often is told to wait."""
    hints = get_type_hints(handler)
    _, *parameters = inspect.signature(handler).parameters.values()
    taken = [hints.get(each.name) for each in parameters]
    if parameters and parameters[-1].kind is inspect.Parameter.VAR_POSITIONAL:
        taken += taken[-1:] * VALUES_MOST

    def entered(values: Sequence[object]) -> list[object]:
        given = list(values)
        for place, kind in enumerate(taken[: len(given)]):
            if kind in (str, float, list[str]):
                given[place] = meant(given[place], kind)
            if kind not in (Player, PlayerId, Teacher):
                continue
            sent, players = given[place], stage.game.players
            secret = sent if isinstance(sent, str) else None
            if kind is Teacher:
                given[place] = stage.game.teaching.known(secret)
                continue
            player = players.enter(secret) if kind is Player else players.known(secret)
            if wait := stage.rates.wait(str(player.id)):
                raise BusyError("busy.often", seconds=math.ceil(wait))
            given[place] = player if kind is Player else player.id
        return given

    return entered


def meant(sent: object, kind: object) -> object:
    """What a browser keeps and sends may be anything; a handler gets the text or the list of texts
    that it takes, or none; and of a slider or a field for numbers 0 where it was emptied.
    PlayerError for what is no number."""
    if kind is str:
        return sent if isinstance(sent, str) else ""
    if kind is float:
        told = 0.0 if sent is None else sent
        if isinstance(told, bool) or not isinstance(told, int | float) or not math.isfinite(told):
            raise PlayerError("teach.no_number", number=str(sent)[:20])
        return told
    return [each for each in sent if isinstance(each, str)] if isinstance(sent, list) else []


def listen(
    stage: Stage,
    event: Callable[..., Any],
    handler: Callable[..., Any],
    inputs: Sequence[Any] = (),
    outputs: Sequence[Any] = (),
    trigger: Progress = "once",
    queued: bool = True,
) -> Any:
    """One event of a screen: no spinner over the board, not part of any public API."""
    return event(
        bind(stage, handler, queued),
        inputs=list(inputs),
        outputs=list(outputs),
        show_progress="hidden",
        api_visibility="private",
        trigger_mode=trigger,
        queue=queued,
    )


def when_opened(
    stage: Stage,
    page: gr.Blocks,
    handler: Callable[..., Any],
    inputs: Sequence[Any],
    outputs: Sequence[Any],
) -> Any:
    """What a page asks for first: not queued, which takes one request instead of two."""
    asked = listen(stage, page.load, handler, inputs, outputs, queued=False)
    listen(stage, asked.failure, regret)
    return asked


def regret(stage: Stage) -> None:
    gr.Warning(str(escape(stage.words("site.engine"))), title="")


def kind_words(words: Words, error: Exception) -> str:
    """What a learner reads; anything but a PlayerError also goes to the log."""
    if isinstance(error, PlayerError):
        return str(escape(words.said(error.said)))
    logging.getLogger(__name__).error("a handler failed", exc_info=error)
    if isinstance(error, StoreError):
        return str(escape(words("site.store")))
    return str(escape(words("site.engine")))


def waited(
    work: Callable[[Event], Found], beat: Callable[[float], Shown]
) -> Generator[Shown, None, Found]:
    """Does what may take long, on a thread of its own, and yields the beat meanwhile: a handler
    whose page was left is closed where it yields. work: given an event that is set then; beat:
    given the seconds that were waited."""
    left, found = Event(), Future[Found]()

    def worked() -> None:
        try:
            found.set_result(work(left))
        except BaseException as error:  # for the page that waits for it
            found.set_exception(error)

    begun = time.monotonic()
    Thread(target=copy_context().run, args=(worked,), daemon=True).start()
    try:
        while not wait([found], BEAT).done:
            yield beat(time.monotonic() - begun)
        return found.result()
    finally:
        left.set()


# -- what a browser keeps ------------------------------------------------------------------------
def player_state(stage: Stage) -> gr.BrowserState:
    """The secret that a player shows, the same on every model."""
    return gr.BrowserState(None, storage_key=STORAGE_KEY, secret=STORAGE_SECRET)


def teacher_state() -> gr.BrowserState:
    """The token of an instructor's session."""
    return gr.BrowserState(None, storage_key=TEACHER_KEY, secret=STORAGE_SECRET)


def player_before(stage: Stage) -> gr.BrowserState:
    """What version 0.1.0 had the browser keep: another player on every model but the first."""
    return gr.BrowserState(None, storage_key=own(STORAGE_KEY, stage), secret=STORAGE_SECRET)


def collection_state(stage: Stage) -> gr.BrowserState:
    return gr.BrowserState([], storage_key=own(COLLECTION_KEY, stage), secret=STORAGE_SECRET)


def own(key: str, stage: Stage) -> str:
    return key if stage.offer.name == SHIPPED else f"{key}-{stage.offer.name}"
