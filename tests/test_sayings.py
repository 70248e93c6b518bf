"""Sentences of levels in another language, and the game that hands them out."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from playground.atlas.atlas import Atlas
from playground.game.game import Game, Pick, SteerVerdict
from playground.levels.judging import Bench, LabelledText
from playground.levels.shelf import Shelf
from playground.screens.told import Told
from playground.store.store import Store
from playground.text.sayings import Sayings
from playground.text.words import Words
from tests.fake_model import CAT, COCOA, FakeAtlas, FakeEngine

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


# -- the game --------------------------------------------------------------------------------------
TEXTS = {"cats": [LabelledText("a kitten", True), LabelledText("the train", False)]}


@pytest.fixture
def game(tmp_path: Path) -> Iterator[Game]:
    bench = Bench(FakeEngine(), cast(Atlas, FakeAtlas()), TEXTS)
    store = Store.open(f"sqlite:///{tmp_path / 'p.db'}")
    game = Game(bench, store, Shelf.load())
    yield game
    game.close()


def test_two_languages_are_one_game(game: Game) -> None:
    """Who wins in one has won in the other; each reads its own."""
    told = Told(game, Words.of("ru"))
    player = game.player(None)
    assert told.player(player) == player
    verdict = told.submit(player, "find-cats", Pick("late", CAT))
    assert verdict.won
    assert verdict.sentence.startswith("Получилось. Если показать один текст на тему «кошки»")
    assert verdict.goals[0].found.endswith("из 100")
    assert game.home(player).won == told.home(player).won == 1
    english, russian = (each.home(player).chapters[0].marks[2] for each in (game, told))
    assert (english.id, english.title) == ("find-cats", "The cat detector")
    assert (russian.id, russian.title) == ("find-cats", "Детектор кошек")
    assert game.submit(player, "find-cats", Pick("late", CAT)).sentence.startswith("It works")


def test_hints_prices_and_verdicts_are_told(game: Game) -> None:
    told = Told(game, Words.of("ru"))
    player = told.player(None)
    assert told.start(player, "find-cats").hint_price == "Эта подсказка бесплатная."
    told.hint(player, "find-cats")
    told.hint(player, "find-cats")
    start = told.hint(player, "find-cats")
    assert start.hints[2].text == f"Посмотри на признак {CAT} (место в модели: конец)."
    told.submit(player, "find-cats", Pick("late", CAT))
    *_, last = told.steer(player, "steer-chocolate", [Pick("late", COCOA)], [0.0])
    assert isinstance(last, SteerVerdict)
    assert last.sentence == (
        "Твой регулятор стоит на 0, так что никакого толчка не было: прибавь силы."
    )
    assert [part.title for part in last.parts] == ["Шоколад"]
