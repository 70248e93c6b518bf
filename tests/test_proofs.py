"""A level of each kind, proven on the model that ships."""

import pytest

from playground.levels.dealing import rehearsing
from playground.levels.dealing.deals import Deals, read_shipped
from playground.levels.dealing.questions import AskLevel
from playground.levels.judging import Bench
from playground.levels.proving.proof import SEEDS, check
from playground.levels.shelf import LEVELS, Shelf
from playground.settings import SHIPPED

HERE = [each for each in Shelf.load().levels if each.written_on == SHIPPED]
FIRST_OF_KIND = {level.kind: level.id for level in reversed(HERE)}


@pytest.mark.slow
@pytest.mark.parametrize("id", FIRST_OF_KIND.values())
def test_a_level_of_each_kind_is_proven_on_the_shipped_model(
    id: str, shipped: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make levels` proves them all, with more replies; how that ended is kept, and test_fared.py
    reads it. Of a round that ships dealt the first question is dealt anew."""
    monkeypatch.setattr(rehearsing, "STOCK", 1)  # the replies of one attempt
    monkeypatch.setattr(rehearsing, "STRANGERS", 4)
    level = Shelf.load().level(id)
    if isinstance(level, AskLevel):
        kept = Deals(shipped, None, read_shipped(LEVELS)).questions(level, SEEDS[0])
        first = next(level.deal(shipped, SEEDS[0]))
        # Measured numbers may differ in their last digits from one machine to another.
        assert (first.question.options, first.right) == (kept[0].question.options, kept[0].right)
        monkeypatch.setattr(type(level), "deal", lambda *_: iter(kept))
    # A greedy player is told of by `make levels`; nobody asks how it does.
    lines = check(level, shipped, SEEDS[:1], greedy=False)
    failed = [line for line in lines if not line.passed]
    assert not failed, failed
