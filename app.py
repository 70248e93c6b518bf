"""The game in a browser: settings, games, screens. Also the entry of a Gradio Space."""

from playground import assets, settings
from playground.errors import PlaygroundError
from playground.text import handbook


def main(asked: settings.Settings | None = None) -> None:
    """asked: what a command line says; otherwise the environment does."""
    try:
        chosen = asked or settings.load()
        settings.prepare(chosen)
        from playground.screens import offers, sessions, site, theme

        handbook.shipped()
        manifest = assets.verify(chosen.assets)
        offered = offers.opened(chosen)
    except PlaygroundError as error:
        raise SystemExit(f"The game cannot start. {error}") from error
    except KeyboardInterrupt:
        raise SystemExit("Stopped. Whole files of a download are kept.") from None
    app = site.build(offered, manifest)
    try:
        below = site.served([each.place for each in offered])
        options = {**theme.launch_options(), "app_kwargs": below, "prevent_thread_lock": True}
        app.launch(server_name=chosen.host, server_port=chosen.port, **options)
        sessions.keep_few(app)
        for each in offered:  # its pages answer already
            each.game.ready()
        app.block_thread()
    except PlaygroundError as error:
        raise SystemExit(f"The game cannot go on. {error}") from error
    finally:
        for each in offered:
            each.game.close()


if __name__ == "__main__":
    main()
