"""How a token of a text is told in a sentence."""

import pytest

from playground.levels.dealing.passages import spelt, word_at
from playground.text.words import Words

TOKENS = ("The", " c", "rate", " isn", "'t", " here", ";", " he", " ate", "\n", "18")


@pytest.mark.parametrize(
    ("place", "word", "said"),
    [
        (0, "The", "“The”"),
        (1, "crate", "“c” (a piece of “crate”)"),
        (2, "crate", "“rate” (a piece of “crate”)"),
        (4, "isn't", "“'t” (a piece of “isn't”)"),
        (6, ";", "“;”"),
        (8, "ate", "“ate”"),
        (9, "", "the line break"),
        (10, "18", "“18”"),
    ],
)
def test_a_piece_of_a_word_is_told_with_the_word(place: int, word: str, said: str) -> None:
    assert word_at(TOKENS, place) == word
    assert Words().said(spelt(TOKENS, place)) == said
