"""Sentences of levels in another language, and the game that hands them out."""

import pytest

from playground.text.sayings import Sayings
from playground.text.words import Words

PATTERNS = {
    "You got {right:d} of {count:d} right.": "Верно: {right} из {count}.",
    "It peaks on {token}.": "Пик на {token}.",
    "{others} came close.": "Почти так же и на {others}.",
    "It stays silent.{misled}": "Молчит.{misled}",
    "“{word}” goes with {topic}.": "Слово «{word}» к теме «{topic}».",
    "the line break": "переносе строки",
    "“{text}”": "«{text}»",
    " and ": " и ",
}
SAID = Sayings(PATTERNS, {"Cats": "Кошки", "Knights and castles": "Рыцари и замки"})


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        ("You got 3 of 6 right.", "Верно: 3 из 6."),
        ("You got three of 6 right.", "You got three of 6 right."),
        ("It peaks on “cats”.", "Пик на «cats»."),  # a word of the model stays
        ("It peaks on the line break.", "Пик на переносе строки."),
        # several sayings, one after the other
        ("You got 3 of 6 right. It peaks on “x”.", "Верно: 3 из 6. Пик на «x»."),
        # a gap never swallows what another saying explains
        ("It peaks on “x”. “y” and the line break came close.",
         "Пик на «x». Почти так же и на «y» и переносе строки."),
        # a gap may be empty, or hold a saying
        ("It stays silent.", "Молчит."),
        ("It stays silent. “sail” goes with cats.", "Молчит. Слово «sail» к теме «кошки»."),
        ("“moat” goes with knights and castles.", "Слово «moat» к теме «рыцари и замки»."),
        ("Cats", "Кошки"),
        ("cats and knights", "cats and knights"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_sentence_is_known_by_its_pattern(english: str, russian: str) -> None:
    assert SAID(english) == russian


def test_in_english_everything_stays_as_it_is() -> None:
    said = Words.load().said
    assert said("You got 3 of 6 right.") == "You got 3 of 6 right."
