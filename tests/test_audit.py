"""`make audit` never takes silence for a good answer."""

import json
import subprocess

import pytest

from scripts import audit


def says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], out: str, errors: str = ""
) -> tuple[int, str]:
    ended = subprocess.CompletedProcess((), 1, out, errors)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: ended)
    return audit.main(), capsys.readouterr().out


def test_without_an_answer_it_is_not_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = says(monkeypatch, capsys, "", "a\nConnectionError: no network")
    assert code == audit.NOT_DONE
    assert said.startswith("NOT DONE: no package was looked up (ConnectionError: no network)")

    def slow(*_: object, **__: object) -> None:
        raise subprocess.TimeoutExpired("pip_audit", 1)

    monkeypatch.setattr(subprocess, "run", slow)
    assert audit.main() == audit.NOT_DONE
    assert "NOT DONE" in capsys.readouterr().out


def test_holes_and_what_was_left_out_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = {"name": "a", "version": "1", "vulns": []}
    bad = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
    unknown = {"name": "c", "skip_reason": "not on the index"}
    code, said = says(monkeypatch, capsys, json.dumps({"dependencies": [good]}))
    assert (code, said) == (audit.DONE, "1 packages were looked up: 0 known holes\n")
    code, said = says(monkeypatch, capsys, json.dumps({"dependencies": [good, bad, unknown]}))
    assert code == audit.FOUND
    assert said.splitlines() == [
        "b 2: CVE-1; mended in: 3",
        "c: not looked up, not on the index",
        "2 packages were looked up: 1 known holes",
    ]
