"""Sampling, spelling and the cutting of long jobs, without a model."""

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from playground.engine.passes import PASS_TOKENS, PASS_TOKENS_ELSEWHERE, in_passes
from playground.engine.sample import (
    CANDIDATES,
    GREEDY,
    NO_LIMIT,
    Drawing,
    choose,
    gumbel,
    nucleus,
)
from playground.engine.text import Spelling, Text
from tests.engine_models import tokenizer


def drawing_of(
    rows: int, heat: float, top_p: float, step: int = 0, seeds: tuple[int, ...] = ()
) -> Drawing:
    return Drawing(
        torch.full((rows,), heat), torch.full((rows,), top_p),
        torch.tensor(seeds or tuple(range(rows))), torch.full((rows,), step),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 999), heat=st.floats(0.2, 3), top_p=st.floats(0.05, 1))
def test_a_pick_is_the_best_of_its_nucleus(seed: int, heat: float, top_p: float) -> None:
    random = torch.Generator().manual_seed(seed)
    logits = 3 * torch.randn(8, 300, generator=random)
    told = drawing_of(8, heat, top_p, seed)
    ids = torch.arange(300).expand(8, -1)
    scaled = (logits / heat).log_softmax(-1)
    scores = scaled + gumbel(told.seeds, told.steps, ids)
    for row, chosen in enumerate(choose(logits, told).ids.tolist()):
        order = scaled[row].argsort(descending=True)
        before = scaled[row].exp()[order].cumsum(0) - scaled[row].exp()[order]
        kept = order[before < top_p]
        assert chosen == kept[scores[row, kept].argmax()]


def test_a_nucleus_is_as_small_as_can_be() -> None:
    probabilities = torch.tensor([[0.5, 0.25, 0.15, 0.1]])

    def kept(top_p: float) -> int:
        found = nucleus(probabilities, torch.tensor([top_p]))[0].tolist()
        assert found == sorted(found, reverse=True)
        return sum(found)

    assert [kept(each) for each in (GREEDY, 0.3, 0.6, 0.8, 0.99, NO_LIMIT)] == [1, 1, 2, 3, 4, 4]


@pytest.mark.parametrize("vocabulary", [4, 2 * CANDIDATES])
def test_picks_follow_the_distribution(vocabulary: int) -> None:
    """Over seeds, and over the steps of one seed; where all tokens are candidates and where not."""
    probabilities = torch.tensor([0.5, 0.3, 0.15, 0.05]).repeat(vocabulary // 4) * 4 / vocabulary
    logits, count = probabilities.log().expand(8000, -1), torch.arange(8000)
    heat, limit, same = torch.ones(8000), torch.full((8000,), NO_LIMIT), torch.full((8000,), 3)
    for told in (Drawing(heat, limit, count, same), Drawing(heat, limit, same, count)):
        picks = choose(logits, told).ids
        shares = (picks % 4).bincount(minlength=4) / len(picks)
        torch.testing.assert_close(shares, torch.tensor([0.5, 0.3, 0.15, 0.05]), atol=0.02, rtol=0)
        thirds = picks.float().mean() / (vocabulary - 1)
        assert vocabulary == 4 or abs(thirds - 0.5) < 0.02


def test_noise_is_gumbel_noise_and_hangs_on_seed_step_and_token() -> None:
    ids = torch.arange(20_000).expand(4, -1)
    noise = gumbel(torch.tensor([1, 1, 2, 1]), torch.tensor([0, 0, 0, 1]), ids)
    assert torch.equal(noise[0], noise[1])
    for row in (0, 2, 3):
        # Euler's constant, and pi squared over 6.
        assert abs(noise[row].mean() - 0.5772) < 0.03 and abs(noise[row].var() - 1.645) < 0.07
    assert torch.corrcoef(noise[[0, 2, 3]]).triu(1).abs().max() < 0.03
    assert abs(torch.corrcoef(torch.stack((noise[0, 1:], noise[0, :-1])))[0, 1]) < 0.03
    some = torch.tensor([[7, 19_000]])
    assert torch.equal(gumbel(torch.tensor([2]), torch.tensor([0]), some)[0], noise[2, some[0]])
    largest = torch.tensor([2**63 - 1])
    assert gumbel(largest, torch.tensor([255]), ids[:1]).isfinite().all()


def test_choose_reports_the_distribution_at_temperature_one() -> None:
    logits = torch.randn(3, 100, generator=torch.Generator().manual_seed(0))
    cold = choose(logits, None)
    assert torch.equal(cold.ids, logits.argmax(-1))
    assert torch.equal(cold.ids, cold.alternatives[:, 0])
    logs = logits.log_softmax(-1)
    torch.testing.assert_close(cold.logprobs, logs.max(-1).values)
    torch.testing.assert_close(cold.probabilities, logs.exp().topk(5).values)
    warm = choose(logits, drawing_of(3, 2.0, NO_LIMIT))
    torch.testing.assert_close(warm.logprobs, logs.gather(-1, warm.ids[:, None])[:, 0])
    assert torch.equal(choose(logits, drawing_of(3, 1.0, GREEDY)).ids, cold.ids)


def test_a_row_is_chosen_for_as_if_it_were_alone() -> None:
    logits = 4 * torch.randn(9, 50_000, generator=torch.Generator().manual_seed(0))
    told = drawing_of(9, 0.8, 0.95, 5)
    together = choose(logits, told)
    for row in range(9):
        alone = choose(logits[row : row + 1], told.of(torch.tensor([row])))
        for ours, theirs in zip(alone, together, strict=True):
            assert torch.equal(ours[0], theirs[row])


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
