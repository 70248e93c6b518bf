import re
from pathlib import Path

import pytest
from huggingface_hub import constants

from playground.models import catalogue
from playground.models.machine import GIB, Room
from playground.settings import Settings
from tests.engine_models import save_model

REGISTRY = """
[models.pocket]
title = "Pocket"
licence = "Apache-2.0"
folder = "pocket/model"
memory = 0.2
atlas = "pocket/atlas"
saes.middle = { folder = "pocket/saes/middle" }

[models.small]
title = "Small"
licence = "MIT"
repo = "me/small"
memory = 4.0
saes.early = { release = "a", id = "1" }
saes.late = { release = "a", id = "2" }

[models.large]
title = "Large"
licence = "Its own"
gated = true
repo = "me/large"
memory = 64.0
saes.early = { release = "a", id = "1" }
saes.late = { release = "b", id = "2" }
"""


@pytest.fixture
def asked(tmp_path: Path) -> Settings:
    (tmp_path / "registry.toml").write_text(REGISTRY)
    (tmp_path / "assets" / "pocket" / "atlas").mkdir(parents=True)
    return Settings(device="cpu", assets=tmp_path / "assets", data=tmp_path / "data")


def cached(folder: Path) -> Path:
    """A model as huggingface_hub keeps it; the folder of its one commit."""
    home, commit = folder / "cache" / "models--me--small", "0" * 40
    save_model(home / "blobs" / "model", "gpt2")
    made = home / "snapshots" / commit
    made.mkdir(parents=True)
    for number, path in enumerate(sorted((home / "blobs" / "model").iterdir())):
        path.rename(home / "blobs" / str(number))
        (made / path.name).symlink_to(home / "blobs" / str(number))
    (home / "blobs" / "model").rmdir()
    (home / "refs").mkdir()
    (home / "refs" / "main").write_text(commit)
    return made


def listed(asked: Settings, room: Room) -> dict[str, catalogue.ModelRow]:
    path = asked.assets.with_name("registry.toml")
    return {row.name: row for row in catalogue.rows(asked, room, path)}


def test_rows_say_what_there_is(
    asked: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    room = Room(8 * GIB)
    rows = listed(asked, room)
    assert rows["pocket"] == catalogue.ModelRow(
        "pocket", "Pocket", "Apache-2.0", False, 0.2, "yes, ships with the game", "",
        {"middle": "pocket/saes/middle"}, True,
    )  # fmt: skip
    assert rows["small"] == catalogue.ModelRow(
        "small", "Small", "MIT", False, 4.0, "no", "", {"early": "a/1", "late": "a/2"}, False
    )
    assert (rows["large"].gated, rows["large"].fits) == (True, "no, 8.0 GiB free")
    made = cached(tmp_path)
    (tmp_path / "data" / "models" / "small" / "atlas").mkdir(parents=True)
    small = listed(asked, room)["small"]
    assert small.here.startswith("yes, 0.") and small.here.endswith(" MB") and small.atlas
    (made / "model.safetensors").unlink()
    assert listed(asked, room)["small"].here.startswith("partly, ")


def test_the_table(asked: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    rows = listed(asked, Room(8 * GIB))
    head, *lines = catalogue.table(list(rows.values())).splitlines()
    assert head.split() == [
        "name", "title", "licence", "memory", "here", "fits", "atlas", "tried", "on"
    ]  # fmt: skip
    assert [re.sub(" {2,}", "|", line) for line in lines] == [
        "pocket|Pocket|Apache-2.0|0.2 GiB|yes, ships with the game|yes|yes|a stand-in",
        "|SAEs: pocket: middle saes/middle",
        "small|Small|MIT|4.0 GiB|no|yes|no|a stand-in",
        "|SAEs: a: early 1, late 2",
        "large|Large|Its own, gated|64.0 GiB|no|no, 8.0 GiB free|no|a stand-in",
        "|SAEs: early a/1, late b/2",
    ]


def test_the_shipped_registry_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    rows = catalogue.rows(Settings(device="cpu", data=tmp_path, weights=tmp_path), Room(8 * GIB))
    assert rows[0].name == "pocket" and rows[0].atlas
    assert {row.name for row in rows if row.atlas} == {"pocket", "smollm2"}
    assert all(row.here == "no" for row in rows[1:])
