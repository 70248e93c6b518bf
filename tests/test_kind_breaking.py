from typing import Any, cast

import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.calibrate import FRESH_PROMPTS
from playground.errors import AuthorError
from playground.levels.dealing.questions import Bars, Doses
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds import breaking
from playground.levels.kinds.breaking import NEVER, BreakingLevel
from playground.messages import Message
from tests.fake_model import PLAIN, TREATS, FakeEngine
from tests.test_kind_control import PAGE as CONTROL
from tests.test_kind_control import SteerableAtlas

PAGE: dict[str, Any] = {
    **CONTROL,
    "id": "breaking-point",
    "kind": "breaking",
    "rounds": 4,
    "goals": [{"measure": "right", "at_least": 3, "says": "3 of 4 are right."}],
    "stars": {"measure": "right", "two": 3.5, "three": 4},
}
TEXTS = {"chocolate": [LabelledText(" ".join((*PLAIN, *TREATS, *FRESH_PROMPTS)), True)]}


def level(**changed: Any) -> BreakingLevel:
    return BreakingLevel.model_validate({**PAGE, **changed})


@pytest.fixture
def bench() -> Bench:
    return Bench(FakeEngine(), cast(Atlas, SteerableAtlas()), TEXTS)


def test_the_first_strength_that_breaks_is_the_right_one(bench: Bench) -> None:
    """The fake repeats one word from strength 1 on."""
    keys = set()
    for seed in range(12):
        (sealed,) = tuple(level(rounds=1).deal(bench, seed))
        assert isinstance(sealed.solution, int)
        options = sealed.question.options
        strengths = [
            strength
            for option in options[:-1]
            if isinstance(option, Message)
            and isinstance(strength := option.params["strength"], float)
        ]
        assert strengths == sorted(strengths) and len(strengths) == 5
        first = next((n for n, strength in enumerate(strengths) if strength > 1), NEVER)
        assert sealed.solution == first == sealed.guess
        bars, doses = sealed.reveal
        assert isinstance(bars, Bars) and isinstance(doses, Doses)
        assert [value > 33 for _, value in bars.rows] == [n >= first for n in range(5)]
        assert doses.own == (None if first == NEVER else strengths[first])
        keys.add(first)
    assert len(keys) > 2
    assert tuple(level(rounds=1).deal(bench, 5)) == tuple(level(rounds=1).deal(bench, 5))


def test_a_model_without_recipes_is_told_so(bench: Bench) -> None:
    with pytest.raises(AuthorError, match="breaking-point: needs 2 concepts .* has 1"):
        tuple(level(rounds=2).deal(bench, 0))


def test_what_a_reader_takes_for_broken() -> None:
    known = {"the", "cat", "sat", "on", "a", "mat", "and", "looked", "at"}
    assert not breaking.looks_broken("The cat sat on a mat and looked at the moon.", known)
    assert breaking.looks_broken("The cat sat onic a matmat and lookeder at.", known)
    assert breaking.looks_broken("The cat cat cat sat on a mat.", known)
    assert breaking.looks_broken(" ... 3", known)
