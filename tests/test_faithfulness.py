"""How far estimates are trusted, on four parts whose losses simply add up."""

import random
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from playground.circuits.records import Ran
from playground.errors import AuthorError
from playground.levels.dealing.spoken import SureText
from playground.levels.proving import faithfulness
from playground.levels.proving.faithfulness import Suspects, Trust

COSTS = (0.1, 0.4, 0.0, 0.2)  # of the answer's probability, which is 0.8


def parts(estimates: Sequence[float]) -> Suspects:
    run = SimpleNamespace(chances=np.array([0.8, 0.2]), answer=0, said=" so")
    own = SureText("and", cast(Any, None), cast(Any, run))

    def ran(choices: Sequence[Sequence[int]]) -> list[Ran]:
        left = [0.8 - sum(COSTS[n] for n in each) for each in choices]
        return [Ran(np.array([each, 1 - each])) for each in left]

    return Suspects(own, np.array(estimates), ran)


def trust(estimates: Sequence[float]) -> Trust:
    return faithfulness.trust("heads", parts(estimates), random.Random(0))


def test_true_runs_choose_what_costs_most_and_estimates_what_they_think_most_of() -> None:
    found = trust((0.0, 1.0, 3.0, 2.0))
    assert found.greedy[:3] == pytest.approx((0.5, 0.75, 0.875))
    assert found.estimated[:3] == pytest.approx((0.0, 0.25, 0.875))
    assert found.by_chance[2] == pytest.approx(0.875)  # all four, whoever draws them
    assert found.rank < 0


def test_estimates_in_the_true_order_are_trusted() -> None:
    found = trust(COSTS)
    assert found.rank == pytest.approx(1) and found.estimated == found.greedy
    assert found.first == 1


def test_what_was_measured_is_kept_and_a_damaged_file_is_named(tmp_path: Path) -> None:
    path, found = tmp_path / "new" / "kept.jsonl", trust(COSTS)
    assert faithfulness.read(path) == []
    for _ in range(2):
        faithfulness.append(path, found)
    assert faithfulness.read(path) == [found, found]
    *_, chosen, ranks = faithfulness.table([found, found])
    assert chosen.startswith("| heads | true runs | 2 | 50% | 75% | 88% | 88% |")
    assert "rank correlation 1.00" in ranks
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(AuthorError, match=r"kept\.jsonl"):
        faithfulness.read(path)
