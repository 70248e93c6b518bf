"""Composes the screens into one app: the home page and a route per screen."""

import gradio as gr

from playground.assets import Manifest
from playground.game import Game
from playground.registry import ModelCard
from playground.screens import (
    about,
    ask,
    feature,
    find,
    handbook,
    home,
    parts,
    sandbox,
    steer,
    theme,
)
from playground.screens.words import Words

ROUTES = (
    ("Find", "find", find.layout),
    ("Steer", "steer", steer.layout),
    ("Ask", "ask", ask.layout),
    ("Sandbox", "sandbox", sandbox.layout),
    ("Features", "feature", feature.layout),
    ("Handbook", "handbook", handbook.layout),
    ("About", "about", about.layout),
)


def build(game: Game, model: ModelCard, manifest: Manifest) -> gr.Blocks:
    """The whole app, ready to launch with theme.launch_options()."""
    words = Words.load()
    stage = parts.Stage(game, words, model, manifest)
    with gr.Blocks(title=words("site.title"), analytics_enabled=False) as app:
        home.layout(stage, app)
    for name, path, layout in ROUTES:
        with app.route(name, path) as page:
            layout(stage, page)
    return app.queue(max_size=theme.MAX_WAITING, default_concurrency_limit=theme.THREADS)
