"""Documents of the pocket corpus, genre by genre and in bulk, and the tokenizer that reads them."""

import ast
import random
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from playground.pocket import corpus, genres, tokenizer
from playground.pocket.corpus import Document, documents
from playground.pocket.grammar import GENRES, LANGUAGES, MOODS, STYLES, Plot, load
from playground.pocket.writer import TIMED, WORD, Fragment, Writer, carrying, replaced

SLOT_LEFT = re.compile(r"\{\w+\}|<\w+(:|>)|\[[^\]\n]*\|")
EXERCISE = re.compile(r"(\d+) ([+-]) (\d+) = (\d+)")
SEED, COUNT = 11, 4000


@pytest.fixture(scope="module")
def sample() -> list[Document]:
    return list(documents(SEED, COUNT))


def words(text: str) -> set[str]:
    return {word.lower() for word in WORD.findall(text)}


def genre(name: str, seed: int, topic: str = "cats") -> str:
    writer = Writer(load(), random.Random(seed))
    parts = genres.write(writer, name, load().topics[topic])
    return "".join(part.glue + part.text for part in parts).strip()


# -- documents ---------------------------------------------------------------------------------
def test_the_same_seed_gives_the_same_documents() -> None:
    assert list(documents(5, 200)) == list(documents(5, 200))
    assert list(documents(5, 50)) == list(documents(5, 200))[:50]


def test_another_seed_gives_others() -> None:
    ours = {document.text for document in documents(5, 300)}
    assert not ours & {document.text for document in documents(6, 300)}


def test_no_document_has_a_twin(sample: list[Document]) -> None:
    assert len(sample) == COUNT
    assert len({document.text for document in sample}) == COUNT


def test_no_slot_is_left_over(sample: list[Document]) -> None:
    python = [document.text for document in sample if "code" in document.concepts]
    left = [d.text for d in sample if SLOT_LEFT.search(d.text) and d.text not in python]
    assert not left


def test_documents_are_tidy(sample: list[Document]) -> None:
    for document in sample:
        assert document.text == document.text.strip()
        assert 40 < len(document.text) < 4000, document.text
        if "code" not in document.concepts:
            assert "  " not in document.text, document.text
        assert " ," not in document.text, document.text


def test_every_concept_is_written(sample: list[Document]) -> None:
    counted = Counter(concept for document in sample for concept in document.concepts)
    unwritten = set(load().concepts()) - counted.keys()
    assert not unwritten
    assert counted.keys() <= set(load().concepts()), "a label that is no concept"


def test_about_a_third_change_their_subject(sample: list[Document]) -> None:
    share = sum(document.switch for document in sample) / COUNT
    assert abs(share - corpus.SHARES["switch"]) < 0.04


# -- labels ------------------------------------------------------------------------------------
def test_a_labelled_topic_was_really_written(sample: list[Document]) -> None:
    topics = load().topics
    for document in sample:
        written = words(document.text)
        for name in document.concepts & topics.keys():
            assert len(written & topics[name].words) >= 2, f"{name}: {document.text}"


def test_a_labelled_mood_was_really_written(sample: list[Document]) -> None:
    moods = load().moods
    for document in sample:
        if document.concepts & set(STYLES):  # a style replaces words, those of a mood too
            continue
        written = words(document.text)
        for name in document.concepts & set(MOODS):
            assert written & moods[name].words, f"{name}: {document.text}"


def test_a_labelled_language_was_really_written(sample: list[Document]) -> None:
    languages = load().languages
    for document in sample:
        written = words(document.text)
        for name in document.concepts & set(LANGUAGES):
            found = len(written & languages[name].words)
            assert found >= 3, f"{name}: {document.text}"


def test_cyrillic_is_russian_and_nothing_else(sample: list[Document]) -> None:
    for document in sample:
        cyrillic = bool(re.search("[а-яё]", document.text, re.IGNORECASE))
        assert cyrillic == ("russian" in document.concepts), document.text


def test_shouting_is_in_capitals(sample: list[Document]) -> None:
    for document in sample:
        letters = [letter for letter in document.text if letter.isalpha()]
        upper = sum(letter.isupper() for letter in letters) / len(letters)
        if "shouting" in document.concepts:
            assert upper > 0.2, document.text
            assert document.switch or upper > 0.95, document.text
        elif not document.concepts & set(LANGUAGES):
            assert upper < 0.2, document.text


@pytest.mark.parametrize("style", ["pirate", "baby", "polite"])
def test_a_labelled_style_was_really_written(sample: list[Document], style: str) -> None:
    own = {word.lower() for word in load().styles[style]["words"]}
    texts = [document.text for document in sample if style in document.concepts]
    telling = sum(bool(words(text) & own) for text in texts)
    assert telling / len(texts) > 0.9


def test_a_topic_named_once_is_not_a_label() -> None:
    grammar = load()
    thin = [Fragment("I saw a kitten.", frozenset({"cats"})), Fragment("It was gone.", frozenset())]
    full = [*thin, Fragment("Then I heard it purr.", frozenset({"cats"}))]
    assert corpus.finish(grammar, thin, switch=False).concepts == frozenset()
    assert corpus.finish(grammar, full, switch=False).concepts == {"cats"}


# -- genres ------------------------------------------------------------------------------------
def test_the_tables_name_the_same_genres() -> None:
    assert set(genres.WRITERS) == set(GENRES) == set(corpus.GENRE_WEIGHTS)
    assert set(corpus.SWITCHES) == set(corpus.SWITCH_WEIGHTS)


@pytest.mark.parametrize("name", GENRES)
@pytest.mark.parametrize("topic", ["cats", "computers", "space"])
def test_every_genre_writes_and_labels(name: str, topic: str) -> None:
    for seed in range(20):
        parts = genres.write(Writer(load(), random.Random(seed)), name, load().topics[topic])
        assert parts
        assert all(name in part.concepts for part in parts)
        assert all(part.text for part in parts)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(sorted(load().topics)))
def test_code_is_python(seed: int, topic: str) -> None:
    text = genre("code", seed, topic)
    assert text.startswith("# a ")
    assert ast.parse(text).body


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["bees", "cats", "chess", "trains"]))
def test_code_runs(seed: int, topic: str) -> None:
    printed: list[tuple[object, ...]] = []
    scope = {"print": lambda *values: printed.append(values)}
    exec(compile(genre("code", seed, topic), "<document>", "exec"), scope)
    assert printed


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(sorted(load().topics)))
def test_arithmetic_is_right(seed: int, topic: str) -> None:
    text = genre("arithmetic", seed, topic)
    exercises = EXERCISE.findall(text)
    assert 2 <= len(exercises) <= 3
    for a, sign, b, result in exercises:
        assert int(a) + (int(b) if sign == "+" else -int(b)) == int(result), text
    for has, changes, now in re.findall(r"has (\d+) .*? (\d+) .*? has (\d+) ", text):
        assert abs(int(has) - int(now)) == int(changes), text


@pytest.mark.parametrize("seed", range(10))
def test_forms_of_genres(seed: int) -> None:
    assert genre("letter", seed).startswith(("Dear", "My dear"))
    questions = genre("quiz", seed)
    assert questions.count("Question: ") == questions.count("Answer: ") >= 3
    assert re.search(r"^1\. .*\n2\. ", genre("howto", seed), re.MULTILINE)
    assert len(re.findall(r"^- ", genre("shopping", seed), re.MULTILINE)) >= 6
    assert len(genre("poem", seed).splitlines()) in (5, 9)
    speakers = re.findall(r"^(\w+): ", genre("dialogue", seed), re.MULTILINE)
    assert len(set(speakers)) == 2


@pytest.mark.parametrize("seed", range(10))
def test_lists_keep_the_order_of_their_pool(seed: int) -> None:
    w = Writer(load(), random.Random(seed))
    pool = list(range(20))
    drawn = w.drawn(pool, 7)
    assert len(set(drawn)) == 7 and drawn == sorted(drawn)
    assert w.drawn(pool, 99) == pool
    order = [pair[0] for pair in load().topics["cats"].quiz]
    asked = re.findall(r"^Question: (.*)$", genre("quiz", seed, "cats"), re.MULTILINE)
    plain = [question for question in order if question in asked]
    assert [question for question in asked if question in order] == plain


@pytest.mark.parametrize("seed", range(40))
def test_a_mood_comes_where_a_plot_ends_and_has_a_cause_elsewhere(seed: int) -> None:
    w = Writer(load(), random.Random(seed))
    plot = next(plot for plot in load().tales if plot.mood == "angry")
    felt = ["angry" in part.concepts for part in w.tale(w.topic(), plot)]
    assert not any(felt[:-1])
    text = w.feeling("angry").text
    assert re.search(r", for \w+.*\.$", text), text


@pytest.mark.parametrize("seed", range(40))
def test_a_plot_that_tells_the_time_does_not_begin_at_another(seed: int) -> None:
    w = Writer(load(), random.Random(seed))
    told = Plot("plain", ("{open} {hero} came late.", "Everyone in class laughed, {noun} or not."))
    first = w.tale(w.topic(), told)[0].text
    assert not TIMED.search(first.split(w.scene.hero)[0]), first


def test_a_recipe_names_all_that_its_steps_use() -> None:
    for seed in range(10):
        written = genre("recipe", seed)
        dish = next(d for d in load().genres["recipe"]["dish"] if d["name"] in written)
        assert all(each in written for each in dish["ingredients"])


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("name", ["letter", "diary"])
def test_letters_and_diaries_are_told_by_their_writer(name: str, seed: int) -> None:
    assert re.search(r"\b(I|my|My|me)\b", genre(name, seed))


# -- the writer --------------------------------------------------------------------------------
def test_a_replacement_takes_whole_words_and_keeps_capitals() -> None:
    recipe: dict[str, object] = {"replace": {"my": "me", "my friend": "matey", "i": "i"}}
    assert replaced("My friend saw my army.", recipe) == "Matey saw me army."
    assert replaced("nothing to do", {}) == "nothing to do"


def test_carrying_adds_to_what_a_part_has() -> None:
    (part,) = carrying([Fragment("x", frozenset({"cats"}), "\n")], "story", "calm")
    assert part == Fragment("x", frozenset({"cats", "story", "calm"}), "\n")


@given(st.integers(0, 2**32), st.sampled_from(MOODS))
@settings(max_examples=50, deadline=None)
def test_feelings_all_carry_their_mood(seed: int, mood: str) -> None:
    parts = Writer(load(), random.Random(seed)).feelings(mood, 4)
    assert len(parts) == 4
    assert all(part.concepts == {mood} for part in parts)


@given(st.integers(0, 2**32))
@settings(max_examples=50, deadline=None)
def test_a_switch_goes_to_another_topic(seed: int) -> None:
    writer = Writer(load(), random.Random(seed))
    first = writer.topic()
    parts = corpus.to_topic(writer, first, [])
    assert all(first.name not in part.concepts for part in parts)


def test_the_report_counts() -> None:
    figures = corpus.report(3, 300)
    assert figures["documents"] == 300
    assert figures["twin_share"] == 0
    assert isinstance(figures["distinct_words"], int)
    assert figures["distinct_words"] > 1500
    labelled = figures["documents_per_concept"]
    assert isinstance(labelled, dict)
    assert labelled["story"] > 100


# -- the tokenizer -----------------------------------------------------------------------------
@pytest.fixture(scope="module")
def trained() -> PreTrainedTokenizerFast:
    return tokenizer.train((document.text for document in documents(SEED, 400)), 700)


def test_every_text_begins_with_the_first_token(trained: PreTrainedTokenizerFast) -> None:
    assert trained.bos_token_id == 0
    assert trained.eos_token_id == 1
    assert len(trained) == 700
    assert trained("A cat sat.")["input_ids"][0] == 0


def test_digits_stand_alone(trained: PreTrainedTokenizerFast) -> None:
    assert [t for t in trained.tokenize("it is 2024 now") if t.isdigit()] == ["2", "0", "2", "4"]


@given(text=st.text(max_size=60).filter(lambda text: "<s>" not in text and "</s>" not in text))
@settings(max_examples=200, deadline=None)
def test_any_text_survives(trained: PreTrainedTokenizerFast, text: str) -> None:
    ((ids, offsets),) = tokenizer.encode(trained, [text])
    assert len(offsets) == len(ids)
    assert ids[0] == 0
    assert ids[-1] == 1
    assert trained.decode(ids[1:-1], clean_up_tokenization_spaces=False) == text


def test_encoding_agrees_with_the_plain_method(trained: PreTrainedTokenizerFast) -> None:
    texts = [document.text for document in documents(4, 20)]
    plain = [[*trained(text)["input_ids"], 1] for text in texts]
    assert [ids for ids, _ in tokenizer.encode(trained, texts)] == plain


def test_a_saved_tokenizer_is_the_same(trained: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    trained.save_pretrained(tmp_path)
    again = tokenizer.load(tmp_path)
    text = "Ahoy! Кошка спит. DAS IST GUT! 3 + 4 = 7"
    assert again(text)["input_ids"] == trained(text)["input_ids"]
    assert again.pad_token_id == again.eos_token_id == 1


def test_rare_scripts_are_read_more_often() -> None:
    read = Counter(tokenizer.sample(SEED, 400))
    for document in documents(SEED, 400):
        wanted = max(
            (tokenizer.RARE[c] for c in document.concepts & tokenizer.RARE.keys()), default=1
        )
        assert read[document.text] == wanted
