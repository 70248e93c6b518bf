"""The ranking of a hunt: what fires in some texts and not in others."""

from playground.engine.records import Fired, Reading
from playground.levels.dealing.contrast import ranked

MAXIMA = {0: 10.0, 1: 10.0, 2: 10.0, 3: 0.0}


def reading(*fires: tuple[int, float]) -> Reading:
    """One token for each feature that fires."""
    tokens = tuple(f"t{n}" for n, _ in enumerate(fires)) or ("t",)
    return Reading("late", tokens, Fired.of([[each] for each in fires] or [[]]))


def order(here: list[Reading], there: list[Reading]) -> list[int]:
    return [each.feature for each in ranked(here, there, MAXIMA)]


def test_what_fires_in_every_text_comes_before_what_is_brightest_in_one() -> None:
    here = [reading((0, 10.0), (1, 6.0)), reading((1, 6.0)), reading((1, 5.0))]
    assert order(here, [reading((2, 9.0))]) == [1, 0]
    first, _ = ranked(here, [], MAXIMA)
    assert first.here == (0.6, 0.6, 0.5) and first.there == ()


def test_what_fires_in_the_other_texts_too_is_left_out() -> None:
    here = [reading((0, 4.0), (1, 10.0))]
    assert order(here, []) == [1, 0]
    assert order(here, [reading((1, 10.0))]) == [0]
    assert order(here, [reading((0, 4.0)), reading((1, 10.0))]) == []


def test_a_feature_without_a_card_is_not_ranked() -> None:
    assert order([reading((3, 4.0), (7, 9.0))], []) == []
    assert order([], [reading((0, 1.0))]) == []


def test_more_than_the_known_highest_is_all_of_it() -> None:
    (one,) = ranked([reading((0, 40.0))], [], MAXIMA)
    assert one.here == (1.0,)
