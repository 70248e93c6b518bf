"""The kinds golf, suppress and blend on the fake model: what is measured, and the proofs."""

from typing import Any, cast

import pytest
from pydantic import ValidationError

from playground.atlas.atlas import Atlas
from playground.errors import PlayerError
from playground.levels.dealing import steering
from playground.levels.dealing.counting import HitCount, Tallies
from playground.levels.dealing.rehearsing import rehearse
from playground.levels.dealing.steered import Turn
from playground.levels.judging import Bench
from playground.levels.kinds.blend import BlendLevel
from playground.levels.kinds.golf import GolfLevel
from playground.levels.kinds.steer import SteerLevel
from playground.levels.kinds.suppress import SuppressLevel
from playground.levels.level import REFERENCE, WRONG, Played, Try
from playground.levels.proving.proof import check, line
from playground.levels.schema import Pick
from playground.levels.shelf import Shelf
from playground.messages import Filled
from playground.text.words import Words
from tests.fake_model import CAT, COCOA, FakeAtlas, FakeEngine
from tests.steered_levels import plain_steer, played, variant

SAY = Words().said


@pytest.fixture
def bench() -> Bench:
    return Bench(FakeEngine(), cast(Atlas, FakeAtlas()), {})


@pytest.fixture
def chocolate() -> SteerLevel:
    level = plain_steer(Shelf.load())
    assert isinstance(level, SteerLevel)
    return level.model_copy(update={"sites": ("early", "late")})


@pytest.fixture
def golf(chocolate: SteerLevel) -> GolfLevel:
    goals = (
        {"measure": "share", "at_least": 0.5, "says": "Chocolate."},
        {"measure": "strength", "at_most": 0.9, "says": "A light hand."},
    )
    return variant(chocolate, "golf", goals=goals)


@pytest.fixture
def suppress(chocolate: SteerLevel) -> SuppressLevel:
    goals = (
        {"measure": "share", "at_least": 0.6, "says": "No chocolate."},
        {"measure": "lead", "at_least": 0.2, "says": "By no other push."},
    )
    return variant(chocolate, "suppress", goals=goals)


@pytest.fixture
def blend(chocolate: SteerLevel) -> BlendLevel:
    return variant(chocolate, "blend")


def test_golf_counts_strength_against_par(bench: Bench, golf: GolfLevel) -> None:
    assert golf.par(bench.atlas) == pytest.approx(0.8)
    verdict = played(golf, bench, (COCOA, 0.5))
    assert (verdict.won, verdict.stars) == (True, 3)
    assert (verdict.measures["strength"], verdict.measures["thrift"]) == (0.5, 75.0)
    assert SAY(verdict.goals[1].found) == "strength 0.5"
    assert SAY(verdict.sentence).endswith("You pushed with strength 0.50; par is 0.80.")
    idle = played(golf, bench, (COCOA, 0.2))  # par is not told before the level is won
    assert SAY(idle.sentence).endswith("You pushed with strength 0.20.")
    assert verdict.curve is not None
    assert played(golf, bench, (COCOA, 0.8)).stars == 2
    assert not played(golf, bench, (COCOA, 0.95)).won  # chocolate, but with a heavy hand


def test_suppress_takes_out_what_the_prompt_begs_for(bench: Bench, suppress: SuppressLevel) -> None:
    assert suppress.reference(bench.atlas) == (Turn(Pick("late", COCOA), 0.0),)
    verdict = played(suppress, bench, (COCOA, 0.0), (CAT, -0.5))
    assert (verdict.won, verdict.stars, verdict.curve) == (True, 3, None)
    assert [dial.method for dial in verdict.dials] == ["clamp", "clamp"]
    assert verdict.measures == {"share": 1.0, "lead": 1.0}
    assert verdict.tallies == Tallies(HitCount(0, 8), HitCount(8, 8), HitCount(0, 8))
    assert SAY(verdict.sentence) == (
        "8 of 8 replies count: they are not about chocolate, and undamaged. Untouched, 8 of 8 are "
        "about it; with your dials 0 of 8 are. Equal pushes in other directions make 0 of 8 count."
    )
    assert not played(suppress, bench, (CAT, 0.0)).won
    idle = played(suppress, bench)
    assert (idle.won, idle.score) == (False, 0.0)
    assert SAY(idle.sentence).startswith("No dial is on")


def test_suppress_has_strengths_below_zero_or_none(bench: Bench, suppress: SuppressLevel) -> None:
    with pytest.raises(PlayerError, match=r"steering.strength\(low=-2.0, high=0.0, strength=0.5\)"):
        played(suppress, bench, (COCOA, 0.5))
    fixed = suppress.model_copy(update={"method": "ablate"})
    assert fixed.limits == (0.0, 0.0)
    with pytest.raises(PlayerError, match=r"steering.strength\(low=0.0, high=0.0"):
        played(fixed, bench, (COCOA, -0.5))
    assert played(fixed, bench, (COCOA, 0.0)).won
    said = SAY(Filled("{dials}", steering.filled(fixed, bench.atlas)))
    assert said == "feature 8 of the late part"
    with pytest.raises(PlayerError, match="steering.twice"):
        played(suppress, bench, (COCOA, 0.0), (COCOA, -0.1))
    with pytest.raises(PlayerError, match=r"steering.slots\(count=2\)"):
        played(suppress, bench, (1, 0.0), (2, 0.0), (3, 0.0))


def test_blend_wants_both_in_the_same_replies(bench: Bench, blend: BlendLevel) -> None:
    assert [turn.pick.feature for turn in blend.reference(bench.atlas)] == [COCOA, CAT]
    verdict = played(blend, bench, (COCOA, 0.8), (CAT, 0.8))
    assert (verdict.won, verdict.stars, verdict.measures["lead"]) == (True, 3, 1.0)
    assert [SAY(part.title) for part in verdict.parts] == ["Chocolate", "Cats"]
    assert set(verdict.steered.replies[0].found) >= {"cocoa", "kitten"}
    one = played(blend, bench, (COCOA, 0.8), (CAT, 0.1))
    assert (one.won, one.steered.effect) == (False, 0.0)
    assert [part.scores.steered.effect for part in one.parts] == [100.0, 0.0]
    assert "(16 are about chocolate, 0 about cats)" in SAY(one.sentence)
    said = SAY(Filled("{dials}", steering.filled(blend, bench.atlas)))
    assert said == "feature 8 of the late part at 0.80 and feature 7 of the late part at 0.80"


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        ("golf", {"stars": {"measure": "luck", "two": 1, "three": 2}}, "'luck' is unknown"),
        ("suppress", {"method": "add"}, "method is one of clamp, ablate, project"),
        ("suppress", {"method": "ablate", "start_strength": -1}, "ablate has no strength"),
        ("suppress", {"dials": 1, "solution": {"role": "recipe", "ranks": (1, 2)}}, "more feature"),
        ("suppress", {"start_strength": 0.5}, "less than or equal to 0"),
        ("blend", {"concepts": ()}, "exactly one more concept"),
        ("blend", {"concepts": ("chocolate",)}, "another than concept"),
        ("blend", {"concepts": ("cats", "dogs")}, "exactly one more concept"),
    ],
)
def test_a_level_of_the_family_that_cannot_be_is_refused(
    chocolate: SteerLevel, kind: str, fields: dict[str, Any], message: str
) -> None:
    plain = {"goals": (), "stars": {"measure": "share", "two": 0.5, "three": 0.7}}
    plain["goals"] = ({"measure": "share", "at_least": 0.1, "says": "x"},)
    given = {**plain, "solution": {"role": "recipe"}, "concepts": ("cats",), **fields}
    with pytest.raises(ValidationError, match=message):
        variant(chocolate, kind, **given)


# -- proofs ----------------------------------------------------------------------------------------
def test_check_passes_the_steered_kinds(
    bench: Bench, golf: GolfLevel, suppress: SuppressLevel, blend: BlendLevel
) -> None:
    ways = ["reference", "start", "nothing", "full strength", "random", "greedy"]
    for level in (golf, suppress, blend):
        lines = {line.player: line for line in check(level, bench)}
        # What is half right: with golf half the strength; of two dials one alone, too.
        assert list(lines) == [*ways[:5], *(["plausible wrong"] * (level != suppress)), ways[5]]
        lines.pop("random")  # one feature in ten is the right one here: luck is likely
        assert all(line.passed for line in lines.values()), lines
    fixed = suppress.model_copy(update={"method": "project"})
    assert [line.player for line in check(fixed, bench)] == [w for w in ways if w[0] != "f"]


def test_tries_are_drawn_from_what_was_written_once(bench: Bench, golf: GolfLevel) -> None:
    reference, *_ = check(golf, bench)
    assert (reference.wins, reference.tries) == (201, 201)  # the attempt itself, and 200 drawn
    assert reference.found == "won 201 of 201, 2 stars, 48 of 48 replies count"
    engine = cast(FakeEngine, bench.engine)
    settings = 5  # the start is full strength; so few strangers are other features than these
    assert engine.written <= 48 * 3 + 24 + 8 * 12 + 8 * settings
    (wrong,) = (line for line in check(golf, bench) if line.player == "plausible wrong")
    assert (wrong.wins, wrong.tries, wrong.passed) == (0, 200, True)
    easy = golf.model_copy(update={"max_strength": 4.0})
    assert easy.reference(bench.atlas) == golf.reference(bench.atlas)


def test_what_does_as_well_as_the_solution_is_no_wrong_answer(
    bench: Bench, chocolate: SteerLevel
) -> None:
    strong = chocolate.solution.model_copy(update={"strength": 1.25})
    made = rehearse(chocolate.model_copy(update={"solution": strong}), bench)
    assert (made.as_good, made.wrong) == (["half strength"], {})  # half of 1.0 brings chocolate too
    weak = rehearse(chocolate, bench)
    assert (weak.as_good, list(weak.wrong)) == ([], ["half strength"])


def test_half_right_answers_may_win_one_time_in_five() -> None:
    won, lost = Try(True, 1, 50.0), Try(False, 0, 0.0)
    for wins, passed in ((40, True), (41, False)):
        made = line("x", Played(WRONG, (*[won] * wins, *[lost] * (200 - wins))))
        assert (made.passed, made.wanted) == (passed, "wins at most 40 of 200")
    for wins, passed in ((190, True), (189, False)):
        tries = (Try(True, 2, 50.0), *[won] * (wins - 1), *[lost] * (200 - wins))
        assert line("x", Played(REFERENCE, tries)).passed == passed


def test_check_finds_a_level_that_the_start_wins(bench: Bench, golf: GolfLevel) -> None:
    open_door = golf.model_copy(update={"start_strength": 0.8})
    lines = {line.player: line.passed for line in check(open_door, bench)}
    assert (lines["reference"], lines["start"]) == (True, False)
