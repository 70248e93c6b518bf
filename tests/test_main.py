"""`python -m playground`: what its options mean. The acts themselves are played in
test_second_model.py."""

import os
import sys
from types import SimpleNamespace

import pytest

from playground import __main__ as command
from playground import settings

OPTIONS = ["--model", "gpt2", "--sae", "early=a/b", "--sae", "c/d", "--device", "cpu", "--no-chat"]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is changed in it is taken back."""
    for name in ("MODEL", "SAES", "DEVICE", "CHAT", "HOST", "PORT"):
        monkeypatch.setenv(f"PLAYGROUND_{name}", "")


def test_play_means_what_the_options_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """`app` reads the environment as it is imported, so the options have to stand there before."""
    seen = list[settings.Settings]()
    game = SimpleNamespace(main=lambda: seen.append(settings.load()))
    monkeypatch.setitem(sys.modules, "app", game)
    assert command.main(["play", *OPTIONS, "--port", "8000", "--host", "0.0.0.0"]) == 0
    (asked,) = seen
    assert (asked.model, asked.saes) == ("gpt2", ("early=a/b", "c/d"))
    assert (asked.device, asked.chat) == ("cpu", False)
    assert (asked.host, asked.port) == ("0.0.0.0", 8000)
    assert settings.offline(os.environ) == "0"


def test_without_options_the_environment_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_MODEL", "gpt2")
    monkeypatch.setenv("PLAYGROUND_CHAT", "yes")
    before = settings.load()
    settings.impose(before)
    assert settings.load() == before


def test_an_unknown_act_lists_the_acts(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["dance"])
    said = capsys.readouterr().err
    assert all(act in said for act in command.ACTS)


def test_what_cannot_be_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["levels", "check", "--model", "gpt3"]) == 2
    said = capsys.readouterr().err.strip()
    assert said.startswith("--model 'gpt3':")
    assert "\n" not in said


def test_models_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["models"]) == 0
    assert "gemma-2-2b-it" in capsys.readouterr().out
