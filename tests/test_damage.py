"""The damage score: how it is made of its parts, and how it agrees with a reader."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.concepts import damage as d
from playground.engine.records import Request, Token, Trace
from playground.pocket.corpus import documents
from tests.damage import stored

USUAL = d.Usual(profile=(-2.0, -1.0), excess=0.5, excess_sd=0.2, samples=100)
WHOLE = 0.5 + d.WHOLE_DEVIATIONS * 0.2
PLAIN = "The old man walked along the river and looked at the boats for a while before supper."


def trace(*logprobs: float, prompt: str = "One day") -> Trace:
    tokens = tuple(Token(n, f" word{n}") for n in range(len(logprobs)))
    return Trace(Request(prompt), tokens, logprobs, "length")


# -- each token against the model's own at its place
def test_a_token_is_held_against_what_is_usual_at_its_place() -> None:
    assert d.excess([-2.0, -1.0, -1.0], USUAL) == 0
    assert d.excess([-3.0, -2.0, -2.0], USUAL) == 1
    assert d.excess([-1.0, -1.0], USUAL) == -0.5  # likelier than usual
    assert d.excess([], USUAL) == 0


def test_one_odd_token_counts_for_little() -> None:
    odd = [-2.0] + [-1.0] * (d.WINDOW - 2) + [-90.0]
    assert d.excess(odd, USUAL) == d.SHOCK / d.WINDOW


def test_the_worst_window_counts_and_what_comes_after_it_heals_nothing() -> None:
    garbled = [-2.0] + [-4.0] * d.WINDOW
    assert d.excess(garbled, USUAL) == 3
    assert d.excess([*garbled, *[-0.1] * 200], USUAL) == 3


@pytest.mark.parametrize("length", [d.WINDOW, 24, 36, 64, 200])
def test_damage_does_not_hang_on_the_length(length: int) -> None:
    evenly = [-2.0 - WHOLE - 0.7, *[-1.0 - WHOLE - 0.7] * (length - 1)]
    words = " ".join(f"word{n}" for n in range(length))
    expected = 100 * 0.7 / (d.BROKEN_NATS - WHOLE)
    assert d.damage(words, evenly, USUAL).unnatural == pytest.approx(expected)


@given(st.lists(st.floats(-10, 0), min_size=8, max_size=40), st.floats(0, 5))
@settings(max_examples=60)
def test_less_likely_text_is_never_less_damaged(logprobs: list[float], drop: float) -> None:
    worse = [each - drop for each in logprobs]
    found = d.damage(PLAIN, logprobs, USUAL).total
    assert d.damage(PLAIN, worse, USUAL).total >= found - 1e-9


@given(st.lists(st.floats(-20, 0), max_size=60), st.text(max_size=300), st.floats(0, 3))
@settings(max_examples=60)
def test_damage_and_its_parts_stay_in_range(logprobs: list[float], text: str, sd: float) -> None:
    found = d.damage(text, logprobs, replace(USUAL, excess_sd=sd))
    parts = (found.unnatural, found.repetition, found.missing)
    assert all(0 <= part <= 100 for part in parts)
    assert max(parts) - 1e-9 <= found.total <= 100 + 1e-9


# -- what is usual
def test_usual_is_the_mean_at_each_place_and_the_spread_of_worst_windows() -> None:
    samples = [trace(*[-1.0] * 12), trace(*[-2.0] * 12), trace(-9.0, -9.0)]
    usual = d.usual_of(samples)
    assert usual.samples == 2  # a fragment is no sample
    assert usual.profile == (-1.5,) * 12
    assert (usual.excess, usual.excess_sd) == (0, pytest.approx(0.5**0.5, abs=1e-4))
    with pytest.raises(ValueError, match="two are needed"):
        d.usual_of(samples[1:])


def test_a_profile_is_smoothed_and_ends_where_few_replies_go_on() -> None:
    assert d.profile_of([[-1.0, -3.0], [-1.0, -3.0, -7.0]], least=2) == [-2.0, -2.0]
    assert d.profile_of([], least=1) == []


def test_untouched_replies_of_the_prompt_move_what_is_usual_there() -> None:
    usual = replace(USUAL, profile=(-1.0,))
    own = [trace(-3.0, -3.0)] * d.PROMPT_WEIGHT
    assert usual.beside(own).profile == (-2.0, -2.0)  # half way
    assert usual.beside([]) == usual


# -- repetition
def test_repetition_is_the_share_of_runs_that_came_before_in_a_window() -> None:
    assert d.repetition(PLAIN) == 0
    assert d.repetition("one two three one two three") == 0.25
    assert d.repetition("") == 0
    far = " ".join(f"word{n}" for n in range(d.WORDS))
    assert d.repetition(f"one two three {far} one two three") == 0


@pytest.mark.parametrize("length", [1, 2, 3, 4, 6])
@pytest.mark.parametrize("words", [24, 60, 160])
def test_a_phrase_on_repeat_is_broken(length: int, words: int) -> None:
    text = " ".join((PLAIN.split()[:length] * words)[:words])
    found = d.damage(text, [-2.0] + [-1.0] * (words - 1), USUAL)
    assert found.unnatural == 0 and found.repetition >= 85


def test_ordinary_text_repeats_little() -> None:
    loops = [d.repetition(each.text) for each in documents(12, 300)]
    assert sum(each > d.GRAMS_NORMAL for each in loops) <= 0.03 * len(loops)


# -- fragments
def test_a_fragment_is_damaged_by_what_is_missing() -> None:
    assert d.damage("", [], USUAL).total == 100
    assert d.damage("The cat.", [-1.0, -1.0], USUAL).total == pytest.approx(75)
    assert d.damage(PLAIN, [-1.0] * 8, USUAL).total == 0


# -- against readers
@pytest.mark.parametrize("name", ["chose", "report", "smollm2"])
def test_what_reads_as_broken_is_called_broken(name: str) -> None:
    some = stored.read("smollm2") if name == "smollm2" else getattr(stored, name)()
    for reader in range(len(some[0].read)):
        found = stored.agreement(some, reader)
        assert len(some) >= 30 and found.counted >= 20
        assert found.right / found.counted >= 0.85


def test_the_verdict_is_the_same_at_every_length() -> None:
    replies = stored.replies("pocket")
    assert len(replies) == 200
    assert stored.same_at_all_lengths(replies) / len(replies) >= 0.9


def test_what_has_another_verdict_when_longer_was_whole_and_broke() -> None:
    """Of SmolLM2 more replies break late. That is in the text, not in the length: what stays fine
    keeps its verdict, and nothing heals."""
    replies = stored.replies("smollm2")
    fine = [each for each in replies if each.read and set(each.read) == {"fine"}]
    for some in (fine, [each for each in replies if each.push == "untouched"]):
        assert len(some) >= 30 and stored.same_at_all_lengths(some) / len(some) >= 0.9
    for each in replies:
        found = [each.broken(length) for length in stored.LENGTHS]
        assert found == sorted(found)


def test_the_game_says_what_was_found() -> None:
    reads = {"pocket": stored.report(), "smollm2": stored.read("smollm2")}
    for told, model in zip(d.CHECKED, get_args(stored.Model), strict=True):
        found, replies = stored.agreement(reads[model]), stored.replies(model)
        same = stored.same_at_all_lengths(replies)
        assert told == d.Checked(
            model, found.right, found.counted, same, len(replies), stored.LENGTHS
        )


def test_the_page_says_what_was_found() -> None:
    assert stored.section() in stored.PAGE.read_text(encoding="utf-8")
