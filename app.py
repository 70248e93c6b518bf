"""The game in a browser: settings, game, screens. `python app.py`, or the entry of a Gradio Space."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # before Gradio is imported

from playground import assets, registry, settings
from playground.game import Game
from playground.screens import pages, theme


def main() -> None:
    chosen = settings.load()
    game = Game.open(chosen)
    app = pages.build(game, registry.card(chosen.model), assets.verify(chosen.assets))
    try:
        app.launch(server_name=chosen.host, server_port=chosen.port, **theme.launch_options())
    finally:
        game.close()


if __name__ == "__main__":
    main()
