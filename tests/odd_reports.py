"""Calls every handler that takes Gradio's event data with what no board reports, as Gradio calls
it: `python -m tests.odd_reports` says how many take some, and fails where one failed inside."""

import logging
import sys
import tempfile
import warnings
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
from gradio.helpers import special_args

from playground.screens import site
from playground.screens.stage import STORAGE_KEY, Stage
from tests.fake_model import FakeAtlas
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


def called(stage: Stage) -> int:
    """How many handlers take such data."""
    secret = stage.game.players.enter(None).secret
    with gr.Blocks() as app:
        site.build_in(app, stage)
    asked: Any = SimpleNamespace(query_params={}, client=None, headers={}, url="http://a/b")
    taking = [(each, each.fn) for each in app.fns.values() if each.fn and reports(each.fn)]
    for each, handler in taking:
        for odd in ODD:
            print(f"{each.name}: {odd}", file=sys.stderr)  # the last one is said where it fails
            values = [value_of(part, secret) for part in each.inputs]
            given, *_ = special_args(handler, values, asked, gr.EventData(None, odd))
            came = handler(*given)
            if isinstance(came, Iterator):
                list(came)
    return len(taking)


def reports(handler: Any) -> bool:
    """Whether it takes the data of an event."""
    return gr.EventData in handler.__annotations__.values()


def value_of(part: Any, secret: str) -> object:
    """What a browser that was just opened sends of it."""
    if isinstance(part, gr.BrowserState):
        return secret if part.storage_key == STORAGE_KEY else copy(part.default_value)
    return copy(part.value)


class Failing(logging.Handler):
    """A handler that fails inside writes that to the log."""

    def emit(self, record: logging.LogRecord) -> None:
        raise SystemExit(f"{record.getMessage()}: {record.exc_info and record.exc_info[1]!r}")


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # what a player is told, where no page listens
    logging.getLogger("playground").addHandler(Failing(logging.ERROR))
    FakeAtlas.sites = ()  # type: ignore[attr-defined]  # it has no map of its features
    with tempfile.TemporaryDirectory() as folder, steered_stage(Path(folder)) as made:
        print(called(made))
