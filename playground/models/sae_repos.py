"""SAEs in repositories of the Hugging Face hub that no directory lists, by repository and folder:
what is there, what of it is here, the rest downloaded.

Knows no weights; huggingface_hub's cache keeps the files, whole or not at all (hub).
"""

from pathlib import Path

import httpx2
from huggingface_hub import HfApi, constants, hf_hub_download, try_to_load_from_cache
from huggingface_hub.hf_api import RepoFile

from playground.errors import AuthorError
from playground.models import hub, registry
from playground.models.other_saes import FILES, Library, library_of

KNOWN = sorted({name for files in FILES.values() for name in files})


def library(repo: str, folder: str) -> Library:
    """Whose files they are. Raises AuthorError for a repository or a folder that is not there, or
    has no SAE."""
    names = listed(repo, folder).keys()
    found = library_of(names)
    if {*FILES[found]} <= names:
        return found
    if constants.HF_HUB_OFFLINE:
        raise AuthorError(
            f"{repo}: {folder or 'its SAE'} has not been downloaded yet, and HF_HUB_OFFLINE is "
            "set; run it once with HF_HUB_OFFLINE=0"
        )
    raise AuthorError(
        f"{repo}: {folder or 'its first folder'} has no SAE that can be opened, which is "
        f"{', or '.join(' with '.join(each) for each in FILES.values())}; see "
        f"{registry.HUB}/{repo}/tree/main"
    )


def listed(repo: str, folder: str) -> dict[str, int]:
    """Bytes of the known files that it has; those of the cache where the hub cannot be reached.
    Raises AuthorError where it has none of them either."""
    paths = {name: cached(repo, folder, name) for name in KNOWN}
    here = {name: path.stat().st_size for name, path in paths.items() if path is not None}
    if constants.HF_HUB_OFFLINE:
        return here
    try:
        with hub.told(repo):
            found = HfApi().get_paths_info(repo, [within(folder, name) for name in KNOWN])
    except AuthorError as error:
        if here and isinstance(error.__cause__, httpx2.TransportError):
            return here
        raise
    return {Path(each.path).name: each.size for each in found if isinstance(each, RepoFile)}


def cached(repo: str, folder: str, name: str) -> Path | None:
    with hub.told(repo):
        found = try_to_load_from_cache(repo, within(folder, name))
    return Path(found) if isinstance(found, str) else None


def missing(repo: str, folder: str) -> int:
    """Bytes that are not here yet. Raises AuthorError."""
    wanted, sizes = FILES[library(repo, folder)], listed(repo, folder)
    return sum(sizes[name] for name in wanted if cached(repo, folder, name) is None)


def config(repo: str, folder: str) -> Path:
    """The folder here, with its config at least. Raises AuthorError."""
    return fetched(repo, folder, FILES[library(repo, folder)][:1])


def whole(repo: str, folder: str) -> Path:
    """The folder here, with config and weights. Raises AuthorError."""
    return fetched(repo, folder, FILES[library(repo, folder)])


def fetched(repo: str, folder: str, names: tuple[str, ...]) -> Path:
    with hub.told(repo):
        paths = [Path(hf_hub_download(repo, within(folder, name))) for name in names]
    if len({path.parent for path in paths}) > 1:
        raise AuthorError(f"{repo}: has changed while it was fetched; {hub.AGAIN}")
    return paths[0].parent


def within(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
