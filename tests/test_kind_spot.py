import pytest

from playground.errors import AuthorError
from playground.levels.dealing.deals import SHIPPED_SEEDS
from playground.levels.dealing.passages import cuts, salient, words_of
from playground.levels.dealing.questions import Portrait, Strip, mark
from playground.levels.kinds.spot import SpotLevel
from playground.text.words import Words
from tests.kind_parts import HEAD, CatAtlas, cat_bench, fields, picks, shipped_round

SAY = Words().said


def level(rounds: int = 6, win: int = 4, **more: object) -> SpotLevel:
    return SpotLevel.model_validate({**fields("spot", rounds, win, 5, 6), **more})


def test_the_token_with_the_highest_activation_is_right() -> None:
    asked, bench = level(1, 1, concepts=["cats"]), cat_bench()
    (sealed,) = tuple(asked.deal(bench, 0))
    strip, portrait = sealed.question.exhibits
    assert isinstance(strip, Strip)
    assert isinstance(portrait, Portrait)
    assert not strip.values
    assert not portrait.named
    assert [strip.tokens[place] for place in sealed.right] == ["kitten"]
    assert sealed.solution in sealed.right
    assert sealed.guess in sealed.right
    assert mark(asked, bench, sealed, sealed.solution).key == "kitten"
    assert not mark(asked, bench, sealed, 0).right
    assert "with 2 activation units" in SAY(sealed.why)
    shown = sealed.reveal[0]
    assert isinstance(shown, Strip)
    assert [value > 0 for value in shown.values] == [each == "kitten" for each in shown.tokens]


def test_a_text_that_the_card_shows_is_not_asked() -> None:
    seen = f"{HEAD.format(day='May')} There my little kitten slept by the purple lamp."
    with pytest.raises(AuthorError, match=r"level example: needs 1 features .* has 0 that fit"):
        tuple(level(1, 1, concepts=["cats"]).deal(cat_bench(about=[seen]), 0))


def test_a_text_without_a_clear_peak_is_not_asked() -> None:
    with pytest.raises(AuthorError, match="needs 1 features"):
        tuple(level(1, 1, concepts=["cats"]).deal(cat_bench(about=[HEAD + " It rained."]), 0))
    many = f"{HEAD} The cat and the kitten and the cat and the kitten purr."
    with pytest.raises(AuthorError, match="needs 1 features"):
        tuple(level(1, 1, concepts=["cats"]).deal(cat_bench(about=[many]), 0))


def test_texts_are_cut_where_sentences_or_lines_end() -> None:
    text = 'One two three. "Four five!" Six\nseven eight'
    assert cuts(text, 3, 5) == [
        "One two three.",
        'One two three. "Four five!"',
        '"Four five!" Six',
        '"Four five!" Six\nseven eight',
        "Six\nseven eight",
    ]
    assert cuts(text, 9, 20) == []


def test_typical_words_are_those_that_others_lack() -> None:
    found = salient(CatAtlas().card("late", 7), ["the purple train", "a little kitten slept"])
    assert found == {"little": 0.5, "kitten": 0.5, "slept": 0.5, "purple": 0.5, "lamp": 1.0}
    assert words_of("My LITTLE cat's 2 kittens, schön!") == {"little", "kittens", "schön"}


@pytest.mark.parametrize("seed", SHIPPED_SEEDS)
def test_each_question_of_a_shipped_round_is_about_another_feature(seed: int) -> None:
    dealt = shipped_round("spot-first", seed)
    assert len(set(picks(dealt))) == len(dealt) > 1
