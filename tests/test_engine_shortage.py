"""A device whose memory is too short: fewer rows at once, and every reply still comes, as it would
have come. The allocator is simulated: whatever one operation makes beyond so many bytes fails as
CUDA's fails."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from playground.engine import passes
from playground.engine.local import LocalEngine
from playground.engine.records import Dial, Request, Sampling, Trace
from playground.errors import EngineError
from tests.engine_models import GRAPHED, engine, save_all
from tests.test_engine_worker import assert_empty, ids

SEATS = 8
ADD = Dial("middle", 3, 0.8, "add", "all")
LONG = Sampling(max_tokens=24, seed=4, stop_at_end=False)
ROWS = [Request("the cat", (ADD,) * (n % 2), Sampling(1.0, 1.0, 24, n, False)) for n in range(12)]
# Bytes that hold the keys and values of four rows, and not of eight.
ENOUGH_FOR_FOUR = {"llama": 40_000, GRAPHED: 1_000_000}


class Allocator(TorchDispatchMode):
    """most: bytes that one operation may make. refused: how often one wanted more."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.refused = 0

    def __torch_dispatch__(
        self,
        func: Any,
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        made = func(*args, **(kwargs or {}))
        held = {each.untyped_storage().data_ptr() for each in tensors((args, kwargs))}
        new = [each.untyped_storage() for each in tensors(made)]
        if any(each.data_ptr() not in held and each.nbytes() > self.most for each in new):
            self.refused += 1
            raise torch.OutOfMemoryError("CUDA out of memory (simulated)")
        return made


def tensors(tree: Any) -> list[torch.Tensor]:
    return [each for each in tree_leaves(tree) if isinstance(each, torch.Tensor)]


@pytest.fixture(params=["llama", GRAPHED])
def family(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def own(family: str, tmp_path: Path) -> Iterator[LocalEngine]:
    made = engine(save_all(tmp_path, family), max_rows=SEATS)
    yield made
    made.close()


@pytest.fixture
def short(own: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], Allocator]:
    """Has the rows of the engine written under an allocator."""

    def under(most: int) -> Allocator:
        made, write = Allocator(most), own._worker._write

        def written() -> None:
            with made:
                write()

        monkeypatch.setattr(own._worker, "_write", written)
        return made

    return under


def alike(found: Sequence[Trace], wanted: Sequence[Trace]) -> None:
    for one, other in zip(found, wanted, strict=True):
        assert ids(one) == ids(other) and one.finish == other.finish
        assert one.logprobs == pytest.approx(other.logprobs, abs=1e-4)


def test_fewer_rows_are_written_at_once_and_each_reply_comes_whole(
    own: LocalEngine, family: str, short: Callable[[int], Allocator]
) -> None:
    wanted = own.generate(ROWS).traces()
    allocator = short(ENOUGH_FOR_FOUR[family])
    stream = own.generate(ROWS)
    came = list(stream)
    alike(stream.traces(), wanted)
    assert allocator.refused == 1 and own._worker._lines.seats == SEATS // 2
    for row, trace in enumerate(wanted):  # each token was shown, and once
        assert [token.id for place, token in came if place == row] == ids(trace)
    assert own.workload.failures == own.workload.restarts == 0
    assert_empty(own)


def test_what_was_shown_before_memory_ran_out_is_not_shown_twice(
    own: LocalEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, batch = own.generate(ROWS).traces(), own._worker.batch
    step, left = batch.step, [10]

    def fails_once() -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise torch.OutOfMemoryError("CUDA out of memory (simulated)")
        return step()

    monkeypatch.setattr(batch, "step", fails_once)
    stream = own.generate(ROWS)
    came = list(stream)
    alike(stream.traces(), wanted)
    for row, trace in enumerate(wanted):
        assert [token.id for place, token in came if place == row] == ids(trace)
    assert_empty(own)


def test_one_row_that_finds_no_room_ends_and_the_next_is_served(
    own: LocalEngine, short: Callable[[int], Allocator]
) -> None:
    wanted = own.generate(ROWS[:1]).traces()
    allocator = short(0)
    with pytest.raises(EngineError, match="out of memory"):
        own.generate(ROWS[:3]).traces()
    allocator.most = 1 << 30
    alike(own.generate(ROWS[:1]).traces(), wanted)
    assert own.healthy
    assert_empty(own)


def test_more_rows_are_tried_again_after_a_while(
    own: LocalEngine, family: str, short: Callable[[int], Allocator]
) -> None:
    allocator = short(ENOUGH_FOR_FOUR[family])
    wanted = own.generate(ROWS).traces()
    allocator.most = 1 << 30
    own.generate(ROWS).traces()
    assert own._worker._lines.seats == SEATS // 2
    own._worker._more_at = 0.0
    alike(own.generate(ROWS).traces(), wanted)
    assert own._worker._lines.seats == SEATS
    assert_empty(own)


def test_replies_are_scored_in_halves(own: LocalEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, score, sizes = own.generate(ROWS).traces(), passes.score, list[int]()

    def one_at_most(batch: Any, pairs: Sequence[Any]) -> Any:
        sizes.append(len(pairs))
        if len(pairs) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory (simulated)")
        return score(batch, pairs)

    monkeypatch.setattr(passes, "score", one_at_most)
    alike(own.generate(ROWS).traces(), wanted)
    assert max(sizes) > 1 and sizes.count(1) == sum(bool(each.dials) for each in ROWS)
