from dataclasses import replace
from typing import Any, cast

import pytest

from playground.atlas.atlas import Atlas
from playground.atlas.cards import Card, ConceptEntry
from playground.errors import AuthorError
from playground.levels.dealing.deals import SHIPPED_SEEDS
from playground.levels.dealing.questions import Bars, Portrait, Sealed, Strip
from playground.levels.judging import Bench, LabelledText
from playground.levels.kinds.promote import PromoteLevel
from playground.text.words import Words
from tests.fake_model import CAT, COCOA, FakeAtlas, FakeEngine
from tests.kind_parts import fields, shipped_round

SAY = Words().said
# Beside whole words of their own concept: a piece of a word, a word of nothing, and for cats one
# that stands in the card's text.
CATS = (" kit", " window", " cats", " kitten", " whiskers")
SWEETS = (" truffles", " whiskers", " chocolate")
TEXTS = ("The kitten had whiskers, cats say at the window.", "Truffles, whiskers and chocolate.")


class SayingAtlas(FakeAtlas):
    """Chocolate's feature is at the site of that of cats, unless `apart`."""

    apart = False

    def concept(self, name: str) -> ConceptEntry:
        entry = super().concept(name)
        site = "early" if self.apart and name == "cats" else "late"
        return replace(entry, detectors=(replace(entry.detectors[0], site=site),))

    def card(self, site: str, index: int) -> Card:
        card, said = super().card(site, index), {CAT: CATS, COCOA: SWEETS}[index]
        values = tuple(1.0 - place / 10 for place in range(len(said)))
        seen = ("our ", "cats", " purr") if index == CAT else ("hot ", "cocoa", " tasted")
        texts = tuple(
            replace(each, tokens=seen, values=(0.0, 2.0, 0.0), maxValueTokenIndex=1)
            for each in card.activations
        )
        return replace(card, pos_str=said, pos_values=values, activations=texts)


def level(rounds: int = 1, win: int = 1, **more: object) -> PromoteLevel:
    page = {**fields("promote", rounds, win, 5, 6), "options": 2}
    return PromoteLevel.model_validate({**page, **more})


def bench(atlas: FakeAtlas) -> Bench:
    texts = [LabelledText(text, True) for text in TEXTS]
    return Bench(FakeEngine(), cast(Atlas, atlas), {"cats": texts, "chocolate": texts})


def about(concept: str) -> Sealed:
    """The question on its feature; two rounds ask about both."""
    return next(
        sealed for sealed in level(2).deal(bench(SayingAtlas()), 0) if concept in SAY(sealed.why)
    )


def test_the_strongest_whole_word_that_no_text_shows_is_right() -> None:
    sealed = about("cats")
    assert isinstance(sealed.solution, int)
    assert sealed.question.options[sealed.solution] == "kitten"  # “cats” stands in the text
    assert sorted(map(SAY, sealed.question.options)) == ["kitten", "truffles"]
    assert sealed.right == {sealed.solution}
    assert SAY(sealed.why) == (
        "It detects cats. Of all tokens, “kitten” is number 4 of those that it makes likelier: "
        "its logit rises by 0.7. The other words are not among the first 5."
    )


def test_the_lists_are_shown_after_the_answer_only() -> None:
    sealed = about("cats")
    assert [type(each) for each in sealed.question.exhibits] == [Strip]
    bars, portrait = sealed.reveal
    assert isinstance(bars, Bars)
    assert [SAY(name) for name, _ in bars.rows][3:] == ["“kitten”", "“whiskers”"]
    assert isinstance(portrait, Portrait)
    assert portrait.named


def test_what_two_features_promote_is_no_wrong_option() -> None:
    class Shared(SayingAtlas):
        def card(self, site: str, index: int) -> Card:
            card = super().card(site, index)
            return replace(card, pos_str=(" truffles", *card.pos_str[1:])) if index == CAT else card

    cats = next(
        each
        for each in level(2).deal(bench(Shared()), 0)
        if "kitten" in each.question.options and "cats" in SAY(each.why)
    )
    assert sorted(map(SAY, cats.question.options)) == ["chocolate", "kitten"]


def test_no_wrong_word_stands_in_the_texts_of_its_feature_either() -> None:
    """Else the rarest word were often right."""

    class Shown(SayingAtlas):
        def card(self, site: str, index: int) -> Card:
            card, seen = super().card(site, index), ("hot ", "truffles", " tasted")
            if index == CAT:
                return card
            texts = tuple(replace(each, tokens=seen) for each in card.activations)
            return replace(card, activations=texts)

    asked = [each.question.options for each in level(2).deal(bench(Shown()), 0)]
    cats = next(options for options in asked if "kitten" in options)
    assert sorted(map(SAY, cats)) == ["chocolate", "kitten"]


def test_without_another_feature_at_the_site_nothing_is_asked() -> None:
    atlas = SayingAtlas()
    atlas.apart = True
    lacks = r"level example: needs 1 features that make .* has 0 that fit"
    with pytest.raises(AuthorError, match=lacks):
        next(level().deal(bench(atlas), 0))


def test_the_same_seed_asks_the_same() -> None:
    fake: Any = bench(SayingAtlas())
    assert list(level(2).deal(fake, 3)) == list(level(2).deal(fake, 3))
    places = {tuple(each.solution for each in level(2).deal(fake, seed)) for seed in range(8)}
    assert places == {(0, 1), (1, 0)}


@pytest.mark.parametrize("seed", SHIPPED_SEEDS)
def test_no_option_of_a_shipped_round_stands_in_its_texts(seed: int) -> None:
    for sealed in shipped_round("promote-first", seed):
        texts = "".join(
            token
            for each in sealed.question.exhibits
            if isinstance(each, Strip)
            for token in each.tokens
        )
        assert not [word for word in sealed.question.options if str(word) in texts.split()]
