"""Composes the screens into one app: the home page and a route per screen, for every model that is
offered and in every language."""

from collections.abc import Sequence

import gradio as gr
from starlette.middleware import Middleware

from playground.assets import Manifest
from playground.game.game import Game
from playground.hosting.rates import Rates
from playground.hosting.signin import SignIn
from playground.screens import theme
from playground.screens.addresses import Addresses, address
from playground.screens.downloads import Downloads
from playground.screens.pages import (
    about,
    ask,
    certificate,
    chat,
    circuit,
    classroom,
    daily,
    exam,
    feature,
    handbook,
    home,
    hunt,
    join,
    me,
    measure,
    replay,
    sandbox,
    steer,
    teach,
    verify,
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
    ("circuit", circuit.layout),
    ("feature", feature.layout),
    ("handbook", handbook.layout),
    ("about", about.layout),
    ("measure", measure.layout),
)
# Those that stand once, whatever is played.
HOUSE = (
    ("join", join.layout),
    ("me", me.layout),
    ("teach", teach.layout),
    ("class", classroom.layout),
    ("verify", verify.layout),
)


def build(
    offers: Sequence[Offer],
    manifest: Manifest,
    rates: Rates | None = None,
    signin: SignIn | None = None,
) -> gr.Blocks:
    """The whole app, ready to launch with theme.launch_options() and served(). Every page is built
    once a model and language, so they belong to the page and not to the process. The first offer
    has no part in the address. rates: how often a player may ask for something; signin: where
    accounts elsewhere are let in."""
    words, rates = Words.load(), rates or Rates(0)
    games = {
        language: {each.game.model: told(each, language) for each in offers}
        for language in LANGUAGES
    }
    with gr.Blocks(title=words("site.title"), analytics_enabled=False) as app:
        for each in offers:
            for language in LANGUAGES:
                known = games[language]
                game, words = known[each.game.model], Words.of(language)
                stage = Stage(game, words, manifest, each, offers, known, rates, signin)
                build_in(app, stage)
    return app.queue(max_size=theme.MAX_WAITING, default_concurrency_limit=theme.THREADS)


def told(offer: Offer, language: Language) -> Game:
    return offer.game if language == SOURCE else offer.game.in_language(language)


def build_in(app: gr.Blocks, stage: Stage) -> None:
    """Every page of a model in a language."""
    words = stage.words
    for path, layout in PAGES if stage.offer.place else (*PAGES, *HOUSE):
        # As app.route() does it, which would refuse the slash, and would have the whole server made
        # anew after each page.
        here = address(words.language, path, stage.offer.place)
        if here:
            app.pages.append((here, words("site.title"), False))
        app.current_page = here
        layout(stage, app)
        app.fill_expected_parents()


def served(places: Sequence[str] = ("",)) -> dict[str, list[Middleware]]:
    """What launch() needs as app_kwargs, so that the pages below /ru/ and /MODEL/ are found.
    places: of the offers."""
    paths, once = [path for path, _ in PAGES], [path for path, _ in HOUSE]
    every = {address(each, path, place) for place in places for each in LANGUAGES for path in paths}
    every |= {address(each, path) for each in LANGUAGES for path in once}
    below, named = every.difference(paths, once), [place for place in places if place]
    addresses = Middleware(Addresses, pages=below, places=named)
    return {"middleware": [addresses, Middleware(Downloads)]}
