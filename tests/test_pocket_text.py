"""The hand-written text of the pocket corpus: the template language, and every template of it."""

import random
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.errors import AuthorError
from playground.pocket import grammar as grammar_module
from playground.pocket.grammar import GENRES, LANGUAGES, MOODS, STYLES, TEXT, Grammar, Topic, load
from playground.pocket.template import MEN, WOMEN, Scene, capital, definite, expand, filled
from playground.pocket.writer import WORD, Writer

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
SLOT_LEFT = re.compile(r"[\[\]{}<>|]")
SINGLE_PARTS = ("finds", "who", "places", "doings")
SENTENCE_PARTS = ("facts", "says", "talk", "quiz", "howto", "news", "poems")
TOPICS = sorted(load().topics)


class Drawable(Protocol[T_co]):
    def __len__(self) -> int: ...
    def __getitem__(self, key: int, /) -> T_co: ...


class Nth(random.Random):
    """Draws the nth alternative everywhere; n = 0, 1, ... writes each of them at least once."""

    def __init__(self, n: int) -> None:
        super().__init__(0)
        self.n = n

    def choice(self, seq: Drawable[T]) -> T:
        return seq[self.n % len(seq)]


def scene(n: int = 0, hero: str = "Mia", first_person: bool = False) -> Scene:
    return Scene(Nth(n), hero, "Tom", first_person)


def strings(value: Any) -> Iterator[str]:
    """Every string inside lists, tuples and dicts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from strings(each)


def sentences(topic: Topic) -> list[str]:
    return [line for part in SENTENCE_PARTS for line in strings(getattr(topic, part))]


def ways(*templates: str) -> int:
    """How many draws it takes to write every alternative of these templates once."""
    bars = [m.count("|") for t in templates for m in re.findall(r"\[[^\]]*\]|<[^>]*>", t)]
    return 1 + max(bars, default=0)


def told(*templates: str, hero: str = "Mia", first_person: bool = False) -> Iterator[list[str]]:
    """The templates as one text, once for each draw, with the slots that a writer supplies."""
    for n in range(ways(*templates)):
        here = scene(n, hero, first_person)
        yield [expand(each, here, open="One day", noun="cats") for each in templates]


# -- the template language ---------------------------------------------------------------------
PLAIN = st.text(st.characters(categories=("Ll", "Lu", "Nd")), min_size=1, max_size=8)


@given(st.lists(PLAIN, min_size=1, max_size=5), st.integers(0, 2**32))
def test_a_choice_is_one_of_its_alternatives(options: list[str], seed: int) -> None:
    drawn = expand(f"so [{'|'.join(options)}]", Scene.draw(random.Random(seed)))
    assert drawn.removeprefix("So ") in options


@given(st.lists(PLAIN, min_size=1, max_size=5), st.integers(0, 2**32))
def test_a_remembered_choice_stays(options: list[str], seed: int) -> None:
    here = Scene.draw(random.Random(seed))
    first = expand(f"0 <pet:{'|'.join(options)}> 0", here)
    again = expand("0 <pet> 0", here)
    redrawn = expand(f"0 <pet:{'|'.join(options)}> 0", here)
    assert first == again == redrawn
    assert here.memory["pet"] in options


@given(st.lists(PLAIN, min_size=1, max_size=6), st.integers(0, 2**32))
def test_plain_text_only_gets_its_capital(words: list[str], seed: int) -> None:
    text = " ".join(words)
    assert expand(text, Scene.draw(random.Random(seed))) == capital(text)


@given(st.text(max_size=30))
def test_capital_changes_at_most_the_first_letter(text: str) -> None:
    before = next((n for n, letter in enumerate(text) if letter.isalpha()), len(text))
    changed = capital(text)
    assert changed[:before] == text[:before]
    assert changed[len(changed) - len(text[before + 1 :]) :] == text[before + 1 :]


def test_pronouns_agree_with_the_hero() -> None:
    line = "{hero} saw {him} in {his} hat; {he} did it {himself} with {friend}"
    assert expand(line, scene(hero="Mia")) == "Mia saw her in her hat; she did it herself with Tom"
    assert expand(line, scene(hero="Leo")) == "Leo saw him in his hat; he did it himself with Tom"
    assert expand(line, scene(first_person=True)) == "I saw me in my hat; I did it myself with Tom"


def test_a_slot_may_begin_a_sentence() -> None:
    assert expand("{his} cat slept. {He} did not.", scene()) == "Her cat slept. She did not."


def test_speech_is_turned_for_the_first_person() -> None:
    assert expand('"Stop!" said {hero}.', scene(first_person=True)) == '"Stop!" I said.'
    assert expand('"Stop!" said {hero}.', scene()) == '"Stop!" said Mia.'


def test_an_empty_alternative_leaves_no_gap() -> None:
    assert expand("a [|very] big [|old], dog [|here].", scene(0)) == "A big, dog."


def test_an_unknown_slot_is_named() -> None:
    with pytest.raises(KeyError, match="villain"):
        expand("{villain} laughed", scene())
    with pytest.raises(KeyError, match="pet"):
        expand("the <pet> slept", scene())


def test_the_same_people_may_tell_the_story_themselves() -> None:
    here = scene()
    expand("<pet:cat|dog>", here)
    assert expand("{hero} and the <pet>", here.told_by(first_person=True)) == "I and the cat"


def test_names_are_either_his_or_hers() -> None:
    assert not set(WOMEN) & set(MEN)
    here = Scene.draw(random.Random(3))
    assert here.hero != here.friend


# -- how much there is -------------------------------------------------------------------------
def test_there_is_enough_to_read() -> None:
    grammar = load()
    plots = [plot.lines for topic in grammar.topics.values() for plot in topic.plots]
    skeletons = {line for topic in grammar.topics.values() for line in sentences(topic)}
    assert len(grammar.topics) >= 40
    assert len(plots) >= 300
    assert len(set(plots)) == len(plots)
    assert len(skeletons) >= 1500
    assert len(grammar.concepts()) >= 60
    assert len(set(grammar.concepts())) == len(grammar.concepts())
    words = {word.lower() for each in english(grammar) for word in WORD.findall(each)}
    assert len(words) >= 5000


def english(grammar: Grammar) -> Iterator[str]:
    for topic in grammar.topics.values():
        yield from sentences(topic)
        yield from strings([topic.plural, [plot.lines for plot in topic.plots]])
    for mood in grammar.moods.values():
        yield from strings([mood.start, mood.why, mood.middle, mood.end])
    yield from strings([grammar.genres, grammar.styles, grammar.switches, grammar.openings])


def test_english_is_plain_ascii() -> None:
    odd = [line for line in english(load()) if not line.isascii()]
    assert not odd


# -- every template ----------------------------------------------------------------------------
@pytest.mark.parametrize("first_person", [False, True])
@pytest.mark.parametrize("name", TOPICS)
def test_every_plot_expands(name: str, first_person: bool) -> None:
    for plot in load().topics[name].plots:
        assert plot.mood in (*MOODS, "plain")
        assert 5 <= len(plot.lines) <= 8, plot.lines[0]
        assert plot.lines[0].startswith("{open}"), plot.lines[0]
        for written in told(*plot.lines, first_person=first_person):
            for line in written:
                assert not SLOT_LEFT.search(line), line
                assert "  " not in line, line
                assert capital(line) == line, line


@pytest.mark.parametrize("name", TOPICS)
def test_every_topic_sentence_expands(name: str) -> None:
    topic = load().topics[name]
    for template in sentences(topic):
        for (line,) in told(template):
            assert not SLOT_LEFT.search(line), line
    for plain in (*topic.plural, *topic.words, topic.noun):
        assert not SLOT_LEFT.search(plain), f"{name}: a slot in {plain!r}"


@pytest.mark.parametrize("name", TOPICS)
def test_whatever_fills_a_tale_shows_the_topic(name: str) -> None:
    topic = load().topics[name]
    for part in SINGLE_PARTS:
        for template in strings(getattr(topic, part)):
            for n in range(ways(template)):
                line = filled(template, scene(n))
                assert present(line) & topic.words, f"{name}, {part}: {line}"
    for phrase in (*topic.finds, *topic.who):
        assert phrase.startswith(("a ", "an ")), f"{name}: {phrase}"
    assert all(len(pair) == 2 for pair in topic.doings)


@pytest.mark.parametrize("first_person", [False, True])
@pytest.mark.parametrize("name", TOPICS)
def test_every_topic_fills_every_tale(name: str, first_person: bool) -> None:
    grammar = load()
    for n, plot in enumerate(grammar.tales):
        writer = Writer(grammar, random.Random(n), first_person)
        parts = writer.tale(grammar.topics[name], plot)
        assert not any(SLOT_LEFT.search(part.text) for part in parts), plot.lines[0]
        carrying = sum(name in part.concepts for part in parts)
        assert carrying >= 4, f"{name}: {plot.lines[0]}"


def test_tales_are_of_every_mood_and_none_is_told_twice() -> None:
    tales = load().tales
    assert {tale.mood for tale in tales} == {*MOODS, "plain"}
    assert len({tale.lines[0] for tale in tales}) == len(tales)
    assert all(tale.lines[0].startswith("{open}") and 5 <= len(tale.lines) <= 8 for tale in tales)


def test_a_thing_spoken_of_again_is_definite() -> None:
    assert definite("an old bell") == "the old bell"
    assert definite("a ball of yarn") == "the ball of yarn"


def test_every_other_template_expands() -> None:
    grammar = load()
    moods = [[m.start, m.why, m.middle, m.end] for m in grammar.moods.values()]
    rest = [grammar.genres, grammar.styles, grammar.switches, grammar.openings, moods]
    for language in grammar.languages.values():
        rest += [language.stories, language.letters]
    for template in strings(rest):
        for (line,) in told(template):
            assert not SLOT_LEFT.search(line), line


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_shows_in_what_is_written_for_it(name: str) -> None:
    topic = load().topics[name]
    moods = [plot.mood for plot in topic.plots]
    assert set(MOODS) <= set(moods), f"{name} has no plot that is {set(MOODS) - set(moods)}"
    assert len(topic.words) >= 40
    assert all(word == word.lower() for word in topic.words)
    for plot in topic.plots:
        for written in told(*plot.lines):
            carrying = sum(bool(present(line) & topic.words) for line in written)
            assert carrying >= 4, f"{name}, {plot.mood}: {plot.lines[0]}"


def present(text: str) -> set[str]:
    return {word.lower() for word in WORD.findall(text)}


@pytest.mark.parametrize("mood", MOODS)
def test_every_sentence_of_a_mood_names_it(mood: str) -> None:
    feeling = load().moods[mood]
    for template in strings([feeling.start, feeling.middle, feeling.end]):
        for first_person in (False, True):
            for (line,) in told(template, first_person=first_person):
                assert present(line) & feeling.words, f"{mood}: {line}"


def test_the_cause_of_a_mood_names_no_topic_and_no_other_mood() -> None:
    grammar = load()
    for mood, feeling in grammar.moods.items():
        others = [each.words for name, each in grammar.moods.items() if name != mood]
        for cause in strings([feeling.why]):
            words = present(cause)
            assert cause.startswith("for "), cause
            assert not any(words & each.words for each in grammar.topics.values()), cause
            assert not any(words & each for each in others), cause


def test_names_of_files_and_topics_agree() -> None:
    for path in (TEXT / "topics").glob("*.toml"):
        assert grammar_module.topic(path).name == path.stem


def test_every_genre_style_and_language_has_its_text() -> None:
    grammar = load()
    assert set(grammar.moods) == set(MOODS)
    assert set(grammar.languages) == set(LANGUAGES)
    assert set(STYLES) <= set(grammar.styles)
    assert set(grammar.genres) <= set(GENRES)
    assert set(grammar.switches["style"]) >= set(STYLES)
    assert set(grammar.switches["language"]) >= set(LANGUAGES)


# -- errors name the file ----------------------------------------------------------------------
GOOD = (TEXT / "topics" / "cats.toml").read_text(encoding="utf-8")


def test_broken_toml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("name = ", encoding="utf-8")
    with pytest.raises(AuthorError, match=r"broken\.toml.*TOML"):
        grammar_module.topic(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match=r"nowhere\.toml"):
        grammar_module.read(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("key", ["words", "talk", "plot"])
def test_a_missing_key_of_a_topic_is_named(tmp_path: Path, key: str) -> None:
    path = tmp_path / "thin.toml"
    renamed = re.sub(rf"^(\[\[)?{key}\b", rf"\g<1>not_{key}", GOOD, flags=re.MULTILINE)
    path.write_text(renamed, encoding="utf-8")
    with pytest.raises(AuthorError, match=rf"thin\.toml.*{key}"):
        grammar_module.topic(path)


def test_an_unknown_key_of_a_topic_is_named(tmp_path: Path) -> None:
    path = tmp_path / "extra.toml"
    path.write_text("colour = 'red'\n" + GOOD, encoding="utf-8")
    with pytest.raises(AuthorError, match=r"extra\.toml.*colour"):
        grammar_module.topic(path)


def test_a_missing_part_of_a_language_is_named(tmp_path: Path) -> None:
    path = tmp_path / "elvish.toml"
    path.write_text("name = 'elvish'\nwords = []\n", encoding="utf-8")
    with pytest.raises(AuthorError, match=r"elvish\.toml.*story"):
        grammar_module.language(path)


def test_a_missing_mood_is_named(tmp_path: Path) -> None:
    moods = tomllib.loads((TEXT / "moods.toml").read_text(encoding="utf-8"))
    assert set(moods) >= set(MOODS)
    (tmp_path / "topics").mkdir()
    (tmp_path / "moods.toml").write_text("[happy]\nwords = []\n", encoding="utf-8")
    with pytest.raises(AuthorError, match=r"moods\.toml.*\[sad\]"):
        load(tmp_path)
