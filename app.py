"""The game in a browser: settings, game, screens. Also the entry of a Gradio Space."""

import os

from playground import settings

# Nothing is reported to anyone; all are read when Gradio and the hub library are imported.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_OFFLINE", settings.offline(os.environ))

from playground import assets, handbook, registry
from playground.errors import PlaygroundError
from playground.game import Game
from playground.screens import pages, theme


def main() -> None:
    try:
        chosen = settings.load()
        handbook.shipped()
        manifest = assets.verify(chosen.assets)
        game = Game.open(chosen)
    except PlaygroundError as error:
        raise SystemExit(f"The game cannot start. {error}") from error
    except KeyboardInterrupt:
        raise SystemExit("Stopped. Whole files of a download are kept.") from None
    app = pages.build(game, registry.choose(chosen).card, manifest)
    try:
        where = {"server_name": chosen.host, "server_port": chosen.port}
        app.launch(**where, **theme.launch_options(), app_kwargs=pages.served())
    finally:
        game.close()


if __name__ == "__main__":
    main()
