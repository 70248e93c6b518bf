"""How much Gradio remembers of every browser tab that was ever open."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import gradio as gr
from gradio.routes import App
from gradio.state_holder import SessionState, StateHolder

# Tabs. Beyond so many, one that was closed is forgotten for each that is opened, the one that was
# not used for longest first; of tabs that are still open only where they are far more, for then who
# opens them is no class. What a learner loses with a tab is what a screen remembers between two
# clicks: who they are and what they have collected lies in the browser, all else in the database.
MOST, OPEN_MOST = 200, 2000


class Sessions(StateHolder):
    """A tab's first request has Gradio describe every component of every page, which takes .8 MB
    and .1 s, and which it reads for its deep links only. The game has none."""

    def __getitem__(self, session_id: str) -> SessionState:
        if session_id not in self.session_data:
            plain = cast(gr.Blocks, Undescribed(self.blocks.default_config))
            self.session_data[session_id] = SessionState(plain)
        return super().__getitem__(session_id)

    def update(self, session_id: str) -> None:
        """A tab is used; another one may be forgotten for it."""
        with self.lock:
            if session_id in self.session_data:
                self.session_data.move_to_end(session_id)
            if len(self.session_data) <= MOST:
                return
            closed = (
                id
                for id, state in self.session_data.items()
                if state.is_closed and id != session_id
            )
            first = next(iter(self.session_data))
            evicted = next(closed, first if len(self.session_data) > OPEN_MOST else None)
            if evicted is not None:
                self.session_data.pop(evicted)
                self.time_last_used.pop(evicted, None)


@dataclass(frozen=True)
class Undescribed:
    """An app as a new session sees it: with nothing to describe."""

    default_config: Any
    blocks: Mapping[int, Any] = field(default_factory=dict)


def keep_few(app: gr.Blocks, server: App) -> None:
    """To be called before the server that the app was launched with answers its first request: a
    session that had begun would be forgotten."""
    app.state_session_capacity = OPEN_MOST
    sessions = Sessions()
    sessions.set_blocks(app)
    server.state_holder = sessions
