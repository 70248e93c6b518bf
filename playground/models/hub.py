"""Models of the Hugging Face hub: what a repository has, what of it is here already, and the rest
of it, downloaded.

Files go into huggingface_hub's own cache. It writes each to a name of its own (`*.incomplete`) and
moves it in place when it is whole, so a file of the cache is whole or not there: what breaks off
starts again with that file, and what had come before is kept. A broken connection is taken up
again within the download; only a killed process leaves an `.incomplete` behind, which nobody would
ever read, and the next download clears it away.

Knows no weights, no devices and no SAEs. The hub's own variables (HF_HUB_OFFLINE, HF_HOME,
HF_ENDPOINT, HF_TOKEN) are read by huggingface_hub.
"""

import errno
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx2
from huggingface_hub import (
    HfApi,
    constants,
    get_token,
    hf_hub_download,
    scan_cache_dir,
    try_to_load_from_cache,
)  # fmt: skip
from huggingface_hub.errors import (
    CacheNotFound,
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import repo_folder_name
from huggingface_hub.hf_api import RepoFile

from playground.errors import AuthorError
from playground.models import files, registry
from playground.models.files import CONFIG, SMALL, Size

Say = Callable[[str], None]
TOKENS = f"{registry.HUB}/settings/tokens"
WAIT = 20  # seconds for an answer about a repository
STALE = 3600  # seconds after which an unfinished file is nobody's any more
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
AGAIN = "run the same command again: whole files are kept, it goes on with the rest"


@dataclass(frozen=True)
class Listing:
    """A repository at one commit. sizes: bytes of each file; offline: of the files that are here
    already. online: whether the rest can be fetched."""

    repo: str
    revision: str
    commit: str
    sizes: Mapping[str, int]
    online: bool

    def path(self, name: str) -> Path | None:
        """Of a file that is here already, and as long as the hub says."""
        found = try_to_load_from_cache(self.repo, name, revision=self.commit)
        if not isinstance(found, str) or Path(found).stat().st_size != self.sizes.get(name):
            return None
        return Path(found)

    def missing(self, names: Sequence[str]) -> dict[str, int]:
        return {name: self.sizes.get(name, 0) for name in names if self.path(name) is None}

    @property
    def small(self) -> list[str]:
        return [name for name in SMALL if name in self.sizes]


def cache() -> Path:
    return Path(constants.HF_HUB_CACHE)


def folder_of(repo: str) -> Path:
    """Where the cache keeps a repository."""
    return cache() / repo_folder_name(repo_id=repo, repo_type="model")


def look(repo: str, revision: str = "main") -> Listing:
    """What a repository has; asks the network unless it is off. Where the hub cannot be reached,
    what was downloaded before. Raises AuthorError."""
    if constants.HF_HUB_OFFLINE:
        found = here(repo, revision)
        if found is None:
            raise AuthorError(
                f"{repo}: has not been downloaded yet, and HF_HUB_OFFLINE is set; run it once with "
                "HF_HUB_OFFLINE=0"
            )
        return found
    try:
        with told(repo, revision):
            info = HfApi().model_info(repo, revision=revision, files_metadata=True, timeout=WAIT)
    except AuthorError as error:
        cut = isinstance(error.__cause__, httpx2.TransportError)
        if cut and (found := here(repo, revision)) is not None:
            return found
        raise
    sizes = {each.rfilename: each.size or 0 for each in info.siblings or ()}
    listing = Listing(repo, revision, info.sha or revision, sizes, True)
    if info.gated and get_token() is None and listing.path(CONFIG) is None:
        raise AuthorError(gated(repo))
    return listing


def here(repo: str, revision: str = "main") -> Listing | None:
    """What was downloaded before, None for nothing."""
    with told(repo):
        config = try_to_load_from_cache(repo, CONFIG, revision=revision)
    if not isinstance(config, str):
        return None
    folder = Path(config).parent
    sizes = {path.name: path.stat().st_size for path in folder.iterdir() if path.is_file()}
    return Listing(repo, revision, folder.name, sizes, False)


def stored() -> dict[str, int]:
    """Bytes that the cache keeps of each model's repository, all its revisions together."""
    try:
        found = scan_cache_dir(cache())
    except (CacheNotFound, OSError):
        return {}
    return {each.repo_id: each.size_on_disk for each in found.repos if each.repo_type == "model"}


def fetch(listing: Listing, names: Sequence[str], say: Say = print) -> Path:
    """Downloads what is missing of these files, with a bar of size and time left for each; the
    folder that has them. Raises AuthorError."""
    missing = listing.missing(names)
    if missing and not listing.online:
        count = f"{len(missing)} of {len(names)} files are"
        raise AuthorError(
            f"{listing.repo}: only a part of it has been downloaded, {count} missing "
            f"({next(iter(missing))}), and the hub cannot be reached; run it again with a "
            "connection and HF_HUB_OFFLINE=0"
        )
    large = sum(missing.values())
    if large > 2**20:
        say(f"{listing.repo}: fetching {len(missing)} files, {gigabytes(large)}, into {cache()}")
    sweep(listing.repo)
    with told(listing.repo):
        for name in missing:
            # Under the revision's name the cache also remembers which commit that was.
            by_name = listing.revision if name == CONFIG else listing.commit
            try:
                damaged = isinstance(
                    try_to_load_from_cache(listing.repo, name, revision=by_name), str
                )
                hf_hub_download(listing.repo, name, revision=by_name, force_download=damaged)
            except RuntimeError as error:  # of the part that is written in Rust
                reason = str(error).partition("\n")[0]
                raise AuthorError(
                    f"{listing.repo}: cannot be fetched ({reason}); {AGAIN}"
                ) from error
    config = listing.path(CONFIG)
    assert config is not None, "config.json is among the names"
    return config.parent


def weight_names(listing: Listing, say: Say = print) -> list[str]:
    """The files with the weights; fetches the index that names them. Raises AuthorError."""

    def read(name: str) -> Path:
        return fetch(listing, [CONFIG, name], say) / name

    if not listing.online and not any(".safetensors" in n or ".bin" in n for n in listing.sizes):
        raise AuthorError(
            f"{listing.repo}: only a part of it has been downloaded, its weights are missing, and "
            "the hub cannot be reached; run it again with a connection and HF_HUB_OFFLINE=0"
        )
    return files.weights(listing.repo, listing.sizes, read)


def weight_size(listing: Listing, names: Sequence[str], folder: Path) -> Size:
    stored = sum(listing.sizes.get(name, 0) for name in names if not name.endswith(".json"))
    return Size(stored, files.config_width(files.table(listing.repo, folder / CONFIG)))


def missing_below(repo: str, path: str) -> int:
    """Bytes of the files at a path of a repository that are not here yet; 0 where the network is
    off. Raises AuthorError."""
    if constants.HF_HUB_OFFLINE:
        return 0
    with told(repo), suppress(httpx2.TransportError):  # who fetches them will say so
        found = HfApi().get_paths_info(repo, [path])
        files = [each for each in found if isinstance(each, RepoFile)]
        if found and not files:
            entries = HfApi().list_repo_tree(repo, path, recursive=True)
            files = [each for each in entries if isinstance(each, RepoFile)]
        return sum(
            each.size
            for each in files
            if not isinstance(try_to_load_from_cache(repo, each.path), str)
        )
    return 0


def check_disk(needed: int, what: str) -> None:
    """Raises AuthorError unless the disk of the cache has room for so many bytes."""
    folder = next(path for path in (cache(), *cache().absolute().parents) if path.is_dir())
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise AuthorError(
            f"{what}: {gigabytes(needed)} are to be downloaded and {cache()} has "
            f"{gigabytes(free)} free; make room, or set HF_HOME to a folder on a larger disk"
        )


def sweep(repo: str) -> None:
    """Clears away what killed downloads left."""
    for path in folder_of(repo).glob("blobs/*.incomplete"):
        if time.time() - path.stat().st_mtime > STALE:
            path.unlink(missing_ok=True)


def gigabytes(count: float) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"


def gated(repo: str) -> str:
    page = f"{registry.HUB}/{repo}"
    cards = registry.load().models.values()
    licence = next((f" ({card.licence})" for card in cards if card.repo == repo), "")
    if get_token() is not None:
        return (
            f"{repo} is gated, and the account of your token may not read it: accept its licence"
            f"{licence} at {page}, or wait until that is granted, and let the "
            f"token read gated repositories ({TOKENS})"
        )
    return (
        f"{repo} is gated: accept its licence{licence} at {page}, make a token "
        f"at {TOKENS}, and pass it with `hf auth login` or as HF_TOKEN=..."
    )


@contextmanager
def told(repo: str, revision: str = "main") -> Iterator[None]:
    """Within, what goes wrong with a repository is raised as an AuthorError of one sentence."""
    try:
        yield
    except (HfHubHTTPError, HFValidationError, OSError, httpx2.TransportError) as error:
        cause = error
        if isinstance(error, LocalEntryNotFoundError) and isinstance(error.__cause__, Exception):
            cause = error.__cause__  # what stood in the way of looking on the hub
        raise AuthorError(sentence(cause, repo, revision)) from cause


def sentence(error: Exception, repo: str, revision: str) -> str:
    match error:
        case GatedRepoError():
            return gated(repo)
        case RepositoryNotFoundError():
            near = registry.near(repo)
            more = f"the nearest of the registry are {', '.join(near)}" if near else "check the id"
            private = " (or it is private: pass a token with `hf auth login` or as HF_TOKEN=...)"
            return f"{repo}: there is no such repository on {constants.ENDPOINT}{private}; {more}"
        case RevisionNotFoundError():
            return f"{repo}: there is no revision {revision!r}; see {registry.HUB}/{repo}/commits"
        case HFValidationError():
            return f"{repo}: is no id of the hub; it looks like openai-community/gpt2"
        case OfflineModeIsEnabled() | LocalEntryNotFoundError():
            return (
                f"{repo}: is needed from the hub, and HF_HUB_OFFLINE is set; set HF_HUB_OFFLINE=0"
            )
        case EntryNotFoundError():
            return f"{repo}: a file that is needed is not there; see {registry.HUB}/{repo}"
        case HfHubHTTPError():
            return refused(repo, error.response.status_code)
        case httpx2.TransportError():
            return (
                f"{repo}: the connection to {constants.ENDPOINT} failed ({type(error).__name__}); "
                + AGAIN
            )
        case OSError(errno=number) if number in FULL:
            return f"{repo}: {cache()} is full ({error.strerror}); make room, then {AGAIN}"
        case OSError(errno=None):  # not the machine's: a file came shorter than announced, or so
            reason = str(error).partition("\n")[0].partition(": ")[0]
            return f"{repo}: a file could not be fetched whole ({reason}); {AGAIN}"
        case _:
            return f"{repo}: {cache()} cannot be written ({error}); set HF_HOME to another folder"


def refused(repo: str, status: int) -> str:
    if status == 401:
        return (
            f"{repo}: the hub does not accept your token; make another at {TOKENS}, and pass it "
            "with `hf auth login` or as HF_TOKEN=..."
        )
    if status == 403:
        return f"{repo}: your token may not read it; let it, at {TOKENS}"
    if status == 429:
        return f"{repo}: the hub asks to wait (too many requests); try again in some minutes"
    return f"{repo}: {constants.ENDPOINT} answers with error {status}; try again later"
