"""How much Gradio remembers of every browser tab that was ever open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import gradio as gr
from gradio.routes import App
from gradio.state_holder import SessionState, StateHolder

# The latest. What a learner may lose with the others is what a screen remembers between two clicks:
# who they are and what they have collected lies in the browser, all else in the database.
MOST = 200


class Sessions(StateHolder):
    """A tab's first request has Gradio describe every component of every page, which takes .8 MB
    and .1 s, and which it reads for its deep links only. The game has none."""

    def __getitem__(self, session_id: str) -> SessionState:
        if session_id not in self.session_data:
            plain = cast(gr.Blocks, Undescribed(self.blocks.default_config))
            self.session_data[session_id] = SessionState(plain)
        return super().__getitem__(session_id)


@dataclass(frozen=True)
class Undescribed:
    """An app as a new session sees it: with nothing to describe."""

    default_config: Any
    blocks: Mapping[int, Any] = field(default_factory=dict)


def keep_few(app: gr.Blocks, server: App) -> None:
    """To be called before the server that the app was launched with answers its first request: a
    session that had begun would be forgotten."""
    app.state_session_capacity = MOST
    sessions = Sessions()
    sessions.set_blocks(app)
    server.state_holder = sessions
