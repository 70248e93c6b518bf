"""Lots whose proofs ship with the game, and what a drawn level asks for because of its proof."""

from pathlib import Path

import pytest

from playground.errors import AuthorError
from playground.game.library import Library
from playground.levels.judging import Bench
from playground.levels.kinds import KINDS
from playground.levels.proving import lottery, tuning
from playground.levels.proving.lottery import Drawn
from playground.levels.shelf import LEVELS, Shelf
from playground.levels.templates import Draw
from tests.test_drawn import fake_bench

SHELF = Shelf.load()
LOTS = 3  # of a kind at least, proven and shipped


def test_shipped_proofs_are_read_or_named(tmp_path: Path) -> None:
    assert lottery.read_shipped(tmp_path) == {}
    path = tmp_path / lottery.FILE
    path.write_text('{"proof/2": 3}')
    assert lottery.read_shipped(tmp_path) == {"proof/2": 3}
    path.write_text('{"proof/2": 11}')
    with pytest.raises(AuthorError, match=r"lots\.json: the proofs cannot be read"):
        lottery.read_shipped(tmp_path)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if KINDS[kind].drawn])
def test_lots_that_are_proven_ship_and_hold_for_this_atlas(kind: str, shipped: Bench) -> None:
    """Nobody waits a minute for a part of the exam, and two classmates get different ones."""
    proofs = lottery.read_shipped(LEVELS)
    drawn = Drawn(shipped, SHELF, None, proofs)
    ways = {drawn.key(kind, draw.concepts): draw for draw in drawn.ways(kind)}
    assert sum(proofs.get(key, 0) > 0 for key in ways) >= LOTS
    of_kind = {key for key in proofs if key.rpartition("/")[2].split("+")[0] == kind}
    assert of_kind <= ways.keys()  # none is left of another atlas or an older mould
    exams = {drawn.fresh("exam-1", [kind], f"player {n}").concepts for n in range(40)}
    assert len(exams) >= LOTS


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not KINDS[kind].drawn])
def test_the_shipped_model_can_play_a_lot_of_each_other_kind(kind: str, shipped: Bench) -> None:
    draw = Drawn(shipped, SHELF).proven("exam-1", [kind])
    assert (draw.kind, draw.concepts) == (kind, ())


def test_a_drawn_level_asks_for_what_its_proof_found(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = fake_bench()
    draw = Draw("exam-1", "steer", ("chocolate",))
    plain = Drawn(bench, SHELF)
    mould = SHELF.mould("steer")
    assert plain.level(draw, SHELF).goals[0].at_least == mould.goals[0].at_least == 0.3
    # One feature in ten steers the fake model, so luck is too likely for any bar.
    assert lottery.fitted(SHELF.drawn(draw), bench) == 0
    # Every pushed reply is about chocolate: were luck no matter, the lowest bar would do.
    monkeypatch.setattr(tuning, "LUCKY", 1.0)
    assert plain.tenths(draw) == 1 and plain.holds(draw)
    for shelf, said in (
        (SHELF, "into more than 1 of 10 replies"),
        (SHELF.told_in("ru"), "больше чем в 1 из 10 ответов"),
    ):
        level = Library(shelf, plain).level(draw.id)
        assert level.goals[0].at_least == 0.1 and said in level.goals[0].says
        assert (level.stars.two, level.stars.three) == (pytest.approx(0.325), pytest.approx(0.55))
    assert SHELF.drawn(draw, 8).stars.three == pytest.approx(0.9)
    golf = SHELF.drawn(Draw("exam-1", "golf", ("chocolate",)), 1)
    assert golf.stars == SHELF.mould("golf").stars  # they are given for thrift
