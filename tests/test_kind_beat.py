from collections import Counter
from dataclasses import replace
from typing import Any, cast

import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.rivals import Gap, Rivals
from playground.errors import AuthorError
from playground.levels.dealing.questions import Bars, Portrait, Reply
from playground.levels.judging import Bench
from playground.levels.kinds.beat import BeatLevel
from playground.text.words import Words
from tests.fake_model import CAT, COCOA, NOISE, FakeAtlas, FakeEngine
from tests.kind_parts import fields
from tests.test_rivals import FAR, NEAR, STEERING, TELLING

SAY = Words().said
SWEET = replace(
    TELLING, concept="chocolate", features=(COCOA, NOISE), gaps=(FAR, FAR), both_gap=FAR, both=0.8
)  # fmt: skip
OTHERS = replace(STEERING, concept="chocolate", feature_index=COCOA, feature=STEERING.probe)


class RivalAtlas(FakeAtlas):
    def __init__(self, rivals: Rivals) -> None:
        self.rivals = rivals


def bench(*telling: Any, steering: tuple[Any, ...] = ()) -> Bench:
    atlas = RivalAtlas(Rivals(telling, steering))
    return Bench(FakeEngine(), cast(Atlas, atlas), {})


def level(rounds: int = 2, **more: object) -> BeatLevel:
    page = {**fields("beat", rounds, 1, 2, 3), "sites": ["early", "late"], **more}
    return BeatLevel.model_validate(page)


CATS = replace(TELLING, features=(CAT, 5))


def test_each_question_says_who_keeps_up() -> None:
    dealt = {str(SAY(each.why))[:4]: each for each in level().deal(bench(CATS, SWEET), 0)}
    here = dealt["Here"]
    assert here.question.options[4] == here.question.options[here.solution]  # type: ignore[index]
    assert SAY(here.question.options[4]) == "not even both together: the probe wins"
    only = dealt["Only"]
    assert isinstance(only.solution, int)
    a, b = only.question.exhibits
    assert isinstance(a, Portrait) and isinstance(b, Portrait)
    assert not a.named and not b.named
    assert [a, b][only.solution].pick.feature == CAT
    assert "24 new texts about it and 24 others" in SAY(only.why)
    bars = only.reveal[0]
    assert isinstance(bars, Bars)
    assert [SAY(name) for name, _ in bars.rows] == [
        "linear probe", "difference of means", "feature A", "feature B", "A and B together",
    ]  # fmt: skip


def test_where_the_cards_stand_is_drawn() -> None:
    places = Counter(
        each.solution
        for seed in range(20)
        for each in level().deal(bench(CATS, SWEET), seed)
        if "Only" in SAY(each.why)
    )
    assert set(places) == {0, 1}


def test_steering_is_judged_by_counted_replies() -> None:
    made = bench(CATS, steering=(STEERING, OTHERS))
    dealt = {each.solution: each for each in level(by="steering").deal(made, 0)}
    assert set(dealt) == {0, 3}  # the feature; no clear winner
    replies = dealt[0].question.exhibits
    assert all(isinstance(each, Reply) for each in replies)
    assert SAY(dealt[0].why) == (
        "Clearly ahead on cats: the feature. Of 24 replies about it and whole: feature 20, "
        "probe 3, difference of means 5, control 0."
    )


def test_what_is_not_measured_or_not_decided_is_said() -> None:
    with pytest.raises(AuthorError, match="make that with `python -m playground.atlas rivals`"):
        next(level().deal(bench(), 0))
    unsure = replace(SWEET, gaps=(Gap(-0.1, -0.3, 0.1),) * 2)
    with pytest.raises(AuthorError, match=r"level example: needs 2 concepts with a probe .* has 1"):
        next(level().deal(bench(CATS, unsure), 0))
    with pytest.raises(AuthorError, match="that the texts decide in several ways.* has 2"):
        next(level().deal(bench(CATS, replace(SWEET, gaps=(NEAR, FAR))), 0))


def test_the_same_seed_asks_the_same() -> None:
    made = bench(CATS, SWEET)
    assert list(level().deal(made, 3)) == list(level().deal(made, 3))
