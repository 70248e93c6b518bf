"""The models that a host makes available, each with a game of its own."""

from playground.errors import AuthorError, PlaygroundError
from playground.game.game import Game
from playground.models import registry
from playground.screens.stage import Offer
from playground.settings import Settings

BETWEEN = ","  # names in `Settings.model`


def opened(settings: Settings) -> list[Offer]:
    """A game for each model that the settings name; the first has no part in the address. Raises
    AuthorError or EngineError for the first that cannot be opened, and closes those before it."""
    names = [each.strip() for each in settings.model.split(BETWEEN) if each.strip()]
    if len(names) > 1 and settings.saes:
        raise AuthorError(
            f"{len(names)} models are named, and SAEs with them: SAEs can only be named for one "
            "model; others take those of the registry"
        )
    if not names:
        raise AuthorError("PLAYGROUND_MODEL: it names no model; leave it out to play pocket")
    found, known = list[Offer](), set[str]()
    try:
        for name in names:
            asked = settings.model_copy(update={"model": name})
            chosen = registry.choose(asked)
            if chosen.name in known:
                raise AuthorError(f"PLAYGROUND_MODEL: {name!r} is named twice")
            place = chosen.name if found else ""
            found.append(Offer(Game.open(asked), chosen.card, place, chosen.name))
            known.add(chosen.name)
    except PlaygroundError:
        for each in found:
            each.game.close()
        raise
    return found
