"""The game in a browser: settings, games, screens. Also the entry of a Gradio Space."""

import os

from playground import settings

# Nothing is reported to anyone; all are read when Gradio and the hub library are imported.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_OFFLINE", settings.offline(os.environ))

from playground import assets
from playground.errors import PlaygroundError
from playground.screens import offers, site, theme
from playground.text import handbook


def main() -> None:
    try:
        chosen = settings.load()
        handbook.shipped()
        manifest = assets.verify(chosen.assets)
        offered = offers.opened(chosen)
    except PlaygroundError as error:
        raise SystemExit(f"The game cannot start. {error}") from error
    except KeyboardInterrupt:
        raise SystemExit("Stopped. Whole files of a download are kept.") from None
    app = site.build(offered, manifest)
    try:
        where = {"server_name": chosen.host, "server_port": chosen.port}
        below = site.served([each.place for each in offered])
        app.launch(**where, **theme.launch_options(), app_kwargs=below)
    finally:
        for each in offered:
            each.game.close()


if __name__ == "__main__":
    main()
