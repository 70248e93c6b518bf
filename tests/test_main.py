"""`python -m playground`: what its options mean. The acts themselves are played in
test_second_model.py."""

import sys
from types import SimpleNamespace

import pytest

from playground import __main__ as command
from playground import settings
from playground.settings import Settings

OPTIONS = ["--model", "gpt2", "--sae", "early=a/b", "--sae", "c/d", "--device", "cpu", "--no-chat"]


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """What the game is asked to play; it does not begin."""
    for name in ("MODEL", "SAES", "DEVICE", "CHAT", "HOST", "PORT"):
        monkeypatch.delenv(f"PLAYGROUND_{name}", raising=False)
    seen = list[Settings]()
    monkeypatch.setitem(sys.modules, "app", SimpleNamespace(main=seen.append))
    return seen


def test_play_means_what_the_options_say(played: list[Settings]) -> None:
    assert command.main(["play", *OPTIONS, "--port", "8000", "--host", "0.0.0.0"]) == 0
    (asked,) = played
    assert (asked.model, asked.saes) == ("gpt2", ("early=a/b", "c/d"))
    assert (asked.device, asked.chat) == ("cpu", False)
    assert (asked.host, asked.port) == ("0.0.0.0", 8000)


def test_without_options_the_environment_holds(
    played: list[Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_MODEL", "gpt2")
    monkeypatch.setenv("PLAYGROUND_CHAT", "yes")
    assert command.main(["play"]) == 0
    assert played == [settings.load()]
    assert (played[0].model, played[0].chat) == ("gpt2", True)


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
