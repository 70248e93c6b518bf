"""Composes the screens into one app: the home page and a route per screen, for every model that is
offered and in every language."""

from collections.abc import Sequence
from dataclasses import replace

import gradio as gr
from starlette.middleware import Middleware

from playground.assets import Manifest
from playground.screens import theme
from playground.screens.addresses import Addresses, address
from playground.screens.pages import (
    about,
    ask,
    certificate,
    chat,
    daily,
    exam,
    feature,
    handbook,
    home,
    hunt,
    measure,
    replay,
    sandbox,
    steer,
)
from playground.screens.stage import Offer, Stage
from playground.text.language import LANGUAGES, SOURCE, Language
from playground.text.words import Words

PAGES = (
    ("", home.layout),
    ("hunt", hunt.layout),
    ("steer", steer.layout),
    ("ask", ask.layout),
    ("daily", daily.layout),
    ("exam", exam.layout),
    ("certificate", certificate.layout),
    ("replay", replay.layout),
    ("chat", chat.layout),
    ("sandbox", sandbox.layout),
    ("feature", feature.layout),
    ("handbook", handbook.layout),
    ("about", about.layout),
    ("measure", measure.layout),
)


def build(offers: Sequence[Offer], manifest: Manifest) -> gr.Blocks:
    """The whole app, ready to launch with theme.launch_options() and served(). Every page is built
    once a model and language, so they belong to the page and not to the process. The first offer
    has no part in the address."""
    words = Words.load()
    stages = [Stage(each.game, words, manifest, each, offers) for each in offers]
    with gr.Blocks(title=words("site.title"), analytics_enabled=False) as app:
        for stage in stages:
            for language in LANGUAGES:
                build_in(language, app, stage)
    return app.queue(max_size=theme.MAX_WAITING, default_concurrency_limit=theme.THREADS)


def build_in(language: Language, app: gr.Blocks, stage: Stage) -> None:
    """Every page of a model in a language."""
    words = Words.of(language)
    if language != SOURCE:
        stage = replace(stage, words=words, game=stage.game.in_language(language))
    for path, layout in PAGES:
        # As app.route() does it, which would refuse the slash, and would have the whole server made
        # anew after each page.
        here = address(language, path, stage.offer.place)
        if here:
            app.pages.append((here, words("site.title"), False))
        app.current_page = here
        layout(stage, app)
        app.fill_expected_parents()


def served(places: Sequence[str] = ("",)) -> dict[str, list[Middleware]]:
    """What launch() needs as app_kwargs, so that the pages below /ru/ and /MODEL/ are found.
    places: of the offers."""
    paths = [path for path, _ in PAGES]
    every = {address(each, path, place) for place in places for each in LANGUAGES for path in paths}
    below, named = every.difference(paths), [place for place in places if place]
    return {"middleware": [Middleware(Addresses, pages=below, places=named)]}
