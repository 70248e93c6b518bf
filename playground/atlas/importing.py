"""An import as it is asked for on the command line: which model and site are meant, and where the
files come from. Reads no weights."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from shutil import rmtree
from typing import Any

from playground.atlas import bucket, neuronpedia, tables
from playground.atlas.neuronpedia import Report, Target
from playground.errors import AuthorError
from playground.models import registry
from playground.models.registry import Chosen
from playground.settings import Settings

SOURCE = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True)
class Import:
    """source: MODEL/SOURCE. model: was named, and is not the usual one; folder: with the files
    instead of a download from `url`; site: found by the source if empty."""

    source: str
    model: bool = False
    folder: Path | None = None
    site: str = ""
    url: str = bucket.BUCKET


def run(settings: Settings, wanted: Import) -> Report:
    """Raises AuthorError in one sentence."""
    if not SOURCE.fullmatch(wanted.source):
        raise AuthorError(
            f"--neuronpedia {wanted.source}: expected MODEL/SOURCE, such as gpt2-small/8-res-jb"
        )
    target = target_of(settings, wanted)
    if wanted.folder is not None:
        if not wanted.folder.is_dir():
            raise AuthorError(f"--folder {wanted.folder}: there is no such folder")
        return neuronpedia.convert(wanted.folder, target)
    # Beside the atlas, so that an interrupted download goes on; away when all is in the tables.
    folder = target.atlas.with_name(f"{target.atlas.name}.neuronpedia")
    bucket.fetch(wanted.source, folder / wanted.source, wanted.url)
    report = neuronpedia.convert(folder, target)
    rmtree(folder)
    return report


def target_of(settings: Settings, wanted: Import) -> Target:
    """Raises AuthorError saying what is missing."""
    chosen = chosen_for(settings, wanted)
    if chosen.card.atlas and not registry.uses(chosen.card, wanted.source):
        raise AuthorError(
            f"--model {chosen.name}: its atlas is shipped and sealed, and its SAEs are not on "
            "Neuronpedia"
        )
    sites = tables.read_json(chosen.atlas / tables.META)["sites"]
    site = wanted.site or site_of(chosen, sites, wanted.source)
    if site not in sites:
        raise AuthorError(
            f"--site {site}: the atlas of {chosen.name} has no such site; it has {', '.join(sites)}"
        )
    known = source_at(chosen, sites, site)
    if known not in ("", wanted.source):
        raise AuthorError(
            f"--site {site}: this SAE of {chosen.name} is {known} on Neuronpedia, not "
            f"{wanted.source}"
        )
    return Target(wanted.source, chosen.atlas, site, int(sites[site]["width"]))


def chosen_for(settings: Settings, wanted: Import) -> Chosen:
    """The model that was named, else the one whose SAE it is."""
    models = registry.load().models
    names = [name for name, card in models.items() if registry.uses(card, wanted.source)]
    named = wanted.model or settings.saes or (wanted.site and not names)
    if named or settings.model in names:
        return registry.choose(settings)
    if not names:
        known = {sae.neuronpedia for card in models.values() for sae in card.saes.values()}
        near = get_close_matches(wanted.source, known - {""}, 3, 0.5)
        more = f" Did you mean {' or '.join(near)}?" if near else ""
        raise AuthorError(
            f"--neuronpedia {wanted.source}: no SAE of the registry has this source; name its "
            f"place with --model and --site.{more}"
        )
    if len(names) > 1:
        raise AuthorError(
            f"--neuronpedia {wanted.source}: its SAE is used for {' and '.join(names)}; name one "
            "with --model"
        )
    return registry.choose(settings.model_copy(update={"model": names[0], "saes": ()}))


def site_of(chosen: Chosen, sites: Mapping[str, Any], source: str) -> str:
    for site in sites:
        if source_at(chosen, sites, site) == source:
            return site
    known = {site: source_at(chosen, sites, site) or "unknown" for site in sites}
    told = ", ".join(f"{site} is {each}" for site, each in known.items())
    raise AuthorError(
        f"--neuronpedia {source}: no site of {chosen.name} has this SAE ({told}); name it with "
        "--site if one does"
    )


def source_at(chosen: Chosen, sites: Mapping[str, Any], site: str) -> str:
    """As the registry says, else as the SAE's own file said when the atlas was built."""
    card = chosen.card.saes.get(site)
    return (card.neuronpedia if card else "") or sites[site].get("neuronpedia", "")
