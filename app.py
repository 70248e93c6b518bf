"""The game in a browser: settings, games, screens. Also the entry of a Gradio Space."""

from playground import assets, settings
from playground.errors import PlaygroundError
from playground.hosting import port
from playground.text import handbook


def main(asked: settings.Settings | None = None) -> None:
    """asked: what a command line says; otherwise the environment does."""
    try:
        chosen = asked or settings.load()
        settings.prepare(chosen)
        port.check(chosen.host, chosen.port)
        from playground.screens import serving

        handbook.shipped()
        serving.open_and_serve(chosen, assets.verify(chosen.assets))
    except PlaygroundError as error:
        raise SystemExit(f"The game cannot start, or go on. {error}") from error
    except KeyboardInterrupt:
        raise SystemExit("Stopped. Whole files of a download are kept.") from None


if __name__ == "__main__":
    main()
