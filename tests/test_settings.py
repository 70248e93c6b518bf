import re
from pathlib import Path

import pytest

from playground import settings
from playground.errors import AuthorError


def test_defaults(tmp_path: Path) -> None:
    made = settings.load({"HOME": str(tmp_path)})
    folder = tmp_path / ".local" / "share" / "steering-playground"
    assert made == settings.Settings(
        database=f"sqlite:///{folder / 'progress.db'}",
        model="pocket",
        host="127.0.0.1",
        port=7860,
        max_rows=24,
        assets=Path(settings.__file__).parents[1] / "assets",
        on_space=False,
        data=folder,
    )
    assert not folder.exists()


def test_everything_can_be_given(tmp_path: Path) -> None:
    made = settings.load(
        {
            "PLAYGROUND_DB": "postgresql://me@here/game",
            "PLAYGROUND_MODEL": "gpt2",
            "PLAYGROUND_HOST": "0.0.0.0",
            "PLAYGROUND_PORT": "80",
            "PLAYGROUND_MAX_ROWS": "3",
            "PLAYGROUND_ASSETS": str(tmp_path),
            "PLAYGROUND_SAES": "early=a/b,late=c/d/e",
            "PLAYGROUND_DEVICE": "cuda",
            "PLAYGROUND_BITS": "4",
            "XDG_DATA_HOME": "/data",
        }
    )
    assert made == settings.Settings(
        "postgresql://me@here/game", "gpt2", "0.0.0.0", 80, 3, tmp_path, False,
        ("early=a/b", "late=c/d/e"), "cuda", None, 4, Path("/data/steering-playground"),
    )  # fmt: skip


def test_data_folder_follows_xdg_unless_relative(tmp_path: Path) -> None:
    given = {"HOME": "/home/me", "XDG_DATA_HOME": str(tmp_path)}
    assert settings.data_folder(given) == tmp_path / "steering-playground"
    relative = {"HOME": "/home/me", "XDG_DATA_HOME": "data"}
    assert settings.data_folder(relative) == Path("/home/me/.local/share/steering-playground")


def test_a_space_keeps_progress_on_its_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"SPACE_ID": "me/game", "HOME": "/home/user"}
    monkeypatch.setattr(settings, "SPACE_DATA", tmp_path)
    made = settings.load(given)
    assert made.database == f"sqlite:///{tmp_path / 'steering-playground' / 'progress.db'}"
    assert (made.host, made.on_space) == ("0.0.0.0", True)
    monkeypatch.setattr(settings, "SPACE_DATA", tmp_path / "missing")
    assert settings.data_folder(given) == Path("/home/user/.local/share/steering-playground")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("PLAYGROUND_PORT", "seven", "a whole number from 1 to 65535"),
        ("PLAYGROUND_PORT", "0", "a whole number from 1 to 65535"),
        ("PLAYGROUND_PORT", "70000", "a whole number from 1 to 65535"),
        ("PLAYGROUND_MAX_ROWS", "2", "a whole number from 3 to 256"),
        ("PLAYGROUND_MAX_ROWS", "-5", "a whole number from 3 to 256"),
        ("PLAYGROUND_DEVICE", "tpu", "auto, cpu, cuda or mps"),
        ("PLAYGROUND_ASSETS", "/no/such/folder", "a folder that exists"),
    ],
)
def test_an_error_quotes_key_and_value(key: str, value: str, expected: str) -> None:
    with pytest.raises(AuthorError, match=re.escape(f"{key}={value!r}: expected {expected}")):
        settings.load({key: value})


@pytest.mark.parametrize(
    ("given", "offline"),
    [
        ({}, "1"),
        ({"PLAYGROUND_MODEL": "pocket"}, "1"),
        ({"PLAYGROUND_MODEL": "openai-community/gpt2"}, "0"),
        ({"PLAYGROUND_SAES": "release/id"}, "0"),
    ],
)
def test_only_what_ships_is_played_without_a_network(given: dict[str, str], offline: str) -> None:
    assert settings.offline(given) == offline
