"""A level of each kind, proven on the model that ships."""

import pytest

from playground.levels.dealing import rehearsing
from playground.levels.dealing.questions import AskLevel
from playground.levels.judging import Bench
from playground.levels.proving.proof import SEEDS, check
from playground.levels.shelf import Shelf
from playground.settings import SHIPPED
from tests.kind_parts import shipped_round

HERE = [each for each in Shelf.load().levels if each.written_on == SHIPPED]
FIRST_OF_KIND = {level.kind: level.id for level in reversed(HERE)}


@pytest.mark.slow
@pytest.mark.parametrize("id", FIRST_OF_KIND.values())
def test_a_level_of_each_kind_is_proven_on_the_shipped_model(
    id: str, shipped: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make levels` proves them all, with more replies; how that ended is kept, and test_fared.py
    reads it. The first question is dealt, the others are those that ship."""
    monkeypatch.setattr(rehearsing, "STOCK", 1)  # the replies of one attempt
    monkeypatch.setattr(rehearsing, "STRANGERS", 4)
    level = Shelf.load().level(id)
    if isinstance(level, AskLevel):
        first, (_, *others) = next(level.deal(shipped, SEEDS[0])), shipped_round(id, SEEDS[0])
        monkeypatch.setattr(type(level), "deal", lambda *_: iter([first, *others]))
    # A greedy player is told of by `make levels`; nobody asks how it does.
    lines = check(level, shipped, SEEDS[:1], greedy=False)
    failed = [line for line in lines if not line.passed]
    assert not failed, failed
