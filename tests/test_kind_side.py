from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from playground.atlas import labels
from playground.atlas.atlas import Atlas
from playground.atlas.cards import Card, Explanation, Hit
from playground.atlas.naming import quoted
from playground.concepts.concepts import load_concepts
from playground.engine.records import Fired, Reading
from playground.errors import AuthorError
from playground.levels.dealing.questions import Bars, Portrait, Reply
from playground.levels.judging import Bench
from playground.levels.kinds import side
from playground.levels.kinds.side import SideLevel
from playground.levels.schema import Pick
from playground.messages import Line, Message
from playground.text.words import Words
from tests.fake_model import COCOA, FakeEngine
from tests.test_kind_control import PAGE as CONTROL
from tests.test_kind_control import SteerableAtlas

SAY = Words().said

PAGE: dict[str, Any] = {
    **CONTROL,
    "id": "what-else-moved",
    "kind": "side",
    "sites": ("late",),
    "rounds": 4,
    "goals": [{"measure": "right", "at_least": 3, "says": "3 of 4 are right."}],
    "stars": {"measure": "right", "two": 3.5, "three": 4},
}
MUG, TWIN = 2, 3
# Feature by word: the steered text of the fake has cocoa, mug and fudge, the untouched has not.
FIRES = {"cocoa": COCOA, "mug": MUG, "fudge": TWIN}


def either(*tokens: str) -> Message:
    return Message("atlas.makes", tokens=tuple(map(quoted, tokens)))


MUG_LABEL, CHOCOLATE = either("mug"), labels.called("chocolate")
LABELS = {COCOA: either("cocoa"), MUG: MUG_LABEL, TWIN: CHOCOLATE, 0: MUG_LABEL}


class Reader(FakeEngine):
    def read(self, texts: Sequence[str], site: str) -> list[Reading]:
        readings = []
        for text in texts:
            words = tuple(text.split())
            fires = tuple(((FIRES[w], 2.0),) if w in FIRES else () for w in words)
            readings.append(Reading(site, words, Fired.of(fires)))
        return readings


class Labelled(SteerableAtlas):
    """Ten features; two labels are the concept's own or that of what moved."""

    sort = "top-token"

    def label(self, site: str, index: int) -> Line:
        return LABELS.get(index, either(f"word{index}"))

    def card(self, site: str, index: int) -> Card:
        made = (Explanation(self.label(site, index), self.sort),)
        return replace(super().card(site, index), explanations=made)

    def search(self, query: str, site: str | None = None, limit: int = 20) -> list[object]:
        return [Hit(site or "", n, self.label("", n), (), 0.1) for n in range(10)]


def level(**changed: Any) -> SideLevel:
    return SideLevel.model_validate({**PAGE, **changed})


def bench(atlas: SteerableAtlas | None = None) -> Bench:
    return Bench(Reader(), cast(Atlas, atlas or Labelled()), {})


def test_the_feature_that_rose_along_is_the_right_one() -> None:
    (sealed,) = tuple(level(rounds=1).deal(bench(), 0))
    options = sealed.question.options
    assert isinstance(sealed.solution, int)
    assert options[sealed.solution] == MUG_LABEL
    assert sealed.guess == sealed.solution and sealed.right == {sealed.solution}
    # Neither the dialled feature, nor the concept's other one, nor a second one of that label.
    assert len(set(options)) == 6 == len(options)
    assert not {LABELS[COCOA], CHOCOLATE} & set(options)
    portrait, old, new = sealed.question.exhibits
    assert isinstance(portrait, Portrait) and portrait.pick == Pick("late", COCOA)
    assert isinstance(old, Reply) and isinstance(new, Reply)
    assert old.prompt == new.prompt and "mug" in new.text and "mug" not in old.text
    bars, risen = sealed.reveal
    assert isinstance(bars, Bars) and isinstance(risen, Portrait)
    assert risen.pick == Pick("late", MUG)
    # One token of eleven at 2.0 activation units, which is the feature's maximum.
    expected = [100 / 11 if n == sealed.solution else 0.0 for n in range(6)]
    assert [value for _, value in bars.rows] == pytest.approx(expected, abs=0.01)
    assert "rose by 9.1 %" in SAY(sealed.why) and "in 6 of 6 pairs" in SAY(sealed.why)


def test_the_same_deal_again_and_other_places() -> None:
    assert tuple(level(rounds=1).deal(bench(), 3)) == tuple(level(rounds=1).deal(bench(), 3))
    places = {tuple(level(rounds=1).deal(bench(), seed))[0].solution for seed in range(20)}
    assert len(places) > 3


def test_labels_that_tell_nothing_are_not_asked_about() -> None:
    mute = Labelled()
    mute.sort = "top-logits"
    with pytest.raises(AuthorError, match="what-else-moved: needs 1 concepts .* has 0"):
        tuple(level(rounds=1).deal(bench(mute), 0))


def test_what_a_reader_finds_of_a_label() -> None:
    subjects = [load_concepts()[name] for name in ("cats", "dogs")]
    cat, dog = labels.called("cats"), labels.called("dogs")
    assert side.seen(cat, subjects, "A dog sat.", "A cat purred at the kitten.", dog) > 0
    assert side.seen(cat, subjects, "A cat sat.", "A dog sat.", dog) < 0
    sat = Message("atlas.word", token="sat")
    assert side.seen(sat, subjects, "A dog sat.", "It sat and sat.", dog) == 1
    assert side.seen(sat, subjects, "", "saturday", Message("atlas.word", token="dog")) == 0
    assert side.seen(either("dogs", "wolves"), subjects, "", "", dog) == 1
