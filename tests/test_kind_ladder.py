"""Levels on the halves of blocks: on a ladder of eight rungs that is written by hand, on a small
random Llama, and the rounds that ship."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch

from playground.circuits import truth
from playground.circuits.anatomy import Anatomy
from playground.circuits.records import BlockHalf, Ran
from playground.levels.dealing import deals
from playground.levels.dealing.deals import SEALED
from playground.levels.dealing.questions import Bars, Grid, Sealed
from playground.levels.dealing.spoken import SureText
from playground.levels.kinds import ladder
from playground.levels.kinds.ladder import Climb
from playground.levels.shelf import LEVELS
from playground.text.words import Words
from tests import circuit_parts

SAY = Words().said
ANSWER = 1
UP_DOWN_UP = (0.1, 0.2, 0.6, 0.7, 0.2, 0.3, 0.8, 0.9)
UP = (0.1, 0.1, 0.2, 0.2, 0.3, 0.8, 0.9, 0.95)


class RungWords:
    """In the place of Text."""

    def piece(self, token: int) -> str:
        return f" w{token}"


@dataclass(frozen=True)
class RungRun:
    """In the place of PlainRun."""

    ids: tuple[int, ...] = (0, 5, 6)
    answer: int = ANSWER
    said: str = " w1"
    tokens: tuple[str, ...] = ("<s>", " w5", " w6")
    lead: int = 1
    text: RungWords = RungWords()

    @property
    def chances(self) -> np.ndarray:
        return np.array([0.05, 0.95, 0.0])


@dataclass(frozen=True)
class RungPatching:
    """In the place of Patching: the answer's share on each rung, the rest is token 2's; costly: the
    rung without which the answer is lost."""

    shares: tuple[float, ...]
    costly: int = 5

    def ladder(self, one: RungRun) -> np.ndarray:
        return np.array([[0.0, share, 1 - share] for share in self.shares])

    def without(self, one: RungRun, half: BlockHalf) -> Ran:
        lost = half == ladder.half(self.costly)
        return Ran(np.array([0.9, 0.1, 0.0]) if lost else one.chances)


def made(*shares: float, **more: Any) -> Climb:
    patching = cast(Any, RungPatching(shares, **more))
    return Climb(SureText("", patching, cast(Any, RungRun())))


def options(sealed: Sealed) -> list[str]:
    return [SAY(option) for option in sealed.question.options if not isinstance(option, str)]


def test_the_rung_that_took_the_lead_is_right() -> None:
    sealed = ladder.lost(made(*UP_DOWN_UP), 1, "mlp", random.Random(0))
    assert sealed is not None and sealed.right == {1} != {sealed.guess}
    assert options(sealed)[1] == "attention of block 3"
    assert options(sealed)[cast(int, sealed.guess)] == "attention of block 1"  # the largest other
    assert "“w2” is likelier than “w1”" in SAY(cast(Any, sealed.why))
    chart = sealed.reveal[0]
    assert isinstance(chart, Grid) and len(chart.rows) == 8
    assert [cells[0].marked for _, cells in chart.rows] == [
        share > 0.5 for share in UP_DOWN_UP[::-1]
    ]


def test_a_lead_that_is_lost_twice_never_or_hardly_is_not_asked_about() -> None:
    twice = (0.1, 0.9, 0.1, 0.9, 0.1, 0.9, 0.9, 0.9)
    hardly = (0.1, 0.2, 0.6, 0.7, 0.49, 0.3, 0.8, 0.9)
    for shares in (UP, twice, hardly):
        assert ladder.lost(made(*shares), 0, "mlp", random.Random(0)) is None


def test_the_half_that_brings_the_answer_and_is_missed_is_right() -> None:
    sealed = ladder.brings(made(*UP), 2, "mlp", random.Random(0))
    assert sealed is not None and sealed.right == {2}
    assert options(sealed)[2] == "MLP of block 3"
    assert options(sealed)[cast(int, sealed.guess)] == "attention of block 3"
    assert {"block 1"} & {name[-7:] for name in options(sealed)} == set()
    shown = sealed.question.exhibits[1]
    assert isinstance(shown, Grid) and len(shown.rows) == 4  # whole blocks alone
    costs = sealed.reveal[0]
    assert isinstance(costs, Bars)
    assert [value > 2 for _, value in costs.rows] == [False, False, True, False]


def test_a_half_that_is_not_missed_or_not_wanted_is_not_asked_about() -> None:
    assert ladder.brings(made(*UP, costly=4), 0, "mlp", random.Random(0)) is None
    assert ladder.brings(made(*UP), 0, "attention", random.Random(0)) is None
    first = (0.1, 0.9, *UP[2:])
    assert ladder.brings(made(*(0.9 for _ in first)), 0, "mlp", random.Random(0)) is None


def test_rungs_are_the_states_of_the_model_and_a_skipped_half_is_gone(tmp_path: Path) -> None:
    with torch.no_grad():
        anatomy = Anatomy(circuit_parts.model(tmp_path, 3))
        passed = anatomy.run(circuit_parts.IDS)
        rungs = anatomy.halves(passed.states)
        torch.testing.assert_close(rungs[0::2], passed.middle[:, -1])
        torch.testing.assert_close(rungs[1::2], passed.after[:, -1])
        torch.testing.assert_close(anatomy.said(rungs)[-1], passed.logits[-1])
        last = truth.skipped(anatomy, passed.states, BlockHalf(2, "mlp"))
        torch.testing.assert_close(last, anatomy.said(rungs[-2:-1])[0])
        attention = truth.skipped(anatomy, passed.states, BlockHalf(2, "attention"))
        block, before = anatomy.blocks[2], rungs[3:4]
        read = before * anatomy.scale(before) * block.mlp_gain
        torch.testing.assert_close(attention, anatomy.said(before + block.mlp(read))[0])


def test_the_rounds_that_ship_are_clear() -> None:
    """test_proofs.py proves a level of the kind anew."""
    dealt = [
        SEALED.validate_python(each)
        for key, each in deals.read_shipped(LEVELS).items()
        if key.split("/")[4].startswith("ladder")
    ]
    assert len(dealt) >= 3 * (5 + 6 + 7)
    assert all(sealed.right == {sealed.solution} for sealed in dealt)
    assert all(sealed.guess != sealed.solution for sealed in dealt)
    assert all(len(set(options(sealed))) == 4 for sealed in dealt)
