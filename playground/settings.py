"""What the environment asks for; the only reader of os.environ. Opens and loads nothing."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast, get_args

from playground.errors import AuthorError

ASSETS = Path(__file__).parents[1] / "assets"
SPACE_DATA = Path(
    "/data"
)  # where a Hugging Face Space keeps files over a restart, if it was given a disk
FOLDER = "steering-playground"
SHIPPED = "pocket"
DATABASE = "progress.db"
PORTS = range(1, 65536)
ROWS = range(3, 257)  # three rows are the least: baseline, steered, control
Device = Literal["auto", "cpu", "cuda", "mps"]
DEVICES: tuple[Device, ...] = get_args(Device)
BITS = {"auto": 0, "8": 8, "4": 4}
CHAT: dict[str, bool | None] = {"auto": None, "yes": True, "no": False}


def data_folder(given: Mapping[str, str]) -> Path:
    """Where progress is kept unless PLAYGROUND_DB says otherwise; the folder need not exist yet."""
    if given.get("SPACE_ID") and os.access(SPACE_DATA, os.W_OK):
        return SPACE_DATA / FOLDER
    base = given.get("XDG_DATA_HOME")
    if base and Path(base).is_absolute():  # the XDG specification says to ignore a relative one
        return Path(base) / FOLDER
    return Path(given.get("HOME") or Path.home()) / ".local" / "share" / FOLDER


@dataclass(frozen=True)
class Settings:
    """database: an SQLAlchemy URL. max_rows: replies that the engine writes at the same time.

    model: a name of the registry, a Hugging Face id or a folder; saes: those of the registry if
    empty, else RELEASE/ID or a folder each, perhaps with its site in front (early=...). chat:
    whether the model is talked to by its chat template, None: as its card says. bits: 8 or 4 to
    keep weights in so many, 0: as they are. data: where progress and the atlases of other
    models are kept.
    """

    database: str
    model: str
    host: str
    port: int
    max_rows: int
    assets: Path
    on_space: bool
    saes: tuple[str, ...] = ()
    device: Device = "auto"
    chat: bool | None = None
    bits: int = 0
    data: Path = field(default_factory=lambda: data_folder(os.environ))


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from PLAYGROUND_DB, _MODEL, _SAES, _DEVICE, _CHAT, _BITS, _HOST, _PORT, _MAX_ROWS
    and _ASSETS; all have a default.

    Raises AuthorError quoting key and value and saying what was expected.
    """
    given = os.environ if environ is None else environ
    on_space = bool(given.get("SPACE_ID"))
    data = data_folder(given)
    return Settings(
        database=given.get("PLAYGROUND_DB") or f"sqlite:///{data / DATABASE}",
        model=given.get("PLAYGROUND_MODEL") or SHIPPED,
        host=given.get("PLAYGROUND_HOST") or ("0.0.0.0" if on_space else "127.0.0.1"),
        port=number(given, "PLAYGROUND_PORT", 7860, PORTS),
        max_rows=number(given, "PLAYGROUND_MAX_ROWS", 24, ROWS),
        assets=folder(given, "PLAYGROUND_ASSETS", ASSETS),
        on_space=on_space,
        saes=tuple(filter(None, map(str.strip, (given.get("PLAYGROUND_SAES") or "").split(",")))),
        device=cast(Device, word(given, "PLAYGROUND_DEVICE", DEVICES)),
        chat=CHAT[word(given, "PLAYGROUND_CHAT", tuple(CHAT))],
        bits=BITS[word(given, "PLAYGROUND_BITS", tuple(BITS))],
        data=data,
    )


def offline(given: Mapping[str, str]) -> str:
    """HF_HUB_OFFLINE where the host says nothing of it: the game that ships asks nothing of the
    network, another model may have to be downloaded. huggingface_hub reads it at its import."""
    own = (given.get("PLAYGROUND_MODEL") or SHIPPED) == SHIPPED and not given.get("PLAYGROUND_SAES")
    return "1" if own else "0"


def impose(asked: Settings) -> None:
    """Makes the environment of this process say what a command line asked for, for what is imported
    later and reads it there."""
    os.environ |= {
        "PLAYGROUND_MODEL": asked.model,
        "PLAYGROUND_SAES": ",".join(asked.saes),
        "PLAYGROUND_DEVICE": asked.device,
        "PLAYGROUND_CHAT": next(name for name, chat in CHAT.items() if chat == asked.chat),
        "PLAYGROUND_BITS": next(name for name, bits in BITS.items() if bits == asked.bits),
        "PLAYGROUND_HOST": asked.host,
        "PLAYGROUND_PORT": str(asked.port),
    }


def number(given: Mapping[str, str], key: str, default: int, allowed: range) -> int:
    value = given.get(key)
    if not value:
        return default
    if not value.isascii() or not value.isdigit() or int(value) not in allowed:
        raise AuthorError(
            f"{key}={value!r}: expected a whole number from {allowed[0]} to {allowed[-1]}"
        )
    return int(value)


def word(given: Mapping[str, str], key: str, allowed: tuple[str, ...]) -> str:
    """One of `allowed`, the first by default."""
    value = given.get(key) or allowed[0]
    if value not in allowed:
        raise AuthorError(f"{key}={value!r}: expected {', '.join(allowed[:-1])} or {allowed[-1]}")
    return value


def folder(given: Mapping[str, str], key: str, default: Path) -> Path:
    value = given.get(key)
    if value and not Path(value).is_dir():
        raise AuthorError(f"{key}={value!r}: expected a folder that exists")
    return Path(value) if value else default
