"""Pages of a file are given back, and nothing else: what was changed stays."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from playground.engine.pages import SMAPS, give_back, parsed

pytestmark = pytest.mark.skipif(not SMAPS.exists(), reason="no /proc on this machine")
NUMBERS = 1 << 21  # 8 MiB


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    save_file({"weight": torch.arange(NUMBERS).float()}, tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def resident(tensor: Tensor) -> int:
    """KiB of the mapping that it lies in."""
    inside = False
    for line in SMAPS.read_text().splitlines():
        name, *words = line.split()
        if not name.endswith(":"):
            start, stop = parsed(name)
            inside = start <= tensor.data_ptr() < stop
        elif inside and name == "Rss:":
            return int(words[0])
    raise AssertionError("no mapping holds it")


def test_weights_from_a_file_are_let_go_of_and_can_be_had_again(stored: Path) -> None:
    weight = load_file(stored)["weight"]
    whole = weight.sum()
    assert resident(weight) > 8000
    give_back([weight])
    assert resident(weight) < 1000
    assert weight.sum() == whole and torch.equal(weight, torch.arange(NUMBERS).float())


def test_what_was_changed_or_is_no_files_stays(stored: Path) -> None:
    changed, own = load_file(stored)["weight"], torch.arange(NUMBERS).float()
    changed[7] = -1.0
    give_back([changed, own])
    assert changed[7] == -1.0 and own[-1] == NUMBERS - 1
    assert changed[8:].sum() == own[8:].sum()
