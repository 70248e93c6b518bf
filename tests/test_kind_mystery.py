import pytest

from playground.concepts.concepts import load_concepts
from playground.errors import AuthorError, PlayerError
from playground.levels.judging import Bench
from playground.levels.kinds.mystery import OPTIONS, MysteryLevel, guess

LEVEL = {
    "id": "mystery-two",
    "kind": "mystery",
    "title": "What is on?",
    "brief": "Name it.",
    "concept": "cats",
    "rounds": 2,
    "probes": 6,
    "difficulty": 3,
    "minutes": 5,
    "goals": [{"measure": "right", "at_least": 2, "says": "Both are named."}],
    "stars": {"measure": "right", "two": 2, "three": 3},
    "hints": {"nudge": "n", "method": "m", "answer": "a"},
    "win": "Won.",
    "learned": {"text": "t", "words": ["dial"], "source": "s"},
}


def test_a_guess_counts_what_the_dial_brought() -> None:
    options = [load_concepts()[name] for name in ("dogs", "cats", "trains")]
    assert guess(options, "The dog saw a kennel.", "The dog, a kitten and a purr.") == 1
    assert guess(options, "Nothing.", "Nothing.") == 0


def test_a_deal_hides_two_dials_at_two_places(shipped: Bench) -> None:
    level = MysteryLevel.model_validate(LEVEL)
    for seed in range(20):
        dials = level.hidden(shipped, seed)
        assert len({each.place for each in dials}) == 2
        assert len({(each.about.recipe.site, each.about.recipe.feature) for each in dials}) == 2
        for each in dials:
            assert len({option.name for option in each.options}) == OPTIONS
            assert each.options[each.place] == each.about.concept
    assert level.hidden(shipped, 3) == level.hidden(shipped, 3)
    assert level.hidden(shipped, 3) != level.hidden(shipped, 4)


def test_a_probe_is_untouched_and_dialled(shipped: Bench) -> None:
    level = MysteryLevel.model_validate(LEVEL)
    plain, pushed = level.probe(shipped, 0, 1, "On Monday")
    assert (plain.prompt, pushed.prompt) == ("On Monday", "On Monday")
    assert plain.sampling == pushed.sampling
    (dial,) = pushed.dials
    recipe = level.hidden(shipped, 0)[1].about.recipe
    assert (plain.dials, dial) == ((), recipe.dial())
    with pytest.raises(PlayerError, match=r"mystery.no_dial\(count=2, number=2\)"):
        level.probe(shipped, 0, 2, "On Monday")


def test_too_few_recipes_are_told(shipped: Bench) -> None:
    silent = [n for n in shipped.atlas.concepts() if not shipped.atlas.concept(n).recipes]
    if not silent:
        pytest.skip("every concept of this atlas has a recipe")
    level = MysteryLevel.model_validate(LEVEL | {"concept": silent[0], "concepts": silent[:1]})
    with pytest.raises(AuthorError, match="mystery-two: needs 2 concepts"):
        tuple(level.deal(shipped, 0))
