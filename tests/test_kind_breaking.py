from dataclasses import replace
from typing import Any, cast

import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.calibrate import FRESH_PROMPTS, Plan
from playground.atlas.cards import ConceptEntry, CurvePoint, Sweep
from playground.atlas.sweeps import RIVALS, RUNGS, rung_requests
from playground.concepts.concepts import load_concepts
from playground.engine.records import Dial
from playground.errors import AuthorError
from playground.levels.dealing.questions import Bars, Doses
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds import breaking
from playground.levels.kinds.breaking import NEVER, SHOWN, BreakingLevel
from playground.messages import Message
from playground.text.words import Words
from tests.fake_model import COCOA, PLAIN, TREATS, FakeEngine
from tests.test_kind_control import PAGE as CONTROL
from tests.test_kind_control import SteerableAtlas

SAY = Words().said
PAGE: dict[str, Any] = {
    **CONTROL,
    "id": "breaking-point",
    "kind": "breaking",
    "rounds": 4,
    "goals": [{"measure": "right", "at_least": 3, "says": "3 of 4 are right."}],
    "stars": {"measure": "right", "two": 3.5, "three": 4},
}
TEXTS = {"chocolate": [LabelledText(" ".join((*PLAIN, *TREATS, *FRESH_PROMPTS)), True)]}


class LadderAtlas(SteerableAtlas):
    """Of twelve replies so many are broken at each strength; the fake breaks beyond strength 1."""

    broken: tuple[int, ...] = (0, 0, 1, 0, 2, 12, 11, 12, 12)

    def concept(self, name: str) -> ConceptEntry:
        points = [
            CurvePoint(s, 0.5, 30.0, 0.5, 0.0, 10.0, 0.0, 4, 12, broken=b / 12)
            for s, b in zip(STRENGTHS, self.broken, strict=True)
        ]
        hits = [range(each) for each in self.broken]
        dial = Dial("late", COCOA, 0.8, scope="reply")
        return replace(super().concept(name), ladders=(Sweep.of(dial, points, hits),))


STRENGTHS = (0.1, 0.2, 0.4, 0.6, 0.9, 1.1, 1.4, 1.7, 2.1)


def level(**changed: Any) -> BreakingLevel:
    return BreakingLevel.model_validate({**PAGE, **changed})


@pytest.fixture
def bench() -> Bench:
    return Bench(FakeEngine(), cast(Atlas, LadderAtlas()), TEXTS)


def test_the_first_strength_that_breaks_is_the_right_one(bench: Bench) -> None:
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
        assert strengths == sorted(strengths) and len(strengths) == SHOWN == 3
        assert len(sealed.question.exhibits) == 2 * SHOWN
        first = next((n for n, strength in enumerate(strengths) if strength > 1), NEVER)
        assert sealed.solution == first == sealed.guess
        bars, doses = sealed.reveal
        assert isinstance(bars, Bars) and isinstance(doses, Doses) and bars.top == 12
        assert [value > 6 for _, value in bars.rows] == [n >= first for n in range(SHOWN)]
        assert doses.own == (None if first == NEVER else strengths[first])
        keys.add(first)
    assert len(keys) > 2
    assert tuple(level(rounds=1).deal(bench, 5)) == tuple(level(rounds=1).deal(bench, 5))


def test_the_shown_replies_are_some_of_those_that_were_counted(bench: Bench) -> None:
    tuple(level(rounds=1).deal(bench, 0))
    (stream,) = cast(FakeEngine, bench.engine).streams
    asked = [trace.request for trace in stream.traces()]
    counted = {r for each in asked for r in rung_requests(each.dials[0], 12)}
    assert set(asked) <= counted and len(asked) == 2 * SHOWN


def test_the_counts_are_told(bench: Bench) -> None:
    for seed in range(8):
        (sealed,) = tuple(level(rounds=1).deal(bench, seed))
        assert "of 12 replies are broken" in SAY(sealed.why)


def test_strengths_that_are_not_surely_broken_or_whole_are_never_shown(bench: Bench) -> None:
    atlas = LadderAtlas()
    atlas.broken = (0, 0, 1, 6, 2, 8, 3, 12, 12)  # sure below the fourth and above the seventh
    chocolate = load_concepts()["chocolate"]
    ladder = breaking.Ladder.of(chocolate, atlas.concept("chocolate").ladders[0])
    assert [each.point.strength for each in ladder.whole] == [0.1, 0.2, 0.4]
    assert [each.point.strength for each in ladder.beyond] == [1.7, 2.1]
    assert ladder.keys == (1, 2, 3)


def test_a_model_without_enough_recipes_is_told_so(bench: Bench) -> None:
    with pytest.raises(AuthorError, match="breaking-point: needs 2 concepts .* has 1"):
        tuple(level(rounds=2).deal(bench, 0))


def test_what_the_atlas_has_not_counted_is_counted_when_it_is_asked_for(bench: Bench) -> None:
    (sealed,) = tuple(level(rounds=1, scope="all").deal(bench, 0))
    counted_now, shown = cast(FakeEngine, bench.engine).streams
    assert len(counted_now.traces()) == len(RUNGS) * (Plan().rung_replies + RIVALS)
    assert {each.request for each in shown.traces()} <= {e.request for e in counted_now.traces()}
    assert {each.request.dials[0].scope for each in shown.traces()} == {"all"}
    assert sealed.guess == sealed.solution


def test_what_a_reader_takes_for_broken() -> None:
    known = {"the", "cat", "sat", "on", "a", "mat", "and", "looked", "at"}
    assert not breaking.looks_broken("The cat sat on a mat and looked at the moon.", known)
    assert breaking.looks_broken("The cat sat onic a matmat and lookeder at.", known)
    assert breaking.looks_broken("The cat cat cat sat on a mat.", known)
    assert breaking.looks_broken(" ... 3", known)
