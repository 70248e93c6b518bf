"""A level of each kind, proven on the model that ships."""

from collections.abc import Sequence

import pytest

from playground.levels.dealing import rehearsing
from playground.levels.dealing.questions import AskLevel, Sealed
from playground.levels.judging import Bench
from playground.levels.proving.proof import SEEDS, check
from playground.levels.shelf import Shelf
from playground.settings import SHIPPED
from tests.kind_parts import shipped_round

HERE = [each for each in Shelf.load().levels if each.written_on == SHIPPED]
FIRST_OF_KIND = {level.kind: level.id for level in reversed(HERE)}


class FirstAnew:
    """Rounds that ship, but for their first question, which is dealt."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def questions(self, level: AskLevel, seed: int) -> Sequence[Sealed]:
        return next(level.deal(self._bench, seed)), *shipped_round(level.id, seed)[1:]


@pytest.mark.slow
@pytest.mark.parametrize("id", FIRST_OF_KIND.values())
def test_a_level_of_each_kind_is_proven_on_the_shipped_model(
    id: str, shipped: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make levels` proves them all, with more replies; how that ended is kept, and test_fared.py
    reads it."""
    monkeypatch.setattr(rehearsing, "STOCK", 1)  # the replies of one attempt
    monkeypatch.setattr(rehearsing, "STRANGERS", 4)
    # A greedy player is told of by `make levels`; nobody asks how it does.
    level, rounds = Shelf.load().level(id), FirstAnew(shipped)
    lines = check(level, shipped, SEEDS[:1], greedy=False, rounds=rounds)
    failed = [line for line in lines if not line.passed]
    assert not failed, failed
