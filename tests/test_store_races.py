"""What many do at the same moment, in threads of one game and in several games on one file."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier
from typing import TypeVar

import pytest

from playground.store.records import Attempt, PlayerId, Probe
from playground.store.store import Store

MODEL = "pocket"
THREADS, PROCESSES, REPETITIONS = 12, 4, 10
PATIENCE = 120  # seconds for another process to come, on a busy machine
T = TypeVar("T")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store.open(url)
    yield store
    store.close()


def attempt(stars: int = 0, round: int | None = None, level: str = "cats") -> Attempt:
    verdict = {"said": stars}
    return Attempt(level, stars > 0, stars, 10.0 * stars, 0, {}, {}, None, verdict, round)


def at_once(act: Callable[[int], T]) -> list[T]:
    barrier = Barrier(THREADS)

    def together(number: int) -> T:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(together, range(THREADS)))


def test_twelve_hand_ins_of_a_round_record_one(store: Store) -> None:
    player = store.players.enter(None).id
    for round in range(REPETITIONS):
        made = at_once(lambda n, round=round: store.record(player, MODEL, attempt(n % 4, round)))
        assert sum(each.new for each in made) == 1
        assert len({each.attempt.at for each in made}) == 1
        kept = store.attempts(player, MODEL, "cats")
        assert len(kept) == round + 1
        assert all(each.attempt == kept[-1] for each in made)


@pytest.mark.parametrize("tries", [1, 3])
def test_twelve_hand_ins_record_as_many_as_there_are_tries(store: Store, tries: int) -> None:
    player = store.players.enter(None).id
    for repetition in range(REPETITIONS):
        given = [attempt(n % 4, level=f"exam-{repetition}") for n in range(THREADS)]
        made = at_once(lambda n, given=given: store.record(player, MODEL, given[n], tries))
        kept = store.attempts(player, MODEL, f"exam-{repetition}")
        assert sum(each.new for each in made) == tries == len(kept)
        assert [each.round for each in kept] == list(range(tries))
        assert all(each.attempt == kept[-1] for each in made if not each.new)
        best = max(each.stars for each in kept)
        shown = store.replay(player, MODEL, f"exam-{repetition}")
        assert shown is not None
        assert shown.verdict == {"said": best}


def test_a_hunt_can_be_repeated_at_once(store: Store) -> None:
    player = store.players.enter(None).id
    made = at_once(lambda n: store.record(player, MODEL, attempt(n % 4)))
    assert all(each.new for each in made)
    assert sorted(each.attempt.round or 0 for each in made) == list(range(THREADS))
    shown = store.replay(player, MODEL, "cats")
    assert shown is not None
    assert (shown.stars, shown.verdict) == (3, {"said": 3})


def test_hints_probes_sittings_and_shared_results_at_once(store: Store) -> None:
    player = store.players.enter(None).id
    for seed in range(REPETITIONS // 4):
        level, probe = f"quiz-{seed}", Probe(0, "x", ("a", "b"))
        at_once(lambda n, level=level: store.open_hints(player, MODEL, level, n % 3))
        assert store.hints(player, MODEL, level) == 2
        kept = at_once(
            lambda n, level=level, seed=seed, probe=probe: store.keep_probe(
                player, MODEL, level, seed, replace(probe, number=n % 2), most=2
            )
        )
        assert sum(kept) == 4 == len(store.probes(player, MODEL, level, seed))
        at_once(lambda n, seed=seed: store.sit(player, MODEL, seed, [str(n)]))
        assert len(store.sittings(player, MODEL)[seed]) == 1
        stood = at_once(lambda n, seed=seed: store.share(f"deal/{seed}", [n]))
        assert stood == [store.shared(f"deal/{seed}")] * THREADS


def test_many_players_write_at_once(store: Store) -> None:
    players = [store.players.enter(None).id for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: store.record(players[n % 8], MODEL, attempt(1)), range(80)))
    assert [store.best(player, MODEL)["cats"].attempts for player in players] == [10] * 8


def played(url: str, barrier: Barrier) -> tuple[PlayerId, list[bool]]:
    """In a process of its own: opens a database that is not there yet, comes as a new player, and
    says which rounds of player 1 it was the first to hand in."""
    barrier.wait(timeout=PATIENCE)
    store = Store.open(url)
    me = store.players.enter(None).id
    first = list[bool]()
    for round in range(REPETITIONS):
        barrier.wait(timeout=PATIENCE)
        first.append(store.record(PlayerId(1), MODEL, attempt(1, round)).new)
    store.close()
    return me, first


def test_processes_make_a_database_together_and_record_a_round_once(url: str) -> None:
    context = multiprocessing.get_context("spawn")  # a fork would take open connections along
    with context.Manager() as manager, context.Pool(PROCESSES) as pool:
        barrier = manager.Barrier(PROCESSES)
        done = pool.map(partial(played, url), [barrier] * PROCESSES, chunksize=1)
    assert sorted(me for me, _ in done) == [1, 2, 3, 4]
    firsts = zip(*(first for _, first in done), strict=True)
    assert [sum(each) for each in firsts] == [1] * REPETITIONS
    store = Store.open(url)
    assert len(store.attempts(PlayerId(1), MODEL, "cats")) == REPETITIONS
    store.close()
