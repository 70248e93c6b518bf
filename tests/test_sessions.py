"""What is remembered of browser tabs: little, of the latest, and no learner is stopped by it."""

from types import SimpleNamespace

import gradio as gr
import pytest

from playground.screens import sessions
from playground.screens.sessions import MOST, Sessions


@pytest.fixture
def app() -> gr.Blocks:
    with gr.Blocks(analytics_enabled=False) as made:
        gr.Textbox("begin")
        gr.State([])
    made.app = SimpleNamespace()
    sessions.keep_few(made)
    return made


def test_a_tab_costs_little_and_keeps_its_own_values(app: gr.Blocks) -> None:
    held = app.app.state_holder
    assert isinstance(held, Sessions) and app.state_holder is held
    text, state = app.blocks
    mine, other = held["mine"], held["other"]
    assert mine.config_values == {}
    mine[state].append("a word")
    mine[text] = gr.Textbox("more")
    mine._update_value_in_config(text, "most")
    assert held["mine"] is mine and held["mine"][state] == ["a word"]
    assert mine.config_values[text]["props"]["value"] == "most"
    assert other[state] == [] and other.config_values == {}


def test_the_latest_are_remembered_and_an_old_one_begins_anew(app: gr.Blocks) -> None:
    held, (_, state) = app.app.state_holder, app.blocks
    held["old"][state].append("a word")
    for n in range(MOST):
        held[f"tab {n}"]
    assert len(held.session_data) == MOST
    assert "old" not in held and held["old"][state] == []
