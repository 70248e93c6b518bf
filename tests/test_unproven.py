"""Drawn levels that nobody has proven yet: proven when somebody opens them, and what stands for one
that cannot be won."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from playground.errors import PlayerError
from playground.game import daily, exam
from playground.game.game import Game
from playground.levels.judging import Bench
from playground.levels.proving import lottery
from playground.levels.templates import Draw
from playground.screens.pages import daily as daily_page
from playground.screens.pages import exam as exam_page
from playground.settings import SHIPPED
from playground.store.records import Attempt, Player, PlayerId
from playground.store.store import Store
from tests.stages import stage_of
from tests.test_drawn import DAY, SHELF, fake_bench, opened


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """An exam of two kinds that the fake model can play."""
    monkeypatch.setattr(exam, "GROUPS", (("hunt",), ("steer",)))


class Proofs:
    """Stands for `fitted`: what is about cats cannot be won. Notes what was asked."""

    def __init__(self) -> None:
        self.asked = list[str]()

    def __call__(self, level: Any, bench: Bench) -> int:
        assert bench.engine.client.work == "deal" and not bench.engine.client.left.is_set()
        self.asked.append(f"{level.kind} {level.concept}")
        return 0 if level.concept == "cats" else 3


@pytest.fixture
def proofs(monkeypatch: pytest.MonkeyPatch) -> Proofs:
    stub = Proofs()
    monkeypatch.setattr(lottery, "fitted", stub)
    return stub


@pytest.fixture
def unproven(tmp_path: Path, proofs: Proofs) -> Iterator[Game]:
    """A game in which everything that is drawn is to be proven first."""
    assert not proofs.asked
    store = Store.open(f"sqlite:///{tmp_path / 'p.db'}")
    game = Game.of(fake_bench(), store, SHELF, lambda: DAY)
    yield game
    game.close()


def parts(game: Game, player: PlayerId) -> list[tuple[str, bool]]:
    return [(part.id, part.ready) for part in game.challenges.exam(player).parts]


@pytest.mark.usefixtures("short")
def test_a_part_is_proven_when_it_is_opened_and_the_next_lot_stands_for_it(
    unproven: Game, proofs: Proofs
) -> None:
    player, store = opened(unproven), unproven._house.store
    unproven.challenges.sit(player)
    assert [ready for _, ready in parts(unproven, player)] == [False, False]
    assert proofs.asked == []  # beginning proves nothing
    others = [opened(unproven) for _ in range(2)]
    for each in others:
        store.sit(each, SHIPPED, 1, ["exam-1-hunt-cats", "exam-1-steer-cats"])
    with pytest.raises(PlayerError, match="errors.unproven"):
        unproven.course.start(others[0], "exam-1-hunt-cats")
    stage = stage_of(unproven)
    assert (
        'data-act="prove" data-level="exam-1-hunt-cats"'
        in exam_page.opened(stage, Player(others[0], ""))[1]
    )
    event: Any = SimpleNamespace(_data={"act": "prove", "level": "exam-1-hunt-cats"})
    steps = list(exam_page.act(stage, others[0], event))
    assert stage.words("exam.proving") in str(steps[0][0])
    assert steps[-1][0] == "" and 'href="hunt?level=exam-1-hunt-chocolate"' in str(steps[-1][1])
    for each in (player, *others):
        for id, ready in parts(unproven, each):
            if not ready:
                unproven.challenges.prove(each, id)
        assert parts(unproven, each) == [
            ("exam-1-hunt-chocolate", True),
            ("exam-1-steer-chocolate", True),
        ]
    assert len(proofs.asked) == len(set(proofs.asked)) == 4  # for all players, each lot once
    with pytest.raises(PlayerError, match="errors.no_exam_part"):
        unproven.challenges.prove(player, "exam-2-hunt-cats")


@pytest.mark.usefixtures("short")
def test_a_part_that_was_tried_stays_and_one_without_another_lot_goes(
    unproven: Game, proofs: Proofs
) -> None:
    player, store = opened(unproven), unproven._house.store
    store.sit(player, SHIPPED, 1, ["exam-1-hunt-cats", "exam-1-steer-cats"])
    store.record(player, SHIPPED, Attempt("exam-1-hunt-cats", False, 0, 0.0, 0, {}, {}))
    unproven.challenges.prove(player, "exam-1-hunt-cats")
    store.swap(player, SHIPPED, 1, "exam-1-hunt-cats", [])
    assert proofs.asked == []
    unproven._house.drawn.fails(Draw("exam-1", "steer", ("chocolate",)))
    unproven.challenges.prove(player, "exam-1-steer-cats")
    assert parts(unproven, player) == [("exam-1-hunt-cats", True)]


def test_a_day_whose_lot_fails_gets_the_same_other_one_for_all(
    unproven: Game, proofs: Proofs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(daily, "kinds", lambda day: ["steer"])
    lot, first = "lot/pocket/None/daily-2026-11-25/0", unproven.players.enter(None).id
    assert unproven._house.store.share(lot, "daily-2026-11-25-steer-cats")
    other, stage = unproven.players.enter(None).id, stage_of(unproven)
    today = unproven.challenges.daily(first)
    assert (today.level.concept, today.ready) == ("cats", False)
    assert stage.words("daily.proving") in daily_page.draw(stage.words, today)
    for player in (first, other):
        list(daily_page.prove(stage, player))
        today = unproven.challenges.daily(player)
        assert (today.level.id, today.ready) == ("daily-2026-11-25-steer-chocolate", True)
    assert proofs.asked == ["steer cats", "steer chocolate"]
    unproven.course.start(other, today.level.id)
