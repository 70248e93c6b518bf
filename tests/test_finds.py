"""Verdicts on a feature that are worked out once for everybody, and kept."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import cast

import pytest

from playground.atlas.atlas import Atlas
from playground.engine.client import Client
from playground.game.finds import Finds, find_key
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds import hunt
from playground.levels.kinds.hunt import HuntLevel
from playground.levels.schema import STARS_WITH_ANSWER, Pick
from playground.levels.shelf import Shelf
from playground.store.store import Store
from tests.fake_model import CAT, FakeAtlas, FakeEngine

TEXTS = {"cats": [LabelledText("a kitten", True), LabelledText("the train", False)]}
RIGHT = Pick("late", CAT)


def bench(engine: FakeEngine) -> Bench:
    return Bench(engine, cast(Atlas, FakeAtlas()), TEXTS)


def hunting(shelf: Shelf) -> HuntLevel:
    found = shelf.level("find-cats")
    assert isinstance(found, HuntLevel)
    return found


def opened(path: Path) -> Store:
    return Store.open(f"sqlite:///{path / 'p.db'}")


def test_ten_who_wait_have_one_verdict_worked_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, level, judge = opened(tmp_path), hunting(Shelf.load()), hunt.judge
    judged, together = list[Pick](), Barrier(10)

    def counted(level: HuntLevel, bench: Bench, pick: Pick) -> hunt.HuntVerdict:
        judged.append(pick)
        return judge(level, bench, pick)

    monkeypatch.setattr(hunt, "judge", counted)
    finds = Finds(bench(FakeEngine()), store)

    def hand_in(hints: int) -> int:
        together.wait()
        return finds.verdict(level, RIGHT, hints, Client(f"player {hints}")).stars

    with ThreadPoolExecutor(10) as threads:
        stars = list(threads.map(hand_in, range(10)))
    assert judged == [RIGHT]
    assert stars == [3, 3, 3, STARS_WITH_ANSWER] + [3] * 6  # the third hint is the answer
    store.close()


def test_a_verdict_survives_a_restart_in_the_other_language_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, shelf = opened(tmp_path), Shelf.load()
    first = Finds(bench(FakeEngine()), store).verdict(hunting(shelf), RIGHT, 0, Client())
    store.close()
    monkeypatch.setattr(hunt, "judge", lambda *_: pytest.fail("worked out again"))
    store, russian = opened(tmp_path), hunting(shelf.told_in("ru"))
    again = Finds(bench(FakeEngine()), store).verdict(russian, RIGHT, 0, Client())
    assert (again.auroc, again.texts) == (first.auroc, first.texts)
    assert [each.says for each in again.goals] == [each.says for each in russian.goals]
    store.close()


def test_what_an_older_game_kept_is_worked_out_again(tmp_path: Path) -> None:
    store, level, here = opened(tmp_path), hunting(Shelf.load()), bench(FakeEngine())
    store.share(find_key(here, level, RIGHT), {"level": "find-cats"})
    assert Finds(here, store).verdict(level, RIGHT, 0, Client()).won
    store.close()
