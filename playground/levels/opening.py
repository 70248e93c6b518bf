"""The model that levels are played on, opened: in this process, or in replicas elsewhere. Knows no
levels.
"""

from collections.abc import Callable, Mapping

from playground.atlas import bare
from playground.atlas.atlas import Atlas
from playground.engine.late import LateEngine
from playground.engine.protocol import Engine
from playground.engine.records import Site
from playground.errors import AuthorError
from playground.models import registry
from playground.settings import Settings, options, prepare

Opened = tuple[Engine, tuple[str, ...]]  # and how the model runs, a sentence each


def engine(
    settings: Settings,
    name: str,
    load: Callable[[], Opened],
    late: Mapping[str, Site] | None = None,
) -> Opened:
    """As the settings say. name: that the model is kept by; load: opens it in this process. late:
    its sites, where it need not be loaded before somebody needs it. Raises AuthorError or
    EngineError."""
    if settings.engine == "ray":
        return away(name, load, late)
    return load() if late is None else (LateEngine(late, lambda: load()[0]), ())


def away(name: str, load: Callable[[], Opened], late: Mapping[str, Site] | None) -> Opened:
    """In replicas, that were started before (hosting/scaling.py); here only for what borrows the
    model itself, and when it does."""
    from playground.engine.away import AwayEngine  # torch is slow to import
    from playground.engine.replicas import RayFleet

    found = AwayEngine(RayFleet.of(name), LateEngine(late or {}, lambda: load()[0]), late)
    return found, () if late else found.notes


def replicated(settings: Settings) -> Opened:
    """What runs in each of them. settings: of the machine on which they were started. Raises
    AuthorError or EngineError."""
    prepare(settings)
    chosen = registry.choose(settings)
    return load(settings, Atlas.open(chosen.atlas)) if chosen.card.saes else load_bare(settings)


def making(settings: Settings) -> str:
    """What to type for an atlas."""
    return f"`python -m playground atlas build {' '.join(options(settings))}`"


def load(settings: Settings, atlas: Atlas) -> Opened:
    """The model of the settings, and how it runs here. Raises AuthorError or EngineError."""
    # torch is slow to import
    from playground.atlas.folders import sums_of
    from playground.engine.loading import is_lent, open_engine, open_parts

    parts = open_parts(settings)
    folder, found = parts.chosen.atlas, atlas.meta["sums"]
    if (sums := sums_of(parts)) != found:
        other = next((name for name in sums if sums[name] != found.get(name)), "a site")
        raise AuthorError(
            f"{folder}: was made of other files ({other}) than are played now; remove it with its "
            f"{folder.name}.work, and make it anew with {making(settings)}"
        )
    if (first := atlas.meta.get("first", parts.first)) != parts.first:
        raise AuthorError(
            f"{folder}: was measured on texts that stand behind {first!r}, and the model is played "
            f"behind {parts.first!r}; remove it with its {folder.name}.work, and make it anew with "
            f"{making(settings)}"
        )
    lent = is_lent(parts, settings)
    return open_engine(parts, atlas.norms, settings.max_rows, lent), parts.notes


def load_bare(settings: Settings) -> Opened:
    """The same of a model without SAEs, which has no atlas that it would have to fit."""
    from playground.engine.loading import is_lent, open_engine, open_parts

    parts = open_parts(settings)
    places = bare.measured(parts).places
    norms = {name: each.norm for name, each in places.items()}
    return open_engine(parts, norms, settings.max_rows, is_lent(parts, settings)), parts.notes
