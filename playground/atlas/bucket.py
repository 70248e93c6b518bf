"""Downloads Neuronpedia's public export of one SAE from its bucket, file by file. Runs only when it
is called for: nothing else of the game asks Neuronpedia for anything."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from xml.etree import ElementTree

import httpx
from tqdm import tqdm

from playground.atlas import tables
from playground.atlas.neuronpedia import FILE_NAME
from playground.errors import AuthorError

BUCKET = "https://neuronpedia-datasets.s3.us-east-1.amazonaws.com"
PREFIX = "v1/"
SECONDS = 60.0  # without a byte
TRIES = 3  # of a file


@dataclass(frozen=True)
class StoredFile:
    key: str
    size: int


def fetch(source: str, folder: Path, url: str = BUCKET) -> None:
    """Puts the files of MODEL/SOURCE into folder/KIND. What lies there whole is not asked for
    again, so an interrupted download goes on; a half file never has a file's name.

    Raises AuthorError for an unknown source or a network that fails.
    """
    with httpx.Client(base_url=url, timeout=SECONDS) as client:
        try:
            files = {
                folder / kind / Path(each.key).name: each
                for kind in tables.NEURONPEDIA
                for each in listed(client, f"{PREFIX}{source}/{kind}/")
                if FILE_NAME.fullmatch(Path(each.key).name)
            }
            if not files:
                raise unknown(client, source)
        except httpx.HTTPError as error:
            raise AuthorError(f"{url}: cannot be asked for {source}: {told(error)}") from error
        missing = {path: each for path, each in files.items() if size(path) != each.size}
        sizes = [each.size for each in files.values()]
        left = sum(each.size for each in missing.values())
        with tqdm(
            total=sum(sizes), initial=sum(sizes) - left, desc=source, unit="B", unit_scale=True
        ) as bar:
            for path, each in missing.items():
                download(client, each, path, bar)


def listed(client: httpx.Client, prefix: str) -> Iterator[StoredFile]:
    """All files whose key begins so; the bucket names a thousand at a time."""
    asked = {"list-type": "2", "prefix": prefix}
    while True:
        page = answer(client, asked)
        for each in page.findall("{*}Contents"):
            yield StoredFile(each.findtext("{*}Key") or "", int(each.findtext("{*}Size") or 0))
        more = page.findtext("{*}NextContinuationToken")
        if not more:
            return
        asked = asked | {"continuation-token": more}


def answer(client: httpx.Client, asked: dict[str, str]) -> ElementTree.Element:
    found = client.get("/", params=asked).raise_for_status()
    try:
        return ElementTree.fromstring(found.content)
    except ElementTree.ParseError as error:
        raise AuthorError(f"{client.base_url}: is no bucket: its list is no XML") from error


def unknown(client: httpx.Client, source: str) -> AuthorError:
    """An error that names sources of the same model."""
    model = source.partition("/")[0]
    page = answer(client, {"list-type": "2", "prefix": f"{PREFIX}{model}/", "delimiter": "/"})
    folders = [each.findtext("{*}Prefix") or "" for each in page.findall("{*}CommonPrefixes")]
    names = [each.removeprefix(PREFIX).strip("/") for each in folders]
    near = get_close_matches(source, names, 3, 0.5)
    more = f"did you mean {' or '.join(near)}?" if near else f"it has {len(names)} of {model}"
    return AuthorError(f"--neuronpedia {source}: Neuronpedia has no export of it; {more}")


def download(client: httpx.Client, each: StoredFile, path: Path, bar: tqdm) -> None:
    """Raises AuthorError when it still fails after some tries."""
    for left in reversed(range(TRIES)):
        before = bar.n
        try:
            tables.whole(path, lambda partial: stream(client, each, partial, bar))
            return
        except httpx.HTTPError as error:
            bar.n = before
            if not left:
                raise AuthorError(
                    f"{each.key}: the download was interrupted ({told(error)}); run the same "
                    "command again to go on"
                ) from error


def stream(client: httpx.Client, each: StoredFile, partial: Path, bar: tqdm) -> None:
    """The file as it is stored: a gzipped one stays gzipped."""
    with client.stream("GET", f"/{each.key}") as response, partial.open("wb") as file:
        response.raise_for_status()
        for part in response.iter_raw():
            file.write(part)
            bar.update(len(part))
    if size(partial) != each.size:
        raise httpx.ReadError(f"{size(partial)} of {each.size} bytes came")


def size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def told(error: httpx.HTTPError) -> str:
    """In one line; some say nothing but their name."""
    return " ".join(str(error).split()) or type(error).__name__
