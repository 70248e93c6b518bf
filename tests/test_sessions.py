"""What is remembered of browser tabs: little, of the latest, and no learner is stopped by it; and
that it is so from the first request on."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest
from gradio.brotli_middleware import BrotliMiddleware
from gradio.route_utils import CustomCORSMiddleware
from starlette.middleware import Middleware

from playground.screens import serving, sessions
from playground.screens.sessions import MOST, OPEN_MOST, Sessions

TEXT, STATE = 1, 2  # components


class Config:
    def __init__(self) -> None:
        self.blocks = {TEXT: SimpleNamespace(stateful=False), STATE: gr.State([], render=False)}

    def config_for_block(self, key: int, *_: object) -> dict[str, Any]:
        return {"id": key, "props": {"value": "as at first"}}


@pytest.fixture
def held() -> Sessions:
    config = Config()
    app = cast(Any, SimpleNamespace(default_config=config, blocks=config.blocks))
    app.app = SimpleNamespace()
    sessions.keep_few(app, cast(Any, app.app))
    assert app.state_holder is app.app.state_holder
    return app.app.state_holder


def test_a_tab_costs_little_and_keeps_its_own_values(held: Sessions) -> None:
    mine, other = held["mine"], held["other"]
    assert mine.config_values == {}
    mine[STATE].append("a word")
    mine._update_value_in_config(TEXT, "most")
    assert held["mine"] is mine and held["mine"][STATE] == ["a word"]
    assert mine.config_values[TEXT]["props"]["value"] == "most"
    assert other[STATE] == [] and other.config_values == {}


def test_the_latest_are_remembered_and_an_old_one_begins_anew(held: Sessions) -> None:
    held["old"][STATE].append("a word")
    for n in range(OPEN_MOST):
        held[f"tab {n}"]
    assert len(held.session_data) == OPEN_MOST == len(held.time_last_used)
    assert "old" not in held and held["old"][STATE] == []


def test_a_tab_that_is_open_outlives_those_that_were_closed(held: Sessions) -> None:
    """A class goes through two hundred pages in minutes, while somebody still reads one."""
    held["mine"][STATE].append("a word")
    for n in range(3 * MOST):
        held[f"tab {n}"].is_closed = True  # as Gradio marks it
    assert len(held.session_data) == MOST and "tab 0" not in held
    assert held["mine"][STATE] == ["a word"]
    last = f"tab {3 * MOST - 1}"
    assert last in held and held[last].is_closed  # one that comes back is not lost by it


def test_the_first_request_finds_the_server_set_right() -> None:
    kept = Middleware(BrotliMiddleware)
    server = cast(Any, SimpleNamespace(user_middleware=[Middleware(CustomCORSMiddleware), kept]))
    server.build_middleware_stack = lambda: tuple(server.user_middleware)
    app = cast(Any, SimpleNamespace(default_config=Config()))

    async def begun() -> None:
        async with serving.readied(app)(server):
            assert server.middleware_stack == (kept,)
            assert isinstance(server.state_holder, Sessions)

    asyncio.run(begun())
