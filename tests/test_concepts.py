import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.concepts import concepts as c
from playground.concepts.damage import Usual
from playground.engine.records import Request, Token, Trace
from playground.errors import AuthorError, PlayerError
from playground.pocket.corpus import documents
from playground.pocket.grammar import load

USUAL = Usual(profile=(-1.0,), excess=0.2, excess_sd=0.1, samples=100)
CONCEPTS = c.load_concepts()
PLAIN = "The old man walked along the river and looked at the boats for a while before supper."


def trace(text: str, logprob: float = -1.0, tokens: int | None = None) -> Trace:
    """One token a word."""
    words = text.split(" ") if text else []
    pieces = [words[0], *(" " + word for word in words[1:])] if words else []
    made = tuple(Token(n, piece) for n, piece in enumerate(pieces))
    count = len(made) if tokens is None else tokens
    return Trace(Request("One day"), made[:count], (logprob,) * count, "length")


def concept(text: str, folder: Path) -> c.Concept:
    path = folder / "made.toml"
    path.write_text(text, encoding="utf-8")
    return c.load_concept(path)


@pytest.fixture
def cats(tmp_path: Path) -> c.Concept:
    words = (
        'title = "Cats"\nkind = "topic"\nat_least = 2\nwords = ["cat", "cats", "purr", "fur mouse"]'
    )
    return concept(words, tmp_path)


# -- concept files
def test_there_is_a_file_for_every_concept_of_the_corpus_but_the_plain_story() -> None:
    """There are more: what a model of the hub knows, pocket need not."""
    assert set(load().concepts()) - {"story"} < set(CONCEPTS)


def test_topics_and_moods_need_two_different_words() -> None:
    for each in CONCEPTS.values():
        if each.kind in ("topic", "mood"):
            assert each.at_least == 2 and len(each.words) >= 20, each.name


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title = 3", "`title`"),
        ('title = "A"\nkind = "colour"', "`kind` is 'colour'; it is one of topic"),
        ('title = "A"\nkind = "topic"\nat_least = 0', "`at_least` is 0"),
        ('title = "A"\nkind = "topic"\nat_least = 1', "either `words` or `pattern`"),
        ('title = "A"\nkind = "topic"\nat_least = 1\nwords = ["Cat"]', "lower case"),
        ('title = "A"\nkind = "topic"\nat_least = 3\nwords = ["cat"]', "there are 1 words"),
        ('title = "A"\nkind = "genre"\nat_least = 1\npattern = "("', "regular expression"),
        ('title = "A"\nkind = "genre"\nat_least = 1\npattern = 5', "`pattern` is no text"),
        ('title = "A"\ncolour = "red"', "unknown key colour"),
        ("title =", "TOML"),
    ],
)
def test_a_wrong_file_is_named_with_its_fault(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(AuthorError) as error:
        concept(text, tmp_path)
    assert str(error.value).startswith(str(tmp_path / "made.toml"))
    assert told in str(error.value)


def test_a_folder_without_concepts_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AuthorError, match="no concept files"):
        c.load_concepts(tmp_path)


# -- effect
def test_whole_words_in_any_case_each_counted_once(cats: c.Concept) -> None:
    text = "Cat, cat, CAT and a catalogue; concat. The fur mouse."
    found = c.find(cats, text)
    assert list(found) == ["cat", "fur mouse"]
    assert [text[start:stop] for start, stop in found.values()] == ["Cat", "fur mouse"]


def test_repeating_one_word_does_not_help(cats: c.Concept) -> None:
    score = c.score_reply(cats, trace("cat " * 30 + "cat"), USUAL)
    assert score.effect == 50 and not score.on


def test_more_words_than_needed_add_nothing(cats: c.Concept) -> None:
    assert c.score_reply(cats, trace("cats purr at the cat"), USUAL).effect == 100


@given(st.text(max_size=200))
@settings(max_examples=40)
def test_spans_are_where_the_matches_stand(text: str) -> None:
    for name in ("cats", "russian", "dialogue", "shouting"):
        for match, (start, stop) in c.find(CONCEPTS[name], text).items():
            assert text[start:stop].lower() == match


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("quiz", "Question: What does a cat drink?\nAnswer: Milk."),
        ("arithmetic", "Now Tom has 7 cats. 3 + 4 = 7."),
        ("code", "cats = 3\nfor i in range(cats):\n    print(i)"),
        ("howto", "1. Take a brush.\n2. Brush the cat."),
        ("dialogue", "Leo: Where is it?\nRosa: Over there."),
        ("letter", "Dear Grandma,\nhow are you?"),
        ("shopping", "- a ball of wool\n- two eggs"),
        ("russian", "Сегодня на улице тепло, и мы идём гулять."),
        ("shouting", "THE CAT RAN OVER THEIR NEW ROOF AND FELL DOWN!"),
        ("pirate", "Arr! Ahoy, mateys!"),
    ],
)
def test_genres_styles_and_languages_are_told_by_their_form(name: str, text: str) -> None:
    assert c.present(CONCEPTS[name], text)
    assert not c.present(CONCEPTS[name], PLAIN)


def test_topics_are_told_from_each_other_on_the_corpus() -> None:
    written = list(documents(11, 900))
    topics = [CONCEPTS[name] for name in load().topics]
    hits = misses = own = 0
    for document in written:
        for topic in topics:
            there = c.present(topic, document.text)
            if topic.name in document.concepts:
                own, hits = own + 1, hits + there
            else:
                misses += there
    assert hits / own >= 0.97
    assert misses / (len(written) * len(topics) - own) <= 0.012


# -- scores
def test_scores_of_several_replies(cats: c.Concept) -> None:
    good = trace("The cats began to purr and the whole house was quiet that long evening.")
    broken = trace(good.text, logprob=-9.0)
    off = trace(PLAIN)
    score = c.score_replies(cats, [good, broken, off, good], USUAL)
    assert (score.effect, score.damage, score.both) == (75, 25, 50)
    assert score.steering == pytest.approx(75)
    assert [reply.both for reply in score.replies] == [True, False, False, True]
    assert score.replies[0].found == ("cats", "purr")


def test_a_reply_is_held_against_the_untouched_ones_of_its_own_prompt(cats: c.Concept) -> None:
    reply, likely = trace(PLAIN, logprob=-2.5), trace(PLAIN, logprob=-2.5)
    other = replace(likely, request=Request("Elsewhere"))
    alone = c.score_replies(cats, [reply], USUAL)
    assert c.score_replies(cats, [reply], USUAL, [other] * 8) == alone
    assert c.score_replies(cats, [reply], USUAL, [likely] * 8).damage < alone.damage


def test_nothing_to_score_is_said_kindly(cats: c.Concept) -> None:
    with pytest.raises(PlayerError, match="errors.no_reply"):
        c.score_replies(cats, [], USUAL)


@given(st.floats(0, 100), st.floats(0, 100))
def test_harmonic_mean_lies_between_and_below_the_middle(a: float, b: float) -> None:
    found = c.harmonic_mean(a, b)
    assert 0 <= found <= (a + b) / 2 + 1e-9
    assert found <= 2 * min(a, b) + 1e-9


def test_auroc_is_the_share_of_pairs_in_order() -> None:
    rng = random.Random(0)
    labels = [rng.random() < 0.4 for _ in range(60)]
    fires = [rng.choice((0.0, 0.0, 1.0, 2.0)) + label for label in labels]
    pairs = [(p, n) for p, a in zip(fires, labels, strict=True) if a
             for n, b in zip(fires, labels, strict=True) if not b]  # fmt: skip
    counted = sum(1.0 if p > n else 0.5 if p == n else 0.0 for p, n in pairs) / len(pairs)
    assert c.auroc(labels, fires) == pytest.approx(counted)
    with pytest.raises(PlayerError, match="errors.one_sort"):
        c.auroc([True, True], [0.0, 1.0])
