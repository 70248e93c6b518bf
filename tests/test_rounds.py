"""A round of questions that is interrupted: its process killed, its page left, its answers handed
in twelve times at once."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Barrier, Event
from time import sleep
from typing import Any, cast
from uuid import uuid4

import pytest

from playground.atlas.atlas import Atlas
from playground.errors import AbandonedError
from playground.game.game import Game
from playground.levels.dealing import deals
from playground.levels.dealing.deals import Deals
from playground.levels.dealing.questions import AskLevel, AskVerdict, Question, Sealed
from playground.levels.judging import Bench
from playground.levels.shelf import Chapter, Shelf
from playground.screens.pages import ask
from playground.settings import SHIPPED
from playground.store.records import PlayerId
from playground.store.store import Store
from tests.fake_model import FakeAtlas, FakeEngine
from tests.kind_parts import fields
from tests.stages import stage_of
from tests.standstill import PATIENCE

FORKLESS = multiprocessing.get_context("spawn")  # a fork would take open connections along
ANSWERS = (1, None, 0)


class Unique(AskLevel):
    """No two of its questions are alike, so only what was kept can stand again."""

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        for _ in range(self.rounds):
            yield Sealed(Question(f"{uuid4()}?", "choose", (), ("a", "b")), 0, 1)


class Endless(AskLevel):
    """Deals its first question at once and the second when somebody lets it."""

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        yield Sealed(Question("first?", "choose", (), ("a", "b")), 0, 1)
        begun.append(seed)
        while not go.wait(0.01):
            if bench.engine.client.left.is_set():
                stopped.set()
                raise AbandonedError("nobody is there")
        for _ in range(1, self.rounds):
            yield Sealed(Question("second?", "choose", (), ("a", "b")), 0, 1)


begun, go, stopped = list[int](), Event(), Event()


def bench() -> Bench:
    return Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})


def game_of(url: str, level: AskLevel) -> tuple[Game, Store]:
    chapter = Chapter(slug="asking", title="Asking", blurb="Questions.", levels=(level.id,))
    store = Store.open(url)
    shelf = Shelf((chapter,), (level,), Shelf.load().moulds)
    return Game.of(bench(), store, shelf), store


def unique() -> Unique:
    return Unique.model_validate(fields("spot", 3, 2, 2.5, 3))


@pytest.fixture
def endless() -> Endless:
    begun.clear()
    go.clear()
    stopped.clear()
    return Endless.model_validate(fields("spot", 2, 1, 1.5, 2))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'p.db'}"


# -- killed ----------------------------------------------------------------------------------------
def begin(url: str, pipe: Connection) -> None:
    """In a process of its own: comes as a new player, answers, and waits to be killed."""
    level = unique()
    game, store = game_of(url, level)
    entered = game.players.enter(None)
    player, secret = entered.id, entered.secret
    asked = game.attempts.ask(player, level.id)
    texts = [game.attempts.question(player, level.id, asked.seed, n).ask for n in range(3)]
    game.attempts.note(player, level.id, asked.seed, dict(enumerate(ANSWERS)))
    key = deals.round_key(bench(), level, asked.seed)
    while not all(store.shared(f"{key}/{n}") for n in range(3)):  # kept behind whoever asked
        sleep(0.01)
    pipe.send((secret, asked.seed, texts))
    pipe.recv()


def go_on(url: str, pipe: Connection, secret: str) -> None:
    """In another process: the same player, in one language and then in the other."""
    level, found = unique(), list[object]()
    game, _ = game_of(url, level)
    for told in (game, game.in_language("ru")):
        player = told.players.known(secret).id
        asked = told.attempts.ask(player, level.id)
        texts = [told.attempts.question(player, level.id, asked.seed, n).ask for n in range(3)]
        found.append((asked.seed, texts, asked.answers))
    pipe.send(found)
    pipe.recv()


def killed(target: Any, url: str, *more: object) -> Any:
    """What a process says before it is killed at once."""
    here, there = FORKLESS.Pipe()
    process = FORKLESS.Process(target=target, args=(url, there, *more))
    process.start()
    there.close()
    try:
        assert here.poll(PATIENCE), "it says nothing"
        said = here.recv()
    finally:
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    assert process.exitcode == -signal.SIGKILL
    return said


def test_a_round_stands_after_its_process_was_killed_in_another_language_too(url: str) -> None:
    secret, seed, texts = killed(begin, url)
    assert len(set(texts)) == 3
    assert killed(go_on, url, secret) == [(seed, texts, ANSWERS)] * 2


# -- handed in at once -----------------------------------------------------------------------------
def test_twelve_hand_ins_of_a_round_at_the_same_time_count_once(url: str) -> None:
    level = unique()
    game, store = game_of(url, level)
    player, barrier = game.players.enter(None).id, Barrier(12)
    game.attempts.question(player, level.id, 0, 0)

    def hand_in(number: int) -> AskVerdict:
        barrier.wait()
        return game.attempts.answer(player, level.id, 0, (number % 2,) * 3)

    with ThreadPoolExecutor(12) as pool:
        verdicts = list(pool.map(hand_in, range(12)))
    (kept,) = store.attempts(player, SHIPPED, level.id)
    assert all(verdict == verdicts[0] for verdict in verdicts)
    assert (verdicts[0].won, verdicts[0].stars) == (kept.won, kept.stars)
    assert [each.answer for each in verdicts[0].marks] == kept.answer["answers"]
    assert game.attempts.ask(player, level.id).seed == 1
    game.close()


# -- left ------------------------------------------------------------------------------------------
def test_dealing_stops_when_nobody_waits_and_begins_anew(endless: Endless) -> None:
    made, left = Deals(bench()), Event()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(made.question, endless, 0, 1, left)
        while not begun:
            sleep(0.01)
        left.set()
        with pytest.raises(AbandonedError):
            first.result()
        assert stopped.wait(PATIENCE)
        again = pool.submit(made.question, endless, 0, 1)
        go.set()
        assert again.result().question.ask == "second?"
    assert begun == [0, 0]


def test_dealing_goes_on_for_those_who_still_wait(endless: Endless) -> None:
    made, left = Deals(bench()), Event()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(made.question, endless, 0, 1, left)
        other = pool.submit(made.question, endless, 0, 1)
        while not begun:
            sleep(0.01)
        left.set()
        with pytest.raises(AbandonedError):
            first.result()
        go.set()
        assert other.result().question.ask == "second?"
    assert not stopped.is_set() and begun == [0]


def test_a_page_that_is_left_lets_its_questions_go(
    endless: Endless, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("playground.screens.stage.BEAT", 0.01)
    game, _ = game_of(url, endless)
    player: PlayerId = game.players.enter(None).id
    steps = cast(Any, ask.deal(stage_of(game), ask.AskDesk(endless.id), player))
    while not begun:
        next(steps)
    assert not stopped.is_set()
    steps.close()
    assert stopped.wait(PATIENCE)
    game.close()
