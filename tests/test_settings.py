"""What the environment asks for, by name; and what an error says of it."""

import os
import re
from pathlib import Path

import pytest

from playground import settings
from playground.errors import AuthorError
from playground.settings import Settings


@pytest.fixture(autouse=True)
def empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment in which nothing is asked for; what is put into it is taken back."""
    for name in os.environ:
        if name.startswith(
            ("PLAYGROUND_", "HF_HUB_", "XDG_", "SPACE_", "GRADIO_", "OAUTH_", "OPENID_")
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


def test_defaults(tmp_path: Path) -> None:
    folder = tmp_path / ".local" / "share" / "steering-playground"
    assert settings.load().model_dump() == {
        "on_space": False,
        "zero": False,
        "lent": True,
        "data": folder,
        "database": f"sqlite:///{folder / 'progress.db'}",
        "model": "smollm2,pocket",
        "saes": (),
        "device": "auto",
        "chat": None,
        "bits": 0,
        "host": "127.0.0.1",
        "port": 7860,
        "max_rows": 96,
        "engine": "own",
        "instructors": (),
        "oauth_id": "",
        "oauth_secret": None,
        "oauth_provider": "https://huggingface.co",
        "teacher": None,
        "weights": tmp_path / ".cache/steering-playground/weights",
        "wheels": None,
        "space_host": "",
        "snapshots": None,
        "every": 60,
        "root_path": "",
        "proxies": ("127.0.0.1",),
        "frames": (),
        "rate": 300,
        "address_rate": 6000,
        "log": "text",
        "assets": Path(settings.__file__).parents[1] / "assets",
        "space": "",
        "source": "",
    }
    assert not folder.exists()


def test_everything_can_be_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "PLAYGROUND_DB": "postgresql://me@here/game",
        "PLAYGROUND_MODEL": "gpt2",
        "PLAYGROUND_HOST": "0.0.0.0",
        "PLAYGROUND_PORT": "80",
        "PLAYGROUND_MAX_ROWS": "3",
        "PLAYGROUND_ASSETS": str(tmp_path),
        "PLAYGROUND_WHEELS": str(tmp_path),
        "PLAYGROUND_WEIGHTS": str(tmp_path / "weights"),
        "PLAYGROUND_SAES": "early=a/b,late=c/d/e",
        "PLAYGROUND_DEVICE": "cuda",
        "PLAYGROUND_CHAT": "no",
        "PLAYGROUND_LENT": "no",
        "PLAYGROUND_BITS": "4",
        "PLAYGROUND_SOURCE": "https://example.org/game",
        "XDG_DATA_HOME": "/data",
        "PLAYGROUND_SNAPSHOTS": "/bucket",
        "PLAYGROUND_EVERY": "5",
        "PLAYGROUND_ROOT_PATH": "play/",
        "PLAYGROUND_PROXIES": "10.0.0.0/8, 127.0.0.1",
        "PLAYGROUND_FRAMES": "https://school.example",
        "PLAYGROUND_RATE": "0",
        "PLAYGROUND_ADDRESS_RATE": "7",
        "PLAYGROUND_LOG": "json",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert settings.load() == Settings(
        database="postgresql://me@here/game",
        model="gpt2",
        host="0.0.0.0",
        port=80,
        max_rows=3,
        assets=tmp_path,
        wheels=tmp_path,
        weights=tmp_path / "weights",
        saes=("early=a/b", "late=c/d/e"),
        device="cuda",
        chat=False,
        lent=False,
        bits=4,
        source="https://example.org/game",
        data=Path("/data/steering-playground"),
        snapshots=Path("/bucket"),
        every=5,
        root_path="/play",
        proxies=("10.0.0.0/8", "127.0.0.1"),
        frames=("https://school.example",),
        rate=0,
        address_rate=7,
        log="json",
    )


@pytest.mark.parametrize("name", ["DB", "MODEL", "PORT", "SAES", "CHAT", "BITS", "ASSETS"])
def test_what_is_empty_is_not_asked_for(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"PLAYGROUND_{name}", "")
    monkeypatch.setenv("SPACE_ID", "")
    assert settings.load() == Settings()


def test_auto_is_what_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DEVICE", "CHAT", "BITS"):
        monkeypatch.setenv(f"PLAYGROUND_{name}", "auto")
    found = settings.load()
    assert (found.device, found.chat, found.bits) == ("auto", None, 0)


def test_data_folder_follows_xdg_unless_relative(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "/elsewhere")
    assert settings.load().data == Path("/elsewhere/steering-playground")
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    assert settings.load().data == tmp_path / ".local/share/steering-playground"


def test_a_space_plays_on_its_own_disk_and_copies_to_its_bucket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPACE_ID", "me/game")
    monkeypatch.setenv("SPACE_HOST", "me-game.hf.space")
    monkeypatch.setattr(settings, "SPACE_DATA", tmp_path)
    made, own = settings.load(), tmp_path / ".local/share/steering-playground"
    assert made.database == f"sqlite:///{own / 'progress.db'}"
    assert made.snapshots == tmp_path / "steering-playground"
    assert made.source == "https://huggingface.co/spaces/me/game/blob/main"
    assert (made.host, made.on_space, made.space_host) == ("0.0.0.0", True, "me-game.hf.space")
    assert made.frames == ("https://huggingface.co",)
    assert made.proxies == ("127.0.0.1", "10.0.0.0/8")
    monkeypatch.setattr(settings, "SPACE_DATA", tmp_path / "missing")
    assert settings.load().snapshots is None


def test_where_a_gpu_is_only_lent_the_game_plays_on_the_cpu(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    assert settings.load().device == "cpu"
    monkeypatch.setenv("PLAYGROUND_DEVICE", "cuda")
    assert settings.load().device == "cuda"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("/play", "/play"),
        ("play/game/", "/play/game"),
        ("/", ""),
        ("https://school.example/play/", "https://school.example/play"),
    ],
)
def test_a_path_is_meant_however_it_is_written(
    given: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_ROOT_PATH", given)
    assert settings.load().root_path == meant


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("PLAYGROUND_PORT", "seven", "a whole number from 1 to 65535"),
        ("PLAYGROUND_PORT", "0", "a whole number from 1 to 65535"),
        ("PLAYGROUND_PORT", "70000", "a whole number from 1 to 65535"),
        ("PLAYGROUND_MAX_ROWS", "2", "a whole number from 3 to 256"),
        ("PLAYGROUND_MAX_ROWS", "-5", "a whole number from 3 to 256"),
        ("PLAYGROUND_DEVICE", "tpu", "auto, cpu, cuda or mps"),
        ("PLAYGROUND_CHAT", "perhaps", "auto, yes or no"),
        ("PLAYGROUND_BITS", "16", "auto, 8 or 4"),
        ("PLAYGROUND_ASSETS", "/no/such/folder", "a folder that exists"),
    ],
)
def test_an_error_quotes_key_and_value(
    key: str, value: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(key, value)
    with pytest.raises(AuthorError, match=re.escape(f"{key}={value!r}: expected {expected}")):
        settings.load()


@pytest.mark.parametrize("secret", ["short", "nine char"])
def test_the_secret_of_instructors_is_in_no_error(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_TEACHER", secret)
    with pytest.raises(AuthorError, match="PLAYGROUND_TEACHER: expected 10 characters") as refused:
        settings.load()
    assert secret not in str(refused.value)
    assert refused.value.__cause__ is None
    monkeypatch.setenv("PLAYGROUND_TEACHER", "ten characters")
    found = settings.load()
    assert found.teacher is not None
    assert found.teacher.get_secret_value() == "ten characters"
    assert "ten characters" not in repr(found)


@pytest.mark.parametrize(
    ("asked", "offline"),
    [
        (Settings(model="pocket"), "1"),
        (Settings(model="smollm2, pocket"), "1"),
        (Settings(model="pocket,gpt2"), "0"),
        (Settings(model="openai-community/gpt2"), "0"),
        (Settings(saes=("release/id",)), "0"),
    ],
)
def test_only_what_ships_is_played_without_a_network(
    asked: Settings, offline: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = dict[str, str]()
    monkeypatch.setattr(os, "environ", made)
    settings.prepare(asked)
    assert made["HF_HUB_OFFLINE"] == offline
    made["HF_HUB_OFFLINE"] = "0"  # what a host says goes first
    settings.prepare(asked)
    assert made["HF_HUB_OFFLINE"] == "0"
