"""How far estimates are trusted, on four parts whose losses simply add up."""

import random
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from playground.circuits.records import Ran
from playground.levels.dealing.spoken import SureText
from playground.levels.proving import faithfulness
from playground.levels.proving.faithfulness import Suspects

COSTS = (0.1, 0.4, 0.0, 0.2)  # of the answer's probability, which is 0.8


def parts(estimates: Sequence[float]) -> Suspects:
    run = SimpleNamespace(chances=np.array([0.8, 0.2]), answer=0)
    own = SureText("", cast(Any, None), cast(Any, run))

    def ran(chosen: Sequence[int]) -> Ran:
        left = 0.8 - sum(COSTS[n] for n in chosen)
        return Ran(np.array([left, 1 - left]))

    return Suspects(own, np.array(estimates), ran)


def test_true_runs_choose_what_costs_most_and_estimates_what_they_think_most_of() -> None:
    found = faithfulness.trust(parts((0.0, 1.0, 3.0, 2.0)), random.Random(0))
    assert found.greedy[:3] == pytest.approx((0.5, 0.75, 0.875))
    assert found.estimated[:3] == pytest.approx((0.0, 0.25, 0.875))
    assert found.by_chance[2] == pytest.approx(0.875)  # all four, whoever draws them
    assert found.rank < 0


def test_estimates_in_the_true_order_are_trusted() -> None:
    found = faithfulness.trust(parts(COSTS), random.Random(0))
    assert found.rank == pytest.approx(1) and found.estimated == found.greedy
