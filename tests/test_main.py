"""`python -m playground`: what its options mean. The acts themselves are played in
test_second_model.py."""

import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

from playground import __main__ as command
from playground import settings
from playground.settings import Settings
from tests.served import ROOT, needs_model

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


@needs_model
def test_a_page_waits_for_no_model() -> None:
    """What ships is loaded when something is asked of it, not before the first page."""
    ask = (
        "import sys; from playground import settings; asked = settings.load(); "
        "settings.prepare(asked); from playground.screens import offers; "
        "(offer,) = offers.opened(asked); "
        "print(*(site.name for site in offer.game.exploring.sites)); "
        "assert not sys.modules.keys() & {'torch', 'transformers'}; "
        "offer.game.ready(); print('torch' in sys.modules, offer.game.exploring.device)"
    )
    environment = {**os.environ, "PLAYGROUND_DB": "sqlite://", "PLAYGROUND_DEVICE": "cpu"}
    ran = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, env=environment, text=True, capture_output=True
    )
    assert ran.stdout.splitlines() == ["early middle late", "True cpu"], ran.stderr


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


def test_a_build_goes_well_also_where_no_level_can_be_played(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Which levels, and why not, has been said by then."""
    monkeypatch.setattr("playground.atlas.__main__.main", lambda arguments: None)
    told = list[Settings]()
    monkeypatch.setattr("playground.levels.__main__.checked", lambda s, only: told.append(s) or 1)
    assert command.main(["atlas", "build", "--model", "gpt2"]) == 0
    assert [each.model for each in told] == ["gpt2"]


def test_a_build_that_is_stopped_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("playground.atlas.__main__.main", stopped)
    assert command.main(["atlas", "build", "--model", "gpt2"]) == 130
    said = capsys.readouterr().err.strip().splitlines()
    assert said == ["Stopped. What is done is kept: the same command goes on from here."]
