"""Whatever a board reports is read as text, a number or nothing: every handler that takes Gradio's
event data is called as Gradio calls it, and says a sentence instead of failing inside."""

import logging
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from gradio.helpers import special_args

from playground.screens import site
from playground.screens.stage import STORAGE_KEY, Stage
from tests.stages import steered_stage

ACTS = (
    "open", "collect", "token", "drop", "remove", "example", "take", "look", "forget", "choose",
    "dial", "row", "site", "hand_in", "off", "edge", "go", "feature", "again", "give_up",
)  # fmt: skip
ODD: list[object] = [
    None, [], "x", 5, {}, {"act": None}, {"act": {"act": []}}, {"act": ["open"], "form": 3},
    *({"act": act, "form": form} for act in ACTS for form in (None, ["q0"], {"q0": [1]})),
    *({"act": act, "number": -1, "row": -1, "token": "²", "feature": {}} for act in ACTS),
    *({"act": act, "number": "999", "row": "999", "token": "999", "site": "late", "feature": "99",
       "concept": 1, "said": [], "node": 0.5, "packed": "x", "level": {}} for act in ACTS),
]  # fmt: skip


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with steered_stage(tmp_path) as made:
        yield made


def test_an_odd_report_is_refused_in_a_sentence(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(gr, "Warning", lambda *said, **more: None)
    secret = stage.game.players.enter(None).secret
    with gr.Blocks() as app:
        site.build_in(app, stage)
    asked = SimpleNamespace(query_params={}, client=None, headers={}, url="http://a/b")
    taking = [each for each in app.fns.values() if each.fn and reports(each.fn)]
    assert len(taking) > 25
    for each in taking:
        for odd in ODD:
            values = [value_of(part, secret) for part in each.inputs]
            event = gr.EventData(None, odd)
            given, *_ = special_args(each.fn, values, asked, event)  # type: ignore[arg-type]
            caplog.clear()
            came = each.fn(*given)
            if isinstance(came, Iterator):
                list(came)
            failed = [record for record in caplog.records if record.levelno >= logging.ERROR]
            assert not failed, (each.name, odd, failed[0].exc_info)


def reports(handler: Any) -> bool:
    """Whether it takes the data of an event."""
    return any(kind in (gr.EventData, "gr.EventData") for kind in handler.__annotations__.values())


def value_of(part: Any, secret: str) -> object:
    """What a browser that was just opened sends of it."""
    if isinstance(part, gr.BrowserState):
        return secret if part.storage_key == STORAGE_KEY else copy(part.default_value)
    return copy(part.value)
