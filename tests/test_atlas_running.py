"""What is kept of a stream, checked against keeping everything."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.atlas.features import Histogram, Kept
from playground.atlas.tally import (
    BEFORE_PEAK,
    FINE,
    FREE,
    SNIPPET,
    STRATA,
    STRONGEST,
    TOKENS,
    Keeper,
    Tally,
    Texts,
    ranks,
)

FEATURES = 5


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(1, 5))
@settings(max_examples=40, deadline=None)
def test_a_keeper_keeps_the_highest_of_every_row(seed: int, offers: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    keeper = Keeper(4, size, {"name": torch.tensor(0, dtype=torch.int32)})
    rows, keys = rng.integers(0, 4, offers), rng.permutation(offers).astype(np.float32)
    for part in np.array_split(np.arange(offers), 3):
        row, key = torch.tensor(rows[part]), torch.tensor(keys[part])
        chosen = keeper.wanted(row, key)
        keeper.offer(row[chosen], key[chosen], {"name": torch.tensor(part)[chosen]})
    for row in range(4):
        own = np.flatnonzero(rows == row)
        expected = own[np.argsort(-keys[own])][:size]
        real = keeper.keys[row] > -torch.inf
        assert set(keeper.payload["name"][row][real].tolist()) == set(expected.tolist())


def test_ranks_count_within_each_run() -> None:
    assert ranks(torch.tensor([3, 3, 5, 5, 5, 9])).tolist() == [0, 1, 0, 1, 2, 0]
    assert ranks(torch.tensor([], dtype=torch.long)).tolist() == []


def stream(seed: int, texts: int) -> list[tuple[torch.Tensor, Texts]]:
    """Batches of texts whose activations grow, so that every range is outgrown several times."""
    rng = np.random.default_rng(seed)
    made, place = [], 0
    for batch in range(4):
        lengths = rng.integers(1, 60, texts)
        total = int(lengths.sum())
        acts = rng.random((total, FEATURES)) * (rng.random((total, FEATURES)) < 0.2)
        acts *= 3.0**batch
        acts[:, -1] = 0  # a dead one
        ids = torch.arange(place, place + total)  # a token's number is its place
        place += total
        starts = torch.tensor([0, *np.cumsum(lengths)])
        made.append((torch.tensor(acts, dtype=torch.float32), Texts(ids, starts, batch % 3)))
    return made


def taken(batches: list[tuple[torch.Tensor, Texts]]) -> Tally:
    tally = Tally(FEATURES, 0)
    for acts, texts in batches:
        tally.take(acts, texts)
    return tally


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_counts_and_examples_are_those_of_the_whole_stream(seed: int) -> None:
    batches = stream(seed, 12)
    kept, acts = Kept(taken(batches)), torch.cat([each for each, _ in batches]).numpy()
    peaks: list[list[tuple[float, int]]] = [[] for _ in range(FEATURES)]
    at = 0
    for part, texts in batches:
        for start, stop in zip(texts.starts[:-1], texts.starts[1:], strict=True):
            own = part[start:stop].numpy()
            for feature in range(FEATURES):
                best = int(own[:, feature].argmax())
                if own[best, feature] > 0:
                    peaks[feature].append((float(own[best, feature]), at + int(start) + best))
        at += len(part)
    for feature in range(FEATURES):
        assert kept.fires[feature] == (acts[:, feature] > 0).sum()
        bars = kept.bars(feature)
        assert bars.highest == acts[:, feature].max()
        assert sum(bars.shown()) == pytest.approx(kept.fires[feature], abs=1)
        strongest = kept.strongest(feature)
        expected = sorted(peaks[feature], reverse=True)[:STRONGEST]
        assert strongest["peak"].tolist() == [value for value, _ in expected]
        windows = zip(strongest["tokens"], strongest["at"], expected, strict=True)
        assert all(tokens[place] == token for tokens, place, (_, token) in windows)
        assert len(kept.named(feature)["id"]) == min(TOKENS, kept.fires[feature])
    assert kept.tokens == len(acts)


def test_an_example_is_the_text_around_its_maximum() -> None:
    acts = torch.zeros(200, 1)
    acts[100, 0], acts[101, 0] = 2.0, 1.0
    texts = Texts(torch.arange(200), torch.tensor([0, 90, 200]), 2)
    found = Kept(taken_of(acts, texts)).strongest(0)
    begin = max(90, 100 - BEFORE_PEAK)
    assert found["tokens"][0].tolist() == list(range(begin, begin + SNIPPET))
    assert found["values"][0][100 - begin : 102 - begin].tolist() == [2.0, 1.0]
    assert (found["at"][0], found["length"][0], found["source"][0]) == (100 - begin, SNIPPET, 2)
    assert found["peak"][0] == 2.0


def test_an_example_shows_no_run_that_is_hidden() -> None:
    acts = torch.zeros(60, 1)
    acts[30, 0] = 2.0
    texts = Texts(torch.arange(60), torch.tensor([0, 60]), 0, torch.tensor([100]))
    free = [FREE] * 60

    def shown(*hidden: tuple[int, int]) -> list[int]:
        """hidden: first token and end of each run."""
        ends = list(free)
        for first, end in hidden:
            ends = [min(old, end) if n <= first else old for n, old in enumerate(ends)]
        found = Kept(taken_of(acts, replace(texts, hidden=torch.tensor(ends)))).strongest(0)
        length, at = int(found["length"][0]), int(found["at"][0])
        tokens = found["tokens"][0][:length].tolist()
        assert tokens[at] == 30 and found["place"][0] == 100 + tokens[0]
        assert not any(set(range(first, end)) <= set(tokens) for first, end in hidden)
        return tokens

    assert shown() == list(range(15, 39))
    assert shown((0, 14), (39, 50)) == list(range(15, 39))
    assert shown((16, 24)) == list(range(17, 41))  # as long, without the run's first token
    assert shown((32, 40)) == list(range(15, 39))
    assert shown((16, 24), (31, 39)) == list(range(17, 38))
    assert shown((29, 31)) == list(range(30, 54))
    assert shown(*((n, n + 8) for n in range(60))) == list(range(23, 30 + 1))[-7:]


def test_every_token_that_was_read_is_counted() -> None:
    tally = Tally(1, 0)
    for ids in ([3, 1, 3], [7], [0, 3]):
        starts = torch.tensor([0, len(ids)])
        tally.take(torch.ones(len(ids), 1), Texts(torch.tensor(ids), starts, 0))
    assert tally.seen.tolist() == [1, 1, 0, 3, 0, 0, 0, 1]
    again = Tally.restored(tally.state(), 0)
    assert again.seen.tolist() == tally.seen.tolist()


def taken_of(acts: torch.Tensor, texts: Texts) -> Tally:
    tally = Tally(acts.shape[1], 0)
    tally.take(acts, texts)
    return tally


def test_weaker_examples_come_from_the_whole_range() -> None:
    rng = np.random.default_rng(0)
    values = torch.tensor(rng.random((3000, 1)) + 0.01, dtype=torch.float32)
    texts = Texts(torch.arange(3000), torch.arange(3001), 0)
    found = Kept(taken_of(values, texts)).sampled(0)["peak"]
    counts = np.histogram(found, STRATA // 2, (0, float(values.max())))[0]
    assert (counts >= 2).all()


def test_bars_stay_true_when_the_range_doubles() -> None:
    values = torch.cat([torch.rand(500) * 0.5, torch.rand(500) * 7])[:, None]
    tally = Tally(1, 0)
    for part in values.split(100):
        tally.take(part, Texts(torch.arange(100), torch.arange(101), 0))
    bars = Kept(tally).bars(0)
    width = bars.top / FINE
    for value in (0.3, 2.0, 6.0):
        true = int((values <= value).sum())
        near = int(((values - value).abs() <= 2 * width).sum())
        assert abs(bars.below(value) - true) <= max(2, near)


def test_a_feature_that_never_fires_has_nothing() -> None:
    kept = Kept(taken(stream(1, 3)))
    dead = FEATURES - 1
    assert kept.fires[dead] == 0 and not len(kept.strongest(dead)["key"])
    assert sum(kept.bars(dead).shown()) == 0


def test_a_share_is_of_all_values() -> None:
    bars = Histogram(np.full(FINE, 10), 4.0, 4.0)
    assert bars.share(1.0, 2.0) == pytest.approx(0.25, abs=0.01)
    assert bars.share(0.0, 4.0) == pytest.approx(1.0)
