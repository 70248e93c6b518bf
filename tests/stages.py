"""A stage as the screens get it, for any game."""

from playground.assets import Manifest
from playground.game.game import Game
from playground.models.registry import card
from playground.screens.stage import Offer, Stage
from playground.text.words import Words


def stage_of(game: Game) -> Stage:
    """The one model of a host that offers no other, in English."""
    offer = Offer(game, card("pocket"))
    return Stage(game, Words.load(), Manifest(parts={}), offer, (offer,))
