"""Sampling, spelling and the cutting of long jobs, without a model."""

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from playground.engine.passes import PASS_TOKENS, PASS_TOKENS_ELSEWHERE, in_passes
from playground.engine.sample import choose, gumbel, nucleus, pick
from playground.engine.text import Spelling, Text
from tests.engine_models import tokenizer

CPU = torch.device("cpu")


def generators(*seeds: int) -> list[torch.Generator | None]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 999), heat=st.floats(0.2, 3), top_p=st.floats(0.05, 1))
def test_a_pick_is_the_best_of_its_nucleus(seed: int, heat: float, top_p: float) -> None:
    random = torch.Generator().manual_seed(seed)
    scaled = 3 * torch.randn(8, 50, generator=random) / heat
    noise = gumbel(generators(*range(8)), 50, CPU)
    limit = torch.full((8,), top_p)
    kept = nucleus(scaled.softmax(-1), limit)
    expected = (scaled + noise).masked_fill(~kept, -torch.inf).argmax(-1)
    assert torch.equal(pick(scaled, noise, limit), expected)


def test_a_nucleus_is_as_small_as_can_be() -> None:
    probabilities = torch.tensor([[0.1, 0.5, 0.25, 0.15]])

    def kept(top_p: float) -> list[int]:
        return nucleus(probabilities, torch.tensor([top_p]))[0].nonzero()[:, 0].tolist()

    assert kept(0.3) == [1]
    assert kept(0.6) == [1, 2]
    assert kept(0.8) == [1, 2, 3]
    assert kept(0.99) == [0, 1, 2, 3]


def test_picks_follow_the_distribution() -> None:
    probabilities = torch.tensor([0.5, 0.3, 0.15, 0.05])
    source = generators(3)
    picks = [pick(probabilities.log()[None], gumbel(source, 4, CPU), None) for _ in range(8000)]
    shares = torch.cat(picks).bincount(minlength=4) / len(picks)
    torch.testing.assert_close(shares, probabilities, atol=0.02, rtol=0)


def test_equal_seeds_draw_equal_noise_and_greedy_rows_draw_none() -> None:
    first, second, third, greedy = gumbel([*generators(1, 1, 2), None], 40, CPU)
    assert torch.equal(first, second) and not torch.equal(first, third)
    assert len(greedy.unique()) == 1


def test_choose_reports_the_distribution_at_temperature_one() -> None:
    logits = torch.randn(3, 30, generator=torch.Generator().manual_seed(0))
    cold = choose(logits, None, None, None)
    assert torch.equal(cold.ids, logits.argmax(-1))
    assert torch.equal(cold.ids, cold.alternatives[:, 0])
    logs = logits.log_softmax(-1)
    torch.testing.assert_close(cold.logprobs, logs.max(-1).values)
    torch.testing.assert_close(cold.probabilities, logs.exp().topk(5).values)
    warm = choose(logits, torch.full((3,), 2.0), None, gumbel(generators(0, 1, 2), 30, CPU))
    torch.testing.assert_close(warm.logprobs, logs.gather(-1, warm.ids[:, None])[:, 0])


@pytest.fixture(scope="module")
def text() -> Text:
    return Text(tokenizer())


@settings(max_examples=80, deadline=None)
@given(words=st.text(alphabet="ab ёжЯ日€😀\n", max_size=12))
def test_streamed_text_is_the_text_and_no_character_comes_in_parts(text: Text, words: str) -> None:
    spelling = Spelling(text)
    pieces = [spelling.push(each) for each in text.ids(words)]
    assert "".join(pieces) == words and spelling.rest() == ""
    assert not any("\ufffd" in piece for piece in pieces)
    spelt = text.spelt(text.ids(words))
    assert "".join(each.text for each in spelt) == words
    assert all(each.text for each in spelt) and sum(each.tokens for each in spelt) == len(
        text.ids(words)
    )


@settings(max_examples=80, deadline=None)
@given(ids=st.lists(st.integers(2, 300), max_size=12))
@example(ids=[96, 96, 96, 96, 158, 96, 96])  # a character begins behind what spells nothing
def test_bytes_that_spell_nothing_come_out_broken_but_whole(text: Text, ids: list[int]) -> None:
    spelling = Spelling(text)
    streamed = "".join([*(spelling.push(each) for each in ids), spelling.rest()])
    assert streamed.replace("\ufffd", "") == text.decode(ids).replace("\ufffd", "")


def test_special_tokens_have_a_name_but_no_text(text: Text) -> None:
    assert Spelling(text).push(1) == ""
    assert text.piece(1) == "</s>"


@given(
    lengths=st.lists(st.integers(1, 500), max_size=60),
    numbers=st.sampled_from([1, 4096, 262144]),
    device=st.sampled_from(["cpu", "cuda"]),
)
def test_passes_keep_the_order_and_the_limit(lengths: list[int], numbers: int, device: str) -> None:
    runs = in_passes(lengths, numbers, torch.device(device))
    most = PASS_TOKENS.get(device, PASS_TOKENS_ELSEWHERE)
    assert [place for run in runs for place in run] == list(range(len(lengths)))
    for run in runs:
        size = len(run) * max(lengths[place] for place in run)
        assert len(run) == 1 or size <= min(most, (1 << 25) // numbers)
