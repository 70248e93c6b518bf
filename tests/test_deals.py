"""Questions that are dealt once for everybody, kept over restarts, and shipped for first rounds."""

import dataclasses
import gzip
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import sleep
from typing import Any, cast

import pytest

from playground.atlas import tables
from playground.atlas.atlas import Atlas
from playground.errors import AuthorError
from playground.levels.dealing import deals
from playground.levels.dealing.deals import Deals
from playground.levels.dealing.questions import AskLevel, Question, Sealed
from playground.levels.judging import Bench
from playground.levels.shelf import LEVELS, Shelf
from playground.messages import Message
from playground.settings import ASSETS, SHIPPED
from playground.store.store import Store
from playground.text.words import Words
from tests.fake_model import FakeAtlas, FakeEngine
from tests.kind_parts import fields, shipped_round

COURSE = [
    level
    for level in Shelf.load().levels
    if isinstance(level, AskLevel) and level.written_on == SHIPPED
]
# Kinds whose answer a first look does not find: a word's likeness, a larger number, an estimate.
UNSEEN = {
    "beat", "before", "budget", "fetch", "forecast", "induction", "ladder", "misses", "promote",
    "smallest", "swap",
}  # fmt: skip
MOST = 1 << 20  # bytes of what is shipped
dealt = list[tuple[int, int]]()  # what was worked out: seed, number


class Counted(AskLevel):
    """Notes what it deals; a seed of 9 fails at the second question."""

    def deal(self, bench: Bench, seed: int) -> Iterator[Sealed]:
        for number in range(self.rounds):
            dealt.append((seed, number))
            if (seed, number) == (9, 1):
                raise AuthorError("levels/counted.toml: too few")
            yield Sealed(Question(f"{seed}/{number}?", "choose", (), ("a", "b")), 0, 1)


@pytest.fixture
def level() -> Counted:
    dealt.clear()
    return Counted.model_validate(fields("spot", 3, 2, 2.5, 3))


def bench() -> Bench:
    return Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})


def test_one_question_is_dealt_at_a_time_and_once_for_all(level: Counted) -> None:
    made = Deals(bench())
    assert made.question(level, 0, 0).question.ask == "0/0?"
    assert dealt == [(0, 0)]
    with ThreadPoolExecutor(8) as pool:
        asked = list(pool.map(lambda _: made.question(level, 0, 1), range(8)))
    assert len(set(asked)) == 1
    assert dealt == [(0, 0), (0, 1)]
    assert [each.question.ask for each in made.questions(level, 0)] == ["0/0?", "0/1?", "0/2?"]
    assert dealt == [(0, 0), (0, 1), (0, 2)]
    with pytest.raises(IndexError, match="no question 3; there are 3"):
        made.question(level, 0, 3)


def test_what_was_dealt_survives_a_restart(level: Counted, tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'p.db'}")
    first = Deals(bench(), store).questions(level, 1)
    key = deals.round_key(bench(), level, 1)
    while not all(store.shared(f"{key}/{n}") for n in range(3)):  # kept behind whoever asked
        sleep(0.01)
    dealt.clear()
    assert Deals(bench(), store).questions(level, 1) == first
    assert dealt == []
    edited = level.model_copy(update={"probes": 1})
    Deals(bench(), store).question(edited, 1, 0)
    assert dealt == [(1, 0)]  # another version of the level is dealt anew
    store.close()


def test_an_error_is_not_kept(level: Counted) -> None:
    made = Deals(bench())
    made.question(level, 9, 0)
    for _ in range(2):
        with pytest.raises(AuthorError, match="too few"):
            made.question(level, 9, 1)
    assert dealt.count((9, 1)) == 2


# -- what is shipped -------------------------------------------------------------------------------
def shipped_keys() -> dict[str, Any]:
    return dict(deals.read_shipped(LEVELS))


def messages(value: object) -> Iterator[Message]:
    if isinstance(value, Message):
        yield value
    elif isinstance(value, tuple | list | frozenset):
        for each in value:
            yield from messages(each)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from messages(getattr(value, field.name))


def test_first_rounds_of_the_course_are_shipped_and_small() -> None:
    """`python -m playground.levels deals` makes them again when a level or the atlas changed."""
    path = LEVELS / deals.FILE
    assert path.stat().st_size <= MOST
    known = shipped_keys()
    place = f"deal/{deals.FORMAT}/pocket/{tables.edition(ASSETS / 'pocket' / 'atlas')}"
    missing = [
        level.id
        for level in COURSE
        for seed in deals.SHIPPED_SEEDS
        for number in range(level.count)
        if f"{place}/{level.id}/{level.version}/{seed}/{number}" not in known
    ]
    assert missing == []


def test_rounds_of_one_level_are_kept_beside_those_of_others(
    level: Counted, tmp_path: Path
) -> None:
    other = level.model_copy(update={"id": "other"})
    assert len(list(deals.write_shipped(tmp_path, bench(), [level, other]))) == 6
    before = deals.read_shipped(tmp_path)
    edited = other.model_copy(update={"probes": 1})
    done = deals.write_shipped(tmp_path, bench(), [edited], beside=True)
    assert next(done) == "other, deal 0"  # and kept as soon as it is said
    assert len(deals.read_shipped(tmp_path)) == 9 + 3
    assert list(done) == ["other, deal 1", "other, deal 2"]
    after = deals.read_shipped(tmp_path)
    assert len(after) == len(before) == 18
    assert {key for key in before if key in after} == {
        key for key in before if f"/{level.id}/" in key
    }


def test_shipped_questions_are_read_and_said_in_both_languages() -> None:
    said = 0
    for value in shipped_keys().values():
        sealed = deals.SEALED.validate_python(value)
        assert deals.SEALED.dump_python(sealed, mode="json") == value
        for message in messages(sealed):
            for words in (Words.load(), Words.of("ru")):
                assert words.said(message)
            said += 1
    assert said > 1000


@pytest.mark.parametrize("id", [level.id for level in COURSE])
def test_rounds_that_ship_differ(id: str) -> None:
    rounds = [[each.question for each in shipped_round(id, n)] for n in deals.SHIPPED_SEEDS]
    assert all(rounds.count(each) == 1 for each in rounds)


@pytest.mark.parametrize(
    ("level", "seed"),
    [(level, n) for level in COURSE if level.kind in UNSEEN for n in deals.SHIPPED_SEEDS],
    ids=lambda each: getattr(each, "id", each),
)
def test_a_first_look_does_not_win_a_round_that_ships(level: AskLevel, seed: int) -> None:
    dealt = shipped_round(level.id, seed)
    right = sum(each.guess in each.right for each in dealt)
    assert not all(goal.result(right, "").met for goal in level.goals)


@pytest.mark.slow
def test_a_shipped_round_is_the_one_that_is_dealt(shipped: Bench) -> None:
    level = next(each for each in COURSE if each.id == "spot-first")
    known = shipped_keys()
    key = deals.round_key(shipped, level, 0)
    kept = [deals.SEALED.validate_python(known[f"{key}/{n}"]) for n in range(level.count)]
    fresh = list(level.deal(shipped, 0))
    assert [each.question for each in kept] == [each.question for each in fresh]
    assert [each.solution for each in kept] == [each.solution for each in fresh]


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    assert deals.read_shipped(tmp_path) == {}
    path = tmp_path / deals.FILE
    for content in (b"no archive", gzip.compress(json.dumps([1]).encode())):
        path.write_bytes(content)
        with pytest.raises(AuthorError, match=r"deals\.json\.gz: the first rounds cannot be read"):
            deals.read_shipped(tmp_path)
