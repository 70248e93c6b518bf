"""Where a model goes, and a model of which accelerate keeps a part elsewhere."""

from pathlib import Path

import psutil
import pytest
import torch
from transformers import AutoModelForCausalLM

from playground.engine.loading import placed
from playground.engine.local import LocalEngine
from playground.engine.records import Dial, Request, Sampling
from playground.engine.sites import block_at, device_of
from playground.errors import AuthorError
from playground.models import machine
from playground.models.machine import GIB, Placement, Room, place
from playground.models.sae_files import load
from tests.engine_models import NORMS, SITES, engine, save_all, tokenizer


def test_no_more_processes_than_memory_holds() -> None:
    own = psutil.Process().memory_info().rss
    assert machine.processes(4, 100 * own) == 4
    assert machine.processes(4, int(2.5 * own)) in (1, 2)  # this process may grow meanwhile
    assert machine.processes(4, own // 2) == 1


def test_free_memory_is_measured() -> None:
    free = machine.room()
    assert 0 < free.memory < 2**50
    assert len(free.gpus) == (torch.cuda.device_count() if torch.cuda.is_available() else 0)
    assert machine.devices()[-1] == "cpu"


def test_a_container_has_less_than_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit, used, stat = tmp_path / "max", tmp_path / "current", tmp_path / "stat"
    monkeypatch.setattr(machine, "LIMIT", limit)
    monkeypatch.setattr(machine, "USED", used)
    monkeypatch.setattr(machine, "STAT", stat)
    used.write_text("1000\n")
    limit.write_text("5000\n")
    assert machine.room().memory == 4000
    stat.write_text("anon 600\ninactive_file 300\nactive_file 100\n")
    assert machine.room().memory == 4300  # files that were read are given up
    limit.write_text("max\n")
    assert machine.room().memory > 4000


@pytest.mark.parametrize(
    ("needed", "device", "room", "expected"),
    [
        (4, "cpu", Room(8 * GIB), Placement("cpu")),
        (4, "mps", Room(8 * GIB), Placement("mps")),
        (4, "cuda", Room(2 * GIB, (8 * GIB,)), Placement("cuda")),
        (7, "cuda", Room(2 * GIB, (8 * GIB,)), Placement("cuda")),
    ],
)
def test_what_fits_stays_whole(needed: int, device: str, room: Room, expected: Placement) -> None:
    assert place("me/small", needed * GIB, GIB, device, room) == expected


def test_saes_pass_through_main_memory() -> None:
    with pytest.raises(AuthorError, match="the SAEs of me/small: .* 9.0 GiB of memory"):
        place("me/small", GIB, 9 * GIB, "cuda", Room(8 * GIB, (80 * GIB,)))


def test_what_one_gpu_does_not_hold_is_spread() -> None:
    found = place("me/large", 12 * GIB, GIB, "cuda", Room(32 * GIB, (10 * GIB, 4 * GIB)))
    assert found.spread == {0: int(7.5 * GIB), 1: int(2.4 * GIB), "cpu": 32 * GIB}
    assert found.note.startswith("me/large does not fit one GPU")


@pytest.mark.parametrize(
    ("device", "room", "told"),
    [
        ("cpu", Room(8 * GIB, (80 * GIB,)), "there are 8.0 GiB of main memory free"),
        ("cuda", Room(8 * GIB, (6 * GIB,)), "there are GPU: 6.0 GiB; 8.0 GiB of main memory free"),
    ],
)
def test_what_fits_nowhere_is_refused(device: str, room: Room, told: str) -> None:
    with pytest.raises(AuthorError, match=f"me/large: model and SAEs need 41.0 GiB.*{told}"):
        place("me/large", 40 * GIB, GIB, device, room)


ROWS = (
    ("the cat", ()),
    ("the cat sat on", (Dial("middle", 3, 0.8, "add", "all"),)),
    ("a", (Dial("early", 7, 0.6, "clamp", "reply"), Dial("late", 9, -0.5, "project", "prompt"))),
)


@pytest.mark.parametrize(
    ("family", "prefix"),
    [("llama", "model.layers"), ("gpt2", "transformer.h"), ("gemma2", "model.layers")],
)
def test_a_model_with_blocks_on_disk_writes_the_same(
    family: str, prefix: str, tmp_path: Path
) -> None:
    """Blocks 1 and 2 have no weights in memory until accelerate's hooks bring them, as those have
    that a GPU has no room for."""
    folder = save_all(tmp_path, family)
    whole = AutoModelForCausalLM.from_pretrained(folder / "model")
    tops = {
        name: "cpu" for name, _ in whole.named_modules() if name and not list(
            whole.get_submodule(name).children()
        ) and not name.startswith(prefix)
    }  # fmt: skip
    blocks = {f"{prefix}.0": "cpu", f"{prefix}.1": "disk", f"{prefix}.2": "disk"}
    spread = AutoModelForCausalLM.from_pretrained(
        folder / "model", device_map=tops | blocks, offload_folder=tmp_path / "offload"
    )
    block = block_at(spread, 1)
    assert next(block.parameters()).device.type == "meta"
    assert device_of(block) == torch.device("cpu")
    saes = placed({name: load(folder / name) for name in SITES}, spread)
    greedy = Sampling(temperature=0, max_tokens=8, stop_at_end=False)
    requests = [Request(prompt, dials, greedy) for prompt, dials in ROWS]
    replies = []
    for running in (engine(folder), LocalEngine(spread, tokenizer(), saes, NORMS, 8)):
        try:
            replies.append(running.generate(requests).traces())
        finally:
            running.close()
    for first, second in zip(*replies, strict=True):
        assert [token.id for token in first.tokens] == [token.id for token in second.tokens]
        torch.testing.assert_close(
            torch.tensor(first.logprobs), torch.tensor(second.logprobs), atol=1e-4, rtol=1e-4
        )
