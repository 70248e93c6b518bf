"""Translations: none is missing, none too much, none older than its English text; and the means to
tell so."""

import re
from pathlib import Path

import pytest

from playground.errors import AuthorError
from playground.levels import translations
from playground.levels.schema import blanks_in
from playground.levels.shelf import LEVELS, Shelf
from playground.levels.translated import translated
from playground.levels.translations import Pair, complaints, locked, marked
from playground.text.handbook import ELSEWHERE, FIRST_AT_MOST, HANDBOOK, Handbook, shipped
from playground.text.language import LANGUAGES, SOURCE, Language, is_sibling, present, sibling

ROOT = Path(__file__).parents[1]
OTHERS: list[Language] = [language for language in LANGUAGES if language != SOURCE]
PAIRS = [pair for language in OTHERS for pair in translations.pairs(language)]
HANDBOOKS = "docs/handbook/"


# -- the shipped texts -----------------------------------------------------------------------------
def test_every_translation_is_there_and_up_to_date() -> None:
    found = complaints(PAIRS, locked())
    assert not found, "\n".join(found)


def test_the_lock_knows_nothing_else() -> None:
    assert marked(PAIRS, locked(), ()) == locked()


@pytest.mark.parametrize("language", OTHERS)
def test_a_translated_level_is_the_same_level(language: Language) -> None:
    shelf = Shelf.load()
    other = shelf.told_in(language)
    for level, told in zip(shelf.levels, other.levels, strict=True):
        hidden = {"title", "brief", "goals", "hints", "win", "learned"}
        assert told.model_dump(exclude=hidden) == level.model_dump(exclude=hidden)
        assert told.title and told.brief != level.brief
        for goal, same in zip(level.goals, told.goals, strict=True):
            assert goal.model_dump(exclude={"says"}) == same.model_dump(exclude={"says"})
        for step in ("nudge", "method", "answer"):
            assert blanks_in(getattr(told.hints, step)) == blanks_in(getattr(level.hints, step))
        assert told.learned.source == level.learned.source


@pytest.mark.parametrize("language", OTHERS)
def test_every_word_that_a_level_teaches_has_a_page_in_its_language(language: Language) -> None:
    book = shipped(language)
    for level in Shelf.load().told_in(language).levels:
        assert [word for word in level.learned.words if book.term(word) is None] == [], level.id


@pytest.mark.parametrize("language", OTHERS)
def test_a_translated_page_says_what_the_english_one_does(language: Language) -> None:
    book, english = shipped(language), shipped()
    for page in book.pages:
        source = english.by_slug[page.slug]
        assert 0 < len(page.first) <= FIRST_AT_MOST, page.slug
        assert set(page.links) == set(source.links), page.slug
        assert outward(page.body) == outward(source.body), page.slug
        assert not re.search(r"\]\([a-z0-9-]+\.md\)", page.body), f"{page.slug}: an English link"
        assert page.body.count("\n|") == source.body.count("\n|"), f"{page.slug}: a table"


def outward(text: str) -> list[str]:
    return sorted(re.findall(rf"\(({ELSEWHERE[0]}[^)]+)\)", text))


def test_every_sibling_belongs_to_a_file() -> None:
    folders = (ROOT / "levels", ROOT / "docs", ROOT / "playground")
    names = {path for folder in folders for path in folder.rglob("*.*") if is_sibling(path)}
    known = {ROOT / pair.file for pair in PAIRS if pair.translation is not None}
    known |= {ROOT / "playground/text/sayings.ru.toml", HANDBOOK / "pocket.ru.svg"}
    known.add(HANDBOOK / "pages.ru.toml")
    assert names <= known


# -- the means -------------------------------------------------------------------------------------
def test_what_is_wrong_names_file_and_key() -> None:
    sound = Pair("a.ru.toml", "home.go", "Go to {place}", "Иди в {place}")
    lock = {"a.ru.toml": {"home.go": sound.hash}}
    assert complaints([sound], lock) == []
    cases = {
        "a.ru.toml: home.go: is missing": Pair("a.ru.toml", "home.go", "Go", None),
        "a.ru.toml: home.go: translates nothing": Pair("a.ru.toml", "home.go", None, "Иди"),
        "a.ru.toml: home.go: has the gaps []": Pair("a.ru.toml", "home.go", sound.source, "Иди"),
        "a.ru.toml: home.go: its English text has changed": Pair(
            "a.ru.toml", "home.go", "Now go to {place}", sound.translation
        ),
    }
    for beginning, pair in cases.items():
        (line,) = complaints([pair], lock)
        assert line.startswith(beginning)
    assert complaints([sound], {})[0].endswith('make translations ARGS="mark a.ru.toml"')


def test_a_text_is_out_of_date_until_it_is_marked() -> None:
    old, new = (Pair("a.ru.toml", "one", text, "раз") for text in ("one", "one!"))
    new = Pair("a.ru.toml", "key", new.source, "раз")
    other = Pair("b.ru.toml", "key", "two", "два")
    lock = marked([new, other], {}, {"a.ru.toml"})
    assert complaints([new], lock) == []
    assert len(complaints([new, other], lock)) == 1
    assert marked([other], lock, ()) == {}
    assert old.kept is False, "a text that is its own key cannot go out of date"
    assert translations.tomllib.loads(translations.written(lock)) == lock


def test_what_is_not_translated_stays_english(tmp_path: Path) -> None:
    book = HANDBOOK / "order.toml"
    assert present(tmp_path / "new.md", "ru") == tmp_path / "new.md"
    assert sibling(book, "en") == book
    (tmp_path / "order.toml").write_text('[[group]]\ntitle = "All"\npages = ["cat"]\n')
    (tmp_path / "pages.toml").write_text('[cat]\nchecked = "2026-11"\n')
    (tmp_path / "cat.md").write_text("# Cat\n\nA cat purrs.\n\nIt sleeps.\n")
    assert [page.title for page in Handbook.load(tmp_path, "ru").pages] == ["Cat"]
    (tmp_path / "cat.ru.md").write_text("# Кот\n\nКот мурчит.\n\nОн спит.\n", encoding="utf-8")
    titled = '[titles]\n"All" = "Всё"\n'
    (tmp_path / "order.ru.toml").write_text(titled, encoding="utf-8")
    told = Handbook.load(tmp_path, "ru")
    assert [(group.title, group.pages[0].title) for group in told.groups] == [("Всё", "Кот")]
    assert [page.slug for page in told.pages] == ["cat"]
    assert told.term("КОТ") is told.page("cat")


def test_a_level_needs_a_sentence_for_each_goal(tmp_path: Path) -> None:
    level = Shelf.load().level("find-cats")
    path = sibling(LEVELS / "microscope" / "find-cats.toml", "ru")
    one = re.sub(r"(says = \[\n[^\n]+\n)[^\n]+\n", r"\1", path.read_text(encoding="utf-8"))
    (tmp_path / "find-cats.ru.toml").write_text(one, encoding="utf-8")
    with pytest.raises(AuthorError, match="found 1 sentences; the level has 2 goals"):
        translated(level, tmp_path / "find-cats.ru.toml")
