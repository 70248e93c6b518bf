"""Composes the screens into one app: the home page and a route per screen, in every language."""

from dataclasses import replace

import gradio as gr
from starlette.middleware import Middleware

from playground.assets import Manifest
from playground.game import Game
from playground.language import LANGUAGES, SOURCE, Language
from playground.registry import ModelCard
from playground.screens import (
    about,
    ask,
    certificate,
    daily,
    exam,
    feature,
    handbook,
    home,
    hunt,
    parts,
    replay,
    sandbox,
    steer,
    theme,
)
from playground.screens.addresses import Addresses, address
from playground.screens.told import Told
from playground.screens.words import Words

ROUTES = (
    ("Hunt", "hunt", hunt.layout),
    ("Steer", "steer", steer.layout),
    ("Ask", "ask", ask.layout),
    ("Daily", "daily", daily.layout),
    ("Exam", "exam", exam.layout),
    ("Certificate", "certificate", certificate.layout),
    ("Replay", "replay", replay.layout),
    ("Sandbox", "sandbox", sandbox.layout),
    ("Features", "feature", feature.layout),
    ("Handbook", "handbook", handbook.layout),
    ("About", "about", about.layout),
)


def build(game: Game, model: ModelCard, manifest: Manifest) -> gr.Blocks:
    """The whole app, ready to launch with theme.launch_options() and served(). Every page is built
    once a language, so the language belongs to the page and not to the process."""
    words = Words.load()
    stage = parts.Stage(game, words, model, manifest)
    with gr.Blocks(title=words("site.title"), analytics_enabled=False) as app:
        home.layout(stage, app)
    for name, path, layout in ROUTES:
        with app.route(name, path) as page:
            layout(stage, page)
    for language in LANGUAGES:
        if language != SOURCE:
            build_in(language, app, stage)
    return app.queue(max_size=theme.MAX_WAITING, default_concurrency_limit=theme.THREADS)


def build_in(language: Language, app: gr.Blocks, stage: parts.Stage) -> None:
    """Every page once more."""
    words = Words.of(language)
    told = replace(stage, words=words, game=Told(stage.game, words))
    for path, layout in (("", home.layout), *((path, layout) for _, path, layout in ROUTES)):
        # As app.route() does it, which would refuse the slash.
        app.pages.append((address(language, path), words("site.title"), False))
        app.current_page = address(language, path)
        with app as page:
            layout(told, page)


def served() -> dict[str, list[Middleware]]:
    """What launch() needs as app_kwargs, so that the pages below /ru/ are found."""
    paths = ("", *(path for _, path, _ in ROUTES))
    below = {address(each, path) for each in LANGUAGES if each != SOURCE for path in paths}
    return {"middleware": [Middleware(Addresses, pages=below)]}
