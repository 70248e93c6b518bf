"""How much Gradio remembers of every browser tab that was ever open."""

import gradio as gr
from gradio.state_holder import SessionState, StateHolder

# The latest. What a learner may lose with the others is what a screen remembers between two clicks:
# who they are and what they have collected lies in the browser, all else in the database.
MOST = 400


class Sessions(StateHolder):
    """A tab's first request has Gradio describe every component of every page, .8 MB, which it
    reads for its deep links only. The game has none, so they are let go of at once."""

    def __getitem__(self, session_id: str) -> SessionState:
        new = session_id not in self.session_data
        state = super().__getitem__(session_id)
        if new:
            state.config_values.clear()
        return state


def keep_few(app: gr.Blocks) -> None:
    """To be called when the app is launched."""
    app.state_session_capacity = MOST
    sessions = Sessions()
    sessions.set_blocks(app)
    app.app.state_holder = sessions
